"""Who is counted for a send, how the limits stand, and what a send adds to the counts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .counts import Counts, Entry, Forgotten, Met, Ruling, Sent, TakenBack, Tallied
from .limits import Budget, Ceiling, Limit, Limits, Prices, Rule, Scope, Who
from .records import Verification
from .states import Channel

#: Neighbouring numbers share all but so many digits; ranges of a thousand or ten thousand are handed out together.
BLOCK = 4
#: A run of numbers is dialled through within one hundred.
RUN = 2
#: Sends that are kept beyond the largest count, so that a limit can be raised a little without forgetting.
SPARE = 8
#: Nothing that is counted is looked back at for longer.
LONGEST = 31 * 86400
#: What a call can cost: it is cut off after two minutes. What it did not use is given back at its end.
MOST_MINUTES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One call or text, of this verification, at this moment."""

    verification: Verification
    channel: Channel
    at: float
    prices: Prices = field(default_factory=dict, hash=False)

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
    e164, service = verification.number.e164, verification.service
    # What only looks like a send uses up nobody's allowance but that of its source; it is counted all the same, as
    # somebody that nobody is, because a count that is left out could be told by the time that it takes.
    apart = "silent " if verification.silent else ""
    match scope:
        case Scope.NUMBER:
            return Who(scope, apart + e164)
        case Scope.ACCOUNT:
            return Who(scope, f"{apart}{service} {verification.account}")
        case Scope.SOURCE:
            return Who(scope, verification.source) if verification.source else None
        case Scope.COUNTRIES:
            return Who(scope, apart + verification.source) if verification.source else None
        case Scope.PREFIX:
            return Who(scope, apart + e164[:-BLOCK])
        case Scope.NEIGHBOURS:
            return Who(scope, apart + e164[:-RUN])
        case Scope.COUNTRY:
            return Who(scope, apart + verification.number.region)
        case Scope.SERVICE | Scope.CHECKS:
            return Who(scope, apart + service)
        case Scope.TOTAL | Scope.MINUTES | Scope.MONEY:
            return Who(scope, apart)
        case Scope.UNCONFIRMED:
            return counted_as(verification, scope)
        case Scope.KNOWN | Scope.RESERVE | Scope.RESERVED_CHECKS:
            return Who(scope, f"{apart}{service} {verification.account} {e164}")


def other(verification: Verification, scope: Scope) -> str | None:
    """What is counted once however often it comes, in the scopes that count different things; None in the others."""
    if scope is Scope.COUNTRIES:
        return verification.number.region
    return verification.number.e164 if scope is Scope.NEIGHBOURS else None


def counted_as(verification: Verification, scope: Scope) -> Who:
    """By what a budget remembers that a number is counted already: once, however often it is sent to."""
    number = f"silent {verification.account}" if verification.silent else verification.number.e164
    return Who(Scope.UNCONFIRMED, f"{verification.source} {number}" if scope is Scope.SOURCE else number)


def waits(send: Send, counts: Counts, limits: Limits) -> Iterator[tuple[Scope, Rule, Who, float]]:
    """Every rule, and the seconds until it lets this through; 0 when it does now."""
    for scope, rules in limits:
        who = whom(send.verification, scope)
        if who is not None:
            for rule in rules:
                yield scope, rule, who, max(0.0, wait(send, scope, rule, who, counts))


def wait(send: Send, scope: Scope, rule: Rule, who: Who, counts: Counts) -> float:
    """Seconds until the rule lets this through; 0 or less when it does now."""
    match rule:
        case Limit():
            thing = other(send.verification, scope)
            last = counts.nth_last(who, rule.count) if thing is None else counts.nth_other(who, thing, rule.count)
            return last + rule.seconds - send.at if last is not None else 0
        case Budget():
            tally = counts.tally(who, seconds=rule.seconds, now=send.at)
            full = tally.open >= rule.bound(tally.settled)
            # What is counted already adds nothing.
            adds = full and not _is_counted(send.verification, scope, rule, counts, at=send.at)
            return tally.leaves - send.at if adds else 0
        case Ceiling():
            cost = send.cost(scope)
            tally = counts.tally(who, seconds=rule.seconds, now=send.at)
            return max(tally.leaves - send.at, 1) if cost and tally.open + cost > rule.amount else 0


def ruling(send: Send, scope: Scope, rule: Rule, who: Who, counts: Counts) -> Ruling:
    """How the rule stands, in numbers."""
    pause = max(0.0, wait(send, scope, rule, who, counts))
    if isinstance(rule, Limit):
        thing, start = other(send.verification, scope), send.at - rule.seconds
        count = counts.since(who, start) if thing is None else counts.others_since(who, thing, start)
        return Ruling(f"{scope.value} {rule}", scope, count, rule.count, pause)
    tally = counts.tally(who, seconds=rule.seconds, now=send.at)
    bound = rule.bound(tally.settled) if isinstance(rule, Budget) else rule.amount
    name = f"unconfirmed {scope.value} {rule}" if isinstance(rule, Budget) else f"{scope.value} {rule}"
    return Ruling(name, scope, tally.open, bound, pause)


def _is_counted(verification: Verification, scope: Scope, rule: Budget, counts: Counts, *, at: float) -> bool:
    return at - counts.met(counted_as(verification, scope), str(rule.seconds)) < rule.seconds


def sent(send: Send, counts: Counts, limits: Limits) -> tuple[Entry, ...]:
    """What a send adds to everybody's count."""
    return tuple(_sent(send, counts, limits))


def _sent(send: Send, counts: Counts, limits: Limits) -> Iterator[Entry]:
    for scope, rules in limits:
        who = whom(send.verification, scope)
        if who is None:
            continue
        counted = [rule for rule in rules if isinstance(rule, Limit)]
        thing = other(send.verification, scope)
        if counted and thing is not None:
            yield Met(who, thing, send.at, max(rule.seconds for rule in counted))
        elif counted:
            yield Sent(who, send.at, max(rule.count for rule in counted) + SPARE)
        for rule in rules:
            if isinstance(rule, Ceiling) and (cost := send.cost(scope)):
                yield Tallied(who=who, seconds=rule.seconds, at=send.at, made=cost)
            elif isinstance(rule, Budget) and not _is_counted(send.verification, scope, rule, counts, at=send.at):
                yield Tallied(who=who, seconds=rule.seconds, at=send.at, made=1)
                yield Met(counted_as(send.verification, scope), str(rule.seconds), send.at, LONGEST)


def taken_back(send: Send, counts: Counts, limits: Limits) -> tuple[Entry, ...]:
    """What is taken from everybody's count when a send never left."""
    entries: list[Entry] = []
    for scope, rules in limits:
        who = whom(send.verification, scope)
        if who is None:
            continue
        if any(isinstance(rule, Limit) for rule in rules) and other(send.verification, scope) is None:
            entries.append(TakenBack(who, send.at))
        for rule in rules:
            if isinstance(rule, Ceiling) and (cost := send.cost(scope)):
                entries.append(Tallied(who=who, seconds=rule.seconds, at=send.at, made=-cost))
            elif isinstance(rule, Budget):
                counted = counted_as(send.verification, scope)
                if counts.met(counted, str(rule.seconds)) == send.at:
                    entries.append(Tallied(who=who, seconds=rule.seconds, at=send.at, made=-1))
                    entries.append(Forgotten(counted, str(rule.seconds)))
    return tuple(entries)


def confirmed(verification: Verification, counts: Counts, limits: Limits, *, now: float) -> tuple[Entry, ...]:
    """The number of this verification is not unconfirmed any more."""
    entries: list[Entry] = []
    for scope, rules in limits:
        who = whom(verification, scope)
        if who is None:
            continue
        if scope is Scope.NEIGHBOURS and any(isinstance(rule, Limit) for rule in rules):
            entries.append(Forgotten(who, verification.number.e164))
        for rule in rules:
            if isinstance(rule, Budget) and _is_counted(verification, scope, rule, counts, at=now):
                counted = counted_as(verification, scope)
                at = counts.met(counted, str(rule.seconds))
                entries.append(Tallied(who=who, seconds=rule.seconds, at=at, settled=1))
                entries.append(Forgotten(counted, str(rule.seconds)))
    return tuple(entries)


def given_back(send: Send, limits: Limits, *, seconds: int) -> tuple[Entry, ...]:
    """The minutes, and their price, that a call of this length did not use."""
    unused = MOST_MINUTES - min(-(-seconds // 60), MOST_MINUTES)
    return tuple(
        Tallied(who=who, seconds=rule.seconds, at=send.at, settled=back)
        for scope, rules in limits
        if (who := whom(send.verification, scope))
        for rule in rules
        if isinstance(rule, Ceiling) and (back := send.cost(scope, unused))
    )
