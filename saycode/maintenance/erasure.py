"""Erasing a person: every row that names a number, by its hash or under a seal, and what hangs on those rows.

What stays: the hash among the suppressed numbers, so that nobody calls again, and the lines of the audit trail. They
have neither number nor name, and what their sids belonged to is gone.

Only pending verifications can be found by their number through an index; the others are found by reading the table, a
part at a time, beside the requests. secure_delete overwrites what is removed, and at the end the write-ahead log is
moved into the file and cut to nothing, so the bytes are gone from both. They are not gone from backups.
"""

import asyncio
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from verification.models import OPERATOR, Event, EventKind
from verification.values.phone_numbers import PhoneNumber

from ..storage import queries
from ..storage.accounts import AccountMapper
from ..storage.counters import delete_counters
from ..storage.store import SqliteStore
from .twilio_records import enqueue_records

_PART = 20_000
_BATCH = 50
_OF_NUMBER = "SELECT id, sid FROM verifications WHERE id > ? AND id <= ? AND number_hash = ?"
_LAST = "SELECT coalesce(max(id), 0) FROM verifications"
_PROVIDER_SIDS = "SELECT channel, carrier_sid FROM deliveries WHERE verification_id = ? AND carrier_sid IS NOT NULL"
_FORGET = "DELETE FROM verifications WHERE id = ?"
_SESSIONS = "SELECT key, verification FROM sessions"
_FORGET_SESSION = "DELETE FROM sessions WHERE key = ?"
_OF_HOLDERS = """
    SELECT a.id, a.account_hash, a.service, a.person FROM accounts a
    JOIN account_numbers n ON n.account_id = a.id WHERE n.number_hash = ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureResult:
    """What was removed, and whether the number stays suppressed. `settled`: the write-ahead log is empty."""

    verifications: int
    deliveries: int
    sessions: int
    counters: int
    pauses: int
    accounts: int
    notices: int
    twilio_records: int
    suppressed: bool
    settled: bool


async def erase_number(
    store: SqliteStore, number: PhoneNumber, *, now: float, twilio: bool = False, patience: float = 5
) -> ErasureResult:
    """Remove everything that names this number. Raises Unavailable; done again, it goes on where it was stopped.

    `twilio`: have the service remove Twilio's records of these calls and texts as well.
    """
    cipher = store.cipher
    found = _find_verifications(store, cipher.number_hash(number.e164))
    sids = {sid for _, sid in found}
    sessions = [(key,) for key, sid in store.ask(lambda conn: conn.execute(_SESSIONS).fetchall()) if sid in sids]
    deliveries = records = 0
    for part in _parts(found):
        if twilio:
            records += await store.write(partial(_queue_twilio_records, found=part, now=now))
        deliveries += await store.write(partial(_delete_verifications, found=part))
    for keys in _parts(sessions):
        await store.write(partial(_run, statement=_FORGET_SESSION, rows=keys))
    rest = await store.write(
        lambda conn: _delete_rest(conn, store, number, now=now),
        events=lambda _: [
            Event(kind=EventKind.ERASED, at=now, actor=OPERATOR, detail=f"{len(found)} verifications, {number.masked}")
        ],
    )
    return ErasureResult(
        verifications=len(found),
        deliveries=deliveries,
        sessions=len(sessions),
        counters=rest["counters"],
        pauses=rest["pauses"],
        accounts=rest["accounts"],
        notices=rest["notices"],
        twilio_records=records,
        suppressed=rest["suppressed"] > 0,
        settled=await _truncate_wal(store, patience=patience),
    )


def _find_verifications(store: SqliteStore, hashed: bytes) -> list[tuple[int, str]]:
    def part(conn: sqlite3.Connection, after: int) -> list[tuple[int, str]]:
        return conn.execute(_OF_NUMBER, (after, after + _PART, hashed)).fetchall()

    found: list[tuple[int, str]] = []
    after = 0
    while after < store.ask(lambda conn: int(conn.execute(_LAST).fetchone()[0])):  # it grows meanwhile
        found += store.ask(partial(part, after=after))
        after += _PART
    return found


def _queue_twilio_records(conn: sqlite3.Connection, *, found: Sequence[tuple[int, str]], now: float) -> int:
    known = [row for id, _ in found for row in conn.execute(_PROVIDER_SIDS, (id,)).fetchall()]
    enqueue_records(conn, known, now=now)
    return len(known)


def _delete_verifications(conn: sqlite3.Connection, *, found: Sequence[tuple[int, str]]) -> int:
    """Remove these verifications; how many deliveries went with them."""
    deliveries = 0
    for id, _ in found:
        deliveries += conn.execute("SELECT count(*) FROM deliveries WHERE verification_id = ?", (id,)).fetchone()[0]
        conn.execute(_FORGET, (id,))
    return deliveries


def _delete_rest(conn: sqlite3.Connection, store: SqliteStore, number: PhoneNumber, *, now: float) -> dict[str, int]:
    cipher = store.cipher
    hashed = cipher.number_hash(number.e164)
    accounts, changed_accounts = AccountMapper(cipher), 0
    for id, account_hash, service, person in conn.execute(_OF_HOLDERS, (hashed,)).fetchall():
        account = accounts.opened(conn, id, account_hash, service, person)
        left = tuple(one for one in account.numbers if one.number.e164 != number.e164)
        accounts.put(conn, replace(account, numbers=left), at=now)
        if not left:
            conn.execute(queries.REMOVE_ACCOUNT, (account_hash,))
        changed_accounts += 1
    notices = [one for one in accounts.notices(conn, limit=-1) if one.number.e164 == number.e164]
    _run(conn, statement=queries.REMOVE_NOTICE, rows=[(one.sid,) for one in notices])
    for name in ("known", "refusals"):
        conn.execute(f"DELETE FROM {name} WHERE number_hash = ?", (hashed,))
    return {
        "accounts": changed_accounts,
        "notices": len(notices),
        "counters": delete_counters(conn, store.names, number),
        "pauses": conn.execute("DELETE FROM pauses WHERE number_hash = ?", (hashed,)).rowcount,
        "suppressed": conn.execute(
            "SELECT EXISTS (SELECT 1 FROM suppressions WHERE number_hash = ?)", (hashed,)
        ).fetchone()[0],
    }


async def _truncate_wal(store: SqliteStore, *, patience: float) -> bool:
    """Empty the write-ahead log; a running service reads and writes in moments, so one of the tries gets through."""
    for _ in range(int(patience / 0.05)):
        if await asyncio.to_thread(store.truncate_wal):
            return True
        await asyncio.sleep(0.05)
    return False


def _run(conn: sqlite3.Connection, *, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    conn.executemany(statement, rows)


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    for at in range(0, len(rows), _BATCH):
        yield rows[at : at + _BATCH]
