"""What is counted for limits, in SQLite: the rules' questions, and the lines that their decisions write.

Every statement goes straight to its rows by a primary key or an index, so nothing gets slower as the tables grow. A
test looks at the plans.
"""

import sqlite3
from typing import Any

from verification.counting import RUN
from verification.counts import (
    Alerted,
    Entry,
    Failed,
    Failures,
    Forgotten,
    Known,
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


class SqliteCounts:
    """A `verification.counts.Counts` on a connection: inside the writer's transaction, or as it was committed last.

    Every question raises Unavailable when the file cannot answer.
    """

    __slots__ = ("_conn", "_hashes", "_sealer")

    def __init__(self, conn: sqlite3.Connection, sealer: Sealer) -> None:
        self._conn = conn
        self._sealer = sealer
        self._hashes: dict[Who, bytes] = {}

    def nth_last(self, who: Who, count: int, /) -> float | None:
        """When their so-many-th last send was."""
        row = self._one(statements.NTH_LAST, {"who": self._hash(who), "count": count})
        return row[0] if row else None

    def since(self, who: Who, start: float, /) -> int:
        """How many sends of theirs are later than `start`: they are numbered in their order, so halving finds it."""
        first, last = self._one(statements.FIRST_AND_LAST_SEND, {"who": self._hash(who)})
        if last is None:
            return 0
        low, high = first, last + 1
        while low < high:
            middle = (low + high) // 2
            row = self._one(statements.SEND, (self._hash(who), middle))
            if row is not None and row[0] > start:
                high = middle
            else:
                low = middle + 1
        return int(last + 1 - low)

    def nth_other(self, who: Who, other: str, count: int, /) -> float | None:
        """When they last had to do with the so-many-th of all other things."""
        values = {"who": self._hash(who), "other": _other_hash(self._sealer, other), "count": count}
        row = self._one(statements.NTH_OTHER, values)
        return row[0] if row else None

    def others_since(self, who: Who, other: str, start: float, /) -> int:
        """How many other things they had to do with after `start`."""
        values = {"who": self._hash(who), "other": _other_hash(self._sealer, other), "start": start}
        return int(self._one(statements.OTHERS_SINCE, values)[0])

    def met(self, who: Who, other: str, /) -> float:
        """When they last had to do with this thing."""
        row = self._one(statements.MET, (self._hash(who), _other_hash(self._sealer, other)))
        return float(row[0]) if row else 0

    def tally(self, who: Who, /, *, seconds: int, now: float) -> Tally:
        """What the window of this length holds; a slot that is partly in it counts whole."""
        return Tally(*self._one(statements.TALLY, (self._hash(who), seconds, _slot(now - seconds, seconds))))

    def failures(self, who: Who, /) -> Failures:
        """Their wrong codes in a row."""
        row = self._one(statements.FAILURES, (self._hash(who),))
        return Failures(*row) if row else Failures()

    def alerted(self, who: Who, rule: str, /) -> float:
        """When the operator was last told of this rule."""
        row = self._one(statements.ALERTED, (_alert_hash(self._sealer, who, rule),))
        return float(row[0]) if row else 0

    def known(self, who: Who, browser: str, /) -> float:
        """When this browser last proved that account and number."""
        row = self._one(statements.KNOWN, (_browser_hash(self._sealer, browser), self._hash(who)))
        return float(row[0]) if row else 0

    def _hash(self, who: Who) -> bytes:
        known = self._hashes.get(who)
        if known is None:
            known = self._hashes[who] = self._sealer.counted_hash(who.scope, who.key)
        return known

    def _one(self, statement: str, values: Any) -> Any:
        try:
            return self._conn.execute(statement, values).fetchone()
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem


def enter(conn: sqlite3.Connection, sealer: Sealer, entry: Entry) -> None:
    """Write one line."""
    who = sealer.counted_hash(entry.who.scope, entry.who.key)
    match entry:
        case Sent(_, at, kept):
            conn.execute(statements.ADD_SEND, {"who": who, "at": at})
            conn.execute(statements.FORGET_SEND, {"who": who, "kept": kept})
        case TakenBack(_, at):
            _take_back(conn, who, at)
        case Met(_, other, at, kept):
            conn.execute(statements.FORGET_MET, (who, at - kept))
            conn.execute(statements.MEET, (who, _other_hash(sealer, other), at))
        case Forgotten(_, other):
            conn.execute(statements.FORGET_OTHER, (who, _other_hash(sealer, other)))
        case Tallied():
            _tally(conn, who, entry)
        case Failed(_, Failures(0)):
            conn.execute(statements.FORGET_FAILURES, (who,))
        case Failed(_, failures):
            conn.execute(statements.PUT_FAILURES, (who, failures.count, failures.at))
        case Alerted(_, rule, at):
            conn.execute(statements.PUT_ALERT, (_alert_hash(sealer, entry.who, rule), at))
        case Known(_, browser, number, at):
            hashed = sealer.number_hash(number.e164)
            conn.execute(statements.PUT_KNOWN, (_browser_hash(sealer, browser), who, hashed, at))


def _tally(conn: sqlite3.Connection, who: bytes, entry: Tallied) -> None:
    slot = _slot(entry.at, entry.seconds)
    row = (entry.made, entry.settled, who, entry.seconds, slot)
    if conn.execute(statements.ADD_TO_TALLY, row).rowcount or entry.made <= 0:
        return  # what settles a slot that is gone already, settles nothing
    until = (slot + 1) * entry.seconds / SLOTS + entry.seconds
    conn.execute(statements.FORGET_TALLIES, (who, entry.seconds, _slot(entry.at - entry.seconds, entry.seconds)))
    conn.execute(statements.BEGIN_TALLY, (*row, until))


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
