"""The call that takes the code: the page shows it, and the person types it on the keypad of the phone.

    gate  -- two keys that the call says --> asked for the code; else as in `gate`
    asked -- the right code --> approved, goodbye      -- * --> confirm the report
          -- a wrong code --> a check is used up; asked again, or goodbye after the last one
          -- any code, after too many wrong codes in a row --> nothing is compared; goodbye as after a wrong one
          -- too few keys, or silence --> nothing is compared; asked once more, then goodbye
    confirm -- * --> reported, the code is void        -- another key, silence --> asked, or the gate

The call never says the code, so no voicemail can record it and no caller can talk a person into reading it out. Without
the gate a machine that sends tones could use up the checks.
"""

from msgspec.structs import replace

from ..context import Context
from ..counters.counter import Update
from ..counters.rules import Denial
from ..flow.check import admit_check, code_of, count_proof, use_check
from ..flow.ending import end, unconfirmed
from ..flow.lockout import count_wrong_code
from ..flow.rate_limits import LimitKeys
from ..models import PHONE, CallStage, Delivery, Event, EventKind, Progress, State, Verification
from ..policy import Keypress
from ..types import Record, VerificationStatus
from ..values import codes
from .gate import CONFIRMATIONS as _CONFIRMATIONS
from .gate import Effect, Gate, end_call, failed_gate, passed_gate, with_progress
from .prompts import CONFIRM, REPORT_STAR, AskForCode, AskToConfirm, CallInput, End, Ending, KeysFor, MenuKey, Prompt

#: Prompts in a row without a whole code in return, before the call ends.
MAX_EMPTY_TRIES = 2


class KeypadTurn(Record, frozen=True):
    """The next prompt, and the verification and the delivery after it."""

    prompt: Prompt
    verification: Verification
    delivery: Delivery
    events: tuple[Event, ...] = ()
    counter_updates: tuple[Update, ...] = ()
    denials: tuple[Denial, ...] = ()
    effect: Effect = Effect.NONE


def take_keypad_turn(
    state: State, verification: Verification, delivery: Delivery, call_input: CallInput, digits: str, context: Context
) -> KeypadTurn:
    """The next turn of a pending verification whose code is typed. `digits` are what Gather collected."""
    if delivery.stage is CallStage.OVER:
        return KeypadTurn(End(Ending.NO_LONGER_NEEDED), verification, delivery)
    gate = keypad_gate(verification, delivery, context)
    if not passed_gate(delivery):
        return _take_gate(gate, verification, delivery, call_input, digits)
    if call_input is CallInput.ANSWERED:
        return _ask_anew(verification, delivery)
    if delivery.stage in _CONFIRMATIONS:
        return _confirm(verification, delivery, digits) or _ask_anew(verification, delivery)
    if digits.startswith(REPORT_STAR):
        return _ask_to_confirm(verification, delivery, CallStage.CONFIRM_REPORT)
    if not (digits.isascii() and digits.isdigit()) or len(digits) != verification.code_length:
        return _ask_again(verification, delivery, call_input)
    return _check_code(state, verification, delivery, digits, context)


def keypad_gate(verification: Verification, delivery: Delivery, context: Context) -> Gate:
    """The gate before the code is taken. Two keys: who passes it still has to know the code."""
    secret, seed = context.keys.secret(verification.key_id), verification.seed or b""
    return Gate(
        keypress=Keypress.DIGITS,
        tries=context.policy.keypress_tries,
        silent_tries=context.policy.silent_tries,
        keys=lambda attempt: codes.draw_keys(
            secret, seed=seed, sid=delivery.sid, attempt=attempt, count=codes.TYPE_KEYS
        ),
        to=KeysFor.TYPING,
    )


def _take_gate(
    gate: Gate, verification: Verification, delivery: Delivery, call_input: CallInput, digits: str
) -> KeypadTurn:
    confirming = delivery.stage in _CONFIRMATIONS
    if call_input is CallInput.ANSWERED:
        prompt = gate.ask_again(delivery, call_input, "")
        return KeypadTurn(prompt, verification, replace(delivery, stage=CallStage.GATE))
    if confirming and (confirmed := _confirm(verification, delivery, digits)):
        return confirmed
    if not confirming and gate.reports(digits):
        return _ask_to_confirm(verification, with_progress(delivery, Progress.ANSWERED), CallStage.CONFIRM_REPORT)
    if not confirming and gate.opens(delivery, call_input, digits):
        return _ask_anew(verification, replace(with_progress(delivery, Progress.PRESSED), tries=0))
    failed = gate.fail(delivery, call_input, digits)
    return KeypadTurn(failed.prompt, verification, failed.delivery)


def _ask(verification: Verification, wrong: bool | None) -> Prompt:
    return AskForCode(verification.code_length, wrong)


def _ask_anew(verification: Verification, delivery: Delivery) -> KeypadTurn:
    """Ask for the code, after no code. One silence marks it, for a repeated webhook."""
    return KeypadTurn(_ask(verification, None), verification, replace(delivery, stage=CallStage.TYPING, silences=1))


def _ask_to_confirm(verification: Verification, delivery: Delivery, stage: CallStage) -> KeypadTurn:
    return KeypadTurn(AskToConfirm(_CONFIRMATIONS[stage]), verification, replace(delivery, stage=stage))


def _confirm(verification: Verification, delivery: Delivery, digits: str) -> KeypadTurn | None:
    """What a second key confirms; None when it changes nothing."""
    report = delivery.stage is CallStage.CONFIRM_REPORT
    if report and digits == MenuKey.NEVER:
        return _ask_to_confirm(verification, delivery, CallStage.CONFIRM_NEVER)
    if digits != CONFIRM:
        return None
    ending, effect = (Ending.REPORTED, Effect.REPORT) if report else (Ending.SUPPRESSED, Effect.SUPPRESS)
    ended = end_call(delivery, ending, effect, key=(MenuKey.REPORT if report else MenuKey.NEVER) + CONFIRM)
    return KeypadTurn(ended.prompt, verification, ended.delivery, effect=effect)


def _ask_again(verification: Verification, delivery: Delivery, call_input: CallInput) -> KeypadTurn:
    tried = replace(delivery, tries=delivery.tries + 1, silences=0)
    if tried.tries >= MAX_EMPTY_TRIES:
        return KeypadTurn(End(failed_gate(call_input)), verification, replace(tried, stage=CallStage.OVER))
    return KeypadTurn(_ask(verification, wrong=False), verification, tried)


def _check_code(
    state: State, verification: Verification, delivery: Delivery, digits: str, context: Context
) -> KeypadTurn:
    pressed = replace(delivery, silences=0)
    over = replace(pressed, stage=CallStage.OVER)
    right = codes.equal(digits, code_of(verification, context.keys))
    limit_keys = LimitKeys(verification, state.counters, context.policy.check_scopes, now=context.now)
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
    ended = unconfirmed(state, context, limit_keys) if final else ()
    return KeypadTurn(
        End(Ending.TYPED_WRONG) if final else _ask(verification, wrong=True),
        after,
        over if final else pressed,
        (*allowed.events, failed, *alerts),
        (*allowed.counter_updates, *entries, *ended),
        allowed.denials,
    )


def repeat_keypad_prompt(gate: Gate, verification: Verification, delivery: Delivery, digits: str) -> Prompt:
    """The prompt that answered the webhook that led to this stage, for a call that goes on."""
    if delivery.stage in _CONFIRMATIONS:
        return AskToConfirm(_CONFIRMATIONS[delivery.stage])
    if not passed_gate(delivery):
        return gate.ask_again(delivery, CallInput.KEYS if digits else CallInput.SILENCE, digits)
    return _ask(verification, None if delivery.silences else len(digits) == verification.code_length)


def repeat_keypad_ending(verification: Verification, delivery: Delivery, call_input: CallInput, digits: str) -> Ending:
    """The last sentence of a call that is over, again."""
    if verification.status is VerificationStatus.APPROVED:
        return Ending.TYPED_APPROVED
    if digits == CONFIRM and delivery.keys.endswith(CONFIRM):
        return Ending.REPORTED if delivery.keys.startswith(MenuKey.REPORT) else Ending.SUPPRESSED
    if verification.status is VerificationStatus.MAX_ATTEMPTS_REACHED or (
        passed_gate(delivery) and len(digits) == verification.code_length
    ):
        return Ending.TYPED_WRONG
    return failed_gate(call_input)
