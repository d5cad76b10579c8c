"""How all rules stood when something was refused, kept for whoever asks why: the last few of each number, as JSON.

There is no number in it. It is found by a hash of the number, by the sid of the verification, or by that of the call or
text which was not sent: the log names it where a start was refused.
"""

import json
import sqlite3
from collections.abc import Iterable
from math import inf
from typing import Any

from verification.counters.updates import Denial, RuleStatus
from verification.types import Scope
from verification.values.phone_numbers import PhoneNumber

from . import queries
from .encryption import FieldCipher

#: Refusals that are kept of a number; whoever hammers on one writes no more than that.
MAX_KEPT = 20


def add_refusal(conn: sqlite3.Connection, cipher: FieldCipher, refusal: Denial) -> None:
    """Write one, and forget the oldest."""
    number = cipher.number_hash(refusal.number.e164)
    row: dict[str, Any] = {"number": number, "verification": refusal.verification, "delivery": refusal.delivery}
    row |= {"at": refusal.at, "report": _json(refusal)}
    conn.execute(queries.ADD_REFUSAL, row)
    conn.execute(queries.TRIM_REFUSALS, {"number": number, "kept": MAX_KEPT})


def find_by_sid(conn: sqlite3.Connection, sid: str) -> list[dict[str, Any]]:
    """What was refused to a verification, the oldest first; or why this delivery was not sent."""
    delivery = sid.startswith("VL")
    statement = queries.REFUSALS_OF_DELIVERY if delivery else queries.REFUSALS_OF_VERIFICATION
    return _read(conn.execute(statement, (sid,)))


def find_by_number(conn: sqlite3.Connection, cipher: FieldCipher, number: PhoneNumber) -> list[dict[str, Any]]:
    """What was refused to a number, the oldest first."""
    return _read(conn.execute(queries.REFUSALS_OF_NUMBER, (cipher.number_hash(number.e164),)))


def status_to_dict(ruling: RuleStatus) -> dict[str, Any]:
    """How a rule stands, for JSON: a wait without end is null."""
    return {
        "rule": ruling.rule,
        "scope": ruling.scope.value,
        "count": ruling.count,
        "bound": ruling.bound,
        "wait": None if ruling.wait == inf else round(ruling.wait, 1),
    }


def status_from_dict(told: dict[str, Any]) -> RuleStatus:
    """The same, read again."""
    wait = inf if told["wait"] is None else told["wait"]
    return RuleStatus(told["rule"], Scope(told["scope"]), told["count"], told["bound"], wait)


def _json(refusal: Denial) -> str:
    rules = [status_to_dict(one) for one in refusal.rule_statuses]
    return json.dumps({"reason": refusal.reason, "watched": refusal.watched, "rules": rules}, separators=(",", ":"))


def _read(rows: Iterable[tuple[str, float, str]]) -> list[dict[str, Any]]:
    return [{"verification": sid, "at": at, **json.loads(report)} for sid, at, report in rows]
