"""Forgetting what is due, a little at a time, beside the requests.

Verifications and audit lines lie in the file in the order of their time, so their oldest are the first rows. Other rows
lie in the order of their hashes: a slow walk goes round each of those tables, some rows in each round, and takes what
is stale. Neither needs an index, which every start would pay for. What is due is found by reading; only the removing
is a transaction, and a small one, because requests wait for it. With secure_delete, what is removed is overwritten.

Several workers walk by themselves; what another one has removed already is no longer there to be removed.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from verification.policy import Retention, RetentionCutoffs, retention_cutoffs

from ..storage.store import SqliteStore

#: Rows that one transaction removes; a verification takes its deliveries along, and unties its events.
DELETE_BATCH = 50
#: Rows of a table that one step of the walk looks at, and the share of stale ones that makes it go on at once.
SCAN_STEP, RESCAN_SHARE = 500, 0.1
#: Batches of each kind in one round: 25 seconds of a very busy service are forgotten in one of five.
MAX_BATCHES = 20

_OLDEST = "SELECT id, status, ended_at FROM verifications ORDER BY id LIMIT ?"
_FORGET = "DELETE FROM verifications WHERE id = ?"

RemovedCounts = dict[str, int]


@dataclass(frozen=True, slots=True)
class ExpiringTable:
    """Rows of a table, or `only` some, of no use any more once `at` is before a time. `key` is its primary key."""

    table: str
    key: tuple[str, ...]
    at: str
    before: Callable[[RetentionCutoffs], float]
    only: str = "true"

    @property
    def look(self) -> str:
        """The next rows behind a key, or the first ones. Others are passed by, never searched: they could be all."""
        keys, marks = ", ".join(self.key), ", ".join("?" * len(self.key))
        at = f"CASE WHEN {self.only} THEN {self.at} ELSE 9e999 END"
        return f"SELECT {keys}, {at} FROM {self.table} WHERE ({keys}) > ({marks}) ORDER BY {keys} LIMIT {SCAN_STEP}"

    @property
    def remove(self) -> str:
        """One row, if it is still stale."""
        row = " AND ".join(f"{key} = ?" for key in self.key)
        return f"DELETE FROM {self.table} WHERE {row} AND {self.at} < ? AND {self.only}"


#: Every table of rows that only matter for a time. A new one of the kind belongs here.
EXPIRING_TABLES = (
    ExpiringTable("sessions", ("key",), "expires_at", lambda due: due.over),
    ExpiringTable("pauses", ("number_hash",), "until", lambda due: due.over),
    ExpiringTable("counted", ("counted_hash",), "at", lambda due: due.counters, only="failed = 0"),
    ExpiringTable("counted", ("counted_hash",), "at", lambda due: min(due.audit, due.counters), only="failed > 0"),
    ExpiringTable("rolls", ("counted_hash", "n"), "at", lambda due: due.counters),
    ExpiringTable("alerts", ("counted_hash",), "at", lambda due: due.counters),
    ExpiringTable("known", ("browser_hash", "counted_hash"), "at", lambda due: due.audit),
    ExpiringTable("refusals", ("number_hash", "n"), "at", lambda due: due.details),
)
# Sorts before every key of that kind, numbers and hashes alike.
_BEFORE_FIRST_KEY: tuple[Any, ...] = (-1, -1, -1)


@dataclass(slots=True)
class RetentionJob:
    """The chore that forgets. It remembers how far its walks have come."""

    store: SqliteStore
    keep: Retention
    now: Callable[[], float]
    _reached: dict[ExpiringTable, tuple[Any, ...]] = field(default_factory=dict)

    async def forget(self) -> RemovedCounts:
        """Remove some of what is due. How many rows of each table."""
        wanted = retention_cutoffs(self.keep, now=self.now())
        removed = {
            "verifications": await self._details(wanted.details),
            "events": await self._audit(wanted.audit),
        }
        for stale in EXPIRING_TABLES:
            removed[stale.table] = removed.get(stale.table, 0) + await self._walk(stale, stale.before(wanted))
        return {name: count for name, count in removed.items() if count}

    async def _details(self, before: float) -> int:
        gone = 0
        for _ in range(MAX_BATCHES):
            rows = self.store.ask(lambda conn: conn.execute(_OLDEST, (DELETE_BATCH,)).fetchall())
            found = [(id,) for id, status, ended_at in rows if status != "pending" and (ended_at or 0) < before]
            if found:
                await self.store.write(_delete_rows(_FORGET, found))
            gone += len(found)
            if len(found) < DELETE_BATCH:
                break
        return gone

    async def _audit(self, before: float) -> int:
        gone = 0
        for _ in range(MAX_BATCHES):
            if not self.store.ask(lambda conn: self.store.trail.has_entries_before(conn, before)):
                break
            gone += await self.store.write(
                lambda conn: self.store.trail.prune(conn, before=before, limit=4 * DELETE_BATCH)
            )
        return gone

    async def _walk(self, stale: ExpiringTable, before: float) -> int:
        gone = 0
        for _ in range(MAX_BATCHES):
            rows = self._next(stale)
            found = [(*row[:-1], before) for row in rows if row[-1] < before]
            for part in _parts(found):
                await self.store.write(_delete_rows(stale.remove, part))
            gone += len(found)
            self._reached[stale] = rows[-1][:-1] if len(rows) == SCAN_STEP else _BEFORE_FIRST_KEY[: len(stale.key)]
            if len(found) < SCAN_STEP * RESCAN_SHARE:
                break
        return gone

    def _next(self, stale: ExpiringTable) -> list[tuple[Any, ...]]:
        behind = self._reached.get(stale, _BEFORE_FIRST_KEY[: len(stale.key)])
        return self.store.ask(lambda conn: conn.execute(stale.look, behind).fetchall())


def _delete_rows(statement: str, keys: Sequence[tuple[Any, ...]]) -> Callable[[sqlite3.Connection], None]:
    def work(conn: sqlite3.Connection) -> None:
        conn.executemany(statement, keys)

    return work


def _parts(keys: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    for at in range(0, len(keys), 4 * DELETE_BATCH):
        yield keys[at : at + 4 * DELETE_BATCH]
