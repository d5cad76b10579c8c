"""The code table on SQLite: decisions go through the one writer, reads happen at once.

A read takes microseconds and never waits for a writer (that is what the write-ahead log is for), so it is done on the
event loop's own thread: a hop to another thread would cost ten times as much.
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

from . import database, rows
from .audit_log import AuditLog
from .checkpoints import Checkpointer
from .counters import CounterKeys, SqliteCounters
from .encryption import FieldCipher
from .restore_marker import RestoreMarker
from .rows import RecordMapper, UnreadableRow
from .writer import Writer

T = TypeVar("T")
V = TypeVar("V")
log = logging.getLogger(__name__)


def _no_events(_: object) -> Sequence[Event]:
    return ()


class SqliteStore:
    """A `verification.ports.CodeTable` in one SQLite file, for any number of processes on one machine.

    Every verb raises Unavailable when the file cannot answer.
    """

    def __init__(
        self,
        path: Path,
        conn: sqlite3.Connection,
        cipher: FieldCipher,
        *,
        on_events: Callable[[Sequence[Event]], None] | None,
        patience: float,
        waiting: int,
        checkpoint_interval: float,
    ) -> None:
        self._path = path
        self.cipher = cipher
        self._rows = RecordMapper(cipher)
        self._on_events = on_events
        self._quarantined: set[str] = set()
        self._reader = database.read_connection(path)
        self._counts = SqliteCounters(conn, self._rows.names)
        self._writer: Writer[Changes[Any]] = Writer(
            conn,
            patience=patience,
            limit=waiting,
            committed=self._report if on_events else None,
            mark=RestoreMarker(path),
            unit=self._counts,
        )
        self._checkpoints = Checkpointer(path, self._writer, every=checkpoint_interval)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        secrets: tuple[bytes, ...],
        create: bool = True,
        on_events: Callable[[Sequence[Event]], None] | None = None,
        patience: float = 3.0,
        waiting: int = 10_000,
        checkpoint_interval: float = 1.0,
    ) -> Self:
        """Open the file, and make or migrate it when needed. Raises DatabaseProblem.

        `secrets` are those of SAYCODE_SECRET_KEY, newest first. `on_events` is told, on the event loop, what was
        committed. `patience`: seconds to wait for a lock of another process; `waiting`: decisions that may wait.
        """
        path = Path(path)
        conn, key = database.open_database(path, secrets=secrets, create=create, patience=patience)
        return cls(
            path,
            conn,
            FieldCipher(key),
            on_events=on_events,
            patience=patience,
            waiting=waiting,
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
    def trouble(self) -> str | None:
        """Why nothing can be written at the moment; None when the last decisions could be."""
        return self._writer.trouble

    @property
    def names(self) -> CounterKeys:
        """What the table knows of those who are counted."""
        return self._rows.names

    @property
    def trail(self) -> AuditLog:
        """The audit trail, for whoever asks or writes through this table."""
        return self._rows.trail

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        """Load, decide and save in one transaction; the verdict once it is on the disk."""

        def work(conn: sqlite3.Connection) -> Changes[V]:
            state = self._load(conn, query, self._counts, writing=True)
            changes = decide(state)
            self._rows.save(conn, changes, state, self._counts)
            return changes

        result: V = (await self._writer.submit(work)).result
        return result

    async def read(self, query: Query) -> State:
        """What was committed last, at once."""
        return self.ask(lambda conn: self._load(conn, query, SqliteCounters(conn, self._rows.names)))

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        """Sids of pending verifications past their deadline."""
        return self.ask(lambda conn: rows.overdue(conn, now=now, limit=limit))

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        """Sids of deliveries that went quiet."""
        return self.ask(lambda conn: rows.unsettled(conn, now=now, patience=patience, limit=limit))

    async def news(self, since: int | None) -> ChangeFeed:
        """What any process has committed since this mark."""
        return self.ask(lambda conn: rows.news(conn, since))

    def truncate_wal(self) -> bool:
        """Move all of the write-ahead log into the file and cut it to nothing; False while somebody reads or writes."""
        with closing(database.checkpoint_connection(self._path)) as conn:
            try:
                busy, _, _ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error as problem:
                raise Unavailable(str(problem)) from problem
        return not busy

    async def events(self, verification: str) -> list[Event]:
        """The story of one verification, oldest first."""
        return self.ask(lambda conn: rows.events(conn, verification))

    def _load(self, conn: sqlite3.Connection, query: Query, counts: SqliteCounters, *, writing: bool = False) -> State:
        """The case. One damaged row must not keep others from being served, or its own account from beginning anew:
        it is no longer there for anybody, and whoever decides next ends it.
        """
        try:
            return self._rows.load(conn, query, counts)
        except UnreadableRow as problem:
            if problem.sid not in self._quarantined:
                self._quarantined.add(problem.sid)
                log.error("%s; it is quarantined", problem, extra={"fields": {"verification": problem.sid}})
            if writing:
                self._rows.quarantine(conn, problem.sid)
            return problem.state

    def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """What a quick question finds, for other stores in the same file. Raises Unavailable."""
        try:
            return question(self._reader)
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem

    async def scan(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """What a question finds that may walk over many rows: on a thread and a connection of its own."""

        def work() -> T:
            with closing(database.read_connection(self._path)) as conn:
                return question(conn)

        try:
            return await asyncio.to_thread(work)
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem

    async def write(
        self, work: Callable[[sqlite3.Connection], T], *, events: Callable[[T], Sequence[Event]] = _no_events
    ) -> T:
        """What a work of another store came to, once it is on the disk; it runs as a decision does, perhaps twice.

        `events` says what the audit trail has to tell of it. They are written in the same transaction.
        """

        def work_with_events(conn: sqlite3.Connection) -> Changes[T]:
            self._counts.write()  # it may look there, or change something
            result = work(conn)
            told = tuple(events(result))
            if told:
                self.trail.add(conn, told)
            return Changes(result=result, events=told)

        done: T = (await self._writer.submit(work_with_events)).result
        return done

    def _report(self, decisions: Sequence[Changes[Any]]) -> None:
        events = [event for changes in decisions for event in changes.events]
        if events and self._on_events:
            self._on_events(events)
