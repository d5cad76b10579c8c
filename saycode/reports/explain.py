"""Why something was refused, in words: every rule as it stood, and what would have let it through."""

from collections.abc import Iterator
from datetime import UTC, datetime
from math import inf
from typing import Any

from verification.counters.updates import RuleStatus
from verification.types import Scope

from ..storage.refusals import status_from_dict

_SETTINGS = {
    Scope.NUMBER: "SAYCODE_LIMIT_NUMBER",
    Scope.ACCOUNT: "SAYCODE_LIMIT_ACCOUNT",
    Scope.SOURCE: "SAYCODE_LIMIT_SOURCE",
    Scope.PREFIX: "SAYCODE_LIMIT_PREFIX",
    Scope.COUNTRY: "SAYCODE_LIMIT_COUNTRY",
    Scope.SERVICE: "SAYCODE_LIMIT_SERVICE",
    Scope.TOTAL: "SAYCODE_LIMIT_TOTAL",
    Scope.COUNTRIES: "SAYCODE_LIMIT_SOURCE_COUNTRIES",
    Scope.NEIGHBOURS: "SAYCODE_LIMIT_NEIGHBOURS",
    Scope.MINUTES: "SAYCODE_MINUTES_PER_DAY",
    Scope.MONEY: "SAYCODE_MONEY_PER_DAY",
    Scope.SEND_ALLOWANCE: "SAYCODE_RESERVE",
}
_UNCONFIRMED = {
    Scope.SOURCE: "SAYCODE_UNCONFIRMED_SOURCE",
    Scope.PREFIX: "SAYCODE_UNCONFIRMED_PREFIX",
    Scope.COUNTRY: "SAYCODE_UNCONFIRMED_COUNTRY",
}


def explain_refusal(refusal: dict[str, Any]) -> Iterator[str]:
    """One refusal, as lines."""
    verb = "Would have been refused" if refusal["watched"] else "Refused"
    yield f"{verb} {format_utc(refusal['at'])}: {refusal['reason']}"
    rule_statuses = [status_from_dict(one) for one in refusal["rules"]]
    yield from rule_table(rule_statuses)
    ways = [remedy(one) for one in rule_statuses if one.wait > 0]
    yield (
        "  It would have gone through: " + "; and ".join(ways) + "." if ways else "  No rule of time stood against it."
    )


def rule_table(rule_statuses: list[RuleStatus]) -> Iterator[str]:
    """Every rule in a line: how far it was used up, and for how long it still refuses."""
    width = max((len(one.rule) for one in rule_statuses), default=0)
    for one in rule_statuses:
        mark = "x" if one.wait > 0 else " "
        yield f"  {mark} {one.rule:<{width}}  {_amount(one, one.count)} of {_amount(one, one.bound)}{_remaining(one)}"


def remedy(one: RuleStatus) -> str:
    """What would have let it through, of this rule."""
    name = setting_of(one)
    later = "never by waiting" if one.wait == inf else f"after {_duration(one.wait)}"
    if name is None:
        return later
    instead = "saycode unlock" if one.rule.startswith("wrong codes") else f"with a larger {name}"
    return f"{later}, or {instead}"


def setting_of(one: RuleStatus) -> str | None:
    """The setting behind a rule; None where there is none."""
    if one.rule.startswith("wrong codes"):
        return "SAYCODE_FAILURES_NUMBER" if one.scope is Scope.NUMBER else "SAYCODE_FAILURES_ACCOUNT"
    if one.rule.startswith("unconfirmed"):
        return _UNCONFIRMED.get(one.scope)
    return _SETTINGS.get(one.scope) if one.rule.startswith(one.scope.value) else None


def _amount(one: RuleStatus, amount: float) -> str:
    return f"{amount / 10_000:.2f}" if one.scope is Scope.MONEY else f"{amount:g}"


def _remaining(one: RuleStatus) -> str:
    if one.wait <= 0:
        return ""
    return ", for good" if one.wait == inf else f", for {_duration(one.wait)}"


def _duration(seconds: float) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


def format_utc(at: float) -> str:
    """A time as it is printed."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
