"""The state of every rule when a start or a check was denied: the last few denials of each number, as JSON.

It holds no number, only its country. A denial is found by a hash of the number, by the sid of the verification, or by
the sid of the delivery that was not sent: the log names that one when a start is denied.
"""

import json
from collections.abc import Iterable
from math import inf
from typing import Any

from verification.counters.rules import Denial, RuleStatus
from verification.types import Scope
from verification.values.phone_numbers import PhoneNumber

from . import queries
from .connection import Connection
from .encryption import FieldCipher


def denial_row(cipher: FieldCipher, denial: Denial) -> tuple[Any, ...]:
    """The row to add. The oldest of its number are deleted with it."""
    number = cipher.number_hash(denial.number.line)
    return number, denial.verification, denial.delivery, denial.at, _json(denial)


def find_by_sid(conn: Connection, sid: str) -> list[dict[str, Any]]:
    """The denials of a verification, oldest first; or the one because of which this delivery was not sent."""
    statement = queries.DENIALS_OF_DELIVERY if sid.startswith("VL") else queries.DENIALS_OF_VERIFICATION
    return _read(conn.execute(statement, (sid,)))


def find_by_number(conn: Connection, cipher: FieldCipher, number: PhoneNumber) -> list[dict[str, Any]]:
    """The denials of a number, oldest first."""
    return _read(conn.execute(queries.DENIALS_OF_NUMBER, (cipher.number_hash(number.line),)))


def newest_denials(conn: Connection, *, since: float, limit: int) -> list[dict[str, Any]]:
    """The denials of all numbers since a time, newest first."""
    return _read(conn.execute(queries.NEWEST_DENIALS, (since, limit)))


def status_to_dict(status: RuleStatus) -> dict[str, Any]:
    """For JSON: an endless wait is null."""
    return {
        "rule": status.rule,
        "scope": status.scope.value,
        "count": status.count,
        "bound": status.bound,
        "wait": None if status.wait == inf else round(status.wait, 1),
    }


def status_from_dict(fields: dict[str, Any]) -> RuleStatus:
    wait = inf if fields["wait"] is None else fields["wait"]
    return RuleStatus(fields["rule"], Scope(fields["scope"]), fields["count"], fields["bound"], wait)


def _json(denial: Denial) -> str:
    rules = [status_to_dict(status) for status in denial.rule_statuses]
    report = {"reason": denial.reason, "watched": denial.watched, "country": denial.number.region, "rules": rules}
    return json.dumps(report, separators=(",", ":"))


def _read(rows: Iterable[tuple[str, float, str]]) -> list[dict[str, Any]]:
    return [{"verification": sid, "at": at, **json.loads(report)} for sid, at, report in rows]
