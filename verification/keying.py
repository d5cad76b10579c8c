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
from .checking import code_of, count_failure, refusal_event, refuses
from .ending import end
from .guessing import failed, held, succeeded
from .limits import Counts, Entry
from .policy import Policy
from .records import PHONE, Delivery, Event, EventKind, Progress, Stage, Verification
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
    reported: bool = False


def take(
    verification: Verification,
    delivery: Delivery,
    heard: Heard,
    digits: str,
    *,
    counts: Counts,
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
    return _compare(verification, delivery, digits, counts=counts, keys=keys, now=now, policy=policy)


def _empty(verification: Verification, delivery: Delivery, heard: Heard) -> Keyed:
    tried = replace(delivery, tries=delivery.tries + 1, progress=max(delivery.progress, Progress.ANSWERED))
    if tried.tries >= MOST_EMPTY:
        ending = Ending.NO_KEYS if heard is Heard.SILENCE else Ending.WRONG_KEYS
        return Keyed(End(ending), verification, replace(tried, stage=Stage.OVER))
    return Keyed(AskForCode(verification.code_length, wrong=False), verification, tried)


def _compare(
    verification: Verification,
    delivery: Delivery,
    digits: str,
    *,
    counts: Counts,
    keys: codes.KeyRing,
    now: float,
    policy: Policy,
) -> Keyed:
    pressed = replace(delivery, progress=max(delivery.progress, Progress.PRESSED))
    right = codes.equal(digits, code_of(verification, keys))
    pause = held(verification, counts, now=now, policy=policy)
    if pause is not None and refuses(pause, policy):
        told = refusal_event(EventKind.CHECK_REFUSED, verification, pause, now=now)
        return Keyed(End(Ending.TYPED_WRONG), verification, replace(pressed, stage=Stage.OVER), (told,))
    watched = (refusal_event(EventKind.LIMIT_WATCHED, verification, pause, now=now),) if pause else ()
    if right:
        counted = replace(verification, checks=verification.checks + 1)
        approved = end(counted, VerificationStatus.APPROVED, now=now)
        event = Event(kind=EventKind.APPROVED, at=now, verification=approved.sid, delivery=delivery.sid, actor=PHONE)
        over = replace(pressed, stage=Stage.OVER, progress=Progress.HEARD)
        entries = succeeded(verification, counts, policy=policy)
        return Keyed(End(Ending.TYPED_APPROVED), approved, over, (*watched, event), entries)
    counted, told = count_failure(verification, now=now)
    entries = failed(verification, counts, now=now, policy=policy)
    line = End(Ending.TYPED_WRONG) if counted.status.final else AskForCode(verification.code_length, wrong=True)
    after = replace(pressed, stage=Stage.OVER) if counted.status.final else pressed
    return Keyed(line, counted, after, (*watched, told), entries)
