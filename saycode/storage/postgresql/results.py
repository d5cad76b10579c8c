"""The results of statements, and the driver's errors as the store's own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors

from ..connection import StatementRefused
from .failures import PipelineRefused, to_own_error

if TYPE_CHECKING:
    from .connection import PostgresqlConnection


class Rows:
    """The result of a statement; it is waited for when it is looked at."""

    __slots__ = ("_connection", "_cursor")

    def __init__(self, cursor: Any, connection: "PostgresqlConnection") -> None:
        self._cursor, self._connection = cursor, connection

    @property
    def rowcount(self) -> int:
        self._connection.settle()
        return 0 if self._cursor is None else int(self._cursor.rowcount)

    def fetchone(self) -> Any:
        self._connection.require_lock()
        with OwnErrors(self._connection):
            return self._cursor.fetchone()

    def fetchall(self) -> list[Any]:
        self._connection.require_lock()
        with OwnErrors(self._connection):
            rows: list[Any] = self._cursor.fetchall()
            return rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())


class OwnErrors:
    """Turns the driver's errors into the store's. Their messages hold no value of a statement."""

    __slots__ = ("_connection",)

    def __init__(self, connection: "PostgresqlConnection") -> None:
        self._connection = connection

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, psycopg.Error):
            found = to_own_error(error, lost=self._connection.lost or isinstance(error, errors.AdminShutdown))
            refused = isinstance(found, StatementRefused) and self._connection.in_pipeline
            raise (PipelineRefused(str(found)) if refused else found) from error
