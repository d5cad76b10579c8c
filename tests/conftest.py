"""What all tests share: asynchronous tests run on asyncio (`async def test_…` is enough, no marker)."""

import logging
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from saycode.server.logging import LineHandler
from tests.support import engine
from tests.support.missing import summary
from tests.support.postgresql import Server, running_server
from tests.support.reused_databases import ReusedDatabases

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
#: What a failed test shows of the log of the database.
LAST_LINES = 20


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if engine.POSTGRESQL:
        own = [item for item in items if item.get_closest_marker("sqlite")]
        items[:] = [item for item in items if item not in own]
        config.hook.pytest_deselected(items=own)
    items.sort(key=lambda item: _place(item.path))


def _place(path: Path) -> int:
    return LONG.index(path.name) if path.name in LONG else len(LONG)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    for sentence in summary([str(report.longrepr[2]) for report in skipped]):
        terminalreporter.write_line(sentence)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test that used the database shows the last that the server said."""
    report = yield
    server = getattr(item, "funcargs", {}).get("postgresql")
    if report.failed and server is not None:
        report.sections.append(("PostgreSQL", "\n".join(server.log.read_text().splitlines()[-LAST_LINES:])))
    return report


@pytest.fixture(autouse=True)
def _its_own_logging() -> Iterator[None]:
    """A command that ran in this process must not format the log of the tests after it."""
    yield
    root = logging.getLogger()
    if any(isinstance(handler, LineHandler) for handler in root.handlers):
        root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, LineHandler)]
        root.setLevel(logging.WARNING)
        logging.captureWarnings(False)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A fast PostgreSQL server for all tests of this process. Its log stays with pytest's folders."""
    with running_server(log=tmp_path_factory.getbasetemp() / "postgresql.log") as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql: Server) -> Iterator[str]:
    """The address of a new, empty database."""
    with postgresql.database() as url:
        yield url


@pytest.fixture(scope="session")
def reused_databases(postgresql: Server) -> Iterator[ReusedDatabases]:
    """Those of the shared server that one test after the other uses."""
    databases = ReusedDatabases(postgresql)
    yield databases
    databases.close()


@pytest.fixture(scope="session", autouse=True)
def _databases_of_the_session(request: pytest.FixtureRequest) -> Iterator[None]:
    """For what several tests share."""
    yield from _databases(request)


@pytest.fixture(autouse=True)
def _databases_of_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    yield from _databases(request)


def _databases(request: pytest.FixtureRequest) -> Iterator[None]:
    if not engine.POSTGRESQL:
        yield
        return
    with engine.databases_on(request.getfixturevalue("reused_databases")):
        yield
