"""The settings of WhatsApp: the sender and its templates, and what an action or a hook may leave without a channel."""

from pathlib import Path

import pytest

from saycode.config.loader import load
from saycode.config.policy import build_policy
from saycode.twilio.accounts import twilio_config
from tests.saycode.config.test_settings import REQUIRED, problems
from verification.models import BUILT_IN_SERVICE
from verification.types import Channel

ENGLISH, SPANISH = "HX" + "e" * 32, "HX" + "5" * 32
SET_UP = {
    **REQUIRED,
    "SAYCODE_WHATSAPP_SENDER": "+14155550177",
    "SAYCODE_WHATSAPP_TEMPLATES": f"es:{SPANISH},en:{ENGLISH}",
}


def test_without_a_sender_codes_go_by_call_and_text_only() -> None:
    settings = load(REQUIRED)
    assert build_policy(settings).channels == {Channel.CALL, Channel.SMS}
    assert twilio_config(settings).whatsapp is None


@pytest.mark.parametrize("sender", ["+14155550177", "whatsapp:+14155550177"])
def test_a_sender_and_templates_set_it_up(sender: str) -> None:
    settings = load({**SET_UP, "SAYCODE_WHATSAPP_SENDER": sender})
    assert build_policy(settings).channels == set(Channel)
    whatsapp = twilio_config(settings).whatsapp
    assert whatsapp is not None
    assert whatsapp.sender == "+14155550177"
    assert [whatsapp.template(language) for language in ("es-MX", "en-GB")] == [SPANISH, ENGLISH]


@pytest.mark.parametrize(("language", "sid"), [("en-US", ENGLISH), ("es-ES", SPANISH), ("de-DE", SPANISH)])
def test_a_language_without_a_template_gets_the_operators_or_else_the_first(language: str, sid: str) -> None:
    whatsapp = twilio_config(load({**SET_UP, "SAYCODE_LANGUAGE": language})).whatsapp
    assert whatsapp is not None
    assert whatsapp.template("ja-JP") == sid


@pytest.mark.parametrize("missing", ["SAYCODE_WHATSAPP_SENDER", "SAYCODE_WHATSAPP_TEMPLATES"])
def test_one_of_the_two_needs_the_other(missing: str) -> None:
    (problem,) = problems({name: value for name, value in SET_UP.items() if name != missing})
    assert problem.startswith(f"{missing} is missing")


def test_an_action_that_is_left_without_a_channel_stops_the_start_and_one_with_another_does_not(
    tmp_path: Path,
) -> None:
    actions = tmp_path / "actions.toml"
    actions.write_text('[sign-in]\nchannels = ["whatsapp"]\n')
    (problem,) = problems({**REQUIRED, "SAYCODE_ACTIONS": str(actions)})
    assert "sign-in.channels has only whatsapp, and SAYCODE_WHATSAPP_SENDER is not set" in problem
    assert load({**SET_UP, "SAYCODE_ACTIONS": str(actions)}).actions[0].channels == {Channel.WHATSAPP}
    actions.write_text('[sign-in]\nchannels = ["whatsapp", "sms"]\n')
    load({**REQUIRED, "SAYCODE_ACTIONS": str(actions)})


def test_a_hook_cannot_send_by_a_channel_that_is_not_set_up(tmp_path: Path) -> None:
    hooks = tmp_path / "hooks.toml"
    hooks.write_text(f'[otp]\nsender = "logto"\nservice = "{BUILT_IN_SERVICE}"\nchannel = "whatsapp"\n')
    (problem,) = problems({**REQUIRED, "SAYCODE_HOOKS": str(hooks)})
    assert "otp.action is not declared, or not for WhatsApp messages" in problem
    assert load({**SET_UP, "SAYCODE_HOOKS": str(hooks)}).hooks["otp"].channel is Channel.WHATSAPP


def test_a_third_price_is_that_of_a_whatsapp_message() -> None:
    prices = load({**REQUIRED, "SAYCODE_PRICES": "US:0.0140:0.0083:0.0034,*:0.5:0.2"}).prices
    assert (prices["US"].text, prices["US"].template) == (83, 34)
    assert (prices["*"].text, prices["*"].template) == (2000, None)
