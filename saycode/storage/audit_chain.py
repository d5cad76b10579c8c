"""The audit log: the events, chained so that an entry that was changed, removed, added or moved is detected.

    start ── event 41 ── event 42 ── event 43 ── head
      │         │           └ link = MAC(link of 42, entry 43)
      │         └ numbered without a gap
      └ where the chain begins: the last event that was pruned

Each link is a MAC, under a key that is not in the database, over the link before it and the entry itself. It is made in
the transaction that writes the event, so the order is that of the commits, whatever the number of workers. The head
says where the chain ends: without it the newest entries could be cut off. Both ends have a MAC under the same key, each
with a use of its own, so that neither a link nor the other end can replace one.

Nothing is added or pruned before the ends and the links there are verified: otherwise the next event would seal what an
attacker left, and pruning would remove what was changed. A log that is found broken goes on in a new segment. Its first
entry says so, and is chained like any other:

    start ── event 41 ── … (broken)      start ── event 44: audit-log-broken ── event 45 ── head

So the break stays visible until that entry is as old as entries are kept; then the broken segment goes, whatever times
are written in it, and the entry with it.

It cannot show that the whole file, or the log with its ends, was set back to an earlier state, nor what a holder of the
key did. For that, keep the head outside the database.

This file writes; `audit_log` reads, verifies and prunes. `log_events` writes the same events to the log of the process,
once they are committed.
"""

import hmac
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from verification.models import Event, EventKind

from .connection import Connection
from .encryption import LINK_BYTES, FieldCipher

log = logging.getLogger("saycode.events")

EMPTY_LINK = bytes(LINK_BYTES)
START, HEAD = "start", "head"
BEFORE_START = "before the start of the audit log"
ENDS = "SELECT name, event_id, link, mac FROM audit_log_ends"
_CLOSED_ENDS = "SELECT name, event_id, link, mac FROM audit_log_closed WHERE segment = ?"
_PUT_END = """INSERT INTO audit_log_ends (name, event_id, link, mac) VALUES (?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET event_id = excluded.event_id, link = excluded.link, mac = excluded.mac"""
FIRST = "SELECT min(id) FROM events"
LAST = "SELECT id, link FROM events ORDER BY id DESC LIMIT 1"
_ENTRIES = """
    SELECT id, verification, delivery, kind, at, detail, actor, source, link FROM events
    WHERE id > ? AND id <= ? ORDER BY id LIMIT ?
"""
_NEWEST = """
    SELECT id, verification, delivery, kind, at, detail, actor, source, link FROM events
    WHERE id < ? AND id > ? AND actor LIKE ? ORDER BY id DESC LIMIT ?
"""
_ADD = """
    INSERT INTO events (id, verification, delivery, kind, at, detail, actor, source, link, verification_id)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, {})
"""
# An unknown sid becomes row 0, which the foreign key refuses.
ADD_EVENT_OF_VERIFICATION = _ADD.format("coalesce((SELECT id FROM verifications WHERE sid = ?), 0)")
ADD_EVENT = _ADD.format("NULL")
_CLOSE = "INSERT INTO audit_log_closed SELECT ?, name, event_id, link, mac FROM audit_log_ends"
_BATCH = 5000  # entries in one read, so that no read holds the write-ahead log for long
_NO_LIMIT = 2**63 - 1
#: Entries that a search for an actor's reads.
MOST_READ = 200_000

Row = tuple[int, str, str, str, float, str, str, bytes]


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

    def __str__(self) -> str:
        return self.why if self.number is None else f"entry {self.number}: {self.why}"


@dataclass(frozen=True, slots=True)
class Ends:
    """Where a segment begins and ends: the position before its first entry, and its last."""

    start: ChainHead
    head: ChainHead


class AuditChain:
    """The links and ends, and what is added to them, on the caller's connection."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher

    def initialize(self, conn: Connection) -> None:
        """Begin the empty log of a new database."""
        self.put_end(conn, START, 0, EMPTY_LINK)
        self.put_end(conn, HEAD, 0, EMPTY_LINK)

    def add(self, conn: Connection, events: Iterable[Event]) -> None:
        """Append these events, in the caller's transaction. A log that is found broken goes on in a new segment.

        An unknown verification is refused by the database.
        """
        events = tuple(events)
        if not events:
            return
        ends = self.writable_ends(conn)
        head = self.close_broken(conn, ends, now=events[0].at) if isinstance(ends, ChainBreak) else ends.head
        self._append(conn, head, events)

    def close_broken(self, conn: Connection, found: ChainBreak, *, now: float) -> ChainHead:
        """Begin a new segment whose first entry says what was found. Returns its head."""
        ends = self.ends(conn)
        number = newest_number(conn)
        if isinstance(ends, Ends):
            number = max(number, ends.head.number)
        conn.execute(_CLOSE, (max(closed_segments(conn), default=0) + 1,))
        self.put_end(conn, START, number, EMPTY_LINK)
        entry = Event(kind=EventKind.AUDIT_LOG_BROKEN, at=now, detail=str(found))
        head = self._append(conn, ChainHead(number, EMPTY_LINK.hex()), (entry,))
        log.error("the audit log is broken and goes on in a new segment", extra={"fields": {"why": str(found)}})
        return head

    def _append(self, conn: Connection, head: ChainHead, events: Iterable[Event]) -> ChainHead:
        number, link = head.number, bytes.fromhex(head.link)
        of_verifications: list[tuple[Any, ...]] = []
        others: list[tuple[Any, ...]] = []
        for event in events:
            number += 1
            row = (
                number,
                event.verification,
                event.delivery,
                str(event.kind),
                float(event.at),
                event.detail,
                event.actor,
                self._cipher.counter_hash("source", event.source) if event.source else b"",
            )
            link = self.after(link, row)
            if event.verification:
                of_verifications.append((*row, link, event.verification))
            else:
                others.append((*row, link))
        for statement, rows in ((ADD_EVENT_OF_VERIFICATION, of_verifications), (ADD_EVENT, others)):
            if rows:
                conn.executemany(statement, rows)
        self.put_end(conn, HEAD, number, link)
        return ChainHead(number, link.hex())

    def after(self, link: bytes, row: Row) -> bytes:
        """The link of the entry that follows this link. Quoted, a value cannot run into the next one."""
        return self._cipher.link(link, repr(row))

    def follow(self, position: ChainHead, row: Row, link: bytes) -> ChainHead | ChainBreak:
        """The position after this entry, which is stored with this link."""
        if row[0] != position.number + 1:
            return ChainBreak(position.number + 1, "missing")
        expected = self.after(bytes.fromhex(position.link), row)
        if not hmac.compare_digest(expected, link):
            return ChainBreak(row[0], "changed, moved or inserted")
        return ChainHead(row[0], expected.hex())

    def ends(self, conn: Connection, *, closed: int | None = None) -> Ends | ChainBreak:
        """The ends of the segment that is written to, or those of a closed one."""
        rows = conn.execute(ENDS) if closed is None else conn.execute(_CLOSED_ENDS, (closed,))
        stored = {name: (number, link, mac) for name, number, link, mac in rows}
        found = []
        for name in (START, HEAD):
            if name not in stored:
                return ChainBreak(None, f"the {name} of the audit log is missing")
            number, link, mac = stored[name]
            if not hmac.compare_digest(self._end_mac(name, number, link), mac):
                return ChainBreak(None, f"the {name} of the audit log was changed")
            found.append(ChainHead(number, link.hex()))
        return Ends(*found)

    def writable_ends(self, conn: Connection) -> Ends | ChainBreak:
        """The ends, when the newest entry is the head: only then may an entry follow."""
        ends = self.ends(conn)
        if isinstance(ends, ChainBreak):
            return ends
        last = conn.execute(LAST).fetchone()
        number, link = (0, b"") if last is None else (last[0], last[1])
        if ends.head == ends.start and number <= ends.head.number:
            return ends  # it has no entry
        if number < ends.head.number:
            return ChainBreak(number + 1, "missing")
        if number > ends.head.number:
            return ChainBreak(number, "inserted after the head")
        if not hmac.compare_digest(link, bytes.fromhex(ends.head.link)):
            return ChainBreak(number, "changed, moved or inserted")
        return ends

    def pruneable_ends(self, conn: Connection) -> Ends | ChainBreak:
        """The ends, when nothing is before the start either, beside the segments that were found broken."""
        ends = self.writable_ends(conn)
        oldest = conn.execute(FIRST).fetchone()[0]
        if isinstance(ends, ChainBreak) or oldest is None or oldest > ends.start.number or closed_segments(conn):
            return ends
        return ChainBreak(oldest, BEFORE_START)

    def put_end(self, conn: Connection, name: str, number: int, link: bytes) -> None:
        conn.execute(_PUT_END, (name, number, link, self._end_mac(name, number, link)))

    def _end_mac(self, name: str, number: int, link: bytes) -> bytes:
        return self._cipher.end_mac(link, str(number), use=name.encode())


def read_entries(
    conn: Connection, after: int, *, until: int | None = None, limit: int | None = None
) -> Iterator[tuple[Row, bytes]]:
    """The entries after a number, and up to one, with their links."""
    most = _NO_LIMIT if limit is None else limit
    while rows := conn.execute(_ENTRIES, (after, until or _NO_LIMIT, min(_BATCH, most))).fetchall():
        for *row, link in rows:
            yield (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]), link
        after, most = rows[-1][0], most - len(rows)
        if most <= 0:
            return


def read_newest(conn: Connection, *, before: int, limit: int, by: str) -> Iterator[tuple[Row, bytes]]:
    """The entries before a number, newest first, of actors whose names begin so: of the last `MOST_READ`."""
    newest = min(before, newest_number(conn) + 1)
    for *row, link in conn.execute(_NEWEST, (newest, newest - MOST_READ, f"{by}%", limit)).fetchall():
        yield (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7]), link


def newest_number(conn: Connection) -> int:
    return int(conn.execute("SELECT coalesce(max(id), 0) FROM events").fetchone()[0])


def closed_segments(conn: Connection) -> list[int]:
    """The numbers of the segments that were found broken, oldest first."""
    return [row[0] for row in conn.execute("SELECT DISTINCT segment FROM audit_log_closed ORDER BY segment")]


class EventWriter(ABC):
    """A handler that can write events without records."""

    @property
    @abstractmethod
    def takes_events(self) -> bool:
        """Whether it would write all of them: no filter was added and no level set."""

    @abstractmethod
    def write_events(self, events: Sequence[Event], logger: str) -> None:
        """Write a line of each, as of a record of this logger. An alert is a warning."""


def log_events(events: Sequence[Event]) -> None:
    """Log each committed event in a line. An alert is a warning."""
    if (writer := _only_writer()) and log.isEnabledFor(logging.INFO):
        writer.write_events(events, log.name)
        return
    for event in events:
        facts = {
            "verification": event.verification,
            "delivery": event.delivery,
            "detail": event.detail,
            "actor": event.actor,
        }
        level = logging.WARNING if event.kind is EventKind.ALERT else logging.INFO
        log.log(level, event.kind.value, extra={"fields": {name: fact for name, fact in facts.items() if fact}})


def _only_writer() -> EventWriter | None:
    """The handler of events, if it is the only one and nothing else expects a record of each."""
    handlers: list[logging.Handler] = []
    logger: logging.Logger | None = log
    while logger:
        handlers += logger.handlers
        logger = logger.parent if logger.propagate else None
    if len(handlers) != 1 or log.filters or logging.getLogRecordFactory() is not logging.LogRecord:
        return None
    handler = handlers[0]
    return handler if isinstance(handler, EventWriter) and handler.takes_events else None
