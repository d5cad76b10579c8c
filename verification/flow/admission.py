"""Whether one more call or text may be sent now. Every send asks here: starts, resends, keys in a call, the switch."""

from collections.abc import Collection, Iterator
from typing import Any

from msgspec.structs import replace

from ..context import Context
from ..counters.counter import (
    CLOCK_TOLERANCE,
    IN_PROGRESS_WINDOW,
    AddDistinct,
    AddSend,
    AddToWindows,
    LimitKey,
    RecordAlert,
    Update,
)
from ..counters.rules import EXTRA_KEPT, Ceiling, Denial, Rule, RuleStatus, ScopeRules
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
from ..ports import Changes
from ..types import Channel, Record, Scope
from .ending import MAX_CALL_SECONDS, brought_nothing, live_calls, never_sent
from .lockout import GATES_RULE, MAX_PAUSE, gates_wait, lockout, rule_statuses
from .rate_limits import (
    IN_PROGRESS,
    OWN_BUDGETS,
    LimitKeys,
    Send,
    allowance_key,
    applicable_rules,
    distinct_value,
    evaluate,
    exceeded,
    is_in_progress,
    number_key_of,
    rule_status,
    source_may_add,
)
from .refusals import record_refusal

#: Seconds to wait for a busy phone, as the length of its call is not known.
MIN_WAIT = 10
#: Limits that an attacker could exhaust for a victim. Trusted browsers bypass them.
TRUSTED_BROWSER_BYPASSES = frozenset({Scope.NUMBER, Scope.ACCOUNT, Scope.GATES, *OWN_BUDGETS, *OWN_BUDGETS.values()})
#: Limits that protect the operator's money, not one person.
OPERATOR_SCOPES = frozenset(
    {*OWN_BUDGETS, *OWN_BUDGETS.values(), Scope.SERVICE, Scope.TOTAL, Scope.MINUTES, Scope.MONEY}
)
_REASONS: dict[type[VerificationError], str] = {
    ChecksPaused: "paused after wrong codes",
    ChecksStopped: "stopped after wrong codes",
    NotEnrolled: "not enrolled",
    NumberPaused: "reported",
    NumberTooNew: "number too new",
    TooSoon: "too soon",
}


class Admission(Record, frozen=True):
    """Whether something is admitted (`error` is None), and what is written in either case. `counted`: see Changes."""

    error: VerificationError | None
    counter_updates: tuple[Update, ...] = ()
    events: tuple[Event, ...] = ()
    denials: tuple[Denial, ...] = ()
    counted: tuple[Event, ...] = ()

    def denied(self) -> Changes[Any]:
        """The changes when it is not admitted."""
        return Changes(
            result=self.error,
            counter_updates=self.counter_updates,
            events=self.events,
            denials=self.denials,
            counted=self.counted,
        )


class _Violation(Record, frozen=True):
    """`relaxed`: a policy that does not enforce limits over time only records it."""

    error: VerificationError
    scope: Scope | None = None
    rule: Rule | None = None
    key: LimitKey | None = None
    relaxed: bool = True


def admit(
    state: State, verification: Verification, delivery: Delivery, context: Context, *, spacing: float = 0
) -> Admission:
    """Whether this delivery of the verification may be sent now. `spacing`: the seconds left of its spacing.

    A policy that does not enforce limits admits it, and records what would have denied it. A report by the holder of
    the number and a call that may be up deny it under every policy.
    """
    policy = context.policy
    keys = LimitKeys(verification, state.counters, policy.send_scopes, now=context.now)
    send = Send(keys=keys, channel=delivery.channel, at=context.now, prices=policy.prices)
    violations = [_Violation(TooSoon(spacing))] if spacing > 0 else []
    violations += _violations(state, send, context)
    updates = count_send(send, policy.rules)
    if not violations:
        return Admission(None, updates)
    allowance = _use_send_allowance(send, violations, context)
    if allowance is not None:
        return Admission(None, (*updates, *allowance))
    violation = next((one for one in violations if policy.enforce or not one.relaxed), violations[0])
    enforced = policy.enforce or not violation.relaxed
    sid = verification.sid if state.verification and state.verification.sid == verification.sid else ""
    alert_updates, alerts = _alerts(state, violation, verification, context, sid=sid)
    event = Event(
        kind=EventKind.START_REFUSED if enforced else EventKind.LIMIT_WATCHED,
        at=context.now,
        # A denied start has no row that an event could belong to; the sid of the unsent delivery identifies it.
        verification=sid if enforced else verification.sid,
        delivery=delivery.sid if enforced else "",
        detail=short_reason(violation.error),
        source=verification.source,
        country=verification.number.region,
        service=verification.service,
    )
    recorded = record_refusal(state.counters, verification, event.detail, now=context.now)
    if enforced and recorded is None:
        return Admission(violation.error, alert_updates, alerts, counted=(event,))
    denials: tuple[Denial, ...] = ()
    if recorded is not None:
        reason = full_reason(violation.error)
        denial = build_denial(state, send, context, reason=reason, delivery=delivery.sid, spacing=spacing)
        denials = (replace(denial, watched=not enforced),)
        alert_updates = (*alert_updates, *recorded)
    if enforced:
        return Admission(violation.error, alert_updates, (*alerts, event), denials)
    return Admission(None, (*updates, *alert_updates), (*alerts, event), denials)


def count_send(send: Send, rules: Collection[ScopeRules]) -> tuple[Update, ...]:
    """The updates that count a send."""
    updates: list[Update] = []
    at, verification, applicable = send.at, send.verification, applicable_rules(send.keys, rules)
    for scope_rules, key in applicable:
        scope, kept = scope_rules.scope, scope_rules.kept
        if scope is Scope.REFUSED:
            continue
        if kept:
            value = distinct_value(verification, scope)
            updates.append(AddSend(key, at, kept) if value is None else AddDistinct(key, value, at))
        if scope_rules.spans and (cost := send.cost(scope)):
            updates.append(AddToWindows(key, scope_rules.spans, at, made=cost))
    if not send.first:
        return tuple(updates)
    # The number is in progress: in the budget of its source, and once in those of others.
    keys, number = send.keys, number_key_of(send.keys)
    counted = is_in_progress(keys.of(number), at) or not source_may_add(keys, rules, IN_PROGRESS_WINDOW, at)
    for scope_rules, key in applicable:
        if scope_rules.budgets and (not counted or scope_rules.scope is Scope.SOURCE):
            updates.append(AddToWindows(key, (IN_PROGRESS_WINDOW,), at, 1))
    return tuple(updates) if counted else (*updates, AddDistinct(number, IN_PROGRESS, at))


def spacing_left(state: State, channel: Channel, context: Context) -> float:
    """Seconds until the spacing after the last delivery ends. After one that brought no code the other channel need not
    wait.
    """
    sent = [d for d in state.deliveries if not never_sent(d)]
    if not sent or (brought_nothing(sent[-1]) and sent[-1].channel is not channel):
        return 0.0
    spacing = context.policy.spacing(len(sent))
    left = max(0.0, sent[-1].created_at + spacing - context.now)
    return left if left <= spacing + CLOCK_TOLERANCE else float(spacing)


def next_delivery_wait(state: State, channel: Channel, context: Context) -> float:
    """Seconds until the next delivery by this channel is allowed; 0 when it is allowed now."""
    return spacing_left(state, channel, context) if context.policy.enforce else 0


def build_denial(
    state: State, send: Send, context: Context, *, reason: str, delivery: str = "", spacing: float = 0
) -> Denial:
    """The record that explains a denial to the operator."""
    return Denial(
        verification=send.verification.sid,
        delivery=delivery,
        number=send.verification.number,
        at=send.at,
        reason=reason,
        watched=not context.policy.enforce,
        rule_statuses=all_rule_statuses(state, send, context, spacing=spacing),
    )


def all_rule_statuses(state: State, send: Send, context: Context, *, spacing: float = 0) -> tuple[RuleStatus, ...]:
    """The status of every rule, whether or not it denies the send."""
    verification, policy = send.verification, context.policy
    reported = max(0.0, state.paused_until - send.at)
    busy = _call_in_progress(state, send, context)
    allowance, limit = allowance_key(verification, Scope.SEND_ALLOWANCE), policy.send_allowance
    return (
        RuleStatus("pause between two deliveries", Scope.NUMBER, float(spacing > 0), 1, spacing),
        RuleStatus("report by the holder of the number", Scope.NUMBER, float(reported > 0), 1, reported),
        RuleStatus("one live call for a number", Scope.NUMBER, float(busy is not None), 1, busy.wait if busy else 0),
        *rule_statuses(send.keys, context),
        *(rule_status(send, scope, rule, key, wait=wait) for scope, rule, key, wait in evaluate(send, policy.rules)),
        *_gates_status(send),
        *((rule_status(send, Scope.SEND_ALLOWANCE, limit, allowance, wait=0),) if verification.trusted else ()),
    )


def _gates_status(send: Send) -> tuple[RuleStatus, ...]:
    key = send.keys.by_scope[Scope.GATES]
    if not send.channel.spoken or key is None:
        return ()
    return (rule_status(send, Scope.GATES, GATES_RULE, key, wait=gates_wait(send)),)


def _violations(state: State, send: Send, context: Context) -> Iterator[_Violation]:
    """What denies the send, the most important first: a report, a lockout, the longest limit, a call in progress."""
    now, policy = send.at, context.policy
    if now < state.paused_until:
        yield _Violation(NumberPaused(min(state.paused_until - now, policy.report_pause)), relaxed=False)
    locked = lockout(send.keys, context)
    if locked is not None and locked.wait >= policy.code_lifetime:
        # The code could not be checked before it expires, so it is not sent.
        error = ChecksStopped(MAX_PAUSE) if locked.stopped else ChecksPaused(locked.wait)
        yield _Violation(error, locked.scope)
    for scope, rule, key, wait in sorted(exceeded(send, policy.rules), key=lambda evaluated: -evaluated[3]):
        kind = BudgetSpent if scope in OPERATOR_SCOPES else LimitReached
        yield _Violation(kind(scope, wait, str(rule)), scope, rule, key)
    if (wait := gates_wait(send)) > 0:
        yield _Violation(LimitReached(Scope.GATES, wait, str(GATES_RULE)), Scope.GATES, GATES_RULE)
    busy = _call_in_progress(state, send, context)
    if busy is not None:
        yield _Violation(busy, relaxed=False)


def _call_in_progress(state: State, send: Send, context: Context) -> TooSoon | None:
    if not send.channel.spoken:
        return None
    calls = [d.created_at for d in live_calls(state, context) if d.provider_sid is None]
    if state.verification is not None and state.verification.number.line != send.verification.number.line:
        calls = []
    if state.other_call_since is not None and send.at - state.other_call_since < MAX_CALL_SECONDS:
        calls.append(state.other_call_since)
    if not calls:
        return None
    return TooSoon(max(min(max(calls), send.at) + context.policy.unknown_timeout - send.at, MIN_WAIT))


def _use_send_allowance(send: Send, violations: list[_Violation], context: Context) -> tuple[Update, ...] | None:
    """The update that lets a trusted browser bypass limits that others have exhausted; None when it cannot."""
    key, limit = allowance_key(send.verification, Scope.SEND_ALLOWANCE), context.policy.send_allowance
    bypassable = all(
        violation.scope in TRUSTED_BROWSER_BYPASSES and not isinstance(violation.rule, Ceiling)
        for violation in violations
    )
    if not send.verification.trusted or not bypassable:
        return None
    last = send.keys.of(key).nth_last_send(limit.count)
    if last is not None and send.at - last < limit.seconds:
        return None
    return (AddSend(key, send.at, limit.count + EXTRA_KEPT),)


def _alerts(
    state: State, violation: _Violation, verification: Verification, context: Context, *, sid: str
) -> tuple[tuple[Update, ...], tuple[Event, ...]]:
    """Alert the operator of a reached budget or ceiling, once in each window."""
    if not isinstance(violation.error, BudgetSpent) or violation.rule is None or violation.key is None:
        return (), ()
    rule = str(violation.rule)
    if 0 <= context.now - state.counters.last_alert(violation.key, rule) < violation.rule.seconds:
        return (), ()
    detail = f"{full_reason(violation.error)}, {verification.number.region}"
    event = Event(kind=EventKind.ALERT, at=context.now, verification=sid, detail=detail)
    return (RecordAlert(violation.key, rule, context.now),), (event,)


def short_reason(error: VerificationError) -> str:
    """The reason in a word or two; there are few enough of them for a metric label."""
    return f"limit {error.scope.value}" if isinstance(error, LimitReached) else _REASONS[type(error)]


def full_reason(error: VerificationError) -> str:
    """The reason with the rule, as its setting is written."""
    return f"{short_reason(error)} {error.rule}" if isinstance(error, LimitReached) else short_reason(error)
