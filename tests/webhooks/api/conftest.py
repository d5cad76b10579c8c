import pytest

from tests.support.api_client import Client, client
from tests.support.app import RunningApp


@pytest.fixture
async def shop(running: RunningApp) -> Client:
    return await client(running)
