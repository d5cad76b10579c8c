"""A code table for the simulation: the real rows and statements, on SQLite in memory, without a thread.

Loading, deciding and saving is one step, as a transaction is; before it and after it the task stops. A crash before it
leaves nothing, a crash after it leaves all of it and nobody who was told.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from sqlite_utils import Database

from saycode import rows, schema
from saycode.counts import SqliteCounts
from saycode.rows import Rows
from saycode.sealing import Sealer
from saycode.trail import Trail
from verification.limits import Scope, Who
from verification.ports import Decision, News, Subject
from verification.records import Case, Event

from .tasks import stop

V = TypeVar("V")
Watch = Callable[[Subject, Case, Decision[Any]], None]
_SEALER = Sealer(bytes(32))


class World:
    """The database that all workers of one seed share. `forget` begins the next seed with empty tables."""

    def __init__(self) -> None:
        self.conn = sqlite3.connect(":memory:", isolation_level=None)
        schema.migrate(Database(self.conn, execute_plugins=False))
        Trail(_SEALER).begin(self.conn)
        self.rows = Rows(_SEALER)
        self.counts = SqliteCounts(self.conn, self.rows.names)
        self.conn.execute("PRAGMA foreign_keys = ON")
        self.conn.execute("BEGIN")

    def forget(self) -> None:
        """As new: nothing of a seed was ever committed."""
        self.conn.execute("ROLLBACK")
        self.counts.begin()
        self.conn.execute("BEGIN")

    def counted(self, scope: Scope, key: str) -> int:
        """How many sends are remembered for somebody."""
        return self.counts.of(Who(scope, key))[0].since(0)


class SimulatedTable:
    """A `verification.ports.CodeTable`. `watch` sees each decision in the moment of its commit."""

    def __init__(self, world: World, watch: Watch) -> None:
        self._conn, self._rows, self._counts = world.conn, world.rows, world.counts
        self._watch = watch

    async def apply(self, subject: Subject, decide: Callable[[Case], Decision[V]]) -> V:
        await stop()
        case = self._rows.load(self._conn, subject, self._counts)
        decision = decide(case)
        self._rows.save(self._conn, decision, case, self._counts)
        self._counts.write()
        self._watch(subject, case, decision)
        await stop()
        return decision.verdict

    async def read(self, subject: Subject) -> Case:
        await stop()
        return self._rows.load(self._conn, subject, self._counts)

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        return rows.overdue(self._conn, now=now, limit=limit)

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        return rows.unsettled(self._conn, now=now, patience=patience, limit=limit)

    async def news(self, since: int | None) -> News:
        return rows.news(self._conn, since)

    async def events(self, verification: str) -> list[Event]:
        return rows.events(self._conn, verification)
