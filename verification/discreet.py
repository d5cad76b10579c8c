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

from .counting import People, Send, full, sent
from .ending import expire, silenced
from .errors import LimitReached, Refused, TooManyDeliveries, TooSoon
from .limits import Scope
from .numbers import Number, only_ending
from .policy import Policy
from .ports import Decision
from .records import CallStyle, Case, Delivery, Event, EventKind, Manner, Session, Verification
from .sending import reason, report
from .sending import why as word
from .starting import Planned, again, start
from .states import Channel, DeliveryStatus

#: Seconds after a delivery in which asking for the same again is a double click.
DOUBLE = 10
#: Of 256 names that nobody has, so many look as if they had a second number.
WITH_SECOND_NUMBER = 26


@dataclass(frozen=True, slots=True)
class Phones:
    """What the public sees of a name: the numbers, of which it shows the last two digits, in the account's order.

    `why` is for the operator: what stands against calling any of them.
    """

    numbers: tuple[Number, ...]
    manner: Manner
    language: str = ""
    why: str = ""


def phones(case: Case) -> Phones:
    """The account's numbers, or those that a name without any looks as if it had: the same for ever, from a key."""
    account = case.account
    if account is not None and account.numbers:
        return Phones(tuple(one.number for one in account.numbers), Manner.DISCREET, account.language)
    seen = case.likeness
    endings = [seen[0:2], seen[2:4]] if seen[4] < WITH_SECOND_NUMBER else [seen[0:2]]
    numbers = tuple(only_ending(f"{int.from_bytes(drawn, 'big') % 100:02}") for drawn in endings)
    return Phones(numbers, Manner.SILENT, why="no number" if account else "no such account")


def start_discreetly(
    case: Case,
    *,
    fresh: Verification,
    why: str,
    delivery: Delivery,
    session: Session | None,
    now: float,
    policy: Policy,
    browser: str | None = None,
) -> Decision[Planned | Refused]:
    """Begin a verification, or what looks like one; the older one of the same account and action ends either way.

    `fresh` is discreet, or silent and then `why` says for what reason. Only what a known browser began is not ended by
    what nobody is called for: or whoever knows a name could keep its holder from signing in, at no cost.
    """
    older = case.verification
    if older is not None and _pressed_twice(case, fresh, delivery, now=now, policy=policy):
        return Decision(verdict=Planned(older, None))
    if (refusal := _over_the_source(case, fresh, delivery, now=now, policy=policy)) is not None:
        event = Event(
            kind=EventKind.START_REFUSED, at=now, delivery=delivery.sid, detail=word(refusal), source=fresh.source
        )
        send = _send(case, fresh, delivery, now, policy)
        told = report(case, send, policy, reason=reason(refusal), delivery=delivery.sid)
        return Decision(verdict=refusal, events=(event,), refusals=(told,))
    # Without its session: what the other rules take for a double click depends on the phone.
    known = replace(case, session=None)
    quiet = withheld(delivery)
    if fresh.silent:
        decided = start(known, fresh=fresh, delivery=quiet, session=session, now=now, policy=policy)
    else:
        decided = start(known, fresh=fresh, delivery=delivery, session=session, now=now, policy=policy, browser=browser)
        if not isinstance(decided.verdict, Refused):
            return decided
        why = decided.events[-1].detail
    if isinstance(decided.verdict, Refused):
        refused = decided
        ours = older is not None and case.session is not None and case.session.verification == older.sid
        spared = older is not None and older.known and not ours
        nothing_against = Case() if spared else Case(verification=older, deliveries=case.deliveries)
        fresh = silenced(fresh)
        decided = start(nothing_against, fresh=fresh, delivery=quiet, session=session, now=now, policy=policy)
        decided = replace(
            decided,
            # By the real counts: what is counted once must not be counted anew with every press.
            counted=(*sent(_send(case, fresh, quiet, now, policy), policy.rules), *refused.counted),
            refusals=refused.refusals,
            events=(*decided.events, *(event for event in refused.events if event.kind is EventKind.ALERT)),
        )
    return _said(decided, delivery, why)


def _said(decided: Decision[Planned | Refused], delivery: Delivery, why: str) -> Decision[Planned | Refused]:
    """A start that only looks like one, as the operator sees it: refused, and why."""
    events = tuple(
        replace(event, kind=EventKind.START_REFUSED, detail=why) if event.kind is EventKind.STARTED else event
        for event in decided.events
        if event.delivery != delivery.sid
    )
    return replace(decided, events=events)


def again_discreetly(case: Case, *, delivery: Delivery, now: float, policy: Policy) -> Decision[Planned | Refused]:
    """Send the same code once more, or look as if. What is refused is refused by the clock alone."""
    verification = case.verification
    if verification is None or verification.status.final or expire(case, now=now) is not None:
        return again(case, delivery=delivery, now=now, policy=policy)
    if verification.style is CallStyle.KEY and delivery.channel is not Channel.CALL:
        return again(replace(case, suppressed=False), delivery=delivery, now=now, policy=policy)
    latest = case.latest
    if latest is not None and latest.channel is delivery.channel and now - latest.created_at < DOUBLE:
        return Decision(verdict=Planned(verification, None))
    if len(case.deliveries) >= policy.max_deliveries:
        return Decision(verdict=TooManyDeliveries())
    pause = policy.spacing(len(case.deliveries)) if latest and policy.enforce else 0
    if latest is not None and now - latest.created_at < pause:
        return Decision(verdict=TooSoon(latest.created_at + pause - now))
    if (refusal := _over_the_source(case, verification, delivery, now=now, policy=policy)) is not None:
        return Decision(verdict=refusal)
    decided = again(case, delivery=delivery, now=now, policy=policy)
    if isinstance(decided.verdict, Planned) and decided.verdict.delivery is not None:
        return decided
    lost = withheld(delivery)
    apart = _send(case, silenced(verification), delivery, now, policy)
    return Decision(
        verdict=Planned(verification, lost),
        deliveries=(lost,),
        counted=(*sent(apart, policy.rules), *decided.counted),
        refusals=decided.refusals,
        events=decided.events,
    )


def withheld(delivery: Delivery) -> Delivery:
    """A delivery that nobody will be asked to make."""
    return replace(delivery, status=DeliveryStatus.CANCELED)


def veiled(case: Case) -> Case:
    """What the public may see of a case: nothing that its phone, the carrier or the account has brought about."""
    if case.verification is None or not case.verification.discreet:
        return case
    deliveries = tuple(
        Delivery(
            sid=delivery.sid,
            verification=delivery.verification,
            channel=delivery.channel,
            status=DeliveryStatus.QUEUED,
            created_at=delivery.created_at,
            updated_at=delivery.created_at,
        )
        for delivery in case.deliveries
    )
    return Case(verification=case.verification, deliveries=deliveries, session=case.session)


def _over_the_source(
    case: Case, verification: Verification, delivery: Delivery, *, now: float, policy: Policy
) -> LimitReached | None:
    """The one limit that the public is told of: it is theirs."""
    own = tuple(one for one in policy.rules if one.scope is Scope.SOURCE) if policy.enforce else ()
    held = full(_send(case, verification, delivery, now, policy), own)
    scope, rule, _, wait = max(held, key=lambda one: one[3], default=(None, None, None, 0.0))
    return LimitReached(scope, wait, str(rule)) if scope is not None else None


def _send(case: Case, verification: Verification, delivery: Delivery, now: float, policy: Policy) -> Send:
    return Send(
        people=People(verification, case.counts, policy.sending), channel=delivery.channel, at=now, prices=policy.prices
    )


def _pressed_twice(case: Case, fresh: Verification, delivery: Delivery, *, now: float, policy: Policy) -> bool:
    """The same browser asks for the same thing shortly after: a double click or a reload."""
    older, latest, session = case.verification, case.latest, case.session
    if older is None or latest is None or session is None:
        return False
    return (
        session.verification == older.sid
        and older.discreet
        and now < older.expires_at
        and older.number.masked == fresh.number.masked
        and latest.channel is delivery.channel
        and now - latest.created_at < max(policy.spacing(1), DOUBLE)
    )
