"""SAYCODE_TEST_NUMBERS: fictional numbers only, unless the operator says so; each with a code and a last day."""

from datetime import UTC, datetime

import pytest

from saycode.config.fixed_codes import parse_fixed_codes
from saycode.config.loader import load
from saycode.config.parsers import InvalidValue
from saycode.config.policy import build_policy
from tests.saycode.config.test_settings import REQUIRED, problems


def test_each_number_has_its_code_until_the_end_of_its_last_day() -> None:
    first, second = parse_fixed_codes("+14155550100 042424 2027-01-31,+4915112345678 1234567 2027-02-28 real")
    assert (first.number.e164, first.code, first.real) == ("+14155550100", "042424", False)
    assert first.until == datetime(2027, 2, 1, tzinfo=UTC).timestamp()
    assert (second.number.e164, second.code, second.real) == ("+4915112345678", "1234567", True)
    assert "042424" not in repr(first)


@pytest.mark.parametrize(
    "number",
    ["+12125550199", "+442079460958", "+441134960123", "+443069990123", "+33199001234", "+33465711234", "+61255501234"],
)
def test_numbers_that_are_kept_for_fiction_are_accepted(number: str) -> None:
    assert parse_fixed_codes(f"{number} 123456 2027-01-31")


@pytest.mark.parametrize("number", ["+14155550200", "+14155540100", "+442079470958", "+4915112345678", "+33612345678"])
def test_a_number_that_a_person_may_have_is_refused_without_the_operators_word(number: str) -> None:
    with pytest.raises(InvalidValue, match="real") as refused:
        parse_fixed_codes(f"{number} 123456 2027-01-31")
    assert "123456" not in str(refused.value)
    assert number not in str(refused.value)
    assert parse_fixed_codes(f"{number} 123456 2027-01-31 real")[0].real


@pytest.mark.parametrize(
    "text",
    [
        *(
            "+14155550100",
            "+14155550100 123456",
            "+14155550100 12345 2027-01-31",
            "+14155550100 12345678901 2027-01-31",
        ),
        *("+14155550100 123456 9999-12-31", "+14155550100 123456 0000-01-01"),
        *("+14155550100 123456 2027-02-30", "14155550100 123456 2027-01-31", "+14155550100 12345x 2027-01-31"),
        *("+14155550100 123456 2027-01-31,+14155550100 654321 2027-01-31", "+1415 123456 2027-01-31 real", ","),
    ],
)
def test_anything_else_is_refused_and_no_code_is_repeated(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_fixed_codes(text)
    assert "123456" not in str(refused.value)


def test_the_setting_reaches_the_policy_and_is_a_secret() -> None:
    value = "+14155550100 987654 2027-01-31"
    settings = load(REQUIRED | {"SAYCODE_TEST_NUMBERS": value})
    (fixed,) = build_policy(settings).fixed_codes
    assert fixed.code == "987654"
    assert "987654" not in repr(settings)
    assert problems(REQUIRED | {"SAYCODE_TEST_NUMBERS": "x"})[0].startswith("SAYCODE_TEST_NUMBERS must be")
