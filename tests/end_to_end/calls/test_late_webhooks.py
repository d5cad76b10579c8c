"""Late and strange: answers after the end, replays, other calls, restarts, and a code table that fails."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.app import PHONE, open_page, path_of
from tests.support.call_setup import Village, open_village
from tests.support.call_transcript import Script
from twilio_simulator.network.call import CallStatus
from twiml.words import fill, words
from verification.errors import Unavailable
from verification.models import CallStage, Verification
from verification.policy import DEFAULT_POLICY
from verification.types import CallStyle, Channel, DeliveryStatus

EN = words("en-US").call
NOT_NEEDED = [fill(EN.endings.no_longer_needed, brand="Acme")]
SORRY = [fill(EN.endings.sorry, brand="Acme")]
OTHER_CALL = "CA" + "9" * 32


@pytest.fixture
async def village(tmp_path: Path) -> AsyncIterator[Village]:
    async with open_village(tmp_path) as village:
        yield village


async def posted(village: Village, sid: str, door: str, **fields: str) -> Script:
    """A webhook about the newest call, as Twilio would sign it."""
    answer = await village.hooks.post(path_of(door, delivery=sid), {"CallSid": village.call.sid, **fields})
    assert answer.status == 200
    return Script(answer.text)


# Answered after the end.


async def approve(village: Village, verification: Verification) -> None:
    """With the code of the text that came before the call."""
    (text,) = village.twilio.messages.values()
    code = text.body.split("#")[-1]
    assert (await village.verifier.check(verification.sid, code)).valid


async def expire(village: Village, verification: Verification) -> None:
    await village.clock.advance(verification.expires_at - village.clock.now())


async def cancel(village: Village, verification: Verification) -> None:
    """When Twilio is asked to end the call it fails, so the phone rings on."""
    village.twilio.fail_next(500, path="/Calls/")
    await village.verifier.cancel(verification.sid)


@pytest.mark.parametrize("end", [approve, expire, cancel])
async def test_whoever_answers_too_late_hears_that_it_is_no_longer_needed(
    tmp_path: Path, end: Callable[[Village, Verification], Awaitable[None]]
) -> None:
    async with open_village(
        tmp_path, policy=replace(DEFAULT_POLICY, code_lifetime=40, repeat_spacing=(20,))
    ) as village:
        verification = await village.start(channel=Channel.SMS)
        await village.clock.advance(20)
        await village.verifier.resend(verification.sid, Channel.CALL)
        await village.clock.settle()
        await end(village, verification)
        assert village.call.status is CallStatus.RINGING
        await village.phone.answer()
        await village.clock.run()
        assert [script.said for script in village.scripts] == [NOT_NEEDED]
        assert (village.call.status, village.call.ending) == (CallStatus.COMPLETED, None)


@pytest.mark.parametrize("style", CallStyle)
async def test_a_call_that_outlives_the_code_hears_that_it_is_no_longer_needed(
    tmp_path: Path, style: CallStyle
) -> None:
    async with open_village(tmp_path, policy=replace(DEFAULT_POLICY, code_lifetime=30)) as village:
        verification = await village.start(style=style)
        await village.clock.advance(24)
        await village.phone.answer()
        pressed = village.script.asked_for or village.verifier.shown_code(verification) or ""
        await village.clock.advance(7)
        await village.press(pressed)
        assert village.script.said == NOT_NEEDED


async def test_what_was_cancelled_stops_ringing(village: Village) -> None:
    verification = await village.start()
    await village.clock.settle()
    await village.verifier.cancel(verification.sid)
    await village.clock.settle()
    assert village.call.status is CallStatus.CANCELED


# Replayed, or from another call.

KEYS = ["1", "2", "3", "4", "0", "9", "pair"]


@pytest.mark.parametrize("digits", KEYS)
async def test_a_key_press_that_is_replayed_after_the_call_says_nothing_and_does_nothing(
    village: Village, digits: str
) -> None:
    verification = await village.pick_up()
    pair = village.script.pair
    await village.press(pair)
    await village.phone.hang_up()
    before = await village.state(verification)
    sid = before.deliveries[0].sid
    for door in ("keys", "silence", "answered"):
        assert (await posted(village, sid, door, Digits=pair if digits == "pair" else digits)).said == NOT_NEEDED
    assert await village.state(verification) == before
    assert not village.twilio.messages


@pytest.mark.parametrize("digits", KEYS)
async def test_a_key_press_that_is_replayed_after_the_goodbye_says_nothing(village: Village, digits: str) -> None:
    """The call is still up: the goodbye is being said."""
    verification = await village.pick_up()
    pair = village.script.pair
    await village.press(pair)
    await village.press("5")
    await village.press("5")
    await village.press("5")
    assert village.script.said == [EN.endings.goodbye]
    sid = (await village.delivery(verification)).sid
    assert (await posted(village, sid, "keys", Digits=pair if digits == "pair" else digits)).said == NOT_NEEDED


async def test_the_key_press_that_opened_the_gate_is_no_key_of_the_menu(village: Village) -> None:
    verification = await village.pick_up()
    pair = village.script.pair
    await village.press(pair)
    replayed = await posted(village, (await village.delivery(verification)).sid, "keys", Digits=pair)
    assert replayed.codes == set()


@pytest.mark.parametrize("call_sid", [OTHER_CALL, "", "CA"])
@pytest.mark.parametrize("door", ["answered", "keys", "silence"])
async def test_with_another_calls_sid_there_is_no_document(village: Village, door: str, call_sid: str) -> None:
    verification, code = await village.read_code()
    sid = (await village.delivery(verification)).sid
    answer = await village.hooks.post(path_of(door, delivery=sid), {"CallSid": call_sid, "Digits": "1"})
    assert (answer.status, answer.body) == (404, b"")
    assert (await village.verifier.check(verification.sid, code)).valid


async def test_one_call_cannot_hear_the_code_of_another(village: Village) -> None:
    verification, code = await village.read_code()
    mine = village.call.sid
    await village.pick_up(number="+14155550101", username="bob")
    other = village.twilio.phone("+14155550101").calls[0].sid
    sid = (await village.delivery(verification)).sid
    assert mine != other
    answer = await village.hooks.post(path_of("keys", delivery=sid), {"CallSid": other, "Digits": "1"})
    assert answer.status == 404
    assert ", ".join(code).encode() not in answer.body


# A restart.


@pytest.mark.parametrize("key", ["1", "2"])
async def test_after_a_restart_the_next_key_goes_on_with_the_same_code(village: Village, key: str) -> None:
    _, code = await village.read_code()
    await village.restart()
    await village.press(key)
    assert code in (*village.script.codes, village.script.alone)


async def test_after_a_restart_the_same_keys_open_the_gate(village: Village) -> None:
    await village.pick_up()
    await village.restart()
    await village.press(village.script.pair)
    assert len(village.script.codes) == 1


async def test_one_character_at_a_time_goes_on_at_the_next_after_a_restart(village: Village) -> None:
    _, code = await village.read_code()
    await village.press("3")
    heard = village.script.alone
    for _ in code[1:]:
        await village.restart()
        await village.press("5")
        heard += village.script.alone
    assert heard == code


async def test_a_code_that_was_shown_before_a_restart_is_taken_after_it(village: Village) -> None:
    verification = await village.pick_up(style=CallStyle.KEY)
    shown = village.verifier.shown_code(verification)
    await village.restart()
    assert shown is not None
    await village.press(shown)
    assert village.script.said == [EN.endings.typed_approved]


# Our own part fails.


@pytest.mark.parametrize("pressed", ["the pair", "2", "3"])
async def test_a_database_that_is_locked_is_apologised_for_and_the_call_ends(tmp_path: Path, pressed: str) -> None:
    async with open_village(tmp_path, patience=0.05) as village:
        verification = await village.pick_up()
        if pressed != "the pair":
            await village.press(village.script.pair)
        heard = len(village.scripts)
        with sqlite3.connect(village.path) as other:
            other.execute("BEGIN IMMEDIATE")
            await village.press(village.script.pair if pressed == "the pair" else pressed)
            assert [script.said for script in village.scripts[heard:]] == [SORRY]
            other.rollback()
        await village.clock.run()
        assert (village.call.status, village.call.ending) == (CallStatus.COMPLETED, None)
        webhooks = [hook for hook in village.twilio.request_log.webhooks if hook.purpose == "twiml"]
        assert {hook.status for hook in webhooks} == {200}
        assert (await village.delivery(verification)).stage in (CallStage.GATE, CallStage.READING)


@pytest.mark.parametrize("failure", [Unavailable("the disk is full"), RuntimeError("a fault of our own")])
@pytest.mark.parametrize("style", CallStyle)
async def test_nothing_about_a_failure_is_in_the_apology_and_the_code_still_works(
    village: Village, style: CallStyle, failure: Exception
) -> None:
    verification = await village.pick_up(style=style)
    village.store.failure = failure
    await village.press(village.script.asked_for or "471902")
    assert village.script.said == SORRY
    assert str(failure) not in village.script.text
    village.store.failure = None
    assert not (await village.state(verification)).verification.status.final  # type: ignore[union-attr]  # it is there


async def test_what_became_of_a_call_that_we_failed_is_found_out_afterwards(village: Village) -> None:
    """No callback got through either, so the record still says that the call is up, until we ask Twilio."""
    verification = await village.pick_up()
    village.store.failure = Unavailable("the disk is full")
    await village.press(village.script.pair)
    await village.clock.run()
    village.store.failure = None
    assert (await village.delivery(verification)).status is DeliveryStatus.ANSWERED
    await village.clock.advance(DEFAULT_POLICY.quiet_timeout + 1)
    await village.verifier.settle()
    assert (await village.delivery(verification)).status is DeliveryStatus.COMPLETED


async def test_somebody_who_was_apologised_to_can_be_called_again(village: Village) -> None:
    browser = village.browser()
    await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
    await village.phone.answer()
    village.store.failure = Unavailable("the disk is full")
    await village.press(village.script.pair)
    village.store.failure = None
    await village.clock.run()
    await village.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    assert "repeat" in (await open_page(browser)).next
    await browser.post(path_of("next"), {"next": "repeat"})
    await village.phone.answer()
    await village.press(village.script.pair)
    assert len(village.script.codes) == 1
