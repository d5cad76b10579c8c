"""The audit log: the events, chained so that an entry that was changed, removed, added or moved is detected.

    start ── event 41 ── event 42 ── event 43 ── head
      │         │           └ link = MAC(link of 42, entry 43)
      │         └ numbered without a gap
      └ where the chain begins: the last event that was pruned

Each link is a MAC, under a key that is not in the database, over the link before it and the entry itself. It is made in
the transaction that writes the event, so the order is that of the commits, whatever the number of workers. The head
says where the chain ends: without it the newest entries could be cut off. Both ends have a MAC under the same key, each
with a use of its own, so that neither a link nor the other end can replace one.

It cannot show that the whole file, or the log with its ends, was set back to an earlier state, nor what a holder of the
key did. For that, keep the head outside the database.

`log_events` writes the same events to the log of the process, once they are committed.
"""

import hmac
import logging
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from verification.models import Event, EventKind

from .encryption import LINK_BYTES, FieldCipher

log = logging.getLogger("saycode.events")

_EMPTY_LINK = bytes(LINK_BYTES)
_START, _HEAD = "start", "head"
_ENTRY = "id, verification, delivery, kind, at, detail, actor, source"
_ADD = """
    INSERT INTO events (id, verification, delivery, kind, at, detail, actor, source, link, verification_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {})
"""
# An unknown sid becomes row 0, which the foreign key refuses.
_ADD_OF_VERIFICATION = _ADD.format("coalesce((SELECT id FROM verifications WHERE sid = ?), 0)")
_ADD_OTHER = _ADD.format("NULL")
_END = "SELECT event_id, link, mac FROM audit_log_ends WHERE name = ?"
_PUT_END = "INSERT OR REPLACE INTO audit_log_ends (name, event_id, link, mac) VALUES (?, ?, ?, ?)"
_ENTRIES = f"SELECT {_ENTRY}, link FROM events WHERE id > ? ORDER BY id LIMIT ?"
_OLDEST = "SELECT id, at, link FROM events ORDER BY id LIMIT ?"
_BATCH = 5000  # entries in one read, so that no read holds the write-ahead log for long

Row = tuple[int, str, str, str, float, str, str, bytes]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An event as the audit log holds it. `source` is a keyed hash in hexadecimal digits."""

    number: int
    verification: str
    delivery: str
    kind: str
    at: float
    detail: str
    actor: str
    source: str
    link: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Number and link of the newest entry. Kept outside the database, it reveals changes to all entries before it."""

    number: int
    link: str

    def __str__(self) -> str:
        return f"{self.number}:{self.link}"


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first place where the audit log is not as it was written. `number` is None when no entry has one."""

    number: int | None
    why: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The result of a verification: how many entries are intact, the head, and the first break, if there is one.

    `compared`: whether the entry of the known head was reached.
    """

    entries_checked: int
    head: ChainHead | None
    broken: ChainBreak | None = None
    compared: bool = False


class AuditLog:
    """Writes and reads the audit log, on the caller's connection."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def initialize(self, conn: sqlite3.Connection) -> None:
        """Begin the empty log of a new database."""
        self._put_end(conn, _START, 0, _EMPTY_LINK)
        self._put_end(conn, _HEAD, 0, _EMPTY_LINK)

    def add(self, conn: sqlite3.Connection, events: Iterable[Event]) -> None:
        """Append these events, in the caller's transaction.

        Raises sqlite3.IntegrityError for an unknown verification.
        """
        number, link = self._last(conn)
        for event in events:
            number += 1
            row = (
                number,
                event.verification,
                event.delivery,
                event.kind.value,
                float(event.at),
                event.detail,
                event.actor,
                self._cipher.counter_hash("source", event.source) if event.source else b"",
            )
            link = self._cipher.chain_mac(link, _canonical(row))
            if event.verification:
                conn.execute(_ADD_OF_VERIFICATION, (*row, link, event.verification))
            else:
                conn.execute(_ADD_OTHER, (*row, link))
        self._put_end(conn, _HEAD, number, link)

    def has_entries_before(self, conn: sqlite3.Connection, time: float) -> bool:
        """Whether the oldest entry is from before that time."""
        return any(at < time for _, at, _ in conn.execute(_OLDEST, (1,)))

    def prune(self, conn: sqlite3.Connection, *, before: float, limit: int) -> int:
        """Remove the oldest entries from before this time, and move the start after them. Returns how many."""
        pruned = 0
        last: tuple[int, bytes] | None = None
        for number, at, link in conn.execute(_OLDEST, (limit,)).fetchall():
            if at >= before:
                break
            last, pruned = (number, link), pruned + 1
        if last is not None:
            conn.execute("DELETE FROM events WHERE id <= ?", (last[0],))
            self._put_end(conn, _START, *last)
        return pruned

    def entries(self, conn: sqlite3.Connection, *, after: int = 0) -> Iterator[AuditEntry]:
        """Every entry after this number, oldest first."""
        for row, link in _read_entries(conn, after):
            yield AuditEntry(*row[:-1], source=row[-1].hex(), link=link.hex())

    def last_number(self, conn: sqlite3.Connection) -> int:
        """The number of the newest entry."""
        return self._last(conn)[0]

    def verify(self, conn: sqlite3.Connection, *, known: ChainHead | None = None) -> ChainReport:
        """Verify the whole log in one snapshot. `known` is an earlier head to compare with."""
        conn.execute("BEGIN")
        try:
            return self._verify(conn, known)
        finally:
            conn.execute("ROLLBACK")

    def _verify(self, conn: sqlite3.Connection, known: ChainHead | None) -> ChainReport:
        ends = {}
        for name in (_START, _HEAD):
            row = conn.execute(_END, (name,)).fetchone()
            if row is None:
                return ChainReport(0, None, ChainBreak(None, f"the {name} of the audit log is missing"))
            if not hmac.compare_digest(self._end_mac(name, row[0], row[1]), row[2]):
                return ChainReport(0, None, ChainBreak(None, f"the {name} of the audit log was changed"))
            ends[name] = ChainHead(row[0], row[1].hex())
        start, head = ends[_START], ends[_HEAD]
        oldest = conn.execute("SELECT min(id) FROM events").fetchone()[0]
        if oldest is not None and oldest <= start.number:
            return ChainReport(0, head, ChainBreak(oldest, "before the start of the audit log"))
        return self._follow(conn, start, head, known)

    def _follow(
        self, conn: sqlite3.Connection, start: ChainHead, head: ChainHead, known: ChainHead | None
    ) -> ChainReport:
        position, compared = start, known == start
        for row, stored_link in _read_entries(conn, start.number):
            if row[0] != position.number + 1 or row[0] > head.number:
                break
            link = self._cipher.chain_mac(bytes.fromhex(position.link), _canonical(row))
            checked = position.number - start.number
            position = ChainHead(row[0], link.hex())
            if not hmac.compare_digest(link, stored_link):
                return ChainReport(checked, head, ChainBreak(row[0], "changed, moved or inserted"))
            if known is not None and known.number == position.number:
                if known != position:
                    return ChainReport(checked, head, ChainBreak(row[0], "not the entry of the head that you gave"))
                compared = True
        checked, extra = position.number - start.number, self._first_after(conn, position.number)
        if position.number < head.number:
            return ChainReport(checked, head, ChainBreak(position.number + 1, "missing"))
        if position != head or extra:
            return ChainReport(checked, head, ChainBreak(extra or position.number, "inserted after the head"))
        if known is not None and known.number > head.number:
            why = f"missing, up to line {known.number} of the head that you gave"
            return ChainReport(checked, head, ChainBreak(head.number + 1, why))
        return ChainReport(checked, head, compared=compared)

    def _first_after(self, conn: sqlite3.Connection, number: int) -> int | None:
        first: int | None = conn.execute("SELECT min(id) FROM events WHERE id > ?", (number,)).fetchone()[0]
        return first

    def _last(self, conn: sqlite3.Connection) -> tuple[int, bytes]:
        row = conn.execute(_END, (_HEAD,)).fetchone()
        if row is not None:
            return row[0], row[1]
        # An attacker removed the head. The service goes on, and `verify` finds that the link below belongs to nothing.
        return conn.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0], _EMPTY_LINK

    def _put_end(self, conn: sqlite3.Connection, name: str, number: int, link: bytes) -> None:
        conn.execute(_PUT_END, (name, number, link, self._end_mac(name, number, link)))

    def _end_mac(self, name: str, number: int, link: bytes) -> bytes:
        return self._cipher.chain_mac(link, str(number), use=name.encode())


def _read_entries(conn: sqlite3.Connection, after: int) -> Iterator[tuple[Row, bytes]]:
    while rows := conn.execute(_ENTRIES, (after, _BATCH)).fetchall():
        for *row, link in rows:
            yield (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]), link
        after = rows[-1][0]


def _canonical(row: Row) -> str:
    """The entry as a text that no other entry can have: quoting keeps a value from running into the next one."""
    return repr(row)


def log_events(events: Sequence[Event]) -> None:
    """Log each committed event in a line. An alert is a warning."""
    for event in events:
        facts = {
            "verification": event.verification,
            "delivery": event.delivery,
            "detail": event.detail,
            "actor": event.actor,
        }
        level = logging.WARNING if event.kind is EventKind.ALERT else logging.INFO
        log.log(level, event.kind.value, extra={"fields": {name: fact for name, fact in facts.items() if fact}})
