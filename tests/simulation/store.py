"""A store for the simulation: the real rows, statements and groups, without a thread, in SQLite or PostgreSQL.

Loading, deciding and saving a group is one step, like a transaction; a task stops before and after it. The first task
that goes on has all decided that waits at its worker, so groups have any size. A crash before it leaves nothing; a
crash after it leaves everything, without an answer.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from sqlite_utils import Database

from saycode.storage import records
from saycode.storage.audit_log import AuditLog
from saycode.storage.connection import Connection
from saycode.storage.counters import SqliteCounters
from saycode.storage.encryption import FieldCipher
from saycode.storage.jobs import Failure
from saycode.storage.postgresql.connection import PostgresqlConnection
from saycode.storage.postgresql.database import open_database
from saycode.storage.records import RecordMapper
from saycode.storage.sqlite import migrations
from saycode.storage.waves import Request, Waves
from tests.simulation.oracle import Ledger
from tests.simulation.tasks import Note, stop
from verification.counters.counter import LimitKey
from verification.models import Event, State
from verification.ports import ChangeFeed, Changes, Query
from verification.types import Scope

V = TypeVar("V")
#: How often others may go on first, and join the group.
PATIENCE = (1, 1, 3, 8)
_SEALER = FieldCipher(bytes(32))


class SharedDatabase:
    """The database of all workers of one seed. `forget` begins the next seed with an empty database.

    `url`: an empty PostgreSQL database; in memory without it.
    """

    def __init__(self, url: str = "") -> None:
        self.conn: Connection = _on_postgresql(url) if url else _in_memory()
        self.rows = RecordMapper(_SEALER)
        self.counts = SqliteCounters(self.conn, self.rows.counter_keys)
        self.waves = Waves(self.conn, self.rows, self.counts, on_unreadable=lambda problem: None)
        self._begin()

    def close(self) -> None:
        self.conn.close()

    def forget(self) -> None:
        """Start over: nothing of a seed is ever committed."""
        self.conn.execute("ROLLBACK")
        self.counts.reset()
        self._begin()

    def _begin(self) -> None:
        self.conn.execute("BEGIN TRANSACTION")
        AuditLog(_SEALER).initialize(self.conn)

    def counted(self, scope: Scope, key: str) -> int:
        """The number of stored sends of a key."""
        return self.counts.of(LimitKey(scope, key))[0].sends_since(0)


def _in_memory() -> Connection:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(Database(conn, execute_plugins=False))
    conn.execute("PRAGMA foreign_keys = ON")
    return conn


def _on_postgresql(url: str) -> Connection:
    open_database(url, secrets=(bytes(32),), create=True)
    return PostgresqlConnection(url, limits=(60, 60, 600), name="simulation", by_index=True)


@dataclass(slots=True, eq=False)
class Waiting:
    """A decision that waits for its group; what was decided, on which state."""

    query: Query
    decide: Callable[[State], Changes[Any]]
    note: Note
    outcome: Changes[Any] | Failure | None = None


@dataclass(slots=True)
class SimulatedStore:
    """A `verification.ports.Store` of one worker. The ledger sees each decision at its commit."""

    database: SharedDatabase
    ledger: Ledger
    random: Random
    waiting: list[Waiting] = field(default_factory=list)

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        mine = Waiting(query, decide, self.ledger.note)
        self.waiting.append(mine)
        try:
            for _ in range(self.random.choice(PATIENCE)):
                if mine.outcome is None:
                    await stop()
            if mine.outcome is None:
                self._commit()
        finally:
            if mine in self.waiting:  # its process is gone
                self.waiting.remove(mine)
        await stop()
        assert mine.outcome is not None
        if isinstance(mine.outcome, Failure):
            raise mine.outcome.error
        result: V = mine.outcome.result
        return result

    def _commit(self) -> None:
        """Decide the whole group, and show each decision to the ledger in the order in which they were made."""
        group, made = self.waiting[:], list[tuple[Waiting, State, Changes[Any]]]()
        self.waiting.clear()

        def request(one: Waiting) -> Request:
            def decide(state: State) -> Changes[Any]:
                changes = one.decide(state)
                made.append((one, state, changes))
                return changes

            return Request(one.query, decide)

        for one, outcome in zip(group, self.database.waves.decide([request(one) for one in group]), strict=True):
            one.outcome = outcome
        running = self.ledger.note
        for one, state, changes in made:
            self.ledger.note = one.note
            self.ledger.committed(one.query, state, changes)
        self.ledger.note = running

    async def read(self, query: Query) -> State:
        await stop()
        self.database.counts.reset()
        return self.database.rows.load(self.database.conn, query, self.database.counts)

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        return records.overdue(self.database.conn, now=now, limit=limit)

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        return records.unsettled(self.database.conn, now=now, patience=patience, limit=limit)

    async def changes_since(self, since: int | None) -> ChangeFeed:
        return records.changes_since(self.database.conn, since)

    async def events(self, verification: str) -> list[Event]:
        return records.events(self.database.conn, verification)
