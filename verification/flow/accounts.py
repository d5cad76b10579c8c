"""The rules of enrolled accounts: which numbers they have, what a new number may approve, and how a number changes."""

from enum import StrEnum

from msgspec.structs import replace

from ..context import Context
from ..errors import NotEnrolled, NotProven, NumberTooNew, VerificationError
from ..models import Account, EnrolledNumber, Event, EventKind, Notice, State, Verification
from ..ports import Changes
from ..types import Record, VerificationStatus
from ..values.phone_numbers import PhoneNumber

#: Seconds before a change in which the old number and the new one must have been proven.
PROOF_MAX_AGE = 600
MAX_NUMBERS = 5


class EnrollResult(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


def enrollment_error(state: State, context: Context, *, risky: bool) -> VerificationError | None:
    """Why a start for an account's number is rejected; evaluated in the transaction of the start."""
    if state.enrolled_since is None:
        return NotEnrolled()
    wait = cooldown_left(state.enrolled_since, context)
    return NumberTooNew(wait) if risky and wait > 0 else None


def cooldown_left(since: float, context: Context) -> float:
    """Seconds until a number that was added at `since` may approve risky actions; 0 when it may.

    An attacker who takes an account over changes its number first. The holder of the old number gets a notice, and has
    this long to react.
    """
    return max(0.0, since + context.policy.new_number_cooldown - context.now) if since else 0.0


def enroll(current: Account | None, account: Account, *, now: float) -> tuple[Account, EnrollResult]:
    """The account to store. A number that is added to an existing account is new for a while."""
    since = {enrolled.number.identity: enrolled.since for enrolled in current.numbers} if current else {}
    numbers = tuple(
        EnrolledNumber(enrolled.number, since.get(enrolled.number.identity, now if current else 0))
        for enrolled in account.numbers
    )
    stored = replace(account, numbers=numbers)
    if current is None:
        return stored, EnrollResult.ADDED
    return stored, EnrollResult.SAME if stored == current else EnrollResult.CHANGED


def put_account(state: State, account: Account, *, now: float) -> Changes[EnrollResult]:
    """Enroll an account, or change the one of the same name."""
    stored, result = enroll(state.account, account, now=now)
    if result is EnrollResult.SAME:
        return Changes(result=result)
    kind = EventKind.ACCOUNT_ADDED if result is EnrollResult.ADDED else EventKind.ACCOUNT_CHANGED
    return Changes(result=result, accounts=(stored,), events=(Event(kind=kind, at=now, detail=_masked(stored)),))


def remove_account(state: State, *, now: float) -> Changes[Account | VerificationError]:
    """Delete an account; its open verifications end."""
    account = state.account
    if account is None:
        return Changes(result=NotEnrolled())
    event = Event(kind=EventKind.ACCOUNT_REMOVED, at=now, detail=_masked(account))
    return Changes(result=account, removed_accounts=(account,), events=(event,))


class NumberChange(Record, frozen=True, kw_only=True):
    """A new number for an old one. `sids` has a sid for the notice to each number of the account.

    `proof` is the verification that proved the new number, empty on the operator's word; `brand` is in the notices.
    """

    old: PhoneNumber
    new: PhoneNumber
    sids: tuple[str, ...]
    proof: str = ""
    brand: str = ""


def change_number(state: State, change: NumberChange, *, now: float) -> Changes[Account | VerificationError]:
    """Replace the old number with the new one, and add a notice for each number that the account had before."""
    account = state.account
    if account is None or not account.holds(change.old) or account.holds(change.new):
        return Changes(result=NotEnrolled())
    numbers = tuple(
        EnrolledNumber(change.new, now) if enrolled.number.identity == change.old.identity else enrolled
        for enrolled in account.numbers
    )
    changed = replace(account, numbers=numbers)
    channel = account.channel.fallbacks[0] if account.channel.templated else account.channel
    notices = tuple(
        Notice(
            sid=sid,
            number=enrolled.number,
            channel=channel,
            language=account.language,
            at=now,
            brand=change.brand,
        )
        for sid, enrolled in zip(change.sids, account.numbers, strict=False)
    )
    event = Event(
        kind=EventKind.NUMBER_CHANGED,
        at=now,
        verification=change.proof,
        detail=f"{change.old.masked} to {change.new.masked}",
    )
    return Changes(result=changed, accounts=(changed,), notices=notices, events=(event,))


def require_proven(verification: Verification, action: str, *, now: float) -> Verification:
    """The verification, if it was approved for this action right before. Raises NotProven.

    A code for signing in changes no number. An approved verification never changes, so it need not be read in the
    transaction that changes the number; after the change, the old number proves nothing.
    """
    if verification.action != action or verification.status is not VerificationStatus.APPROVED:
        raise NotProven
    if now - (verification.ended_at or 0) > PROOF_MAX_AGE:
        raise NotProven
    return verification


def _masked(account: Account) -> str:
    return ", ".join(enrolled.number.masked for enrolled in account.numbers)
