"""What all tests share: asynchronous tests run on asyncio (`async def test_…` is enough, no marker)."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.missing import summary

# How long an example takes is the machine's affair, and no promise of the product.
settings.register_profile("saycode", deadline=None)
settings.load_profile("saycode")

#: The slowest files, the slowest first. A worker takes a file at a time; a slow one that starts late would run alone.
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    for sentence in summary([str(report.longrepr[2]) for report in skipped]):
        terminalreporter.write_line(sentence)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
