"""Numbers: E.164 inside, masked outside, and the real region decides."""

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberType

from verification.errors import CountryNotAllowed, KindNotAllowed, NumberInvalid
from verification.values.phone_numbers import (
    LineKind,
    PhoneNumber,
    blocked_kind,
    line_of,
    parse,
    parse_unassigned,
    require_allowed,
    require_public,
    type_and_region,
)
from verification.values.written_numbers import dialing_code, example_number, grouped


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


# ------------------------------------------------------------------------------------------- one phone, one identity


@pytest.mark.parametrize(
    ("forms", "line"),
    [
        (["+525512345678", "+5215512345678", "+52 1 55 1234 5678", "+52 (1) 55-1234-5678"], "+525512345678"),
        (["+5491123456789", "+541123456789", "+54 9 11 2345-6789", "+54 11 2345-6789"], "+5491123456789"),
        (["+5511987654321", "+551187654321", "+55 (11) 8765-4321", "+55 11 98765-4321"], "+5511987654321"),
        (["+551178654321", "+5511978654321"], "+5511978654321"),
        (["+551134567890"], "+551134567890"),
        (["+5511934567890"], "+5511934567890"),
        (["+14155550100", "(415) 555-0100"], "+14155550100"),
    ],
)
def test_all_forms_of_a_phone_are_one_line(forms: list[str], line: str) -> None:
    """A land line of eight digits in Brazil is not the mobile number with a 9 before the same digits."""
    numbers = [parse(form, region="US") for form in forms]
    assert {number.line for number in numbers} == {number.identity for number in numbers} == {line}
    assert all(one.means(other.e164) for one in numbers for other in numbers)
    assert line_of(line) == line


@pytest.mark.parametrize("typed", ["+5215512345678", "+52 1 55 1234 5678", "52 1 55 1234 5678", "15512345678"])
def test_the_old_mexican_form_is_dialed_as_the_new_one(typed: str) -> None:
    assert parse(typed, region="MX") == PhoneNumber("+525512345678", "MX")


def test_eight_digits_of_a_brazilian_mobile_are_dialed_as_nine() -> None:
    assert parse("+551187654321") == parse("(11) 8765-4321", region="BR") == PhoneNumber("+5511987654321", "BR")


def test_an_argentine_number_is_dialed_as_it_was_typed() -> None:
    """With the 9 a land line does not ring, and Twilio needs it for a mobile phone."""
    assert parse("+541123456789").e164 == "+541123456789"
    assert parse("011 15 2345-6789", region="AR").e164 == "+5491123456789"


@given(
    st.sampled_from(["+52{}{}", "+54{}{}", "+55{}{}"]),
    st.sampled_from(["", "1", "9"]),
    st.from_regex(r"\A[1-9][0-9]{9,10}\Z"),
)
def test_a_line_is_of_itself_and_of_no_other_number(form: str, inserted: str, digits: str) -> None:
    """Two numbers of one line differ by one digit at most, and the country is the same."""
    e164 = form.format(inserted, digits)
    line = line_of(e164)
    assert line_of(line) == line
    assert line[:3] == e164[:3]
    assert abs(len(line) - len(e164)) <= 1
    assert line[-8:] == e164[-8:]


def test_extensions_of_a_line_are_different_people_with_one_line() -> None:
    main, one, two = (parse(f"+49 30 123456{extension}") for extension in ("", " ext. 1", " ext. 2"))
    assert main.line == one.line == two.line
    assert len({main.identity, one.identity, two.identity}) == 3


def test_a_pause_before_an_extension_makes_no_other_person() -> None:
    spelled = [parse("+4930123456 ext 12"), parse("+4930123456,,,12"), PhoneNumber("+4930123456", "DE", "wwW12")]
    assert len({number.identity for number in spelled}) == 1


# --------------------------------------------------------------------------------------------------- never a stranger


@pytest.mark.parametrize(
    "typed",
    [
        "+49 30 123456 ext.",
        "030 123456 ext",
        "030 123456 int.",
        "030 123456 int. ",
        "030 123456 x",
        "030 123456 (ext.)",
        "030 123456 Durchwahl 5",
        "030 123456 ext. 12 or 13",
        "4930123456.0",
        "+4930123456.0",
        "4930123456.00",
        "4930123456,0",
        "4.930.123.456,00",
        "4.930123456E+9",
        "+49 30 123456 / 78",
        "+49 30 123456/57",
        "+49 30 123456, 78",
        "+49 30 123456,78",
        "+49 30 123456; 78",
        "+49 30 123456\n78",
        "+49 30 123456 | 030 123457",
        "030 123456 or 030 123457",
        "+49 30 +123456",
        "+49 30 123456*99",
        "+49 30 123456#",
        "030 123456\u00b2",
        "030 12345\u2462",
        "030 123456 @5",
        "030 123456 = 5",
    ],
    ids=ascii,
)
def test_what_may_be_another_number_is_refused(typed: str) -> None:
    """Each of these would be read as a valid number of a stranger, by the library or by a person."""
    with pytest.raises(NumberInvalid):
        parse(typed, region="DE")


@pytest.mark.parametrize(
    "typed",
    [
        "030/123456",
        "+49 (0)30 123456",
        "(+49) 30 123456",
        "0049 30 123456",
        "+49 30 123456.",
        "+49\u202f30\u202f123456",
        "\u2068+49 30 123456\u2069",
        "\u200e+49\u200b30\u200e123456",
        "+49\ufe0d30123456",
        "\ufeff+4930123456",
        "+49,30,123,456",
        "+49\uff0c30\u3001123\u060c456",
        "+49 30 1\u00ad23456",
        "+49\u201130\u2013123\u2014456",
        "+49 30 12\u00b734\u00b756",
        "+49 30 12'34'56",
        "+49 30 12\u201934\u201956",
        "+4\ufe0f\u20e39\ufe0f\u20e330123456",
        "\u00a0+49 30 123456\u3000",
        "Tel. +49 30 123456",
    ],
    ids=ascii,
)
def test_typographic_and_invisible_characters_are_spacing(typed: str) -> None:
    assert parse(typed, region="DE") == PhoneNumber("+4930123456", "DE")


@given(st.lists(st.sampled_from(["", " ", "-", "\u200b", "\u2068", "\ufe0f", "\u202f", ".", "\u00ad"]), min_size=12))
def test_no_spacing_makes_another_number(gaps: list[str]) -> None:
    typed = "".join(character + gap for character, gap in zip("+14155550123", gaps, strict=False))
    try:
        assert parse(typed) == PhoneNumber("+14155550123", "US")
    except NumberInvalid:
        assert "." in typed  # it may be a decimal number


@pytest.mark.parametrize("extension", ["1", "12", "8000", "123456"])
def test_an_extension_of_six_digits_may_come_from_the_public(extension: str) -> None:
    require_public(parse(f"+14155550100 ext. {extension}"))


@pytest.mark.parametrize(
    "extension", [",1234567", ",0", ",9", ",911", ",00491", ",,12", ",1,2", ",1w2", ",12#", ",*12"]
)
def test_the_public_cannot_dial_out_of_a_switchboard(extension: str) -> None:
    with pytest.raises(NumberInvalid):
        require_public(PhoneNumber("+14155550100", "US", extension))


# -------------------------------------------------------------------------------------------------- kinds of numbers


@pytest.mark.parametrize(
    ("e164", "kind"),
    [
        ("+19002345678", LineKind.PREMIUM_RATE),
        ("+12129760100", LineKind.PREMIUM_RATE),
        ("+14169762345", LineKind.PREMIUM_RATE),
        ("+18005550100", LineKind.TOLL_FREE),
        ("+448001234567", LineKind.TOLL_FREE),
        ("+33800123456", LineKind.TOLL_FREE),
        ("+15002345678", LineKind.PERSONAL_NUMBER),
        ("+15332345678", LineKind.PERSONAL_NUMBER),
        ("+447012345678", LineKind.PERSONAL_NUMBER),
        ("+4970012345678", LineKind.PERSONAL_NUMBER),
        ("+34700123456", LineKind.PERSONAL_NUMBER),
        ("+41878123456", LineKind.PERSONAL_NUMBER),
        ("+491801234567", LineKind.SHARED_COST),
        ("+443001234567", LineKind.UAN),
        ("+447640123456", LineKind.PAGER),
        ("+49177991234567", LineKind.VOICEMAIL),
    ],
)
def test_a_refused_kind_is_named(e164: str, kind: LineKind) -> None:
    number = parse(e164)
    with pytest.raises(KindNotAllowed) as caught:
        require_allowed(number, frozenset({number.region}))
    assert caught.value.kind == kind.value


@pytest.mark.parametrize("e164", ["+14155550100", "+447911123456", "+4915123456789", "+34612345678", "+12125559760"])
def test_an_ordinary_phone_is_of_no_refused_kind(e164: str) -> None:
    assert blocked_kind(e164) is None


@pytest.mark.parametrize(
    ("e164", "extension", "written"),
    [
        ("+14155550100", "", "+1 415-555-0100"),
        ("+14155550100", ",,,12", "+1 415-555-0100 ext. 12"),
        ("+4917612345678", "", "+49 176 12345678"),
        ("12", "", "12"),
        ("", "", ""),
    ],
)
def test_a_number_is_shown_in_groups_and_read_again_as_the_same(e164: str, extension: str, written: str) -> None:
    assert grouped(e164, extension) == written
    if e164.startswith("+"):
        assert (parse(written).e164, parse(written).extension.lstrip(",")) == (e164, extension.lstrip(","))


def test_a_country_has_its_dialing_code() -> None:
    assert [dialing_code(region) for region in ("US", "JM", "DE")] == ["+1", "+1", "+49"]


@pytest.mark.parametrize(
    ("typed", "region", "e164"),
    [
        ("+447700900123", None, "+447700900123"),  # Ofcom's mobile numbers for films
        ("+44 7700 900123", None, "+447700900123"),
        ("07700 900123", "GB", "+447700900123"),
        ("+33 6 39 98 01 23", None, "+33639980123"),  # ARCEP's
    ],
)
def test_a_number_that_no_phone_has_is_read_for_the_operator_only(typed: str, region: str | None, e164: str) -> None:
    number = parse_unassigned(typed, region=region)
    assert number is not None
    assert number.e164 == e164
    with pytest.raises(NumberInvalid):
        parse(typed, region=region)


@pytest.mark.parametrize(
    "typed",
    [
        "+14155550100",
        "12",
        "+0",
        "hello",
        "+1415555",
        "+999123456789",
        "+44 7700 900123 / 4",
        "+447700900123 x5",
        "9" * 99,
    ],
)
def test_what_is_a_number_of_a_phone_or_none_at_all_is_not_unassigned(typed: str) -> None:
    assert parse_unassigned(typed) is None


@pytest.mark.parametrize("region", [*sorted(phonenumbers.SUPPORTED_REGIONS), "001"])
def test_one_walk_finds_what_the_library_finds_in_three(region: str) -> None:
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in range(PhoneNumberType.UNKNOWN)]
    if region == "001":
        codes = phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
        examples = [phonenumbers.example_number_for_non_geo_entity(code) for code in sorted(codes)]
    found = [example for example in examples if example is not None]
    assert found
    for example in found:
        digits = str(example.national_number)
        others = [f"{digits[:at]}{digit}{digits[at + 1 :]}" for at in range(4) for digit in "0379"]
        for national in (digits, *others):
            number = phonenumbers.PhoneNumber(
                example.country_code, int(national), italian_leading_zero=digits[0] == "0"
            )
            expected = phonenumbers.number_type(number), phonenumbers.region_code_for_number(number) or "001"
            country, significant = number.country_code or 0, phonenumbers.national_significant_number(number)
            assert type_and_region(country, significant) == expected, national


@pytest.mark.parametrize("country", sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
def test_a_number_in_e164_means_what_the_library_parses(country: int) -> None:
    digits = random.Random(country)
    for start in ("", "0", "00", "1", "15", "8", "9"):
        for length in range(4, 15 - len(start)):
            text = f"+{country}{start}{''.join(digits.choice('0123456789') for _ in range(length))}"[:16]
            parsed = phonenumbers.parse(text)
            if phonenumbers.is_valid_number(parsed):
                e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
                assert parse(text) == PhoneNumber(e164, phonenumbers.region_code_for_number(parsed) or "001")
            elif line_of(e164 := phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)) == e164:
                with pytest.raises(NumberInvalid):
                    parse(text)
