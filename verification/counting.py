"""Who is counted for a send, how the limits stand, and what a send adds to the counts."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from .counted import NO_TALLY, Counted
from .counts import Counts, Entry, Forgotten, Met, Ruling, Sent, TakenBack, Tallied
from .limits import Budget, Limit, Prices, Rule, Rules, Scope, Who
from .records import Verification
from .states import Channel

#: Neighbouring numbers share all but so many digits; ranges of a thousand or ten thousand are handed out together.
BLOCK = 4
#: A run of numbers is dialled through within one hundred.
RUN = 2
#: What only looks like a send is counted as somebody's that nobody is.
SILENT = "silent "
#: What a call can cost: it is cut off after two minutes. What it did not use is given back at its end.
MOST_MINUTES = 2


class People:
    """Who is counted for a verification, and what was counted of them until now.

    Those of the `scopes` that a decision will look at are asked for in one question; others when they are wanted.
    """

    __slots__ = ("_counted", "counts", "everybody", "verification")

    def __init__(self, verification: Verification, counts: Counts, scopes: Collection[Scope] = ()) -> None:
        self.verification = verification
        self.counts = counts
        self.everybody = everybody(verification)
        wanted = [who for scope in scopes if (who := self.everybody[scope]) is not None]
        self._counted = dict(zip(wanted, counts.of(*wanted), strict=True))

    def of(self, who: Who) -> Counted:
        """What was counted of somebody."""
        if (counted := self._counted.get(who)) is None:
            (counted,) = self.counts.of(who)
            self._counted[who] = counted
        return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One call or text to these people, at this moment."""

    people: People
    channel: Channel
    at: float
    prices: Prices = field(default_factory=dict)

    @property
    def verification(self) -> Verification:
        """What it belongs to."""
        return self.people.verification

    def cost(self, scope: Scope, minutes: int = MOST_MINUTES) -> int:
        """What it costs, in minutes or in money; nothing where no price is known."""
        spoken = minutes if self.channel is Channel.CALL else 0
        if scope is Scope.MINUTES:
            return spoken
        price = self.prices.get(self.verification.number.region) or self.prices.get("*")
        if price is None:
            return 0
        return price.minute * spoken if self.channel is Channel.CALL else price.text


def browser_of(verification: Verification, scope: Scope) -> Who:
    """The browsers that have proven this account and number."""
    return Who(scope, f"{verification.service} {verification.account} {verification.number.e164}")


def everybody(verification: Verification) -> dict[Scope, Who | None]:
    """Who is counted in which scope for a verification; None where nobody is known, as without a source.

    Countries of a source are counted with all else about it, and who asks for a number with all about that number.
    """
    v, number, silent = verification, verification.number.e164, ""
    account = f"{v.service} {v.account}"
    line = asked = Who(Scope.NUMBER, number)
    source = countries = Who(Scope.SOURCE, v.source) if v.source else None
    if v.discreet:
        # What only looks like a send uses up nobody's allowance but that of its source. It is counted all the same, as
        # somebody that nobody is, and in as many rows: a count that is left out could be told by its time.
        silent = SILENT if v.silent else ""
        asked = Who(Scope.ASKED, account)
        countries = Who(Scope.COUNTRIES, silent + v.source) if v.source else None
        line = Who(Scope.NUMBER, silent + v.account) if silent else line
    return {
        Scope.NUMBER: line,
        Scope.ASKED: asked,
        Scope.ACCOUNT: Who(Scope.ACCOUNT, silent + account),
        Scope.SOURCE: source,
        Scope.COUNTRIES: countries,
        Scope.PREFIX: Who(Scope.PREFIX, silent + number[:-BLOCK]),
        Scope.NEIGHBOURS: Who(Scope.NEIGHBOURS, silent + number[:-RUN]),
        Scope.COUNTRY: Who(Scope.COUNTRY, silent + v.number.region),
        Scope.SERVICE: Who(Scope.SERVICE, silent + v.service),
        Scope.CHECKS: Who(Scope.CHECKS, silent + v.service),
        Scope.TOTAL: Who(Scope.TOTAL, silent),
        Scope.MINUTES: Who(Scope.MINUTES, silent),
        Scope.MONEY: Who(Scope.MONEY, silent),
    }


def other(verification: Verification, scope: Scope) -> str | None:
    """What is counted once however often it comes, in the scopes that count different things; None in the others."""
    if scope is Scope.COUNTRIES:
        return verification.number.region
    return verification.number.e164 if scope is Scope.NEIGHBOURS else None


def counted_as(people: People, scope: Scope) -> tuple[Who, str]:
    """Who remembers that they were counted in the budgets of this scope, and as what: once an hour, say, not each send.

    That is the number, for whichever source asks for it, and for everybody else. The budget of a source is told to the
    public, so there the name counts that was asked for, whatever is behind it.
    """
    of_source = scope is Scope.SOURCE
    who = people.everybody[Scope.ASKED if of_source else Scope.NUMBER]
    assert who is not None, "only sources are unknown"
    return who, people.verification.source if of_source else _EVERYBODY


_EVERYBODY = ""


def full(send: Send, rules: Collection[Rules]) -> list[tuple[Scope, Rule, Who, float]]:
    """Every rule that does not let this through now, and the seconds until it does.

    Most people were counted less often than any limit allows, so most rules need no look at when that was.
    """
    people = send.people
    near = [one for one, who in _with_rules(people, rules) if one.may_hold(people.of(who))]
    return [one for one in waits(send, near) if one[3] > 0]


def waits(send: Send, rules: Collection[Rules]) -> Iterator[tuple[Scope, Rule, Who, float]]:
    """Every rule, and the seconds until it lets this through; 0 or less when it does now."""
    people, at = send.people, send.at
    for one, who in _with_rules(people, rules):
        scope, counted = one.scope, people.of(who)
        if one.limits:
            thing = other(people.verification, scope)
            for limit in one.limits:
                last = counted.nth_last(limit.count) if thing is None else counted.nth_other(thing, limit.count)
                yield scope, limit, who, last + limit.seconds - at if last is not None else 0
        for budget in one.budgets:
            tally = counted.tally(budget.seconds, at)
            spent = tally.open >= budget.bound(tally.settled) and not _is_counted(send, one)
            yield scope, budget, who, tally.leaves - at if spent else 0
        for ceiling in one.ceilings:
            cost = send.cost(scope)
            tally = counted.tally(ceiling.seconds, at) if cost else NO_TALLY
            yield scope, ceiling, who, max(tally.leaves - at, 1) if tally.open + cost > ceiling.amount else 0


def ruling(send: Send, scope: Scope, rule: Rule, who: Who, *, wait: float) -> Ruling:
    """How the rule stands, in numbers."""
    counted, wait = send.people.of(who), max(0.0, wait)
    if isinstance(rule, Limit):
        thing, start = other(send.verification, scope), send.at - rule.seconds
        count = counted.since(start) if thing is None else counted.others_since(thing, start)
        return Ruling(f"{scope.value} {rule}", scope, count, rule.count, wait)
    tally = counted.tally(rule.seconds, send.at)
    bound = rule.bound(tally.settled) if isinstance(rule, Budget) else rule.amount
    name = f"unconfirmed {scope.value} {rule}" if isinstance(rule, Budget) else f"{scope.value} {rule}"
    return Ruling(name, scope, tally.open, bound, wait)


def _is_counted(send: Send, rules: Rules) -> bool:
    """Whether the number was counted within the shortest window: what is sent to it now adds nothing."""
    who, thing = counted_as(send.people, rules.scope)
    return send.at - send.people.of(who).last_met(thing) < min(rules.windows)


def _with_rules(people: People, rules: Collection[Rules]) -> list[tuple[Rules, Who]]:
    """The rules of each scope in which somebody is known."""
    return [(one, who) for one in rules if (who := people.everybody[one.scope]) is not None]


def sent(send: Send, rules: Collection[Rules]) -> tuple[Entry, ...]:
    """What a send adds to everybody's count."""
    entries: list[Entry] = []
    at, marks = send.at, dict[tuple[Who, str], None]()
    for one, who in _with_rules(send.people, rules):
        if one.kept:
            thing = other(send.verification, one.scope)
            entries.append(Sent(who, at, one.kept) if thing is None else Met(who, thing, at))
        if one.budgets and not _is_counted(send, one):
            marks[counted_as(send.people, one.scope)] = None
            entries.append(Tallied(who, one.windows, at, 1))
        if one.spans and (cost := send.cost(one.scope)):
            entries.append(Tallied(who, one.spans, at, made=cost))
    entries += [Met(who, thing, at) for who, thing in marks]
    return tuple(entries)


def taken_back(send: Send, rules: Collection[Rules]) -> tuple[Entry, ...]:
    """What is taken from everybody's count when a send never left."""
    entries: list[Entry] = []
    at, marks = send.at, dict[tuple[Who, str], None]()
    for one, who in _with_rules(send.people, rules):
        if one.kept and other(send.verification, one.scope) is None:
            entries.append(TakenBack(who, at))
        if one.spans and (cost := send.cost(one.scope)):
            entries.append(Tallied(who, one.spans, at, made=-cost))
        if one.budgets:
            marked, thing = counted_as(send.people, one.scope)
            if send.people.of(marked).last_met(thing) == at:
                marks[marked, thing] = None
                entries.append(Tallied(who, one.windows, at, made=-1))
    return (*entries, *(Forgotten(who, thing) for who, thing in marks))


def confirmed(people: People, rules: Collection[Rules]) -> tuple[Entry, ...]:
    """The number of this verification is not unconfirmed any more."""
    entries: list[Entry] = []
    marks = dict[tuple[Who, str], None]()
    for one, who in _with_rules(people, rules):
        if one.scope is Scope.NEIGHBOURS:
            entries.append(Forgotten(who, people.verification.number.e164))
        if one.budgets:
            marked, thing = counted_as(people, one.scope)
            if at := people.of(marked).last_met(thing):
                marks[marked, thing] = None
                entries.append(Tallied(who, one.windows, at, 0, 1))
    return (*entries, *(Forgotten(who, thing) for who, thing in marks))


def given_back(send: Send, rules: Collection[Rules], *, seconds: int) -> tuple[Entry, ...]:
    """The minutes, and their price, that a call of this length did not use."""
    unused = MOST_MINUTES - min(-(-seconds // 60), MOST_MINUTES)
    return tuple(
        Tallied(who, one.spans, send.at, settled=back)
        for one, who in _with_rules(send.people, rules)
        if one.spans and (back := send.cost(one.scope, unused))
    )
