"""What every test shares: asynchronous tests run on asyncio (`async def test_…` is enough, no marker)."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
