"""What is counted for limits, in SQLite: the rules' questions, and the lines that their decisions write.

Every statement goes straight to its rows by a primary key or an index, so nothing gets slower as the tables grow. A
test looks at the plans.
"""

import sqlite3
from collections.abc import Iterable
from typing import Any

from verification.counting import RUN
from verification.counts import (
    Alerted,
    Entry,
    Failed,
    Failures,
    Forgotten,
    Known,
    Marked,
    Met,
    Sent,
    TakenBack,
    Tallied,
    Tally,
)
from verification.errors import Unavailable
from verification.limits import Scope, Who
from verification.numbers import Number

from . import statements
from .sealing import Sealer

#: A window is cut into so many slots: the sum over it is a short walk, whatever it holds.
SLOTS = 60
#: Sends beyond those that are kept are removed so many at a time.
FORGET_EVERY = 8


class SqliteCounts:
    """A `verification.counts.Counts` on a connection: inside the writer's transaction, or as it was committed last.

    Every question raises Unavailable when the file cannot answer.
    """

    __slots__ = ("_conn", "_failures", "_hash", "_last", "_marks", "_met", "_sealer")

    def __init__(self, conn: sqlite3.Connection, sealer: Sealer) -> None:
        self._conn = conn
        self._sealer = sealer
        self._hash = sealer.counted_hash
        # What several rules ask for in one decision.
        self._last: dict[bytes, int] = {}
        self._marks: dict[bytes, float] = {}
        self._met: dict[bytes, dict[bytes, float]] = {}
        self._failures: dict[bytes, Failures] = {}

    def nth_last(self, who: Who, count: int, /) -> float | None:
        """When their so-many-th last send was. The last one has the highest number, so nothing is counted."""
        hashed = self._hash(who.scope, who.key)
        if (last := self._last_send(hashed)) < count:
            return None
        row = self._one(statements.SEND, (hashed, last - count + 1))
        return row[0] if row else None

    def _last_send(self, hashed: bytes) -> int:
        if (last := self._last.get(hashed)) is None:
            last = self._last[hashed] = int(self._one(statements.LAST_SEND, (hashed,))[0])
        return last

    def next_send(self, hashed: bytes) -> int:
        """The number of the send that is written now; 1 for the first."""
        number = self._last[hashed] = self._last_send(hashed) + 1
        return number

    def since(self, who: Who, start: float, /) -> int:
        """How many sends of theirs are later than `start`: they are numbered in their order, so halving finds it."""
        first, last = self._one(statements.FIRST_AND_LAST_SEND, {"who": self.hash(who)})
        if last is None:
            return 0
        low, high = first, last + 1
        while low < high:
            middle = (low + high) // 2
            row = self._one(statements.SEND, (self.hash(who), middle))
            if row is not None and row[0] > start:
                high = middle
            else:
                low = middle + 1
        return int(last + 1 - low)

    def nth_other(self, who: Who, other: str, count: int, /) -> float | None:
        """When they last had to do with the so-many-th of all other things."""
        times = self._others(who, other)
        return sorted(times, reverse=True)[count - 1] if len(times) >= count else None

    def others_since(self, who: Who, other: str, start: float, /) -> int:
        """How many other things they had to do with after `start`."""
        return sum(at > start for at in self._others(who, other))

    def _others(self, who: Who, other: str) -> list[float]:
        """When they had to do with each other thing. There are a hundred neighbours, or some countries, of each."""
        hashed, this = self.hash(who), _other_hash(self._sealer, other)
        if (met := self._met.get(hashed)) is None:
            met = self._met[hashed] = dict(self._all(statements.MET, (hashed,)))
        return [at for thing, at in met.items() if thing != this]

    def marked(self, who: Who, /) -> float:
        """When they were last counted against a budget."""
        hashed = self.hash(who)
        if (at := self._marks.get(hashed)) is None:
            row = self._one(statements.MARK, (hashed,))
            at = self._marks[hashed] = row[0] if row else 0.0
        return at

    def tally(self, who: Who, /, *, seconds: int, now: float) -> Tally:
        """What the window of this length holds; a slot that is partly in it counts whole."""
        return Tally(*self._one(statements.TALLY, (self.hash(who), seconds, _slot(now - seconds, seconds))))

    def failures(self, *people: Who) -> list[Failures]:
        """The wrong codes in a row of each."""
        hashes = [self.hash(who) for who in people]
        unknown = [hashed for hashed in hashes if hashed not in self._failures]
        if unknown:
            self._failures.update(dict.fromkeys(unknown, Failures()))
            # Three at a time is what the rules ask for; NULL is nobody.
            values = (*unknown, *(None,) * (-len(unknown) % 3))
            for place in range(0, len(values), 3):
                for hashed, count, at in self._all(statements.FAILURES, values[place : place + 3]):
                    self._failures[hashed] = Failures(count, at)
        return [self._failures[hashed] for hashed in hashes]

    def alerted(self, who: Who, rule: str, /) -> float:
        """When the operator was last told of this rule."""
        row = self._one(statements.ALERTED, (_alert_hash(self._sealer, who, rule),))
        return float(row[0]) if row else 0

    def known(self, who: Who, browser: str, /) -> float:
        """When this browser last proved that account and number."""
        row = self._one(statements.KNOWN, (_browser_hash(self._sealer, browser), self.hash(who)))
        return float(row[0]) if row else 0

    def hash(self, who: Who) -> bytes:
        """What the table knows of somebody who is counted."""
        return self._hash(who.scope, who.key)

    def _all(self, statement: str, values: Any) -> list[Any]:
        try:
            return self._conn.execute(statement, values).fetchall()
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem

    def _one(self, statement: str, values: Any) -> Any:
        try:
            return self._conn.execute(statement, values).fetchone()
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem


def enter(conn: sqlite3.Connection, sealer: Sealer, entries: Iterable[Entry], counts: SqliteCounts) -> None:
    """Write these lines, in the transaction in which these counts were asked; most of them are of two kinds."""
    marks: dict[bytes, float | None] = {}
    sends: list[tuple[bytes, int, float]] = []
    made: list[tuple[bytes, int, int, int, int, float]] = []
    settled: list[tuple[int, int, bytes, int, int]] = []
    for entry in entries:
        who = counts.hash(entry.who)
        if isinstance(entry, Tallied):
            slot = _slot(entry.at, entry.seconds)
            if entry.made > 0:
                until = (slot + 1) * entry.seconds / SLOTS + entry.seconds
                made.append((who, entry.seconds, slot, entry.made, entry.settled, until))
            else:  # what settles a slot that is gone already, settles nothing
                settled.append((entry.made, entry.settled, who, entry.seconds, slot))
        elif isinstance(entry, Sent):
            number = counts.next_send(who)
            sends.append((who, number, entry.at))
            if number % FORGET_EVERY == 0:
                conn.execute(statements.FORGET_SEND, (who, number - entry.kept))
        elif isinstance(entry, Marked):
            marks[who] = entry.at
        else:
            _enter_other(conn, sealer, entry, who)
    for who, at in marks.items():
        conn.execute(*((statements.FORGET_MARK, (who,)) if at is None else (statements.PUT_MARK, (who, at))))
    for statement, rows in ((statements.ADD_SEND, sends), (statements.MAKE, made), (statements.SETTLE, settled)):
        if rows:
            conn.executemany(statement, rows)


def _enter_other(conn: sqlite3.Connection, sealer: Sealer, entry: Entry, who: bytes) -> None:
    match entry:
        case TakenBack(_, at):
            _take_back(conn, who, at)
        case Met(_, other, at):
            conn.execute(statements.MEET, (who, _other_hash(sealer, other), at))
        case Forgotten(_, other):
            conn.execute(statements.FORGET_OTHER, (who, _other_hash(sealer, other)))
        case Failed(_, Failures(0)):
            conn.execute(statements.FORGET_FAILURES, (who,))
        case Failed(_, failures):
            conn.execute(statements.PUT_FAILURES, (who, failures.count, failures.at))
        case Alerted(_, rule, at):
            conn.execute(statements.PUT_ALERT, (_alert_hash(sealer, entry.who, rule), at))
        case Known(_, browser, number, at):
            hashed = sealer.number_hash(number.e164)
            conn.execute(statements.PUT_KNOWN, (_browser_hash(sealer, browser), who, hashed, at))


def _slot(at: float, seconds: int) -> int:
    return int(at * SLOTS // seconds)


def _take_back(conn: sqlite3.Connection, who: bytes, at: float) -> None:
    """A send that never left; those after it, a moment's worth, close up."""
    number = conn.execute(statements.NUMBER_OF_SEND, (who, at)).fetchone()[0]
    if number is None:
        return
    conn.execute(statements.TAKE_BACK_SEND, (who, number))
    for (later,) in conn.execute(statements.LATER_SENDS, (who, number)).fetchall():
        conn.execute(statements.CLOSE_UP_SEND, (who, later))


def _other_hash(sealer: Sealer, other: str) -> bytes:
    return sealer.counted_hash("other", other)


def _alert_hash(sealer: Sealer, who: Who, rule: str) -> bytes:
    return sealer.counted_hash("alert", f"{who.scope} {who.key} {rule}")


def _browser_hash(sealer: Sealer, browser: str) -> bytes:
    return sealer.counted_hash("browser", browser)


def neighbours(sealer: Sealer, number: Number) -> tuple[bytes, bytes]:
    """Where a number is met among its neighbours, for whoever has to remove it."""
    run = sealer.counted_hash(Scope.NEIGHBOURS, number.e164[:-RUN])
    return run, _other_hash(sealer, number.e164)
