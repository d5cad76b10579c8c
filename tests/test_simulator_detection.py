"""What comes between picking up and the document: the queue before it, machine detection, digits, trial notice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.account import Kind
from simulator.call import CallStatus, InlineStep
from simulator.detection import Detection, DetectionMode
from simulator.handset import Behaviour, OnCall
from tests.simulator_support import BASE, OTHER_PHONE, PHONE, World, make_world, twiml

HELLO = twiml("<Say>Hello.</Say>")
UNTIL_HUNG_UP = twiml('<Pause length="600"/>')


def world_with(on_call: OnCall, **behaviour: float) -> World:
    world = make_world(voice=HELLO)
    world.phone.behave(replace(Behaviour(on_call), **behaviour))  # type: ignore[arg-type]  # all its numbers are floats
    return world


def last(world: World) -> dict[str, str]:
    return world.customer.at("/status")[-1].form


async def test_calls_start_at_the_accounts_rate() -> None:
    world = make_world()
    world.twilio.account.calls_per_second = 1
    calls = [world.call(to=number) for number in (PHONE, OTHER_PHONE, "+14155550102")]
    assert [call.queue_seconds for call in calls] == [0, 1, 2]
    await world.twilio.clock.advance(1)
    assert [call.status for call in calls] == [CallStatus.RINGING, CallStatus.RINGING, CallStatus.QUEUED]


async def test_the_queue_is_empty_again_after_a_while() -> None:
    world = make_world()
    world.twilio.account.calls_per_second = 1
    world.call()
    await world.twilio.clock.advance(5)
    assert world.call(to=OTHER_PHONE).queue_seconds == 0


async def test_answering_waits_for_a_call_in_the_queue() -> None:
    world = make_world(voice=UNTIL_HUNG_UP)
    world.twilio.account.calls_per_second = 0.1
    world.call(to=OTHER_PHONE)
    world.call()
    call = await world.phone.answer()
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
    world = world_with(on_call)
    call = world.call(detection=detection)
    await world.twilio.clock.run()
    assert call.answered_by == answered_by
    assert world.customer.at("/voice")[0].form["AnsweredBy"] == answered_by
    assert last(world)["AnsweredBy"] == answered_by


async def test_the_document_waits_for_a_synchronous_verdict() -> None:
    world = world_with(OnCall.VOICEMAIL)
    world.call(detection=DETECT)
    await world.twilio.clock.advance(2.3)
    assert world.customer.at("/voice") == []
    await world.twilio.clock.advance(0.1)
    assert world.customer.at("/voice")[0].form["MachineDetectionDuration"] == "2400"


async def test_answering_returns_when_the_document_runs_after_the_verdict() -> None:
    world = make_world(voice=UNTIL_HUNG_UP)
    world.call(detection=DETECT)
    call = await world.phone.answer()
    assert (call.answered_by, call.documents) == ("human", 1)


async def test_an_asynchronous_verdict_comes_later_and_by_itself() -> None:
    world = world_with(OnCall.VOICEMAIL)
    world.customer.answers["/voice"] = UNTIL_HUNG_UP
    world.call(detection=Detection(DetectionMode.ENABLE, is_async=True, callback=BASE + "/amd"))
    await world.twilio.clock.settle()
    assert "AnsweredBy" not in world.customer.at("/voice")[0].form
    await world.twilio.clock.advance(3)
    form = world.customer.at("/amd")[0].form
    assert (form["AnsweredBy"], form["MachineDetectionDuration"]) == ("machine_start", "2400")
    assert set(form) == {"CallSid", "AccountSid", "AnsweredBy", "MachineDetectionDuration"}


async def test_no_verdict_comes_after_the_end_of_the_call() -> None:
    world = world_with(OnCall.VOICEMAIL)
    world.customer.answers["/voice"] = twiml()
    world.call(detection=Detection(DetectionMode.ENABLE, is_async=True, callback=BASE + "/amd"))
    await world.twilio.clock.run()
    assert world.customer.at("/amd") == []


async def test_a_test_can_choose_the_verdict() -> None:
    world = make_world(voice=HELLO)
    world.phone.behave(Behaviour(OnCall.VOICEMAIL, answered_by="machine_end_silence"))
    call = world.call(detection=Detection(DetectionMode.DETECT_MESSAGE_END))
    await world.twilio.clock.run()
    assert call.answered_by == "machine_end_silence"


async def test_a_voicemail_hears_what_a_person_would_hear() -> None:
    world = world_with(OnCall.VOICEMAIL)
    world.call()
    await world.twilio.clock.run()
    assert world.phone.transcript == "Hello."


async def test_a_voicemail_hangs_up_by_itself() -> None:
    world = world_with(OnCall.VOICEMAIL)
    world.customer.answers["/voice"] = UNTIL_HUNG_UP
    call = world.call()
    await world.twilio.clock.run()
    assert call.seconds == 120


async def test_digits_are_sent_before_the_document() -> None:
    world = world_with(OnCall.ANSWER)
    world.call(send_digits="WW12")
    await world.twilio.clock.advance(2.3)
    assert world.customer.at("/voice") == []
    await world.twilio.clock.advance(0.1)
    assert [heard.text for heard in world.phone.heard] == ["WW12", "Hello."]


async def test_a_small_w_waits_half_a_second() -> None:
    world = world_with(OnCall.ANSWER)
    world.call(send_digits="w")
    await world.twilio.clock.advance(0.4)
    assert world.customer.at("/voice") == []
    await world.twilio.clock.advance(0.1)
    assert len(world.customer.at("/voice")) == 1


async def test_a_document_can_come_with_the_call() -> None:
    world = make_world()
    await world.answered(first=InlineStep(HELLO))
    await world.twilio.clock.run()
    assert world.phone.transcript == "Hello."
    assert world.codes == []


@pytest.mark.parametrize(
    "verb",
    [
        "<Redirect>/next</Redirect>",
        "<Play>/a.mp3</Play>",
        '<Gather action="/keys" numDigits="1"/>',
        '<Gather numDigits="1"/>',
    ],
)
async def test_a_document_that_came_with_the_call_needs_absolute_addresses(verb: str) -> None:
    world = make_world()
    call = await world.answered(first=InlineStep(twiml(verb)))
    if call.listening:
        await world.phone.press("1")
    assert world.codes == [15004]


async def test_a_classic_trial_wants_a_key_before_the_document() -> None:
    world = make_world(voice=HELLO)
    world.twilio.account.kind = Kind.CLASSIC_TRIAL
    await world.answered()
    await world.phone.listen()
    assert "trial account" in world.phone.transcript
    assert world.customer.at("/voice") == []
    await world.phone.press("5")
    assert world.phone.heard[-1].text == "Hello."


async def test_a_classic_trial_without_a_key_hears_nothing_more() -> None:
    world = make_world(voice=HELLO)
    world.twilio.account.kind = Kind.CLASSIC_TRIAL
    await world.answered()
    await world.twilio.clock.run()
    assert world.customer.at("/voice") == []


async def test_a_classic_trial_ends_after_ten_minutes() -> None:
    world = make_world(voice=twiml('<Pause length="6000"/>'))
    world.twilio.account.kind = Kind.CLASSIC_TRIAL
    call = await world.answered()
    await world.phone.press("5")
    await world.twilio.clock.run()
    assert (call.seconds, world.codes) == (600, [13805])
