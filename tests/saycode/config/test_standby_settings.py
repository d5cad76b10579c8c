"""A standby account: all of what it needs or nothing, and the settings as they are for it."""

import pytest

from saycode.config.loader import load
from saycode.config.setting import SettingsError
from saycode.config.settings import Settings
from saycode.config.twilio_settings import TWILIO_API_URL, Carrier
from saycode.twilio.accounts import twilio_config
from tests.saycode.config.test_settings import REQUIRED
from tests.saycode.config.test_twilio_settings import SERVICE, problem

PROJECT = "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab"
KEY, TOKEN, NUMBER, SPACE = "PSK_1234567890abcdef", "PT_0987654321", "+14155550177", "https://acme.signalwire.com"
STANDBY = {
    "SAYCODE_STANDBY_CARRIER": "signalwire",
    "SAYCODE_STANDBY_ACCOUNT_SID": PROJECT,
    "SAYCODE_STANDBY_AUTH_TOKEN": TOKEN,
    "SAYCODE_STANDBY_FROM_NUMBER": NUMBER,
    "SAYCODE_STANDBY_WEBHOOK_SECRET": KEY,
    "SAYCODE_STANDBY_API_BASE_URL": SPACE,
}
AT_TWILIO = {
    "SAYCODE_STANDBY_CARRIER": "twilio",
    "SAYCODE_STANDBY_ACCOUNT_SID": "AC" + "9" * 32,
    "SAYCODE_STANDBY_AUTH_TOKEN": TOKEN,
    "SAYCODE_STANDBY_FROM_NUMBER": NUMBER,
}


def standby(**more: str) -> Settings:
    found = load(REQUIRED | STANDBY | more).standby
    assert found is not None
    return found


def test_there_is_none_unless_one_is_set() -> None:
    assert load(REQUIRED).standby is None


def test_a_standby_account_has_its_own_credentials_address_and_number() -> None:
    settings = standby()
    config = twilio_config(settings)
    assert (config.account_sid, config.key, config.sender) == (PROJECT, (PROJECT, TOKEN), NUMBER)
    assert config.base_url == f"{SPACE}/api/laml"
    assert settings.webhook_keys == (KEY,)
    assert settings.standby is None


def test_at_twilio_a_standby_account_needs_neither_a_key_nor_an_address() -> None:
    settings = load(REQUIRED | AT_TWILIO).standby
    assert settings is not None
    assert settings.api_base_url == TWILIO_API_URL
    assert settings.webhook_keys == (TOKEN,)


def test_nothing_of_the_first_account_is_used_for_the_standby_but_its_brands() -> None:
    first = {
        "TWILIO_AUTH_TOKEN_PREVIOUS": "before",
        "TWILIO_API_KEY": "SK" + "1" * 32,
        "TWILIO_API_SECRET": "of the key".replace(" ", "_"),
        "TWILIO_MESSAGING_SERVICE_SID": SERVICE,
        "TWILIO_REGION": "ie1",
        "SAYCODE_SENDERS": f"GB=+442079460018/{SERVICE}/Acme UK",
        "SAYCODE_WHATSAPP_SENDER": "+14155550178",
        "SAYCODE_WHATSAPP_TEMPLATES": "en:HX" + "1" * 32,
    }
    settings = standby(**first)
    config = twilio_config(settings)
    assert config.key == (PROJECT, TOKEN)
    assert config.messaging_service is None
    assert config.whatsapp is None
    assert {country: (each.number, each.messaging_service, each.brand) for country, each in config.senders.items()} == {
        "GB": ("", "", "Acme UK")
    }
    assert settings.webhook_keys == (KEY,)
    assert settings.countries == load(REQUIRED | STANDBY | first).countries


def test_the_first_account_is_as_it_is_without_a_standby() -> None:
    assert twilio_config(load(REQUIRED | STANDBY)) == twilio_config(load(REQUIRED))
    assert load(REQUIRED | STANDBY).webhook_keys == load(REQUIRED).webhook_keys


@pytest.mark.parametrize("missing", [name for name in STANDBY if name != "SAYCODE_STANDBY_CARRIER"])
def test_signalwire_needs_all_of_them(missing: str) -> None:
    assert problem(**STANDBY | {missing: ""}).startswith(f"{missing} is missing: SAYCODE_STANDBY_CARRIER is signalwire")


@pytest.mark.parametrize("missing", [name for name in AT_TWILIO if name != "SAYCODE_STANDBY_CARRIER"])
def test_twilio_needs_an_account_a_token_and_a_number(missing: str) -> None:
    assert problem(**AT_TWILIO | {missing: ""}).startswith(f"{missing} is missing: SAYCODE_STANDBY_CARRIER is twilio")


@pytest.mark.parametrize("alone", [name for name in STANDBY if name != "SAYCODE_STANDBY_CARRIER"])
def test_a_setting_of_a_standby_without_its_carrier_is_named(alone: str) -> None:
    said = problem(**{alone: STANDBY[alone]})
    assert said == f"SAYCODE_STANDBY_CARRIER is missing: {alone} is set and belongs to it"


def test_the_account_must_be_one_of_its_company() -> None:
    said = problem(**STANDBY | {"SAYCODE_STANDBY_ACCOUNT_SID": "AC" + "9" * 32})
    assert said.startswith("SAYCODE_STANDBY_ACCOUNT_SID must be the id of a project")


def test_the_standby_must_be_another_account() -> None:
    with pytest.raises(SettingsError, match="must be another account than TWILIO_ACCOUNT_SID"):
        load(REQUIRED | AT_TWILIO | {"SAYCODE_STANDBY_ACCOUNT_SID": REQUIRED["TWILIO_ACCOUNT_SID"]})


def test_secrets_are_not_shown() -> None:
    shown = repr(load(REQUIRED | STANDBY)) + repr(twilio_config(standby()))
    assert KEY not in shown
    assert TOKEN not in shown
    assert standby().carrier is Carrier.SIGNALWIRE
