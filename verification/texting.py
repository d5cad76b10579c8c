"""What a text to us does. A sender's number proves nothing, so nobody is told whether a code is waiting."""

from dataclasses import dataclass, replace

from .keywords import Keyword
from .numbers import Number
from .policy import Policy
from .ports import Decision
from .records import Case, Delivery, Event, EventKind
from .starting import Planned, again


@dataclass(frozen=True, slots=True)
class Heeded:
    """What came of a text or a key. `carrier_answers`: Twilio replies by itself, so we stay silent.

    `dispatch` names a delivery to send once the webhook has been answered.
    """

    keyword: Keyword
    carrier_answers: bool = False
    dispatch: str | None = None


def heed(
    case: Case, number: Number, keyword: Keyword, *, spare: Delivery, now: float, policy: Policy
) -> Decision[str | None]:
    """Suppress, lift or ring again; the verdict is the sid of a delivery to send."""
    if keyword is Keyword.STOP:
        return Decision(verdict=None, suppress=(number,), events=(_event(EventKind.SUPPRESSED, number, now),))
    if keyword is Keyword.START:
        return Decision(verdict=None, lift=(number,), events=(_event(EventKind.LIFTED, number, now),))
    if keyword is not Keyword.CALL or case.verification is None:
        return Decision(verdict=None)
    delivery = replace(spare, verification=case.verification.sid)
    decided = again(case, delivery=delivery, now=now, policy=policy)
    sent = isinstance(decided.verdict, Planned) and decided.verdict.delivery is not None
    return Decision(
        verdict=delivery.sid if sent else None,
        verifications=decided.verifications,
        deliveries=decided.deliveries,
        counted=decided.counted,
        events=decided.events,
    )


def _event(kind: EventKind, number: Number, now: float) -> Event:
    return Event(kind=kind, at=now, detail=number.masked)
