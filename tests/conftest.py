"""What every test shares: asynchronous tests run on asyncio (`async def test_…` is enough, no marker)."""

from pathlib import Path

import pytest

#: The files that take longest, the longest first. A processor takes a file at a time, and would be alone with one that
#: it began late.
LONG = (
    "test_simulation.py",
    "test_page_browser.py",
    "test_kills.py",
    "test_browser.py",
    "test_random_calls.py",
    "test_whole_flow.py",
    "test_demo.py",
    "test_api_clients.py",
    "test_every_key.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _place(item.path))


def _place(path: Path) -> int:
    return LONG.index(path.name) if path.name in LONG else len(LONG)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
