"""How all rules stood when something was refused, kept for whoever asks why: the last few of each number, as JSON.

There is no number in it. It is found by a hash of the number, by the sid of the verification, or by that of the call or
text which was not sent: the log names it where a start was refused.
"""

import json
import sqlite3
from collections.abc import Iterable
from math import inf
from typing import Any

from verification.counts import Refusal, Ruling
from verification.limits import Scope
from verification.numbers import Number

from . import statements
from .sealing import Sealer

#: Refusals that are kept of a number; whoever hammers on one writes no more than that.
KEPT = 20


def add_refusal(conn: sqlite3.Connection, sealer: Sealer, refusal: Refusal) -> None:
    """Write one, and forget the oldest."""
    number = sealer.number_hash(refusal.number.e164)
    row: dict[str, Any] = {"number": number, "verification": refusal.verification, "delivery": refusal.delivery}
    row |= {"at": refusal.at, "report": _json(refusal)}
    conn.execute(statements.ADD_REFUSAL, row)
    conn.execute(statements.FORGET_REFUSALS, {"number": number, "kept": KEPT})


def of_sid(conn: sqlite3.Connection, sid: str) -> list[dict[str, Any]]:
    """What was refused to a verification, the oldest first; or why this delivery was not sent."""
    delivery = sid.startswith("VL")
    statement = statements.REFUSALS_OF_DELIVERY if delivery else statements.REFUSALS_OF_VERIFICATION
    return _read(conn.execute(statement, (sid,)))


def of_number(conn: sqlite3.Connection, sealer: Sealer, number: Number) -> list[dict[str, Any]]:
    """What was refused to a number, the oldest first."""
    return _read(conn.execute(statements.REFUSALS_OF_NUMBER, (sealer.number_hash(number.e164),)))


def shown(ruling: Ruling) -> dict[str, Any]:
    """How a rule stands, for JSON: a wait without end is null."""
    return {
        "rule": ruling.rule,
        "scope": ruling.scope.value,
        "count": ruling.count,
        "bound": ruling.bound,
        "wait": None if ruling.wait == inf else round(ruling.wait, 1),
    }


def ruling(told: dict[str, Any]) -> Ruling:
    """The same, read again."""
    wait = inf if told["wait"] is None else told["wait"]
    return Ruling(told["rule"], Scope(told["scope"]), told["count"], told["bound"], wait)


def _json(refusal: Refusal) -> str:
    rules = [shown(one) for one in refusal.rulings]
    return json.dumps({"reason": refusal.reason, "watched": refusal.watched, "rules": rules}, separators=(",", ":"))


def _read(rows: Iterable[tuple[str, float, str]]) -> list[dict[str, Any]]:
    return [{"verification": sid, "at": at, **json.loads(report)} for sid, at, report in rows]
