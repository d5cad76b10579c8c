"""The audit log as it is read: listed, verified and pruned. `audit_chain` says what it is, and writes it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from verification.models import EventKind

from .audit_chain import (
    BEFORE_START,
    FIRST,
    HEAD,
    START,
    AuditChain,
    ChainBreak,
    ChainHead,
    Ends,
    closed_segments,
    log_events,
    newest_number,
    read_entries,
    read_newest,
)
from .connection import Connection

__all__ = ["AuditEntry", "AuditLog", "ChainBreak", "ChainHead", "ChainReport", "log_events"]

_OLDEST = "SELECT at FROM events WHERE id > ? ORDER BY id LIMIT 1"
_BREAK = "SELECT id, detail FROM events WHERE kind = 'audit-log-broken' ORDER BY id DESC LIMIT 1"
_DELETE_OLDEST = "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE id <= ? ORDER BY id LIMIT ?)"


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
class ChainReport:
    """The result of a verification: how many entries are intact, the head, and the first break, if there is one.

    `compared`: whether the entry of the known head was reached. `continued`: the number of the entry with which the
    newest segment began, where an earlier one was broken; `later` are the breaks after the first one.
    """

    entries_checked: int
    head: ChainHead | None
    broken: ChainBreak | None = None
    compared: bool = False
    continued: int | None = None
    later: tuple[ChainBreak, ...] = ()


class AuditLog(AuditChain):
    """Writes and reads the audit log, on the caller's connection."""

    def has_entries_before(self, conn: Connection, time: float) -> bool:
        """Whether the oldest entry of the newest segment is from before that time, or the log is broken."""
        ends = self.ends(conn)
        if isinstance(ends, ChainBreak):
            return True
        return any(at < time for (at,) in conn.execute(_OLDEST, (ends.start.number,)))

    def prune(self, conn: Connection, *, before: float, limit: int, now: float) -> int:
        """Remove the oldest entries from before this time, and move the start after them. Returns how many.

        Only entries that are as they were written: else the log goes on in a new segment, and nothing is removed.
        """
        ends = self.pruneable_ends(conn)
        found: ChainHead | ChainBreak = ends if isinstance(ends, ChainBreak) else ends.start
        last: ChainHead | None = None
        if isinstance(ends, Ends):
            for row, link in read_entries(conn, ends.start.number, limit=limit):
                found = self.follow(found, row, link) if isinstance(found, ChainHead) else found
                if isinstance(found, ChainBreak) or row[4] >= before:
                    break
                last = found
        if isinstance(found, ChainBreak):
            self.close_broken(conn, found, now=now)
            return 0
        if last is None or not isinstance(ends, Ends):
            return 0
        # Broken segments are older than the entry that closed them; the times in them prove nothing.
        if removed := conn.execute(_DELETE_OLDEST, (ends.start.number, limit)).rowcount:
            return removed
        conn.execute("DELETE FROM audit_log_closed")
        pruned = conn.execute("DELETE FROM events WHERE id <= ?", (last.number,)).rowcount
        self.put_end(conn, START, last.number, bytes.fromhex(last.link))
        return pruned

    def entries(self, conn: Connection, *, after: int = 0) -> Iterator[AuditEntry]:
        """Every entry after this number, oldest first."""
        for row, link in read_entries(conn, after):
            yield AuditEntry(*row[:-1], source=row[-1].hex(), link=link.hex())

    def newest(self, conn: Connection, *, before: int, limit: int, by: str = "") -> list[AuditEntry]:
        """The entries before a number, newest first; `by`: how the names of their actors begin."""
        found = read_newest(conn, before=before, limit=limit, by=by)
        return [AuditEntry(*row[:-1], source=row[-1].hex(), link=link.hex()) for row, link in found]

    def last_number(self, conn: Connection) -> int:
        """The number of the newest entry."""
        return newest_number(conn)

    def verify(self, conn: Connection, *, known: ChainHead | None = None) -> ChainReport:
        """Verify the whole log in one snapshot. `known` is an earlier head to compare with."""
        conn.execute("BEGIN")
        try:
            return self.report(conn, known=known)
        finally:
            conn.execute("ROLLBACK")

    def report(self, conn: Connection, *, known: ChainHead | None = None) -> ChainReport:
        """The same in the caller's transaction."""
        return _verify(self, conn, known)

    def verify_next(self, conn: Connection, position: ChainHead | None, *, limit: int) -> ChainHead | ChainBreak | None:
        """Verify some entries of the newest segment after a position, in one snapshot. None at the end of it."""
        conn.execute("BEGIN")
        try:
            return self._verify_next(conn, position, limit)
        finally:
            conn.execute("ROLLBACK")

    def close_if_broken(
        self, conn: Connection, position: ChainHead | None, *, limit: int, now: float
    ) -> ChainBreak | None:
        """Verify the same entries in the caller's transaction; a broken log goes on in a new segment."""
        found = self._verify_next(conn, position, limit)
        if not isinstance(found, ChainBreak):
            return None
        self.close_broken(conn, found, now=now)
        return found

    def _verify_next(self, conn: Connection, position: ChainHead | None, limit: int) -> ChainHead | ChainBreak | None:
        ends = self.pruneable_ends(conn)
        if isinstance(ends, ChainBreak):
            return ends
        if position is None or position.number <= ends.start.number:
            position = ends.start
        if position.number > ends.head.number:
            return ChainBreak(ends.head.number + 1, "missing: the log was set back")
        found: ChainHead | ChainBreak = position
        for row, link in read_entries(conn, position.number, limit=limit):
            found = self.follow(found, row, link) if isinstance(found, ChainHead) else found
        return None if found == ends.head else found

    def rechain(self, conn: Connection, former: "AuditLog", *, now: float) -> int:
        """Chain the newest segment under this key, in the caller's transaction, if it verifies under the former.

        Returns how many entries. A segment that does not verify stays as it is, and a new one begins.
        """
        ends = former.pruneable_ends(conn)
        found: ChainHead | ChainBreak = ends if isinstance(ends, ChainBreak) else ends.start
        if isinstance(ends, Ends):
            for row, stored in read_entries(conn, ends.start.number):
                found = former.follow(found, row, stored) if isinstance(found, ChainHead) else found
        broken = ends if isinstance(ends, ChainBreak) else found
        if isinstance(broken, ChainBreak):
            former.close_broken(conn, broken, now=now)
            return self.rechain(conn, former, now=now)
        assert isinstance(ends, Ends)
        assert isinstance(found, ChainHead)
        link = bytes.fromhex(ends.start.link)
        self.put_end(conn, START, ends.start.number, link)
        for row, _ in read_entries(conn, ends.start.number):
            link = self.after(link, row)
            conn.execute("UPDATE events SET link = ? WHERE id = ?", (link, row[0]))
        self.put_end(conn, HEAD, found.number, link)
        return found.number - ends.start.number

    def known_break(self, conn: Connection) -> ChainBreak | None:
        """What is known to be broken, without verifying the entries."""
        if (row := conn.execute(_BREAK).fetchone()) is not None:
            return ChainBreak(row[0], f"the log before it was broken: {row[1]}")
        ends = self.writable_ends(conn)
        return ends if isinstance(ends, ChainBreak) else None


def _verify(chain: AuditChain, conn: Connection, known: ChainHead | None) -> ChainReport:
    """Verify in the caller's transaction. `known` is an earlier head to compare with."""
    segments = [chain.ends(conn, closed=number) for number in closed_segments(conn)]
    newest = chain.ends(conn)
    walk = _Walk(chain, conn, known)
    for number, ends in enumerate((*segments, newest)):
        following = (*segments, newest)[number + 1 :]
        until = next((after.start.number for after in following if isinstance(after, Ends)), None)
        walk.segment(ends, first=number == 0, until=until)
    head = newest.head if isinstance(newest, Ends) else None
    walk.require_known(head)
    report = ChainReport(walk.checked, head, compared=walk.compared)
    if not walk.breaks:
        return report
    return replace(report, broken=walk.breaks[0], later=tuple(walk.breaks[1:]), continued=walk.continued)


class _Walk:
    """`checked` counts the entries before the first break."""

    def __init__(self, chain: AuditChain, conn: Connection, known: ChainHead | None) -> None:
        self._chain, self._conn, self._known = chain, conn, known
        self.checked = 0
        self.breaks: list[ChainBreak] = []
        self.compared = False
        self.continued: int | None = None

    def segment(self, ends: Ends | ChainBreak, *, first: bool, until: int | None) -> None:
        """Follow the chain of one segment. Its rows end with the entry `until`."""
        if isinstance(ends, ChainBreak):
            self.breaks.append(ends)
            return
        if first:
            oldest = self._conn.execute(FIRST).fetchone()[0]
            if oldest is not None and oldest <= ends.start.number:
                self.breaks.append(ChainBreak(oldest, BEFORE_START))
        found = self._follow(ends, until)
        if found is not None:
            self.breaks.append(found)

    def require_known(self, head: ChainHead | None) -> None:
        if head is not None and self._known is not None and self._known.number > head.number:
            why = f"missing, up to line {self._known.number} of the head that you gave"
            self.breaks.append(ChainBreak(head.number + 1, why))

    def _follow(self, ends: Ends, until: int | None) -> ChainBreak | None:
        position = ends.start
        self.compared = self.compared or self._known == position
        for row, link in read_entries(self._conn, position.number, until=until):
            if row[0] != position.number + 1 or row[0] > ends.head.number:
                break
            after = self._chain.follow(position, row, link)
            if isinstance(after, ChainBreak):
                return after
            position = after
            if self._known is not None and self._known.number == position.number:
                if self._known != position:
                    return ChainBreak(row[0], "not the entry of the head that you gave")
                self.compared = True
            if row[3] == EventKind.AUDIT_LOG_BROKEN:
                self.continued = row[0]
                if row[5] not in map(str, self.breaks):  # what was broken is no longer there to be found
                    self.breaks.append(ChainBreak(row[0], f"the log before it was broken: {row[5]}"))
            elif not self.breaks:
                self.checked += 1
        if position.number < ends.head.number:
            return ChainBreak(position.number + 1, "missing")
        newest = min(newest_number(self._conn), until or newest_number(self._conn))
        if position != ends.head or newest > position.number:
            return ChainBreak(max(newest, position.number), "inserted after the head")
        return None
