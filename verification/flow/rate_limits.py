"""Rate limits of a send: its keys, whether the rules allow it, and the counter updates that it makes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ..counters.counter import (
    EMPTY_WINDOW,
    AddDistinct,
    AddSend,
    AddToWindows,
    Counter,
    LimitKey,
    RemoveDistinct,
    RemoveSend,
    Update,
)
from ..counters.rules import Budget, Counters, Limit, Prices, Rule, RuleStatus, ScopeRules
from ..models import Verification
from ..types import Channel, Scope

#: Numbers of one block share all but the last four digits; blocks of a thousand or ten thousand are assigned together.
BLOCK_DIGITS = 4
#: Automated dialing runs through ranges of a hundred.
RANGE_DIGITS = 2
#: Decoy sends are counted under separate keys, so they never use up a real user's limits. The value is stored.
DECOY_KEY_PREFIX = "silent "
#: A call is cut off after five minutes. Minutes that it did not use are refunded at its end.
MAX_CALL_MINUTES = 5
_ANY_SOURCE = ""


class LimitKeys:
    """The rate-limit keys of a verification, and their counters.

    Counters of the `scopes` are loaded in one query; others when they are asked for.
    """

    __slots__ = ("_loaded", "by_scope", "counters", "verification")

    def __init__(self, verification: Verification, counters: Counters, scopes: Collection[Scope] = ()) -> None:
        self.verification = verification
        self.counters = counters
        self.by_scope = limit_keys(verification)
        needed = [key for scope in scopes if (key := self.by_scope[scope]) is not None]
        self._loaded = dict(zip(needed, counters.of(*needed), strict=True))

    def of(self, key: LimitKey) -> Counter:
        """The counter of a key."""
        if (counter := self._loaded.get(key)) is None:
            (counter,) = self.counters.of(key)
            self._loaded[key] = counter
        return counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One call or text that is to be counted."""

    keys: LimitKeys
    channel: Channel
    at: float
    prices: Prices = field(default_factory=dict)

    @property
    def verification(self) -> Verification:
        return self.keys.verification

    def cost(self, scope: Scope, minutes: int = MAX_CALL_MINUTES) -> int:
        """The cost in minutes or in money; 0 where no price is known."""
        call_minutes = minutes if self.channel is Channel.CALL else 0
        if scope is Scope.MINUTES:
            return call_minutes
        price = self.prices.get(self.verification.number.region) or self.prices.get("*")
        if price is None:
            return 0
        return price.minute * call_minutes if self.channel is Channel.CALL else price.text


def trusted_browser_key(verification: Verification, scope: Scope) -> LimitKey:
    """The key of all browsers that have proven this account and number."""
    return LimitKey(scope, f"{verification.service} {verification.account} {verification.number.identity}")


def limit_keys(verification: Verification) -> dict[Scope, LimitKey | None]:
    """The key of a verification in each scope; None where there is none, as without a source.

    Countries of a source are counted in the source's own counter, requests for a number in the number's.
    """
    v, number, prefix = verification, verification.number.line, ""
    account = f"{v.service} {v.account}"
    number_key = requested = LimitKey(Scope.NUMBER, number)
    source = countries = LimitKey(Scope.SOURCE, v.source) if v.source else None
    if v.private:
        # A decoy uses up no limit except its source's. It is still counted, under separate keys and in as many rows:
        # a missing update would show in the response time.
        prefix = DECOY_KEY_PREFIX if v.decoy else ""
        requested = LimitKey(Scope.REQUESTED, account)
        countries = LimitKey(Scope.COUNTRIES, prefix + v.source) if v.source else None
        number_key = LimitKey(Scope.NUMBER, prefix + v.account) if prefix else number_key
    return {
        Scope.NUMBER: number_key,
        Scope.GATES: LimitKey(Scope.GATES, number_key.key),
        Scope.PERMISSION_CALLS: LimitKey(Scope.PERMISSION_CALLS, number_key.key),
        Scope.REQUESTED: requested,
        Scope.ACCOUNT: LimitKey(Scope.ACCOUNT, prefix + account),
        Scope.SOURCE: source,
        Scope.COUNTRIES: countries,
        Scope.PREFIX: LimitKey(Scope.PREFIX, prefix + number[:-BLOCK_DIGITS]),
        Scope.NEIGHBOURS: LimitKey(Scope.NEIGHBOURS, prefix + number[:-RANGE_DIGITS]),
        Scope.COUNTRY: LimitKey(Scope.COUNTRY, prefix + v.number.region),
        Scope.SERVICE: LimitKey(Scope.SERVICE, prefix + v.service),
        Scope.CHECKS: LimitKey(Scope.CHECKS, prefix + v.service),
        Scope.TOTAL: LimitKey(Scope.TOTAL, prefix),
        Scope.MINUTES: LimitKey(Scope.MINUTES, prefix),
        Scope.MONEY: LimitKey(Scope.MONEY, prefix),
    }


def distinct_value(verification: Verification, scope: Scope) -> str | None:
    """The value that counts once, in the scopes that count distinct values; None in the others."""
    if scope is Scope.COUNTRIES:
        return verification.number.region
    return verification.number.line if scope is Scope.NEIGHBOURS else None


def budget_marker(keys: LimitKeys, scope: Scope) -> tuple[LimitKey, str]:
    """The key and value that record that a number was counted in the budgets of this scope, so that it counts once.

    The key is the number's, for all sources. The budget of a source is visible to the public, so there the key is what
    was requested, whether or not an account exists behind it.
    """
    of_source = scope is Scope.SOURCE
    key = keys.by_scope[Scope.REQUESTED if of_source else Scope.NUMBER]
    assert key is not None, "only a source can be missing"
    return key, keys.verification.source if of_source else _ANY_SOURCE


def exceeded(send: Send, rules: Collection[ScopeRules]) -> list[tuple[Scope, Rule, LimitKey, float]]:
    """Every rule that denies this send now, and the seconds until it allows it.

    Most counters are below every limit, so most rules need no closer look.
    """
    keys = send.keys
    close = [
        scope_rules for scope_rules, key in _applicable_rules(keys, rules) if scope_rules.may_be_exceeded(keys.of(key))
    ]
    return [evaluated for evaluated in evaluate(send, close) if evaluated[3] > 0]


def evaluate(send: Send, rules: Collection[ScopeRules]) -> Iterator[tuple[Scope, Rule, LimitKey, float]]:
    """Every rule, and the seconds until it allows this send; 0 or less when it allows it now."""
    keys, at = send.keys, send.at
    for scope_rules, key in _applicable_rules(keys, rules):
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
            total = counter.window_total(budget.seconds, at)
            spent = total.open >= budget.bound(total.settled) and not _already_counted(send, scope_rules)
            yield scope, budget, key, total.frees_at - at if spent else 0
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


def _already_counted(send: Send, scope_rules: ScopeRules) -> bool:
    """Whether the number was counted within the shortest window, so that this send adds nothing."""
    key, value = budget_marker(send.keys, scope_rules.scope)
    return send.at - send.keys.of(key).last_distinct_at(value) < min(scope_rules.windows)


def _applicable_rules(keys: LimitKeys, rules: Collection[ScopeRules]) -> list[tuple[ScopeRules, LimitKey]]:
    """The rules of each scope that has a key."""
    return [(scope_rules, key) for scope_rules in rules if (key := keys.by_scope[scope_rules.scope]) is not None]


def count_send(send: Send, rules: Collection[ScopeRules]) -> tuple[Update, ...]:
    """The updates that count a send."""
    updates: list[Update] = []
    at, markers = send.at, dict[tuple[LimitKey, str], None]()
    for scope_rules, key in _applicable_rules(send.keys, rules):
        if scope_rules.kept:
            value = distinct_value(send.verification, scope_rules.scope)
            updates.append(AddSend(key, at, scope_rules.kept) if value is None else AddDistinct(key, value, at))
        if scope_rules.budgets and not _already_counted(send, scope_rules):
            markers[budget_marker(send.keys, scope_rules.scope)] = None
            updates.append(AddToWindows(key, scope_rules.windows, at, 1))
        if scope_rules.spans and (cost := send.cost(scope_rules.scope)):
            updates.append(AddToWindows(key, scope_rules.spans, at, made=cost))
    updates += [AddDistinct(key, value, at) for key, value in markers]
    return tuple(updates)


def uncount_send(send: Send, rules: Collection[ScopeRules]) -> tuple[Update, ...]:
    """The updates that undo the count of a send that the provider rejected."""
    updates: list[Update] = []
    at, markers = send.at, dict[tuple[LimitKey, str], None]()
    for scope_rules, key in _applicable_rules(send.keys, rules):
        if scope_rules.kept and distinct_value(send.verification, scope_rules.scope) is None:
            updates.append(RemoveSend(key, at))
        if scope_rules.spans and (cost := send.cost(scope_rules.scope)):
            updates.append(AddToWindows(key, scope_rules.spans, at, made=-cost))
        if scope_rules.budgets:
            marker, value = budget_marker(send.keys, scope_rules.scope)
            if send.keys.of(marker).last_distinct_at(value) == at:
                markers[marker, value] = None
                updates.append(AddToWindows(key, scope_rules.windows, at, made=-1))
    return (*updates, *(RemoveDistinct(key, value) for key, value in markers))


def count_confirmation(keys: LimitKeys, rules: Collection[ScopeRules]) -> tuple[Update, ...]:
    """The updates after a successful check: the number of this verification is confirmed."""
    updates: list[Update] = []
    markers = dict[tuple[LimitKey, str], None]()
    for scope_rules, key in _applicable_rules(keys, rules):
        if scope_rules.scope is Scope.NEIGHBOURS:
            updates.append(RemoveDistinct(key, keys.verification.number.line))
        if scope_rules.budgets:
            marker, value = budget_marker(keys, scope_rules.scope)
            if at := keys.of(marker).last_distinct_at(value):
                markers[marker, value] = None
                updates.append(AddToWindows(key, scope_rules.windows, at, 0, 1))
    return (*updates, *(RemoveDistinct(key, value) for key, value in markers))


def refund_minutes(send: Send, rules: Collection[ScopeRules], *, seconds: int) -> tuple[Update, ...]:
    """The updates that refund the minutes, and their price, that a call of this length did not use."""
    unused = MAX_CALL_MINUTES - min(-(-seconds // 60), MAX_CALL_MINUTES)
    return tuple(
        AddToWindows(key, scope_rules.spans, send.at, settled=refund)
        for scope_rules, key in _applicable_rules(send.keys, rules)
        if scope_rules.spans and (refund := send.cost(scope_rules.scope, unused))
    )
