"""The driver's errors as the store's own. Their messages hold no value of a statement, and no password."""

import psycopg
from psycopg import errors

from ..connection import DatabaseFailed, StatementRefused

#: Errors of a statement that the work itself can cause. A missing right or table is not its fault.
_REFUSED = (psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError, psycopg.NotSupportedError)
_NOT_ITS_FAULT = (errors.InsufficientPrivilege, errors.UndefinedTable, errors.InvalidCatalogName)


class MustRepeat(DatabaseFailed):
    """The server chose this transaction to end a conflict (40001, 40P01); nothing of it is written."""


class ConnectionLost(DatabaseFailed):
    """The server or the way to it is gone."""


class PipelineRefused(DatabaseFailed):
    """A statement of a pipeline was refused. The rest of it was skipped, so nothing can go on from there."""


class NotConnected(ConnectionLost):
    """The server does not answer, or does not let this role in."""


class LockTaken(DatabaseFailed):
    """Another transaction kept the lock for too long (55P03)."""


def to_own_error(error: psycopg.Error, *, lost: bool) -> DatabaseFailed:
    """The store's error for one of the driver's."""
    if isinstance(error, errors.SerializationFailure | errors.DeadlockDetected):
        return MustRepeat(error.diag.message_primary or "a conflict")
    if isinstance(error, errors.LockNotAvailable):
        return LockTaken(first_line(error))
    if lost:
        return ConnectionLost(first_line(error))
    if isinstance(error, _REFUSED) and not isinstance(error, _NOT_ITS_FAULT):
        is_programs = isinstance(error, psycopg.ProgrammingError)
        why = first_line(error) if is_programs else error.diag.constraint_name or error.diag.table_name or ""
        return StatementRefused(f"{type(error).__name__} {why}".strip())
    return DatabaseFailed(first_line(error))


def first_line(error: psycopg.Error) -> str:
    """What the server says, without the details, which may hold values."""
    return (error.diag.message_primary or str(error).strip() or type(error).__name__).splitlines()[0]
