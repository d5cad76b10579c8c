"""The store in an SQL database: decisions go through the one writer of the process, reads are immediate.

A read of an embedded database takes microseconds and never waits for the writer, so it runs on the event loop's own
thread: a switch to another thread would cost ten times as much. Another engine's read goes over a network, and runs on
a thread.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from verification.errors import Unavailable
from verification.models import Event, State
from verification.ports import ChangeFeed, Changes, Query

from . import records
from .audit_log import AuditLog
from .connection import DATABASE_ERRORS, Connection
from .counters import CounterKeys, SqliteCounters
from .encryption import FieldCipher
from .records import RecordMapper, UnreadableRow
from .waves import Request
from .writer import Writer

T = TypeVar("T")
V = TypeVar("V")
log = logging.getLogger(__name__)


def _no_events(_: object) -> Sequence[Event]:
    return ()


class SqlStore(ABC):
    """A `verification.ports.Store` in an SQL database, and what the other stores in the same database use.

    Every method raises Unavailable when the database cannot answer.
    """

    #: Whether it is in this process, so that a read costs microseconds.
    embedded = True
    _writer: Writer[Changes[Any]]
    _reader: Connection

    def __init__(self, cipher: FieldCipher, *, on_events: Callable[[Sequence[Event]], None] | None) -> None:
        self.cipher = cipher
        self._records = RecordMapper(cipher)
        self._on_events = on_events
        self._quarantined: set[str] = set()

    @abstractmethod
    async def close(self) -> None:
        """Commit what is waiting and close the database."""

    @abstractmethod
    async def scan(self, read: Callable[[Connection], T]) -> T:
        """Run a read of many rows, on a thread and a connection of its own. Raises Unavailable."""

    @abstractmethod
    def erase_remains(self) -> bool:
        """Overwrite what the engine keeps of deleted rows, as far as it can. False: try again."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def last_error(self) -> str | None:
        """Why nothing can be written at the moment; None when the last decisions could be."""
        return self._writer.last_error

    @property
    def refused_at(self) -> float:
        """When the disk last refused a write, in seconds of the monotonic clock."""
        return self._writer.refused_at

    @property
    def counter_keys(self) -> CounterKeys:
        return self._records.counter_keys

    @property
    def audit_log(self) -> AuditLog:
        return self._records.audit_log

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        """Load, decide and save in one transaction. Returns once the changes are on the disk."""

        result: V = (await self._writer.decide(Request(query, decide))).result
        return result

    async def read(self, query: Query) -> State:
        """The last committed state."""
        return await self.query(lambda conn: self._load(conn, query, SqliteCounters(conn, self.counter_keys)))

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        return await self.query(lambda conn: records.overdue(conn, now=now, limit=limit))

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        return await self.query(lambda conn: records.unsettled(conn, now=now, patience=patience, limit=limit))

    async def changes_since(self, since: int | None) -> ChangeFeed:
        return await self.query(lambda conn: records.changes_since(conn, since))

    async def events(self, verification: str) -> list[Event]:
        return await self.query(lambda conn: records.events(conn, verification))

    async def of_reference(self, reference: str) -> list[str]:
        """The sids of the verifications of a reference (eight digits), their own or a delivery's: newest first, at most
        twenty.
        """
        return await self.query(lambda conn: records.of_reference(conn, reference))

    def _load(self, conn: Connection, query: Query, counters: SqliteCounters) -> State:
        try:
            return self._records.load(conn, query, counters)
        except UnreadableRow as problem:
            self._report_unreadable(problem)
            return problem.state

    def _report_unreadable(self, problem: UnreadableRow) -> None:
        if problem.sid not in self._quarantined:
            self._quarantined.add(problem.sid)
            log.error("%s; it is quarantined", problem, extra={"fields": {"verification": problem.sid}})

    async def query(self, read: Callable[[Connection], T]) -> T:
        """Run a quick read, for the other stores in the same database. Raises Unavailable."""
        try:
            return read(self._reader)
        except DATABASE_ERRORS as problem:
            raise Unavailable(str(problem)) from problem

    async def write(self, work: Callable[[Connection], T], *, events: Callable[[T], Sequence[Event]] = _no_events) -> T:
        """Run work of another store as a decision runs, perhaps twice. Returns once it is on the disk.

        The events that `events` makes of its result are written to the audit log in the same transaction.
        """

        def work_with_events(conn: Connection) -> Changes[T]:
            result = work(conn)
            new_events = tuple(events(result))
            if new_events:
                self.audit_log.add(conn, new_events)
            return Changes(result=result, events=new_events)

        written: T = (await self._writer.submit(work_with_events)).result
        return written

    def _report(self, decisions: Sequence[Changes[Any]]) -> None:
        events = [event for changes in decisions for event in changes.events]
        if events and self._on_events:
            self._on_events(events)
