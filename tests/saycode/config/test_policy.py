"""What the settings mean to the verifier."""

import pytest

from saycode.config.loader import load
from saycode.config.policy import build_policy, home_region, key_ring
from saycode.config.settings import Settings
from tests.support.keys import NEW_KEY, OLD_KEY
from verification.policy import Keypress

ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a-token",
    "TWILIO_FROM_NUMBER": "+14155550199",
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": f"{NEW_KEY},{OLD_KEY}",
}


def settings_for(**changed: str) -> Settings:
    return load(ENVIRONMENT | changed)


def test_settings_become_the_policy() -> None:
    changed = {
        "SAYCODE_COUNTRIES": "US,CA",
        "SAYCODE_CODE_LENGTH": "8",
        "SAYCODE_CODE_LIFETIME": "120",
        "SAYCODE_MAX_CHECKS": "3",
        "SAYCODE_KEYPRESS": "any",
        "SAYCODE_REPEAT_SPACING": "5,10",
    }
    policy = build_policy(settings_for(**changed))
    assert policy.countries == {"US", "CA"}
    assert (policy.code_length, policy.code_lifetime, policy.max_checks) == (8, 120, 3)
    assert (policy.keypress, policy.repeat_spacing) == (Keypress.ANY, (5, 10))


def test_all_secret_keys_are_in_the_key_ring_newest_first() -> None:
    assert key_ring(settings_for()).secrets == (NEW_KEY.encode(), OLD_KEY.encode())


@pytest.mark.parametrize(("countries", "home"), [("US", "US"), ("DE", "DE"), ("US,CA", "US"), ("DE,AT", None)])
def test_numbers_in_national_form_are_accepted_only_for_an_unambiguous_country(
    countries: str, home: str | None
) -> None:
    assert home_region(settings_for(SAYCODE_COUNTRIES=countries)) == home
