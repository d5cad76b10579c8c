"""May a code be sent now, and what does it end? Starts, repeats, and calling it off.

New verifications and deliveries, with sids and seeds from the secure generator.
"""

from dataclasses import dataclass, replace

from ..errors import (
    NotForAction,
    NotFound,
    NotPending,
    NumberSuppressed,
    TooManyDeliveries,
    VerificationError,
    WrongStyle,
)
from ..models import Delivery, Event, EventKind, Manner, Session, State, Verification
from ..policy import Keypress, Policy
from ..ports import Changes, Randomness
from ..types import CallStyle, Channel, DeliveryStatus, Scope, VerificationStatus
from ..values.codes import KeyRing
from ..values.payments import Payment
from ..values.phone_numbers import PhoneNumber
from ..values.usernames import account_name, account_of_number
from .accounts import enrollment_error
from .admission import admit, short_reason, spacing_left
from .delivery import (
    canceled_calls,
    delivery_event,
    end,
    end_by_phone,
    expire,
    is_live,
    live_calls,
    never_sent,
    provider_sids,
)
from .rate_limits import trusted_browser_key

#: What stands in the trail where an application approved without a code.
APPROVED_BY_APPLICATION = "by the application"


@dataclass(frozen=True, slots=True)
class StartResult:
    """What a start or a repeat led to. `delivery` is None when one is already under way."""

    verification: Verification
    delivery: Delivery | None
    hang_up: tuple[str, ...] = ()


def start(
    state: State,
    *,
    fresh: Verification,
    delivery: Delivery,
    session: Session | None,
    now: float,
    policy: Policy,
    risky: bool = False,
    repeats: bool = False,
    browser: str | None = None,
) -> Changes[StartResult | VerificationError]:
    """Begin a verification, and end the older one of the same account and action; or send its code again, when it
    is for the same and `repeats` asks for that.

    `browser` is the digest by which a browser may be known to have proven this account and number before.
    """
    older = state.verification
    if repeats and older is not None and now < older.expires_at and _proves_the_same(older, fresh):
        return again(state, delivery=replace(delivery, verification=older.sid), now=now, policy=policy)
    if older is not None and _is_double_click(state, fresh, delivery, now=now, policy=policy):
        return Changes(result=StartResult(older, None))
    fresh = _with_trust(state, fresh, browser, now=now, policy=policy)
    # Also where it is not asked: how long an answer takes must not tell what stood against it.
    allowed = admit(state, fresh, delivery, now=now, policy=policy)
    if state.suppressed:
        told = Event(kind=EventKind.START_REFUSED, at=now, detail="suppressed", source=fresh.source)
        return Changes(result=NumberSuppressed(), events=(told,))
    refusal = enrollment_error(state, fresh, risky=risky, now=now, policy=policy)
    if refusal is not None:
        told = Event(kind=EventKind.START_REFUSED, at=now, detail=short_reason(refusal), source=fresh.source)
        return Changes(result=refusal, events=(told,))
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
    over = expire(state, now=now)
    if over is not None:
        ended = (over.verification,)
        events[:0] = over.events
    elif older is not None:
        ended = (end(older, VerificationStatus.CANCELED, now=now),)
        events.insert(0, Event(kind=EventKind.SUPERSEDED, at=now, verification=older.sid))
    off = canceled_calls(state, now=now, policy=policy)
    return Changes(
        result=StartResult(fresh, delivery, hang_up=provider_sids(off)),
        verifications=(*ended, fresh),
        deliveries=(*off, delivery),
        sessions=(session,) if session else (),
        counted=allowed.counted,
        refusals=allowed.refusals,
        events=(*events, *allowed.events, delivery_event(delivery, now)),
    )


def _with_trust(state: State, fresh: Verification, browser: str | None, *, now: float, policy: Policy) -> Verification:
    if browser is None:
        return fresh
    proven = state.counts.known(trusted_browser_key(fresh, Scope.KNOWN), browser)
    return replace(fresh, known=now - proven < policy.browser_trust_seconds)


def again(state: State, *, delivery: Delivery, now: float, policy: Policy) -> Changes[StartResult | VerificationError]:
    """Send the same code once more, by the channel of `delivery`, when that is allowed now."""
    verification = state.verification
    if verification is None:
        return Changes(result=NotFound())
    over = expire(state, now=now)
    if over is not None:
        return Changes(
            result=NotPending(over.verification.status), verifications=(over.verification,), events=over.events
        )
    if verification.status.final:
        return Changes(result=NotPending(verification.status))
    if verification.silent:
        return Changes(result=NotPending(VerificationStatus.CANCELED))
    if state.suppressed:
        return Changes(result=NumberSuppressed())
    if verification.style is CallStyle.KEY and delivery.channel is not Channel.CALL:
        return Changes(result=WrongStyle())
    if not policy.allows(verification.action, delivery.channel, verification.style):
        return Changes(result=NotForAction())
    sent = [d for d in state.deliveries if not never_sent(d)]
    if any(d.channel is delivery.channel and _in_progress(d, now=now, policy=policy) for d in sent[-1:]):
        return Changes(result=StartResult(verification, None))
    if delivery.channel is Channel.CALL and live_calls(state, now=now, policy=policy):
        return Changes(result=StartResult(verification, None))
    if len(sent) >= policy.max_deliveries:
        return Changes(result=TooManyDeliveries())
    pause = spacing_left(state, now=now, policy=policy)
    allowed = admit(state, verification, delivery, now=now, policy=policy, pause=pause)
    if allowed.refusal is not None:
        return allowed.refused()
    return Changes(
        result=StartResult(verification, delivery),
        deliveries=(delivery,),
        counted=allowed.counted,
        refusals=allowed.refusals,
        events=(*allowed.events, delivery_event(delivery, now)),
    )


def _in_progress(delivery: Delivery, *, now: float, policy: Policy) -> bool:
    """Whether asking again would only do the same twice. A queued text may be lost, and its spacing holds anyway."""
    unclear = delivery.status in (DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN)
    return is_live(delivery, now=now, policy=policy) and (unclear or delivery.channel is Channel.CALL)


def switch_channel(state: State, sid: str, *, follow_up: Delivery, now: float, policy: Policy) -> Changes[str | None]:
    """The other channel, once, after a failure that the person did not cause: a line that is busy or not answered is
    somebody's own doing, a text that cannot be delivered is not. The verdict is the delivery to send.

    Every limit holds. Only the pause between two deliveries does not: it keeps people from being rung twice in a row,
    and nothing has reached them yet.
    """
    failed, verification = state.delivery(sid), state.verification
    if failed is None or verification is None or len(state.deliveries) != 1:
        return Changes(result=None)
    if failed.status not in (DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED):
        return Changes(result=None)
    if verification.status.final or now >= verification.expires_at or state.suppressed:
        return Changes(result=None)
    if verification.style is CallStyle.KEY or verification.discreet:
        return Changes(result=None)
    if not policy.allows(verification.action, failed.channel.other, verification.style):
        return Changes(result=None)
    other = replace(follow_up, verification=verification.sid, channel=failed.channel.other)
    allowed = admit(state, verification, other, now=now, policy=policy)
    if allowed.refusal is not None:
        return allowed.refused().saying(None)
    return Changes(
        result=other.sid,
        deliveries=(other,),
        counted=allowed.counted,
        refusals=allowed.refusals,
        events=(*allowed.events, delivery_event(other, now)),
    )


def next_delivery_wait(state: State, *, now: float, policy: Policy) -> float:
    """Seconds until the next delivery is allowed; 0 when it is allowed now."""
    return spacing_left(state, now=now, policy=policy) if policy.enforce else 0


def cancel(
    state: State, *, now: float, policy: Policy, kind: EventKind = EventKind.CANCELED
) -> Changes[StartResult | VerificationError]:
    """End a pending verification; its live calls are to be hung up."""
    return _end(state, VerificationStatus.CANCELED, Event(kind=kind, at=now), now=now, policy=policy)


def approve(state: State, *, now: float, policy: Policy) -> Changes[StartResult | VerificationError]:
    """Approve a pending verification without its code: the application has other proof, and answers for it."""
    event = Event(kind=EventKind.APPROVED, at=now, detail=APPROVED_BY_APPLICATION)
    return _end(state, VerificationStatus.APPROVED, event, now=now, policy=policy)


def _end(
    state: State, status: VerificationStatus, event: Event, *, now: float, policy: Policy
) -> Changes[StartResult | VerificationError]:
    verification = state.verification
    if verification is None:
        return Changes(result=NotFound())
    over = expire(state, now=now)
    if over is not None:
        return Changes(
            result=NotPending(over.verification.status), verifications=(over.verification,), events=over.events
        )
    if verification.status.final:
        return Changes(result=NotPending(verification.status))
    by_phone = event.kind is EventKind.REPORTED
    ended = end_by_phone(verification, now=now) if by_phone else end(verification, status, now=now)
    off = canceled_calls(state, now=now, policy=policy)
    return Changes(
        result=StartResult(ended, None, hang_up=provider_sids(off)),
        verifications=(ended,),
        deliveries=off,
        events=(replace(event, verification=ended.sid),),
    )


def _proves_the_same(older: Verification, fresh: Verification) -> bool:
    """Whether the code of the older one would prove the same."""
    return all(getattr(older, name) == getattr(fresh, name) for name in ("number", "style", "manner", "payment"))


def _is_double_click(state: State, fresh: Verification, delivery: Delivery, *, now: float, policy: Policy) -> bool:
    """The same browser asks for the same thing while it is under way: a double click or a reload."""
    older, latest = state.verification, state.latest
    return (
        older is not None
        and latest is not None
        and state.session is not None
        and state.session.verification == older.sid
        and now < older.expires_at
        and older.number == fresh.number
        and older.payment == fresh.payment
        and latest.channel is delivery.channel
        and (is_live(latest, now=now, policy=policy) or now - latest.created_at < policy.spacing(1))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequest:
    """What a start asks for. Without a user name the number stands for the account.

    `session` is the digest of the browser's cookie, when a browser asks; `browser` is that of the cookie by which it is
    known. `source` is the address that asks, as limits count it: an IPv4 address or an IPv6 /64. `brand`, `code_length`
    and `keypress` are those of the service, where it has its own. `delivery` names the first delivery beforehand.
    `repeats`: where the same is pending already, its code is sent once more.
    """

    username: str
    number: PhoneNumber
    channel: Channel
    action: str
    language: str
    service: str
    style: CallStyle = CallStyle.SAY
    session: str | None = None
    browser: str | None = None
    source: str = ""
    brand: str = ""
    code_length: int | None = None
    keypress: Keypress | None = None
    delivery: str | None = None
    manner: Manner = Manner.TYPED
    payment: Payment | None = None
    repeats: bool = False


def new_verification(
    wanted: StartRequest, *, now: float, policy: Policy, keys: KeyRing, randomness: Randomness
) -> Verification:
    """A pending verification with a seed of its own."""
    return Verification(
        sid=new_sid("VE", randomness),
        service=wanted.service,
        account=account_name(wanted.username) if wanted.username else account_of_number(wanted.number.e164),
        username=wanted.username,
        action=wanted.action,
        number=wanted.number,
        language=wanted.language,
        status=VerificationStatus.PENDING,
        seed=randomness(16),
        key_id=keys.newest,
        code_length=wanted.code_length or policy.code_length,
        max_checks=policy.max_checks,
        checks=0,
        created_at=now,
        expires_at=now + policy.code_lifetime,
        style=wanted.style,
        source=wanted.source,
        brand=wanted.brand,
        keypress=wanted.keypress,
        manner=wanted.manner,
        payment=wanted.payment,
    )


def new_delivery(verification: str, channel: Channel, *, now: float, randomness: Randomness) -> Delivery:
    """A delivery that nobody has been asked to make yet."""
    return Delivery(
        sid=new_sid("VL", randomness),
        verification=verification,
        channel=channel,
        status=DeliveryStatus.PLANNED,
        created_at=now,
        updated_at=now,
    )


def new_sid(prefix: str, randomness: Randomness) -> str:
    """Two letters and 32 random hex digits, as Twilio's are."""
    return prefix + randomness(16).hex()
