"""The engine under the tests that only need some store: SQLite, or PostgreSQL with `TEST_STORE=postgresql`.

    make test-postgresql   runs them on PostgreSQL

A test names a file; on PostgreSQL that stands for a database of its own, which is dropped after the test. What a test
does to the file itself is SQLite's own, and such a test has the mark `sqlite`: it runs in `make test` alone.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from saycode.storage.postgresql.store import PostgresqlStore
from saycode.storage.sqlite.store import SqliteStore
from saycode.storage.store import SqlStore
from tests.support.postgresql import Server

POSTGRESQL = os.environ.get("TEST_STORE") == "postgresql"
#: The databases of this test, by the file that stands for each; and how to make one.
_databases: dict[Path, str] = {}
_server: list[tuple[Server, ExitStack]] = []
_TEMPLATE = "empty_store"


def open_store(path: Path, *, secrets: tuple[bytes, ...], **options: Any) -> SqlStore:
    """The store of this file or of the database that it stands for; opened again, a second worker or node."""
    if not POSTGRESQL:
        return SqliteStore.open(path, secrets=secrets, **options)
    return PostgresqlStore.open(database_for(path), secrets=secrets, **options)


def database_for(path: Path) -> str:
    """The address of the database that this file stands for."""
    if path not in _databases:
        server, stack = _server[-1]
        _databases[path] = stack.enter_context(server.database())
    return _databases[path]


@contextmanager
def databases_on(server: Server) -> Iterator[None]:
    """New databases are made on this server, and dropped at the end of the block."""
    with ExitStack() as stack:
        _server.append((server, stack))
        try:
            yield
        finally:
            _server.pop()
            _databases.clear()


def all_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the database that this file stands for, read from outside."""
    with psycopg.connect(database_for(path), autocommit=True) as conn:
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        return {name: conn.execute(f'SELECT * FROM "{name}" ORDER BY 1'.encode()).fetchall() for (name,) in tables}
