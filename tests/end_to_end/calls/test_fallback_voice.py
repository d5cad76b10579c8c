"""A call whose document Twilio cannot fetch, or whose voice it cannot speak with: the same state, once more."""

import logging
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.support.app import PHONE, SENDER, path_of
from tests.support.call_setup import CallSetup
from twiml.words import words
from verification.types import CallStyle

BUILT_IN = words("en-US").voice
SPARE = "Google.en-US-Standard-C"


def voices(setup: CallSetup) -> list[str]:
    """The voices that the person heard, each once, in order."""
    return list(dict.fromkeys(heard.voice for heard in setup.call.heard if heard.kind == "say"))


def choose(setup: CallSetup, *, voice: str = "", fallback: str = "") -> None:
    """The operator's settings for English."""
    setup.serve(
        replace(
            setup.context,
            voices={"en-US": voice} if voice else {},
            fallback_voices={"en-US": fallback} if fallback else {},
        )
    )


class FailsOnce:
    """The application behind a proxy that answers one request itself, with 502."""

    def __init__(self, app: ASGIApp, path: str) -> None:
        self.app, self.path = app, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith(self.path) and self.path:
            self.path = ""
            await Response(status_code=502)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


@pytest.mark.parametrize(
    ("voice", "fallback", "heard"),
    [
        ("", SPARE, SPARE),
        ("Polly.Ruth-Neural", SPARE, SPARE),
        ("Polly.Ruth-Neural", "", BUILT_IN),
        ("", "", "man"),  # the simulator's account has no other default
    ],
)
async def test_a_call_whose_voice_fails_goes_on_in_another_one_to_its_end(
    setup: CallSetup, voice: str, fallback: str, heard: str
) -> None:
    choose(setup, voice=voice, fallback=fallback)
    setup.twilio.failing_voices = frozenset({voice or BUILT_IN})
    verification, code = await setup.read_code()
    await setup.silence()
    await setup.press("1")
    assert setup.transcript.codes == {code}
    assert voices(setup) == [heard]
    assert [entry.code for entry in setup.twilio.debugger] == [13511], "the voice is remembered for the rest"
    delivery = await setup.delivery(verification)
    assert (delivery.tries, delivery.silences) == (0, 0)


async def test_a_voice_that_fails_in_the_middle_says_the_same_again_and_counts_nothing(setup: CallSetup) -> None:
    choose(setup, fallback=SPARE)
    verification = await setup.pick_up()
    await setup.press("112")  # a wrong guess, the one that is forgiven
    keys = setup.transcript.keys
    await setup.clock.run_until(lambda: setup.call.listening)
    setup.twilio.failing_voices = frozenset({BUILT_IN})
    await setup.press(keys)
    (code,) = setup.transcript.codes
    assert (await setup.delivery(verification)).tries == 1
    await setup.silence()
    heard = [heard.text for heard in setup.call.heard if heard.voice == SPARE]
    assert heard[0] == f"Your code is: {', '.join(code)}"
    await setup.press("2")
    assert setup.transcript.sentences[1:] == list(code), "said slowly"
    assert voices(setup) == [BUILT_IN, SPARE]


async def test_every_document_of_the_rest_has_addresses_with_the_sid_of_the_delivery_only(setup: CallSetup) -> None:
    choose(setup, fallback=SPARE)
    setup.twilio.failing_voices = frozenset({BUILT_IN})
    verification, code = await setup.read_code()
    sid = (await setup.delivery(verification)).sid
    asked = {urlsplit(webhook.url).path for webhook in setup.twilio.request_log.webhooks}
    assert {path_of("call_fallback", delivery=sid), path_of("call_fallback_keys", delivery=sid)} <= asked
    assert not any(code in path for path in asked)


async def test_the_log_says_that_a_voice_failed_without_number_or_code(
    setup: CallSetup, caplog: pytest.LogCaptureFixture
) -> None:
    choose(setup, fallback=SPARE)
    setup.twilio.failing_voices = frozenset({BUILT_IN})
    with caplog.at_level(logging.WARNING):
        await setup.read_code()
    (record,) = [record for record in caplog.records if "play a document" in record.getMessage()]
    assert record.__dict__["fields"] == {"error": "13511", "answered": "answered"}
    assert PHONE not in caplog.text


@pytest.mark.parametrize("path", ["answered", "keys", "silence"])
async def test_a_document_that_was_lost_is_said_again_in_the_same_voice(setup: CallSetup, path: str) -> None:
    choose(setup, fallback=SPARE)
    setup.app.app = FailsOnce(setup.app.app, path)
    await setup.pick_up()
    while not setup.transcript.keys:
        await setup.silence()
    keys = setup.transcript.keys
    await setup.press(keys)
    if path == "keys":  # they were lost with the request, so the call asks for them again
        await setup.press(setup.transcript.keys)
    assert len(setup.transcript.codes) == 1
    if path == "silence":  # lost after the code, so the call says it once more
        said = setup.transcript.codes
        await setup.silence()
        assert setup.transcript.codes == said
    assert voices(setup) == [BUILT_IN]
    assert [entry.code for entry in setup.twilio.debugger] == [11200]


async def test_a_check_on_the_keypad_is_not_used_up_twice(setup: CallSetup) -> None:
    choose(setup, fallback=SPARE)
    verification = await setup.pick_up(style=CallStyle.KEY)
    await setup.press(setup.transcript.keys)
    setup.twilio.failing_voices = frozenset({BUILT_IN})
    right = setup.verifier.shown_code(verification)
    assert right is not None
    await setup.press(right)
    assert "Thank you" in setup.call.heard[-1].text
    assert setup.call.heard[-1].voice == SPARE


async def test_a_fallback_of_another_call_is_404(setup: CallSetup) -> None:
    verification = await setup.pick_up()
    sid = (await setup.delivery(verification)).sid
    form = {"CallSid": "CA" + "f" * 32, "From": SENDER, "To": PHONE, "ErrorCode": "13511", "ErrorUrl": "x/keys"}
    assert (await setup.hooks.post(path_of("call_fallback", delivery=sid), form)).status == 404
