"""Twilio's error codes: each has one meaning, and an unknown code is a permanent failure."""

import pytest

from verification.values.twilio_errors import TWILIO_ERRORS, NoText, twilio_error


@pytest.mark.parametrize("code", [None, 0, 13224, 99999])
def test_an_unknown_code_is_permanent_and_another_text_may_work(code: int | None) -> None:
    error = twilio_error(code)
    assert (error.temporary, error.opted_out, error.no_text) == (False, False, None)


def test_an_opt_out_is_permanent_and_blocks_further_texts() -> None:
    assert twilio_error(21610).opted_out
    assert twilio_error(21610).no_text is NoText.BLOCKED


def test_a_temporary_error_says_nothing_about_further_texts() -> None:
    assert not [code for code, error in TWILIO_ERRORS.items() if error.temporary and (error.opted_out or error.no_text)]
