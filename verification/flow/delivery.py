"""What became of a call or a text: the carrier's first answer, its callbacks, and the silence in between.

How a verification ends: for good, and with its seed, so that its code can never be said or matched again.
"""

from dataclasses import dataclass, replace

from ..counters.updates import Update
from ..models import PROVIDER, Delivery, Event, EventKind, Manner, Progress, State, Verification
from ..policy import DEFAULT_POLICY, Policy
from ..ports import Changes, DeliveryReport, Outcome, Rejected, Unclear
from ..types import Channel, DeliveryStatus, Scope, VerificationStatus, advance, end_status
from ..values.phone_numbers import masked_number
from .rate_limits import LimitKeys, Send, refund_minutes, uncount_send


@dataclass(frozen=True, slots=True)
class Expired:
    """A verification whose time is over, and the event that says so."""

    verification: Verification
    events: tuple[Event, ...]


def expire(state: State, *, now: float) -> Expired | None:
    """The pending verification of the case as expired, when its deadline has passed."""
    verification = state.verification
    if verification is None or verification.status.final or now < verification.expires_at:
        return None
    ended = end(verification, VerificationStatus.EXPIRED, now=now)
    return Expired(ended, (Event(kind=EventKind.EXPIRED, at=now, verification=ended.sid),))


def end(verification: Verification, status: VerificationStatus, *, now: float) -> Verification:
    """Ended for good: the seed goes, and with it the code."""
    if verification.status.final:
        return verification
    return replace(verification, status=end_status(verification.status, status), seed=None, ended_at=now)


def as_decoy(verification: Verification) -> Verification:
    """The same without a number: of it the last two digits are left, which are all that is ever shown."""
    return replace(verification, manner=Manner.SILENT, number=masked_number(verification.number.e164[-2:]))


def end_by_phone(verification: Verification, *, now: float) -> Verification:
    """Whoever holds the phone ends it. What the public watches goes on, but no code is right any more."""
    if verification.discreet:
        return replace(verification, manner=Manner.SILENT)
    return end(verification, VerificationStatus.CANCELED, now=now)


def expire_changes(state: State, *, now: float) -> Changes[bool]:
    """Write the end of a verification whose time is over; the verdict says whether it was."""
    over = expire(state, now=now)
    if over is None:
        return Changes(result=False)
    return Changes(result=True, verifications=(over.verification,), events=over.events)


# Rings 25 s and talks 120 s at most, with some seconds for a slow route.
MAX_CALL_SECONDS = 180


def record_outcome(
    state: State, sid: str, outcome: Outcome, *, now: float, policy: Policy = DEFAULT_POLICY
) -> Changes[Verification | None]:
    """What the carrier answered to the start of a delivery. A webhook may have been quicker."""
    delivery, verification = state.delivery(sid), state.verification
    if delivery is None or verification is None:
        return Changes(result=None)
    if isinstance(outcome, Unclear):
        status, provider_sid, error = DeliveryStatus.UNKNOWN, delivery.provider_sid, None
    elif isinstance(outcome, Rejected):
        if delivery.provider_sid is not None or delivery.status.final:
            return Changes(result=verification)  # it did go out, or a look-up has told us the same
        status, provider_sid, error = DeliveryStatus.FAILED, None, outcome.code
    else:
        status, provider_sid, error = outcome.status, delivery.provider_sid or outcome.provider_sid, None
        if verification.status.final and delivery.channel is Channel.CALL:
            status = DeliveryStatus.CANCELED  # ended meanwhile: it is hung up as soon as its sid is known
    noted = replace(
        delivery,
        status=advance(delivery.status, status),
        provider_sid=provider_sid,
        error=delivery.error if error is None else error,
        updated_at=now,
    )
    events = [delivery_event(noted, now)]
    ended: tuple[Verification, ...] = ()
    if (
        isinstance(outcome, Rejected)
        and len(state.deliveries) == 1
        and not (verification.status.final or verification.discreet)
    ):
        verification = end(verification, VerificationStatus.FAILED, now=now)
        ended = (verification,)
        events.append(Event(kind=EventKind.FAILED, at=now, verification=verification.sid))
    free = isinstance(outcome, Rejected) and not outcome.counts
    returned = _refund(state, verification, delivery, policy) if free else ()
    stop = (verification.number,) if isinstance(outcome, Rejected) and outcome.opted_out else ()
    if stop:
        events.append(
            Event(kind=EventKind.SUPPRESSED, at=now, verification=verification.sid, delivery=sid, actor=PROVIDER)
        )
    return Changes(
        result=verification,
        verifications=ended,
        deliveries=(noted,),
        suppress=stop,
        counted=returned,
        events=tuple(events),
    )


def _refund(state: State, verification: Verification, delivery: Delivery, policy: Policy) -> tuple[Update, ...]:
    """It never left, so nobody's allowance is used up by it.

    That of a source is told to the public, who must not learn from it that the carrier was asked.
    """
    rules = [one for one in policy.rules if not (verification.discreet and one.scope is Scope.SOURCE)]
    return uncount_send(_send(state, verification, delivery, policy), rules)


def record_status(
    state: State,
    sid: str,
    *,
    provider_sid: str,
    to: str | None = None,
    status: DeliveryStatus,
    error: int | None,
    seconds: int | None = None,
    now: float,
    policy: Policy = DEFAULT_POLICY,
) -> Changes[bool]:
    """A status callback. False when the delivery is not ours or belongs to another call or text.

    `seconds` is how long a call lasted; what it did not use of its allowance is given back.
    """
    delivery = state.delivery(sid)
    if delivery is None or not matches_delivery(state, delivery, provider_sid, to):
        return Changes(result=False)
    noted = replace(apply_report(delivery, status=status, error=error), provider_sid=provider_sid)
    if noted == delivery:
        return Changes(result=True)
    noted = replace(noted, updated_at=now)
    back: tuple[Update, ...] = ()
    if noted.channel is Channel.CALL and noted.status.final and not delivery.status.final and state.verification:
        lasted = seconds if noted.status is DeliveryStatus.COMPLETED else 0
        if lasted is not None:
            back = refund_minutes(_send(state, state.verification, delivery, policy), policy.rules, seconds=lasted)
    return Changes(result=True, deliveries=(noted,), counted=back, events=(delivery_event(noted, now),))


def _send(state: State, verification: Verification, delivery: Delivery, policy: Policy) -> Send:
    return Send(
        people=LimitKeys(verification, state.counts),
        channel=delivery.channel,
        at=delivery.created_at,
        prices=policy.prices,
    )


def record_machine(state: State, sid: str, *, provider_sid: str, to: str | None = None, now: float) -> Changes[bool]:
    """Twilio heard a machine. It only ever makes things stricter; False when the call is not this delivery's."""
    delivery = state.delivery(sid)
    if delivery is None or not matches_delivery(state, delivery, provider_sid, to):
        return Changes(result=False)
    if delivery.machine or delivery.status.final:
        return Changes(result=True)
    noted = replace(delivery, machine=True, provider_sid=provider_sid, updated_at=now)
    event = replace(delivery_event(noted, now), detail=f"{delivery.channel.value} machine")
    return Changes(result=True, deliveries=(noted,), events=(event,))


def apply_report(delivery: Delivery, *, status: DeliveryStatus, error: int | None) -> Delivery:
    """The delivery after a report; the same one when the report says nothing new."""
    moved = advance(delivery.status, status)
    progress = max(delivery.progress, Progress.ANSWERED) if status is DeliveryStatus.ANSWERED else delivery.progress
    kept = delivery.error if moved is delivery.status else error
    return replace(delivery, status=moved, progress=progress, error=kept)


def matches_delivery(state: State, delivery: Delivery, provider_sid: str, to: str | None) -> bool:
    """Whether a webhook about this call or text of the carrier's, to this number, is about this delivery.

    `to` is None where the carrier does not say it.
    """
    if not provider_sid or delivery.provider_sid not in (None, provider_sid):
        return False
    return to is None or (state.verification is not None and state.verification.number.means(to))


def reconcile(
    state: State, sid: str, found: DeliveryReport | Rejected | None, *, now: float, policy: Policy = DEFAULT_POLICY
) -> Changes[tuple[str, ...]]:
    """What a look-up brought, when no callback came. Without news a call that must be over becomes `unknown`.

    The verdict names a call that turned out to be up for an ended verification: it is to be hung up.
    """
    delivery, verification = state.delivery(sid), state.verification
    if delivery is None or verification is None or delivery.status.final:
        return Changes(result=())
    if isinstance(found, Rejected) and delivery.provider_sid is None:
        return record_outcome(state, sid, found, now=now, policy=policy).saying(())
    hang_up: tuple[str, ...] = ()
    if isinstance(found, DeliveryReport) and _is_own_report(state, delivery, found):
        moved = replace(apply_report(delivery, status=found.status, error=found.error), provider_sid=found.provider_sid)
        if verification.status.final and moved.channel is Channel.CALL and moved.status.live:
            moved, hang_up = replace(moved, status=DeliveryStatus.CANCELED), (found.provider_sid,)
    elif delivery.status is DeliveryStatus.PLANNED or now - delivery.created_at >= MAX_CALL_SECONDS:
        moved = replace(delivery, status=DeliveryStatus.UNKNOWN)
    else:
        moved = delivery
    noted = replace(moved, updated_at=now)
    events = () if moved.status is delivery.status else (delivery_event(noted, now),)
    return Changes(result=hang_up, deliveries=(noted,), events=events)


def _is_own_report(state: State, delivery: Delivery, found: DeliveryReport) -> bool:
    others = (other.provider_sid for other in state.deliveries if other.sid != delivery.sid)
    return matches_delivery(state, delivery, found.provider_sid, None) and found.provider_sid not in others


def is_live(delivery: Delivery, *, now: float, policy: Policy) -> bool:
    """Whether a phone may still be ringing or a call be up; a start that nobody heard of counts for a while."""
    if not delivery.status.live:
        return False
    if delivery.status in (DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN):
        return now - delivery.created_at < policy.unknown_timeout
    return now - delivery.created_at < MAX_CALL_SECONDS


def live_calls(state: State, *, now: float, policy: Policy) -> tuple[Delivery, ...]:
    """The calls of the case that may be up."""
    return tuple(d for d in state.deliveries if d.channel is Channel.CALL and is_live(d, now=now, policy=policy))


def canceled_calls(state: State, *, now: float, policy: Policy) -> tuple[Delivery, ...]:
    """The calls of the case that are to be hung up, as ended: the line is free for the next one at once."""
    up = (d for d in live_calls(state, now=now, policy=policy) if d.provider_sid)
    return tuple(replace(d, status=DeliveryStatus.CANCELED, updated_at=now) for d in up)


def provider_sids(deliveries: tuple[Delivery, ...]) -> tuple[str, ...]:
    """The carrier's names of those deliveries that it has named."""
    return tuple(d.provider_sid for d in deliveries if d.provider_sid)


def never_sent(delivery: Delivery) -> bool:
    """Refused by the carrier for certain: it did not cost anybody anything, so it does not count."""
    return delivery.status is DeliveryStatus.FAILED and delivery.provider_sid is None


def delivery_event(delivery: Delivery, now: float) -> Event:
    """The line of the story that says where a delivery stands."""
    error = f" {delivery.error}" if delivery.error else ""
    return Event(
        kind=EventKind.DELIVERY,
        at=now,
        verification=delivery.verification,
        delivery=delivery.sid,
        detail=f"{delivery.channel.value} {delivery.status.value}{error}",
    )
