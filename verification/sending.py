"""May one more call or text leave now? Whoever sends asks here: starts, repeats, keys in a call, texts, the switch."""

from dataclasses import dataclass

from .counting import reached, sent
from .delivering import LONGEST_CALL, live_calls, never_left
from .errors import (
    ChecksPaused,
    ChecksStopped,
    LimitReached,
    NotEnrolled,
    NumberPaused,
    NumberTooNew,
    Refused,
    TooSoon,
)
from .guessing import LONGEST_PAUSE, held
from .limits import Entry
from .policy import Policy
from .records import Case, Delivery, Event, EventKind, Verification
from .states import Channel

#: Seconds after which a phone that is talking may be free again; nobody knows how long it will talk.
SHORTEST_WAIT = 10
_WHY: dict[type[Refused], str] = {
    ChecksPaused: "paused after wrong codes",
    ChecksStopped: "stopped after wrong codes",
    NotEnrolled: "not enrolled",
    NumberPaused: "reported",
    NumberTooNew: "number too new",
    TooSoon: "too soon",
}


@dataclass(frozen=True, slots=True)
class Permit:
    """Whether it may leave. `counted` and `events` are to be written when it does; `refused` when it does not."""

    refusal: Refused | None
    counted: tuple[Entry, ...] = ()
    events: tuple[Event, ...] = ()
    refused: tuple[Event, ...] = ()


def permit(
    case: Case, verification: Verification, delivery: Delivery, *, now: float, policy: Policy, spacing: float = 0
) -> Permit:
    """Whether this delivery of the verification may leave now. `spacing`: seconds that its own pause still lasts.

    What only watches lets it go and writes down what would have stood against it.
    """
    refusal = TooSoon(spacing) if spacing > 0 else _not_now(case, verification, delivery, now=now, policy=policy)
    if refusal is not None and policy.enforce:
        known = verification.sid if case.verification and case.verification.sid == verification.sid else ""
        event = Event(
            kind=EventKind.START_REFUSED, at=now, verification=known, detail=why(refusal), source=verification.source
        )
        return Permit(refusal, refused=(event,))
    watched: tuple[Event, ...] = ()
    if refusal is not None:
        watched = (Event(kind=EventKind.LIMIT_WATCHED, at=now, verification=verification.sid, detail=why(refusal)),)
    return Permit(None, sent(verification, policy.limits, at=now), watched)


def spacing(case: Case, *, now: float, policy: Policy) -> float:
    """Seconds that the pause after the last delivery of the case still lasts."""
    left = [d for d in case.deliveries if not never_left(d)]
    return max(0.0, left[-1].created_at + policy.spacing(len(left)) - now) if left else 0.0


def _not_now(
    case: Case, verification: Verification, delivery: Delivery, *, now: float, policy: Policy
) -> Refused | None:
    """What time has to pass for: a report, wrong codes in a row, a limit, or a phone that may be ringing already."""
    guessed = held(verification, case.counts, now=now, policy=policy)
    full = reached(verification, case.counts, policy.limits, now=now)
    if now < case.paused_until:
        return NumberPaused(case.paused_until - now)
    if guessed is not None and guessed.wait >= policy.code_lifetime:
        # Its code could not be checked in its life, so nobody is rung up for it.
        return ChecksStopped(LONGEST_PAUSE) if guessed.stopped else ChecksPaused(guessed.wait)
    if full is not None:
        return LimitReached(full.scope, full.wait)
    return _line_is_up(case, verification, now=now, policy=policy) if delivery.channel is Channel.CALL else None


def _line_is_up(case: Case, verification: Verification, *, now: float, policy: Policy) -> TooSoon | None:
    up = [d.created_at for d in live_calls(case, now=now, policy=policy) if d.carrier_sid is None]
    if case.verification is not None and case.verification.number != verification.number:
        up = []
    if case.called_elsewhere is not None and now - case.called_elsewhere < LONGEST_CALL:
        up.append(case.called_elsewhere)
    if not up:
        return None
    return TooSoon(max(max(up) + policy.unknown_patience - now, SHORTEST_WAIT))


def why(refusal: Refused) -> str:
    """The reason in a word or two."""
    if isinstance(refusal, LimitReached):
        return f"limit {refusal.scope.value}"
    return _WHY[type(refusal)]
