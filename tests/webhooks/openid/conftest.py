from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.app import RunningApp, running_app
from tests.support.openid import Application, application


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "openid.db") as running:
        yield running


@pytest.fixture
async def shop(app: RunningApp) -> Application:
    return await application(app)
