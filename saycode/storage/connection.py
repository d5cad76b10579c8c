"""What the code of the store needs of a connection: sqlite3's own has it, and `postgresql.connection` imitates it.

SQL stands once, in SQLite's form: `?`, `?1` and `:name` are its values. It is written so that both engines read it. The
few statements that cannot be are replaced, by their text, in `postgresql.statements`.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Protocol


class Cursor(Protocol):
    """The result of a statement."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection, or the transaction that it is in."""

    @property
    def in_transaction(self) -> bool: ...

    @property
    def total_changes(self) -> int:
        """Grows with everything that is written."""

    def execute(self, sql: str, parameters: Any = ..., /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor: ...

    def close(self) -> None: ...


class DatabaseUnusable(Exception):
    """The database cannot be used; the message says why, and how to fix it."""


class DatabaseAway(DatabaseUnusable):
    """The database does not answer. Nothing says that it will not by itself, later."""


class DatabaseFailed(Exception):
    """The database of another engine than SQLite could not do what it was asked. The message holds no value."""


class StatementRefused(DatabaseFailed):
    """A constraint or a type refuses what the work wrote; the database itself is well."""


#: What a connection raises.
DATABASE_ERRORS = (sqlite3.Error, DatabaseFailed)
#: Those that the work itself can cause. Every other one means that the database cannot be written.
CALLER_ERRORS = (
    *(sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError),
    StatementRefused,
)
