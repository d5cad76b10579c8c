"""What is counted for limits, in SQLite, as one transaction sees it: each row is read once and written once.

The decisions of a group have a service, a country and often a block of numbers in common, so what a group commits is
much less than what its decisions count. When a work is undone, so is what was remembered of it (see writer).

Everything goes straight to its row by a primary key, so nothing gets slower as the tables grow. A test looks at the
plans.
"""

import sqlite3
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from verification.counted import Counted, Rolls
from verification.counting import RUN
from verification.counts import Alerted, Entry, Forgotten, Known
from verification.errors import Unavailable
from verification.limits import Scope, Who
from verification.numbers import Number

from . import statements
from .count_names import Names
from .count_rows import blob, opened, row_of, times
from .writer import Unit

_MOST = len(statements.COUNTED) - 1


class SqliteCounts(Unit):
    """A `verification.counts.Counts` on a connection: inside the writer's transaction, or as it was committed last.

    Every question raises Unavailable when the file cannot answer.
    """

    def __init__(self, conn: sqlite3.Connection, names: Names) -> None:
        self._conn = conn
        self._names = names
        self._counted: dict[Who, Counted] = {}
        self._changed: dict[Who, Counted] = {}
        self._rolls: dict[tuple[bytes, int], Sequence[float]] = {}
        self.changes = 0

    def begin(self) -> None:
        """Know nothing of what was read or changed before."""
        self._counted.clear()
        self._changed.clear()
        self._rolls.clear()

    def write(self) -> None:
        """Write what was changed, and know nothing of it any more: others may change it behind us."""
        if self._changed:
            left, gone, named = [], [], self._names.of
            for who, counted in self._changed.items():
                if counted.empty:
                    gone.append((named(who),))
                else:
                    left.append((named(who), *row_of(counted)))
            left.sort()  # neighbours in the table are written together
            if gone:
                self._conn.executemany(statements.FORGET_COUNTED, gone)
            self._conn.executemany(statements.PUT_COUNTED, left)
        self.begin()

    def of(self, *people: Who) -> list[Counted]:
        """What is counted for each; those that are not known yet are asked for together."""
        known = self._counted
        unknown = {self._names.of(who): who for who in people if who not in known}
        if unknown:
            hashes = list(unknown)
            for begin in range(0, len(hashes), _MOST):
                part = hashes[begin : begin + _MOST]
                for hashed, *row in self._ask(statements.COUNTED[len(part)], part):
                    roll = partial(self._roll, hashed)
                    known[unknown[hashed]] = opened(row, name=self._names.thing, roll=roll)
            for hashed, who in unknown.items():
                if who not in known:
                    known[who] = Counted(name=self._names.thing, roll=partial(self._roll, hashed))
        return [known[who] for who in people]

    def alerted(self, who: Who, rule: str, /) -> float:
        """When the operator was last told of this rule."""
        rows = self._ask(statements.ALERTED, (self._names.alert(who, rule),))
        return float(rows[0][0]) if rows else 0

    def known(self, who: Who, browser: str, /) -> float:
        """When this browser last proved that account and number."""
        rows = self._ask(statements.KNOWN, (self._names.browser(browser), self._names.of(who)))
        return float(rows[0][0]) if rows else 0

    def enter(self, entries: Collection[Entry]) -> None:
        """Add these lines, in the transaction in which these counts were asked."""
        self.changes += len(entries)
        known, changed, names = self._counted, self._changed, self._names
        for entry in entries:
            who, at = entry.who, entry.at
            if isinstance(entry, Alerted):
                self._conn.execute(statements.PUT_ALERT, (names.alert(who, entry.rule), at))
            elif isinstance(entry, Known):
                row = names.browser(entry.browser), names.of(who), names.number(entry.number), at
                self._conn.execute(statements.PUT_KNOWN, row)
            else:
                counted = changed[who] = known.get(who) or self.of(who)[0]
                if at > counted.at:
                    counted.at = at
                if rolls := entry.enter(counted):
                    self._put_rolls(names.of(who), rolls)

    def _put_rolls(self, hashed: bytes, rolls: Rolls) -> None:
        for number, sends in rolls.items():
            self._rolls[hashed, number] = sends
            if sends:
                self._conn.execute(statements.PUT_ROLL, (hashed, number, sends[-1], blob(sends)))
            else:
                self._conn.execute(statements.FORGET_ROLL, (hashed, number))

    def _roll(self, hashed: bytes, number: int) -> Sequence[float]:
        if (sends := self._rolls.get((hashed, number))) is None:
            rows = self._ask(statements.ROLL, (hashed, number))
            sends = self._rolls[hashed, number] = times(rows[0][0]) if rows else ()
        return sends

    def _ask(self, statement: str, values: Sequence[Any]) -> list[Any]:
        try:
            return self._conn.execute(statement, values).fetchall()
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem


def forget_number(conn: sqlite3.Connection, names: Names, number: Number) -> int:
    """Remove what is counted about a number, in the caller's transaction. How many rows were its own."""
    counts = SqliteCounts(conn, names)
    counts.enter([Forgotten(Who(Scope.NEIGHBOURS, number.e164[:-RUN]), number.e164)])
    counts.write()
    who = names.of(Who(Scope.NUMBER, number.e164))
    return sum(
        conn.execute(f"DELETE FROM {table} WHERE counted_hash = ?", (who,)).rowcount for table in ("counted", "rolls")
    )
