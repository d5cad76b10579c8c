from collections.abc import Callable, Iterator

import pytest

from tests.support.doctor import DoctorSetup, doctor_setups


@pytest.fixture(scope="module")
def healthy_setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], DoctorSetup]]:
    with doctor_setups(tmp_path_factory.mktemp("doctor")) as healthy:
        yield healthy


@pytest.fixture
def setup(healthy_setup: Callable[[], DoctorSetup]) -> DoctorSetup:
    """A setup without problems."""
    return healthy_setup()
