"""Who is counted for a send, how the limits stand, and what a send adds to the counts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .counts import Counts, Entry, Forgotten, Marked, Met, Ruling, Sent, TakenBack, Tallied
from .limits import Budget, Ceiling, Limit, Limits, Prices, Rule, Scope, Who
from .records import Verification
from .states import Channel

#: Neighbouring numbers share all but so many digits; ranges of a thousand or ten thousand are handed out together.
BLOCK = 4
#: A run of numbers is dialled through within one hundred.
RUN = 2
#: Sends that are kept beyond the largest count, so that a limit can be raised a little without forgetting.
SPARE = 8
#: What a call can cost: it is cut off after two minutes. What it did not use is given back at its end.
MOST_MINUTES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One call or text, of this verification, at this moment."""

    verification: Verification
    channel: Channel
    at: float
    prices: Prices = field(default_factory=dict, hash=False)
    people: dict[Scope, Who | None] = field(default_factory=dict, compare=False, repr=False)

    def whom(self, scope: Scope) -> Who | None:
        """Who is counted for it in this scope, worked out once."""
        if scope not in self.people:
            self.people[scope] = whom(self.verification, scope)
        return self.people[scope]

    def cost(self, scope: Scope, minutes: int = MOST_MINUTES) -> int:
        """What it costs, in minutes or in money; nothing where no price is known."""
        spoken = minutes if self.channel is Channel.CALL else 0
        if scope is Scope.MINUTES:
            return spoken
        price = self.prices.get(self.verification.number.region) or self.prices.get("*")
        if price is None:
            return 0
        return price.minute * spoken if self.channel is Channel.CALL else price.text


def whom(verification: Verification, scope: Scope) -> Who | None:
    """Who is counted in this scope for a verification; None when nobody is known, as without a source."""
    if not verification.source and scope in _OF_SOURCE:
        return None
    key = _KEYS[scope](verification)
    # What only looks like a send uses up nobody's allowance but that of its source; it is counted all the same, as
    # somebody that nobody is, because a count that is left out could be told by the time that it takes.
    return Who(scope, f"silent {key}" if verification.silent and scope is not Scope.SOURCE else key)


_OF_SOURCE = (Scope.SOURCE, Scope.COUNTRIES)
_KEYS: dict[Scope, Callable[[Verification], str]] = {
    Scope.NUMBER: lambda v: v.number.e164,
    Scope.ACCOUNT: lambda v: f"{v.service} {v.account}",
    Scope.SOURCE: lambda v: v.source,
    Scope.COUNTRIES: lambda v: v.source,
    Scope.PREFIX: lambda v: v.number.e164[:-BLOCK],
    Scope.NEIGHBOURS: lambda v: v.number.e164[:-RUN],
    Scope.COUNTRY: lambda v: v.number.region,
    Scope.SERVICE: lambda v: v.service,
    Scope.CHECKS: lambda v: v.service,
    Scope.UNCONFIRMED: lambda v: v.number.e164,
    Scope.TOTAL: lambda _: "",
    Scope.MINUTES: lambda _: "",
    Scope.MONEY: lambda _: "",
    Scope.KNOWN: lambda v: f"{v.service} {v.account} {v.number.e164}",
    Scope.RESERVE: lambda v: f"{v.service} {v.account} {v.number.e164}",
    Scope.RESERVED_CHECKS: lambda v: f"{v.service} {v.account} {v.number.e164}",
}


def other(verification: Verification, scope: Scope) -> str | None:
    """What is counted once however often it comes, in the scopes that count different things; None in the others."""
    if scope is Scope.COUNTRIES:
        return verification.number.region
    return verification.number.e164 if scope is Scope.NEIGHBOURS else None


def counted_as(verification: Verification, scope: Scope) -> Who:
    """By what a budget remembers that a number was counted: once an hour, say, however often it is sent to.

    The budget of a source is told to the public, so there the name counts that was asked for, whatever is behind it.
    """
    number = f"silent {verification.account}" if verification.silent else verification.number.e164
    if scope is not Scope.SOURCE:
        return Who(Scope.UNCONFIRMED, number)
    asked = f"name {verification.account}" if verification.discreet else number
    return Who(Scope.UNCONFIRMED, f"{verification.source} {asked}")


def waits(send: Send, counts: Counts, limits: Limits) -> Iterator[tuple[Scope, Rule, Who, float]]:
    """Every rule, and the seconds until it lets this through; 0 when it does now."""
    for scope, rules in limits:
        who = send.whom(scope)
        if who is not None:
            for rule in rules:
                yield scope, rule, who, max(0.0, wait(send, scope, rule, rules, who, counts))


def wait(send: Send, scope: Scope, rule: Rule, rules: tuple[Rule, ...], who: Who, counts: Counts) -> float:
    """Seconds until the rule, one of those of its scope, lets this through; 0 or less when it does now."""
    match rule:
        case Limit():
            thing = other(send.verification, scope)
            last = counts.nth_last(who, rule.count) if thing is None else counts.nth_other(who, thing, rule.count)
            return last + rule.seconds - send.at if last is not None else 0
        case Budget():
            tally = counts.tally(who, seconds=rule.seconds, now=send.at)
            if tally.open < rule.bound(tally.settled) or _is_counted(send, scope, budgets(rules), counts):
                return 0
            return tally.leaves - send.at
        case Ceiling():
            cost = send.cost(scope)
            if not cost:
                return 0
            tally = counts.tally(who, seconds=rule.seconds, now=send.at)
            return max(tally.leaves - send.at, 1) if tally.open + cost > rule.amount else 0


def ruling(send: Send, scope: Scope, rule: Rule, who: Who, counts: Counts, *, pause: float) -> Ruling:
    """How the rule stands, in numbers."""
    if isinstance(rule, Limit):
        thing, start = other(send.verification, scope), send.at - rule.seconds
        count = counts.since(who, start) if thing is None else counts.others_since(who, thing, start)
        return Ruling(f"{scope.value} {rule}", scope, count, rule.count, pause)
    tally = counts.tally(who, seconds=rule.seconds, now=send.at)
    bound = rule.bound(tally.settled) if isinstance(rule, Budget) else rule.amount
    name = f"unconfirmed {scope.value} {rule}" if isinstance(rule, Budget) else f"{scope.value} {rule}"
    return Ruling(name, scope, tally.open, bound, pause)


def budgets(rules: tuple[Rule, ...]) -> list[Budget]:
    """Those of the rules that are budgets."""
    return [rule for rule in rules if isinstance(rule, Budget)]


def _is_counted(send: Send, scope: Scope, found: list[Budget], counts: Counts) -> bool:
    """Whether the number was counted within the shortest window: what is sent to it now adds nothing."""
    return send.at - counts.marked(counted_as(send.verification, scope)) < min(rule.seconds for rule in found)


def sent(send: Send, counts: Counts, limits: Limits) -> tuple[Entry, ...]:
    """What a send adds to everybody's count."""
    return tuple(_sent(send, counts, limits))


def _sent(send: Send, counts: Counts, limits: Limits) -> Iterator[Entry]:
    for scope, rules in limits:
        who = send.whom(scope)
        if who is None:
            continue
        most = 0
        found = list[Budget]()
        for rule in rules:
            if isinstance(rule, Limit):
                most = max(most, rule.count)
            elif isinstance(rule, Budget):
                found.append(rule)
            elif cost := send.cost(scope):
                yield Tallied(who=who, seconds=rule.seconds, at=send.at, made=cost)
        if most:
            thing = other(send.verification, scope)
            yield Sent(who, send.at, most + SPARE) if thing is None else Met(who, thing, send.at)
        if found and not _is_counted(send, scope, found, counts):
            yield Marked(counted_as(send.verification, scope), send.at)
            for budget in found:
                yield Tallied(who=who, seconds=budget.seconds, at=send.at, made=1)


def _spent(send: Send, scope: Scope, who: Who, rules: tuple[Rule, ...], *, sign: int) -> Iterator[Entry]:
    for rule in rules:
        if isinstance(rule, Ceiling) and (cost := send.cost(scope)):
            yield Tallied(who=who, seconds=rule.seconds, at=send.at, made=cost * sign)


def taken_back(send: Send, counts: Counts, limits: Limits) -> tuple[Entry, ...]:
    """What is taken from everybody's count when a send never left."""
    entries: list[Entry] = []
    for scope, rules in limits:
        who = send.whom(scope)
        if who is None:
            continue
        if any(isinstance(rule, Limit) for rule in rules) and other(send.verification, scope) is None:
            entries.append(TakenBack(who, send.at))
        entries.extend(_spent(send, scope, who, rules, sign=-1))
        mark = counted_as(send.verification, scope)
        if (found := budgets(rules)) and counts.marked(mark) == send.at:
            entries.append(Marked(mark, None))
            entries.extend(Tallied(who=who, seconds=rule.seconds, at=send.at, made=-1) for rule in found)
    return tuple(entries)


def confirmed(verification: Verification, counts: Counts, limits: Limits) -> tuple[Entry, ...]:
    """The number of this verification is not unconfirmed any more."""
    entries: list[Entry] = []
    for scope, rules in limits:
        found = budgets(rules)
        who = whom(verification, scope) if found or scope is Scope.NEIGHBOURS else None
        if who is None:
            continue
        if scope is Scope.NEIGHBOURS and rules:
            entries.append(Forgotten(who, verification.number.e164))
        mark = counted_as(verification, scope)
        if found and (at := counts.marked(mark)):
            entries.append(Marked(mark, None))
            entries.extend(Tallied(who=who, seconds=rule.seconds, at=at, settled=1) for rule in found)
    return tuple(entries)


def given_back(send: Send, limits: Limits, *, seconds: int) -> tuple[Entry, ...]:
    """The minutes, and their price, that a call of this length did not use."""
    unused = MOST_MINUTES - min(-(-seconds // 60), MOST_MINUTES)
    return tuple(
        Tallied(who=who, seconds=rule.seconds, at=send.at, settled=back)
        for scope, rules in limits
        if (who := send.whom(scope))
        for rule in rules
        if isinstance(rule, Ceiling) and (back := send.cost(scope, unused))
    )
