"""How a verification ends: for good, and with its seed, so that its code can never be said or matched again."""

from dataclasses import dataclass, replace

from .numbers import only_ending
from .ports import Decision
from .records import Case, Event, EventKind, Manner, Verification
from .states import VerificationStatus, conclude


@dataclass(frozen=True, slots=True)
class Expired:
    """A verification whose time is over, and the event that says so."""

    verification: Verification
    events: tuple[Event, ...]


def expire(case: Case, *, now: float) -> Expired | None:
    """The pending verification of the case as expired, when its deadline has passed."""
    verification = case.verification
    if verification is None or verification.status.final or now < verification.expires_at:
        return None
    ended = end(verification, VerificationStatus.EXPIRED, now=now)
    return Expired(ended, (Event(kind=EventKind.EXPIRED, at=now, verification=ended.sid),))


def end(verification: Verification, status: VerificationStatus, *, now: float) -> Verification:
    """Ended for good: the seed goes, and with it the code."""
    if verification.status.final:
        return verification
    return replace(verification, status=conclude(verification.status, status), seed=None, ended_at=now)


def silenced(verification: Verification) -> Verification:
    """The same without a number: of it the last two digits are left, which are all that is ever shown."""
    return replace(verification, manner=Manner.SILENT, number=only_ending(verification.number.e164[-2:]))


def end_by_phone(verification: Verification, *, now: float) -> Verification:
    """Whoever holds the phone ends it. What the public watches goes on, but no code is right any more."""
    if verification.discreet:
        return replace(verification, manner=Manner.SILENT)
    return end(verification, VerificationStatus.CANCELED, now=now)


def expire_decision(case: Case, *, now: float) -> Decision[bool]:
    """Write the end of a verification whose time is over; the verdict says whether it was."""
    over = expire(case, now=now)
    if over is None:
        return Decision(verdict=False)
    return Decision(verdict=True, verifications=(over.verification,), events=over.events)
