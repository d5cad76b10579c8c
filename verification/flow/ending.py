"""How a verification ends: for good and without its seed, so that its code can never be said or matched again.

And which of its calls may be up, and are hung up with it.
"""

from dataclasses import dataclass, replace
from typing import Any

from ..context import Context
from ..errors import NotFound, NotPending, VerificationError
from ..models import Delivery, Event, EventKind, Manner, State, Verification
from ..ports import Changes
from ..types import Channel, DeliveryStatus, VerificationStatus
from ..values.phone_numbers import masked_number

#: The detail of the audit event when an application approved without a code.
APPROVED_BY_APPLICATION = "by the application"
#: Seconds. A call rings for 25 s and talks for 300 s at most; the rest is for a slow connection.
MAX_CALL_SECONDS = 360


@dataclass(frozen=True, slots=True)
class EndResult:
    """The ended verification. `hang_up`: the provider's sids of the calls to end."""

    verification: Verification
    hang_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expired:
    verification: Verification
    events: tuple[Event, ...]


def expire(state: State, *, now: float) -> Expired | None:
    """The pending verification as expired, when its deadline has passed."""
    verification = state.verification
    if verification is None or verification.status.final or now < verification.expires_at:
        return None
    ended = end(verification, VerificationStatus.EXPIRED, now=now)
    return Expired(ended, (Event(kind=EventKind.EXPIRED, at=now, verification=ended.sid),))


def expire_changes(state: State, *, now: float) -> Changes[bool]:
    """Write the expiry; the result says whether there was one."""
    expired = expire(state, now=now)
    if expired is None:
        return Changes(result=False)
    return Changes(result=True, verifications=(expired.verification,), events=expired.events)


def end(verification: Verification, status: VerificationStatus, *, now: float) -> Verification:
    """The verification with a final status and without its seed."""
    if verification.status.final:
        return verification
    return replace(verification, status=status, seed=None, ended_at=now)


def as_decoy(verification: Verification) -> Verification:
    """The verification as a decoy: of the number only the last two digits are left, which may be shown."""
    return replace(verification, manner=Manner.DECOY, number=masked_number(verification.number.e164[-2:]))


def end_by_phone(verification: Verification, *, now: float) -> Verification:
    """End it on the word of the person on the phone. A private one stays pending for the page, as a decoy."""
    if verification.private:
        return replace(verification, manner=Manner.DECOY)
    return end(verification, VerificationStatus.CANCELED, now=now)


def cancel(
    state: State, context: Context, *, kind: EventKind = EventKind.CANCELED
) -> Changes[EndResult | VerificationError]:
    """End a pending verification and its live calls."""
    return _end(state, VerificationStatus.CANCELED, Event(kind=kind, at=context.now), context)


def approve(state: State, context: Context) -> Changes[EndResult | VerificationError]:
    """Approve a pending verification without its code: the application has other proof, and is responsible for it."""
    event = Event(kind=EventKind.APPROVED, at=context.now, detail=APPROVED_BY_APPLICATION)
    return _end(state, VerificationStatus.APPROVED, event, context)


def require_pending(state: State, context: Context) -> Changes[Any] | None:
    """The changes when there is no pending verification, with the error as their result; None when there is one."""
    verification = state.verification
    if verification is None:
        return Changes(result=NotFound())
    expired = expire(state, now=context.now)
    if expired is not None:
        error = NotPending(expired.verification.status)
        return Changes(result=error, verifications=(expired.verification,), events=expired.events)
    return Changes(result=NotPending(verification.status)) if verification.status.final else None


def _end(
    state: State, status: VerificationStatus, event: Event, context: Context
) -> Changes[EndResult | VerificationError]:
    not_pending = require_pending(state, context)
    if not_pending is not None or state.verification is None:
        return not_pending or Changes(result=NotFound())
    verification, now = state.verification, context.now
    by_phone = event.kind is EventKind.REPORTED
    ended = end_by_phone(verification, now=now) if by_phone else end(verification, status, now=now)
    canceled = canceled_calls(state, context)
    return Changes(
        result=EndResult(ended, hang_up=provider_sids(canceled)),
        verifications=(ended,),
        deliveries=canceled,
        events=(replace(event, verification=ended.sid),),
    )


def is_live(delivery: Delivery, context: Context) -> bool:
    """Whether a phone may be ringing or a call may be up. A start without an answer counts for a while."""
    if not delivery.status.live:
        return False
    if delivery.status in (DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN):
        return context.now - delivery.created_at < context.policy.unknown_timeout
    return context.now - delivery.created_at < MAX_CALL_SECONDS


def live_calls(state: State, context: Context) -> tuple[Delivery, ...]:
    return tuple(d for d in state.deliveries if d.channel is Channel.CALL and is_live(d, context))


def canceled_calls(state: State, context: Context) -> tuple[Delivery, ...]:
    """The calls to hang up, as canceled, so that the next call is possible at once."""
    up = (d for d in live_calls(state, context) if d.provider_sid)
    return tuple(replace(d, status=DeliveryStatus.CANCELED, updated_at=context.now) for d in up)


def provider_sids(deliveries: tuple[Delivery, ...]) -> tuple[str, ...]:
    """The provider's sids of the deliveries that have one."""
    return tuple(d.provider_sid for d in deliveries if d.provider_sid)


def never_sent(delivery: Delivery) -> bool:
    """Whether the provider certainly rejected it: it cost nothing, so it does not count."""
    return delivery.status is DeliveryStatus.FAILED and delivery.provider_sid is None
