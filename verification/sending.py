"""May one more call or text leave now? Whoever sends asks here: starts, repeats, keys in a call, texts, the switch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .counting import People, Send, browser_of, full, ruling, sent, waits
from .counts import Alerted, Entry, Refusal, Ruling, Sent
from .delivering import LONGEST_CALL, live_calls, never_left
from .errors import (
    BudgetSpent,
    ChecksPaused,
    ChecksStopped,
    LimitReached,
    NotEnrolled,
    NumberPaused,
    NumberTooNew,
    Refused,
    TooSoon,
)
from .guessing import LONGEST_PAUSE, held, rulings
from .limits import SPARE, Ceiling, Rule, Scope, Who
from .policy import Policy
from .ports import Decision
from .records import Case, Delivery, Event, EventKind, Verification
from .states import Channel

#: Seconds after which a phone that is talking may be free again; nobody knows how long it will talk.
SHORTEST_WAIT = 10
#: What an attacker can fill up for somebody else; a browser that has proven this account and number passes it by.
PASSED_BY_KNOWN = frozenset({Scope.NUMBER, Scope.ACCOUNT, Scope.PREFIX, Scope.COUNTRY, Scope.NEIGHBOURS})
#: What protects the operator's money, not one person.
OPERATORS = frozenset(
    {Scope.PREFIX, Scope.NEIGHBOURS, Scope.COUNTRY, Scope.SERVICE, Scope.TOTAL, Scope.MINUTES, Scope.MONEY}
)
_WHY: dict[type[Refused], str] = {
    ChecksPaused: "paused after wrong codes",
    ChecksStopped: "stopped after wrong codes",
    NotEnrolled: "not enrolled",
    NumberPaused: "reported",
    NumberTooNew: "number too new",
    TooSoon: "too soon",
}


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether it may leave, and what is to be written in either case."""

    refusal: Refused | None
    counted: tuple[Entry, ...] = ()
    events: tuple[Event, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    def refused(self) -> Decision[Any]:
        """The decision when it may not."""
        return Decision(verdict=self.refusal, counted=self.counted, events=self.events, refusals=self.refusals)


@dataclass(frozen=True, slots=True)
class _Obstacle:
    refusal: Refused
    scope: Scope | None = None
    rule: Rule | None = None
    who: Who | None = None


def permit(
    case: Case, verification: Verification, delivery: Delivery, *, now: float, policy: Policy, pause: float = 0
) -> Permit:
    """Whether this delivery of the verification may leave now. `pause`: seconds that its own spacing still lasts.

    What only watches lets it go and writes down what would have stood against it.
    """
    people = People(verification, case.counts, policy.sending)
    send = Send(people=people, channel=delivery.channel, at=now, prices=policy.prices)
    obstacles = [_Obstacle(TooSoon(pause))] if pause > 0 else []
    obstacles += _obstacles(case, send, policy)
    counted = sent(send, policy.rules)
    if not obstacles:
        return Permit(None, counted)
    reserve = _reserve(send, obstacles, policy)
    if reserve is not None:
        return Permit(None, (*counted, *reserve))
    found = obstacles[0]
    told = report(case, send, policy, reason=reason(found.refusal), delivery=delivery.sid, pause=pause)
    sid = verification.sid if case.verification and case.verification.sid == verification.sid else ""
    alerts, alarms = _alerts(case, found, verification, now, sid=sid)
    event = Event(
        kind=EventKind.START_REFUSED if policy.enforce else EventKind.LIMIT_WATCHED,
        at=now,
        # A start that was refused has no row that an event could belong to; the sid of what was not sent names it.
        verification=sid if policy.enforce else verification.sid,
        delivery=delivery.sid if policy.enforce else "",
        detail=why(found.refusal),
        source=verification.source,
    )
    if policy.enforce:
        return Permit(found.refusal, alerts, (*alarms, event), (told,))
    return Permit(None, (*counted, *alerts), (*alarms, event), (told,))


def spacing(case: Case, *, now: float, policy: Policy) -> float:
    """Seconds that the pause after the last delivery of the case still lasts."""
    left = [d for d in case.deliveries if not never_left(d)]
    return max(0.0, left[-1].created_at + policy.spacing(len(left)) - now) if left else 0.0


def report(case: Case, send: Send, policy: Policy, *, reason: str, delivery: str = "", pause: float = 0) -> Refusal:
    """What is kept for whoever asks why."""
    return Refusal(
        verification=send.verification.sid,
        delivery=delivery,
        number=send.verification.number,
        at=send.at,
        reason=reason,
        watched=not policy.enforce,
        rulings=standing(case, send, policy, pause=pause),
    )


def standing(case: Case, send: Send, policy: Policy, *, pause: float = 0) -> tuple[Ruling, ...]:
    """All rules and how they stand, whether they refuse or not."""
    verification, now = send.verification, send.at
    reported = max(0.0, case.paused_until - now)
    line = _line_is_up(case, send, policy)
    reserve, limit = browser_of(verification, Scope.RESERVE), policy.reserve
    return (
        Ruling("pause between two deliveries", Scope.NUMBER, float(pause > 0), 1, pause),
        Ruling("report by the holder of the number", Scope.NUMBER, float(reported > 0), 1, reported),
        Ruling("one live call for a number", Scope.NUMBER, float(line is not None), 1, line.wait if line else 0),
        *rulings(send.people, now=now, policy=policy),
        *(ruling(send, scope, rule, who, wait=wait) for scope, rule, who, wait in waits(send, policy.rules)),
        *((ruling(send, Scope.RESERVE, limit, reserve, wait=0),) if verification.known else ()),
    )


def _obstacles(case: Case, send: Send, policy: Policy) -> Iterator[_Obstacle]:
    """What stands against it, the first to be told first: a report, wrong codes, the longest limit, a line in use."""
    now = send.at
    if now < case.paused_until:
        yield _Obstacle(NumberPaused(case.paused_until - now))
    guessed = held(send.people, now=now, policy=policy)
    if guessed is not None and guessed.wait >= policy.code_lifetime:
        # Its code could not be checked in its life, so nobody is rung up for it.
        refusal = ChecksStopped(LONGEST_PAUSE) if guessed.stopped else ChecksPaused(guessed.wait)
        yield _Obstacle(refusal, guessed.scope)
    for scope, rule, who, wait in sorted(full(send, policy.rules), key=lambda one: -one[3]):
        kind = BudgetSpent if scope in OPERATORS else LimitReached
        yield _Obstacle(kind(scope, wait, str(rule)), scope, rule, who)
    line = _line_is_up(case, send, policy)
    if line is not None:
        yield _Obstacle(line)


def _line_is_up(case: Case, send: Send, policy: Policy) -> TooSoon | None:
    if send.channel is not Channel.CALL:
        return None
    up = [d.created_at for d in live_calls(case, now=send.at, policy=policy) if d.carrier_sid is None]
    if case.verification is not None and case.verification.number != send.verification.number:
        up = []
    if case.called_elsewhere is not None and send.at - case.called_elsewhere < LONGEST_CALL:
        up.append(case.called_elsewhere)
    if not up:
        return None
    return TooSoon(max(max(up) + policy.unknown_patience - send.at, SHORTEST_WAIT))


def _reserve(send: Send, obstacles: list[_Obstacle], policy: Policy) -> tuple[Entry, ...] | None:
    """What a known browser takes from its reserve to pass by what others have filled up; None when it cannot."""
    who = browser_of(send.verification, Scope.RESERVE)
    passable = all(one.scope in PASSED_BY_KNOWN and not isinstance(one.rule, Ceiling) for one in obstacles)
    if not send.verification.known or not passable:
        return None
    last = send.people.of(who).nth_last(policy.reserve.count)
    if last is not None and send.at - last < policy.reserve.seconds:
        return None
    return (Sent(who, send.at, policy.reserve.count + SPARE),)


def _alerts(
    case: Case, found: _Obstacle, verification: Verification, now: float, *, sid: str
) -> tuple[tuple[Entry, ...], tuple[Event, ...]]:
    """The operator is told once for each window when a ceiling of theirs is reached."""
    if not isinstance(found.refusal, BudgetSpent) or found.rule is None or found.who is None:
        return (), ()
    rule = str(found.rule)
    if now - case.counts.alerted(found.who, rule) < found.rule.seconds:
        return (), ()
    detail = f"{reason(found.refusal)}, {verification.number.region}"
    event = Event(kind=EventKind.ALERT, at=now, verification=sid, detail=detail)
    return (Alerted(found.who, rule, now),), (event,)


def why(refusal: Refused) -> str:
    """The reason in a word or two, which are few enough to be counted by."""
    return f"limit {refusal.scope.value}" if isinstance(refusal, LimitReached) else _WHY[type(refusal)]


def reason(refusal: Refused) -> str:
    """The same with the rule, as its setting has it."""
    return f"{why(refusal)} {refusal.rule}" if isinstance(refusal, LimitReached) else why(refusal)
