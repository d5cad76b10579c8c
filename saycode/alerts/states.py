"""The alerts that are open, and the messages about them that wait, in the database of all workers and nodes.

    alert_states     one row for each open alert; who adds it or deletes it in a transaction tells of it
    alert_messages   one row for each message and target of SAYCODE_ALERT_URLS, claimed as in the outbox

A target is known by a keyed hash of its address: the address has secrets, and is in the settings only.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from verification.alerts import Alert, AlertKind, Condition, Transitions, transitions
from verification.types import Record

from ..storage.connection import Connection
from ..storage.encryption import FieldCipher
from ..storage.outbox import RETRY_DELAYS, format_utc, put_message, targets_of
from ..storage.store import SqlStore

#: The "service" of event targets that get the alerts, and nothing else.
ALERTS = "alerts"
#: Seconds that a worker has for the messages that it claimed.
LEASE_SECONDS = 300
#: Messages of one target that are claimed at once.
CLAIM_LIMIT = 10
#: Open alerts that are read. There are as many as limits.
MOST_ALERTS = 5000

_COLUMNS = "kind, scope, service, country, subject, rule, until, opened_at, seen_at"
_ALL = f"SELECT {_COLUMNS} FROM alert_states ORDER BY opened_at, kind, scope, service, country, subject, rule LIMIT ?"
_OPEN = f"INSERT INTO alert_states ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_KEY = "kind = ? AND scope = ? AND service = ? AND country = ? AND subject = ? AND rule = ?"
_SEE = f"UPDATE alert_states SET until = ?, seen_at = ? WHERE {_KEY}"
_RESOLVE = f"DELETE FROM alert_states WHERE {_KEY} AND seen_at = ?"
_SERVICES = "SELECT sid, name FROM services WHERE deleted_at IS NULL ORDER BY id LIMIT ?"
_ADD = """INSERT INTO alert_messages (target, resolved, title, body, tries, next_at)
    VALUES (?, ?, ?, ?, 0, ?)"""
_DUE = """SELECT id, resolved, title, body, tries FROM alert_messages WHERE target = ? AND next_at <= ?
    ORDER BY next_at, id LIMIT ?"""
_CLAIM = "UPDATE alert_messages SET next_at = ?, tries = tries + 1 WHERE id = ?"
_DELETE = "DELETE FROM alert_messages WHERE id = ?"
_POSTPONE = "UPDATE alert_messages SET next_at = ? WHERE id = ?"
_FORGET = "DELETE FROM alert_messages WHERE next_at < ?"
#: Seconds that a message for a target that no worker has any more is kept.
_FORGOTTEN_AFTER = 86_400


class Told(Record, frozen=True):
    """What one transaction changed, for those who are told of it."""

    opened: tuple[Condition, ...] = ()
    resolved: tuple[Alert, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.opened or self.resolved)


class Letter(Record, frozen=True):
    """A message in words. `resolved`: it says that something is over, and nothing else."""

    title: str
    body: str
    resolved: bool = False


class ClaimedLetter(Record, frozen=True):
    """A message that this worker delivers; `tries` counts this attempt."""

    row: int
    letter: Letter
    tries: int


#: Makes the message of a change, and the data of its signed events: the type and the rest, for each alert.
Writer = Callable[[Told, Mapping[str, str]], tuple[Letter, Sequence[tuple[str, dict[str, Any]]]]]


def open_alerts(conn: Connection) -> list[Alert]:
    """Oldest first."""
    known = set(AlertKind)
    return [_alert(*row) for row in conn.execute(_ALL, (MOST_ALERTS,)).fetchall() if row[0] in known]


def _alert(kind: str, *row: Any) -> Alert:
    scope, service, country, subject, rule, until, opened_at, seen_at = row
    condition = Condition(
        kind=AlertKind(kind), scope=scope, service=service, country=country, subject=subject, rule=rule, until=until
    )
    return Alert(condition, opened_at, seen_at)


def service_names(conn: Connection, *, limit: int = 200) -> dict[str, str]:
    """The services and their names, oldest first."""
    return dict(conn.execute(_SERVICES, (limit,)).fetchall())


class AlertStates(Record, frozen=True):
    """Reads and claims, on the store. Every method raises Unavailable."""

    store: SqlStore

    async def change(
        self, conditions: Collection[Condition], write: Writer, targets: Iterable[str], *, now: float
    ) -> Told:
        """Open and resolve alerts for what holds now, with a message for each target. Returns what this call changed:
        of several workers that see the same, one does.
        """
        known = await self.store.query(open_alerts)
        changes = transitions(conditions, known, now=now)
        if changes == Transitions():
            return Told()
        hashes = [target_hash(self.store.cipher, url) for url in targets]

        def work(conn: Connection) -> Told:
            told = _apply(conn, changes, now=now)
            if told:
                letter, events = write(told, service_names(conn))
                for hashed in hashes:
                    conn.execute(_ADD, (hashed, int(letter.resolved), letter.title, letter.body, float(now)))
                for topic, data in events:
                    text = json.dumps({"type": topic, "timestamp": format_utc(now), "data": data}, ensure_ascii=False)
                    put_message(conn, self.store.cipher, text, targets=targets_of(conn, ALERTS), at=now)
            return told

        return await self.store.write(work)

    async def claim(self, url: str, *, now: float) -> list[ClaimedLetter]:
        """The due messages of a target. No other worker gets them while the lease lasts."""
        values = (target_hash(self.store.cipher, url), now, CLAIM_LIMIT)
        if not await self.store.query(lambda conn: conn.execute(_DUE, values).fetchall()):
            return []

        def work(conn: Connection) -> list[ClaimedLetter]:
            rows = conn.execute(_DUE, values).fetchall()
            conn.executemany(_CLAIM, [(now + LEASE_SECONDS, row[0]) for row in rows])
            return [
                ClaimedLetter(id, Letter(title, body, bool(resolved)), tries + 1)
                for id, resolved, title, body, tries in rows
            ]

        return await self.store.write(work)

    async def mark_delivered(self, claimed: ClaimedLetter) -> None:
        await self.store.write(lambda conn: conn.execute(_DELETE, (claimed.row,)).rowcount)

    async def retry_later(self, claimed: ClaimedLetter, *, now: float) -> bool:
        """False when this was the last attempt and the message is dropped."""
        if claimed.tries > len(RETRY_DELAYS):
            await self.mark_delivered(claimed)
            return False
        due = now + RETRY_DELAYS[claimed.tries - 1]
        await self.store.write(lambda conn: conn.execute(_POSTPONE, (due, claimed.row)).rowcount)
        return True

    async def forget_old(self, *, now: float) -> None:
        """Delete messages that no worker has a target for any more."""
        before = now - _FORGOTTEN_AFTER
        if await self.store.query(
            lambda conn: conn.execute("SELECT 1 FROM alert_messages WHERE next_at < ? LIMIT 1", (before,)).fetchone()
        ):
            await self.store.write(lambda conn: conn.execute(_FORGET, (before,)).rowcount)


def target_hash(cipher: FieldCipher, url: str) -> str:
    return cipher.counter_hash("alert target", url).hex()


def _apply(conn: Connection, changes: Transitions, *, now: float) -> Told:
    """Write the changes. A row that another worker has added or deleted since they were read is not ours to tell of."""
    opened = [
        one for one in changes.opened if conn.execute(_OPEN, (*one.key, one.until, float(now), float(now))).rowcount
    ]
    resolved = [one for one in changes.resolved if conn.execute(_RESOLVE, (*one.condition.key, one.seen_at)).rowcount]
    for one in changes.seen:
        conn.execute(_SEE, (one.until, float(now), *one.key))
    return Told(tuple(opened), tuple(resolved))
