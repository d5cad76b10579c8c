"""May one more call or text leave now? Whoever sends asks here: starts, repeats, keys in a call, texts, the switch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..counters.rules import EXTRA_KEPT, Ceiling, LimitKey, Rule
from ..counters.updates import AddSend, Denial, RecordAlert, RuleStatus, Update
from ..errors import (
    BudgetSpent,
    ChecksPaused,
    ChecksStopped,
    LimitReached,
    NotEnrolled,
    NumberPaused,
    NumberTooNew,
    TooSoon,
    VerificationError,
)
from ..models import Delivery, Event, EventKind, State, Verification
from ..policy import Policy
from ..ports import Changes
from ..types import Channel, Scope
from .delivery import MAX_CALL_SECONDS, live_calls, never_sent
from .lockout import MAX_PAUSE, lockout, rule_statuses
from .rate_limits import LimitKeys, Send, count_send, evaluate, exceeded, rule_status, trusted_browser_key

#: Seconds after which a phone that is talking may be free again; nobody knows how long it will talk.
MIN_WAIT = 10
#: What an attacker can fill up for somebody else; a browser that has proven this account and number passes it by.
TRUSTED_BROWSER_BYPASSES = frozenset({Scope.NUMBER, Scope.ACCOUNT, Scope.PREFIX, Scope.COUNTRY, Scope.NEIGHBOURS})
#: What protects the operator's money, not one person.
OPERATOR_SCOPES = frozenset(
    {Scope.PREFIX, Scope.NEIGHBOURS, Scope.COUNTRY, Scope.SERVICE, Scope.TOTAL, Scope.MINUTES, Scope.MONEY}
)
_REASONS: dict[type[VerificationError], str] = {
    ChecksPaused: "paused after wrong codes",
    ChecksStopped: "stopped after wrong codes",
    NotEnrolled: "not enrolled",
    NumberPaused: "reported",
    NumberTooNew: "number too new",
    TooSoon: "too soon",
}


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether it may leave, and what is to be written in either case."""

    refusal: VerificationError | None
    counted: tuple[Update, ...] = ()
    events: tuple[Event, ...] = ()
    refusals: tuple[Denial, ...] = ()

    def refused(self) -> Changes[Any]:
        """The decision when it may not."""
        return Changes(result=self.refusal, counted=self.counted, events=self.events, refusals=self.refusals)


@dataclass(frozen=True, slots=True)
class _Violation:
    refusal: VerificationError
    scope: Scope | None = None
    rule: Rule | None = None
    who: LimitKey | None = None


def admit(
    state: State, verification: Verification, delivery: Delivery, *, now: float, policy: Policy, pause: float = 0
) -> Admission:
    """Whether this delivery of the verification may leave now. `pause`: seconds that its own spacing still lasts.

    What only watches lets it go and writes down what would have stood against it.
    """
    people = LimitKeys(verification, state.counts, policy.sending)
    send = Send(people=people, channel=delivery.channel, at=now, prices=policy.prices)
    obstacles = [_Violation(TooSoon(pause))] if pause > 0 else []
    obstacles += _violations(state, send, policy)
    counted = count_send(send, policy.rules)
    if not obstacles:
        return Admission(None, counted)
    reserve = _use_send_allowance(send, obstacles, policy)
    if reserve is not None:
        return Admission(None, (*counted, *reserve))
    found = obstacles[0]
    told = build_denial(state, send, policy, reason=full_reason(found.refusal), delivery=delivery.sid, pause=pause)
    sid = verification.sid if state.verification and state.verification.sid == verification.sid else ""
    alerts, alarms = _alerts(state, found, verification, now, sid=sid)
    event = Event(
        kind=EventKind.START_REFUSED if policy.enforce else EventKind.LIMIT_WATCHED,
        at=now,
        # A start that was refused has no row that an event could belong to; the sid of what was not sent names it.
        verification=sid if policy.enforce else verification.sid,
        delivery=delivery.sid if policy.enforce else "",
        detail=short_reason(found.refusal),
        source=verification.source,
    )
    if policy.enforce:
        return Admission(found.refusal, alerts, (*alarms, event), (told,))
    return Admission(None, (*counted, *alerts), (*alarms, event), (told,))


def spacing_left(state: State, *, now: float, policy: Policy) -> float:
    """Seconds that the pause after the last delivery of the case still lasts."""
    left = [d for d in state.deliveries if not never_sent(d)]
    return max(0.0, left[-1].created_at + policy.spacing(len(left)) - now) if left else 0.0


def build_denial(
    state: State, send: Send, policy: Policy, *, reason: str, delivery: str = "", pause: float = 0
) -> Denial:
    """What is kept for whoever asks why."""
    return Denial(
        verification=send.verification.sid,
        delivery=delivery,
        number=send.verification.number,
        at=send.at,
        reason=reason,
        watched=not policy.enforce,
        rule_statuses=all_rule_statuses(state, send, policy, pause=pause),
    )


def all_rule_statuses(state: State, send: Send, policy: Policy, *, pause: float = 0) -> tuple[RuleStatus, ...]:
    """All rules and how they stand, whether they refuse or not."""
    verification, now = send.verification, send.at
    reported = max(0.0, state.paused_until - now)
    line = _call_in_progress(state, send, policy)
    reserve, limit = trusted_browser_key(verification, Scope.SEND_ALLOWANCE), policy.reserve
    return (
        RuleStatus("pause between two deliveries", Scope.NUMBER, float(pause > 0), 1, pause),
        RuleStatus("report by the holder of the number", Scope.NUMBER, float(reported > 0), 1, reported),
        RuleStatus("one live call for a number", Scope.NUMBER, float(line is not None), 1, line.wait if line else 0),
        *rule_statuses(send.people, now=now, policy=policy),
        *(rule_status(send, scope, rule, who, wait=wait) for scope, rule, who, wait in evaluate(send, policy.rules)),
        *((rule_status(send, Scope.SEND_ALLOWANCE, limit, reserve, wait=0),) if verification.known else ()),
    )


def _violations(state: State, send: Send, policy: Policy) -> Iterator[_Violation]:
    """What stands against it, the first to be told first: a report, wrong codes, the longest limit, a line in use."""
    now = send.at
    if now < state.paused_until:
        yield _Violation(NumberPaused(state.paused_until - now))
    guessed = lockout(send.people, now=now, policy=policy)
    if guessed is not None and guessed.wait >= policy.code_lifetime:
        # Its code could not be checked in its life, so nobody is rung up for it.
        refusal = ChecksStopped(MAX_PAUSE) if guessed.stopped else ChecksPaused(guessed.wait)
        yield _Violation(refusal, guessed.scope)
    for scope, rule, who, wait in sorted(exceeded(send, policy.rules), key=lambda one: -one[3]):
        kind = BudgetSpent if scope in OPERATOR_SCOPES else LimitReached
        yield _Violation(kind(scope, wait, str(rule)), scope, rule, who)
    line = _call_in_progress(state, send, policy)
    if line is not None:
        yield _Violation(line)


def _call_in_progress(state: State, send: Send, policy: Policy) -> TooSoon | None:
    if send.channel is not Channel.CALL:
        return None
    up = [d.created_at for d in live_calls(state, now=send.at, policy=policy) if d.provider_sid is None]
    if state.verification is not None and state.verification.number != send.verification.number:
        up = []
    if state.other_call_since is not None and send.at - state.other_call_since < MAX_CALL_SECONDS:
        up.append(state.other_call_since)
    if not up:
        return None
    return TooSoon(max(max(up) + policy.unknown_timeout - send.at, MIN_WAIT))


def _use_send_allowance(send: Send, obstacles: list[_Violation], policy: Policy) -> tuple[Update, ...] | None:
    """What a known browser takes from its reserve to pass by what others have filled up; None when it cannot."""
    who = trusted_browser_key(send.verification, Scope.SEND_ALLOWANCE)
    passable = all(one.scope in TRUSTED_BROWSER_BYPASSES and not isinstance(one.rule, Ceiling) for one in obstacles)
    if not send.verification.known or not passable:
        return None
    last = send.people.of(who).nth_last_send(policy.reserve.count)
    if last is not None and send.at - last < policy.reserve.seconds:
        return None
    return (AddSend(who, send.at, policy.reserve.count + EXTRA_KEPT),)


def _alerts(
    state: State, found: _Violation, verification: Verification, now: float, *, sid: str
) -> tuple[tuple[Update, ...], tuple[Event, ...]]:
    """The operator is told once for each window when a ceiling of theirs is reached."""
    if not isinstance(found.refusal, BudgetSpent) or found.rule is None or found.who is None:
        return (), ()
    rule = str(found.rule)
    if now - state.counts.alerted(found.who, rule) < found.rule.seconds:
        return (), ()
    detail = f"{full_reason(found.refusal)}, {verification.number.region}"
    event = Event(kind=EventKind.ALERT, at=now, verification=sid, detail=detail)
    return (RecordAlert(found.who, rule, now),), (event,)


def short_reason(refusal: VerificationError) -> str:
    """The reason in a word or two, which are few enough to be counted by."""
    return f"limit {refusal.scope.value}" if isinstance(refusal, LimitReached) else _REASONS[type(refusal)]


def full_reason(refusal: VerificationError) -> str:
    """The same with the rule, as its setting has it."""
    return f"{short_reason(refusal)} {refusal.rule}" if isinstance(refusal, LimitReached) else short_reason(refusal)
