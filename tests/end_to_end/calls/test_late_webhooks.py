"""Webhooks that come late, twice or from another call, restarts, and a store that fails."""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.app import PHONE, TOKEN, open_page, path_of
from tests.support.call_setup import PUBLIC_URL, CallSetup, open_call_setup
from tests.support.call_transcript import Transcript
from twilio_simulator.http.signing import SigningMode
from twilio_simulator.network.call import CallStatus
from twiml.words import fill, words
from verification.errors import Unavailable
from verification.models import CallStage, Verification
from verification.policy import DEFAULT_POLICY
from verification.types import CallStyle, Channel, DeliveryStatus
from verification.values.references import reference
from webhooks.signature import signature_validator

EN = words("en-US").call
NOT_NEEDED = [fill(EN.endings.no_longer_needed, brand="Acme")]
OTHER_CALL = "CA" + "9" * 32


async def posted(setup: CallSetup, sid: str, route: str, **fields: str) -> Transcript:
    """A webhook about the newest call, as Twilio would sign it."""
    answer = await setup.hooks.post(path_of(route, delivery=sid), {"CallSid": setup.call.sid, **fields})
    assert answer.status == 200
    return Transcript(answer.text)


# Answered after the end.


async def approve(setup: CallSetup, verification: Verification) -> None:
    """Continue of the text message that came before the call."""
    (text,) = setup.twilio.messages.values()
    code = text.body.split("#")[-1]
    assert (await setup.verifier.check(verification.sid, code)).valid


async def expire(setup: CallSetup, verification: Verification) -> None:
    await setup.clock.advance(verification.expires_at - setup.clock.now())


async def cancel(setup: CallSetup, verification: Verification) -> None:
    """Twilio fails to end the call, so the phone keeps ringing."""
    setup.twilio.fail_next(500, path="/Calls/")
    await setup.verifier.hang_up((await setup.verifier.cancel(verification.sid)).hang_up)


@pytest.mark.parametrize("end", [approve, expire, cancel])
async def test_a_call_answered_too_late_says_that_the_code_is_no_longer_needed(
    tmp_path: Path, end: Callable[[CallSetup, Verification], Awaitable[None]]
) -> None:
    async with open_call_setup(
        tmp_path, policy=replace(DEFAULT_POLICY, code_lifetime=40, repeat_spacing=(20,))
    ) as setup:
        verification = await setup.start(channel=Channel.SMS)
        await setup.clock.advance(20)
        await setup.verifier.resend(verification.sid, Channel.CALL)
        await setup.clock.settle()
        await end(setup, verification)
        assert setup.call.status is CallStatus.RINGING
        await setup.phone.answer()
        await setup.clock.run()
        assert [transcript.sentences for transcript in setup.transcripts] == [NOT_NEEDED]
        assert (setup.call.status, setup.call.end_reason) == (CallStatus.COMPLETED, None)


@pytest.mark.parametrize("style", CallStyle)
async def test_a_call_that_outlives_the_code_says_that_it_is_no_longer_needed(tmp_path: Path, style: CallStyle) -> None:
    async with open_call_setup(tmp_path, policy=replace(DEFAULT_POLICY, code_lifetime=30)) as setup:
        verification = await setup.start(style=style)
        await setup.clock.advance(24)
        await setup.phone.answer()
        pressed = setup.transcript.asked_for or setup.verifier.shown_code(verification) or ""
        await setup.clock.advance(7)
        await setup.press(pressed)
        assert setup.transcript.sentences == NOT_NEEDED


async def test_a_canceled_call_stops_ringing(setup: CallSetup) -> None:
    verification = await setup.start()
    await setup.clock.settle()
    await setup.verifier.hang_up((await setup.verifier.cancel(verification.sid)).hang_up)
    await setup.clock.settle()
    assert setup.call.status is CallStatus.CANCELED


# Replayed, or from another call.

KEYS = ["1", "2", "3", "4", "0", "9", "pair"]


@pytest.mark.parametrize("digits", KEYS)
async def test_a_key_press_replayed_after_the_call_has_no_effect_and_gets_no_code(
    setup: CallSetup, digits: str
) -> None:
    verification = await setup.pick_up()
    pair = setup.transcript.keys
    await setup.press(pair)
    await setup.phone.hang_up()
    before = await setup.state(verification)
    sid = before.deliveries[0].sid
    for route in ("call_keys", "call_silence", "call_answered"):
        assert (await posted(setup, sid, route, Digits=pair if digits == "pair" else digits)).sentences == NOT_NEEDED
    assert await setup.state(verification) == before
    assert not setup.twilio.messages


@pytest.mark.parametrize("digits", KEYS)
async def test_a_key_press_replayed_after_the_goodbye_gets_no_code(setup: CallSetup, digits: str) -> None:
    """The call is still up: the goodbye is being said."""
    verification = await setup.pick_up()
    pair = setup.transcript.keys
    await setup.press(pair)
    await setup.silence()
    await setup.silence()
    assert setup.transcript.sentences == [EN.endings.goodbye]
    sid = (await setup.delivery(verification)).sid
    assert (await posted(setup, sid, "call_keys", Digits=pair if digits == "pair" else digits)).sentences == NOT_NEEDED


async def test_the_replayed_pair_is_not_a_key_of_the_menu(setup: CallSetup) -> None:
    verification = await setup.pick_up()
    pair = setup.transcript.keys
    await setup.press(pair)
    replayed = await posted(setup, (await setup.delivery(verification)).sid, "call_keys", Digits=pair)
    assert replayed.codes == set()


@pytest.mark.parametrize("call_sid", [OTHER_CALL, "", "CA"])
@pytest.mark.parametrize("route", ["call_answered", "call_keys", "call_silence"])
async def test_a_webhook_with_the_sid_of_another_call_gets_no_document(
    setup: CallSetup, route: str, call_sid: str
) -> None:
    verification, code = await setup.read_code()
    sid = (await setup.delivery(verification)).sid
    answer = await setup.hooks.post(path_of(route, delivery=sid), {"CallSid": call_sid, "Digits": "1"})
    assert (answer.status, answer.body) == (404, b"")
    assert (await setup.verifier.check(verification.sid, code)).valid


async def test_one_call_cannot_hear_the_code_of_another(setup: CallSetup) -> None:
    verification, code = await setup.read_code()
    own = setup.call.sid
    await setup.pick_up(number="+14155550101", username="bob")
    other = setup.twilio.phone("+14155550101").calls[0].sid
    sid = (await setup.delivery(verification)).sid
    assert own != other
    answer = await setup.hooks.post(path_of("call_keys", delivery=sid), {"CallSid": other, "Digits": "1"})
    assert answer.status == 404
    assert ", ".join(code).encode() not in answer.body


# A restart.


@pytest.mark.parametrize("key", ["1", "2"])
async def test_after_a_restart_the_next_key_goes_on_with_the_same_code(setup: CallSetup, key: str) -> None:
    _, code = await setup.hear_menu()
    await setup.restart()
    await setup.press(key)
    assert code in (*setup.transcript.codes, setup.transcript.alone)


async def test_after_a_restart_the_same_keys_open_the_gate(setup: CallSetup) -> None:
    await setup.pick_up()
    await setup.restart()
    await setup.press(setup.transcript.keys)
    assert len(setup.transcript.codes) == 1


async def test_one_character_at_a_time_goes_on_at_the_next_after_a_restart(setup: CallSetup) -> None:
    _, code = await setup.hear_menu()
    await setup.press("3")
    characters = setup.transcript.alone
    for _ in code[1:]:
        await setup.restart()
        await setup.press("5")
        characters += setup.transcript.alone
    assert characters == code


async def test_a_code_shown_before_a_restart_is_accepted_after_it(setup: CallSetup) -> None:
    verification = await setup.pick_up(style=CallStyle.KEY)
    shown = setup.verifier.shown_code(verification)
    await setup.press(setup.transcript.keys)
    await setup.restart()
    assert shown is not None
    await setup.press(shown)
    assert setup.transcript.sentences == [EN.endings.typed_approved]


# Failures of our own.


def sorry(delivery: str) -> list[str]:
    """What the apology of this delivery says."""
    digits = ", ".join(reference(delivery))
    first, second = digits[:10], digits[12:]
    named = [fill(EN.reference, reference=first), second, fill(EN.once_more, code=first), second]
    return [fill(EN.endings.sorry, brand="Acme"), *named, EN.endings.goodbye]


@pytest.mark.sqlite
@pytest.mark.parametrize("pressed", ["the pair", "2", "3"])
async def test_a_locked_database_is_an_apology_and_the_call_ends(tmp_path: Path, pressed: str) -> None:
    async with open_call_setup(tmp_path, patience=0.05) as setup:
        verification = await setup.pick_up()
        if pressed != "the pair":
            await setup.press(setup.transcript.keys)
            await setup.silence()
        before = len(setup.transcripts)
        with sqlite3.connect(setup.path) as other:
            other.execute("BEGIN IMMEDIATE")
            await setup.press(setup.transcript.keys if pressed == "the pair" else pressed)
            heard = [transcript.sentences for transcript in setup.transcripts[before:]]
            other.rollback()
        delivery = await setup.delivery(verification)
        assert heard == [sorry(delivery.sid)]
        await setup.clock.run()
        assert (setup.call.status, setup.call.end_reason) == (CallStatus.COMPLETED, None)
        webhooks = [hook for hook in setup.twilio.request_log.webhooks if hook.purpose == "twiml"]
        assert {hook.status for hook in webhooks} == {200}
        assert delivery.stage in (CallStage.GATE, CallStage.MENU)


@pytest.mark.parametrize("failure", [Unavailable("the disk is full"), RuntimeError("a bug of our own")])
@pytest.mark.parametrize("style", CallStyle)
async def test_the_apology_says_nothing_about_the_failure_and_the_code_still_works(
    setup: CallSetup, style: CallStyle, failure: Exception
) -> None:
    verification = await setup.pick_up(style=style)
    setup.store.failure = failure
    await setup.press(setup.transcript.asked_for or "471902")
    heard = setup.transcript
    assert str(failure) not in heard.text
    setup.store.failure = None
    assert heard.sentences == sorry((await setup.delivery(verification)).sid)
    assert not (await setup.state(verification)).verification.status.final  # type: ignore[union-attr]  # it is there


async def test_the_status_of_a_call_that_failed_is_fetched_afterwards(setup: CallSetup) -> None:
    """No callback got through either, so the record still says that the call is up, until we ask Twilio."""
    verification = await setup.pick_up()
    setup.store.failure = Unavailable("the disk is full")
    await setup.press(setup.transcript.keys)
    await setup.clock.run()
    setup.store.failure = None
    assert (await setup.delivery(verification)).status is DeliveryStatus.ANSWERED
    await setup.clock.advance(DEFAULT_POLICY.quiet_timeout + 1)
    await setup.verifier.reconcile()
    assert (await setup.delivery(verification)).status is DeliveryStatus.COMPLETED


async def test_after_an_apology_the_person_can_be_called_again(setup: CallSetup) -> None:
    browser = setup.browser()
    await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
    await setup.phone.answer()
    setup.store.failure = Unavailable("the disk is full")
    await setup.press(setup.transcript.keys)
    setup.store.failure = None
    await setup.clock.run()
    await setup.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    assert "repeat" in (await open_page(browser)).next
    await browser.post(path_of("next_step"), {"next": "repeat"})
    await setup.phone.answer()
    await setup.press(setup.transcript.keys)
    assert len(setup.transcript.codes) == 1


async def test_a_call_goes_on_while_signatures_move_to_a_shared_key_and_back(setup: CallSetup) -> None:
    key, secret = setup.twilio.account.shared_key
    setup.serve(replace(setup.context, signatures=signature_validator(PUBLIC_URL, (TOKEN, secret))))
    await setup.pick_up()
    setup.twilio.signing = SigningMode.SHARED_KEY
    await setup.press(setup.transcript.keys)
    assert setup.transcript.codes
    setup.twilio.signing = SigningMode.RIGHT
    await setup.silence()
    assert not setup.transcript.codes, "the menu"
    assert list(setup.twilio.debugger) == []
    setup.twilio.signing, setup.twilio.account.shared_key = SigningMode.SHARED_KEY, (key, "another secret")
    await setup.press("1")
    assert {entry.code for entry in setup.twilio.debugger} == {11200, 15003}, "of the document and of the status"
