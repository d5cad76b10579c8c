"""Where we call at all: by the number's real country and kind of line, before Twilio is asked for anything."""

from collections.abc import AsyncIterator
from pathlib import Path

import phonenumbers
import pytest
from msgspec.structs import replace
from phonenumbers import PhoneNumberType

from tests.support.app import RunningApp, path_of, running_app
from verification.errors import CountryNotAllowed, NumberInvalid
from verification.policy import DEFAULT_POLICY
from verification.values.phone_numbers import parse, require_allowed

NORTH_AMERICA = frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1])
EVERYWHERE = frozenset(phonenumbers.SUPPORTED_REGIONS)
#: Some of them: to load what is known of all countries takes seconds.
HERE = frozenset(
    [
        "AT",
        "AU",
        "BE",
        "BR",
        "CH",
        "CZ",
        "DE",
        "DK",
        "ES",
        "FI",
        "FR",
        "GB",
        "IE",
        "IT",
        "JP",
        "NL",
        "NO",
        "NZ",
        "PL",
        "PT",
        "SE",
        "TR",
        "US",
        "ZA",
    ]
)
BILLED = {
    "premium": PhoneNumberType.PREMIUM_RATE,
    "shared cost": PhoneNumberType.SHARED_COST,
    "UAN": PhoneNumberType.UAN,
    "pager": PhoneNumberType.PAGER,
    "voicemail": PhoneNumberType.VOICEMAIL,
}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    policy = replace(DEFAULT_POLICY, countries=frozenset({"US"}))
    async with running_app(tmp_path / "store.db", policy=policy) as running:
        yield running


def example(region: str, kind: int = PhoneNumberType.FIXED_LINE) -> str:
    """A number of this country and kind, in E.164; nothing where there is none."""
    found = phonenumbers.example_number_for_type(region, kind)
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164) if found else ""


@pytest.mark.parametrize("region", sorted(NORTH_AMERICA - {"US"}))
def test_the_other_countries_under_plus_one_are_not_the_united_states(region: str) -> None:
    number = parse(example(region))
    assert number.e164.startswith("+1")
    assert number.region == region
    with pytest.raises(CountryNotAllowed):
        require_allowed(number, frozenset({"US"}))
    require_allowed(number, frozenset({region}))


@pytest.mark.parametrize("kind", BILLED)
def test_no_country_has_such_lines_called(kind: str) -> None:
    tried = 0
    for region in sorted(HERE):
        text = example(region, BILLED[kind])
        if text:
            try:
                number = parse(text)
            except NumberInvalid:
                continue
            with pytest.raises(CountryNotAllowed):
                require_allowed(number, EVERYWHERE)
            tried += 1
    assert tried


@pytest.mark.parametrize("code", [800, 808, 870, 878, 881, 882, 883, 888, 979])
def test_numbers_of_no_country_are_refused_satellites_among_them(code: int) -> None:
    found = phonenumbers.example_number_for_non_geo_entity(code)
    assert found is not None
    text = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    with pytest.raises((CountryNotAllowed, NumberInvalid)):
        require_allowed(parse(text), EVERYWHERE)


@pytest.mark.parametrize("text", ["911", "112", "+1911", "12345", "+112", "411", "*67", "+1 900 555 0100", "+18005551"])
def test_short_and_special_numbers_are_no_phones(text: str) -> None:
    with pytest.raises((CountryNotAllowed, NumberInvalid)):
        require_allowed(parse(text, region="US"), EVERYWHERE)


@pytest.mark.parametrize(
    "phone",
    ["+18765230123", "+19005550100", "+447012345678", "+8816 1234 5678", "+80012345678", "911", "+9791 1234 5678"],
)
async def test_nothing_about_such_a_number_reaches_twilio_or_the_table(running: RunningApp, phone: str) -> None:
    before = running.rows()
    for channel in ("call", "sms"):
        form = {"username": "ada", "phone": phone, "channel": channel}
        assert (await running.browser().post(path_of("start"), form)).status == 400
    assert running.provider.asked == 0
    assert running.rows()["verifications"] == before["verifications"] == []
    assert running.rows()["deliveries"] == []
