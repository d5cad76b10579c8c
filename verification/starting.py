"""May a code be sent now, and what does it end? Starts, repeats, and calling it off."""

from dataclasses import dataclass, replace

from .accounts import against
from .counting import browser_of
from .delivering import called_off, carrier_sids, event_of, is_live, live_calls, never_left
from .ending import end, end_by_phone, expire
from .errors import NotForAction, NotFound, NotPending, NumberSuppressed, Refused, TooManyDeliveries, WrongStyle
from .limits import Scope
from .policy import Policy
from .ports import Decision
from .records import CallStyle, Case, Delivery, Event, EventKind, Session, Verification
from .sending import permit, spacing, why
from .states import Channel, DeliveryStatus, VerificationStatus

#: What stands in the trail where an application approved without a code.
ON_ITS_WORD = "by the application"


@dataclass(frozen=True, slots=True)
class Planned:
    """What a start or a repeat led to. `delivery` is None when one is already under way."""

    verification: Verification
    delivery: Delivery | None
    hang_up: tuple[str, ...] = ()


def start(
    case: Case,
    *,
    fresh: Verification,
    delivery: Delivery,
    session: Session | None,
    now: float,
    policy: Policy,
    risky: bool = False,
    repeats: bool = False,
    browser: str | None = None,
) -> Decision[Planned | Refused]:
    """Begin a verification, and end the older one of the same account and action; or send its code again, when it
    is for the same and `repeats` asks for that.

    `browser` is the digest by which a browser may be known to have proven this account and number before.
    """
    older = case.verification
    if repeats and older is not None and now < older.expires_at and _same(older, fresh):
        return again(case, delivery=replace(delivery, verification=older.sid), now=now, policy=policy)
    if older is not None and _pressed_twice(case, fresh, delivery, now=now, policy=policy):
        return Decision(verdict=Planned(older, None))
    fresh = _if_known(case, fresh, browser, now=now, policy=policy)
    # Also where it is not asked: how long an answer takes must not tell what stood against it.
    allowed = permit(case, fresh, delivery, now=now, policy=policy)
    if case.suppressed:
        told = Event(kind=EventKind.START_REFUSED, at=now, detail="suppressed", source=fresh.source)
        return Decision(verdict=NumberSuppressed(), events=(told,))
    refusal = against(case, fresh, risky=risky, now=now, policy=policy)
    if refusal is not None:
        told = Event(kind=EventKind.START_REFUSED, at=now, detail=why(refusal), source=fresh.source)
        return Decision(verdict=refusal, events=(told,))
    if allowed.refusal is not None:
        return allowed.refused()
    ended: tuple[Verification, ...] = ()
    started = Event(
        kind=EventKind.STARTED,
        at=now,
        verification=fresh.sid,
        detail=fresh.action,
        source=fresh.source,
    )
    events = [started]
    over = expire(case, now=now)
    if over is not None:
        ended = (over.verification,)
        events[:0] = over.events
    elif older is not None:
        ended = (end(older, VerificationStatus.CANCELED, now=now),)
        events.insert(0, Event(kind=EventKind.SUPERSEDED, at=now, verification=older.sid))
    off = called_off(case, now=now, policy=policy)
    return Decision(
        verdict=Planned(fresh, delivery, hang_up=carrier_sids(off)),
        verifications=(*ended, fresh),
        deliveries=(*off, delivery),
        sessions=(session,) if session else (),
        counted=allowed.counted,
        refusals=allowed.refusals,
        events=(*events, *allowed.events, event_of(delivery, now)),
    )


def _if_known(case: Case, fresh: Verification, browser: str | None, *, now: float, policy: Policy) -> Verification:
    if browser is None:
        return fresh
    proven = case.counts.known(browser_of(fresh, Scope.KNOWN), browser)
    return replace(fresh, known=now - proven < policy.known_for)


def again(case: Case, *, delivery: Delivery, now: float, policy: Policy) -> Decision[Planned | Refused]:
    """Send the same code once more, by the channel of `delivery`, when that is allowed now."""
    verification = case.verification
    if verification is None:
        return Decision(verdict=NotFound())
    over = expire(case, now=now)
    if over is not None:
        return Decision(
            verdict=NotPending(over.verification.status), verifications=(over.verification,), events=over.events
        )
    if verification.status.final:
        return Decision(verdict=NotPending(verification.status))
    if verification.silent:
        return Decision(verdict=NotPending(VerificationStatus.CANCELED))
    if case.suppressed:
        return Decision(verdict=NumberSuppressed())
    if verification.style is CallStyle.KEY and delivery.channel is not Channel.CALL:
        return Decision(verdict=WrongStyle())
    if not policy.allows(verification.action, delivery.channel, verification.style):
        return Decision(verdict=NotForAction())
    sent = [d for d in case.deliveries if not never_left(d)]
    if any(d.channel is delivery.channel and _under_way(d, now=now, policy=policy) for d in sent[-1:]):
        return Decision(verdict=Planned(verification, None))
    if delivery.channel is Channel.CALL and live_calls(case, now=now, policy=policy):
        return Decision(verdict=Planned(verification, None))
    if len(sent) >= policy.max_deliveries:
        return Decision(verdict=TooManyDeliveries())
    pause = spacing(case, now=now, policy=policy)
    allowed = permit(case, verification, delivery, now=now, policy=policy, pause=pause)
    if allowed.refusal is not None:
        return allowed.refused()
    return Decision(
        verdict=Planned(verification, delivery),
        deliveries=(delivery,),
        counted=allowed.counted,
        refusals=allowed.refusals,
        events=(*allowed.events, event_of(delivery, now)),
    )


def _under_way(delivery: Delivery, *, now: float, policy: Policy) -> bool:
    """Whether asking again would only do the same twice. A queued text may be lost, and its spacing holds anyway."""
    unclear = delivery.status in (DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN)
    return is_live(delivery, now=now, policy=policy) and (unclear or delivery.channel is Channel.CALL)


def fall_back(case: Case, sid: str, *, spare: Delivery, now: float, policy: Policy) -> Decision[str | None]:
    """The other channel, once, after a failure that the person did not cause: a line that is busy or not answered is
    somebody's own doing, a text that cannot be delivered is not. The verdict is the delivery to send.

    Every limit holds. Only the pause between two deliveries does not: it keeps people from being rung twice in a row,
    and nothing has reached them yet.
    """
    failed, verification = case.delivery(sid), case.verification
    if failed is None or verification is None or len(case.deliveries) != 1:
        return Decision(verdict=None)
    if failed.status not in (DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED):
        return Decision(verdict=None)
    if verification.status.final or now >= verification.expires_at or case.suppressed:
        return Decision(verdict=None)
    if verification.style is CallStyle.KEY or verification.discreet:
        return Decision(verdict=None)
    if not policy.allows(verification.action, failed.channel.other, verification.style):
        return Decision(verdict=None)
    other = replace(spare, verification=verification.sid, channel=failed.channel.other)
    allowed = permit(case, verification, other, now=now, policy=policy)
    if allowed.refusal is not None:
        return allowed.refused().saying(None)
    return Decision(
        verdict=other.sid,
        deliveries=(other,),
        counted=allowed.counted,
        refusals=allowed.refusals,
        events=(*allowed.events, event_of(other, now)),
    )


def waiting_time(case: Case, *, now: float, policy: Policy) -> float:
    """Seconds until the next delivery is allowed; 0 when it is allowed now."""
    return spacing(case, now=now, policy=policy) if policy.enforce else 0


def cancel(
    case: Case, *, now: float, policy: Policy, kind: EventKind = EventKind.CANCELED
) -> Decision[Planned | Refused]:
    """End a pending verification; its live calls are to be hung up."""
    return _close(case, VerificationStatus.CANCELED, Event(kind=kind, at=now), now=now, policy=policy)


def approve(case: Case, *, now: float, policy: Policy) -> Decision[Planned | Refused]:
    """Approve a pending verification without its code: the application has other proof, and answers for it."""
    event = Event(kind=EventKind.APPROVED, at=now, detail=ON_ITS_WORD)
    return _close(case, VerificationStatus.APPROVED, event, now=now, policy=policy)


def _close(
    case: Case, status: VerificationStatus, event: Event, *, now: float, policy: Policy
) -> Decision[Planned | Refused]:
    verification = case.verification
    if verification is None:
        return Decision(verdict=NotFound())
    over = expire(case, now=now)
    if over is not None:
        return Decision(
            verdict=NotPending(over.verification.status), verifications=(over.verification,), events=over.events
        )
    if verification.status.final:
        return Decision(verdict=NotPending(verification.status))
    by_phone = event.kind is EventKind.REPORTED
    ended = end_by_phone(verification, now=now) if by_phone else end(verification, status, now=now)
    off = called_off(case, now=now, policy=policy)
    return Decision(
        verdict=Planned(ended, None, hang_up=carrier_sids(off)),
        verifications=(ended,),
        deliveries=off,
        events=(replace(event, verification=ended.sid),),
    )


def _same(older: Verification, fresh: Verification) -> bool:
    """Whether the code of the older one would prove the same."""
    return all(getattr(older, name) == getattr(fresh, name) for name in ("number", "style", "manner", "payment"))


def _pressed_twice(case: Case, fresh: Verification, delivery: Delivery, *, now: float, policy: Policy) -> bool:
    """The same browser asks for the same thing while it is under way: a double click or a reload."""
    older, latest = case.verification, case.latest
    return (
        older is not None
        and latest is not None
        and case.session is not None
        and case.session.verification == older.sid
        and now < older.expires_at
        and older.number == fresh.number
        and older.payment == fresh.payment
        and latest.channel is delivery.channel
        and (is_live(latest, now=now, policy=policy) or now - latest.created_at < policy.spacing(1))
    )
