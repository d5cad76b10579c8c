"""The call that takes the code: what is decided about each input."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.records import CALL, CODE, NOW, PENDING, WRONG, context
from twiml.words import words
from verification.ivr.keypad import MAX_EMPTY_TRIES, KeypadTurn, take_keypad_turn
from verification.ivr.prompts import AskForCode, CallInput, End, Ending
from verification.models import CallStage, Delivery, EventKind, Progress, State, Verification
from verification.types import CallStyle, VerificationStatus

EN = words("en-US")
TYPED = replace(PENDING, style=CallStyle.KEY)
ASKED = replace(CALL, stage=CallStage.GATE)


def hear(
    digits: str = "",
    *,
    verification: Verification = TYPED,
    delivery: Delivery = ASKED,
    call_input: CallInput | None = None,
) -> KeypadTurn:
    call_input = call_input or (CallInput.KEYS if digits else CallInput.SILENCE)
    return take_keypad_turn(State(), verification, delivery, call_input, digits, context(NOW))


@pytest.mark.parametrize("length", [6, 10])
def test_the_call_asks_for_as_many_keys_as_the_code_has(length: int) -> None:
    asked = hear(verification=replace(TYPED, code_length=length), call_input=CallInput.ANSWERED)
    assert asked.prompt == AskForCode(length)
    assert (asked.verification.status, asked.delivery, asked.events) == (VerificationStatus.PENDING, ASKED, ())


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
    assert first.delivery.progress is Progress.ANSWERED
    second = hear(digits, delivery=first.delivery)
    assert second.prompt == End(Ending.WRONG_KEYS if digits else Ending.NOTHING_PRESSED)
    assert (second.verification, second.delivery.stage) == (TYPED, CallStage.OVER)


@pytest.mark.parametrize("digits", ["*", "*1", "*" + CODE, "*" * 6])
def test_a_star_as_the_first_key_reports(digits: str) -> None:
    reported = hear(digits)
    assert reported.prompt == End(Ending.REPORTED)
    assert reported.reported
    assert (reported.delivery.stage, reported.delivery.keys) == (CallStage.OVER, "*")


def test_a_star_among_other_keys_is_only_a_wrong_key() -> None:
    assert not hear(f"1*{CODE[2:]}").reported
    assert hear(f"1*{CODE[2:]}").prompt == AskForCode(6, wrong=False)


@pytest.mark.parametrize("call_input", CallInput)
@pytest.mark.parametrize("digits", ["", CODE, WRONG, "*"])
def test_a_call_that_is_over_stays_over(call_input: CallInput, digits: str) -> None:
    over = replace(ASKED, stage=CallStage.OVER)
    assert hear(digits, delivery=over, call_input=call_input) == KeypadTurn(End(Ending.NO_LONGER_NEEDED), TYPED, over)


@given(st.lists(st.text("0123456789*#", max_size=7) | st.just(CODE) | st.just(WRONG), max_size=12))
def test_every_call_ends_and_approves_only_by_the_code(pressed: list[str]) -> None:
    verification, delivery = replace(TYPED, max_checks=5), ASKED
    for digits in [*pressed, *[""] * MAX_EMPTY_TRIES]:
        typed = hear(digits, verification=verification, delivery=delivery)
        verification, delivery = typed.verification, typed.delivery
        if isinstance(typed.prompt, End):
            assert (verification.status is VerificationStatus.APPROVED) == (digits == CODE)
            assert verification.checks <= verification.max_checks
            return
    raise AssertionError("it never ended")
