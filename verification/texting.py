"""What a text to us does. A sender's number proves nothing, so nobody is told whether a code is waiting."""

from dataclasses import dataclass, replace

from .keywords import Keyword
from .numbers import Number
from .policy import Policy
from .ports import Decision
from .records import TEXT, Case, Delivery, Event, EventKind, Pause
from .starting import Planned, again, cancel


@dataclass(frozen=True, slots=True)
class Heeded:
    """What came of a text or a key. `carrier_answers`: Twilio replies by itself, so we stay silent.

    `dispatch` names a delivery to send, `hang_up` calls to end, once the webhook has been answered.
    """

    keyword: Keyword
    carrier_answers: bool = False
    dispatch: str | None = None
    hang_up: tuple[str, ...] = ()


def heed(
    case: Case, number: Number, keyword: Keyword, *, spare: Delivery, now: float, policy: Policy
) -> Decision[Heeded]:
    """Suppress, lift, ring again or report."""
    nothing = Heeded(keyword)
    if keyword is Keyword.STOP:
        return _stopped(case, number, now=now, policy=policy)
    if keyword is Keyword.START:
        return Decision(verdict=nothing, lift=(number,), events=(_event(EventKind.LIFTED, number, now),))
    if keyword is Keyword.CALL and case.verification is not None:
        delivery = replace(spare, verification=case.verification.sid)
        decided = again(case, delivery=delivery, now=now, policy=policy)
        sent = isinstance(decided.verdict, Planned) and decided.verdict.delivery is not None
        return decided.saying(replace(nothing, dispatch=delivery.sid) if sent else nothing)
    if keyword is Keyword.REPORT:
        return _reported(case, number, now=now, policy=policy)
    return Decision(verdict=nothing)


def _stopped(case: Case, number: Number, *, now: float, policy: Policy) -> Decision[Heeded]:
    """The number is left alone from now on, and the newest code for it is dead, as after key 9 in a call."""
    decided = cancel(case, now=now, policy=policy)
    hang_up = decided.verdict.hang_up if isinstance(decided.verdict, Planned) else ()
    event = _event(EventKind.SUPPRESSED, number, now)
    return replace(
        decided.saying(Heeded(Keyword.STOP, hang_up=hang_up)), suppress=(number,), events=(*decided.events, event)
    )


def _reported(case: Case, number: Number, *, now: float, policy: Policy) -> Decision[Heeded]:
    """The newest code for this number is dead, and nothing more is sent there for a while.

    Anybody can forge a sender, so a report by text may take a code away, and never gives anything.
    """
    decided = cancel(case, now=now, policy=policy, kind=EventKind.REPORTED)
    if not isinstance(decided.verdict, Planned):
        return decided.saying(Heeded(Keyword.REPORT))
    pause = Pause(number=number, until=now + policy.report_pause)
    return replace(decided.saying(Heeded(Keyword.REPORT, hang_up=decided.verdict.hang_up)), pauses=(pause,))


def _event(kind: EventKind, number: Number, now: float) -> Event:
    return Event(kind=kind, at=now, detail=number.masked, actor=TEXT)
