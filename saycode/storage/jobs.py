"""Work inside a transaction of the writer. What one of them raises undoes that one alone.

A decision that raises before it wrote anything leaves no trace. When one raises later, which is rare, the transaction
is rolled back and the decisions run again with a savepoint around each, so that the others are kept; savepoints for all
would cost a tenth of the throughput. So a decision may run twice.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")

# Errors that the work itself can cause. Every other database error means that the database cannot be written.
_CALLER_ERRORS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)


class PartialWrite(Exception):
    """A decision raised after it had written something."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a work raised."""

    error: BaseException


_NOT_RUN = Failure(RuntimeError("the writer has stopped"))


@dataclass(slots=True, eq=False)
class Job(Generic[R]):
    """Work that waits. `on_thread`: it may take long."""

    work: Callable[[sqlite3.Connection], R]
    on_thread: bool
    future: "asyncio.Future[R | Failure]"
    outcome: R | Failure = _NOT_RUN


class UnitOfWork:
    """Writes that are buffered until the end of a transaction. This default buffers nothing."""

    #: How many changes were buffered so far.
    change_count: int = 0

    def reset(self) -> None:
        """Discard everything: a transaction begins, or the work was rolled back."""

    def flush(self) -> None:
        """Write what was buffered, in the transaction."""


def run_in_savepoint(
    conn: sqlite3.Connection, work: Callable[[sqlite3.Connection], R], unit_of_work: UnitOfWork
) -> R | Failure:
    """The result of this work; what it raised, once it is undone. Raises sqlite3.Error when the database fails."""
    conn.execute("SAVEPOINT work")
    try:
        result = work(conn)
        unit_of_work.flush()
        return result
    except BaseException as error:
        raise_if_database_failed(error)
        conn.execute("ROLLBACK TO work")
        unit_of_work.reset()
        return Failure(error)
    finally:
        if conn.in_transaction:
            conn.execute("RELEASE work")


def raise_if_database_failed(error: BaseException) -> None:
    """Raise an error that is not the work's own."""
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, _CALLER_ERRORS):
        raise error
