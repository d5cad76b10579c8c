"""Carry a database over from SQLite to PostgreSQL: every row, in one transaction, verified before the commit.

Both engines have the same tables, and the rows stay as they are: the wrapped data key, the hashes, the links of the
audit log. So what was stored under a key before is found under it afterwards.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..config.databases import PostgresqlUrl
from ..storage.audit_log import AuditLog, ChainHead
from ..storage.connection import DatabaseUnusable
from ..storage.encryption import FieldCipher
from ..storage.postgresql.connection import PostgresqlConnection
from ..storage.postgresql.database import exclusive_transaction, open_database
from ..storage.sqlite import database as sqlite

_BATCH = 5000
#: In the order in which rows may refer to those of others.
TABLES = (
    *("verifications", "deliveries", "sessions", "events", "audit_log_ends", "audit_log_closed", "suppressions"),
    *("pauses", "accounts", "account_numbers", "inbound_messages", "notices", "counters", "counter_chunks", "alerts"),
    *("trusted_browsers", "denials", "services", "api_keys", "idempotency_keys", "event_targets", "outbox", "data_key"),
    *("restore_marker", "metric_totals", "twilio_records", "twilio_cursor", "changes"),
    *("openid_clients", "openid_requests", "openid_grants"),
)
#: Those that a new database has rows in.
_FILLED = ("audit_log_ends", "services", "data_key", "restore_marker", "twilio_cursor")
_NUMBERED = """SELECT table_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND column_name = 'id' AND is_identity = 'YES'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How many rows each table has now, the head of the audit log on both sides, and how many seconds it took."""

    rows: dict[str, int]
    head: ChainHead | None
    seconds: float


def move(
    source: Path, target: PostgresqlUrl, secrets: tuple[bytes, ...], *, progress: Callable[[str, int], None]
) -> Move:
    """Copy all rows of a file to an empty database. Raises DatabaseUnusable, and then the target is empty.

    `progress` is called with each table and its number of rows. The file stays as it is.
    """
    began = time.monotonic()
    conn, key = sqlite.open_database(source, secrets=secrets, create=False, patience=1)
    conn.close()
    with _locked(source) as rows_of_source:
        log = AuditLog(FieldCipher(key))
        before = log.report(rows_of_source)
        open_database(target.reveal(), secrets=secrets, create=True)
        with exclusive_transaction(target.reveal()) as rows_of_target:
            _require_empty(rows_of_target, target)
            counts = {}
            for table in TABLES:
                counts[table] = _copy(rows_of_source, rows_of_target, table)
                progress(table, counts[table])
            _number_on(rows_of_target)
            _compare_counts(rows_of_source, rows_of_target, target)
            after = log.report(rows_of_target, known=before.head)
            if (after.entries_checked, after.head, after.broken) != (
                before.entries_checked,
                before.head,
                before.broken,
            ):
                raise DatabaseUnusable(f"The audit log in {target} is not that of {source}: nothing was moved.")
    return Move(rows=counts, head=after.head, seconds=time.monotonic() - began)


@contextmanager
def _locked(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, which nothing else has open."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as conn:
        conn.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as problem:
            raise DatabaseUnusable(f"{path} is in use: stop the service and other commands first.") from problem
        yield conn
        conn.execute("ROLLBACK")


def _require_empty(conn: PostgresqlConnection, target: PostgresqlUrl) -> None:
    used = [table for table in TABLES if table not in _FILLED and _count(conn, table)]
    if used:
        raise DatabaseUnusable(f"{target} is in use already (it has {', '.join(used)}): name an empty database.")
    for table in _FILLED:
        conn.execute(f"DELETE FROM {table}")


def _copy(source: sqlite3.Connection, target: PostgresqlConnection, table: str) -> int:
    columns = ", ".join(row[1] for row in source.execute(f"PRAGMA table_info({table})"))
    rows = source.execute(f"SELECT {columns} FROM {table}")
    count = 0
    with target.copying(f"COPY {table} ({columns}) FROM STDIN") as write:
        while batch := rows.fetchmany(_BATCH):
            for row in batch:
                write(row)
            count += len(batch)
    return count


def _number_on(conn: PostgresqlConnection) -> None:
    """Have the next row of each table follow the last one that was copied."""
    for (table,) in conn.execute(_NUMBERED).fetchall():
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        conn.execute(f"SELECT setval({sequence}, coalesce((SELECT max(id) FROM {table}), 0) + 1, false)").fetchall()


def _compare_counts(source: sqlite3.Connection, target: PostgresqlConnection, url: PostgresqlUrl) -> None:
    different = [table for table in TABLES if _count(source, table) != _count(target, table)]
    if different:
        raise DatabaseUnusable(f"{url} does not have every row of {', '.join(different)}: nothing was moved.")


def _count(conn: sqlite3.Connection | PostgresqlConnection, table: str) -> int:
    return int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
