"""The one writer. It owns the only connection that writes, and commits all waiting work as one group.

    loop     decide ─┐                                               ┌─ result ─ result ─ result
             decide ─┼─ waiting ─ BEGIN IMMEDIATE, decide, write     │ one call into the loop
             submit ─┘                                 │             │
    thread                                             └ work, COMMIT

Decisions are loaded, made and written on the event loop's own thread: two threads that run Python take turns at every
statement. The thread runs what may take long, which is the work of other stores, and the COMMIT, which waits for the
disk about a millisecond, however much is in it: a busy service commits dozens of decisions for the price of one.

No result is delivered before the commit. What one work raises undoes that work alone. When the database itself fails,
nothing of the group is written. Other processes may write too: correctness rests on BEGIN IMMEDIATE.
"""

import asyncio
import logging
import os
import sqlite3
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from contextvars import Context
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from verification.errors import Unavailable

from .connection import DATABASE_ERRORS, Connection
from .jobs import Failure, Job, raise_if_database_failed, run_in_savepoint
from .sqlite.database import is_busy
from .sqlite.restore_marker import LINE, MarkerPosition, marker_path

R = TypeVar("R")
log = logging.getLogger(__name__)
_MAX_GROUP = 64  # its decisions run without a pause, and webhooks wait for them
_LOCK_POLL_SECONDS = 0.001  # SQLite's own handler sleeps up to 100 ms; a busy neighbor would get the lock every time
_RECORD_COMMIT = "UPDATE restore_marker SET commits = commits + 1, decisions = decisions + ?, at = ? RETURNING commits"


class RestoreMarker:
    """The marker file of one database, kept open."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(marker_path(path), os.O_CREAT | os.O_RDWR, 0o600)
        self._next: MarkerPosition | None = None
        self._failed = False

    def close(self) -> None:
        os.close(self._file)

    def record_commit(self, conn: Connection, *, decisions: int) -> None:
        """Count a group of so many decisions, in its transaction."""
        now = time.time()
        ((commits,),) = conn.execute(_RECORD_COMMIT, (decisions, now)).fetchall()
        self._next = MarkerPosition(commits, now)

    def save(self) -> None:
        """Call after the commit. Does not wait for the disk: after a power cut the file may be behind, never ahead."""
        try:
            if self._next:
                os.pwrite(self._file, LINE % (self._next.commits, self._next.at), 0)
            self._failed = False
        except OSError as problem:
            if not self._failed:
                log.error("the restore marker cannot be written: %s", problem)
                self._failed = True
        self._next = None


class Writer(Generic[R]):
    """Runs work inside transactions on `conn`, many in one. It serves one event loop at a time.

    `decide` makes the decisions of a group, in its transaction, and returns their outcomes in order. `on_commit` gets
    the results on the event loop; each alone and in the context of who asked, where that may have a span. `patience`:
    seconds that a group waits for another process; `max_waiting`: how much work may wait. `restore_marker` counts the
    groups that wrote.
    """

    def __init__(
        self,
        conn: Connection,
        *,
        decide: Callable[[Sequence[Any]], Sequence[R | Failure]],
        patience: float,
        max_waiting: int,
        on_commit: Callable[[Sequence[R]], None] | None = None,
        restore_marker: RestoreMarker | None = None,
    ) -> None:
        if isinstance(conn, sqlite3.Connection):
            conn.execute("PRAGMA busy_timeout = 0")  # it waits by itself, without blocking the loop
        self._conn = conn
        self._patience = patience
        self._max_waiting = max_waiting
        self._on_commit = on_commit
        self._restore_marker = restore_marker
        self._decide_all = decide
        self._waiting: deque[Job[R]] = deque()
        self._changes_before = 0
        self._loop: asyncio.AbstractEventLoop | None = None  # while a group is under way
        self._drained = asyncio.Event()
        self._closing = False
        self._wal_restart_requested = False
        self._committed_groups = 0
        self._last_error: str | None = None
        self._refused_at = float("-inf")
        self._to_commit: SimpleQueue[list[Job[R]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="saycode-writer", daemon=True)
        self._thread.start()

    @property
    def last_error(self) -> str | None:
        """Why the last group could not be written."""
        return self._last_error

    @property
    def refused_at(self) -> float:
        """When the disk last refused a write, by the monotonic clock."""
        return self._refused_at

    @property
    def committed_groups(self) -> int:
        return self._committed_groups

    def decide(self, request: Any) -> Coroutine[None, None, R]:
        """The outcome of a decision, which is made with all that wait, on the event loop. Otherwise as `submit`."""
        return self._enqueue(request, is_decision=True)

    def submit(self, work: Callable[[Connection], R]) -> Coroutine[None, None, R]:
        """The result of work that may take long, once it is on the disk; what it raised, once it is rolled back.

        Raises Unavailable when the database cannot be written or too much waits. Canceling does not withdraw work.
        """
        return self._enqueue(work, is_decision=False)

    async def _enqueue(self, work: Any, *, is_decision: bool) -> R:
        if self._closing:
            raise Unavailable("the database is closed")
        if len(self._waiting) >= self._max_waiting:
            raise Unavailable("too many writes are waiting")
        loop = asyncio.get_running_loop()
        job: Job[R] = Job(work, is_decision, loop.create_future())
        self._waiting.append(job)
        if self._loop is None:
            self._loop = loop
            self._drained.clear()
            # With all that this turn of the loop brings, and in the context of none of them.
            loop.call_soon(self._begin_group, context=Context())
        if isinstance(outcome := await job.future, Failure):
            raise outcome.error
        return outcome

    def request_wal_restart(self) -> None:
        """Before the next group."""
        self._wal_restart_requested = True

    async def close(self) -> None:
        """Commit what is waiting, then close the connection."""
        self._closing = True
        if self._loop is asyncio.get_running_loop():
            await self._drained.wait()
        self._to_commit.put(None)
        await asyncio.to_thread(self._thread.join)

    def _begin_group(self, give_up_at: float = 0) -> None:
        """Take the lock of the file, or try again in a moment. Then decide, and let the thread commit."""
        assert self._loop is not None
        give_up_at = give_up_at or time.monotonic() + self._patience
        try:
            self._lock()
        except DATABASE_ERRORS as problem:
            if is_busy(problem) and time.monotonic() < give_up_at:
                self._loop.call_later(_LOCK_POLL_SECONDS, self._begin_group, give_up_at)
                return
            # What waits by now has waited for the same lock.
            group, self._waiting = list(self._waiting), deque()
            self._finish(self._fail(group, problem))
            return
        group = [self._waiting.popleft() for _ in range(min(_MAX_GROUP, len(self._waiting)))]
        self._changes_before = self._conn.total_changes
        try:
            self._decide([job for job in group if job.is_decision])
        except DATABASE_ERRORS as problem:
            self._finish(self._fail(group, problem))
            return
        if self._conn.total_changes == self._changes_before and all(job.is_decision for job in group):
            self._commit(group)  # there is nothing to wait for
            self._finish(group)
        else:
            self._to_commit.put(group)

    def _lock(self) -> None:
        self._conn.execute("BEGIN IMMEDIATE")

    def _decide(self, decisions: list[Job[R]]) -> None:
        """Make these decisions. When what one of them writes is refused, each is made alone, in a savepoint."""
        try:
            outcomes = self._decide_all([job.work for job in decisions])
        except BaseException as error:
            raise_if_database_failed(error)
            self._conn.execute("ROLLBACK")
            self._lock()
            for job in decisions:
                alone = run_in_savepoint(self._conn, self._decide_all, [job.work])
                job.outcome = alone if isinstance(alone, Failure) else alone[0]
        else:
            for job, outcome in zip(decisions, outcomes, strict=True):
                job.outcome = outcome

    def _finish(self, group: list[Job[R]]) -> None:
        """Deliver the results. The next group begins once all that they lead to waits."""
        self._deliver(group)
        assert self._loop is not None
        self._loop.call_soon(self._begin_next)

    def _deliver(self, group: list[Job[R]]) -> None:
        for job in group:
            if not job.future.done():  # canceled meanwhile
                job.future.set_result(job.outcome)
        if not self._on_commit:
            return
        if "opentelemetry.trace" not in sys.modules:  # no context has a span
            self._on_commit([job.outcome for job in group if not isinstance(job.outcome, Failure)])
            return
        for job in group:
            if not isinstance(job.outcome, Failure):
                job.context.run(self._on_commit, [job.outcome])

    def _begin_next(self) -> None:
        if self._waiting:
            self._begin_group()
        else:
            self._loop = None
            self._drained.set()

    def _fail(self, group: list[Job[R]], problem: Exception) -> list[Job[R]]:
        with suppress(*DATABASE_ERRORS):  # most of these errors have ended the transaction
            self._conn.execute("ROLLBACK")
        if isinstance(problem, sqlite3.Error) and not is_busy(problem):
            self._refused_at = time.monotonic()
        self._note_failure(problem)
        for job in group:
            job.outcome = Failure(Unavailable(str(problem)))
        return group

    def _note_failure(self, problem: Exception) -> None:
        if (reason := str(problem)) != self._last_error:
            log.error("the database cannot be written: %s", reason)
            self._last_error = reason

    # On the thread.

    def _run(self) -> None:
        try:
            while (group := self._to_commit.get()) is not None:
                self._commit(group)
                if self._wal_restart_requested:
                    self._call_loop(self._deliver, group)
                    self._restart_wal()
                    group = []
                self._call_loop(self._finish, group)
        finally:
            self._closing = True
            self._conn.close()
            if self._restore_marker:
                self._restore_marker.close()

    def _commit(self, group: list[Job[R]]) -> None:
        """Run what may take long, and commit the group."""
        try:
            for job in group:
                if not job.is_decision:
                    job.outcome = run_in_savepoint(self._conn, job.work, self._conn)
            if self._restore_marker and self._conn.total_changes != self._changes_before:
                self._restore_marker.record_commit(self._conn, decisions=len(group))
            self._conn.execute("COMMIT")
        except DATABASE_ERRORS as problem:
            self._fail(group, problem)
            return
        if self._restore_marker:
            self._restore_marker.save()
        self._succeeded()

    def _succeeded(self) -> None:
        self._committed_groups += 1
        if self._last_error:
            log.warning("the database can be written again")
            self._last_error = None

    def _call_loop(self, step: Callable[[list[Job[R]]], None], group: list[Job[R]]) -> None:
        """One call into the loop for the whole group: waking the loop costs more than a decision."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(step, group)
        except RuntimeError:
            if not self._loop.is_closed():
                raise
            log.warning("event loop closed before %d results were delivered", len(group))
            self._waiting.clear()
            self._loop = None

    def _restart_wal(self) -> None:
        self._wal_restart_requested = False
        try:
            self._conn.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        except DATABASE_ERRORS as problem:
            log.warning("the write-ahead log could not be restarted: %s", problem)
