"""The driver's errors as the store's own. Their messages hold no value of a statement, and no password."""

import psycopg
from psycopg import errors

from ..connection import DatabaseFailed, StatementRefused

#: Errors of a statement that the work itself can cause. A missing right or table is not its fault.
_REFUSED = (psycopg.IntegrityError, psycopg.DataError, psycopg.ProgrammingError, psycopg.NotSupportedError)
_NOT_ITS_FAULT = (errors.InsufficientPrivilege, errors.UndefinedTable, errors.InvalidCatalogName)

#: What a server or a pooler answers while it starts, ends, or has too many clients.
_PASSING = (
    *("the database system is", "too many", "connection slots", "terminating connection"),
    *("cannot connect to server", "connect failed", "no more connections", "query_wait_timeout"),
)
#: What libpq says of an address, or of a server, that will be as wrong later. All else is that nothing answers.
_LASTING = ("SSL", "certificate", "password", "authentication", " invalid ", "GSSAPI", "SCRAM", "standby mode")
_NO_PRIMARY = ("session is read-only", "server is in hot standby mode")


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


def is_passing(problem: DatabaseFailed, *, hosts: int) -> bool:
    """Whether what kept a node from its database may end by itself, as a server that starts does.

    `hosts`: how many the address names. libpq gives no error code for a connection, only the server's sentence.
    """
    if not isinstance(problem, NotConnected):
        return isinstance(problem, ConnectionLost | LockTaken | MustRepeat)
    lines = str(problem.__cause__ or problem).splitlines()
    said = [line for line in lines if line.startswith("- host: ")] or lines[:1]
    return all(_passes(line, hosts) for line in said)


def _passes(said: str, hosts: int) -> bool:
    if any(part in said for part in _NO_PRIMARY):
        return hosts > 1  # one of them will be made the primary
    if "FATAL" in said:
        return any(part in said for part in _PASSING)
    return not any(part in said for part in _LASTING)


def first_line(error: psycopg.Error) -> str:
    """What the server says, without the details, which may hold values."""
    return (error.diag.message_primary or str(error).strip() or type(error).__name__).splitlines()[0]
