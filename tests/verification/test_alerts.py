"""Alerts: each condition opens one, it stays open while any worker sees it, and then it is resolved once."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.store import NUMBER, verification
from verification.alerts import (
    SAY_AGAIN,
    SETTLED_AFTER,
    Alert,
    AlertKind,
    Condition,
    limit_conditions,
    shared_keys,
    transitions,
)
from verification.counters.counter import DAY, Counter, LimitKey
from verification.counters.rules import Alarm, Budget, Ceiling, Limit, Price
from verification.flow.rate_limits import limit_keys
from verification.models import BUILT_IN_SERVICE
from verification.policy import DEFAULT_POLICY, Policy
from verification.types import Scope

T = 1_800_000_000.0
OTHER_SERVICE = "VA" + "1" * 32

conditions = st.builds(
    Condition,
    kind=st.sampled_from(AlertKind),
    country=st.sampled_from(["", "DE", "FR"]),
    rule=st.sampled_from(["", "3/1h"]),
)


class Workers:
    """Workers that share their alerts, as the database has them."""

    def __init__(self) -> None:
        self.alerts: dict[tuple[str, ...], Alert] = {}
        self.opened: list[Condition] = []
        self.resolved: list[Condition] = []

    def look(self, seen: Iterable[Condition], now: float) -> None:
        changes = transitions(seen, self.alerts.values(), now=now)
        for condition in changes.opened:
            self.alerts[condition.key] = Alert(condition, now, now)
        for condition in changes.seen:
            self.alerts[condition.key] = Alert(condition, self.alerts[condition.key].opened_at, now)
        for alert in changes.resolved:
            del self.alerts[alert.condition.key]
        self.opened += changes.opened
        self.resolved += [alert.condition for alert in changes.resolved]


@given(st.lists(st.tuples(st.integers(0, 200), st.lists(conditions, max_size=4)), max_size=12))
def test_of_each_condition_openings_and_resolutions_alternate(rounds: list[tuple[int, list[Condition]]]) -> None:
    workers, now = Workers(), T
    for seconds, seen in rounds:
        now += seconds
        workers.look(seen, now)
        # What holds is open, and nothing is open twice.
        assert {condition.key for condition in seen} <= set(workers.alerts)
    for condition in {each.key: each for each in workers.opened}.values():
        opened = [one.key for one in workers.opened].count(condition.key)
        resolved = [one.key for one in workers.resolved].count(condition.key)
        assert opened - resolved == (condition.key in workers.alerts)


@given(st.sets(conditions, max_size=5))
def test_what_is_gone_for_long_enough_is_resolved(seen: set[Condition]) -> None:
    workers = Workers()
    workers.look(seen, T)
    workers.look((), T + SETTLED_AFTER - 1)
    assert not workers.resolved
    workers.look((), T + SETTLED_AFTER)
    assert sorted(one.key for one in workers.resolved) == sorted({one.key for one in seen})
    assert not workers.alerts


@given(st.integers(1, 50))
def test_a_condition_that_one_of_two_workers_sees_is_one_alert(rounds: int) -> None:
    """The circuit breaker of one process may be open, and that of the other closed."""
    workers, resting = Workers(), Condition(kind=AlertKind.CHANNEL_RESTS, subject="call")
    for n in range(rounds):
        workers.look([resting], T + n * 20)
        workers.look((), T + n * 20 + 10)
    assert (workers.opened, workers.resolved) == ([resting], [])


def test_an_alert_from_the_future_does_not_stay_open() -> None:
    """The clock of a node was ahead, and was set right."""
    alert = Alert(Condition(kind=AlertKind.DISK_LOW), T + DAY, T + DAY)
    assert transitions((), [alert], now=T).resolved == (alert,)


def test_a_limit_that_opens_later_than_it_was_said_is_the_same_alert() -> None:
    closed = Condition(kind=AlertKind.LIMIT_CLOSED, scope="total", rule="3/1h", until=T + 60)
    later = replace(closed, until=T + 90)
    changes = transitions([later], [Alert(closed, T, T)], now=T + SAY_AGAIN)
    assert (changes.opened, changes.resolved, changes.seen) == ((), (), (later,))


def test_the_keys_of_shared_limits_are_those_of_a_send() -> None:
    sent = verification()
    ours, its = shared_keys(sent.service, sent.number.region), limit_keys(sent)
    assert ours == {scope: its[scope] for scope in ours}


class Counted:
    """Counters by their key."""

    def __init__(self, **_: object) -> None:
        self.counters: dict[LimitKey, Counter] = {}

    def of(self, *keys: LimitKey) -> list[Counter]:
        return [self.counters.get(key, Counter()) for key in keys]

    def at(self, key: LimitKey) -> Counter:
        return self.counters.setdefault(key, Counter())

    def last_alert(self, _key: LimitKey, _rule: str, /) -> float:
        return 0

    def trusted_since(self, _key: LimitKey, _browser: str, /) -> float:
        return 0


def found(policy: Policy, counted: Counted, *, now: float = T) -> list[tuple[str, str, str, str, float | None]]:
    return [
        (one.kind.value, one.scope, one.service, one.country, one.until)
        for one in limit_conditions(policy, counted, [BUILT_IN_SERVICE, OTHER_SERVICE], now=now)
    ]


def policy_of(scope: Scope, *rules: Limit | Budget | Ceiling, **fields: object) -> Policy:
    values = {"limits": ((scope, rules),), "countries": frozenset({"US", "DE"}), "failure_alarm": None, **fields}
    return replace(DEFAULT_POLICY, **values)


@pytest.mark.parametrize(
    ("scope", "service", "country"),
    [
        (Scope.TOTAL, "", ""),
        (Scope.COUNTRY, "", "DE"),
        (Scope.SERVICE, OTHER_SERVICE, ""),
        (Scope.SERVICE_COUNTRY, OTHER_SERVICE, "DE"),
    ],
)
def test_a_full_limit_is_closed_until_its_oldest_send_is_old(scope: Scope, service: str, country: str) -> None:
    policy, counted = policy_of(scope, Limit(count=2, seconds=3600)), Counted()
    counter = counted.at(shared_keys(service, country)[scope])
    counter.add_send(T - 3000, 10)
    assert found(policy, counted) == []
    counter.add_send(T - 10, 10)
    assert found(policy, counted) == [("limit-closed", scope.value, service, country, T + 600)]
    assert found(policy, counted, now=T + 600) == []


def test_a_budget_in_its_last_quarter_is_closed_to_most_people() -> None:
    policy, counted = policy_of(Scope.COUNTRY, Budget(count=8, percent=0, seconds=3600)), Counted()
    counter = counted.at(LimitKey(Scope.COUNTRY, "US"))
    counter.add_to_windows((3600,), T, 5, 0)
    assert found(policy, counted) == []
    counter.add_to_windows((3600,), T, 1, 0)
    ((kind, scope, _, country, until),) = found(policy, counted)
    assert (kind, scope, country) == ("limit-closed", "country", "US")
    assert until is not None
    assert T + 3500 < until <= T + 3600


@pytest.mark.parametrize(("minutes", "kinds"), [(79, []), (80, ["near"]), (95, ["near"]), (96, ["closed", "near"])])
def test_a_ceiling_is_near_at_four_fifths_and_closed_when_no_call_fits(minutes: int, kinds: list[str]) -> None:
    policy, counted = policy_of(Scope.MINUTES, Ceiling(amount=100, seconds=DAY)), Counted()
    counted.at(LimitKey(Scope.MINUTES, "")).add_to_windows((DAY,), T, minutes, 0)
    assert [kind.rpartition("-")[2] for kind, *_ in found(policy, counted)] == kinds


def test_the_money_is_spent_when_the_cheapest_call_does_not_fit() -> None:
    prices = {"US": Price(minute=2, text=1), "*": Price(minute=100, text=50)}
    policy, counted = policy_of(Scope.MONEY, Ceiling(amount=1000, seconds=DAY), prices=prices), Counted()
    counter = counted.at(LimitKey(Scope.MONEY, ""))
    counter.add_to_windows((DAY,), T, 990, 0)
    assert [kind for kind, *_ in found(policy, counted)] == ["ceiling-near"]
    counter.add_to_windows((DAY,), T, 1, 0)
    assert [kind for kind, *_ in found(policy, counted)] == ["limit-closed", "ceiling-near"]


def test_a_service_whose_checks_fail_too_often_is_named() -> None:
    policy = policy_of(Scope.TOTAL, failure_alarm=Alarm(count=5, percent=100, seconds=600))
    counted = Counted()
    counter = counted.at(LimitKey(Scope.CHECKS, OTHER_SERVICE))
    counter.add_to_windows((600,), T, 4, 0)
    assert found(policy, counted) == []
    counter.add_to_windows((600,), T, 1, 0)
    ((kind, _, service, _, _),) = found(policy, counted)
    assert (kind, service) == ("checks-failed", OTHER_SERVICE)


def test_a_limit_of_one_person_is_no_alert() -> None:
    counted = Counted()
    policy = policy_of(Scope.NUMBER, Limit(count=1, seconds=3600))
    counted.at(LimitKey(Scope.NUMBER, NUMBER.line)).add_send(T, 10)
    assert found(policy, counted) == []
