"""A code table for the simulation: the real rows and statements, on SQLite in memory, without a thread.

Loading, deciding and saving is one step, as a transaction is; before it and after it the task stops. A crash before it
leaves nothing, a crash after it leaves all of it and nobody who was told.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlite_utils import Database

from saycode.storage import migrations, rows
from saycode.storage.audit_log import AuditLog
from saycode.storage.counters import SqliteCounters
from saycode.storage.encryption import FieldCipher
from saycode.storage.rows import RecordMapper
from tests.simulation.tasks import stop
from verification.counters.rules import LimitKey
from verification.models import Event, State
from verification.ports import ChangeFeed, Changes, Query
from verification.types import Scope

V = TypeVar("V")
Watch = Callable[[Query, State, Changes[Any]], None]
_SEALER = FieldCipher(bytes(32))


class World:
    """The database that all workers of one seed share. `forget` begins the next seed with empty tables."""

    def __init__(self) -> None:
        self.conn = sqlite3.connect(":memory:", isolation_level=None)
        migrations.migrate(Database(self.conn, execute_plugins=False))
        AuditLog(_SEALER).begin(self.conn)
        self.rows = RecordMapper(_SEALER)
        self.counts = SqliteCounters(self.conn, self.rows.names)
        self.conn.execute("PRAGMA foreign_keys = ON")
        self.conn.execute("BEGIN")

    def forget(self) -> None:
        """As new: nothing of a seed was ever committed."""
        self.conn.execute("ROLLBACK")
        self.counts.begin()
        self.conn.execute("BEGIN")

    def counted(self, scope: Scope, key: str) -> int:
        """How many sends are remembered for somebody."""
        return self.counts.of(LimitKey(scope, key))[0].since(0)


class SimulatedTable:
    """A `verification.ports.CodeTable`. `watch` sees each decision in the moment of its commit."""

    def __init__(self, world: World, watch: Watch) -> None:
        self._conn, self._rows, self._counts = world.conn, world.rows, world.counts
        self._watch = watch

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        await stop()
        state = self._rows.load(self._conn, query, self._counts)
        changes = decide(state)
        self._rows.save(self._conn, changes, state, self._counts)
        self._counts.write()
        self._watch(query, state, changes)
        await stop()
        return changes.result

    async def read(self, query: Query) -> State:
        await stop()
        return self._rows.load(self._conn, query, self._counts)

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        return rows.overdue(self._conn, now=now, limit=limit)

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        return rows.unsettled(self._conn, now=now, patience=patience, limit=limit)

    async def news(self, since: int | None) -> ChangeFeed:
        return rows.news(self._conn, since)

    async def events(self, verification: str) -> list[Event]:
        return rows.events(self._conn, verification)
