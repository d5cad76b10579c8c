"""Nothing secret before a person proved to be there: tones, machines, and keys that are not the pair."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.twilio.config import MachineDetection
from tests.support.app import PHONE, SENDER, open_page, path_of
from tests.support.call_setup import CallSetup, open_call_setup
from tests.support.call_transcript import Transcript
from twilio_simulator.network.handset import OnCall
from twiml.words import fill, words
from verification.models import Progress, Verification
from verification.policy import DEFAULT_POLICY, Keypress
from verification.types import CallStyle, DeliveryStatus

EN = words("en-US").call


def nothing_secret(setup: CallSetup) -> bool:
    """Whether no call said a code and no text was sent."""
    transcripts = [Transcript(document) for documents in setup.documents.values() for document in documents]
    return not any(transcript.codes or transcript.alone for transcript in transcripts) and not setup.twilio.messages


async def posted(setup: CallSetup, verification: Verification, route: str, **fields: str) -> Transcript:
    """A webhook of the running call, as Twilio would sign it."""
    path = path_of(route, delivery=(await setup.delivery(verification)).sid)
    answer = await setup.hooks.post(path, {"CallSid": setup.call.sid, **fields})
    assert answer.status == 200
    return Transcript(answer.text)


@pytest.mark.parametrize("stream", ["{}0", "0{}", "{}{}", "{}#", "*{}", "9{}9", "{}" * 25])
async def test_a_longer_stream_of_tones_with_the_right_keys_in_it_is_refused(setup: CallSetup, stream: str) -> None:
    verification = await setup.pick_up()
    digits = stream.format(*[setup.transcript.keys] * 25)
    refused = await posted(setup, verification, "call_keys", Digits=digits)
    assert refused.sentences[0] == EN.wrong_keys
    assert refused.codes == set()


async def test_a_stream_of_tones_is_two_wrong_guesses_and_the_end(setup: CallSetup) -> None:
    await setup.pick_up()
    await setup.clock.run_until(lambda: setup.call.listening)
    while setup.call.is_live and setup.call.documents < 3:
        await setup.phone.press("1")
        await setup.clock.advance(0.3)
    assert setup.transcript.sentences == [EN.endings.wrong_keys]
    assert setup.call.documents == 3
    assert nothing_secret(setup)


async def test_the_right_keys_before_they_were_asked_for_are_lost(setup: CallSetup) -> None:
    await setup.pick_up()
    assert not setup.call.listening
    await setup.phone.press(setup.transcript.keys)
    await setup.silence()
    assert setup.transcript.sentences[0] == fill(EN.announcement_again, brand="Acme", purpose="to sign in")
    assert nothing_secret(setup)


async def test_the_keys_stay_after_silence_and_are_new_after_a_guess_and_in_the_next_call(setup: CallSetup) -> None:
    verification = await setup.pick_up()
    first = setup.transcript.keys
    await setup.silence()
    assert setup.transcript.keys == first
    await setup.press("112")
    second = setup.transcript.keys
    await setup.press(first)
    assert setup.transcript.sentences == [EN.endings.wrong_keys]
    await setup.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await setup.verifier.resend(verification.sid, (await setup.delivery(verification)).channel)
    await setup.phone.answer()
    assert len({first, second, setup.transcript.keys}) == 3
    assert nothing_secret(setup)


async def test_wrong_keys_twice_end_in_a_polite_goodbye(setup: CallSetup) -> None:
    await setup.pick_up()
    for _ in range(2):
        await setup.press("112")
    await setup.silence()
    assert setup.transcript.sentences == [EN.endings.wrong_keys]
    assert nothing_secret(setup)


async def test_the_keys_work_in_their_own_call_only(setup: CallSetup) -> None:
    await setup.pick_up(number="+14155550101", username="bob")
    other = setup.document(setup.twilio.phone("+14155550101").calls[0]).keys
    await setup.pick_up()
    assert other != setup.transcript.keys
    await setup.press(other)
    assert nothing_secret(setup)


# Other keypress settings.


async def test_any_key_opens_where_any_is_asked_for_but_no_stream_and_no_silence(tmp_path: Path) -> None:
    async with open_call_setup(tmp_path, policy=replace(DEFAULT_POLICY, keypress=Keypress.ANY)) as setup:
        verification = await setup.pick_up()
        assert (await posted(setup, verification, "call_keys", Digits="55")).codes == set()
        assert nothing_secret(setup)
        await setup.press("5")
        assert len(setup.transcript.codes) == 1


async def test_silence_where_any_key_is_asked_for_ends_the_call(tmp_path: Path) -> None:
    async with open_call_setup(tmp_path, policy=replace(DEFAULT_POLICY, keypress=Keypress.ANY)) as setup:
        await setup.pick_up()
        await setup.clock.run()
        assert setup.transcript.sentences == [EN.endings.nothing_pressed]
        assert nothing_secret(setup)


async def test_without_a_gate_who_and_why_and_how_to_report_are_still_said_first(tmp_path: Path) -> None:
    async with open_call_setup(tmp_path, policy=replace(DEFAULT_POLICY, keypress=Keypress.OFF)) as setup:
        await setup.pick_up()
        first = setup.transcript
        await setup.silence()
        assert first.sentences == [
            fill(EN.announcement, brand="Acme", purpose="to sign in"),
            fill(EN.did_not_ask, keys="0"),
        ]
        assert setup.transcript.sentences[-1] == EN.tell_no_one
        assert len(setup.transcript.codes) == 1


@pytest.mark.parametrize("keypress", [Keypress.ANY, Keypress.OFF])
async def test_zero_reports_before_the_code_with_any_key_and_without_keys(tmp_path: Path, keypress: Keypress) -> None:
    async with open_call_setup(tmp_path, policy=replace(DEFAULT_POLICY, keypress=keypress)) as setup:
        await setup.pick_up()
        await setup.press("0")
        await setup.press("*")
        assert setup.transcript.sentences == [EN.endings.reported]
        assert nothing_secret(setup)


# Voicemail, machines, fax.


@pytest.mark.parametrize("listener", [OnCall.VOICEMAIL, OnCall.FAX, OnCall.SILENCE])
async def test_a_machine_that_presses_nothing_hears_no_code(setup: CallSetup, listener: OnCall) -> None:
    setup.phone.set_behaviour(on_call=listener)
    verification = await setup.start()
    await setup.clock.run()
    assert setup.call.answered is not None
    assert nothing_secret(setup)
    assert (await setup.delivery(verification)).progress is Progress.ANSWERED


@pytest.mark.parametrize("keypress", Keypress)
@pytest.mark.parametrize("listener", [OnCall.VOICEMAIL, OnCall.FAX])
async def test_a_machine_that_was_detected_gets_a_goodbye_and_no_code_and_no_text(
    tmp_path: Path, listener: OnCall, keypress: Keypress
) -> None:
    detection = MachineDetection.BEFORE_TALKING if keypress is Keypress.OFF else MachineDetection.WHILE_TALKING
    async with open_call_setup(
        tmp_path, policy=replace(DEFAULT_POLICY, keypress=keypress), detection=detection
    ) as setup:
        setup.phone.set_behaviour(on_call=listener)
        verification = await setup.start()
        await setup.clock.run()
        assert setup.transcript.sentences == [fill(EN.endings.machine, brand="Acme")]
        assert nothing_secret(setup)
        delivery = await setup.delivery(verification)
        assert (delivery.machine, delivery.status) == (True, DeliveryStatus.COMPLETED)
        assert list(setup.twilio.debugger) == []


async def test_a_machine_is_not_asked_for_a_code_for_long(tmp_path: Path) -> None:
    async with open_call_setup(tmp_path, detection=MachineDetection.WHILE_TALKING) as setup:
        setup.phone.set_behaviour(on_call=OnCall.VOICEMAIL)
        verification = await setup.start(style=CallStyle.KEY)
        await setup.clock.run()
        assert setup.transcript.sentences == [fill(EN.endings.machine, brand="Acme")]
        assert setup.call.documents == 2
        assert (await setup.delivery(verification)).machine


async def test_the_page_says_that_a_machine_answered(tmp_path: Path) -> None:
    async with open_call_setup(tmp_path, detection=MachineDetection.WHILE_TALKING) as setup:
        setup.phone.set_behaviour(on_call=OnCall.VOICEMAIL)
        browser = setup.browser()
        await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
        await setup.clock.run()
        assert words("en-US").page.progress.call_machine in (await open_page(browser)).text


@pytest.mark.parametrize("detection", [MachineDetection.WHILE_TALKING, MachineDetection.BEFORE_TALKING])
async def test_machine_detection_does_not_affect_a_person(tmp_path: Path, detection: MachineDetection) -> None:
    async with open_call_setup(tmp_path, detection=detection) as setup:
        verification, code = await setup.read_code()
        await setup.clock.run()
        assert (await setup.verifier.check(verification.sid, code)).valid
        assert not (await setup.delivery(verification)).machine
        assert list(setup.twilio.debugger) == []


async def test_a_machine_detected_while_the_code_is_read_ends_the_call(setup: CallSetup) -> None:
    verification, _ = await setup.read_code()
    sid = (await setup.delivery(verification)).sid
    result = {"CallSid": setup.call.sid, "AnsweredBy": "machine_end_beep"}
    answer = await setup.hooks.post(path_of("machine_detected", delivery=sid), result)
    await setup.clock.settle()
    assert answer.status == 204
    assert setup.phone.current_call is None
    assert (await posted(setup, verification, "call_keys", Digits="1")).codes == set()


async def test_a_machine_that_is_detected_at_the_gate_hears_goodbye_next_whatever_it_presses(setup: CallSetup) -> None:
    verification = await setup.pick_up()
    sid, pair = (await setup.delivery(verification)).sid, setup.transcript.keys
    result = {"CallSid": setup.call.sid, "AnsweredBy": "fax"}
    await setup.hooks.post(path_of("machine_detected", delivery=sid), result)
    await setup.press(pair)
    assert setup.transcript.sentences == [fill(EN.endings.machine, brand="Acme")]
    assert nothing_secret(setup)


@pytest.mark.parametrize("result", ["human", "unknown", "", "mach"])
async def test_any_other_detection_result_changes_nothing(setup: CallSetup, result: str) -> None:
    verification = await setup.pick_up()
    sid = (await setup.delivery(verification)).sid
    fields = {"CallSid": setup.call.sid, "AnsweredBy": result}
    assert (await setup.hooks.post(path_of("machine_detected", delivery=sid), fields)).status == 204
    await setup.press(setup.transcript.keys)
    assert len(setup.transcript.codes) == 1


async def test_a_detection_result_of_another_call_changes_nothing(setup: CallSetup) -> None:
    verification = await setup.pick_up()
    sid = (await setup.delivery(verification)).sid
    fields = {"CallSid": "CA" + "9" * 32, "AnsweredBy": "fax"}
    assert (await setup.hooks.post(path_of("machine_detected", delivery=sid), fields)).status == 404
    assert not (await setup.delivery(verification)).machine


# Inbound calls.


async def test_an_inbound_caller_hears_no_code_whether_one_is_waiting_or_not(setup: CallSetup) -> None:
    documents = []
    for wait in (False, True):
        if wait:
            setup.phone.set_behaviour(on_call=OnCall.BUSY)
            await setup.start()
            await setup.clock.run()
        await setup.phone.call(SENDER)
        await setup.phone.press("1")
        documents.append(setup.documents[setup.phone.calls[-1].sid])
        await setup.clock.run()
    assert documents[0] == documents[1]
    assert nothing_secret(setup)
