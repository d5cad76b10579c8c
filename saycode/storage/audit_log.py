"""The audit trail: the events, chained so that a line that was changed, removed, added or moved is seen.

    start ── event 41 ── event 42 ── event 43 ── head
      │         │           └ link = MAC(link of 42, line 43)
      │         └ numbered without a gap
      └ where the chain begins: the last event that was pruned; sealed, as the head is

Each link is a MAC under a key that is not in the database over the link before it and the line itself. It is made in
the transaction that writes the event, so the order is that of the commits, whatever the number of workers. The head
says where the chain ends: without it the newest lines could be cut off. Both ends are sealed under the same key, each
with a use of its own, so that neither a link nor the other end can stand in for one.

What it cannot show: that the whole file, or the trail with its ends, was put back to a state that it once had, and what
somebody did who holds the key. For that, keep the head where the database is not.
"""

import hmac
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from verification.models import Event

from .encryption import LINK_BYTES, FieldCipher

_EMPTY_LINK = bytes(LINK_BYTES)
_START, _HEAD = "start", "head"
_LINE = "id, verification, delivery, kind, at, detail, actor, source"
_ADD = """
    INSERT INTO events (id, verification, delivery, kind, at, detail, actor, source, link, verification_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {})
"""
# A sid that is not there becomes row 0, which the foreign key refuses.
_ADD_OF_VERIFICATION = _ADD.format("coalesce((SELECT id FROM verifications WHERE sid = ?), 0)")
_ADD_OTHER = _ADD.format("NULL")
_END = "SELECT event_id, link, seal FROM trail_ends WHERE name = ?"
_PUT_END = "INSERT OR REPLACE INTO trail_ends (name, event_id, link, seal) VALUES (?, ?, ?, ?)"
_LINES = f"SELECT {_LINE}, link FROM events WHERE id > ? ORDER BY id LIMIT ?"
_OLDEST = "SELECT id, at, link FROM events ORDER BY id LIMIT ?"
_PART = 5000  # lines that are read at once, so that nobody holds the write-ahead log for long

Row = tuple[int, str, str, str, float, str, str, bytes]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An event as it stands in the trail, whoever wrote it. `source` is a keyed hash in hexadecimal digits."""

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
    """The newest line's number and link. Kept somewhere else, it shows what was done to everything before it."""

    number: int
    link: str

    def __str__(self) -> str:
        return f"{self.number}:{self.link}"


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """The first place where the trail is not as it was written. `number` is None where no line has one."""

    number: int | None
    why: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a walk along the trail found: how many lines hold, the head, and the first break, if there is one.

    `compared`: whether the walk passed by the head that was known.
    """

    lines: int
    head: ChainHead | None
    broken: ChainBreak | None = None
    compared: bool = False


class AuditLog:
    """Writes and reads the audit trail, on whatever connection it is given."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._field_cipher = cipher

    def begin(self, conn: sqlite3.Connection) -> None:
        """Chain the events of a table that has no trail yet."""
        if conn.execute("SELECT count(*) FROM trail_ends").fetchone()[0]:
            return
        self._put_end(conn, _START, 0, _EMPTY_LINK)
        link, number = _EMPTY_LINK, 0
        for (old,) in conn.execute("SELECT id FROM events ORDER BY id").fetchall():
            number += 1
            conn.execute("UPDATE events SET id = ? WHERE id = ?", (number, old))
            (row,) = conn.execute(f"SELECT {_LINE} FROM events WHERE id = ?", (number,)).fetchall()
            link = self._field_cipher.link(link, _canonical(row))
            conn.execute("UPDATE events SET link = ? WHERE id = ?", (link, number))
        self._put_end(conn, _HEAD, number, link)

    def add(self, conn: sqlite3.Connection, events: Iterable[Event]) -> None:
        """Write these events after the last one, in the caller's transaction.

        Raises sqlite3.IntegrityError for a verification that is not there.
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
                self._field_cipher.counter_hash("source", event.source) if event.source else b"",
            )
            link = self._field_cipher.link(link, _canonical(row))
            if event.verification:
                conn.execute(_ADD_OF_VERIFICATION, (*row, link, event.verification))
            else:
                conn.execute(_ADD_OTHER, (*row, link))
        self._put_end(conn, _HEAD, number, link)

    def has_entries_before(self, conn: sqlite3.Connection, time: float) -> bool:
        """Whether the oldest line is from before that time."""
        return any(at < time for _, at, _ in conn.execute(_OLDEST, (1,)))

    def prune(self, conn: sqlite3.Connection, *, before: float, limit: int) -> int:
        """Remove the oldest lines of a time before this one, and move the start behind them. How many."""
        gone = 0
        last: tuple[int, bytes] | None = None
        for number, at, link in conn.execute(_OLDEST, (limit,)).fetchall():
            if at >= before:
                break
            last, gone = (number, link), gone + 1
        if last is not None:
            conn.execute("DELETE FROM events WHERE id <= ?", (last[0],))
            self._put_end(conn, _START, *last)
        return gone

    def lines(self, conn: sqlite3.Connection, *, after: int = 0) -> Iterator[AuditEntry]:
        """Every line behind this number, oldest first."""
        for row, link in _read_entries(conn, after):
            yield AuditEntry(*row[:-1], source=row[-1].hex(), link=link.hex())

    def last(self, conn: sqlite3.Connection) -> int:
        """The number of the newest line."""
        return self._last(conn)[0]

    def inspect(self, conn: sqlite3.Connection, *, known: ChainHead | None = None) -> ChainReport:
        """Walk along the whole trail, as it is at this instant. `known` is a head of an earlier day to pass by."""
        conn.execute("BEGIN")
        try:
            return self._inspect(conn, known)
        finally:
            conn.execute("ROLLBACK")

    def _inspect(self, conn: sqlite3.Connection, known: ChainHead | None) -> ChainReport:
        ends = {}
        for name in (_START, _HEAD):
            found = conn.execute(_END, (name,)).fetchone()
            if found is None:
                return ChainReport(0, None, ChainBreak(None, f"the {name} of the trail is gone"))
            if not hmac.compare_digest(self._seal(name, found[0], found[1]), found[2]):
                return ChainReport(0, None, ChainBreak(None, f"the {name} of the trail was changed"))
            ends[name] = ChainHead(found[0], found[1].hex())
        start, head = ends[_START], ends[_HEAD]
        oldest = conn.execute("SELECT min(id) FROM events").fetchone()[0]
        if oldest is not None and oldest <= start.number:
            return ChainReport(0, head, ChainBreak(oldest, "a line stands before the start of the trail"))
        return self._follow(conn, start, head, known)

    def _follow(
        self, conn: sqlite3.Connection, start: ChainHead, head: ChainHead, known: ChainHead | None
    ) -> ChainReport:
        here, compared = start, known == start
        for row, written in _read_entries(conn, start.number):
            if row[0] != here.number + 1 or row[0] > head.number:
                break
            link = self._field_cipher.link(bytes.fromhex(here.link), _canonical(row))
            seen = here.number - start.number
            here = ChainHead(row[0], link.hex())
            if not hmac.compare_digest(link, written):
                return ChainReport(seen, head, ChainBreak(row[0], "changed, moved or put in"))
            if known is not None and known.number == here.number:
                if known != here:
                    return ChainReport(seen, head, ChainBreak(row[0], "not the line that you know"))
                compared = True
        seen, left = here.number - start.number, self._behind(conn, here.number)
        if here.number < head.number:
            return ChainReport(seen, head, ChainBreak(here.number + 1, "missing"))
        if here != head or left:
            return ChainReport(seen, head, ChainBreak(left or here.number, "put in behind the head"))
        if known is not None and known.number > head.number:
            return ChainReport(
                seen, head, ChainBreak(head.number + 1, f"missing, up to the line {known.number} that you know")
            )
        return ChainReport(seen, head, compared=compared)

    def _behind(self, conn: sqlite3.Connection, number: int) -> int | None:
        found: int | None = conn.execute("SELECT min(id) FROM events WHERE id > ?", (number,)).fetchone()[0]
        return found

    def _last(self, conn: sqlite3.Connection) -> tuple[int, bytes]:
        found = conn.execute(_END, (_HEAD,)).fetchone()
        if found is not None:
            return found[0], found[1]
        # Somebody took it away. The service goes on, and `inspect` finds that the link below belongs to nothing.
        return conn.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0], _EMPTY_LINK

    def _put_end(self, conn: sqlite3.Connection, name: str, number: int, link: bytes) -> None:
        conn.execute(_PUT_END, (name, number, link, self._seal(name, number, link)))

    def _seal(self, name: str, number: int, link: bytes) -> bytes:
        return self._field_cipher.link(link, str(number), use=name.encode())


def _read_entries(conn: sqlite3.Connection, after: int) -> Iterator[tuple[Row, bytes]]:
    while rows := conn.execute(_LINES, (after, _PART)).fetchall():
        for *row, link in rows:
            yield (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]), link
        after = rows[-1][0]


def _canonical(row: Row) -> str:
    """The line as one text that no other line can have: a text cannot run into its neighbour."""
    return repr(row)
