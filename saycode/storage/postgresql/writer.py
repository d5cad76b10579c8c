"""The writer of a node on PostgreSQL: groups of decisions, each in a transaction that no other node's overlaps.

    loop     decide, submit ── waiting ───────────────────────────────────┐   ┌─ result ─ result
    thread   BEGIN, lock ─ load ─ decide ─ write (one pipeline) ─ COMMIT ─┴───┘

A group begins with the lock of one row, and everything that it reads comes after it. So what is decided is as exact
over all nodes as in one process, and groups of different nodes wait for each other instead of ending in a deadlock.
The network is on the thread, not on the loop. While a group is under way the next one gathers.

A group that the server ends because of a conflict, or whose connection is lost before its COMMIT, is decided again. So
is one of which a statement was refused, without a pipeline: then what one work is refused for undoes that work alone.
When the connection is lost at the COMMIT, its result is unknown: a row of the node holds the number of its last group,
and the writer asks for it, under the lock, once it is connected again. It asks for longer than others wait, which are
refused meanwhile: what it knows nothing of may be a start that is written and will never be sent.
"""

import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from verification.errors import Unavailable

from ..connection import DatabaseFailed, StatementRefused
from ..jobs import Failure, Job, run_in_savepoint
from ..writer import Writer
from .connection import PostgresqlConnection
from .failures import ConnectionLost, LockTaken, MustRepeat, NotConnected, PipelineRefused

R = TypeVar("R")
log = logging.getLogger(__name__)
_MAX_GROUP = 64
_REPEATS = 5
_RECONNECT_PAUSE = 0.1
#: Seconds that a COMMIT whose result is unknown is asked for: a server that was killed is back by then.
UNKNOWN_PATIENCE = 8.0
_RECORD_COMMIT = "UPDATE restore_marker SET commits = commits + 1, decisions = decisions + ?, at = ?"
_RECORD_GROUP = """INSERT INTO writers (node, number, at) VALUES (?, ?, ?)
    ON CONFLICT (node) DO UPDATE SET number = excluded.number, at = excluded.at"""
_LAST_GROUP = "SELECT number FROM writers WHERE node = ?"
#: One that waits for its client longer than so many seconds, in a transaction. A live one is between two statements.
_CUT_HUNG = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name LIKE 'saycode%'
    AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND wait_event = 'ClientRead'
    AND clock_timestamp() - state_change > make_interval(secs => ?)"""


class _CommitUnknown(DatabaseFailed):
    """The connection was lost while the COMMIT was under way."""


class PostgresqlWriter(Writer[R]):
    """As `Writer`, on a connection to PostgreSQL. `patience`: seconds for which a group is tried again."""

    def __init__(
        self,
        conn: PostgresqlConnection,
        *,
        decide: Callable[[Sequence[Any]], Sequence[R | Failure]],
        patience: float,
        max_waiting: int,
        on_commit: Callable[[Sequence[R]], None] | None = None,
    ) -> None:
        self._server = conn
        self._node = secrets.token_hex(8)
        self._number = 0
        super().__init__(conn, decide=decide, patience=patience, max_waiting=max_waiting, on_commit=on_commit)

    def _begin_group(self, _: float = 0) -> None:
        self._to_commit.put([self._waiting.popleft() for _ in range(min(_MAX_GROUP, len(self._waiting)))])

    def _finish(self, group: list[Job[R]]) -> None:
        if self.last_error is not None:
            self._refuse_waiting([])
        super()._finish(group)

    def _refuse_waiting(self, _: list[Job[R]]) -> None:
        """What waits would wait for the same server; one group after the other would wait for minutes."""
        waiting, self._waiting = list(self._waiting), deque()
        for job in waiting:
            job.outcome = Failure(Unavailable(str(self.last_error)))
        self._deliver(waiting)

    # On the thread.

    def _commit(self, group: list[Job[R]]) -> None:
        try:
            self._decide_and_write(group)
        except Exception as problem:
            if not isinstance(problem, DatabaseFailed):
                log.exception("a group failed")  # the thread goes on: what waits must not wait for ever
            self._server.close()
            self._fail(group, problem)
        else:
            self._succeeded()

    def _decide_and_write(self, group: list[Job[R]]) -> None:
        """Raises DatabaseFailed when nothing of the group was written, or nothing is known of it."""
        give_up_at = time.monotonic() + self._patience
        self._server.pipelined, failure = True, DatabaseFailed("not tried")
        for attempt in range(1, _REPEATS + 1):
            try:
                self._run_transaction(group)
                return
            except _CommitUnknown as problem:
                if self._was_committed(problem):
                    return
                self._server.pipelined, failure = False, problem
            except NotConnected:
                raise
            except LockTaken as problem:
                self._server.close()
                failure = problem
                if self._cut_hung():
                    continue  # it may have waited for all its time: that was the other node's fault
            except DatabaseFailed as problem:
                # The driver may take statements for prepared that the server has skipped.
                self._server.close()
                failure = problem
                if not isinstance(problem, MustRepeat | ConnectionLost):
                    if not self._server.pipelined:
                        raise
                    self._server.pipelined = False  # each statement is waited for, so it is known which one was refused
                    continue
            if time.monotonic() > give_up_at:
                raise failure
            log.warning("a group of %d is decided again: %s", len(group), failure)
            time.sleep(0.01 * attempt * (1 + secrets.randbelow(100) / 100))
        raise failure

    def _cut_hung(self) -> bool:
        """End transactions whose node says nothing any more. The server's own limit does not see them in a pipeline.

        Returns whether there were any.
        """
        ((count,),) = self._server.execute(_CUT_HUNG, (0.8 * self._patience,)).fetchall()
        if count:
            log.warning("a node held the lock and said nothing; its transaction was ended")
        return bool(count)

    def _run_transaction(self, group: list[Job[R]]) -> None:
        self._lock()
        before = self._server.total_changes
        self._decide([job for job in group if job.is_decision])
        for job in group:
            if not job.is_decision:
                self._server.forget_ahead()
                job.outcome = run_in_savepoint(self._server, job.work, self._server)
                self._server.settle()
        if self._server.total_changes != before:
            now = time.time()
            self._number += 1
            self._server.execute(_RECORD_COMMIT, (len(group), now))
            self._server.execute(_RECORD_GROUP, (self._node, self._number, now))
        try:
            self._server.end_group("COMMIT")
        except (MustRepeat, PipelineRefused, StatementRefused, LockTaken):
            raise  # the server said so, and has skipped the COMMIT
        except DatabaseFailed as problem:
            raise _CommitUnknown(str(problem)) from problem

    def _was_committed(self, problem: DatabaseFailed) -> bool:
        """Ask the server for the last group of this node. The lock waits for a COMMIT that is still under way."""
        log.warning("the connection was lost at a COMMIT: %s", problem)
        lost_at = time.monotonic()
        while True:
            self._server.close()
            try:
                self._lock()
                row = self._server.execute(_LAST_GROUP, (self._node,)).fetchone()
                self._server.end_group("ROLLBACK")
            except DatabaseFailed as still:
                waited = time.monotonic() - lost_at
                if waited > UNKNOWN_PATIENCE:
                    raise
                if waited > self._patience:
                    self._note_failure(still)
                    self._call_loop(self._refuse_waiting, [])
                time.sleep(_RECONNECT_PAUSE)
            else:
                return row is not None and row[0] == self._number
