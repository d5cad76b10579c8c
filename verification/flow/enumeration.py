"""Starts and repeats for the public, where the number is the account's: the same for everybody, whatever is behind it.

Whoever asks has proven nothing, and must not learn whether a name is somebody's, or how it stands with them. So where
there is no such account, or something stands against calling it, a verification is made that only looks like one:
nobody is called, no code is right, and it ages, is repeated and ends as any other does.

    asked by the public ── its source is over a limit ───────────────────────────→ refused, and told so
                        ── an account whose number may be called now ────────────→ discreet
                        ── nobody, no number, suppressed, paused, foreign, limits → silent

For the same reason nothing here may hang on what a phone does: a press soon after the last one is a double one by the
clock alone, and a call that the carrier refuses counts as one.
"""

from dataclasses import dataclass, replace

from ..errors import LimitReached, TooManyDeliveries, TooSoon, VerificationError
from ..models import Delivery, Event, EventKind, Manner, Session, State, Verification
from ..policy import Policy
from ..ports import Changes
from ..types import CallStyle, Channel, DeliveryStatus, Scope
from ..values.phone_numbers import PhoneNumber, masked_number
from .admission import build_denial, full_reason
from .admission import short_reason as word
from .delivery import as_decoy, expire
from .rate_limits import LimitKeys, Send, count_send, exceeded
from .start import StartResult, again, start

#: Seconds after a delivery in which asking for the same again is a double click.
DOUBLE_CLICK_SECONDS = 10
#: Of 256 names that nobody has, so many look as if they had a second number.
SECOND_NUMBER_ODDS = 26


@dataclass(frozen=True, slots=True)
class AccountNumbers:
    """What the public sees of a name: the numbers, of which it shows the last two digits, in the account's order.

    `why` is for the operator: what stands against calling any of them.
    """

    numbers: tuple[PhoneNumber, ...]
    manner: Manner
    language: str = ""
    why: str = ""


def account_numbers(state: State) -> AccountNumbers:
    """The account's numbers, or those that a name without any looks as if it had: the same for ever, from a key."""
    account = state.account
    if account is not None and account.numbers:
        return AccountNumbers(tuple(one.number for one in account.numbers), Manner.DISCREET, account.language)
    seen = state.decoy_seed
    endings = [seen[0:2], seen[2:4]] if seen[4] < SECOND_NUMBER_ODDS else [seen[0:2]]
    numbers = tuple(masked_number(f"{int.from_bytes(drawn, 'big') % 100:02}") for drawn in endings)
    return AccountNumbers(numbers, Manner.SILENT, why="no number" if account else "no such account")


def start_private(
    state: State,
    *,
    fresh: Verification,
    why: str,
    delivery: Delivery,
    session: Session | None,
    now: float,
    policy: Policy,
    browser: str | None = None,
) -> Changes[StartResult | VerificationError]:
    """Begin a verification, or what looks like one; the older one of the same account and action ends either way.

    `fresh` is discreet, or silent and then `why` says for what reason. Only what a known browser began is not ended by
    what nobody is called for: or whoever knows a name could keep its holder from signing in, at no cost.
    """
    older = state.verification
    if older is not None and _is_double_click(state, fresh, delivery, now=now, policy=policy):
        return Changes(result=StartResult(older, None))
    if (refusal := _source_limit(state, fresh, delivery, now=now, policy=policy)) is not None:
        event = Event(
            kind=EventKind.START_REFUSED, at=now, delivery=delivery.sid, detail=word(refusal), source=fresh.source
        )
        send = _send(state, fresh, delivery, now, policy)
        told = build_denial(state, send, policy, reason=full_reason(refusal), delivery=delivery.sid)
        return Changes(result=refusal, events=(event,), refusals=(told,))
    # Without its session: what the other rules take for a double click depends on the phone.
    known = replace(state, session=None)
    quiet = decoy_delivery(delivery)
    if fresh.silent:
        decided = start(known, fresh=fresh, delivery=quiet, session=session, now=now, policy=policy)
    else:
        decided = start(known, fresh=fresh, delivery=delivery, session=session, now=now, policy=policy, browser=browser)
        if not isinstance(decided.result, VerificationError):
            return decided
        why = decided.events[-1].detail
    if isinstance(decided.result, VerificationError):
        refused = decided
        ours = older is not None and state.session is not None and state.session.verification == older.sid
        spared = older is not None and older.known and not ours
        nothing_against = State() if spared else State(verification=older, deliveries=state.deliveries)
        fresh = as_decoy(fresh)
        decided = start(nothing_against, fresh=fresh, delivery=quiet, session=session, now=now, policy=policy)
        decided = replace(
            decided,
            # By the real counts: what is counted once must not be counted anew with every press.
            counted=(*count_send(_send(state, fresh, quiet, now, policy), policy.rules), *refused.counted),
            refusals=refused.refusals,
            events=(*decided.events, *(event for event in refused.events if event.kind is EventKind.ALERT)),
        )
    return _as_refused_start(decided, delivery, why)


def _as_refused_start(
    decided: Changes[StartResult | VerificationError], delivery: Delivery, why: str
) -> Changes[StartResult | VerificationError]:
    """A start that only looks like one, as the operator sees it: refused, and why."""
    events = tuple(
        replace(event, kind=EventKind.START_REFUSED, detail=why) if event.kind is EventKind.STARTED else event
        for event in decided.events
        if event.delivery != delivery.sid
    )
    return replace(decided, events=events)


def resend_private(
    state: State, *, delivery: Delivery, now: float, policy: Policy
) -> Changes[StartResult | VerificationError]:
    """Send the same code once more, or look as if. What is refused is refused by the clock alone."""
    verification = state.verification
    if verification is None or verification.status.final or expire(state, now=now) is not None:
        return again(state, delivery=delivery, now=now, policy=policy)
    if verification.style is CallStyle.KEY and delivery.channel is not Channel.CALL:
        return again(replace(state, suppressed=False), delivery=delivery, now=now, policy=policy)
    latest = state.latest
    if latest is not None and latest.channel is delivery.channel and now - latest.created_at < DOUBLE_CLICK_SECONDS:
        return Changes(result=StartResult(verification, None))
    if len(state.deliveries) >= policy.max_deliveries:
        return Changes(result=TooManyDeliveries())
    pause = policy.spacing(len(state.deliveries)) if latest and policy.enforce else 0
    if latest is not None and now - latest.created_at < pause:
        return Changes(result=TooSoon(latest.created_at + pause - now))
    if (refusal := _source_limit(state, verification, delivery, now=now, policy=policy)) is not None:
        return Changes(result=refusal)
    decided = again(state, delivery=delivery, now=now, policy=policy)
    if isinstance(decided.result, StartResult) and decided.result.delivery is not None:
        return decided
    lost = decoy_delivery(delivery)
    apart = _send(state, as_decoy(verification), delivery, now, policy)
    return Changes(
        result=StartResult(verification, lost),
        deliveries=(lost,),
        counted=(*count_send(apart, policy.rules), *decided.counted),
        refusals=decided.refusals,
        events=decided.events,
    )


def decoy_delivery(delivery: Delivery) -> Delivery:
    """A delivery that nobody will be asked to make."""
    return replace(delivery, status=DeliveryStatus.CANCELED)


def redact(state: State) -> State:
    """What the public may see of a case: nothing that its phone, the carrier or the account has brought about."""
    if state.verification is None or not state.verification.discreet:
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
    state: State, verification: Verification, delivery: Delivery, *, now: float, policy: Policy
) -> LimitReached | None:
    """The one limit that the public is told of: it is theirs."""
    own = tuple(one for one in policy.rules if one.scope is Scope.SOURCE) if policy.enforce else ()
    held = exceeded(_send(state, verification, delivery, now, policy), own)
    scope, rule, _, wait = max(held, key=lambda one: one[3], default=(None, None, None, 0.0))
    return LimitReached(scope, wait, str(rule)) if scope is not None else None


def _send(state: State, verification: Verification, delivery: Delivery, now: float, policy: Policy) -> Send:
    return Send(
        people=LimitKeys(verification, state.counts, policy.sending),
        channel=delivery.channel,
        at=now,
        prices=policy.prices,
    )


def _is_double_click(state: State, fresh: Verification, delivery: Delivery, *, now: float, policy: Policy) -> bool:
    """The same browser asks for the same thing shortly after: a double click or a reload."""
    older, latest, session = state.verification, state.latest, state.session
    if older is None or latest is None or session is None:
        return False
    return (
        session.verification == older.sid
        and older.discreet
        and now < older.expires_at
        and older.number.masked == fresh.number.masked
        and latest.channel is delivery.channel
        and now - latest.created_at < max(policy.spacing(1), DOUBLE_CLICK_SECONDS)
    )
