"""Work that waits for the writer, and its outcome. What one work raises undoes that one alone."""

import asyncio
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .connection import CALLER_ERRORS, DATABASE_ERRORS, Connection

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Failure:
    """What a work raised."""

    error: BaseException


_NOT_RUN = Failure(RuntimeError("the writer has stopped"))


@dataclass(slots=True, eq=False)
class Job(Generic[R]):
    """Work that waits: a decision, which is made together with others, or what may take long and runs on the thread.

    `context`: that of who asked, which has the span of the request.
    """

    work: Any
    is_decision: bool
    future: "asyncio.Future[R | Failure]"
    outcome: R | Failure = _NOT_RUN
    context: Context = field(default_factory=copy_context)


def run_in_savepoint(conn: Connection, work: Callable[[A], R], argument: A) -> R | Failure:
    """The result of this work; what it raised, once it is undone. Raises when the database fails."""
    conn.execute("SAVEPOINT work")
    try:
        result = work(argument)
        conn.execute("RELEASE work")  # what a pipeline has not reported yet is raised here
    except BaseException as error:
        raise_if_database_failed(error)
        conn.execute("ROLLBACK TO work")
        conn.execute("RELEASE work")
        return Failure(error)
    return result


def raise_if_database_failed(error: BaseException) -> None:
    """Raise an error that is not the work's own."""
    if isinstance(error, DATABASE_ERRORS) and not isinstance(error, CALLER_ERRORS):
        raise error
