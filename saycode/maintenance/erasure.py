"""Erase a number: every row that holds it, hashed or encrypted, and the rows that depend on those.

What stays: the hash of a suppressed number, so that it is never called again, and the entries of the audit log. They
hold neither number nor name, and the rows that their sids named are gone.

Only pending verifications have an index by number; the others are found by reading the table in parts, while requests
go on. secure_delete overwrites what is removed, and at the end the write-ahead log is
moved into the file and cut to nothing, so the bytes are gone from both. They are not gone from backups.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from msgspec.structs import replace

from verification.models import OPERATOR, Event, EventKind
from verification.values.phone_numbers import PhoneNumber

from ..storage import queries
from ..storage.accounts import AccountMapper
from ..storage.connection import Connection
from ..storage.counters import delete_counters
from ..storage.records import note_changes
from ..storage.store import SqlStore
from .twilio_records import enqueue_records

_SCAN_STEP = 20_000
_DELETE_BATCH = 50
_ALL = 2**62
_VERIFICATIONS_OF_NUMBER = "SELECT id, sid FROM verifications WHERE id > ? AND id <= ? AND number_hash = ?"
_LAST = "SELECT coalesce(max(id), 0) FROM verifications"
_PROVIDER_SIDS = "SELECT channel, provider_sid FROM deliveries WHERE verification_id = ? AND provider_sid IS NOT NULL"
_DELETE_VERIFICATION = "DELETE FROM verifications WHERE id = ?"
_SESSIONS = "SELECT id, verification FROM sessions"
_DELETE_SESSION = "DELETE FROM sessions WHERE id = ?"
_ACCOUNTS_OF_NUMBER = """
    SELECT id, account_hash, service, personal_data FROM accounts
    WHERE id IN (SELECT account_id FROM account_numbers WHERE line_hash = ?)
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
    store: SqlStore,
    number: PhoneNumber,
    *,
    now: float,
    twilio: bool = False,
    patience: float = 5,
    actor: str = OPERATOR,
) -> ErasureResult:
    """Erase this number. Raises Unavailable; a second call continues where the first one stopped.

    `twilio`: queue Twilio's records of these calls and texts for removal as well. `actor`: who did it, for the audit
    log.
    """
    cipher = store.cipher
    verifications = await _find_verifications(store, cipher.number_hash(number.line))
    sids = {sid for _, sid in verifications}
    rows = await store.query(lambda conn: conn.execute(_SESSIONS).fetchall())
    sessions = [(id,) for id, sid in rows if sid in sids]
    deliveries = records = 0
    for batch in _batches(verifications):
        if twilio:
            records += await store.write(partial(_queue_twilio_records, verifications=batch, now=now))
        deliveries += await store.write(partial(_delete_verifications, verifications=batch))
    for batch in _batches(sessions):
        await store.write(partial(_run, statement=_DELETE_SESSION, rows=batch))
    noun = "verification" if len(verifications) == 1 else "verifications"
    rest = await store.write(
        lambda conn: _delete_rest(conn, store, number, now=now),
        events=lambda _: [
            Event(
                kind=EventKind.ERASED,
                at=now,
                actor=actor,
                detail=f"{len(verifications)} {noun}, {number.masked}",
            )
        ],
    )
    return ErasureResult(
        verifications=len(verifications),
        deliveries=deliveries,
        sessions=len(sessions),
        counters=rest["counters"],
        pauses=rest["pauses"],
        accounts=rest["accounts"],
        notices=rest["notices"],
        twilio_records=records,
        suppressed=rest["suppressed"] > 0,
        settled=await _erase_remains(store, patience=patience),
    )


async def _find_verifications(store: SqlStore, hashed: bytes) -> list[tuple[int, str]]:
    def part(conn: Connection, after: int) -> list[tuple[int, str]]:
        return conn.execute(_VERIFICATIONS_OF_NUMBER, (after, after + _SCAN_STEP, hashed)).fetchall()

    verifications: list[tuple[int, str]] = []
    after = 0
    while after < await store.query(lambda conn: int(conn.execute(_LAST).fetchone()[0])):  # it may grow meanwhile
        verifications += await store.query(partial(part, after=after))
        after += _SCAN_STEP
    return verifications


def _queue_twilio_records(conn: Connection, *, verifications: Sequence[tuple[int, str]], now: float) -> int:
    records = [row for id, _ in verifications for row in conn.execute(_PROVIDER_SIDS, (id,)).fetchall()]
    enqueue_records(conn, records, now=now)
    return len(records)


def _delete_verifications(conn: Connection, *, verifications: Sequence[tuple[int, str]]) -> int:
    """Returns how many deliveries went with them."""
    deliveries = 0
    for id, _ in verifications:
        deliveries += conn.execute("SELECT count(*) FROM deliveries WHERE verification_id = ?", (id,)).fetchone()[0]
        conn.execute(_DELETE_VERIFICATION, (id,))
    note_changes(conn, [sid for _, sid in verifications])
    return deliveries


def _delete_rest(conn: Connection, store: SqlStore, number: PhoneNumber, *, now: float) -> dict[str, int]:
    cipher = store.cipher
    hashed = cipher.number_hash(number.line)
    accounts, changed_accounts = AccountMapper(cipher), 0
    for id, account_hash, service, personal_data in conn.execute(_ACCOUNTS_OF_NUMBER, (hashed,)).fetchall():
        account = accounts.from_row(conn, id, account_hash, service, personal_data)
        left = tuple(enrolled for enrolled in account.numbers if enrolled.number.line != number.line)
        closed = accounts.put(conn, replace(account, numbers=left), at=now)
        note_changes(conn, [event.verification for event in closed])
        if not left:
            conn.execute(queries.REMOVE_ACCOUNT, (account_hash,))
        changed_accounts += 1
    notices = [notice for notice in accounts.notices(conn, limit=_ALL) if notice.number.line == number.line]
    _run(conn, statement=queries.REMOVE_NOTICE, rows=[(notice.sid,) for notice in notices])
    for name in ("trusted_browsers", "denials", "openid_requests"):
        conn.execute(f"DELETE FROM {name} WHERE number_hash = ?", (hashed,))
    return {
        "accounts": changed_accounts,
        "notices": len(notices),
        "counters": delete_counters(conn, store.counter_keys, number),
        "pauses": conn.execute("DELETE FROM pauses WHERE number_hash = ?", (hashed,)).rowcount,
        "suppressed": conn.execute(
            "SELECT EXISTS (SELECT 1 FROM suppressions WHERE number_hash = ?)", (hashed,)
        ).fetchone()[0],
    }


async def _erase_remains(store: SqlStore, *, patience: float) -> bool:
    """A running service holds its locks for moments only, so one of the tries succeeds."""
    for _ in range(int(patience / 0.05)):
        if await asyncio.to_thread(store.erase_remains):
            return True
        await asyncio.sleep(0.05)
    return False


def _run(conn: Connection, *, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    conn.executemany(statement, rows)


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    for at in range(0, len(rows), _DELETE_BATCH):
        yield rows[at : at + _DELETE_BATCH]
