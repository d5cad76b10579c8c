"""The one writer. It owns the only connection that writes, and commits what is waiting as one group.

    loop     submit ─┐                                        ┌─ told ─ told ─ told
             submit ─┼─ queue                                 │
             submit ─┘    │                                   │ one call into the loop
    writer                └ BEGIN IMMEDIATE, work, work, work, COMMIT

A durable commit waits for the disk about a millisecond, however much is in it, so a busy service commits dozens of
decisions for the price of one. Nobody learns a result before the commit. A work that raises before it wrote anything
has left no trace; when one raises later, which is rare, the group is rolled back and done again with a savepoint around
each work, so that it takes no neighbour along. (Savepoints for all would cost a tenth of the throughput.) So a work may
run twice. When the database itself fails, the whole group is refused, nothing of it is written, and the next group
tries again. Other processes may write to the same file: correctness rests on BEGIN IMMEDIATE, not on this thread.
"""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from verification.errors import Unavailable

from .database import primary_code
from .restore_marker import RestoreMarker

R = TypeVar("R")

log = logging.getLogger(__name__)

_MAX_GROUP = 256
# SQLite's own waiting sleeps up to 100 ms between two looks; a busy neighbour would slip in before us every time.
_LOCK_POLL_SECONDS = 0.001
# What a work can bring upon itself. Every other database error says that the database cannot be written.
_CALLER_ERRORS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)


class _PartialWrite(Exception):
    """A work raised after it had written something; the group has to be done again, fenced."""


@dataclass(slots=True)
class _Failure:
    error: BaseException


@dataclass(slots=True, eq=False)
class _Job(Generic[R]):
    work: Callable[[sqlite3.Connection], R]
    told: "asyncio.Future[R | _Failure]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class UnitOfWork:
    """What works leave to be written once, at the end of their transaction; this one is of works that leave nothing."""

    #: How many changes works have made to it.
    changes: int = 0

    def begin(self) -> None:
        """A transaction begins, or what was left is undone."""

    def write(self) -> None:
        """Write what was left, in the transaction."""


class Writer(Generic[R]):
    """Runs each work inside a transaction on `conn`, many in one, on a thread of its own.

    `committed` is called on the event loop with the results of every group, after its commit. `patience` is how many
    seconds a group waits for another process; `limit` how many works may wait. `mark` counts the groups that wrote;
    `unit` is what works leave to be written at the end of their group.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        *,
        patience: float,
        limit: int,
        committed: Callable[[Sequence[R]], None] | None = None,
        mark: RestoreMarker | None = None,
        unit: UnitOfWork | None = None,
    ) -> None:
        conn.execute("PRAGMA busy_timeout = 0")
        self._conn = conn
        self._patience = patience
        self._limit = limit
        self._committed = committed
        self._mark = mark
        self._unit = unit or UnitOfWork()
        self._queue: SimpleQueue[_Job[R] | None] = SimpleQueue()
        self._closing = False
        self._wal_restart_requested = False
        self._groups = 0
        self._last_error: str | None = None
        self._thread = threading.Thread(target=self._run, name="saycode-writer", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str | None:
        """Why the last group could not be written; None when it could."""
        return self._last_error

    @property
    def groups(self) -> int:
        """How many groups were committed."""
        return self._groups

    async def submit(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """The result of the work, once it is on the disk; what it raised, once it is undone.

        Raises Unavailable when the database cannot be written or too much is waiting. Being cancelled does not take
        back what was submitted.
        """
        if self._closing:
            raise Unavailable("the database is closed")
        if self._queue.qsize() >= self._limit:
            raise Unavailable("too many writes are waiting")
        job = _Job(work)
        self._queue.put(job)
        outcome = await job.told
        if isinstance(outcome, _Failure):
            raise outcome.error
        return outcome

    def request_wal_restart(self) -> None:
        """Begin the write-ahead log anew before the next group; under load there is no other moment for it."""
        self._wal_restart_requested = True

    async def close(self) -> None:
        """Commit what is waiting, then close the connection. Nothing can be submitted any more."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        group: list[_Job[R]] = []
        try:
            while group := self._next_group():
                self._commit(group)
                if self._wal_restart_requested:
                    self._restart_wal()
        finally:
            self._closing = True
            if left := group + self._drain_queue():  # only after a fault of this file: nobody must wait for ever
                self._refuse(left, "the writer has stopped")
            self._conn.close()
            if self._mark:
                self._mark.close()

    def _next_group(self) -> list[_Job[R]]:
        """All that is waiting, up to a cap; nothing at the end."""
        first = self._queue.get()
        return [] if first is None else [first, *self._drain_queue(_MAX_GROUP - 1)]

    def _drain_queue(self, limit: int | None = None) -> list[_Job[R]]:
        jobs: list[_Job[R]] = []
        while limit is None or len(jobs) < limit:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is None:
                self._queue.put(None)  # seen again, as the next group
                break
            jobs.append(job)
        return jobs

    def _commit(self, group: list[_Job[R]]) -> None:
        try:
            try:
                outcomes = self._run_transaction(group, self._run_directly)
            except _PartialWrite:
                outcomes = self._run_transaction(group, self._run_in_savepoint)
        except sqlite3.Error as problem:
            # Whoever is waiting by now has waited for the same lock; one group after the other would wait for minutes.
            waiting = self._drain_queue() if primary_code(problem) == sqlite3.SQLITE_BUSY else []
            self._refuse(group + waiting, str(problem))
            return
        self._groups += 1
        if self._last_error:
            log.warning("the database can be written again")
            self._last_error = None
        self._tell(group, outcomes)

    def _run_transaction(
        self, group: list[_Job[R]], run: Callable[[Callable[[sqlite3.Connection], R]], R | _Failure]
    ) -> list[R | _Failure]:
        self._begin()
        before = self._conn.total_changes
        self._unit.begin()
        outcomes = [run(job.work) for job in group]
        self._unit.write()
        if self._mark and self._conn.total_changes != before:
            self._mark.count(self._conn, decisions=len(group))
        self._conn.execute("COMMIT")
        if self._mark:
            self._mark.keep()
        return outcomes

    def _begin(self) -> None:
        if self._conn.in_transaction:
            self._conn.execute("ROLLBACK")
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self._conn.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as problem:
                if primary_code(problem) != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                    raise
                time.sleep(_LOCK_POLL_SECONDS)
            else:
                return

    def _run_directly(self, work: Callable[[sqlite3.Connection], R]) -> R | _Failure:
        written = self._changes
        try:
            return work(self._conn)
        except BaseException as error:
            _raise_if_database_failed(error)
            if self._changes != written:
                raise _PartialWrite from error
            return _Failure(error)

    @property
    def _changes(self) -> int:
        return self._conn.total_changes + self._unit.changes

    def _run_in_savepoint(self, work: Callable[[sqlite3.Connection], R]) -> R | _Failure:
        self._conn.execute("SAVEPOINT work")
        try:
            result = work(self._conn)
            self._unit.write()
            return result
        except BaseException as error:
            _raise_if_database_failed(error)
            self._conn.execute("ROLLBACK TO work")
            self._unit.begin()
            return _Failure(error)
        finally:
            if self._conn.in_transaction:
                self._conn.execute("RELEASE work")

    def _refuse(self, group: list[_Job[R]], reason: str) -> None:
        if reason != self._last_error:
            log.error("the database cannot be written: %s", reason)
            self._last_error = reason
        self._tell(group, [_Failure(Unavailable(reason)) for _ in group])

    def _tell(self, group: list[_Job[R]], outcomes: list[R | _Failure]) -> None:
        """One call into the loop for the whole group: waking it costs more than a decision."""
        if not group:
            return
        loop = group[0].told.get_loop()
        try:
            loop.call_soon_threadsafe(self._settle, group, outcomes)
        except RuntimeError:
            if not loop.is_closed():
                raise
            log.warning("event loop closed before %d results were delivered", len(group))

    def _settle(self, group: Iterable[_Job[R]], outcomes: list[R | _Failure]) -> None:
        for job, outcome in zip(group, outcomes, strict=True):
            if not job.told.done():  # cancelled meanwhile
                job.told.set_result(outcome)
        if self._committed:
            self._committed([outcome for outcome in outcomes if not isinstance(outcome, _Failure)])

    def _restart_wal(self) -> None:
        self._wal_restart_requested = False
        try:
            self._conn.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        except sqlite3.Error as problem:
            log.warning("the write-ahead log could not be restarted: %s", problem)


def _raise_if_database_failed(error: BaseException) -> None:
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, _CALLER_ERRORS):
        raise error
