"""What holds for enrolled accounts: whose number it is, what a new number may do, and how one is changed."""

from dataclasses import dataclass, replace
from enum import StrEnum

from ..errors import NotEnrolled, NotProven, NumberTooNew, VerificationError
from ..models import Account, EnrolledNumber, Event, EventKind, Manner, Notice, State, Verification
from ..policy import Policy
from ..ports import Changes
from ..types import VerificationStatus
from ..values.phone_numbers import PhoneNumber

#: How long before a change the old number and the new one may have been proven, in seconds.
PROOF_MAX_AGE = 600
#: More than that is a telephone directory.
MAX_NUMBERS = 5


class EnrollResult(StrEnum):
    """What became of an account that was to be enrolled."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


def enrollment_error(
    state: State, fresh: Verification, *, risky: bool, now: float, policy: Policy
) -> VerificationError | None:
    """What stands against a start for an account's number, read in the transaction that starts it."""
    if fresh.manner in (Manner.TYPED, Manner.SILENT):
        return None
    if state.enrolled_since is None:
        return NotEnrolled()
    wait = cooldown_left(state.enrolled_since, now=now, policy=policy)
    return NumberTooNew(wait) if risky and wait > 0 else None


def cooldown_left(since: float, *, now: float, policy: Policy) -> float:
    """Seconds until a number that is the account's since then may approve something risky; 0 when it may.

    Whoever takes an account over changes its number first. The holder of the old one was told, and has this long.
    """
    return max(0.0, since + policy.new_number_cooldown - now) if since else 0.0


def enroll(known: Account | None, wanted: Account, *, now: float) -> tuple[Account, EnrollResult]:
    """The account as it is to be kept. A number that joins an account later is new for a while, whoever brings it."""
    since = {one.number: one.since for one in known.numbers} if known else {}
    numbers = tuple(EnrolledNumber(one.number, since.get(one.number, now if known else 0)) for one in wanted.numbers)
    kept = replace(wanted, numbers=numbers)
    if known is None:
        return kept, EnrollResult.ADDED
    return kept, EnrollResult.SAME if kept == known else EnrollResult.CHANGED


def put_account(state: State, wanted: Account, *, now: float, actor: str = "") -> Changes[EnrollResult]:
    """Enrol an account, or change the one of its name."""
    kept, became = enroll(state.account, wanted, now=now)
    if became is EnrollResult.SAME:
        return Changes(result=became)
    kind = EventKind.ACCOUNT_ADDED if became is EnrollResult.ADDED else EventKind.ACCOUNT_CHANGED
    return Changes(
        result=became, enrolled=(kept,), events=(Event(kind=kind, at=now, detail=_masked(kept), actor=actor),)
    )


def remove_account(state: State, *, now: float, actor: str = "") -> Changes[Account | VerificationError]:
    """Forget an account; what is open for it ends."""
    known = state.account
    if known is None:
        return Changes(result=NotEnrolled())
    event = Event(kind=EventKind.ACCOUNT_REMOVED, at=now, detail=_masked(known), actor=actor)
    return Changes(result=known, removed=(known,), events=(event,))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberChange:
    """A new number for an old one. `sids` names a notice for each number that the account has.

    `proof` is the verification that proved the new number, `actor` whoever changes it without; `brand` is who tells.
    """

    old: PhoneNumber
    new: PhoneNumber
    sids: tuple[str, ...]
    proof: str = ""
    actor: str = ""
    brand: str = ""


def change_number(state: State, wanted: NumberChange, *, now: float) -> Changes[Account | VerificationError]:
    """Put the new number in the place of the old one, and tell everybody whom the account had before."""
    known = state.account
    if known is None or not known.holds(wanted.old) or known.holds(wanted.new):
        return Changes(result=NotEnrolled())
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
    return Changes(result=changed, enrolled=(changed,), notices=notices, events=(event,))


def require_proven(found: Verification | None, action: str, *, now: float) -> Verification:
    """The verification, when it was approved for this action right before. Raises NotProven.

    A code that signed somebody in changes no number. An approved verification never changes, so it need not be read in
    the transaction that changes the number; and once that is done, the old number proves nothing any more.
    """
    if found is None or found.action != action or found.status is not VerificationStatus.APPROVED:
        raise NotProven
    if now - (found.ended_at or 0) > PROOF_MAX_AGE:
        raise NotProven
    return found


def _masked(account: Account) -> str:
    return ", ".join(one.number.masked for one in account.numbers)
