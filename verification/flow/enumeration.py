"""Protection against account enumeration: starts and resends for the public, where the number is the account's.

The requester has proven nothing, and must not learn whether a user name exists, or what state its account is in. So if
there is no such account, or a rule forbids the call, a decoy verification is made: nothing is sent, no code is right,
and it ages, is resent and ends like any other.

    request ── its source, or all sources together, over a limit ───────────────→ rejected, with the reason
            ── an account whose number may be called now ──────────────────────→ private
            ── the same, while another call to the number may be up ────────────→ private, not sent yet
            ── no account, no number, suppressed, paused, other country, limits → decoy

Each browser has a verification of its own, and a start ends only the older one of the same browser: a stranger who
knows a user name must neither end the owner's nor learn from the end of their own that the owner has begun. All of them
count in the same counters, and a call is never cut short or doubled for another browser.

For the same reason nothing here may depend on what a phone does: whether a press is a double click is decided by the
clock alone, and a call that the provider rejects counts like any other.
"""

from msgspec.structs import replace

from ..context import Context
from ..counters.counter import AddToWindows, LimitKey
from ..counters.rules import format_duration
from ..errors import LimitReached, TooManyDeliveries, TooSoon, VerificationError
from ..models import Delivery, Event, EventKind, Manner, Session, State, Verification
from ..ports import Changes
from ..types import CallStyle, DeliveryStatus, Record, Scope
from ..values.phone_numbers import PhoneNumber, masked_number
from .admission import Admission, build_denial, count_send, full_reason, short_reason
from .ending import as_decoy, as_of
from .rate_limits import LimitKeys, Send, exceeded
from .refusals import record_refusal
from .start import StartResult, begin, resend, start, with_trust

#: Seconds after a delivery in which the same request is a double click.
DOUBLE_CLICK_SECONDS = 10
#: Starts of all sources: seconds, and how many in them. A silent start costs nothing at Twilio, so no other limit ends
#: them, but each writes. Real ones count too, or the ceiling would show which are silent; trusted browsers are exempt.
MAX_STARTS = ((3600, 12_000), (86_400, 60_000))
_STARTS = LimitKey(Scope.TOTAL, "starts of accounts")
#: Of 256 unknown user names, this many appear to have a second number.
SECOND_NUMBER_ODDS = 26


class AccountNumbers(Record, frozen=True):
    """The numbers that the public sees for a user name, in the account's order; only the last two digits are shown.

    `reason`: for the operator, why they are decoys.
    """

    numbers: tuple[PhoneNumber, ...]
    manner: Manner
    language: str = ""
    reason: str = ""


def account_numbers(state: State) -> AccountNumbers:
    """The account's numbers, or stable decoy numbers derived from a key when the account is unknown."""
    account = state.account
    if account is not None and account.numbers:
        numbers = tuple(enrolled.number for enrolled in account.numbers)
        return AccountNumbers(numbers, Manner.PRIVATE, account.language)
    seed = state.decoy_seed
    pairs = [seed[0:2], seed[2:4]] if seed[4] < SECOND_NUMBER_ODDS else [seed[0:2]]
    decoys = tuple(masked_number(f"{int.from_bytes(pair, 'big') % 100:02}") for pair in pairs)
    return AccountNumbers(decoys, Manner.DECOY, reason="no number" if account else "no such account")


def start_private(
    state: State,
    verification: Verification,
    context: Context,
    *,
    reason: str,
    delivery: Delivery,
    session: Session | None,
    risky: bool = False,
    browser: str | None = None,
) -> Changes[StartResult | VerificationError]:
    """Begin the new `verification`, or a decoy; the older one of the same browser, account and action ends either way.

    `verification` is private, or a decoy for this `reason`.
    """
    older = state.verification
    if older is not None and _is_double_click(state, verification, delivery, context):
        return Changes(result=StartResult(older, None))
    if (error := _source_limit(state, verification, delivery, context)) is not None:
        return _deny_source(state, verification, delivery, context, error)
    if (error := _ceiling(state, verification, browser, context)) is not None:
        return _deny_source(state, verification, delivery, context, error)
    counted = AddToWindows(_STARTS, tuple(seconds for seconds, _ in MAX_STARTS), context.now, made=1)
    changes = _start_or_decoy(
        state, verification, context, reason=reason, delivery=delivery, session=session, risky=risky, browser=browser
    )
    return replace(changes, counter_updates=(*changes.counter_updates, counted))


def _start_or_decoy(
    state: State,
    verification: Verification,
    context: Context,
    *,
    reason: str,
    delivery: Delivery,
    session: Session | None,
    risky: bool,
    browser: str | None,
) -> Changes[StartResult | VerificationError]:
    # Without the session: what `start` takes for a double click depends on the phone.
    known = replace(state, session=None)
    if verification.decoy:
        changes = start(known, verification, context, delivery=decoy_delivery(delivery), session=session)
    else:
        changes = start(known, verification, context, delivery=delivery, session=session, risky=risky, browser=browser)
        if not isinstance(changes.result, VerificationError):
            return changes
        reason = (*changes.events, *changes.counted)[-1].detail
    if isinstance(changes.result, TooSoon):
        return _start_unsent(state, verification, context, changes, delivery=delivery, session=session)
    if isinstance(changes.result, VerificationError):
        changes = _start_decoy(state, as_decoy(verification), context, changes, delivery=delivery, session=session)
    return _as_refused_start(changes, delivery, reason)


def _start_decoy(
    state: State,
    decoy: Verification,
    context: Context,
    denied: Changes[StartResult | VerificationError],
    *,
    delivery: Delivery,
    session: Session | None,
) -> Changes[StartResult | VerificationError]:
    unsent, unrestricted = decoy_delivery(delivery), State(verification=state.verification, deliveries=state.deliveries)
    changes = start(unrestricted, decoy, context, delivery=unsent, session=session)
    # Counted with the real counters: what counts once must not be counted again with every press.
    updates = count_send(_send(state, decoy, unsent, context), context.policy.rules)
    return replace(
        changes,
        counter_updates=(*updates, *denied.counter_updates),
        denials=denied.denials,
        events=(*changes.events, *(event for event in denied.events if event.kind is EventKind.ALERT)),
    )


def _start_unsent(
    state: State,
    verification: Verification,
    context: Context,
    denied: Changes[StartResult | VerificationError],
    *,
    delivery: Delivery,
    session: Session | None,
) -> Changes[StartResult | VerificationError]:
    """Begin without a call, because another one to the number may be up. The same code can be sent a little later."""
    unsent = decoy_delivery(delivery)
    changes = begin(state, verification, context, delivery=unsent, session=session, admission=Admission(None))
    updates = count_send(_send(state, as_decoy(verification), unsent, context), context.policy.rules)
    events = (*(event for event in changes.events if event.delivery != delivery.sid), *denied.events)
    updates = (*updates, *denied.counter_updates)
    return replace(changes, counter_updates=updates, denials=denied.denials, events=events)


def _deny_source(
    state: State, verification: Verification, delivery: Delivery, context: Context, error: LimitReached
) -> Changes[StartResult | VerificationError]:
    event = Event(
        kind=EventKind.START_REFUSED,
        at=context.now,
        delivery=delivery.sid,
        detail=short_reason(error),
        source=verification.source,
        country=verification.number.region,
        service=verification.service,
    )
    recorded = record_refusal(state.counters, verification, event.detail, now=context.now)
    if recorded is None:
        return Changes(result=error, counted=(event,))
    send = _send(state, verification, delivery, context)
    denial = build_denial(state, send, context, reason=full_reason(error), delivery=delivery.sid)
    return Changes(result=error, counter_updates=recorded, events=(event,), denials=(denial,))


def _as_refused_start(
    changes: Changes[StartResult | VerificationError], delivery: Delivery, reason: str
) -> Changes[StartResult | VerificationError]:
    """The start of a decoy, as the operator sees it: refused, with the reason."""
    country = changes.verifications[-1].number.region
    refused = {"kind": EventKind.START_REFUSED, "detail": reason, "country": country}
    events = tuple(
        replace(event, **refused) if event.kind is EventKind.STARTED else event
        for event in changes.events
        if event.delivery != delivery.sid
    )
    return replace(changes, events=events)


def resend_private(state: State, context: Context, *, delivery: Delivery) -> Changes[StartResult | VerificationError]:
    """Resend the code, or appear to. What is rejected is rejected by the clock alone."""
    verification, policy = state.verification, context.policy
    current = as_of(state, now=context.now)
    if verification is None or current is None or current.status.final:
        return resend(state, context, delivery=delivery)
    if verification.style is CallStyle.KEY and not delivery.channel.spoken:
        return resend(replace(state, suppressed=False), context, delivery=delivery)
    latest = state.latest
    elapsed = context.now - latest.created_at if latest is not None else 0
    if latest is not None and latest.channel is delivery.channel and elapsed < DOUBLE_CLICK_SECONDS:
        return Changes(result=StartResult(verification, None))
    if len(state.deliveries) >= policy.max_deliveries:
        return Changes(result=TooManyDeliveries())
    spacing = policy.spacing(len(state.deliveries)) if latest and policy.enforce else 0
    if latest is not None and elapsed < spacing:
        return Changes(result=TooSoon(latest.created_at + spacing - context.now))
    if (error := _source_limit(state, verification, delivery, context)) is not None:
        return Changes(result=error)
    changes = resend(state, context, delivery=delivery)
    if isinstance(changes.result, StartResult) and changes.result.delivery is not None:
        return changes
    unsent = decoy_delivery(delivery)
    updates = count_send(_send(state, as_decoy(verification), delivery, context), policy.rules)
    return Changes(
        result=StartResult(verification, unsent),
        deliveries=(unsent,),
        counter_updates=(*updates, *changes.counter_updates),
        denials=changes.denials,
        events=changes.events,
    )


def decoy_delivery(delivery: Delivery) -> Delivery:
    """A delivery that is never sent."""
    return replace(delivery, status=DeliveryStatus.CANCELED)


def redact(state: State) -> State:
    """What the public may see of a state: nothing that depends on the phone, the provider or the account."""
    if state.verification is None or not state.verification.private:
        return state
    deliveries = tuple(
        Delivery(
            sid=delivery.sid,
            verification=delivery.verification,
            channel=delivery.channel,
            status=DeliveryStatus.QUEUED,
            created_at=delivery.created_at,
            updated_at=delivery.created_at,
        )
        for delivery in state.deliveries
    )
    return State(verification=state.verification, deliveries=deliveries, session=state.session)


def _source_limit(
    state: State, verification: Verification, delivery: Delivery, context: Context
) -> LimitReached | None:
    """The one limit that the public sees, because it is the requester's own."""
    policy = context.policy
    rules = tuple(rules for rules in policy.rules if rules.scope is Scope.SOURCE) if policy.enforce else ()
    reached = exceeded(_send(state, verification, delivery, context), rules)
    if not reached:
        return None
    scope, rule, _, wait = max(reached, key=lambda evaluated: evaluated[3])
    return LimitReached(scope, wait, str(rule))


def _ceiling(state: State, verification: Verification, browser: str | None, context: Context) -> LimitReached | None:
    """The limit of all starts in accounts mode, except for a browser that has proven this account and number."""
    if not context.policy.enforce or with_trust(state, verification, browser, context).trusted:
        return None
    (counter,) = state.counters.of(_STARTS)
    for seconds, most in MAX_STARTS:
        total = counter.window_total(seconds, context.now)
        if total.made >= most:
            return LimitReached(Scope.TOTAL, max(total.frees_at - context.now, 1), f"{most}/{format_duration(seconds)}")
    return None


def _send(state: State, verification: Verification, delivery: Delivery, context: Context) -> Send:
    return Send(
        keys=LimitKeys(verification, state.counters, context.policy.send_scopes, now=context.now),
        channel=delivery.channel,
        at=context.now,
        prices=context.policy.prices,
    )


def _is_double_click(state: State, verification: Verification, delivery: Delivery, context: Context) -> bool:
    """Whether the same browser asks for the same shortly after: a double click or a reload."""
    older, latest, session = state.verification, state.latest, state.session
    if older is None or latest is None or session is None:
        return False
    return (
        session.verification == older.sid
        and older.private
        and context.now < older.expires_at
        and older.number.masked == verification.number.masked
        and latest.channel is delivery.channel
        and context.now - latest.created_at < max(context.policy.spacing(1), DOUBLE_CLICK_SECONDS)
    )
