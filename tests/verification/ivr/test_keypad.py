"""The call that takes the code: what is decided about each input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.records import CALL, CODE, NOW, PENDING, WRONG, context
from twiml.words import words
from verification.ivr.gate import Effect
from verification.ivr.keypad import MAX_EMPTY_TRIES, KeypadTurn, keypad_gate, take_keypad_turn
from verification.ivr.prompts import AskForCode, AskForKeys, AskToConfirm, CallInput, Confirmation, End, Ending, KeysFor
from verification.models import CallStage, Delivery, EventKind, Progress, State, Verification
from verification.types import CallStyle, VerificationStatus

EN = words("en-US")
TYPED = replace(PENDING, style=CallStyle.KEY)
GATE = replace(CALL, stage=CallStage.GATE)
ASKED = replace(CALL, stage=CallStage.TYPING, progress=Progress.PRESSED)
REPORT = AskToConfirm(Confirmation.REPORT)


def hear(
    digits: str = "",
    *,
    verification: Verification = TYPED,
    delivery: Delivery = ASKED,
    call_input: CallInput | None = None,
) -> KeypadTurn:
    call_input = call_input or (CallInput.KEYS if digits else CallInput.SILENCE)
    return take_keypad_turn(State(), verification, delivery, call_input, digits, context(NOW))


def two_keys(attempt: int = 0) -> str:
    return keypad_gate(TYPED, GATE, context(NOW)).keys(attempt)


def test_two_spoken_keys_come_before_the_code() -> None:
    """20.10: a machine that sends tones must not use up the checks."""
    asked = hear(delivery=GATE, call_input=CallInput.ANSWERED)
    assert asked.prompt == AskForKeys(two_keys(), None, KeysFor.TYPING)
    opened = hear(two_keys(), delivery=asked.delivery)
    assert opened.prompt == AskForCode(6)
    assert (opened.delivery.stage, opened.delivery.progress) == (CallStage.TYPING, Progress.PRESSED)


@pytest.mark.parametrize("digits", [CODE, WRONG, "11", "99", "123"])
def test_before_the_two_keys_nothing_is_compared(digits: str) -> None:
    refused = hear(digits, delivery=GATE)
    assert refused.prompt == AskForKeys(two_keys(1), CallInput.KEYS, KeysFor.TYPING)
    assert (refused.verification, refused.delivery.tries) == (TYPED, 1)
    over = hear(digits, delivery=refused.delivery)
    assert (over.prompt, over.verification) == (End(Ending.WRONG_KEYS), TYPED)


@pytest.mark.parametrize("digits", ["", "1", "0", "*"])
def test_silence_and_one_key_are_asked_again_for_the_same_two(digits: str) -> None:
    delivery = GATE
    for _ in range(3):
        again = hear(digits, delivery=delivery)
        assert again.prompt == AskForKeys(two_keys(), CallInput.SILENCE, KeysFor.TYPING)
        delivery = again.delivery
    assert isinstance(hear(digits, delivery=delivery).prompt, End)


@pytest.mark.parametrize("length", [6, 10])
def test_the_call_asks_for_as_many_keys_as_the_code_has(length: int) -> None:
    asked = hear(verification=replace(TYPED, code_length=length), call_input=CallInput.ANSWERED)
    assert asked.prompt == AskForCode(length)
    assert (asked.verification.status, asked.events) == (VerificationStatus.PENDING, ())
    assert asked.delivery.tries == ASKED.tries


def test_the_right_keys_approve_and_end_the_call() -> None:
    typed = hear(CODE)
    assert typed.prompt == End(Ending.TYPED_APPROVED)
    assert (typed.verification.status, typed.verification.checks) == (VerificationStatus.APPROVED, 1)
    assert (typed.verification.seed, typed.verification.ended_at) == (None, NOW)
    assert (typed.delivery.stage, typed.delivery.progress) == (CallStage.OVER, Progress.HEARD)
    assert [event.kind for event in typed.events] == [EventKind.APPROVED]


def test_wrong_keys_are_a_check_and_the_last_one_ends_it() -> None:
    typed = hear(WRONG)
    assert typed.prompt == End(Ending.TYPED_WRONG)
    assert (typed.verification.status, typed.verification.checks) == (VerificationStatus.MAX_ATTEMPTS_REACHED, 1)
    assert (typed.delivery.stage, typed.delivery.progress) == (CallStage.OVER, Progress.PRESSED)
    assert [event.kind for event in typed.events] == [EventKind.CHECK_FAILED]


def test_wrong_keys_are_asked_for_again_while_checks_are_left() -> None:
    verification, prompts = replace(TYPED, max_checks=3), []
    for _ in range(3):
        typed = hear(WRONG, verification=verification)
        verification = typed.verification
        prompts.append(typed.prompt)
    assert prompts == [AskForCode(6, wrong=True), AskForCode(6, wrong=True), End(Ending.TYPED_WRONG)]
    assert verification.checks == 3


@pytest.mark.parametrize(
    "digits", ["", "0", "00", CODE[:-1], CODE + "0", CODE[:3] + "#" + CODE[4:], "1" * 500, "\u0661" * 6, CODE + " "]
)
def test_digits_that_cannot_be_the_code_are_not_compared_and_asked_for_once_more(digits: str) -> None:
    first = hear(digits)
    assert (first.prompt, first.verification, first.events) == (AskForCode(6, wrong=False), TYPED, ())
    second = hear(digits, delivery=first.delivery)
    assert second.prompt == End(Ending.WRONG_KEYS if digits else Ending.NOTHING_PRESSED)
    assert (second.verification, second.delivery.stage) == (TYPED, CallStage.OVER)


@pytest.mark.parametrize("digits", ["*", "*1", "*" + CODE, "*" * 6])
def test_a_star_as_the_first_key_asks_and_one_more_reports(digits: str) -> None:
    asked = hear(digits)
    assert (asked.prompt, asked.effect) == (REPORT, Effect.NONE)
    reported = hear("*", delivery=asked.delivery)
    assert reported.prompt == End(Ending.REPORTED)
    assert reported.effect is Effect.REPORT
    assert (reported.delivery.stage, reported.delivery.keys) == (CallStage.OVER, "0*")


def test_two_zeros_before_the_two_keys_ask_and_the_star_reports() -> None:
    asked = hear("00", delivery=GATE)
    assert (asked.prompt, asked.effect) == (REPORT, Effect.NONE)
    assert hear("*", delivery=asked.delivery).effect is Effect.REPORT


@pytest.mark.parametrize("digits", ["", "0", "00", "5", "#", CODE])
def test_without_the_confirming_star_nothing_is_reported_and_the_call_goes_on(digits: str) -> None:
    for start, first in ((ASKED, "*"), (GATE, "00")):
        again = hear(digits, delivery=hear(first, delivery=start).delivery)
        assert again.effect is Effect.NONE
        assert isinstance(again.prompt, AskForCode | AskForKeys)


def test_nine_after_the_star_and_one_more_star_stop_all_calls() -> None:
    asked = hear("9", delivery=hear("*").delivery)
    assert (asked.prompt, asked.effect) == (AskToConfirm(Confirmation.NEVER), Effect.NONE)
    stopped = hear("*", delivery=asked.delivery)
    assert (stopped.prompt, stopped.effect) == (End(Ending.SUPPRESSED), Effect.SUPPRESS)


def test_a_star_among_other_keys_is_only_a_wrong_key() -> None:
    assert hear(f"1*{CODE[2:]}").effect is Effect.NONE
    assert hear(f"1*{CODE[2:]}").prompt == AskForCode(6, wrong=False)


@pytest.mark.parametrize("call_input", CallInput)
@pytest.mark.parametrize("digits", ["", CODE, WRONG, "*"])
def test_a_call_that_is_over_stays_over(call_input: CallInput, digits: str) -> None:
    over = replace(ASKED, stage=CallStage.OVER)
    assert hear(digits, delivery=over, call_input=call_input) == KeypadTurn(End(Ending.NO_LONGER_NEEDED), TYPED, over)


@given(st.lists(st.text("0123456789*#", max_size=7) | st.just(CODE) | st.just(WRONG), max_size=12))
def test_every_call_ends_and_approves_only_by_the_code(pressed: list[str]) -> None:
    verification, delivery = replace(TYPED, max_checks=5), ASKED
    for digits in [*pressed, *[""] * (MAX_EMPTY_TRIES + 1)]:
        typed = hear(digits, verification=verification, delivery=delivery)
        verification, delivery = typed.verification, typed.delivery
        if isinstance(typed.prompt, End):
            assert (verification.status is VerificationStatus.APPROVED) == (digits == CODE)
            assert verification.checks <= verification.max_checks
            return
    raise AssertionError("it never ended")
