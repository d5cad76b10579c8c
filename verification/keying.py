"""The call turned round: the page shows the code, and the person types it on the phone's keys.

    asked -- the right keys --> approved, goodbye      -- * --> reported, dead
          -- wrong keys --> a check is used up; asked again, or goodbye after the last one
          -- any keys, after too many wrong codes in a row --> nothing is compared; goodbye as after a wrong one
          -- too few keys, or silence --> nothing is compared; asked once more, then goodbye

The call never says the code, so nothing can be read to voicemail, or talked out of somebody.
"""

from dataclasses import dataclass, replace

from . import codes
from .call import AskForCode, End, Ending, Heard, Line
from .checking import code_of, count_failure, may_check, proven
from .counting import People
from .counts import Entry, Refusal
from .ending import end
from .guessing import failed
from .policy import Policy
from .records import PHONE, Case, Delivery, Event, EventKind, Progress, Stage, Verification
from .states import VerificationStatus

STAR = "*"
#: Askings that led to nothing comparable, before the call ends.
MOST_EMPTY = 2


@dataclass(frozen=True, slots=True)
class Keyed:
    """What to say, and how verification and delivery stand after it."""

    line: Line
    verification: Verification
    delivery: Delivery
    events: tuple[Event, ...] = ()
    counted: tuple[Entry, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    reported: bool = False


def take(
    case: Case,
    verification: Verification,
    delivery: Delivery,
    heard: Heard,
    digits: str,
    *,
    keys: codes.KeyRing,
    now: float,
    policy: Policy,
) -> Keyed:
    """The next turn of a pending verification whose code is typed. `digits` are what Gather collected."""
    if delivery.stage is Stage.OVER:
        return Keyed(End(Ending.NOT_NEEDED), verification, delivery)
    if heard is Heard.ANSWERED:
        return Keyed(AskForCode(verification.code_length), verification, delivery)
    if digits.startswith(STAR):
        over = replace(delivery, stage=Stage.OVER, keys=delivery.keys + STAR)
        return Keyed(End(Ending.REPORTED), verification, over, reported=True)
    if not (digits.isascii() and digits.isdigit()) or len(digits) != verification.code_length:
        return _empty(verification, delivery, heard)
    return _compare(case, verification, delivery, digits, keys=keys, now=now, policy=policy)


def _empty(verification: Verification, delivery: Delivery, heard: Heard) -> Keyed:
    tried = replace(delivery, tries=delivery.tries + 1, progress=max(delivery.progress, Progress.ANSWERED))
    if tried.tries >= MOST_EMPTY:
        ending = Ending.NO_KEYS if heard is Heard.SILENCE else Ending.WRONG_KEYS
        return Keyed(End(ending), verification, replace(tried, stage=Stage.OVER))
    return Keyed(AskForCode(verification.code_length, wrong=False), verification, tried)


def _compare(
    case: Case,
    verification: Verification,
    delivery: Delivery,
    digits: str,
    *,
    keys: codes.KeyRing,
    now: float,
    policy: Policy,
) -> Keyed:
    pressed = replace(delivery, progress=max(delivery.progress, Progress.PRESSED))
    over = replace(pressed, stage=Stage.OVER)
    right = codes.equal(digits, code_of(verification, keys))
    people = People(verification, case.counts, policy.checking)
    allowed = may_check(people, now=now, policy=policy)
    if allowed.refusal is not None:
        line = End(Ending.TYPED_WRONG)
        return Keyed(line, verification, over, allowed.events, allowed.counted, allowed.refusals)
    if right:
        approved = end(replace(verification, checks=verification.checks + 1), VerificationStatus.APPROVED, now=now)
        event = Event(kind=EventKind.APPROVED, at=now, verification=approved.sid, delivery=delivery.sid, actor=PHONE)
        counted = (*allowed.counted, *proven(people, now=now, policy=policy))
        heard = replace(over, progress=Progress.HEARD)
        return Keyed(End(Ending.TYPED_APPROVED), approved, heard, (*allowed.events, event), counted, allowed.refusals)
    after, told = count_failure(verification, now=now)
    entries, alerts = failed(people, now=now, policy=policy)
    final = after.status.final
    return Keyed(
        End(Ending.TYPED_WRONG) if final else AskForCode(verification.code_length, wrong=True),
        after,
        over if final else pressed,
        (*allowed.events, told, *alerts),
        (*allowed.counted, *entries),
        allowed.refusals,
    )
