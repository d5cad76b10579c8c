"""Carry a database over between SQLite and PostgreSQL: every row, in one transaction, verified before the commit.

Both engines have the same tables, and the rows stay as they are: the wrapped data key, the hashes, the links of the
audit log. So what was stored under a key before is found under it afterwards.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..config.databases import PostgresqlUrl
from ..storage.audit_log import AuditLog, ChainHead
from ..storage.connection import Connection, DatabaseUnusable
from ..storage.encryption import FieldCipher
from ..storage.postgresql.connection import PostgresqlConnection
from ..storage.postgresql.database import exclusive_transaction, open_database
from ..storage.sqlite import database as sqlite

#: Where the database is, as in the settings.
Place = Path | PostgresqlUrl
Side = sqlite3.Connection | PostgresqlConnection
Row = Sequence[Any]
_BATCH = 5000
#: In the order in which rows may refer to those of others.
TABLES = (
    *("verifications", "deliveries", "sessions", "events", "audit_log_ends", "audit_log_closed", "suppressions"),
    *("pauses", "accounts", "account_numbers", "inbound_messages", "notices", "counters", "counter_chunks", "alerts"),
    *("trusted_browsers", "denials", "services", "api_keys", "idempotency_keys", "event_targets", "outbox", "data_key"),
    *("restore_marker", "metric_totals", "twilio_records", "twilio_cursor", "changes"),
    *("openid_clients", "openid_requests", "openid_grants", "hourly_totals", "operators", "operator_sessions"),
    *("alert_states", "alert_messages"),
)
#: Those that a new database has rows in.
_FILLED = ("audit_log_ends", "services", "data_key", "restore_marker", "twilio_cursor")
_NUMBERED = """SELECT table_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND column_name = 'id' AND is_identity = 'YES'"""
_COLUMNS = """SELECT column_name::text FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position"""
#: Kibibytes of SQLite's pages in memory: indexes over hashes are filled in no order.
_PAGE_CACHE = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How many rows each table has now, the head of the audit log on both sides, and how many seconds it took."""

    rows: dict[str, int]
    head: ChainHead | None
    seconds: float


def move(source: Place, target: Place, secrets: tuple[bytes, ...], *, progress: Callable[[str, int], None]) -> Move:
    """Copy all rows of a database to an empty one. Raises DatabaseUnusable, and then the target is empty.

    `progress` is called with each table and its number of rows. The source stays as it is.
    """
    began = time.monotonic()
    key = _opened(source, secrets, create=False)
    with _transaction(source) as rows_of_source:
        log = AuditLog(FieldCipher(key))
        before = log.report(rows_of_source)
        _opened(target, secrets, create=True)
        with _transaction(target) as rows_of_target:
            _require_empty(rows_of_target, target)
            counts = {}
            for table in TABLES:
                _copy(rows_of_source, rows_of_target, table)
                counts[table] = _count(rows_of_source, table)
                if counts[table] != _count(rows_of_target, table):
                    raise DatabaseUnusable(f"{target} does not have every row of {table}: nothing was moved.")
                progress(table, counts[table])
            after = log.report(rows_of_target, known=before.head)
            if (after.entries_checked, after.head, after.broken) != (
                before.entries_checked,
                before.head,
                before.broken,
            ):
                raise DatabaseUnusable(f"The audit log in {target} is not that of {source}: nothing was moved.")
            if isinstance(rows_of_target, PostgresqlConnection):
                _number_on(rows_of_target)
            rows_of_target.execute("COMMIT")
    return Move(rows=counts, head=after.head, seconds=time.monotonic() - began)


def _opened(place: Place, secrets: tuple[bytes, ...], *, create: bool) -> bytes:
    """Bring the schema up to date. Returns the data key."""
    if isinstance(place, PostgresqlUrl):
        return open_database(place.reveal(), secrets=secrets, create=create)
    conn, key = sqlite.open_database(place, secrets=secrets, create=create, patience=1)
    conn.close()
    return key


def _transaction(place: Place) -> AbstractContextManager[Side]:
    return exclusive_transaction(place.reveal()) if isinstance(place, PostgresqlUrl) else _locked(place)


@contextmanager
def _locked(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction on the file, which nothing else has open. It is rolled back unless it is committed."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as conn:
        conn.execute("PRAGMA locking_mode = EXCLUSIVE")
        try:
            conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as problem:
            raise DatabaseUnusable(f"{path} is in use: stop the service and other commands first.") from problem
        conn.execute(f"PRAGMA cache_size = -{_PAGE_CACHE}")
        yield conn
        if conn.in_transaction:
            conn.execute("ROLLBACK")


def _require_empty(conn: Connection, target: Place) -> None:
    used = [table for table in TABLES if table not in _FILLED and _count(conn, table)]
    if used:
        raise DatabaseUnusable(f"{target} is in use already (it has {', '.join(used)}): name an empty database.")
    for table in _FILLED:
        conn.execute(f"DELETE FROM {table}")


def _copy(source: Side, target: Side, table: str) -> None:
    # By name: a column that a migration added is the last one, and may be elsewhere in a new schema.
    columns = _columns(source, table)
    _write(target, table, columns, _rows(source, table, columns))


def _columns(conn: Side, table: str) -> str:
    if isinstance(conn, PostgresqlConnection):
        return ", ".join(name for (name,) in conn.execute(_COLUMNS, (table,)))
    return ", ".join(row[1] for row in conn.execute(f"PRAGMA table_info({table})"))


def _rows(conn: Side, table: str, columns: str) -> Iterator[Row]:
    """All rows, of which only some are in memory."""
    query = f"SELECT {columns} FROM {table}"
    if not isinstance(conn, PostgresqlConnection):
        yield from conn.execute(query)
        return
    conn.execute(f"DECLARE moved NO SCROLL CURSOR FOR {query}")
    while rows := conn.execute(f"FETCH {_BATCH} FROM moved").fetchall():
        yield from rows
    conn.execute("CLOSE moved")


def _write(conn: Side, table: str, columns: str, rows: Iterable[Row]) -> None:
    if isinstance(conn, PostgresqlConnection):
        with conn.copying(f"COPY {table} ({columns}) FROM STDIN") as write:
            for row in rows:
                write(row)
        conn.execute(f"ANALYZE {table}")
        return
    values = ", ".join("?" * len(columns.split(", ")))
    conn.executemany(f"INSERT INTO {table} ({columns}) VALUES ({values})", rows)


def _number_on(conn: PostgresqlConnection) -> None:
    """Have the next row of each table follow the last one that was copied."""
    for (table,) in conn.execute(_NUMBERED).fetchall():
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        conn.execute(f"SELECT setval({sequence}, coalesce((SELECT max(id) FROM {table}), 0) + 1, false)").fetchall()


def _count(conn: Connection, table: str) -> int:
    return int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
