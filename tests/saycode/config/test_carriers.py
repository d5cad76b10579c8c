"""The company that calls and texts: what it needs, and what it does not have."""

import pytest

from saycode.config.loader import load
from saycode.config.setting import SettingsError
from saycode.config.twilio_settings import DIALECTS, Carrier
from tests.saycode.config.test_settings import REQUIRED
from tests.saycode.config.test_twilio_settings import SERVICE, problem

PROJECT = "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab"
SPACE = "https://acme.signalwire.com"
SIGNALWIRE = {
    "SAYCODE_CARRIER": "signalwire",
    "TWILIO_ACCOUNT_SID": PROJECT,
    "TWILIO_WEBHOOK_SECRET": "PSK_1234567890abcdef",
    "TWILIO_API_BASE_URL": SPACE,
}


def test_twilio_is_the_company_unless_another_is_named() -> None:
    settings = load(REQUIRED)
    assert settings.dialect is DIALECTS[Carrier.TWILIO]
    assert settings.account_path == f"/2010-04-01/Accounts/{REQUIRED['TWILIO_ACCOUNT_SID']}"
    assert settings.webhook_keys == (REQUIRED["TWILIO_AUTH_TOKEN"],)


def test_a_project_of_signalwires_is_an_account() -> None:
    settings = load(REQUIRED | SIGNALWIRE)
    assert settings.account_path == f"/api/laml/2010-04-01/Accounts/{PROJECT}"
    assert settings.api_base_url == SPACE


def test_the_signing_key_checks_webhooks_and_the_token_does_not() -> None:
    rotated = {"TWILIO_AUTH_TOKEN_PREVIOUS": "PSK_before"}
    assert load(REQUIRED | SIGNALWIRE).webhook_keys == ("PSK_1234567890abcdef",)
    assert load(REQUIRED | SIGNALWIRE | rotated).webhook_keys == ("PSK_1234567890abcdef", "PSK_before")


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"TWILIO_WEBHOOK_SECRET": ""}, "TWILIO_WEBHOOK_SECRET is missing: {} and needs it"),
        ({"TWILIO_API_BASE_URL": ""}, "TWILIO_API_BASE_URL is missing: {} and needs it"),
        ({"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}, "TWILIO_ACCOUNT_SID must be the id of a project, {}"),
        ({"TWILIO_MESSAGING_SERVICE_SID": SERVICE}, "TWILIO_MESSAGING_SERVICE_SID must not be set: {}, which {}"),
        ({"TWILIO_REGION": "ie1", "TWILIO_API_BASE_URL": SPACE}, "TWILIO_REGION must not be set: {}, which {}"),
        ({"SAYCODE_LOOKUP": "line"}, "SAYCODE_LOOKUP must not be set: {}, which {}"),
        ({"SAYCODE_SENDERS": f"GB={SERVICE}"}, "SAYCODE_SENDERS must not have a messaging service: {}, which {}"),
    ],
)
def test_what_signalwire_needs_or_lacks_stops_the_start_with_its_reason(changed: dict[str, str], line: str) -> None:
    said = problem(**SIGNALWIRE | changed)
    assert said.startswith(line.partition("{")[0])
    assert "SAYCODE_CARRIER is signalwire" in said


@pytest.mark.parametrize(
    "changed",
    [
        {"TWILIO_API_KEY": "SK" + "1" * 32, "TWILIO_API_SECRET": "s"},
        {"TWILIO_REGION": "ie1", "TWILIO_EDGE": "dublin"},
        {"SAYCODE_WHATSAPP_SENDER": "+14155550177", "SAYCODE_WHATSAPP_TEMPLATES": "en:HX" + "1" * 32},
    ],
)
def test_what_belongs_together_at_twilio_is_refused_together_at_signalwire(changed: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(REQUIRED | SIGNALWIRE | changed)
    assert [line.partition(":")[0] for line in caught.value.problems] == [f"{name} must not be set" for name in changed]


@pytest.mark.parametrize("account", [PROJECT.upper(), PROJECT + "0", "AC" + "0" * 31, PROJECT.replace("-", "")])
def test_what_is_the_account_of_no_company_is_refused(account: str) -> None:
    assert problem(TWILIO_ACCOUNT_SID=account).startswith("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits")


def test_a_project_is_no_account_of_twilios() -> None:
    assert problem(TWILIO_ACCOUNT_SID=PROJECT).startswith("TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits")
