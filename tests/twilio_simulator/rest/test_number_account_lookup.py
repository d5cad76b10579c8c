"""Numbers, account, balance and Lookup, driven by Twilio's own Python library."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.simulator import ACCOUNT, BASE, PHONE, TOKEN, TWILIO_NUMBER
from tests.support.simulator_rest import TEXT, VOICE, RestSimulator, code_of
from twilio_simulator.core.account import AccountKind
from twilio_simulator.network.handset import LineType


def test_a_number_has_twilios_fields_and_can_be_changed(rest: RestSimulator) -> None:
    owned = rest.twilio.add_number(TWILIO_NUMBER)
    client = rest.client()
    number = client.incoming_phone_numbers(owned.sid).update(
        voice_url=VOICE,
        sms_url=BASE + "/sms",
        sms_method="GET",
        friendly_name="Acme",
        voice_fallback_url=BASE + "/fallback",
    )
    assert (number.voice_url, number.voice_method, number.sms_url, number.sms_method) == (
        VOICE,
        "POST",
        BASE + "/sms",
        "GET",
    )
    assert number.capabilities == {"voice": True, "sms": True, "mms": True, "fax": False}
    assert (number.friendly_name, number.phone_number, number.status) == ("Acme", TWILIO_NUMBER, "in-use")
    assert owned.voice_url == VOICE
    assert client.incoming_phone_numbers(owned.sid).update(voice_fallback_url="", voice_url="").voice_url == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"voice_url": "nonsense"}, 21402),
        ({"voice_method": "PUT"}, 21403),
        ({"voice_fallback_url": VOICE}, 21405),
        ({"sms_fallback_url": VOICE}, 21406),
        ({"status_callback": "nonsense"}, 21402),
    ],
)
def test_a_bad_change_of_a_number_has_its_code_and_changes_nothing(
    rest: RestSimulator, changes: Any, code: int
) -> None:
    owned = rest.twilio.add_number(TWILIO_NUMBER)
    before = (owned.sms_url, owned.voice_url, owned.friendly_name)
    resource = rest.client().incoming_phone_numbers(owned.sid)
    assert code_of(lambda: resource.update(**{"friendly_name": "x", **changes})) == code
    assert (owned.sms_url, owned.voice_url, owned.friendly_name) == before


def test_a_number_without_texts_takes_no_address_for_them(rest: RestSimulator) -> None:
    owned = rest.twilio.add_number(TWILIO_NUMBER)
    owned.sms = False
    assert code_of(lambda: rest.client().incoming_phone_numbers(owned.sid).update(sms_url=VOICE)) == 21407
    assert code_of(lambda: rest.client().messages.create(**TEXT)) == 21606


def test_numbers_are_listed_and_filtered(rest: RestSimulator) -> None:
    for number in (TWILIO_NUMBER, "+14155550198", "+442079460100"):
        rest.twilio.add_number(number)
    client = rest.client()
    assert len(client.incoming_phone_numbers.list()) == 3
    numbers = client.incoming_phone_numbers.list(phone_number="+1415*0199")
    assert [number.phone_number for number in numbers] == [TWILIO_NUMBER]
    assert client.incoming_phone_numbers.list(friendly_name="nothing") == []


def test_numbers_are_bought_and_released(rest: RestSimulator) -> None:
    client = rest.client()
    bought = client.incoming_phone_numbers.create(phone_number=TWILIO_NUMBER, voice_url=VOICE)
    assert rest.twilio.numbers[TWILIO_NUMBER].voice_url == VOICE
    assert code_of(lambda: client.incoming_phone_numbers.create(phone_number=TWILIO_NUMBER)) == 21422
    assert client.incoming_phone_numbers(bought.sid).delete()
    assert TWILIO_NUMBER not in rest.twilio.numbers
    assert (client.incoming_phone_numbers.create(area_code="415").phone_number or "").startswith("+1415555")


def test_the_account_and_its_balance_can_be_read(rest: RestSimulator) -> None:
    rest.twilio.account.kind = AccountKind.TRIAL
    account = rest.client().api.v2010.account.fetch()
    assert (account.sid, account.status, account.type, account.auth_token) == (ACCOUNT, "active", "Trial", TOKEN)
    balance = rest.client().balance.fetch()
    assert (balance.balance, balance.currency) == ("100.00", "USD")


def test_lookup_knows_line_types(rest: RestSimulator) -> None:
    rest.twilio.phone(PHONE).handset.line_type = LineType.NON_FIXED_VOIP
    lookup = rest.client().lookups.v2.phone_numbers(PHONE).fetch(fields="line_type_intelligence")
    assert lookup.valid is True
    assert (lookup.country_code, lookup.calling_country_code, lookup.national_format) == ("US", "1", "(415) 555-0100")
    assert dict(lookup.line_type_intelligence or {})["type"] == "nonFixedVoip"
    assert lookup.sms_pumping_risk is None


@pytest.mark.parametrize(("data", "swapped", "status"), [(False, False, "false"), (True, True, "true")])
def test_lookup_knows_changed_sims_and_forwarded_calls(
    rest: RestSimulator, data: bool, swapped: bool, status: str
) -> None:
    handset = rest.twilio.phone(PHONE).handset
    handset.sim_swapped = handset.forwarded = data
    lookup = rest.client().lookups.v2.phone_numbers(PHONE).fetch(fields="sim_swap,call_forwarding")
    assert dict(lookup.sim_swap or {})["last_sim_swap"]["swapped_in_period"] is swapped
    assert dict(lookup.call_forwarding or {})["call_forwarding_status"] == status
    assert lookup.line_type_intelligence is None


def test_lookup_reports_missing_data_of_a_carrier(rest: RestSimulator) -> None:
    handset = rest.twilio.phone(PHONE).handset
    handset.sim_swapped = handset.forwarded = None
    lookup = rest.client().lookups.v2.phone_numbers(PHONE).fetch(fields="sim_swap,call_forwarding")
    assert dict(lookup.sim_swap or {})["last_sim_swap"] is None
    assert dict(lookup.sim_swap or {})["error_code"] == 60600
    assert dict(lookup.call_forwarding or {})["call_forwarding_status"] is None


def test_lookup_knows_the_risk_of_pumping(rest: RestSimulator) -> None:
    rest.twilio.phone(PHONE).handset.pumping_risk = 90
    lookup = rest.client().lookups.v2.phone_numbers(PHONE).fetch(fields="sms_pumping_risk")
    assert dict(lookup.sms_pumping_risk or {})["sms_pumping_risk_score"] == 90


@pytest.mark.parametrize(
    ("number", "errors"),
    [
        ("+1415", ["TOO_SHORT"]),
        ("+1415555010012", ["TOO_LONG"]),
        ("+10155550100", ["INVALID_BUT_POSSIBLE"]),
        ("+999123456", ["INVALID_COUNTRY_CODE"]),
        ("4155550100", ["INVALID_COUNTRY_CODE"]),
        ("hello", ["NOT_A_NUMBER"]),
    ],
)
def test_lookup_answers_200_for_what_is_no_number(rest: RestSimulator, number: str, errors: list[str]) -> None:
    lookup = rest.client().lookups.v2.phone_numbers(number).fetch()
    assert (lookup.valid, lookup.validation_errors) == (False, errors)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+14165550100", "CA"),
        ("+18765550100", "JM"),
        ("+442079460100", "GB"),
        ("+33612345678", "FR"),
        ("+79161234567", "RU"),
        ("+77012345678", "KZ"),
    ],
)
def test_lookup_knows_the_country(rest: RestSimulator, number: str, country: str) -> None:
    assert rest.client().lookups.v2.phone_numbers(number).fetch().country_code == country


def test_lookup_reads_national_numbers_with_a_country(rest: RestSimulator) -> None:
    lookup = rest.client().lookups.v2.phone_numbers("4155550100").fetch(country_code="US")
    assert lookup.phone_number == PHONE


@pytest.mark.parametrize(("fields", "code"), [("line_status", 60606), ("shoe_size", 20422)])
def test_lookup_rejects_unsupported_packages(rest: RestSimulator, fields: str, code: int) -> None:
    assert code_of(lambda: rest.client().lookups.v2.phone_numbers(PHONE).fetch(fields=fields)) == code
