"""What became of a call or a text: the carrier's first answer, its callbacks, and the silence in between."""

from dataclasses import replace

from .counting import People, Send, given_back, taken_back
from .counts import Entry
from .ending import end
from .limits import Scope
from .policy import SEED, Policy
from .ports import Decision, Outcome, Rejected, Report, Unclear
from .records import CARRIER, Case, Delivery, Event, EventKind, Progress, Verification
from .states import Channel, DeliveryStatus, VerificationStatus, advance

# Rings 25 s and talks 120 s at most, with some seconds for a slow route.
LONGEST_CALL = 180


def note_outcome(
    case: Case, sid: str, outcome: Outcome, *, now: float, policy: Policy = SEED
) -> Decision[Verification | None]:
    """What the carrier answered to the start of a delivery. A webhook may have been quicker."""
    delivery, verification = case.delivery(sid), case.verification
    if delivery is None or verification is None:
        return Decision(verdict=None)
    if isinstance(outcome, Unclear):
        status, carrier_sid, error = DeliveryStatus.UNKNOWN, delivery.carrier_sid, None
    elif isinstance(outcome, Rejected):
        if delivery.carrier_sid is not None or delivery.status.final:
            return Decision(verdict=verification)  # it did go out, or a look-up has told us the same
        status, carrier_sid, error = DeliveryStatus.FAILED, None, outcome.code
    else:
        status, carrier_sid, error = outcome.status, delivery.carrier_sid or outcome.carrier_sid, None
        if verification.status.final and delivery.channel is Channel.CALL:
            status = DeliveryStatus.CANCELED  # ended meanwhile: it is hung up as soon as its sid is known
    noted = replace(
        delivery,
        status=advance(delivery.status, status),
        carrier_sid=carrier_sid,
        error=delivery.error if error is None else error,
        updated_at=now,
    )
    events = [event_of(noted, now)]
    ended: tuple[Verification, ...] = ()
    if (
        isinstance(outcome, Rejected)
        and len(case.deliveries) == 1
        and not (verification.status.final or verification.discreet)
    ):
        verification = end(verification, VerificationStatus.FAILED, now=now)
        ended = (verification,)
        events.append(Event(kind=EventKind.FAILED, at=now, verification=verification.sid))
    free = isinstance(outcome, Rejected) and not outcome.counts
    returned = _given_back(case, verification, delivery, policy) if free else ()
    stop = (verification.number,) if isinstance(outcome, Rejected) and outcome.opted_out else ()
    if stop:
        events.append(
            Event(kind=EventKind.SUPPRESSED, at=now, verification=verification.sid, delivery=sid, actor=CARRIER)
        )
    return Decision(
        verdict=verification,
        verifications=ended,
        deliveries=(noted,),
        suppress=stop,
        counted=returned,
        events=tuple(events),
    )


def _given_back(case: Case, verification: Verification, delivery: Delivery, policy: Policy) -> tuple[Entry, ...]:
    """It never left, so nobody's allowance is used up by it.

    That of a source is told to the public, who must not learn from it that the carrier was asked.
    """
    rules = [one for one in policy.rules if not (verification.discreet and one.scope is Scope.SOURCE)]
    return taken_back(_send(case, verification, delivery, policy), rules)


def note_report(
    case: Case,
    sid: str,
    *,
    carrier_sid: str,
    to: str | None = None,
    status: DeliveryStatus,
    error: int | None,
    seconds: int | None = None,
    now: float,
    policy: Policy = SEED,
) -> Decision[bool]:
    """A status callback. False when the delivery is not ours or belongs to another call or text.

    `seconds` is how long a call lasted; what it did not use of its allowance is given back.
    """
    delivery = case.delivery(sid)
    if delivery is None or not belongs(case, delivery, carrier_sid, to):
        return Decision(verdict=False)
    noted = replace(reported(delivery, status=status, error=error), carrier_sid=carrier_sid)
    if noted == delivery:
        return Decision(verdict=True)
    noted = replace(noted, updated_at=now)
    back: tuple[Entry, ...] = ()
    if noted.channel is Channel.CALL and noted.status.final and not delivery.status.final and case.verification:
        lasted = seconds if noted.status is DeliveryStatus.COMPLETED else 0
        if lasted is not None:
            back = given_back(_send(case, case.verification, delivery, policy), policy.rules, seconds=lasted)
    return Decision(verdict=True, deliveries=(noted,), counted=back, events=(event_of(noted, now),))


def _send(case: Case, verification: Verification, delivery: Delivery, policy: Policy) -> Send:
    return Send(
        people=People(verification, case.counts), channel=delivery.channel, at=delivery.created_at, prices=policy.prices
    )


def note_machine(case: Case, sid: str, *, carrier_sid: str, to: str | None = None, now: float) -> Decision[bool]:
    """Twilio heard a machine. It only ever makes things stricter; False when the call is not this delivery's."""
    delivery = case.delivery(sid)
    if delivery is None or not belongs(case, delivery, carrier_sid, to):
        return Decision(verdict=False)
    if delivery.machine or delivery.status.final:
        return Decision(verdict=True)
    noted = replace(delivery, machine=True, carrier_sid=carrier_sid, updated_at=now)
    event = replace(event_of(noted, now), detail=f"{delivery.channel.value} machine")
    return Decision(verdict=True, deliveries=(noted,), events=(event,))


def reported(delivery: Delivery, *, status: DeliveryStatus, error: int | None) -> Delivery:
    """The delivery after a report; the same one when the report says nothing new."""
    moved = advance(delivery.status, status)
    progress = max(delivery.progress, Progress.ANSWERED) if status is DeliveryStatus.ANSWERED else delivery.progress
    kept = delivery.error if moved is delivery.status else error
    return replace(delivery, status=moved, progress=progress, error=kept)


def belongs(case: Case, delivery: Delivery, carrier_sid: str, to: str | None) -> bool:
    """Whether a webhook about this call or text of the carrier's, to this number, is about this delivery.

    `to` is None where the carrier does not say it.
    """
    if not carrier_sid or delivery.carrier_sid not in (None, carrier_sid):
        return False
    return to is None or (case.verification is not None and case.verification.number.means(to))


def settle(
    case: Case, sid: str, found: Report | Rejected | None, *, now: float, policy: Policy = SEED
) -> Decision[tuple[str, ...]]:
    """What a look-up brought, when no callback came. Without news a call that must be over becomes `unknown`.

    The verdict names a call that turned out to be up for an ended verification: it is to be hung up.
    """
    delivery, verification = case.delivery(sid), case.verification
    if delivery is None or verification is None or delivery.status.final:
        return Decision(verdict=())
    if isinstance(found, Rejected) and delivery.carrier_sid is None:
        return note_outcome(case, sid, found, now=now, policy=policy).saying(())
    hang_up: tuple[str, ...] = ()
    if isinstance(found, Report) and _is_its_own(case, delivery, found):
        moved = replace(reported(delivery, status=found.status, error=found.error), carrier_sid=found.carrier_sid)
        if verification.status.final and moved.channel is Channel.CALL and moved.status.live:
            moved, hang_up = replace(moved, status=DeliveryStatus.CANCELED), (found.carrier_sid,)
    elif delivery.status is DeliveryStatus.PLANNED or now - delivery.created_at >= LONGEST_CALL:
        moved = replace(delivery, status=DeliveryStatus.UNKNOWN)
    else:
        moved = delivery
    noted = replace(moved, updated_at=now)
    events = () if moved.status is delivery.status else (event_of(noted, now),)
    return Decision(verdict=hang_up, deliveries=(noted,), events=events)


def _is_its_own(case: Case, delivery: Delivery, found: Report) -> bool:
    others = (other.carrier_sid for other in case.deliveries if other.sid != delivery.sid)
    return belongs(case, delivery, found.carrier_sid, None) and found.carrier_sid not in others


def is_live(delivery: Delivery, *, now: float, policy: Policy) -> bool:
    """Whether a phone may still be ringing or a call be up; a start that nobody heard of counts for a while."""
    if not delivery.status.live:
        return False
    if delivery.status in (DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN):
        return now - delivery.created_at < policy.unknown_patience
    return now - delivery.created_at < LONGEST_CALL


def live_calls(case: Case, *, now: float, policy: Policy) -> tuple[Delivery, ...]:
    """The calls of the case that may be up."""
    return tuple(d for d in case.deliveries if d.channel is Channel.CALL and is_live(d, now=now, policy=policy))


def called_off(case: Case, *, now: float, policy: Policy) -> tuple[Delivery, ...]:
    """The calls of the case that are to be hung up, as ended: the line is free for the next one at once."""
    up = (d for d in live_calls(case, now=now, policy=policy) if d.carrier_sid)
    return tuple(replace(d, status=DeliveryStatus.CANCELED, updated_at=now) for d in up)


def carrier_sids(deliveries: tuple[Delivery, ...]) -> tuple[str, ...]:
    """The carrier's names of those deliveries that it has named."""
    return tuple(d.carrier_sid for d in deliveries if d.carrier_sid)


def never_left(delivery: Delivery) -> bool:
    """Refused by the carrier for certain: it did not cost anybody anything, so it does not count."""
    return delivery.status is DeliveryStatus.FAILED and delivery.carrier_sid is None


def event_of(delivery: Delivery, now: float) -> Event:
    """The line of the story that says where a delivery stands."""
    error = f" {delivery.error}" if delivery.error else ""
    return Event(
        kind=EventKind.DELIVERY,
        at=now,
        verification=delivery.verification,
        delivery=delivery.sid,
        detail=f"{delivery.channel.value} {delivery.status.value}{error}",
    )
