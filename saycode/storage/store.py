"""The store on SQLite: decisions go through the one writer, reads are immediate.

A read takes microseconds and never waits for the writer, thanks to the write-ahead log, so it runs on the event loop's
own thread: a switch to another thread would cost ten times as much.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from verification.errors import Unavailable
from verification.models import Event, State
from verification.ports import ChangeFeed, Changes, Query

from . import database, records
from .audit_log import AuditLog
from .checkpoints import Checkpointer
from .counters import CounterKeys, SqliteCounters, cut_future_times
from .encryption import FieldCipher
from .records import RecordMapper, UnreadableRow
from .waves import Request, Waves
from .writer import RestoreMarker, Writer

T = TypeVar("T")
V = TypeVar("V")
log = logging.getLogger(__name__)


def _no_events(_: object) -> Sequence[Event]:
    return ()


class SqliteStore:
    """A `verification.ports.Store` in one SQLite file, for any number of processes on one machine.

    Every method raises Unavailable when the database cannot answer.
    """

    def __init__(
        self,
        path: Path,
        conn: sqlite3.Connection,
        cipher: FieldCipher,
        *,
        on_events: Callable[[Sequence[Event]], None] | None,
        patience: float,
        max_waiting: int,
        checkpoint_interval: float,
    ) -> None:
        self._path = path
        self.cipher = cipher
        self._records = RecordMapper(cipher)
        self._on_events = on_events
        self._quarantined: set[str] = set()
        self._reader = database.read_connection(path)
        counters = SqliteCounters(conn, self._records.counter_keys)
        waves = Waves(conn, self._records, counters, on_unreadable=self._report_unreadable)
        self._writer: Writer[Changes[Any]] = Writer(
            conn,
            decide=waves.decide,
            patience=patience,
            max_waiting=max_waiting,
            on_commit=self._report if on_events else None,
            restore_marker=RestoreMarker(path),
        )
        self._checkpoints = Checkpointer(path, self._writer, interval=checkpoint_interval)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        secrets: tuple[bytes, ...],
        create: bool = True,
        on_events: Callable[[Sequence[Event]], None] | None = None,
        patience: float = 3.0,
        max_waiting: int = 10_000,
        checkpoint_interval: float = 1.0,
        now: float | None = None,
    ) -> Self:
        """Open the file, and create or migrate it when needed. Raises DatabaseUnusable.

        `secrets` are those of SAYCODE_SECRET_KEY, newest first. `on_events` is called on the event loop with the events
        of each commit. `patience`: seconds to wait for a lock of another process; `max_waiting`: queue length.
        `now`: times after it are cut to it.
        """
        path = Path(path)
        conn, key = database.open_database(path, secrets=secrets, create=create, patience=patience)
        if now is not None:
            cut_future_times(conn, now)
        return cls(
            path,
            conn,
            FieldCipher(key),
            on_events=on_events,
            patience=patience,
            max_waiting=max_waiting,
            checkpoint_interval=checkpoint_interval,
        )

    async def close(self) -> None:
        """Commit what is waiting and close the file."""
        await asyncio.to_thread(self._checkpoints.close)
        self._reader.close()
        await self._writer.close()

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
        return self.query(lambda conn: self._load(conn, query))

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        return self.query(lambda conn: records.overdue(conn, now=now, limit=limit))

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        return self.query(lambda conn: records.unsettled(conn, now=now, patience=patience, limit=limit))

    async def changes_since(self, since: int | None) -> ChangeFeed:
        return self.query(lambda conn: records.changes_since(conn, since))

    def truncate_wal(self) -> bool:
        """Move the write-ahead log into the file and empty it. False while another connection reads or writes."""
        with closing(database.checkpoint_connection(self._path)) as conn:
            try:
                busy, _, _ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error as problem:
                raise Unavailable(str(problem)) from problem
        return not busy

    async def events(self, verification: str) -> list[Event]:
        return self.query(lambda conn: records.events(conn, verification))

    def _load(self, conn: sqlite3.Connection, query: Query) -> State:
        try:
            return self._records.load(conn, query, SqliteCounters(conn, self._records.counter_keys))
        except UnreadableRow as problem:
            self._report_unreadable(problem)
            return problem.state

    def _report_unreadable(self, problem: UnreadableRow) -> None:
        if problem.sid not in self._quarantined:
            self._quarantined.add(problem.sid)
            log.error("%s; it is quarantined", problem, extra={"fields": {"verification": problem.sid}})

    def query(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Run a quick read, for the other stores in the same file. Raises Unavailable."""
        try:
            return read(self._reader)
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem

    async def scan(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Run a read of many rows, on a thread and a connection of its own. Raises Unavailable."""

        def work() -> T:
            with closing(database.read_connection(self._path)) as conn:
                return read(conn)

        try:
            return await asyncio.to_thread(work)
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem

    async def write(
        self, work: Callable[[sqlite3.Connection], T], *, events: Callable[[T], Sequence[Event]] = _no_events
    ) -> T:
        """Run work of another store as a decision runs, perhaps twice. Returns once it is on the disk.

        The events that `events` makes of its result are written to the audit log in the same transaction.
        """

        def work_with_events(conn: sqlite3.Connection) -> Changes[T]:
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
