"""The call turned round: the page shows the code, and the person types it on the phone's keys.

    asked -- the right keys --> approved, goodbye      -- * --> reported, dead
          -- wrong keys --> a check is used up; asked again, or goodbye after the last one
          -- any keys, after too many wrong codes in a row --> nothing is compared; goodbye as after a wrong one
          -- too few keys, or silence --> nothing is compared; asked once more, then goodbye

The call never says the code, so nothing can be read to voicemail, or talked out of somebody.
"""

from dataclasses import dataclass, replace

from ..counters.updates import Denial, Update
from ..flow.check import admit_check, code_of, count_proof, use_check
from ..flow.delivery import end
from ..flow.lockout import count_wrong_code
from ..flow.rate_limits import LimitKeys
from ..models import PHONE, CallStage, Delivery, Event, EventKind, Progress, State, Verification
from ..policy import Policy
from ..types import VerificationStatus
from ..values import codes
from .dialogue import AskForCode, CallInput, End, Ending, Prompt

REPORT_KEY = "*"
#: Askings that led to nothing comparable, before the call ends.
MAX_EMPTY_TRIES = 2


@dataclass(frozen=True, slots=True)
class KeypadTurn:
    """What to say, and how verification and delivery stand after it."""

    line: Prompt
    verification: Verification
    delivery: Delivery
    events: tuple[Event, ...] = ()
    counted: tuple[Update, ...] = ()
    refusals: tuple[Denial, ...] = ()
    reported: bool = False


def take_keypad_turn(
    state: State,
    verification: Verification,
    delivery: Delivery,
    heard: CallInput,
    digits: str,
    *,
    keys: codes.KeyRing,
    now: float,
    policy: Policy,
) -> KeypadTurn:
    """The next turn of a pending verification whose code is typed. `digits` are what Gather collected."""
    if delivery.stage is CallStage.OVER:
        return KeypadTurn(End(Ending.NOT_NEEDED), verification, delivery)
    if heard is CallInput.ANSWERED:
        return KeypadTurn(AskForCode(verification.code_length), verification, delivery)
    if digits.startswith(REPORT_KEY):
        over = replace(delivery, stage=CallStage.OVER, keys=delivery.keys + REPORT_KEY)
        return KeypadTurn(End(Ending.REPORTED), verification, over, reported=True)
    if not (digits.isascii() and digits.isdigit()) or len(digits) != verification.code_length:
        return _ask_again(verification, delivery, heard)
    return _check_code(state, verification, delivery, digits, keys=keys, now=now, policy=policy)


def _ask_again(verification: Verification, delivery: Delivery, heard: CallInput) -> KeypadTurn:
    tried = replace(delivery, tries=delivery.tries + 1, progress=max(delivery.progress, Progress.ANSWERED))
    if tried.tries >= MAX_EMPTY_TRIES:
        ending = Ending.NO_KEYS if heard is CallInput.SILENCE else Ending.WRONG_KEYS
        return KeypadTurn(End(ending), verification, replace(tried, stage=CallStage.OVER))
    return KeypadTurn(AskForCode(verification.code_length, wrong=False), verification, tried)


def _check_code(
    state: State,
    verification: Verification,
    delivery: Delivery,
    digits: str,
    *,
    keys: codes.KeyRing,
    now: float,
    policy: Policy,
) -> KeypadTurn:
    pressed = replace(delivery, progress=max(delivery.progress, Progress.PRESSED))
    over = replace(pressed, stage=CallStage.OVER)
    right = codes.equal(digits, code_of(verification, keys))
    people = LimitKeys(verification, state.counts, policy.checking)
    allowed = admit_check(people, now=now, policy=policy)
    if allowed.refusal is not None:
        line = End(Ending.TYPED_WRONG)
        return KeypadTurn(line, verification, over, allowed.events, allowed.counted, allowed.refusals)
    if right:
        approved = end(replace(verification, checks=verification.checks + 1), VerificationStatus.APPROVED, now=now)
        event = Event(kind=EventKind.APPROVED, at=now, verification=approved.sid, delivery=delivery.sid, actor=PHONE)
        counted = (*allowed.counted, *count_proof(people, now=now, policy=policy))
        heard = replace(over, progress=Progress.HEARD)
        return KeypadTurn(
            End(Ending.TYPED_APPROVED), approved, heard, (*allowed.events, event), counted, allowed.refusals
        )
    after, told = use_check(verification, now=now)
    entries, alerts = count_wrong_code(people, now=now, policy=policy)
    final = after.status.final
    return KeypadTurn(
        End(Ending.TYPED_WRONG) if final else AskForCode(verification.code_length, wrong=True),
        after,
        over if final else pressed,
        (*allowed.events, told, *alerts),
        (*allowed.counted, *entries),
        allowed.refusals,
    )
