"""Rate limits of a send: its keys, and whether the rules allow it.

    start                 in progress, for its source and in every budget (admission)
    the right code        confirmed (ending)
    any other end         unconfirmed: expired, wrong codes, canceled; superseded by another source or number (ending)
    refused by Twilio     as if it had not been sent; but its source has sent it, and refused sends have their own limit
                          (delivery)

One source adds only a little to a budget that others share, and one service no more than its own budget for the same
numbers. Beyond that they are held back by their own budgets alone. The counters of the source and of the service are
read in the transaction that adds, so this is exact.

A budget is spent in steps. While half of it is left, everything passes. Then strangers wait for each other. In the last
quarter, only a source in good standing passes, or, where others share the budget, a service in good standing. After
that, only the allowance of a trusted browser is left. What is in progress is bounded in the same way.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from math import inf

from msgspec import field

from ..counters.counter import CLOCK_TOLERANCE, EMPTY_WINDOW, IN_PROGRESS_WINDOW, Counter, LimitKey, WindowTotal
from ..counters.rules import Budget, Counters, Limit, Prices, Rule, RuleStatus, ScopeRules
from ..models import Verification
from ..types import Channel, Record, Scope

#: Numbers of one block share all but the last four digits; blocks of a thousand or ten thousand are assigned together.
BLOCK_DIGITS = 4
#: Automated dialing runs through ranges of a hundred.
RANGE_DIGITS = 2
#: Decoy sends are counted under separate keys, so they never use up a real user's limits. The value is stored.
DECOY_KEY_PREFIX = "silent "
#: A call is cut off after five minutes. Minutes that it did not use are refunded at its end.
MAX_CALL_MINUTES = 5
#: What one source adds to a budget that others share, within each of its windows: this many numbers, or one in twenty.
SOURCE_SHARE, SOURCE_FRACTION = 3, 20
#: Seconds to wait while too many codes are in progress: some of them are typed by then.
IN_PROGRESS_WAIT = 30
#: The budgets that services share, and each service's own budget for the same numbers.
OWN_BUDGETS = {
    Scope.NEIGHBOURS: Scope.SERVICE_NEIGHBOURS,
    Scope.PREFIX: Scope.SERVICE_PREFIX,
    Scope.COUNTRY: Scope.SERVICE_COUNTRY,
}
#: Marks in a number's counter: its code is in progress; it was counted as unconfirmed, or as confirmed.
IN_PROGRESS, UNCONFIRMED, CONFIRMED = "in progress", "unconfirmed", "confirmed"


class LimitKeys:
    """The rate-limit keys of a verification, and their counters.

    Counters of the `scopes` are loaded in one query; others when they are asked for. Their times after `now` are cut
    to it: the clock was ahead.
    """

    __slots__ = ("_loaded", "_now", "by_scope", "counters", "verification")

    def __init__(
        self, verification: Verification, counters: Counters, scopes: Collection[Scope] = (), *, now: float = inf
    ) -> None:
        self.verification = verification
        self.counters = counters
        self.by_scope = limit_keys(verification)
        needed = keys_of(verification, scopes)
        self._now = now
        self._loaded = dict(zip(needed, self._cut(counters.of(*needed)), strict=True))

    def of(self, key: LimitKey) -> Counter:
        """The counter of a key."""
        if (counter := self._loaded.get(key)) is None:
            (counter,) = self._cut(self.counters.of(key))
            self._loaded[key] = counter
        return counter

    def _cut(self, counters: list[Counter]) -> list[Counter]:
        latest = self._now + CLOCK_TOLERANCE
        for counter in counters:
            if counter.at > latest:
                counter.cut(self._now)
        return counters


class Send(Record, frozen=True, kw_only=True):
    """One call or text that is to be counted."""

    keys: LimitKeys
    channel: Channel
    at: float
    prices: Prices = field(default_factory=dict)

    @property
    def verification(self) -> Verification:
        return self.keys.verification

    @property
    def first(self) -> bool:
        """Whether it begins its verification, or else sends a code again."""
        return self.at == self.verification.created_at

    def cost(self, scope: Scope, minutes: int = MAX_CALL_MINUTES) -> int:
        """The cost in minutes or in money; 0 where no price is known."""
        call_minutes = minutes if self.channel.spoken else 0
        if scope is Scope.MINUTES:
            return call_minutes
        price = self.prices.get(self.verification.number.region) or self.prices.get("*")
        if price is None:
            return 0
        if self.channel.spoken:
            return price.minute * call_minutes
        return price.text if price.template is None or not self.channel.templated else price.template


def trusted_browser_key(verification: Verification, scope: Scope) -> LimitKey:
    """The key of all browsers that have proven this account and number."""
    return LimitKey(scope, f"{verification.service} {verification.account} {verification.number.identity}")


def allowance_key(verification: Verification, scope: Scope) -> LimitKey:
    """The key of one trusted browser and one number, whatever the account: the holder of the phone gets every text."""
    return LimitKey(scope, f"{verification.browser} {verification.number.line}")


@lru_cache(maxsize=256)
def limit_keys(verification: Verification) -> Mapping[Scope, LimitKey | None]:
    """The key of a verification in each scope; None where there is none, as without a source.

    Countries of a source are counted in the source's own counter. A decision that is made again, once its counters are
    loaded, has the same keys.
    """
    v, number, prefix = verification, verification.number.line, ""
    number_key = LimitKey(Scope.NUMBER, number)
    source = countries = LimitKey(Scope.SOURCE, v.source) if v.source else None
    if v.private:
        # A decoy uses up no limit except its source's. It is still counted, under separate keys and in as many rows:
        # a missing update would show in the response time.
        prefix = DECOY_KEY_PREFIX if v.decoy else ""
        countries = LimitKey(Scope.COUNTRIES, prefix + v.source) if v.source else None
        number_key = LimitKey(Scope.NUMBER, prefix + v.account) if prefix else number_key
    return {
        **_shared_keys(prefix, v.service, v.number.region),
        Scope.NUMBER: number_key,
        Scope.GATES: LimitKey(Scope.GATES, number_key.key),
        Scope.PERMISSION_CALLS: LimitKey(Scope.PERMISSION_CALLS, number_key.key),
        Scope.ACCOUNT: LimitKey(Scope.ACCOUNT, f"{prefix}{v.service} {v.account}"),
        Scope.SOURCE: source,
        Scope.COUNTRIES: countries,
        Scope.PREFIX: LimitKey(Scope.PREFIX, prefix + number[:-BLOCK_DIGITS]),
        Scope.NEIGHBOURS: LimitKey(Scope.NEIGHBOURS, prefix + number[:-RANGE_DIGITS]),
        Scope.SERVICE_PREFIX: LimitKey(Scope.SERVICE_PREFIX, f"{prefix}{v.service} {number[:-BLOCK_DIGITS]}"),
        Scope.SERVICE_NEIGHBOURS: LimitKey(Scope.SERVICE_NEIGHBOURS, f"{prefix}{v.service} {number[:-RANGE_DIGITS]}"),
        Scope.REFUSED: LimitKey(Scope.REFUSED, v.source) if v.source else None,
    }


@lru_cache(maxsize=256)
def _shared_keys(prefix: str, service: str, region: str) -> Mapping[Scope, LimitKey]:
    """The keys that all verifications of a service and a country have in common."""
    return {
        Scope.COUNTRY: LimitKey(Scope.COUNTRY, prefix + region),
        Scope.SERVICE_COUNTRY: LimitKey(Scope.SERVICE_COUNTRY, f"{prefix}{service} {region}"),
        Scope.SERVICE: LimitKey(Scope.SERVICE, prefix + service),
        Scope.CHECKS: LimitKey(Scope.CHECKS, prefix + service),
        **{scope: LimitKey(scope, prefix) for scope in (Scope.TOTAL, Scope.MINUTES, Scope.MONEY)},
    }


def keys_of(verification: Verification, scopes: Collection[Scope]) -> tuple[LimitKey, ...]:
    """The keys of a verification in these scopes, where it has one."""
    keys = limit_keys(verification)
    return tuple([key for scope in scopes if (key := keys[scope]) is not None])


def distinct_value(verification: Verification, scope: Scope) -> str | None:
    """The value that counts once, in the scopes that count distinct values; None in the others."""
    return verification.number.region if scope is Scope.COUNTRIES else None


def exceeded(send: Send, rules: Collection[ScopeRules]) -> list[tuple[Scope, Rule, LimitKey, float]]:
    """Every rule that denies this send now, and the seconds until it allows it.

    Most counters are below every limit, so most rules need no closer look.
    """
    keys, by_scope = send.keys, send.keys.by_scope
    close = [
        scope_rules
        for scope_rules in rules
        if (key := by_scope[scope_rules.scope]) is not None and scope_rules.may_be_exceeded(keys.of(key))
    ]
    return [evaluated for evaluated in evaluate(send, close) if evaluated[3] > 0]


def evaluate(send: Send, rules: Collection[ScopeRules]) -> Iterator[tuple[Scope, Rule, LimitKey, float]]:
    """Every rule, and the seconds until it allows this send; 0 or less when it allows it now."""
    keys, at = send.keys, send.at
    for scope_rules, key in applicable_rules(keys, rules):
        scope, counter = scope_rules.scope, keys.of(key)
        if scope_rules.limits:
            value = distinct_value(keys.verification, scope)
            for limit in scope_rules.limits:
                last = (
                    counter.nth_last_send(limit.count)
                    if value is None
                    else counter.nth_last_distinct(value, limit.count)
                )
                yield scope, limit, key, last + limit.seconds - at if last is not None else 0
        for budget in scope_rules.budgets:
            yield scope, budget, key, _budget_wait(send, scope_rules, budget, counter)
        for ceiling in scope_rules.ceilings:
            cost = send.cost(scope)
            total = counter.window_total(ceiling.seconds, at) if cost else EMPTY_WINDOW
            yield scope, ceiling, key, max(total.frees_at - at, 1) if total.open + cost > ceiling.amount else 0


def rule_status(send: Send, scope: Scope, rule: Rule, key: LimitKey, *, wait: float) -> RuleStatus:
    """The rule's current count and bound."""
    counter, wait = send.keys.of(key), max(0.0, wait)
    if isinstance(rule, Limit):
        value, start = distinct_value(send.verification, scope), send.at - rule.seconds
        count = counter.sends_since(start) if value is None else counter.distinct_since(value, start)
        return RuleStatus(f"{scope.value} {rule}", scope, count, rule.count, wait)
    total = counter.window_total(rule.seconds, send.at)
    bound = rule.bound(total.settled) if isinstance(rule, Budget) else rule.amount
    name = f"unconfirmed {scope.value} {rule}" if isinstance(rule, Budget) else f"{scope.value} {rule}"
    return RuleStatus(name, scope, total.open, bound, wait)


def _budget_wait(send: Send, scope_rules: ScopeRules, budget: Budget, counter: Counter) -> float:
    """Seconds until this budget allows the send: see above."""
    at = send.at
    total = counter.window_total(budget.seconds, at)
    left, wait = budget.bound(total.settled) - total.open, min(max(total.frees_at - at, 1), budget.seconds)
    if left <= 0:
        return wait
    of_source = scope_rules.scope is Scope.SOURCE
    if budget.slow(left) and not (of_source and send.first) and not _in_good_standing(send, scope_rules.scope):
        if of_source or budget.strict(left):
            return wait
        last = counter.nth_last_send(1)
        if last is not None and last + budget.spacing > at:
            return min(last, at) + budget.spacing - at
    if budget.seconds == min(scope_rules.windows) and _too_many_in_progress(send, scope_rules.scope, budget, total):
        return IN_PROGRESS_WAIT
    return 0


def _too_many_in_progress(send: Send, scope: Scope, budget: Budget, total: WindowTotal) -> bool:
    """Whether as many codes are in progress as may be unconfirmed, or half of that when a code is to be sent again."""
    key, number = send.keys.by_scope[scope], send.keys.by_scope[Scope.NUMBER]
    assert key is not None, "only rules with a key apply"
    assert number is not None, "only a source can be missing"
    bound = budget.bound(total.settled)
    if not send.first:
        bound -= bound // 2
    elif scope is not Scope.SOURCE and is_in_progress(send.keys.of(number), send.at):
        return False
    return send.keys.of(key).window_total(IN_PROGRESS_WINDOW, send.at).open >= bound


def is_in_progress(number: Counter, at: float) -> bool:
    """Whether a code for this number is counted as in progress."""
    return at - number.last_distinct_at(IN_PROGRESS) < IN_PROGRESS_WINDOW


def _in_good_standing(send: Send, scope: Scope) -> bool:
    """Whether it comes from a trusted browser, or from a source or, in a shared budget, a service that confirms."""
    if send.verification.trusted:
        return True
    of_service = [OWN_BUDGETS[scope]] if scope in OWN_BUDGETS else []
    keys = [send.keys.by_scope[judged] for judged in (Scope.SOURCE, *of_service)]
    return any(_confirms(send.keys.of(key), send.at) for key in keys if key is not None)


def _confirms(counter: Counter, at: float) -> bool:
    """Whether at least half of the numbers in the longest window were confirmed."""
    longest = max((seconds for seconds in counter.window_slots if seconds != IN_PROGRESS_WINDOW), default=0)
    total = counter.window_total(longest, at)
    return 0 < total.settled >= total.open


def applicable_rules(keys: LimitKeys, rules: Collection[ScopeRules]) -> list[tuple[ScopeRules, LimitKey]]:
    """The rules of each scope that has a key."""
    return [(scope_rules, key) for scope_rules in rules if (key := keys.by_scope[scope_rules.scope]) is not None]


def source_may_add(
    keys: LimitKeys, rules: Collection[ScopeRules], window: int, now: float, *, share: int = SOURCE_SHARE
) -> bool:
    """Whether the source may still add to this window of a budget that others share."""
    if (key := keys.by_scope[Scope.SOURCE]) is None:
        return True
    for scope_rules in rules:
        if scope_rules.scope is Scope.SOURCE and scope_rules.budgets:
            counted = (
                window if window in scope_rules.windows or window == IN_PROGRESS_WINDOW else scope_rules.windows[0]
            )
            return keys.of(key).window_total(counted, now).open < share
    return True


def number_key_of(keys: LimitKeys) -> LimitKey:
    """The key of the number."""
    key = keys.by_scope[Scope.NUMBER]
    assert key is not None, "only a source can be missing"
    return key
