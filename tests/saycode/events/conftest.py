from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.verifier import VerifierSetup, open_verifier
from tests.support.webhook_receiver import Receiver, receiving


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[VerifierSetup]:
    async with open_verifier(tmp_path / "codes.db") as setup:
        yield setup


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver
