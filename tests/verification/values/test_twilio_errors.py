"""Twilio's error codes: each has one meaning, and an unknown code is a permanent failure."""

import pytest

from verification.values.twilio_errors import TWILIO_ERRORS, NoText, Refusal, twilio_error


@pytest.mark.parametrize("code", [None, 0, 13224, 99999])
def test_an_unknown_code_is_permanent_and_another_text_may_work(code: int | None) -> None:
    error = twilio_error(code)
    assert (error.temporary, error.opted_out, error.no_text) == (False, False, None)


def test_an_opt_out_is_permanent_and_blocks_further_texts() -> None:
    assert twilio_error(21610).opted_out
    assert twilio_error(21610).no_text is NoText.BLOCKED


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        *((code, Refusal.INVALID) for code in (21211, 21214, 21217, 21265, 21266, 21401, 21421, 21612)),
        *((code, Refusal.COUNTRY) for code in (21215, 21216, 21408, 32205)),
        *((code, Refusal.UNVERIFIED) for code in (21219, 21608, 572005, 573005)),
    ],
)
def test_a_refused_number_is_refused_for_good_and_for_one_reason(code: int, refusal: Refusal) -> None:
    error = twilio_error(code)
    assert (error.refusal, error.of_number, error.temporary) == (refusal, True, False)


def test_our_account_and_our_sender_are_not_the_numbers_fault() -> None:
    assert not [code for code in (None, 20003, 21606, 20429, 30034, 20503) if twilio_error(code).of_number]
    assert [code for code in (21610, 21614, 21635, 30005) if not twilio_error(code).of_number] == []


def test_a_temporary_error_says_nothing_about_further_texts() -> None:
    assert not [code for code, error in TWILIO_ERRORS.items() if error.temporary and (error.opted_out or error.no_text)]
