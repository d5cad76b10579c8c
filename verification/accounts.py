"""What holds for enrolled accounts: whose number it is, what a new number may do, and how one is changed."""

from dataclasses import dataclass, replace
from enum import StrEnum

from .errors import NotEnrolled, NotProven, NumberTooNew, Refused
from .numbers import Number
from .policy import Policy
from .ports import Decision
from .records import Account, Case, EnrolledNumber, Event, EventKind, Manner, Notice, Verification
from .states import VerificationStatus

#: How long before a change the old number and the new one may have been proven, in seconds.
RIGHT_BEFORE = 600
#: More than that is a telephone directory.
MOST_NUMBERS = 5


class Enrolled(StrEnum):
    """What became of an account that was to be enrolled."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


def against(case: Case, fresh: Verification, *, risky: bool, now: float, policy: Policy) -> Refused | None:
    """What stands against a start for an account's number, read in the transaction that starts it."""
    if fresh.manner in (Manner.TYPED, Manner.SILENT):
        return None
    if case.enrolled_since is None:
        return NotEnrolled()
    wait = rest(case.enrolled_since, now=now, policy=policy)
    return NumberTooNew(wait) if risky and wait > 0 else None


def rest(since: float, *, now: float, policy: Policy) -> float:
    """Seconds until a number that is the account's since then may approve something risky; 0 when it may.

    Whoever takes an account over changes its number first. The holder of the old one was told, and has this long.
    """
    return max(0.0, since + policy.number_rest - now) if since else 0.0


def enrol(known: Account | None, wanted: Account, *, now: float) -> tuple[Account, Enrolled]:
    """The account as it is to be kept. A number that joins an account later is new for a while, whoever brings it."""
    since = {one.number: one.since for one in known.numbers} if known else {}
    numbers = tuple(EnrolledNumber(one.number, since.get(one.number, now if known else 0)) for one in wanted.numbers)
    kept = replace(wanted, numbers=numbers)
    if known is None:
        return kept, Enrolled.ADDED
    return kept, Enrolled.SAME if kept == known else Enrolled.CHANGED


def put(case: Case, wanted: Account, *, now: float, actor: str = "") -> Decision[Enrolled]:
    """Enrol an account, or change the one of its name."""
    kept, became = enrol(case.account, wanted, now=now)
    if became is Enrolled.SAME:
        return Decision(verdict=became)
    kind = EventKind.ACCOUNT_ADDED if became is Enrolled.ADDED else EventKind.ACCOUNT_CHANGED
    return Decision(
        verdict=became, enrolled=(kept,), events=(Event(kind=kind, at=now, detail=_masked(kept), actor=actor),)
    )


def remove(case: Case, *, now: float, actor: str = "") -> Decision[Account | Refused]:
    """Forget an account; what is open for it ends."""
    known = case.account
    if known is None:
        return Decision(verdict=NotEnrolled())
    event = Event(kind=EventKind.ACCOUNT_REMOVED, at=now, detail=_masked(known), actor=actor)
    return Decision(verdict=known, removed=(known,), events=(event,))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChange:
    """A new number for an old one. `sids` names a notice for each number that the account has.

    `proof` is the verification that proved the new number, `actor` whoever changes it without; `brand` is who tells.
    """

    old: Number
    new: Number
    sids: tuple[str, ...]
    proof: str = ""
    actor: str = ""
    brand: str = ""


def change_number(case: Case, wanted: NumberChange, *, now: float) -> Decision[Account | Refused]:
    """Put the new number in the place of the old one, and tell everybody whom the account had before."""
    known = case.account
    if known is None or not known.holds(wanted.old) or known.holds(wanted.new):
        return Decision(verdict=NotEnrolled())
    numbers = tuple(
        EnrolledNumber(wanted.new, now) if one.number.e164 == wanted.old.e164 else one for one in known.numbers
    )
    changed = replace(known, numbers=numbers)
    notices = tuple(
        Notice(sid=sid, number=one.number, channel=known.channel, language=known.language, at=now, brand=wanted.brand)
        for sid, one in zip(wanted.sids, known.numbers, strict=False)
    )
    event = Event(
        kind=EventKind.NUMBER_CHANGED,
        at=now,
        verification=wanted.proof,
        detail=f"{wanted.old.masked} to {wanted.new.masked}",
        actor=wanted.actor,
    )
    return Decision(verdict=changed, enrolled=(changed,), notices=notices, events=(event,))


def proven(found: Verification | None, action: str, *, now: float) -> Verification:
    """The verification, when it was approved for this action right before. Raises NotProven.

    A code that signed somebody in changes no number. An approved verification never changes, so it need not be read in
    the transaction that changes the number; and once that is done, the old number proves nothing any more.
    """
    if found is None or found.action != action or found.status is not VerificationStatus.APPROVED:
        raise NotProven
    if now - (found.ended_at or 0) > RIGHT_BEFORE:
        raise NotProven
    return found


def _masked(account: Account) -> str:
    return ", ".join(one.number.masked for one in account.numbers)
