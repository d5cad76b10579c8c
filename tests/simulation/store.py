"""A store for the simulation: the real rows and statements, on SQLite in memory, without a thread.

Loading, deciding and saving is one step, like a transaction; the task stops before and after it. A crash before it
leaves nothing; a crash after it leaves everything, without an answer.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlite_utils import Database

from saycode.storage import migrations, records
from saycode.storage.audit_log import AuditLog
from saycode.storage.counters import SqliteCounters
from saycode.storage.encryption import FieldCipher
from saycode.storage.records import RecordMapper
from tests.simulation.tasks import stop
from verification.counters.counter import LimitKey
from verification.models import Event, State
from verification.ports import ChangeFeed, Changes, Query
from verification.types import Scope

V = TypeVar("V")
Watch = Callable[[Query, State, Changes[Any]], None]
_SEALER = FieldCipher(bytes(32))


class SharedDatabase:
    """The database of all workers of one seed. `forget` begins the next seed with an empty database."""

    def __init__(self) -> None:
        self.conn = sqlite3.connect(":memory:", isolation_level=None)
        migrations.migrate(Database(self.conn, execute_plugins=False))
        AuditLog(_SEALER).initialize(self.conn)
        self.rows = RecordMapper(_SEALER)
        self.counts = SqliteCounters(self.conn, self.rows.counter_keys)
        self.conn.execute("PRAGMA foreign_keys = ON")
        self.conn.execute("BEGIN")

    def forget(self) -> None:
        """Start over: nothing of a seed is ever committed."""
        self.conn.execute("ROLLBACK")
        self.counts.reset()
        self.conn.execute("BEGIN")

    def counted(self, scope: Scope, key: str) -> int:
        """The number of stored sends of a key."""
        return self.counts.of(LimitKey(scope, key))[0].sends_since(0)


class SimulatedStore:
    """A `verification.ports.Store`. `watch` is called with each decision at its commit."""

    def __init__(self, database: SharedDatabase, watch: Watch) -> None:
        self._conn, self._rows, self._counts = database.conn, database.rows, database.counts
        self._watch = watch

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        await stop()
        state = self._rows.load(self._conn, query, self._counts)
        changes = decide(state)
        self._rows.save(self._conn, changes, state, self._counts)
        self._counts.flush()
        self._watch(query, state, changes)
        await stop()
        return changes.result

    async def read(self, query: Query) -> State:
        await stop()
        return self._rows.load(self._conn, query, self._counts)

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        return records.overdue(self._conn, now=now, limit=limit)

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        return records.unsettled(self._conn, now=now, patience=patience, limit=limit)

    async def changes_since(self, since: int | None) -> ChangeFeed:
        return records.changes_since(self._conn, since)

    async def events(self, verification: str) -> list[Event]:
        return records.events(self._conn, verification)
