"""Nothing secret before a person is there: tones, machines, and keys that are not the right ones."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from saycode.twilio.client import MachineDetection
from tests.support.app import PHONE, SENDER, open_page, path_of
from tests.support.call_setup import Village, open_village
from tests.support.call_transcript import Script
from twilio_simulator.network.handset import OnCall
from twiml.words import fill, words
from verification.models import Progress, Verification
from verification.policy import DEFAULT_POLICY, Keypress
from verification.types import CallStyle, DeliveryStatus

EN = words("en-US").call


@pytest.fixture
async def village(tmp_path: Path) -> AsyncIterator[Village]:
    async with open_village(tmp_path) as village:
        yield village


def nothing_secret(village: Village) -> bool:
    """Whether no call said a code and no text was sent."""
    scripts = [Script(document) for documents in village.documents.values() for document in documents]
    return not any(script.codes or script.alone for script in scripts) and not village.twilio.messages


async def posted(village: Village, verification: Verification, door: str, **fields: str) -> Script:
    """A webhook of the running call, as Twilio would sign it."""
    path = path_of(door, delivery=(await village.delivery(verification)).sid)
    answer = await village.hooks.post(path, {"CallSid": village.call.sid, **fields})
    assert answer.status == 200
    return Script(answer.text)


@pytest.mark.parametrize("stream", ["{}0", "0{}", "{}{}", "{}#", "*{}", "9{}9", "{}" * 25])
async def test_a_longer_stream_of_tones_with_the_right_keys_in_it_is_refused(village: Village, stream: str) -> None:
    verification = await village.pick_up()
    digits = stream.format(*[village.script.pair] * 25)
    refused = await posted(village, verification, "keys", Digits=digits)
    assert refused.said[0].startswith(EN.wrong_keys.partition("{")[0])
    assert refused.codes == set()


async def test_a_stream_of_tones_is_two_wrong_guesses_and_the_end(village: Village) -> None:
    await village.pick_up()
    await village.clock.run_until(lambda: village.call.listening)
    for _ in range(40):
        await village.phone.press("1" if village.script.asked_for != "11" else "2")
    assert village.script.said == [EN.endings.wrong_keys]
    assert village.call.documents == 3
    assert nothing_secret(village)


async def test_the_right_keys_before_they_were_asked_for_are_lost(village: Village) -> None:
    await village.pick_up()
    assert not village.call.listening
    await village.phone.press(village.script.pair)
    await village.silence()
    assert village.script.said[0].startswith(EN.no_keys.partition("{")[0])
    assert nothing_secret(village)


async def test_the_keys_are_new_for_the_second_try_and_in_the_next_call(village: Village) -> None:
    verification = await village.pick_up()
    first = village.script.pair
    await village.silence()
    second = village.script.pair
    await village.press(first)
    assert village.script.said == [EN.endings.wrong_keys]
    await village.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await village.verifier.resend(verification.sid, (await village.delivery(verification)).channel)
    await village.phone.answer()
    assert len({first, second, village.script.pair}) == 3
    assert nothing_secret(village)


async def test_wrong_keys_twice_end_in_a_polite_goodbye(village: Village) -> None:
    await village.pick_up()
    for _ in range(2):
        await village.press("11" if village.script.pair != "11" else "22")
    await village.silence()
    assert village.script.said == [EN.endings.wrong_keys]
    assert nothing_secret(village)


async def test_the_keys_work_in_their_own_call_only(village: Village) -> None:
    await village.pick_up(number="+14155550101", username="bob")
    other = village.document(village.twilio.phone("+14155550101").calls[0]).pair
    await village.pick_up()
    assert other != village.script.pair
    await village.press(other)
    assert nothing_secret(village)


# The other ways of proving that a person is there.


async def test_any_key_opens_where_any_is_asked_for_but_no_stream_and_no_silence(tmp_path: Path) -> None:
    async with open_village(tmp_path, policy=replace(DEFAULT_POLICY, keypress=Keypress.ANY)) as village:
        verification = await village.pick_up()
        assert (await posted(village, verification, "keys", Digits="55")).codes == set()
        assert nothing_secret(village)
        await village.press("5")
        assert len(village.script.codes) == 1


async def test_silence_where_any_key_is_asked_for_ends_the_call(tmp_path: Path) -> None:
    async with open_village(tmp_path, policy=replace(DEFAULT_POLICY, keypress=Keypress.ANY)) as village:
        await village.pick_up()
        await village.clock.run()
        assert village.script.said == [EN.endings.nothing_pressed]
        assert nothing_secret(village)


async def test_without_a_gate_who_and_why_and_how_to_report_are_still_said_first(tmp_path: Path) -> None:
    async with open_village(tmp_path, policy=replace(DEFAULT_POLICY, keypress=Keypress.OFF)) as village:
        await village.pick_up()
        first = village.script
        await village.silence()
        assert first.said == [fill(EN.announcement, brand="Acme", purpose="to sign in"), fill(EN.did_not_ask, keys="0")]
        assert village.script.said[0] == EN.nobody_will_ask
        assert len(village.script.codes) == 1


@pytest.mark.parametrize("keypress", [Keypress.ANY, Keypress.OFF])
async def test_zero_reports_before_the_code_there_too(tmp_path: Path, keypress: Keypress) -> None:
    async with open_village(tmp_path, policy=replace(DEFAULT_POLICY, keypress=keypress)) as village:
        await village.pick_up()
        await village.press("0")
        assert village.script.said == [EN.endings.reported]
        assert nothing_secret(village)


# Voicemail, machines, fax.


@pytest.mark.parametrize("listener", [OnCall.VOICEMAIL, OnCall.FAX, OnCall.SILENCE])
async def test_whatever_answers_but_presses_nothing_hears_no_code(village: Village, listener: OnCall) -> None:
    village.phone.set_behaviour(on_call=listener)
    verification = await village.start()
    await village.clock.run()
    assert village.call.answered is not None
    assert nothing_secret(village)
    assert (await village.delivery(verification)).progress is Progress.ANSWERED


@pytest.mark.parametrize("keypress", Keypress)
@pytest.mark.parametrize("listener", [OnCall.VOICEMAIL, OnCall.FAX])
async def test_a_machine_that_was_detected_gets_a_goodbye_and_no_code_and_no_text(
    tmp_path: Path, listener: OnCall, keypress: Keypress
) -> None:
    detection = MachineDetection.BEFORE_TALKING if keypress is Keypress.OFF else MachineDetection.WHILE_TALKING
    async with open_village(
        tmp_path, policy=replace(DEFAULT_POLICY, keypress=keypress), detection=detection
    ) as village:
        village.phone.set_behaviour(on_call=listener)
        verification = await village.start()
        await village.clock.run()
        assert village.script.said == [fill(EN.endings.machine, brand="Acme")]
        assert nothing_secret(village)
        delivery = await village.delivery(verification)
        assert (delivery.machine, delivery.status) == (True, DeliveryStatus.COMPLETED)
        assert list(village.twilio.debugger) == []


async def test_a_machine_is_not_asked_for_a_code_for_long(tmp_path: Path) -> None:
    async with open_village(tmp_path, detection=MachineDetection.WHILE_TALKING) as village:
        village.phone.set_behaviour(on_call=OnCall.VOICEMAIL)
        verification = await village.start(style=CallStyle.KEY)
        await village.clock.run()
        assert village.script.said == [fill(EN.endings.machine, brand="Acme")]
        assert village.call.documents == 2
        assert (await village.delivery(verification)).machine


async def test_the_page_says_that_a_machine_answered(tmp_path: Path) -> None:
    async with open_village(tmp_path, detection=MachineDetection.WHILE_TALKING) as village:
        village.phone.set_behaviour(on_call=OnCall.VOICEMAIL)
        browser = village.browser()
        await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
        await village.clock.run()
        assert words("en-US").page.progress.call_machine in (await open_page(browser)).text


@pytest.mark.parametrize("detection", [MachineDetection.WHILE_TALKING, MachineDetection.BEFORE_TALKING])
async def test_a_person_is_not_hindered_by_detection(tmp_path: Path, detection: MachineDetection) -> None:
    async with open_village(tmp_path, detection=detection) as village:
        verification, code = await village.read_code()
        await village.clock.run()
        assert (await village.verifier.check(verification.sid, code)).valid
        assert not (await village.delivery(verification)).machine
        assert list(village.twilio.debugger) == []


async def test_a_machine_that_is_detected_while_the_code_is_read_is_hung_up_on(village: Village) -> None:
    verification, _ = await village.read_code()
    sid = (await village.delivery(verification)).sid
    result = {"CallSid": village.call.sid, "AnsweredBy": "machine_end_beep"}
    answer = await village.hooks.post(path_of("machine", delivery=sid), result)
    await village.clock.settle()
    assert answer.status == 204
    assert village.phone.current_call is None
    assert (await posted(village, verification, "keys", Digits="1")).codes == set()


async def test_a_machine_that_is_detected_at_the_gate_hears_goodbye_next_whatever_it_presses(village: Village) -> None:
    verification = await village.pick_up()
    sid, pair = (await village.delivery(verification)).sid, village.script.pair
    result = {"CallSid": village.call.sid, "AnsweredBy": "fax"}
    await village.hooks.post(path_of("machine", delivery=sid), result)
    await village.press(pair)
    assert village.script.said == [fill(EN.endings.machine, brand="Acme")]
    assert nothing_secret(village)


@pytest.mark.parametrize("result", ["human", "unknown", "", "mach"])
async def test_any_other_verdict_changes_nothing(village: Village, result: str) -> None:
    verification = await village.pick_up()
    sid = (await village.delivery(verification)).sid
    fields = {"CallSid": village.call.sid, "AnsweredBy": result}
    assert (await village.hooks.post(path_of("machine", delivery=sid), fields)).status == 204
    await village.press(village.script.pair)
    assert len(village.script.codes) == 1


async def test_another_calls_verdict_changes_nothing(village: Village) -> None:
    verification = await village.pick_up()
    sid = (await village.delivery(verification)).sid
    fields = {"CallSid": "CA" + "9" * 32, "AnsweredBy": "fax"}
    assert (await village.hooks.post(path_of("machine", delivery=sid), fields)).status == 404
    assert not (await village.delivery(verification)).machine


# Somebody calls us.


async def test_whoever_calls_us_hears_no_code_whether_one_is_waiting_or_not(village: Village) -> None:
    heard = []
    for wait in (False, True):
        if wait:
            village.phone.set_behaviour(on_call=OnCall.BUSY)
            await village.start()
            await village.clock.run()
        await village.phone.call(SENDER)
        await village.phone.press("1")
        heard.append(village.documents[village.phone.calls[-1].sid])
        await village.clock.run()
    assert heard[0] == heard[1]
    assert nothing_secret(village)
