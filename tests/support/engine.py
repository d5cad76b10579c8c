"""The engine under the tests that only need some store: SQLite, or PostgreSQL with `TEST_STORE=postgresql`.

    make test-postgresql   runs them on PostgreSQL

A test names a file; on PostgreSQL that stands for a database of its own. What a test does to the file itself is
SQLite's own, and such a test has the mark `sqlite`: it runs in `make test` alone.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from saycode.storage.postgresql.connection import PostgresqlConnection
from saycode.storage.postgresql.store import PostgresqlStore
from saycode.storage.sqlite.store import SqliteStore
from saycode.storage.store import SqlStore
from tests.support.reused_databases import ReusedDatabases

POSTGRESQL = os.environ.get("TEST_STORE") == "postgresql"


@dataclass(slots=True)
class _Scope:
    """The databases of the session, or of the present test, by the file that stands for each."""

    databases: ReusedDatabases
    stack: ExitStack
    urls: dict[Path, str] = field(default_factory=dict)


_scopes: list[_Scope] = []


def open_store(path: Path, *, secrets: tuple[bytes, ...], **options: Any) -> SqlStore:
    """The store of this file or of the database that it stands for; opened again, a second worker or node."""
    if not POSTGRESQL:
        return SqliteStore.open(path, secrets=secrets, **options)
    url = database_for(path, secrets[0] if options.get("create", True) else None)
    return PostgresqlStore.open(url, secrets=secrets, **options)


def database_for(path: Path, secret: bytes | None = None) -> str:
    """The address of the database that this file stands for: made with this secret, or empty without one."""
    path = path.absolute()
    note = path.with_name(f".{path.name}")  # for other processes of the test
    if not _scopes:
        return note.read_text()
    for scope in _scopes:
        if path in scope.urls:
            return scope.urls[path]
    made = scope.databases.server.database() if secret is None else scope.databases.lent(secret)
    scope.urls[path] = scope.stack.enter_context(made)
    note.write_text(scope.urls[path])
    return scope.urls[path]


def another_program(path: Path) -> AbstractContextManager[Any]:
    """A connection as another program would have it, with SQLite's placeholders on either engine."""
    if POSTGRESQL:
        return closing(PostgresqlConnection(database_for(path), limits=(10, 10, 10), name="another program"))
    return closing(sqlite3.connect(path, isolation_level=None))


@contextmanager
def databases_on(databases: ReusedDatabases) -> Iterator[None]:
    """Databases are taken from there, and given back at the end of the block."""
    with ExitStack() as stack:
        _scopes.append(_Scope(databases, stack))
        try:
            yield
        finally:
            _scopes.pop()


def all_rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the database that this file stands for, read from outside."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    if not POSTGRESQL:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"
    with another_program(path) as conn:
        names = [name for (name,) in conn.execute(tables).fetchall()]
        return {name: [tuple(row) for row in conn.execute(f'SELECT * FROM "{name}" ORDER BY 1')] for name in names}
