"""What is counted for limits, in SQLite: the rules' questions, and the lines that their decisions write.

Every statement goes straight to its rows by a primary key or an index, so nothing gets slower as the tables grow. A
test looks at the plans.
"""

import sqlite3
from typing import Any

from verification.errors import Unavailable
from verification.limits import Entry, Failed, Failures, Sent, TakenBack, Who

from . import statements
from .sealing import Sealer


class SqliteCounts:
    """A `verification.limits.Counts` on a connection: inside the writer's transaction, or as it was committed last.

    Every question raises Unavailable when the file cannot answer.
    """

    __slots__ = ("_conn", "_hashes", "_sealer")

    def __init__(self, conn: sqlite3.Connection, sealer: Sealer) -> None:
        self._conn = conn
        self._sealer = sealer
        self._hashes: dict[Who, bytes] = {}

    def nth_last(self, who: Who, count: int) -> float | None:
        """When their so-many-th last send was."""
        row = self._one(statements.NTH_LAST, {"who": self._hash(who), "count": count})
        return row[0] if row else None

    def failures(self, who: Who) -> Failures:
        """Their wrong codes in a row."""
        row = self._one(statements.FAILURES, (self._hash(who),))
        return Failures(*row) if row else Failures()

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
        case Failed(_, Failures(0)):
            conn.execute(statements.FORGET_FAILURES, (who,))
        case Failed(_, failures):
            conn.execute(statements.PUT_FAILURES, (who, failures.count, failures.at))


def _take_back(conn: sqlite3.Connection, who: bytes, at: float) -> None:
    """A send that never left; those after it, a moment's worth, close up."""
    number = conn.execute(statements.NUMBER_OF_SEND, (who, at)).fetchone()[0]
    if number is None:
        return
    conn.execute(statements.TAKE_BACK_SEND, (who, number))
    for (later,) in conn.execute(statements.LATER_SENDS, (who, number)).fetchall():
        conn.execute(statements.CLOSE_UP_SEND, (who, later))
