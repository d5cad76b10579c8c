"""A denial in words: the state of every rule, and what would have allowed the request."""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import inf
from typing import Any

from verification.counters.rules import RuleStatus
from verification.types import Scope

from ..storage.denials import status_from_dict

_SETTINGS = {
    Scope.NUMBER: "SAYCODE_LIMIT_NUMBER",
    Scope.ACCOUNT: "SAYCODE_LIMIT_ACCOUNT",
    Scope.SOURCE: "SAYCODE_LIMIT_SOURCE",
    Scope.PREFIX: "SAYCODE_LIMIT_PREFIX",
    Scope.COUNTRY: "SAYCODE_LIMIT_COUNTRY",
    Scope.SERVICE: "SAYCODE_LIMIT_SERVICE",
    Scope.TOTAL: "SAYCODE_LIMIT_TOTAL",
    Scope.COUNTRIES: "SAYCODE_LIMIT_SOURCE_COUNTRIES",
    Scope.REFUSED: "SAYCODE_LIMIT_REFUSED",
    Scope.MINUTES: "SAYCODE_MINUTES_PER_DAY",
    Scope.MONEY: "SAYCODE_MONEY_PER_DAY",
    Scope.SEND_ALLOWANCE: "SAYCODE_TRUSTED_BROWSER_LIMIT",
}
_UNCONFIRMED = {
    Scope.SOURCE: "SAYCODE_UNCONFIRMED_SOURCE",
    Scope.PREFIX: "SAYCODE_UNCONFIRMED_PREFIX",
    Scope.SERVICE_PREFIX: "SAYCODE_UNCONFIRMED_PREFIX",
    Scope.NEIGHBOURS: "SAYCODE_LIMIT_NEIGHBORS",
    Scope.SERVICE_NEIGHBOURS: "SAYCODE_LIMIT_NEIGHBORS",
    Scope.COUNTRY: "SAYCODE_UNCONFIRMED_COUNTRY",
    Scope.SERVICE_COUNTRY: "SAYCODE_UNCONFIRMED_COUNTRY",
}


def explain_denial(denial: dict[str, Any]) -> Iterator[str]:
    """The lines that explain one denial."""
    verb = "Would have been refused" if denial["watched"] else "Refused"
    yield f"{verb} {format_utc(denial['at'])}: {denial['reason']}"
    statuses = [status_from_dict(fields) for fields in denial["rules"]]
    yield from rule_table(statuses)
    remedies = [remedy(status) for status in statuses if status.wait > 0]
    yield f"  It would have been allowed {'; and '.join(remedies)}." if remedies else "  No limit over time refused it."


def rule_table(statuses: list[RuleStatus]) -> Iterator[str]:
    """A line for each rule: how much of it was used, and for how long it still refuses."""
    width = max((len(status.rule) for status in statuses), default=0)
    for status in statuses:
        mark = "x" if status.wait > 0 else " "
        yield f"  {mark} {status.rule:<{width}}  {used_of(status)}"


def used_of(status: RuleStatus) -> str:
    """How much of a rule was used, and for how long it still refuses: "3 of 3, for 40 s"."""
    return f"{_amount(status, status.count)} of {_amount(status, status.bound)}{_remaining(status)}"


def remedy(status: RuleStatus) -> str:
    """What would have satisfied this rule."""
    later = "never by waiting" if status.wait == inf else f"after {_duration(status.wait)}"
    setting = setting_of(status)
    if setting is None:
        return later
    instead = "after saycode unlock" if status.rule.startswith("wrong codes") else f"with a larger {setting}"
    return f"{later}, or {instead}"


def setting_of(status: RuleStatus) -> str | None:
    """The setting of a rule; None for a rule without one."""
    if status.rule.startswith("wrong codes"):
        return "SAYCODE_LOCKOUT_NUMBER" if status.scope is Scope.NUMBER else "SAYCODE_LOCKOUT_ACCOUNT"
    if status.rule.startswith("unconfirmed"):
        return _UNCONFIRMED.get(status.scope)
    return _SETTINGS.get(status.scope) if status.rule.startswith(status.scope.value) else None


def _amount(status: RuleStatus, amount: float) -> str:
    return f"{amount / 10_000:.2f}" if status.scope is Scope.MONEY else f"{amount:g}"


def _remaining(status: RuleStatus) -> str:
    if status.wait <= 0:
        return ""
    return ", permanently" if status.wait == inf else f", for {_duration(status.wait)}"


def _duration(seconds: float) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


def format_utc(at: float) -> str:
    """A time as all commands print it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
