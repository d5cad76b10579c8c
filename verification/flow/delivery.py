"""What became of a call or a text: the provider's first answer, its callbacks, and look-ups when none comes.

And the switch to another channel after a failure.
"""

from collections.abc import Collection

from msgspec.structs import replace

from ..context import Context
from ..counters.counter import AddSend, AddToWindows, RemoveSend, Update
from ..counters.rules import ScopeRules
from ..models import PROVIDER, Delivery, Event, EventKind, Progress, State, Verification
from ..policy import Policy
from ..ports import Accepted, Changes, DeliveryReport, Outcome, Rejected, Unclear
from ..types import CallStyle, Channel, DeliveryStatus, Scope, VerificationStatus, advance
from ..values.twilio_errors import twilio_error
from .admission import admit
from .ending import MAX_CALL_SECONDS, end, live_calls, live_until, never_sent, settle_in_progress
from .rate_limits import MAX_CALL_MINUTES, LimitKeys, Send, applicable_rules, distinct_value


def record_outcome(state: State, sid: str, outcome: Outcome, context: Context) -> Changes[Verification | None]:
    """Record the provider's answer to the start of a delivery. A webhook may have come first."""
    delivery, verification = state.delivery(sid), state.verification
    if delivery is None or verification is None:
        return Changes(result=None)
    if isinstance(outcome, Rejected):
        if delivery.provider_sid is not None or delivery.status.final:
            return Changes(result=verification)  # it was sent after all, or a look-up has said the same
        return _record_rejection(state, verification, delivery, outcome, context)
    recorded = replace(_with_answer(verification, delivery, outcome), updated_at=context.now)
    return Changes(result=verification, deliveries=(recorded,), events=(delivery_event(recorded, context.now),))


def _with_answer(verification: Verification, delivery: Delivery, outcome: Accepted | Unclear) -> Delivery:
    if isinstance(outcome, Unclear):
        return replace(delivery, status=advance(delivery.status, DeliveryStatus.UNKNOWN))
    status = outcome.status
    if verification.status.final and delivery.channel.spoken:
        status = DeliveryStatus.CANCELED  # the verification has ended: the call is hung up now that its sid is known
    provider_sid = delivery.provider_sid or outcome.provider_sid
    return replace(delivery, status=advance(delivery.status, status), provider_sid=provider_sid)


def _record_rejection(
    state: State, verification: Verification, delivery: Delivery, outcome: Rejected, context: Context
) -> Changes[Verification | None]:
    now = context.now
    error = delivery.error if outcome.code is None else outcome.code
    failed = replace(
        delivery, status=advance(delivery.status, DeliveryStatus.FAILED), provider_sid=None, error=error, updated_at=now
    )
    events = [delivery_event(failed, now)]
    ended: tuple[Verification, ...] = ()
    if len(state.deliveries) == 1 and not (verification.status.final or verification.private):
        verification = end(verification, VerificationStatus.FAILED, now=now)
        ended = (verification,)
        events.append(Event(kind=EventKind.FAILED, at=now, verification=verification.sid))
    if outcome.opted_out:
        sid = delivery.sid
        events.append(
            Event(kind=EventKind.SUPPRESSED, at=now, verification=verification.sid, delivery=sid, actor=PROVIDER)
        )
    return Changes(
        result=verification,
        verifications=ended,
        deliveries=(failed,),
        suppress=(verification.number,) if outcome.opted_out else (),
        counter_updates=_refund(state, verification, delivery, outcome, context, ended=bool(ended)),
        events=tuple(events),
    )


def _refund(
    state: State, verification: Verification, delivery: Delivery, outcome: Rejected, context: Context, *, ended: bool
) -> tuple[Update, ...]:
    """It was not sent, so it uses up no limit of the number, the account and those who share a budget.

    Its source pays for a number that Twilio refuses: or a source could try as many as it likes. A private one always
    does: the public sees that limit, and must not learn that Twilio was asked.
    """
    policy, refused = context.policy, twilio_error(outcome.code).of_number
    send = _send(state, verification, delivery, policy)
    settled = settle_in_progress(send.keys, policy.budget_rules) if ended else ()
    return (*settled, *(() if outcome.counts else uncount_send(send, policy.rules, refused=refused)))


def uncount_send(send: Send, rules: Collection[ScopeRules], *, refused: bool) -> tuple[Update, ...]:
    """The updates for a send that the provider rejected; `refused` when the number is the cause.

    It is undone for all but its source, which has sent it, unless the fault is ours or Twilio's.
    """
    updates: list[Update] = []
    at, keys = send.at, send.keys
    for scope_rules, key in applicable_rules(keys, rules):
        scope = scope_rules.scope
        if scope is Scope.REFUSED:
            if refused:
                updates.append(AddSend(key, at, scope_rules.kept))
            continue
        if scope is Scope.SOURCE and (refused or send.verification.private):
            continue
        if scope_rules.kept and distinct_value(send.verification, scope) is None:
            updates.append(RemoveSend(key, at))
        if scope_rules.spans and (cost := send.cost(scope)):
            updates.append(AddToWindows(key, scope_rules.spans, at, made=-cost))
    return tuple(updates)


def refund_minutes(send: Send, rules: Collection[ScopeRules], *, seconds: int) -> tuple[Update, ...]:
    """The updates that refund the minutes, and their price, that a call of this length did not use."""
    unused = MAX_CALL_MINUTES - min(-(-seconds // 60), MAX_CALL_MINUTES)
    return tuple(
        AddToWindows(key, scope_rules.spans, send.at, settled=refund)
        for scope_rules, key in applicable_rules(send.keys, rules)
        if scope_rules.spans and (refund := send.cost(scope_rules.scope, unused))
    )


def record_status(
    state: State,
    sid: str,
    context: Context,
    *,
    provider_sid: str,
    to: str | None = None,
    status: DeliveryStatus,
    error: int | None,
    seconds: int | None = None,
) -> Changes[bool]:
    """A status callback. False when it is about another call or text.

    `seconds` is how long a call lasted; the minutes that it did not use are refunded.
    """
    delivery, policy = state.delivery(sid), context.policy
    if delivery is None or not matches_delivery(state, delivery, provider_sid, to):
        return Changes(result=False)
    reported = replace(apply_report(delivery, status=status, error=error), provider_sid=provider_sid)
    if reported == delivery:
        return Changes(result=True)
    reported = replace(reported, updated_at=context.now)
    refund: tuple[Update, ...] = ()
    ended_now = reported.status.final and not delivery.status.final
    if reported.channel.spoken and ended_now and state.verification:
        duration = seconds if reported.status is DeliveryStatus.COMPLETED else 0
        if duration is not None:
            send = _send(state, state.verification, delivery, policy)
            refund = refund_minutes(send, policy.rules, seconds=duration)
    event = delivery_event(reported, context.now)
    return Changes(result=True, deliveries=(reported,), counter_updates=refund, events=(event,))


def _send(state: State, verification: Verification, delivery: Delivery, policy: Policy) -> Send:
    return Send(
        keys=LimitKeys(verification, state.counters),
        channel=delivery.channel,
        at=delivery.created_at,
        prices=policy.prices,
    )


def record_machine(state: State, sid: str, *, provider_sid: str, to: str | None = None, now: float) -> Changes[bool]:
    """Twilio detected a machine, which only restricts the call. False when the webhook is about another call."""
    delivery = state.delivery(sid)
    if delivery is None or not matches_delivery(state, delivery, provider_sid, to):
        return Changes(result=False)
    if delivery.machine or delivery.status.final:
        return Changes(result=True)
    detected = replace(delivery, machine=True, provider_sid=provider_sid, updated_at=now)
    event = replace(delivery_event(detected, now), detail=f"{delivery.channel.value} machine")
    return Changes(result=True, deliveries=(detected,), events=(event,))


def apply_report(delivery: Delivery, *, status: DeliveryStatus, error: int | None) -> Delivery:
    """The delivery after a report; unchanged when the report says nothing new."""
    advanced = advance(delivery.status, status)
    progress = max(delivery.progress, Progress.ANSWERED) if status is DeliveryStatus.ANSWERED else delivery.progress
    return replace(
        delivery,
        status=advanced,
        progress=progress,
        error=delivery.error if advanced is delivery.status else error,
    )


def matches_delivery(state: State, delivery: Delivery, provider_sid: str, to: str | None) -> bool:
    """Whether a webhook about this provider sid, and this number, is about this delivery.

    `to` is None where the provider does not report the number.
    """
    if not provider_sid or delivery.provider_sid not in (None, provider_sid):
        return False
    return to is None or (state.verification is not None and state.verification.number.means(to))


def reconcile(
    state: State, sid: str, report: DeliveryReport | Rejected | None, context: Context
) -> Changes[tuple[str, ...]]:
    """Record a look-up that was made because no callback came. Without a report, a call that must have ended becomes
    `unknown`.

    The result names a call that is still up for an ended verification, and is to be hung up.
    """
    delivery, verification = state.delivery(sid), state.verification
    if delivery is None or verification is None or delivery.status.final:
        return Changes(result=())
    if isinstance(report, Rejected) and delivery.provider_sid is None:
        return record_outcome(state, sid, report, context).with_result(())
    hang_up: tuple[str, ...] = ()
    updated = delivery
    if isinstance(report, DeliveryReport) and _is_own_report(state, delivery, report):
        updated = apply_report(delivery, status=report.status, error=report.error)
        updated = replace(updated, provider_sid=report.provider_sid)
        if verification.status.final and updated.channel.spoken and updated.status.live:
            updated, hang_up = replace(updated, status=DeliveryStatus.CANCELED), (report.provider_sid,)
    elif delivery.status is DeliveryStatus.PLANNED or context.now - delivery.created_at >= MAX_CALL_SECONDS:
        updated = replace(delivery, status=DeliveryStatus.UNKNOWN)
    updated = replace(updated, updated_at=context.now)
    events = () if updated.status is delivery.status else (delivery_event(updated, context.now),)
    return Changes(result=hang_up, deliveries=(updated,), events=events)


def _is_own_report(state: State, delivery: Delivery, report: DeliveryReport) -> bool:
    others = (other.provider_sid for other in state.deliveries if other.sid != delivery.sid)
    return matches_delivery(state, delivery, report.provider_sid, None) and report.provider_sid not in others


def switch_channel(state: State, sid: str, context: Context, *, follow_up: Delivery) -> Changes[str | None]:
    """Switch to another channel, once, after a failure that the person did not cause: a busy or unanswered phone does
    not switch, an undeliverable text does. The result is the delivery to send.

    Every limit applies except the spacing: that keeps a phone from ringing twice in a row, and nothing has arrived yet.
    """
    failed, verification = state.delivery(sid), state.verification
    if failed is None or verification is None or len(state.deliveries) != 1:
        return Changes(result=None)
    if failed.status not in (DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED):
        return Changes(result=None)
    if verification.status.final or context.now >= verification.expires_at or state.suppressed:
        return Changes(result=None)
    if verification.style is CallStyle.KEY or verification.private:
        return Changes(result=None)
    channel = _next_channel(failed.channel, verification, context.policy)
    if channel is None:
        return Changes(result=None)
    other = replace(follow_up, verification=verification.sid, channel=channel)
    admission = admit(state, verification, other, context)
    if admission.error is not None:
        return admission.denied().with_result(None)
    return Changes(
        result=other.sid,
        deliveries=(other,),
        counter_updates=admission.counter_updates,
        denials=admission.denials,
        events=(*admission.events, delivery_event(other, context.now)),
    )


def _next_channel(failed: Channel, verification: Verification, policy: Policy) -> Channel | None:
    """The first of the channels after a failed one that may carry this code and reaches this phone."""
    payment = verification.payment is not None
    for channel in failed.fallbacks:
        reaches = channel.dials_extensions or not verification.number.extension
        if reaches and policy.allows(verification.action, channel, verification.style, payment=payment):
            return channel
    return None


def delivery_event(delivery: Delivery, now: float) -> Event:
    """The event of a delivery's status."""
    detail = " ".join((delivery.channel, delivery.status))
    return Event(
        kind=EventKind.DELIVERY,
        at=now,
        verification=delivery.verification,
        delivery=delivery.sid,
        detail=f"{detail} {delivery.error}" if delivery.error else detail,
    )


def busy_until(state: State, channel: Channel, context: Context) -> float:
    """Until when a resend by this channel would only do the same twice; 0 when it would not. A queued text may be lost,
    and its spacing applies anyway.
    """
    last = [d for d in state.deliveries if not never_sent(d)][-1:]
    unclear = [d for d in last if d.channel is channel and d.status in (DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN)]
    under_way = [*unclear, *(live_calls(state, context) if channel.spoken else ())]
    until = max((live_until(d, context) for d in under_way), default=0)
    return until if context.now < until else 0
