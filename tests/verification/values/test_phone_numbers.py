"""Numbers: E.164 inside, masked outside, and the real region decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.errors import CountryNotAllowed, NumberInvalid
from verification.values.phone_numbers import PhoneNumber, example_number, parse, require_allowed


@pytest.mark.parametrize(
    "typed",
    [
        "+14155550100",
        "+1 (415) 555-0100",
        "(415) 555-0100",
        "415.555.0100",
        "1 415 555 0100",
        "+1\u00a0415\u00a0555\u00a00100",
        "＋１４１５５５５０１００",
        "+١٤١٥٥٥٥٠١٠٠",
        "  +14155550100\n",
        "tel:+14155550100",
    ],
    ids=ascii,
)
def test_all_spellings_of_a_number_are_one_number(typed: str) -> None:
    assert parse(typed, region="US") == PhoneNumber("+14155550100", "US")


@pytest.mark.parametrize("region", [None, "US", "DE"])
def test_a_number_in_international_form_does_not_depend_on_where_it_was_typed(region: str | None) -> None:
    assert parse("+442079460000", region=region) == PhoneNumber("+442079460000", "GB")


def test_a_national_form_is_read_as_of_the_region() -> None:
    assert parse("020 7946 0000", region="GB").e164 == "+442079460000"
    assert parse("030 23125000", region="DE").e164 == "+493023125000"


def test_a_leading_zero_that_belongs_to_the_number_stays() -> None:
    assert parse("+39 06 1234 5678").e164 == "+390612345678"


@pytest.mark.parametrize(
    ("e164", "region"),
    [
        ("+14155550100", "US"),
        ("+16135550100", "CA"),
        ("+18765230123", "JM"),
        ("+447911123456", "GG"),
        ("+77012345678", "KZ"),
        ("+79161234567", "RU"),
        ("+80012345678", "001"),
    ],
)
def test_the_real_region_counts_not_the_dial_code(e164: str, region: str) -> None:
    assert parse(e164).region == region


@pytest.mark.parametrize(
    "typed",
    [
        "+1 415 555 0100 ext. 123",
        "(415) 555-0100 x123",
        "+14155550100;ext=123",
        "4155550100 Extension 123",
        "+1 415 555 0100 доб. 123",
        "+1 415 555 0100 ｅｘｔ 123",
    ],
    ids=ascii,
)
def test_an_extension_is_kept_beside_the_number(typed: str) -> None:
    assert parse(typed, region="US") == PhoneNumber("+14155550100", "US", ",123")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("+14155550100,,,123", ",,,123"), ("+14155550100 ,, 123", ",,123"), (f"+14155550100{',' * 9}123", ",,,,,123")],
)
def test_commas_before_an_extension_are_waits_that_twilio_has_room_for(typed: str, kept: str) -> None:
    assert parse(typed).extension == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "abc",
        "0",
        "911",
        "12345",
        "+1911",
        "555-0100",
        "+1415555010",
        "+141555501000",
        "+0000000000",
        "+",
        "\x00",
        "+1415555\x000100",
        "+14155550100\n+14155550101",
        "+1 415 555 0100 / 0101",
        "{{7*7}}",
        "😀😀😀",
        "+999123456789",
        "+14155550100" + " " * 64,
        "1" * 10_000,
        "+1 415 555 0100 x 12345678901234567890123",
    ],
    ids=lambda typed: ascii(typed[:16]),
)
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    with pytest.raises(NumberInvalid):
        parse(typed, region="US")


@pytest.mark.parametrize(
    "typed",
    ["+1415555O1OO", "+1415555olOO", "1-800-FLOWERS", "+1 415 555 O1OO!", "my phone: +1415555O1OO", "+141555x1x0x"],
)
def test_letters_are_not_taken_for_the_keys_they_share(typed: str) -> None:
    """An O typed for a 0 would otherwise be a 6, and ring a stranger."""
    with pytest.raises(NumberInvalid):
        parse(typed, region="US")


@given(st.text(max_size=70), st.sampled_from([None, "US", "DE", "zz"]))
def test_any_text_is_a_number_or_refused(text: str, region: str | None) -> None:
    try:
        number = parse(text, region=region)
    except NumberInvalid:
        return
    assert number.e164.startswith("+")
    assert number.e164[1:].isascii()
    assert number.e164[1:].isdigit()
    assert 7 < len(number.e164) <= 16


@given(st.integers(0, 99))
def test_what_was_parsed_is_parsed_again_to_itself(last: int) -> None:
    number = parse(f"(415) 555-01{last:02}", region="US")
    assert parse(number.e164) == number


def test_a_number_shows_its_last_two_digits_and_no_more() -> None:
    number = parse("+1 415 555 0137 ext. 98765")
    assert number.masked.endswith("37")
    for shown in (number.masked, str(number), repr(number), f"{number}", repr([number])):
        assert "37" in shown
        assert not any(part in shown for part in ("415", "555", "0137", "98765"))


@pytest.mark.parametrize("region", ["US", "CA"])
def test_a_number_of_an_allowed_country_may_be_called(region: str) -> None:
    typed = {"US": "+14155550100", "CA": "+16135550100"}[region]
    require_allowed(parse(typed), frozenset({region}))


@pytest.mark.parametrize(
    ("e164", "region"),
    [("+16135550100", "CA"), ("+18765230123", "JM"), ("+447911123456", "GG"), ("+80012345678", "001")],
)
def test_a_number_of_another_country_is_refused_also_under_the_same_dial_code(e164: str, region: str) -> None:
    with pytest.raises(CountryNotAllowed) as caught:
        require_allowed(parse(e164), frozenset({"US", "GB"}))
    assert caught.value.region == region


@pytest.mark.parametrize("e164", ["+19002345678", "+491801234567", "+443001234567", "+447640123456", "+49177991234567"])
def test_line_types_that_charge_extra_or_that_no_person_answers_are_rejected(e164: str) -> None:
    """Premium rate, shared cost, a company's single number, a pager, and a voicemail."""
    with pytest.raises(CountryNotAllowed):
        require_allowed(parse(e164), frozenset({"US", "GB", "DE"}))


@pytest.mark.parametrize(("region", "start"), [("US", "+1 "), ("DE", "+49 "), ("GB", "+44 ")])
def test_an_example_is_written_as_in_its_country(region: str, start: str) -> None:
    assert example_number(region).startswith(start)


def test_an_unknown_region_has_an_example_all_the_same() -> None:
    assert example_number("001") == "+1 201-555-0123"
