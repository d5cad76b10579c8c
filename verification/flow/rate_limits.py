"""Who is counted for a send, how the limits stand, and what a send adds to the counts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from ..counters.counter import EMPTY_WINDOW, Counter
from ..counters.rules import Budget, Limit, LimitKey, Prices, Rule, ScopeRules
from ..counters.updates import (
    AddDistinct,
    AddSend,
    AddToWindows,
    Counters,
    RemoveDistinct,
    RemoveSend,
    RuleStatus,
    Update,
)
from ..models import Verification
from ..types import Channel, Scope

#: Neighbouring numbers share all but so many digits; ranges of a thousand or ten thousand are handed out together.
BLOCK_DIGITS = 4
#: A run of numbers is dialled through within one hundred.
RANGE_DIGITS = 2
#: What only looks like a send is counted as somebody's that nobody is.
DECOY_KEY_PREFIX = "silent "
#: What a call can cost: it is cut off after two minutes. What it did not use is given back at its end.
MAX_CALL_MINUTES = 2


class LimitKeys:
    """Who is counted for a verification, and what was counted of them until now.

    Those of the `scopes` that a decision will look at are asked for in one question; others when they are wanted.
    """

    __slots__ = ("_counted", "counts", "everybody", "verification")

    def __init__(self, verification: Verification, counts: Counters, scopes: Collection[Scope] = ()) -> None:
        self.verification = verification
        self.counts = counts
        self.everybody = limit_keys(verification)
        wanted = [who for scope in scopes if (who := self.everybody[scope]) is not None]
        self._counted = dict(zip(wanted, counts.of(*wanted), strict=True))

    def of(self, who: LimitKey) -> Counter:
        """What was counted of somebody."""
        if (counted := self._counted.get(who)) is None:
            (counted,) = self.counts.of(who)
            self._counted[who] = counted
        return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One call or text to these people, at this moment."""

    people: LimitKeys
    channel: Channel
    at: float
    prices: Prices = field(default_factory=dict)

    @property
    def verification(self) -> Verification:
        """What it belongs to."""
        return self.people.verification

    def cost(self, scope: Scope, minutes: int = MAX_CALL_MINUTES) -> int:
        """What it costs, in minutes or in money; nothing where no price is known."""
        spoken = minutes if self.channel is Channel.CALL else 0
        if scope is Scope.MINUTES:
            return spoken
        price = self.prices.get(self.verification.number.region) or self.prices.get("*")
        if price is None:
            return 0
        return price.minute * spoken if self.channel is Channel.CALL else price.text


def trusted_browser_key(verification: Verification, scope: Scope) -> LimitKey:
    """The browsers that have proven this account and number."""
    return LimitKey(scope, f"{verification.service} {verification.account} {verification.number.e164}")


def limit_keys(verification: Verification) -> dict[Scope, LimitKey | None]:
    """Who is counted in which scope for a verification; None where nobody is known, as without a source.

    Countries of a source are counted with all else about it, and who asks for a number with all about that number.
    """
    v, number, silent = verification, verification.number.e164, ""
    account = f"{v.service} {v.account}"
    line = asked = LimitKey(Scope.NUMBER, number)
    source = countries = LimitKey(Scope.SOURCE, v.source) if v.source else None
    if v.discreet:
        # What only looks like a send uses up nobody's allowance but that of its source. It is counted all the same, as
        # somebody that nobody is, and in as many rows: a count that is left out could be told by its time.
        silent = DECOY_KEY_PREFIX if v.silent else ""
        asked = LimitKey(Scope.ASKED, account)
        countries = LimitKey(Scope.COUNTRIES, silent + v.source) if v.source else None
        line = LimitKey(Scope.NUMBER, silent + v.account) if silent else line
    return {
        Scope.NUMBER: line,
        Scope.ASKED: asked,
        Scope.ACCOUNT: LimitKey(Scope.ACCOUNT, silent + account),
        Scope.SOURCE: source,
        Scope.COUNTRIES: countries,
        Scope.PREFIX: LimitKey(Scope.PREFIX, silent + number[:-BLOCK_DIGITS]),
        Scope.NEIGHBOURS: LimitKey(Scope.NEIGHBOURS, silent + number[:-RANGE_DIGITS]),
        Scope.COUNTRY: LimitKey(Scope.COUNTRY, silent + v.number.region),
        Scope.SERVICE: LimitKey(Scope.SERVICE, silent + v.service),
        Scope.CHECKS: LimitKey(Scope.CHECKS, silent + v.service),
        Scope.TOTAL: LimitKey(Scope.TOTAL, silent),
        Scope.MINUTES: LimitKey(Scope.MINUTES, silent),
        Scope.MONEY: LimitKey(Scope.MONEY, silent),
    }


def distinct_value(verification: Verification, scope: Scope) -> str | None:
    """What is counted once however often it comes, in the scopes that count different things; None in the others."""
    if scope is Scope.COUNTRIES:
        return verification.number.region
    return verification.number.e164 if scope is Scope.NEIGHBOURS else None


def budget_marker(people: LimitKeys, scope: Scope) -> tuple[LimitKey, str]:
    """Who remembers that they were counted in the budgets of this scope, and as what: once an hour, say, not each send.

    That is the number, for whichever source asks for it, and for everybody else. The budget of a source is told to the
    public, so there the name counts that was asked for, whatever is behind it.
    """
    of_source = scope is Scope.SOURCE
    who = people.everybody[Scope.ASKED if of_source else Scope.NUMBER]
    assert who is not None, "only sources are unknown"
    return who, people.verification.source if of_source else _ANY_SOURCE


_ANY_SOURCE = ""


def exceeded(send: Send, rules: Collection[ScopeRules]) -> list[tuple[Scope, Rule, LimitKey, float]]:
    """Every rule that does not let this through now, and the seconds until it does.

    Most people were counted less often than any limit allows, so most rules need no look at when that was.
    """
    people = send.people
    near = [one for one, who in _applicable_rules(people, rules) if one.may_be_exceeded(people.of(who))]
    return [one for one in evaluate(send, near) if one[3] > 0]


def evaluate(send: Send, rules: Collection[ScopeRules]) -> Iterator[tuple[Scope, Rule, LimitKey, float]]:
    """Every rule, and the seconds until it lets this through; 0 or less when it does now."""
    people, at = send.people, send.at
    for one, who in _applicable_rules(people, rules):
        scope, counted = one.scope, people.of(who)
        if one.limits:
            thing = distinct_value(people.verification, scope)
            for limit in one.limits:
                last = (
                    counted.nth_last_send(limit.count)
                    if thing is None
                    else counted.nth_last_distinct(thing, limit.count)
                )
                yield scope, limit, who, last + limit.seconds - at if last is not None else 0
        for budget in one.budgets:
            tally = counted.tally(budget.seconds, at)
            spent = tally.open >= budget.bound(tally.settled) and not _already_counted(send, one)
            yield scope, budget, who, tally.frees_at - at if spent else 0
        for ceiling in one.ceilings:
            cost = send.cost(scope)
            tally = counted.tally(ceiling.seconds, at) if cost else EMPTY_WINDOW
            yield scope, ceiling, who, max(tally.frees_at - at, 1) if tally.open + cost > ceiling.amount else 0


def rule_status(send: Send, scope: Scope, rule: Rule, who: LimitKey, *, wait: float) -> RuleStatus:
    """How the rule stands, in numbers."""
    counted, wait = send.people.of(who), max(0.0, wait)
    if isinstance(rule, Limit):
        thing, start = distinct_value(send.verification, scope), send.at - rule.seconds
        count = counted.since(start) if thing is None else counted.distinct_since(thing, start)
        return RuleStatus(f"{scope.value} {rule}", scope, count, rule.count, wait)
    tally = counted.tally(rule.seconds, send.at)
    bound = rule.bound(tally.settled) if isinstance(rule, Budget) else rule.amount
    name = f"unconfirmed {scope.value} {rule}" if isinstance(rule, Budget) else f"{scope.value} {rule}"
    return RuleStatus(name, scope, tally.open, bound, wait)


def _already_counted(send: Send, rules: ScopeRules) -> bool:
    """Whether the number was counted within the shortest window: what is sent to it now adds nothing."""
    who, thing = budget_marker(send.people, rules.scope)
    return send.at - send.people.of(who).last_distinct_at(thing) < min(rules.windows)


def _applicable_rules(people: LimitKeys, rules: Collection[ScopeRules]) -> list[tuple[ScopeRules, LimitKey]]:
    """The rules of each scope in which somebody is known."""
    return [(one, who) for one in rules if (who := people.everybody[one.scope]) is not None]


def count_send(send: Send, rules: Collection[ScopeRules]) -> tuple[Update, ...]:
    """What a send adds to everybody's count."""
    entries: list[Update] = []
    at, marks = send.at, dict[tuple[LimitKey, str], None]()
    for one, who in _applicable_rules(send.people, rules):
        if one.kept:
            thing = distinct_value(send.verification, one.scope)
            entries.append(AddSend(who, at, one.kept) if thing is None else AddDistinct(who, thing, at))
        if one.budgets and not _already_counted(send, one):
            marks[budget_marker(send.people, one.scope)] = None
            entries.append(AddToWindows(who, one.windows, at, 1))
        if one.spans and (cost := send.cost(one.scope)):
            entries.append(AddToWindows(who, one.spans, at, made=cost))
    entries += [AddDistinct(who, thing, at) for who, thing in marks]
    return tuple(entries)


def uncount_send(send: Send, rules: Collection[ScopeRules]) -> tuple[Update, ...]:
    """What is taken from everybody's count when a send never left."""
    entries: list[Update] = []
    at, marks = send.at, dict[tuple[LimitKey, str], None]()
    for one, who in _applicable_rules(send.people, rules):
        if one.kept and distinct_value(send.verification, one.scope) is None:
            entries.append(RemoveSend(who, at))
        if one.spans and (cost := send.cost(one.scope)):
            entries.append(AddToWindows(who, one.spans, at, made=-cost))
        if one.budgets:
            marked, thing = budget_marker(send.people, one.scope)
            if send.people.of(marked).last_distinct_at(thing) == at:
                marks[marked, thing] = None
                entries.append(AddToWindows(who, one.windows, at, made=-1))
    return (*entries, *(RemoveDistinct(who, thing) for who, thing in marks))


def count_confirmation(people: LimitKeys, rules: Collection[ScopeRules]) -> tuple[Update, ...]:
    """The number of this verification is not unconfirmed any more."""
    entries: list[Update] = []
    marks = dict[tuple[LimitKey, str], None]()
    for one, who in _applicable_rules(people, rules):
        if one.scope is Scope.NEIGHBOURS:
            entries.append(RemoveDistinct(who, people.verification.number.e164))
        if one.budgets:
            marked, thing = budget_marker(people, one.scope)
            if at := people.of(marked).last_distinct_at(thing):
                marks[marked, thing] = None
                entries.append(AddToWindows(who, one.windows, at, 0, 1))
    return (*entries, *(RemoveDistinct(who, thing) for who, thing in marks))


def refund_minutes(send: Send, rules: Collection[ScopeRules], *, seconds: int) -> tuple[Update, ...]:
    """The minutes, and their price, that a call of this length did not use."""
    unused = MAX_CALL_MINUTES - min(-(-seconds // 60), MAX_CALL_MINUTES)
    return tuple(
        AddToWindows(who, one.spans, send.at, settled=back)
        for one, who in _applicable_rules(send.people, rules)
        if one.spans and (back := send.cost(one.scope, unused))
    )
