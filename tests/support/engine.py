"""The engine under the tests that only need some store: SQLite, or PostgreSQL with `TEST_STORE=postgresql`.

    make test-postgresql   runs them on PostgreSQL

A test names a file; on PostgreSQL that stands for a database of its own. What a test does to the file itself is
SQLite's own, and such a test has the mark `sqlite`: it runs in `make test` alone.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from saycode.storage.postgresql.connection import PostgresqlConnection
from saycode.storage.postgresql.store import PostgresqlStore
from saycode.storage.sqlite.store import SqliteStore
from saycode.storage.store import SqlStore
from tests.support.reused_databases import ReusedDatabases

POSTGRESQL = os.environ.get("TEST_STORE") == "postgresql"
#: The databases of this test, by the file that stands for each; and how to make one.
_databases: dict[Path, str] = {}
_server: list[tuple[ReusedDatabases, ExitStack]] = []


def open_store(path: Path, *, secrets: tuple[bytes, ...], **options: Any) -> SqlStore:
    """The store of this file or of the database that it stands for; opened again, a second worker or node."""
    if not POSTGRESQL:
        return SqliteStore.open(path, secrets=secrets, **options)
    if (path := path.absolute()) not in _databases and options.get("create", True):
        databases, stack = _server[-1]
        _databases[path] = stack.enter_context(databases.lent(secrets[0]))
    return PostgresqlStore.open(database_for(path), secrets=secrets, **options)


def database_for(path: Path) -> str:
    """The address of the database that this file stands for; an empty one when no store was opened on it."""
    if (path := path.absolute()) not in _databases:
        databases, stack = _server[-1]
        _databases[path] = stack.enter_context(databases.server.database())
    return _databases[path]


def address(path: Path) -> str:
    """`SAYCODE_DATABASE_URL` for a program of the test."""
    return database_for(path) if POSTGRESQL else f"sqlite:///{path}"


def outside(path: Path) -> AbstractContextManager[Any]:
    """A connection as another program would have it, with SQLite's placeholders on either engine."""
    if POSTGRESQL:
        return closing(PostgresqlConnection(database_for(path), limits=(10, 10, 10), name="another program"))
    return closing(sqlite3.connect(path, isolation_level=None))


@contextmanager
def databases_on(databases: ReusedDatabases) -> Iterator[None]:
    """Databases are taken from there, and given back at the end of the block."""
    with ExitStack() as stack:
        _server.append((databases, stack))
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
