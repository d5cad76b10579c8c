"""Extensions, the length of a call, the time until the first digit, languages, and text from outside."""

import asyncio
import logging
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saycode.config.loader import load
from saycode.config.parsers import parse_brand
from saycode.config.setting import SettingsError
from saycode.server.app import build_app, open_store
from saycode.twilio.config import MachineDetection
from saycode.twilio.provider import CALL_SECONDS, RING_SECONDS
from tests.support import engine
from tests.support.app import ACCOUNT, PHONE, SENDER, TOKEN, path_of
from tests.support.asgi_client import Browser
from tests.support.asgi_lifespan import running
from tests.support.call_setup import CallSetup, open_call_setup
from tests.support.keys import KEY
from tests.support.simulator import served
from tools import call_flow
from twilio_simulator.app import create_app as create_simulator
from twilio_simulator.network.call import EndReason
from twilio_simulator.network.handset import OnCall
from twilio_simulator.twiml.speech import speaking_seconds
from twiml.call import render
from twiml.words import LANGUAGES, words
from verification import errors
from verification.errors import ActionUnknown
from verification.ivr.prompts import Announce, AskForAnyKey, AskForCode, AskForKeys, CallInput, Prompt, ReadCode
from verification.ivr.prompts import End as EndCall
from verification.ivr.prompts import Ending as CallEnding
from verification.policy import DEFAULT_POLICY
from verification.types import Channel
from verification.values.phone_numbers import parse
from verification.values.spoken_names import MAX_BRAND_LENGTH

# Extensions.


@pytest.mark.parametrize(("typed", "dialled"), [("+1 415 555 0100 ext. 123", "WW123"), ("+1 415 555 0100 x7", "WW7")])
async def test_an_extension_from_the_page_is_dialed_after_a_pause(setup: CallSetup, typed: str, dialled: str) -> None:
    browser = setup.browser()
    await browser.post(path_of("start"), {"username": "ada", "phone": typed, "channel": "call"})
    assert (setup.created["To"], setup.created["SendDigits"]) == (PHONE, dialled)
    await setup.phone.answer()
    assert setup.call.heard[0].text == dialled
    await setup.press(setup.transcript.keys)
    assert len(setup.transcript.codes) == 1
    assert list(setup.twilio.debugger) == []


@pytest.mark.parametrize(
    ("known", "dialled"),
    [
        (f"{PHONE},,,123", "WWWWWW123"),
        (f"{PHONE};ext=0042", "WW0042"),
        (f"{PHONE},,,,,123456789012345", "W" * 10 + "123456789012345"),
    ],
)
async def test_the_operator_may_lengthen_the_pause_and_the_extension(
    setup: CallSetup, known: str, dialled: str
) -> None:
    """What an application or an enrolled account says is the operator's; the page refuses it."""
    await setup.pick_up(number=known)
    assert (setup.created["To"], setup.created["SendDigits"]) == (PHONE, dialled)
    browser = setup.browser()
    refused = await browser.post(path_of("start"), {"username": "ada", "phone": known, "channel": "call"})
    assert refused.status == 400


async def test_an_extension_is_on_the_page_of_the_browser_that_typed_it_and_in_no_log(
    setup: CallSetup, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = setup.browser()
    await browser.post(path_of("start"), {"username": "ada", "phone": f"{PHONE} ext. 675309", "channel": "call"})
    setup.store.failure = errors.Unavailable("so that there is something in the log")
    await setup.phone.answer()
    setup.store.failure = None
    assert "+1 415-555-0100 ext. 675309" in (await browser.get("/")).text
    assert "voice webhook failed" in caplog.text
    for text in ((await setup.browser().get("/")).text, caplog.text, repr(parse(f"{PHONE} ext. 675309"))):
        assert "675309" not in text
    assert "675309" not in repr(engine.all_rows(setup.path))


async def test_a_resend_dials_the_extension_again(setup: CallSetup) -> None:
    verification = await setup.pick_up(number=f"{PHONE} ext. 123")
    await setup.phone.hang_up()
    await setup.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await setup.restart()
    await setup.verifier.resend(verification.sid, Channel.CALL)
    await setup.clock.settle()
    assert setup.created["SendDigits"] == "WW123"


async def test_no_text_is_offered_or_sent_to_an_extension(
    setup: CallSetup,
) -> None:
    await setup.read_code(number=f"{PHONE} ext. 123")
    await setup.press("5")
    assert not any("press 4" in sentence for sentence in setup.transcript.sentences)
    await setup.press("4")
    await setup.clock.run()
    assert not setup.twilio.messages


async def test_machine_detection_is_off_for_an_extension(tmp_path: Path) -> None:
    async with open_call_setup(tmp_path, detection=MachineDetection.WHILE_TALKING) as setup:
        await setup.start(number=f"{PHONE} ext. 123")
        assert "MachineDetection" not in setup.created
        await setup.start(number="+14155550101", username="bob")
        assert setup.created["MachineDetection"] == "Enable"


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ({}, (None, None)),
        ({"SAYCODE_MACHINE_DETECTION": "on"}, ("Enable", "true")),
        ({"SAYCODE_MACHINE_DETECTION": "on", "SAYCODE_KEYPRESS": "any"}, ("Enable", "true")),
        ({"SAYCODE_MACHINE_DETECTION": "on", "SAYCODE_KEYPRESS": "off"}, ("Enable", None)),
    ],
)
async def test_machine_detection_follows_the_setting_and_blocks_where_no_key_is_asked_for(
    tmp_path: Path, settings: dict[str, str], asked: tuple[str | None, str | None]
) -> None:
    simulator = create_simulator(account_sid=ACCOUNT, auth_token=TOKEN)
    simulator.state.twilio.add_number(SENDER)
    with served(simulator) as server:
        addresses = {"TWILIO_API_BASE_URL": server.url, "SAYCODE_DATABASE_URL": f"sqlite:///{tmp_path / 'store.db'}"}
        loaded = load(ENVIRONMENT | addresses | settings)
        app = build_app(loaded, open_store(loaded))
        async with running(app):
            await Browser(app).post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
    (request,) = simulator.state.twilio.request_log.requests
    parameters = dict(request.parameters)
    assert (parameters.get("MachineDetection"), parameters.get("AsyncAmd")) == asked
    assert ("AsyncAmdStatusCallback" in parameters) == (asked[1] is not None)


# Duration.


async def test_ringing_and_the_call_have_time_limits(setup: CallSetup) -> None:
    await setup.start()
    parameters = setup.created
    assert (parameters["Timeout"], parameters["TimeLimit"]) == (str(RING_SECONDS), str(CALL_SECONDS)) == ("25", "300")


def test_the_diagram_of_the_call_has_the_same_time_limits() -> None:
    page = call_flow.document()
    assert f"ring, {RING_SECONDS} s at most" in page
    assert f"{CALL_SECONDS} s at most in all" in page


async def test_a_call_with_endless_key_presses_ends_at_the_time_limit(setup: CallSetup) -> None:
    await setup.read_code()
    while setup.phone.current_call is not None:
        await setup.press("1")
        await setup.clock.advance(3)
    assert (setup.call.end_reason, setup.call.seconds) == (EndReason.TIME_LIMIT, CALL_SECONDS)


async def test_the_first_digit_is_said_within_twenty_seconds_of_the_answer_in_every_language(tmp_path: Path) -> None:
    brand = "Acme Insurance Company Limited"
    assert len(parse_brand(brand)) == MAX_BRAND_LENGTH
    async with open_call_setup(tmp_path, brand=brand) as setup:
        for index, language in enumerate(LANGUAGES):
            spoken = words(language)
            action = max(spoken.purposes, key=lambda name: speaking_seconds(spoken.purposes[name]))
            phone = setup.twilio.phone(f"+1415555{1000 + index}")
            phone.set_behaviour(on_call=OnCall.ANSWER)
            await setup.start(number=phone.number, username=language, language=language, action=action)
        await setup.clock.settle()
        phones = [setup.twilio.phone(f"+1415555{1000 + index}") for index in range(len(LANGUAGES))]
        await asyncio.gather(*(press_at_once(setup, phone.number) for phone in phones))
        await setup.clock.run()
        for language, phone in zip(LANGUAGES, phones, strict=True):
            (call,) = phone.calls
            prefix = words(language).call.code.partition("{")[0]
            first = next(heard for heard in call.heard if heard.text.startswith(prefix.strip()))
            assert call.answered is not None
            assert first.began + speaking_seconds(prefix) - call.answered < 20, language


async def press_at_once(setup: CallSetup, number: str) -> None:
    """Press both keys as soon as they were said."""
    phone = setup.twilio.phone(number)
    (call,) = phone.calls
    await setup.clock.run_until(lambda: len(call.heard) > 2)
    await phone.press(setup.document(call).keys)


# Text from outside.

ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_FROM_NUMBER": SENDER,
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": KEY,
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


ANNOUNCEMENTS: list[Prompt] = [AskForKeys("47", after=None), AskForAnyKey(after=None), Announce()]
PROMPTS: list[Prompt] = [
    *ANNOUNCEMENTS,
    AskForKeys("47", after=CallInput.KEYS),
    AskForCode(6),
    ReadCode("471902", opening=True),
    EndCall(CallEnding.NO_LONGER_NEEDED),
    EndCall(CallEnding.MACHINE),
]
TEXT = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp"), blacklist_characters="\u202d\u202e\ufffe\uffff")
)


@given(brand=TEXT | st.sampled_from(["</Say><Play>x", "&amp;", "]]>", "{code}", '"><!--']), action=TEXT)
def test_text_from_outside_never_becomes_markup(brand: str, action: str) -> None:
    for prompt in PROMPTS:
        root = ElementTree.fromstring(render(prompt, words("en-US"), brand=brand, purpose=action))
        assert {verb.tag for verb in root.iter()} <= {"Response", "Say", "Gather", "Pause", "Redirect", "Hangup"}
        if prompt in ANNOUNCEMENTS:
            sentence = next(root.iter("Say")).text or ""
            assert sentence.startswith(f"This is an automated call from {brand}")


@pytest.mark.parametrize("action", ["<Hangup/>", "your code is 111111", "x" * 5000, "unknown"])
async def test_an_undeclared_action_is_never_read_out(setup: CallSetup, action: str) -> None:
    with pytest.raises(ActionUnknown):
        await setup.start(action=action)
    assert setup.phone.calls == []


async def test_an_unknown_language_falls_back_and_never_breaks_a_call(setup: CallSetup) -> None:
    for language in ("xx", "../../etc", "", "de-AT"):
        await setup.pick_up(language=language, username=f"speaks {language}")
        expected = "Dies ist ein automatischer Anruf" if language == "de-AT" else "This is an automated call"
        assert setup.transcript.sentences[0].startswith(expected)
        await setup.phone.hang_up()
