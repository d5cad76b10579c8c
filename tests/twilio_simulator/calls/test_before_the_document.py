"""What precedes the document: the queue, machine detection, digits, the trial notice."""

from __future__ import annotations

import pytest

from tests.support.simulator import (
    BASE,
    HELLO,
    OTHER_PHONE,
    PHONE,
    UNTIL_HUNG_UP,
    Simulator,
    make_simulator,
    simulator_with_phone,
    twiml,
)
from twilio_simulator.core.account import AccountKind
from twilio_simulator.network.call import CallStatus, InlineStep
from twilio_simulator.network.detection import Detection, DetectionMode
from twilio_simulator.network.handset import Behaviour, OnCall


async def test_calls_start_at_the_accounts_rate(sim: Simulator) -> None:
    sim.twilio.account.calls_per_second = 1
    calls = [sim.call(to=number) for number in (PHONE, OTHER_PHONE, "+14155550102")]
    assert [call.queue_seconds for call in calls] == [0, 1, 2]
    await sim.twilio.clock.advance(1)
    assert [call.status for call in calls] == [CallStatus.RINGING, CallStatus.RINGING, CallStatus.QUEUED]


async def test_the_queue_is_empty_again_after_a_while(sim: Simulator) -> None:
    sim.twilio.account.calls_per_second = 1
    sim.call()
    await sim.twilio.clock.advance(5)
    assert sim.call(to=OTHER_PHONE).queue_seconds == 0


async def test_answering_waits_for_a_call_in_the_queue() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP)
    sim.twilio.account.calls_per_second = 0.1
    sim.call(to=OTHER_PHONE)
    sim.call()
    call = await sim.phone.answer()
    assert call.status is CallStatus.IN_PROGRESS


DETECT = Detection(DetectionMode.ENABLE)


@pytest.mark.parametrize(
    ("on_call", "detection", "answered_by"),
    [
        (OnCall.ANSWER, DETECT, "human"),
        (OnCall.VOICEMAIL, DETECT, "machine_start"),
        (OnCall.FAX, DETECT, "fax"),
        (OnCall.SILENCE, DETECT, "unknown"),
        (OnCall.VOICEMAIL, Detection(DetectionMode.DETECT_MESSAGE_END), "machine_end_beep"),
        (OnCall.ANSWER, Detection(DetectionMode.DETECT_MESSAGE_END), "human"),
        (OnCall.VOICEMAIL, Detection(DetectionMode.DETECT_MESSAGE_END, timeout=3), "unknown"),
    ],
)
async def test_detection_says_who_picked_up(on_call: OnCall, detection: Detection, answered_by: str) -> None:
    sim = simulator_with_phone(on_call)
    call = sim.call(detection=detection)
    await sim.twilio.clock.run()
    assert call.answered_by == answered_by
    assert sim.customer.requests_to("/voice")[0].form["AnsweredBy"] == answered_by
    assert sim.last_status["AnsweredBy"] == answered_by


async def test_the_document_waits_for_a_synchronous_verdict() -> None:
    sim = simulator_with_phone(OnCall.VOICEMAIL)
    sim.call(detection=DETECT)
    await sim.twilio.clock.advance(2.3)
    assert sim.customer.requests_to("/voice") == []
    await sim.twilio.clock.advance(0.1)
    assert sim.customer.requests_to("/voice")[0].form["MachineDetectionDuration"] == "2400"


async def test_answering_returns_when_the_document_runs_after_the_verdict() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP)
    sim.call(detection=DETECT)
    call = await sim.phone.answer()
    assert (call.answered_by, call.documents) == ("human", 1)


async def test_an_asynchronous_verdict_comes_later_and_by_itself() -> None:
    sim = simulator_with_phone(OnCall.VOICEMAIL)
    sim.customer.answers["/voice"] = UNTIL_HUNG_UP
    sim.call(detection=Detection(DetectionMode.ENABLE, is_async=True, callback=BASE + "/amd"))
    await sim.twilio.clock.settle()
    assert "AnsweredBy" not in sim.customer.requests_to("/voice")[0].form
    await sim.twilio.clock.advance(3)
    form = sim.customer.requests_to("/amd")[0].form
    assert (form["AnsweredBy"], form["MachineDetectionDuration"]) == ("machine_start", "2400")
    assert set(form) == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}


async def test_no_verdict_comes_after_the_end_of_the_call() -> None:
    sim = simulator_with_phone(OnCall.VOICEMAIL)
    sim.customer.answers["/voice"] = twiml()
    sim.call(detection=Detection(DetectionMode.ENABLE, is_async=True, callback=BASE + "/amd"))
    await sim.twilio.clock.run()
    assert sim.customer.requests_to("/amd") == []


async def test_a_test_can_choose_the_verdict() -> None:
    sim = make_simulator(voice=HELLO)
    sim.phone.set_behaviour(Behaviour(OnCall.VOICEMAIL, answered_by="machine_end_silence"))
    call = sim.call(detection=Detection(DetectionMode.DETECT_MESSAGE_END))
    await sim.twilio.clock.run()
    assert call.answered_by == "machine_end_silence"


async def test_a_voicemail_hears_what_a_person_would_hear() -> None:
    sim = simulator_with_phone(OnCall.VOICEMAIL)
    sim.call()
    await sim.twilio.clock.run()
    assert sim.phone.transcript == "Hello."


async def test_a_voicemail_hangs_up_by_itself() -> None:
    sim = simulator_with_phone(OnCall.VOICEMAIL)
    sim.customer.answers["/voice"] = UNTIL_HUNG_UP
    call = sim.call()
    await sim.twilio.clock.run()
    assert call.seconds == 120


async def test_digits_are_sent_before_the_document() -> None:
    sim = simulator_with_phone(OnCall.ANSWER)
    sim.call(send_digits="WW12")
    await sim.twilio.clock.advance(2.3)
    assert sim.customer.requests_to("/voice") == []
    await sim.twilio.clock.advance(0.1)
    assert [heard.text for heard in sim.phone.heard] == ["WW12", "Hello."]


async def test_a_small_w_waits_half_a_second() -> None:
    sim = simulator_with_phone(OnCall.ANSWER)
    sim.call(send_digits="w")
    await sim.twilio.clock.advance(0.4)
    assert sim.customer.requests_to("/voice") == []
    await sim.twilio.clock.advance(0.1)
    assert len(sim.customer.requests_to("/voice")) == 1


async def test_a_document_can_come_with_the_call(sim: Simulator) -> None:
    await sim.answered(first=InlineStep(HELLO))
    await sim.twilio.clock.run()
    assert sim.phone.transcript == "Hello."
    assert sim.codes == []


@pytest.mark.parametrize(
    "verb",
    [
        "<Redirect>/next</Redirect>",
        "<Play>/a.mp3</Play>",
        '<Gather action="/keys" numDigits="1"/>',
        '<Gather numDigits="1"/>',
    ],
)
async def test_a_document_that_came_with_the_call_needs_absolute_addresses(sim: Simulator, verb: str) -> None:
    call = await sim.answered(first=InlineStep(twiml(verb)))
    if call.listening:
        await sim.phone.press("1")
    assert sim.codes == [15004]


async def test_a_classic_trial_needs_a_key_before_the_document() -> None:
    sim = make_simulator(voice=HELLO)
    sim.twilio.account.kind = AccountKind.CLASSIC_TRIAL
    await sim.answered()
    await sim.phone.listen()
    assert "trial account" in sim.phone.transcript
    assert sim.customer.requests_to("/voice") == []
    await sim.phone.press("5")
    assert sim.phone.heard[-1].text == "Hello."


async def test_a_classic_trial_without_a_key_hears_nothing_more() -> None:
    sim = make_simulator(voice=HELLO)
    sim.twilio.account.kind = AccountKind.CLASSIC_TRIAL
    await sim.answered()
    await sim.twilio.clock.run()
    assert sim.customer.requests_to("/voice") == []


async def test_a_classic_trial_ends_after_ten_minutes() -> None:
    sim = make_simulator(voice=twiml('<Pause length="6000"/>'))
    sim.twilio.account.kind = AccountKind.CLASSIC_TRIAL
    call = await sim.answered()
    await sim.phone.press("5")
    await sim.twilio.clock.run()
    assert (call.seconds, sim.codes) == (600, [13805])
