"""The running application that most tests of its routes use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.app import RunningApp, running_app


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "store.db") as running:
        yield running
