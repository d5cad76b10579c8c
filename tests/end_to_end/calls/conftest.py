from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.call_setup import CallSetup, open_call_setup


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[CallSetup]:
    """Saycode and a Twilio of its own, with the default policy."""
    async with open_call_setup(tmp_path) as setup:
        yield setup
