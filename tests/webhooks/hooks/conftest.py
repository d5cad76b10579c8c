"""An application with hooks of all kinds."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.api_client import another_key, services_of
from tests.support.app import running_app
from tests.support.fakes import SeededRandomness
from tests.support.hooks import POLICY, System, hooks_of
from verification.models import OPERATOR
from verification.services import new_service


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    service = new_service("Acme Shop", now=1_700_000_000, randomness=SeededRandomness(7))
    async with running_app(tmp_path / "hooks.db", policy=POLICY, hooks=hooks_of(service.sid)) as running:
        await services_of(running).put(replace(service, custom_codes=True), actor=OPERATOR)
        yield System(running, await another_key(running, service.sid, seed=11))
