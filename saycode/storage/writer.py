"""The one writer. It owns the only connection that writes, and commits all waiting work as one group.

    loop     submit ─┐                                        ┌─ result ─ result ─ result
             submit ─┼─ queue                                 │
             submit ─┘    │                                   │ one call into the loop
    writer                └ BEGIN IMMEDIATE, work, work, work, COMMIT

A durable commit waits for the disk about a millisecond, however much is in it, so a busy service commits dozens of
decisions for the price of one. No result is delivered before the commit. Work that raises before it wrote anything
leaves no trace; when work raises later, which is rare, the group is rolled back and run again with a savepoint around
each work, so that the others are kept. (Savepoints for all would cost a tenth of the throughput.) So work may run
twice. When the database itself fails, the whole group fails, nothing of it is written, and the next group tries again.
Other processes may write to the same file: correctness rests on BEGIN IMMEDIATE, not on this thread.
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
# SQLite's own busy handler sleeps up to 100 ms between two attempts; a busy neighbor would get the lock every time.
_LOCK_POLL_SECONDS = 0.001
# Errors that the work itself can cause. Every other database error means that the database cannot be written.
_CALLER_ERRORS = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)


class _PartialWrite(Exception):
    """Work raised after it had written something; the group has to run again, with savepoints."""


@dataclass(slots=True)
class _Failure:
    error: BaseException


@dataclass(slots=True, eq=False)
class _Job(Generic[R]):
    work: Callable[[sqlite3.Connection], R]
    future: "asyncio.Future[R | _Failure]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class UnitOfWork:
    """Writes that are buffered until the end of a transaction. This default buffers nothing."""

    #: How many changes were buffered so far.
    change_count: int = 0

    def reset(self) -> None:
        """Discard everything: a transaction begins, or the work was rolled back."""

    def flush(self) -> None:
        """Write what was buffered, in the transaction."""


class Writer(Generic[R]):
    """Runs work inside transactions on `conn`, many in one, on a thread of its own.

    `on_commit` is called on the event loop with the results of every group, after its commit. `patience`: seconds that
    a group waits for another process; `max_waiting`: how much work may wait. `restore_marker` counts the groups that
    wrote.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        *,
        patience: float,
        max_waiting: int,
        on_commit: Callable[[Sequence[R]], None] | None = None,
        restore_marker: RestoreMarker | None = None,
        unit_of_work: UnitOfWork | None = None,
    ) -> None:
        conn.execute("PRAGMA busy_timeout = 0")
        self._conn = conn
        self._patience = patience
        self._max_waiting = max_waiting
        self._on_commit = on_commit
        self._restore_marker = restore_marker
        self._unit_of_work = unit_of_work or UnitOfWork()
        self._queue: SimpleQueue[_Job[R] | None] = SimpleQueue()
        self._closing = False
        self._wal_restart_requested = False
        self._committed_groups = 0
        self._last_error: str | None = None
        self._refused_at = float("-inf")
        self._thread = threading.Thread(target=self._run, name="saycode-writer", daemon=True)
        self._thread.start()

    @property
    def last_error(self) -> str | None:
        """Why the last group could not be written; None when it could."""
        return self._last_error

    @property
    def refused_at(self) -> float:
        """When the disk last refused a write, in seconds of the monotonic clock. A lock of another program is none."""
        return self._refused_at

    @property
    def committed_groups(self) -> int:
        return self._committed_groups

    async def submit(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """The result of the work, once it is on the disk; what it raised, once it is rolled back.

        Raises Unavailable when the database cannot be written or too much is waiting. Canceling does not withdraw
        submitted work.
        """
        if self._closing:
            raise Unavailable("the database is closed")
        if self._queue.qsize() >= self._max_waiting:
            raise Unavailable("too many writes are waiting")
        job = _Job(work)
        self._queue.put(job)
        outcome = await job.future
        if isinstance(outcome, _Failure):
            raise outcome.error
        return outcome

    def request_wal_restart(self) -> None:
        """Restart the write-ahead log before the next group; under load there is no other moment for it."""
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
            if left := group + self._drain_queue():  # only after a bug in this file: no caller must wait forever
                self._fail(left, "the writer has stopped")
            self._conn.close()
            if self._restore_marker:
                self._restore_marker.close()

    def _next_group(self) -> list[_Job[R]]:
        """All waiting jobs, up to the maximum; none at the end."""
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
            # Jobs that wait by now have waited for the same lock; one group after the other would wait for minutes.
            busy = primary_code(problem) == sqlite3.SQLITE_BUSY
            waiting = self._drain_queue() if busy else []
            if not busy:
                self._refused_at = time.monotonic()
            self._fail(group + waiting, str(problem))
            return
        self._committed_groups += 1
        if self._last_error:
            log.warning("the database can be written again")
            self._last_error = None
        self._deliver_results(group, outcomes)

    def _run_transaction(
        self, group: list[_Job[R]], run: Callable[[Callable[[sqlite3.Connection], R]], R | _Failure]
    ) -> list[R | _Failure]:
        self._begin()
        before = self._conn.total_changes
        self._unit_of_work.reset()
        outcomes = [run(job.work) for job in group]
        self._unit_of_work.flush()
        if self._restore_marker and self._conn.total_changes != before:
            self._restore_marker.record_commit(self._conn, decisions=len(group))
        self._conn.execute("COMMIT")
        if self._restore_marker:
            self._restore_marker.save()
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
        changes = self._change_count
        try:
            return work(self._conn)
        except BaseException as error:
            _raise_if_database_failed(error)
            if self._change_count != changes:
                raise _PartialWrite from error
            return _Failure(error)

    @property
    def _change_count(self) -> int:
        return self._conn.total_changes + self._unit_of_work.change_count

    def _run_in_savepoint(self, work: Callable[[sqlite3.Connection], R]) -> R | _Failure:
        self._conn.execute("SAVEPOINT work")
        try:
            result = work(self._conn)
            self._unit_of_work.flush()
            return result
        except BaseException as error:
            _raise_if_database_failed(error)
            self._conn.execute("ROLLBACK TO work")
            self._unit_of_work.reset()
            return _Failure(error)
        finally:
            if self._conn.in_transaction:
                self._conn.execute("RELEASE work")

    def _fail(self, group: list[_Job[R]], reason: str) -> None:
        if reason != self._last_error:
            log.error("the database cannot be written: %s", reason)
            self._last_error = reason
        self._deliver_results(group, [_Failure(Unavailable(reason)) for _ in group])

    def _deliver_results(self, group: list[_Job[R]], outcomes: list[R | _Failure]) -> None:
        """One call into the loop for the whole group: waking the loop costs more than a decision."""
        if not group:
            return
        loop = group[0].future.get_loop()
        try:
            loop.call_soon_threadsafe(self._resolve, group, outcomes)
        except RuntimeError:
            if not loop.is_closed():
                raise
            log.warning("event loop closed before %d results were delivered", len(group))

    def _resolve(self, group: Iterable[_Job[R]], outcomes: list[R | _Failure]) -> None:
        for job, outcome in zip(group, outcomes, strict=True):
            if not job.future.done():  # canceled meanwhile
                job.future.set_result(outcome)
        if self._on_commit:
            self._on_commit([outcome for outcome in outcomes if not isinstance(outcome, _Failure)])

    def _restart_wal(self) -> None:
        self._wal_restart_requested = False
        try:
            self._conn.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        except sqlite3.Error as problem:
            log.warning("the write-ahead log could not be restarted: %s", problem)


def _raise_if_database_failed(error: BaseException) -> None:
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, _CALLER_ERRORS):
        raise error
