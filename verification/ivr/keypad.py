"""The call that takes the code: the page shows it, and the person types it on the keypad of the phone.

    asked -- the right code --> approved, goodbye      -- * --> reported, dead
          -- a wrong code --> a check is used up; asked again, or goodbye after the last one
          -- any code, after too many wrong codes in a row --> nothing is compared; goodbye as after a wrong one
          -- too few keys, or silence --> nothing is compared; asked once more, then goodbye

The call never says the code, so no voicemail can record it and no caller can talk a person into reading it out.
"""

from dataclasses import dataclass, replace

from ..context import Context
from ..counters.counter import Update
from ..counters.rules import Denial
from ..flow.check import admit_check, code_of, count_proof, use_check
from ..flow.ending import end
from ..flow.lockout import count_wrong_code
from ..flow.rate_limits import LimitKeys
from ..models import PHONE, CallStage, Delivery, Event, EventKind, Progress, State, Verification
from ..types import VerificationStatus
from ..values import codes
from .dialogue import with_progress
from .prompts import REPORT_STAR, AskForCode, CallInput, End, Ending, Prompt

#: Prompts in a row without a whole code in return, before the call ends.
MAX_EMPTY_TRIES = 2


@dataclass(frozen=True, slots=True)
class KeypadTurn:
    """The next prompt, and the verification and the delivery after it."""

    prompt: Prompt
    verification: Verification
    delivery: Delivery
    events: tuple[Event, ...] = ()
    counter_updates: tuple[Update, ...] = ()
    denials: tuple[Denial, ...] = ()
    reported: bool = False


def take_keypad_turn(
    state: State, verification: Verification, delivery: Delivery, call_input: CallInput, digits: str, context: Context
) -> KeypadTurn:
    """The next turn of a pending verification whose code is typed. `digits` are what Gather collected."""
    if delivery.stage is CallStage.OVER:
        return KeypadTurn(End(Ending.NO_LONGER_NEEDED), verification, delivery)
    if call_input is CallInput.ANSWERED:
        return KeypadTurn(AskForCode(verification.code_length), verification, delivery)
    if digits.startswith(REPORT_STAR):
        over = replace(delivery, stage=CallStage.OVER, keys=delivery.keys + REPORT_STAR)
        return KeypadTurn(End(Ending.REPORTED), verification, over, reported=True)
    if not (digits.isascii() and digits.isdigit()) or len(digits) != verification.code_length:
        return _ask_again(verification, delivery, call_input)
    return _check_code(state, verification, delivery, digits, context)


def _ask_again(verification: Verification, delivery: Delivery, call_input: CallInput) -> KeypadTurn:
    tried = replace(with_progress(delivery, Progress.ANSWERED), tries=delivery.tries + 1)
    if tried.tries >= MAX_EMPTY_TRIES:
        return KeypadTurn(End(_without_code(call_input)), verification, replace(tried, stage=CallStage.OVER))
    return KeypadTurn(AskForCode(verification.code_length, wrong=False), verification, tried)


def _check_code(
    state: State, verification: Verification, delivery: Delivery, digits: str, context: Context
) -> KeypadTurn:
    pressed = with_progress(delivery, Progress.PRESSED)
    over = replace(pressed, stage=CallStage.OVER)
    right = codes.equal(digits, code_of(verification, context.keys))
    limit_keys = LimitKeys(verification, state.counters, context.policy.check_scopes)
    allowed = admit_check(limit_keys, context)
    if allowed.error is not None:
        prompt = End(Ending.TYPED_WRONG)
        return KeypadTurn(prompt, verification, over, allowed.events, allowed.counter_updates, allowed.denials)
    if right:
        approved = end(
            replace(verification, checks=verification.checks + 1), VerificationStatus.APPROVED, now=context.now
        )
        event = Event(
            kind=EventKind.APPROVED, at=context.now, verification=approved.sid, delivery=delivery.sid, actor=PHONE
        )
        counted = (*allowed.counter_updates, *count_proof(limit_keys, context))
        over = replace(over, progress=Progress.HEARD)
        return KeypadTurn(
            End(Ending.TYPED_APPROVED), approved, over, (*allowed.events, event), counted, allowed.denials
        )
    after, failed = use_check(verification, now=context.now)
    entries, alerts = count_wrong_code(limit_keys, context)
    final = after.status.final
    return KeypadTurn(
        End(Ending.TYPED_WRONG) if final else AskForCode(verification.code_length, wrong=True),
        after,
        over if final else pressed,
        (*allowed.events, failed, *alerts),
        (*allowed.counter_updates, *entries),
        allowed.denials,
    )


def repeat_code_prompt(verification: Verification, call_input: CallInput, digits: str) -> Prompt:
    """The prompt that answered a webhook, again, for a call that goes on."""
    wrong = None if call_input is CallInput.ANSWERED else len(digits) == verification.code_length
    return AskForCode(verification.code_length, wrong)


def repeat_keypad_ending(verification: Verification, call_input: CallInput, digits: str) -> Ending:
    """The last sentence of a call that is over, again."""
    if verification.status is VerificationStatus.APPROVED:
        return Ending.TYPED_APPROVED
    if digits.startswith(REPORT_STAR):
        return Ending.REPORTED
    if verification.status is VerificationStatus.MAX_ATTEMPTS_REACHED or len(digits) == verification.code_length:
        return Ending.TYPED_WRONG
    return _without_code(call_input)


def _without_code(call_input: CallInput) -> Ending:
    return Ending.NOTHING_PRESSED if call_input is CallInput.SILENCE else Ending.WRONG_KEYS
