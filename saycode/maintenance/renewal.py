"""Renew the data key after a theft: new keys for encryption, receipts and the audit log, in one transaction.

A thief with a copy of the database and the secret that opens it can read that copy for ever. After the renewal the
thief can neither read what is written later, nor sign receipts, nor write lines of the audit log that verify. The
hashes stay, so that a suppressed number is still found; so the thief can still test numbers against the hashes of a
later copy.

It needs the database for itself: a worker that is running would go on under the former key.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from verification.models import OPERATOR, Event, EventKind
from verification.values.codes import key_id

from ..config.databases import PostgresqlUrl
from ..storage.audit_log import AuditLog, ChainHead, ChainReport
from ..storage.connection import Connection, DatabaseUnusable
from ..storage.encryption import DecryptionError, FieldCipher, renewed
from ..storage.keys import put_key
from ..storage.sqlite.database import open_database

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """A column whose values are encrypted with `table.column` and the row's key as additional data."""

    table: str
    column: str
    key: str

    def aad(self, key: str | bytes) -> str:
        return f"{self.table}.{self.column} {key if isinstance(key, str) else key.hex()}"


#: Every encrypted column, as a test checks.
ENCRYPTED_COLUMNS = (
    EncryptedColumn("verifications", "personal_data", "sid"),
    EncryptedColumn("verifications", "tags", "sid"),
    EncryptedColumn("accounts", "personal_data", "account_hash"),
    EncryptedColumn("notices", "personal_data", "sid"),
    EncryptedColumn("event_targets", "encrypted", "sid"),
    EncryptedColumn("outbox", "body", "message_id"),
    EncryptedColumn("idempotency_keys", "answer", "key_hash"),
    EncryptedColumn("openid_requests", "content", "request_hash"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """What was done. `before` is the report on the audit log under the former key; `unreadable` values were damaged."""

    encrypted: int
    unreadable: int
    ended_codes: int
    chained: int
    before: ChainReport
    head: ChainHead | None


def renew_data_key(
    database: Path | PostgresqlUrl, secrets: tuple[bytes, ...], *, known: ChainHead | None, now: float
) -> Renewal:
    """Renew it, wrapped with the first secret, and end the open codes of all other secrets.

    `known` is an earlier head of the audit log to compare with. Raises DatabaseUnusable, also while a service runs.
    """
    if isinstance(database, Path):
        return _renew_sqlite(database, secrets, known=known, now=now)
    from ..storage.postgresql.database import exclusive_transaction, open_database  # with its driver

    data_key = open_database(database.reveal(), secrets=secrets, create=False)
    with exclusive_transaction(database.reveal()) as conn:
        return _renew(conn, data_key, secrets[0], known=known, now=now)


def _renew_sqlite(path: Path, secrets: tuple[bytes, ...], *, known: ChainHead | None, now: float) -> Renewal:
    conn, data_key = open_database(path, secrets=secrets, create=False, patience=1)
    conn.close()
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as conn:
        conn.execute("PRAGMA locking_mode = EXCLUSIVE")
        conn.execute("PRAGMA secure_delete = ON")
        try:
            conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as problem:
            raise DatabaseUnusable(f"{path} is in use: stop the service and other commands first.") from problem
        renewal = _renew(conn, data_key, secrets[0], known=known, now=now)
        conn.execute("COMMIT")
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return renewal


def _renew(conn: Connection, data_key: bytes, secret: bytes, *, known: ChainHead | None, now: float) -> Renewal:
    new_key = renewed(data_key)
    former, cipher = FieldCipher(data_key), FieldCipher(new_key)
    former_log, log = AuditLog(former), AuditLog(cipher)
    before = former_log.report(conn, known=known)
    counts = [_encrypt_anew(conn, column, former, cipher) for column in ENCRYPTED_COLUMNS]
    chained = log.rechain(conn, former_log, now=now)
    ended = conn.execute(
        "UPDATE verifications SET expires_at = created_at WHERE status = 'pending' AND key_id <> ?",
        (key_id(secret),),
    ).rowcount
    put_key(conn, new_key, secret)
    log.add(conn, [Event(kind=EventKind.DATA_KEY_RENEWED, at=now, actor=OPERATOR)])
    return Renewal(
        encrypted=sum(done for done, _ in counts),
        unreadable=sum(failed for _, failed in counts),
        ended_codes=ended,
        chained=chained,
        before=before,
        head=log.report(conn).head,
    )


def _encrypt_anew(
    conn: Connection, column: EncryptedColumn, former: FieldCipher, cipher: FieldCipher
) -> tuple[int, int]:
    """How many values were encrypted anew, and how many could not be read."""
    done = failed = last = 0
    select = f"SELECT id, {column.key}, {column.column} FROM {column.table} WHERE id > ? ORDER BY id LIMIT {_BATCH}"
    while rows := conn.execute(select, (last,)).fetchall():
        changed = []
        for id, key, value in rows:
            if value is None:
                continue
            try:
                text = former.decrypt(value, aad=column.aad(key))
            except DecryptionError:
                failed += 1
            else:
                changed.append((cipher.encrypt(text, aad=column.aad(key)), id))
        conn.executemany(f"UPDATE {column.table} SET {column.column} = ? WHERE id = ?", changed)
        done, last = done + len(changed), rows[-1][0]
    return done, failed
