"""Whom a call reaches and what it may say: extensions, its length, its first digit, languages, texts from outside."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saycode.config.parsers import parse_brand
from saycode.config.settings import SettingsError, load
from saycode.server.app import build_app, open_store
from saycode.twilio.client import CALL_SECONDS, RING_SECONDS, MachineDetection
from tests.support.app import ACCOUNT, PHONE, SENDER, TOKEN, path_of
from tests.support.asgi_client import Browser
from tests.support.call_setup import Village, open_village
from tests.support.simulator import served
from tools import the_call
from twilio_simulator.app import create_app as create_simulator
from twilio_simulator.network.call import EndReason
from twilio_simulator.network.handset import OnCall
from twilio_simulator.twiml.speech import speaking_seconds
from twiml.words import LANGUAGES, words
from verification import errors
from verification.errors import ActionUnknown
from verification.ivr.dialogue import AskForCode, AskForKeys, CallInput, Prompt, ReadCode
from verification.ivr.dialogue import End as EndCall
from verification.ivr.dialogue import Ending as CallEnding
from verification.policy import DEFAULT_POLICY, Keypress
from verification.types import Channel
from verification.values.phone_numbers import parse
from verification.values.spoken_names import MAX_BRAND_LENGTH
from webhooks.twilio.prompts import render_prompt


@pytest.fixture
async def village(tmp_path: Path) -> AsyncIterator[Village]:
    async with open_village(tmp_path) as village:
        yield village


# Extensions.


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("+1 415 555 0100 ext. 123", "WW123"),
        ("+1 415 555 0100 x7", "WW7"),
        ("(415) 555-0100,,,123", "WWWWWW123"),
        ("+14155550100;ext=0042", "WW0042"),
        ("+14155550100,,,,,123456789012345", "W" * 10 + "123456789012345"),
    ],
)
async def test_an_extension_is_dialled_after_a_wait_that_the_form_can_tune(
    village: Village, typed: str, dialled: str
) -> None:
    browser = village.browser()
    await browser.post(path_of("start"), {"username": "ada", "phone": typed, "channel": "call"})
    assert (village.created["To"], village.created["SendDigits"]) == (PHONE, dialled)
    await village.phone.answer()
    assert village.call.heard[0].text == dialled
    await village.press(village.script.pair)
    assert len(village.script.codes) == 1
    assert list(village.twilio.debugger) == []


async def test_an_extension_is_on_no_page_and_in_no_log(village: Village, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = village.browser()
    await browser.post(path_of("start"), {"username": "ada", "phone": f"{PHONE} ext. 8675309", "channel": "call"})
    village.store.failure = errors.Unavailable("so that there is something in the log")
    await village.phone.answer()
    village.store.failure = None
    shown = (await browser.get("/")).text
    assert "•••• 00" in shown.replace("\u00a0", " ")
    assert "voice webhook failed" in caplog.text
    for text in (shown, caplog.text, repr(parse(f"{PHONE} ext. 8675309"))):
        assert "8675309" not in text
    assert b"8675309" not in village.path.read_bytes()


async def test_a_repeat_dials_the_extension_again(village: Village) -> None:
    verification = await village.pick_up(number=f"{PHONE} ext. 123")
    await village.phone.hang_up()
    await village.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await village.restart()
    await village.verifier.resend(verification.sid, Channel.CALL)
    await village.clock.settle()
    assert village.created["SendDigits"] == "WW123"


async def test_no_text_is_offered_or_sent_to_an_extension_because_the_switchboard_would_read_it(
    village: Village,
) -> None:
    await village.read_code(number=f"{PHONE} ext. 123")
    await village.press("5")
    assert not any("press 4" in sentence for sentence in village.script.said)
    await village.press("4")
    await village.clock.run()
    assert not village.twilio.messages


async def test_machine_detection_is_not_asked_for_where_an_extension_is_dialled(tmp_path: Path) -> None:
    async with open_village(tmp_path, detection=MachineDetection.WHILE_TALKING) as village:
        await village.start(number=f"{PHONE} ext. 123")
        assert "MachineDetection" not in village.created
        await village.start(number="+14155550101", username="bob")
        assert village.created["MachineDetection"] == "Enable"


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ({}, (None, None)),
        ({"SAYCODE_MACHINE_DETECTION": "on"}, ("Enable", "true")),
        ({"SAYCODE_MACHINE_DETECTION": "on", "SAYCODE_KEYPRESS": "any"}, ("Enable", "true")),
        ({"SAYCODE_MACHINE_DETECTION": "on", "SAYCODE_KEYPRESS": "off"}, ("Enable", None)),
    ],
)
async def test_detection_is_asked_for_by_the_setting_and_waited_for_where_no_key_is(
    tmp_path: Path, settings: dict[str, str], asked: tuple[str | None, str | None]
) -> None:
    simulator = create_simulator(account_sid=ACCOUNT, auth_token=TOKEN)
    simulator.state.twilio.add_number(SENDER)
    with served(simulator) as server:
        where = {"TWILIO_API_BASE_URL": server.url, "SAYCODE_DATABASE_URL": f"sqlite:///{tmp_path / 'table.db'}"}
        read = load(ENVIRONMENT | where | settings)
        app = build_app(read, open_store(read))
        async with app.router.lifespan_context(app):
            await Browser(app).post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
    (request,) = simulator.state.twilio.request_log.requests
    parameters = dict(request.parameters)
    assert (parameters.get("MachineDetection"), parameters.get("AsyncAmd")) == asked
    assert ("AsyncAmdStatusCallback" in parameters) == (asked[1] is not None)


# How long.


async def test_ringing_and_talking_are_capped_where_the_call_is_asked_for(village: Village) -> None:
    await village.start()
    asked = village.created
    assert (asked["Timeout"], asked["TimeLimit"]) == (str(RING_SECONDS), str(CALL_SECONDS)) == ("25", "120")


def test_the_picture_of_the_call_has_the_same_numbers() -> None:
    page = the_call.document()
    assert f"ring, {RING_SECONDS} s at most" in page
    assert f"{CALL_SECONDS} s at most in all" in page


async def test_whoever_presses_1_for_ever_is_cut_off_at_the_cap(village: Village) -> None:
    await village.read_code()
    while village.phone.current_call is not None:
        await village.press("1")
        await village.clock.advance(3)
    assert (village.call.ending, village.call.seconds) == (EndReason.TIME_LIMIT, CALL_SECONDS)


async def test_the_first_digit_is_said_within_twenty_seconds_of_the_answer_in_every_language(tmp_path: Path) -> None:
    brand = "Acme Insurance Company Limited"
    assert len(parse_brand(brand)) == MAX_BRAND_LENGTH
    async with open_village(tmp_path, brand=brand) as village:
        for index, language in enumerate(LANGUAGES):
            spoken = words(language)
            action = max(spoken.purposes, key=lambda name: speaking_seconds(spoken.purposes[name]))
            phone = village.twilio.phone(f"+1415555{1000 + index}")
            phone.set_behaviour(on_call=OnCall.ANSWER)
            await village.start(number=phone.number, username=language, language=language, action=action)
        await village.clock.settle()
        phones = [village.twilio.phone(f"+1415555{1000 + index}") for index in range(len(LANGUAGES))]
        await asyncio.gather(*(press_at_once(village, phone.number) for phone in phones))
        await village.clock.run()
        for language, phone in zip(LANGUAGES, phones, strict=True):
            (call,) = phone.calls
            prefix = words(language).call.code.partition("{")[0]
            first = next(heard for heard in call.heard if heard.text.startswith(prefix.strip()))
            assert call.answered is not None
            assert first.began + speaking_seconds(prefix) - call.answered < 20, language


async def press_at_once(village: Village, number: str) -> None:
    """The moment that both keys were said."""
    phone = village.twilio.phone(number)
    (call,) = phone.calls
    await village.clock.run_until(lambda: len(call.heard) > 2)
    await phone.press(village.document(call).pair)


# Text from outside is spoken as text.

ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_FROM_NUMBER": SENDER,
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": "k" * 32,
}


@pytest.mark.parametrize(
    "brand",
    [
        "<Hangup/>",
        "Acme & Sons",
        "Acme</Say><Play>",
        "your code is 111111",
        "call 415 555 0100",
        "acme.example",
        "Acme\u202e",
        "\u0410cme",
        "x" * 31,
        "1 1 1",
        "Acme\nAcme",
    ],
)
def test_a_hostile_brand_stops_the_start(brand: str) -> None:
    with pytest.raises(SettingsError, match="SAYCODE_BRAND"):
        load(ENVIRONMENT | {"SAYCODE_BRAND": brand})


LINES: list[Prompt] = [
    AskForKeys(Keypress.DIGITS, "47", None),
    AskForKeys(Keypress.ANY, "", None),
    AskForKeys(Keypress.OFF, "", None),
    AskForKeys(Keypress.DIGITS, "47", CallInput.KEYS),
    AskForCode(6),
    ReadCode("471902", opening=True),
    EndCall(CallEnding.NOT_NEEDED),
    EndCall(CallEnding.MACHINE),
]
TEXT = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp"), blacklist_characters="\u202d\u202e\ufffe\uffff")
)


@given(brand=TEXT | st.sampled_from(["</Say><Play>x", "&amp;", "]]>", "{code}", '"><!--']), action=TEXT)
def test_no_text_from_outside_can_become_markup_in_a_document(brand: str, action: str) -> None:
    for line in LINES:
        root = ElementTree.fromstring(render_prompt(line, "en-US", brand=brand, purpose=action))
        assert {verb.tag for verb in root.iter()} <= {"Response", "Say", "Gather", "Pause", "Redirect", "Hangup"}
        if isinstance(line, AskForKeys) and line.after is None:
            said = next(root.iter("Say")).text or ""
            assert said.startswith(f"This is an automated call from {brand}")


@pytest.mark.parametrize("action", ["<Hangup/>", "your code is 111111", "x" * 5000, "unknown"])
async def test_an_action_that_nobody_declared_is_never_read_out(village: Village, action: str) -> None:
    with pytest.raises(ActionUnknown):
        await village.start(action=action)
    assert village.phone.calls == []


async def test_an_unknown_language_falls_back_and_never_breaks_a_call(village: Village) -> None:
    for language in ("xx", "../../etc", "", "de-AT"):
        await village.pick_up(language=language, username=f"speaks {language}")
        expected = "Guten Tag" if language == "de-AT" else "This is an automated call"
        assert village.script.said[0].startswith(expected)
        await village.phone.hang_up()
