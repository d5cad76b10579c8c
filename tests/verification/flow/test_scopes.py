"""The quick look at few rules denies exactly what the evaluation of all rules denies."""

from collections import defaultdict
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.records import NOW, PENDING
from verification.counters.counter import Counter, LimitKey, RecordAlert, TrustBrowser, Update
from verification.counters.rules import Budget, Ceiling, Limit, NoCounters, Price
from verification.flow.admission import count_send
from verification.flow.ending import count_confirmation, count_unconfirmed
from verification.flow.rate_limits import LimitKeys, Send, evaluate, exceeded
from verification.policy import Policy
from verification.types import Channel, Scope
from verification.values.phone_numbers import PhoneNumber

RULES = Policy(
    limits=(
        (Scope.NUMBER, (Limit(count=3, seconds=100), Limit(count=6, seconds=1000))),
        (Scope.SOURCE, (Limit(count=40, seconds=500), Budget(count=3, percent=50, seconds=600))),
        (Scope.COUNTRIES, (Limit(count=1, seconds=300),)),
        (Scope.NEIGHBOURS, (Budget(count=3, percent=20, seconds=300),)),
        (Scope.SERVICE_NEIGHBOURS, (Budget(count=2, percent=20, seconds=300),)),
        (Scope.REFUSED, (Limit(count=3, seconds=300),)),
        (Scope.PREFIX, (Budget(count=4, percent=20, seconds=600), Budget(count=8, percent=20, seconds=3600))),
        (Scope.TOTAL, (Limit(count=70, seconds=5000),)),
        (Scope.MINUTES, (Ceiling(amount=9, seconds=600),)),
        (Scope.MONEY, (Ceiling(amount=30, seconds=600),)),
    ),
    prices={"US": Price(minute=2, text=40), "*": Price(minute=1, text=1)},
)
NUMBERS = [
    *(PhoneNumber(f"+1415555{line:04}", "US") for line in (100, 101, 102, 103, 200)),
    *(PhoneNumber("+12125550100", "US"), PhoneNumber("+442079460100", "GB")),
]


class Memory(NoCounters):
    """Counts in a dictionary."""

    def __init__(self) -> None:
        self.people: defaultdict[LimitKey, Counter] = defaultdict(Counter)

    def of(self, *people: LimitKey) -> list[Counter]:
        return [self.people[who] for who in people]

    def enter(self, entries: Iterable[Update]) -> None:
        for entry in entries:
            assert not isinstance(entry, RecordAlert | TrustBrowser)
            entry.apply_to(self.people[entry.key])


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(NUMBERS),
            st.sampled_from(["", "192.0.2.1", "192.0.2.2"]),
            st.sampled_from(Channel),
            st.sampled_from([0, 1, 30, 200]),
            st.sampled_from([None, None, False, True]),
        ),
        min_size=20,
        max_size=40,
    ),
    st.booleans(),
)
def test_no_rule_that_denies_a_send_is_skipped(
    steps: list[tuple[PhoneNumber, str, Channel, int, bool | None]], enforce: bool
) -> None:
    counts, now = Memory(), NOW
    for number, source, channel, pause, right in steps:
        now += pause
        asked = replace(PENDING, number=number, source=source, created_at=now)
        people = LimitKeys(asked, counts, RULES.send_scopes)
        send = Send(keys=people, channel=channel, at=now, prices=RULES.prices)
        held = exceeded(send, RULES.rules)
        assert held == [one for one in evaluate(send, RULES.rules) if one[3] > 0]
        if not held or not enforce:
            counts.enter(count_send(send, RULES.rules))
        if right:
            counts.enter(count_confirmation(people, RULES.budget_rules, now=now))
        elif right is not None:
            counts.enter(count_unconfirmed(people, RULES.budget_rules, now=now))
