"""Starts and resends: what they create, whether the code may be sent now, and what a start ends."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec import field
from msgspec.structs import replace

from ..context import Context
from ..counters.counter import Update
from ..errors import (
    CallsOnly,
    NotForAction,
    NotFound,
    NotPending,
    NumberSuppressed,
    TooManyDeliveries,
    VerificationError,
    WrongStyle,
)
from ..models import Delivery, Event, EventKind, Manner, Session, State, Verification, new_sid
from ..policy import Keypress
from ..ports import Changes, Randomness
from ..types import CallStyle, Channel, DeliveryStatus, PartlyCompared, Record, Scope, VerificationStatus
from ..values import codes
from ..values.payments import Payment
from ..values.phone_numbers import PhoneNumber, account_of_number
from ..values.usernames import account_name
from .accounts import enrollment_error
from .admission import Admission, admit, short_reason, spacing_left
from .check import code_of
from .delivery import busy_until, delivery_event
from .ending import (
    canceled_calls,
    end,
    expire,
    is_live,
    never_sent,
    provider_sids,
    require_pending,
    superseded,
)
from .rate_limits import trusted_browser_key
from .refusals import record_refusal


class StartRequest(Record, frozen=True, kw_only=True):
    """The parameters of a start. Without a user name the number identifies the account.

    `session` is the digest of the session cookie, when a browser asks; `browser` that of the trusted-browser cookie.
    `source` is the client address that limits count: an IPv4 address or an IPv6 /64. `brand`, `code_length` and
    `keypress` are set where the service has its own. `delivery` is the sid of the first delivery, if it must be known
    beforehand. `resends`: if a verification for the same is pending, resend its code. `custom_code`: the application's
    own code, digits only; empty to draw one.
    """

    hidden: ClassVar = frozenset({"tags", "custom_code"})

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
    resends: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    app_hash: str = ""
    custom_code: str = ""


class StartResult(PartlyCompared, frozen=True):
    """The result of a start or a resend. `delivery` is None when one is in progress already.

    `hang_up`: the provider's sids of the calls to end. `state`: the state after the provider's answer, once there is
    one.
    """

    hidden: ClassVar = frozenset({"state"})
    uncompared: ClassVar = hidden

    verification: Verification
    delivery: Delivery | None
    hang_up: tuple[str, ...] = ()
    state: State | None = None


def plan_start(
    request: StartRequest, context: Context, *, randomness: Randomness
) -> tuple[Verification, Delivery, Session | None]:
    """The records that a start creates if it is admitted. There is a session when a browser asks."""
    verification = new_verification(request, context, randomness=randomness)
    session = None
    if request.session is not None:
        session = Session(
            id=request.session,
            verification=verification.sid,
            channel=request.channel,
            expires_at=context.now + context.policy.session_lifetime,
        )
    delivery = new_delivery(verification.sid, request.channel, now=context.now, randomness=randomness)
    if request.delivery is not None:
        delivery = replace(delivery, sid=request.delivery)
    return verification, delivery, session


def new_verification(request: StartRequest, context: Context, *, randomness: Randomness) -> Verification:
    """A pending verification with a new seed."""
    policy, now, custom = context.policy, context.now, request.custom_code
    fixed = policy.fixed_code(request.number)
    length = len(fixed.code) if fixed else request.code_length or policy.code_length
    verification = Verification(
        sid=new_sid("VE", randomness),
        service=request.service,
        account=account_name(request.username) if request.username else account_of_number(request.number),
        username=request.username,
        action=request.action,
        number=request.number,
        language=request.language,
        status=VerificationStatus.PENDING,
        seed=randomness(16),
        key_id=context.keys.newest,
        code_length=len(custom) or length,
        max_checks=policy.max_checks,
        checks=0,
        created_at=now,
        expires_at=now + policy.code_lifetime,
        style=request.style,
        source=request.source,
        brand=request.brand,
        keypress=request.keypress,
        manner=request.manner,
        payment=request.payment,
        tags=request.tags,
        app_hash=request.app_hash,
    )
    if not custom:
        return verification
    return replace(verification, sealed_code=codes.seal(custom, code_of(verification, context.keys)))


def new_delivery(verification: str, channel: Channel, *, now: float, randomness: Randomness) -> Delivery:
    """A planned delivery: the provider was not asked yet."""
    return Delivery(
        sid=new_sid("VL", randomness),
        verification=verification,
        channel=channel,
        status=DeliveryStatus.PLANNED,
        created_at=now,
        updated_at=now,
    )


def start(
    state: State,
    verification: Verification,
    context: Context,
    *,
    delivery: Delivery,
    session: Session | None,
    risky: bool = False,
    resends: bool = False,
    browser: str | None = None,
) -> Changes[StartResult | VerificationError]:
    """Begin the new `verification`, and end the older one of the same account and action; or, with `resends`, send the
    older one's code again when it proves the same.

    `browser` is the digest of the trusted-browser cookie.
    """
    older = state.verification
    if resends and older is not None and context.now < older.expires_at and _same(older, verification, context):
        return _resend_as_asked(state, older, verification, context, delivery=delivery)
    if older is not None and _is_double_click(state, verification, delivery, context):
        return Changes(result=StartResult(older, None))
    verification = with_trust(state, verification, browser, context)
    # Evaluated in any case: the response time must not show which rule denied the start.
    admission = admit(state, verification, delivery, context)
    error: VerificationError | None = None
    if state.suppressed:
        error = NumberSuppressed()
    elif verification.manner not in (Manner.TYPED, Manner.DECOY):
        error = enrollment_error(state, context, risky=risky)
    if error is not None:
        return _refused(state, verification, context, error)
    if admission.error is not None:
        return admission.denied()
    return begin(state, verification, context, delivery=delivery, session=session, admission=admission)


def _refused(
    state: State, verification: Verification, context: Context, error: VerificationError
) -> Changes[StartResult | VerificationError]:
    """Refused for another reason than a limit."""
    reason = "suppressed" if state.suppressed else short_reason(error)
    event = Event(
        kind=EventKind.START_REFUSED,
        at=context.now,
        detail=reason,
        source=verification.source,
        country=verification.number.region,
        service=verification.service,
    )
    recorded = record_refusal(state.counters, verification, reason, now=context.now)
    if recorded is None:
        return Changes(result=error, counted=(event,))
    return Changes(result=error, counter_updates=recorded, events=(event,))


def begin(
    state: State,
    verification: Verification,
    context: Context,
    *,
    delivery: Delivery,
    session: Session | None,
    admission: Admission,
) -> Changes[StartResult | VerificationError]:
    """The changes of an admitted start: the new verification, and the end of the older one of the state."""
    older, now = state.verification, context.now
    ended: tuple[Verification, ...] = ()
    events = [
        Event(
            kind=EventKind.STARTED,
            at=now,
            verification=verification.sid,
            detail=verification.action,
            source=verification.source,
        )
    ]
    expired, counted = expire(state, context), tuple[Update, ...]()
    if expired is not None:
        ended, counted = (expired.verification,), expired.counter_updates
        events[:0] = expired.events
    elif older is not None:
        counted = superseded(state, verification, context)
        ended = (end(older, VerificationStatus.CANCELED, now=now),)
        events.insert(0, Event(kind=EventKind.SUPERSEDED, at=now, verification=older.sid))
    canceled = canceled_calls(state, context)
    return Changes(
        result=StartResult(verification, delivery, hang_up=provider_sids(canceled)),
        verifications=(*ended, verification),
        deliveries=(*canceled, delivery),
        sessions=(session,) if session else (),
        counter_updates=(*counted, *admission.counter_updates),
        denials=admission.denials,
        events=(*events, *admission.events, delivery_event(delivery, now)),
    )


def with_trust(state: State, verification: Verification, browser: str | None, context: Context) -> Verification:
    """The verification, trusted if this browser has proven its account and number."""
    if browser is None:
        return verification
    since = state.counters.trusted_since(trusted_browser_key(verification, Scope.TRUSTED_BROWSER), browser)
    trusted = 0 <= context.now - since < context.policy.browser_trust_seconds
    return replace(verification, trusted=trusted, browser=browser if trusted else "")


def _same(older: Verification, verification: Verification, context: Context) -> bool:
    """Whether the code of the older verification would prove the same, and is the one that the application wants."""
    if any(getattr(older, name) != getattr(verification, name) for name in ("number", "style", "manner", "payment")):
        return False
    if not (older.sealed_code and verification.sealed_code):
        return not (older.sealed_code or verification.sealed_code)
    return codes.equal(code_of(verification, context.keys), code_of(older, context.keys))


def _is_double_click(state: State, verification: Verification, delivery: Delivery, context: Context) -> bool:
    """Whether the same browser asks for the same again while it is in progress: a double click or a reload."""
    older, latest = state.verification, state.latest
    return (
        older is not None
        and latest is not None
        and state.session is not None
        and state.session.verification == older.sid
        and context.now < older.expires_at
        and older.number.identity == verification.number.identity
        and older.payment == verification.payment
        and latest.channel is delivery.channel
        and (is_live(latest, context) or context.now - latest.created_at < context.policy.spacing(1))
    )


def _resend_as_asked(
    state: State, older: Verification, asked: Verification, context: Context, *, delivery: Delivery
) -> Changes[StartResult | VerificationError]:
    """Send the older code again, with the newer request's tags and app hash where it has them."""
    updated = replace(older, tags=asked.tags or older.tags, app_hash=asked.app_hash or older.app_hash)
    changes = resend(replace(state, verification=updated), context, delivery=replace(delivery, verification=older.sid))
    is_sent = isinstance(changes.result, StartResult) and changes.result.delivery is not None
    return replace(changes, verifications=(updated,)) if is_sent and updated != older else changes


def resend(state: State, context: Context, *, delivery: Delivery) -> Changes[StartResult | VerificationError]:
    """Send the same code again, by the channel of `delivery`, if that is allowed now."""
    not_pending = require_pending(state, context)
    if not_pending is not None or state.verification is None:
        return not_pending or Changes(result=NotFound())
    verification = state.verification
    error = _resend_error(state, verification, context, delivery)
    if error is not None:
        return Changes(result=error)
    sent = [d for d in state.deliveries if not never_sent(d)]
    if busy_until(state, delivery.channel, context):
        return Changes(result=StartResult(verification, None))
    if len(sent) >= context.policy.max_deliveries:
        return Changes(result=TooManyDeliveries())
    admission = admit(state, verification, delivery, context, spacing=spacing_left(state, delivery.channel, context))
    if admission.error is not None:
        return admission.denied()
    return Changes(
        result=StartResult(verification, delivery),
        deliveries=(delivery,),
        counter_updates=admission.counter_updates,
        denials=admission.denials,
        events=(*admission.events, delivery_event(delivery, context.now)),
    )


def _resend_error(
    state: State, verification: Verification, context: Context, delivery: Delivery
) -> VerificationError | None:
    if verification.decoy:
        return NotPending(VerificationStatus.CANCELED)
    if state.suppressed:
        return NumberSuppressed()
    if verification.style is CallStyle.KEY and not delivery.channel.spoken:
        return WrongStyle()
    if verification.number.extension and not delivery.channel.dials_extensions:
        return CallsOnly()
    payment = verification.payment is not None
    allowed = context.policy.allows(verification.action, delivery.channel, verification.style, payment=payment)
    return None if allowed else NotForAction()
