"""What an operator is told of: conditions that hold now, and the alerts that open and are resolved by them.

    a condition holds     its alert opens, once, however many workers see it
    … and goes on         any of them that sees it keeps the alert open
    not seen for a while  the alert is resolved: what comes and goes at the edge of a limit is one alert

Limits that one person could use up alone (of a number, an account, a source, a block) are no alerts: there would be one
for each person. Nothing here names a person.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum

from msgspec.structs import replace

from .counters.counter import CLOCK_TOLERANCE, Counter, LimitKey
from .counters.rules import Ceiling, Counters, Limit, Rule
from .flow.rate_limits import MAX_CALL_MINUTES
from .policy import Policy
from .types import Record, Scope

#: Seconds without a condition until its alert is resolved. Workers say at least every `SAY_AGAIN` that they see it.
SETTLED_AFTER, SAY_AGAIN = 120.0, 30.0
#: The share of a ceiling from which on it is near, in percent.
NEAR_PERCENT = 80
#: Pairs of a service and a country whose limits are looked at; with more of them only the limits that they share are.
MOST_PAIRS = 2000


class AlertKind(StrEnum):
    """The names of alerts. The values are stored, and are in messages."""

    LIMIT_CLOSED = "limit-closed"
    CEILING_NEAR = "ceiling-near"
    CHECKS_FAILED = "checks-failed"
    CHANNEL_RESTS = "channel-rests"
    DISK_LOW = "disk-low"
    WRITES_REFUSED = "writes-refused"
    CLOCK_WRONG = "clock-wrong"
    AUDIT_LOG_BROKEN = "audit-log-broken"
    OUTBOX_STUCK = "outbox-stuck"


class Condition(Record, frozen=True, kw_only=True):
    """Something that an operator should know while it holds.

    `scope`: of a limit. `service`: a sid, `country`: a region, `subject`: a channel or an event target; each is empty
    where there is none. `rule`: as its setting is written. `until`: when a limit opens again, in seconds since 1970, if
    nothing else is sent; None for what no time ends.
    """

    kind: AlertKind
    scope: str = ""
    service: str = ""
    country: str = ""
    subject: str = ""
    rule: str = ""
    until: float | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same condition later."""
        return (self.kind.value, self.scope, self.service, self.country, self.subject, self.rule)


class Alert(Record, frozen=True):
    """An open alert: its condition when it was last seen, and both times."""

    condition: Condition
    opened_at: float
    seen_at: float


class Transitions(Record, frozen=True):
    """What changes: alerts to open, alerts that are resolved, and conditions to note as seen again."""

    opened: tuple[Condition, ...] = ()
    resolved: tuple[Alert, ...] = ()
    seen: tuple[Condition, ...] = ()


def transitions(conditions: Iterable[Condition], known: Iterable[Alert], *, now: float) -> Transitions:
    """The changes that the conditions of one worker bring to the alerts that all of them share."""
    holding = {condition.key: condition for condition in conditions}
    alerts = {alert.condition.key: alert for alert in known}
    return Transitions(
        opened=tuple(condition for key, condition in holding.items() if key not in alerts),
        resolved=tuple(a for key, a in alerts.items() if key not in holding and abs(now - a.seen_at) >= SETTLED_AFTER),
        seen=tuple(
            condition
            for key, condition in holding.items()
            if key in alerts and abs(now - alerts[key].seen_at) >= SAY_AGAIN
        ),
    )


def shared_keys(service: str, country: str) -> Mapping[Scope, LimitKey]:
    """The keys of the limits that many people share: those that `limit_keys` gives a send that is no decoy."""
    return {
        Scope.TOTAL: LimitKey(Scope.TOTAL, ""),
        Scope.MINUTES: LimitKey(Scope.MINUTES, ""),
        Scope.MONEY: LimitKey(Scope.MONEY, ""),
        Scope.COUNTRY: LimitKey(Scope.COUNTRY, country),
        Scope.SERVICE: LimitKey(Scope.SERVICE, service),
        Scope.CHECKS: LimitKey(Scope.CHECKS, service),
        Scope.SERVICE_COUNTRY: LimitKey(Scope.SERVICE_COUNTRY, f"{service} {country}"),
    }


#: Whether a scope is of a service, and of a country.
_SHARED = {
    Scope.TOTAL: (False, False),
    Scope.MINUTES: (False, False),
    Scope.MONEY: (False, False),
    Scope.COUNTRY: (False, True),
    Scope.SERVICE: (True, False),
    Scope.SERVICE_COUNTRY: (True, True),
}


def limit_conditions(
    policy: Policy, counters: Counters, services: Collection[str], *, now: float
) -> Iterator[Condition]:
    """The shared limits that refuse now, the ceilings that are near, and the services whose checks fail too often."""
    found = [
        (key, rule, service, country)
        for scope, rules in policy.limits
        if scope in _SHARED
        for service, country in _pairs(scope, services, policy.countries)
        for key in (shared_keys(service, country)[scope],)
        for rule in rules
    ]
    keys = list(dict.fromkeys(key for key, *_ in found))
    loaded = dict(zip(keys, _cut(counters.of(*keys), now), strict=True))
    for key, rule, service, country in found:
        closed = Condition(
            kind=AlertKind.LIMIT_CLOSED, scope=key.scope.value, service=service, country=country, rule=str(rule)
        )
        until = _closed_until(rule, loaded[key], _cost(key.scope, policy), now=now)
        if until is not None:
            yield replace(closed, until=until)
        if isinstance(rule, Ceiling) and _is_near(rule, loaded[key], now=now):
            yield replace(closed, kind=AlertKind.CEILING_NEAR)
    yield from _failing_services(policy, counters, services, now=now)


def _pairs(scope: Scope, services: Collection[str], countries: Collection[str]) -> list[tuple[str, str]]:
    of_service, of_country = _SHARED[scope]
    if of_service and of_country and len(services) * len(countries) > MOST_PAIRS:
        return []
    named = sorted(countries) if of_country else [""]
    return [(service, country) for service in (services if of_service else [""]) for country in named]


def _cut(counters: Iterable[Counter], now: float) -> Iterator[Counter]:
    for counter in counters:
        if counter.at > now + CLOCK_TOLERANCE:  # as every decision does
            counter.cut(now)
        yield counter


def _cost(scope: Scope, policy: Policy) -> int:
    """What the cheapest call adds to a ceiling."""
    if scope is Scope.MINUTES:
        return MAX_CALL_MINUTES
    return min((price.minute * MAX_CALL_MINUTES for price in policy.prices.values()), default=0)


def _closed_until(rule: Rule, counter: Counter, cost: int, *, now: float) -> float | None:
    """When a rule that refuses now opens again; None when it does not refuse. A budget in its last quarter refuses
    everyone who is not in good standing.
    """
    if isinstance(rule, Limit):
        last = counter.nth_last_send(rule.count)
        return last + rule.seconds if last is not None and last + rule.seconds > now else None
    total = counter.window_total(rule.seconds, now)
    until = min(max(total.frees_at, now + 1), now + rule.seconds)
    if isinstance(rule, Ceiling):
        return until if total.open + cost > rule.amount else None
    left = rule.bound(total.settled) - total.open
    return until if left <= 0 or rule.strict(left) else None


def _is_near(ceiling: Ceiling, counter: Counter, *, now: float) -> bool:
    return counter.window_total(ceiling.seconds, now).open * 100 >= ceiling.amount * NEAR_PERCENT


def _failing_services(
    policy: Policy, counters: Counters, services: Collection[str], *, now: float
) -> Iterator[Condition]:
    alarm = policy.failure_alarm
    if alarm is None or not services:
        return
    keys = [shared_keys(service, "")[Scope.CHECKS] for service in services]
    for service, counter in zip(services, _cut(counters.of(*keys), now), strict=True):
        total = counter.window_total(alarm.seconds, now)
        if total.open >= alarm.bound(total.settled):
            until = min(max(total.frees_at, now + 1), now + alarm.seconds)
            yield Condition(
                kind=AlertKind.CHECKS_FAILED, scope=Scope.CHECKS.value, service=service, rule=str(alarm), until=until
            )
