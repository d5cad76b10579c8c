"""Delete rows whose retention time is over, a few at a time, while requests go on.

Verifications and audit entries are stored in the order of their time, so the oldest are the first rows. Other rows are
stored in the order of their hashes: a slow scan goes round each of those tables, some rows in each run, and deletes the
expired ones. Neither needs an index, which every start would have to maintain. Expired rows are found by reading; only
the deletion is a transaction, and a small one, because requests wait for it. secure_delete overwrites deleted rows.

Every worker scans by itself; deleting a row that another one has deleted does nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from verification.policy import Retention, RetentionCutoffs, retention_cutoffs
from verification.types import Record

from ..storage.connection import Connection
from ..storage.records import note_changes
from ..storage.store import SqlStore

#: Rows that one transaction deletes; the deliveries of a verification go with it, and its events lose their reference.
DELETE_BATCH = 50
#: Rows that one step of a scan reads, and the share of expired ones that makes it continue at once.
SCAN_STEP, RESCAN_SHARE = 500, 0.1
#: Batches of each table in one run: what a very busy service adds in 25 seconds is deleted in five.
MAX_BATCHES = 20

_OLDEST = "SELECT id, sid, status, ended_at FROM verifications ORDER BY id LIMIT ?"
_DELETE_VERIFICATION = "DELETE FROM verifications WHERE id = ?"

RemovedCounts = dict[str, int]


class ExpiringTable(Record, frozen=True):
    """Rows, or those for which `only` holds, expire when `at` is before the cutoff. `key`: the primary key.

    `shown`: its rows name a verification whose page hears that they are gone.
    """

    table: str
    key: tuple[str, ...]
    at: str
    cutoff: Callable[[RetentionCutoffs], float]
    only: str = "true"
    shown: bool = False

    @property
    def select_sql(self) -> str:
        """The next rows after a key. Rows for which `only` does not hold are read too: a step is never a full scan."""
        keys, placeholders = ", ".join(self.key), ", ".join("?" * len(self.key))
        at = f"CASE WHEN {self.only} THEN {self.at} ELSE 1e300 END"
        return (
            f"SELECT {keys}, {at} FROM {self.table} WHERE ({keys}) > ({placeholders}) ORDER BY {keys} LIMIT {SCAN_STEP}"
        )

    @property
    def before_first_key(self) -> tuple[Any, ...]:
        """Sorts before every key: the columns are hashes, words or numbers."""
        return tuple(b"" if key.endswith("_hash") else "" if key in _WORDS else -1 for key in self.key)

    @property
    def delete_sql(self) -> str:
        """One row, if it is still expired."""
        row = " AND ".join(f"{key} = ?" for key in self.key)
        return f"DELETE FROM {self.table} WHERE {row} AND {self.at} < ? AND {self.only}"


_WORDS = frozenset({"measure", "split", "name"})
#: Every table whose rows are of use for a limited time.
EXPIRING_TABLES = (
    ExpiringTable("sessions", ("id",), "expires_at", lambda due: due.over, shown=True),
    ExpiringTable("pauses", ("number_hash",), "until", lambda due: due.over),
    ExpiringTable("counters", ("counter_hash",), "at", lambda due: due.counters, only="failures = 0"),
    ExpiringTable("counters", ("counter_hash",), "at", lambda due: min(due.audit, due.counters), only="failures > 0"),
    ExpiringTable("counter_chunks", ("counter_hash", "number"), "at", lambda due: due.counters),
    ExpiringTable("alerts", ("alert_hash",), "at", lambda due: due.counters),
    ExpiringTable("trusted_browsers", ("browser_hash", "counter_hash"), "at", lambda due: due.audit),
    ExpiringTable("inbound_messages", ("message_hash",), "at", lambda due: due.counters),
    ExpiringTable("openid_requests", ("id",), "expires_at", lambda due: due.over),
    ExpiringTable("operator_sessions", ("id",), "expires_at", lambda due: due.over),
    ExpiringTable("openid_grants", ("id",), "issued_at", lambda due: due.over),
    ExpiringTable("hourly_totals", ("measure", "split", "hour", "name"), "hour", lambda due: due.audit),
    ExpiringTable("denials", ("number_hash", "n"), "at", lambda due: due.details),
)


@dataclass(slots=True)
class RetentionJob:
    """Run it now and then. It remembers how far its scans have come."""

    store: SqlStore
    keep: Retention
    now: Callable[[], float]
    _positions: dict[ExpiringTable, tuple[Any, ...]] = field(default_factory=dict)

    async def run(self) -> RemovedCounts:
        """Delete some of the expired rows. Returns how many of each table."""
        cutoffs = retention_cutoffs(self.keep, now=self.now())
        removed = {
            "verifications": await self._delete_verifications(cutoffs.details),
            "events": await self._prune_audit_log(cutoffs.audit, now=self.now()),
        }
        for table in EXPIRING_TABLES:
            removed[table.table] = removed.get(table.table, 0) + await self._scan(table, table.cutoff(cutoffs))
        return {name: count for name, count in removed.items() if count}

    async def _delete_verifications(self, before: float) -> int:
        removed = 0
        for _ in range(MAX_BATCHES):
            rows = await self.store.query(lambda conn: conn.execute(_OLDEST, (DELETE_BATCH,)).fetchall())
            expired = [
                (id, sid) for id, sid, status, ended_at in rows if status != "pending" and (ended_at or 0) < before
            ]
            if expired:
                await self.store.write(partial(_delete_verifications, verifications=expired))
            removed += len(expired)
            if len(expired) < DELETE_BATCH:
                break
        return removed

    async def _prune_audit_log(self, before: float, *, now: float) -> int:
        removed = 0
        for _ in range(MAX_BATCHES):
            if not await self.store.query(lambda conn: self.store.audit_log.has_entries_before(conn, before)):
                break
            pruned = await self.store.write(
                lambda conn: self.store.audit_log.prune(conn, before=before, limit=4 * DELETE_BATCH, now=now)
            )
            removed += pruned
            if not pruned:  # it is broken, and goes on in a new segment
                break
        return removed

    async def _scan(self, table: ExpiringTable, before: float) -> int:
        removed = 0
        for _ in range(MAX_BATCHES):
            rows = await self._next_rows(table)
            expired = [(*row[:-1], before) for row in rows if row[-1] < before]
            for batch in _batches(expired):
                await self.store.write(partial(_delete_rows, table=table, keys=batch))
            removed += len(expired)
            self._positions[table] = rows[-1][:-1] if len(rows) == SCAN_STEP else table.before_first_key
            if len(expired) < SCAN_STEP * RESCAN_SHARE:
                break
        return removed

    async def _next_rows(self, table: ExpiringTable) -> list[tuple[Any, ...]]:
        position = self._positions.get(table, table.before_first_key)
        return await self.store.query(lambda conn: conn.execute(table.select_sql, position).fetchall())


def _delete_verifications(conn: Connection, *, verifications: Sequence[tuple[int, str]]) -> None:
    conn.executemany(_DELETE_VERIFICATION, [(id,) for id, _ in verifications])
    note_changes(conn, [sid for _, sid in verifications])


def _delete_rows(conn: Connection, *, table: ExpiringTable, keys: Sequence[tuple[Any, ...]]) -> None:
    if not table.shown:
        conn.executemany(table.delete_sql, keys)
        return
    deleted = [
        row for key in keys for row in conn.execute(f"{table.delete_sql} RETURNING verification", key).fetchall()
    ]
    note_changes(conn, [sid for (sid,) in deleted])


def _batches(keys: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    for at in range(0, len(keys), 4 * DELETE_BATCH):
        yield keys[at : at + 4 * DELETE_BATCH]
