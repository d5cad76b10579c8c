"""Calls that get another document in the middle, calls to our numbers, and the stream of events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.call import CallStatus, FetchStep, InlineStep
from simulator.handset import Behaviour, OnCall
from simulator.phone import PhoneRefuses
from tests.simulator_support import BASE, OURS, PHONE, World, make_world, twiml

HELLO = twiml("<Say>Hello.</Say>")
UNTIL_HUNG_UP = twiml('<Pause length="600"/>')


def world_with(on_call: OnCall, **behaviour: float) -> World:
    world = make_world(voice=HELLO)
    world.phone.behave(replace(Behaviour(on_call), **behaviour))  # type: ignore[arg-type]  # all its numbers are floats
    return world


def last(world: World) -> dict[str, str]:
    return world.customer.at("/status")[-1].form


async def test_a_new_document_takes_the_place_of_the_running_one() -> None:
    world = make_world(voice=UNTIL_HUNG_UP, other=twiml("<Say>Other.</Say>"))
    call = await world.answered()
    call.replace_document(FetchStep(BASE + "/other"))
    await world.twilio.clock.run()
    assert world.phone.transcript == "Other."
    assert call.status is CallStatus.COMPLETED


async def test_a_new_document_cuts_off_what_is_said() -> None:
    world = make_world(voice=HELLO)
    call = await world.answered()
    call.replace_document(InlineStep(twiml("<Say>Other.</Say>")))
    await world.twilio.clock.settle()
    assert [heard.cut_by for heard in world.phone.heard] == ["update", None]


async def test_a_new_document_takes_the_place_of_one_that_is_still_being_fetched() -> None:
    world = make_world(other=twiml("<Say>Other.</Say>"))
    world.wire.hang.add("/voice")
    world.phone.behave(Behaviour(OnCall.ANSWER))
    call = world.call()
    await world.twilio.clock.settle()
    call.replace_document(FetchStep(BASE + "/other"))
    await world.twilio.clock.run()
    assert world.phone.transcript == "Other."


async def test_a_phone_calls_one_of_our_numbers() -> None:
    world = make_world(voice=twiml('<Gather numDigits="1"><Say>Welcome.</Say></Gather>'))
    world.twilio.add_number(OURS, voice_url=BASE + "/voice")
    call = await world.phone.call(OURS)
    form = world.customer.at("/voice")[0].form
    assert (form["CallStatus"], form["Direction"]) == ("ringing", "inbound")
    assert (form["From"], form["To"]) == (PHONE, OURS)
    assert form["StirVerstat"] == "TN-Validation-Passed-A"
    assert len(form["CallToken"]) > 100
    assert call.status is CallStatus.IN_PROGRESS


@pytest.mark.parametrize(
    ("verb", "status"),
    [("<Reject/>", CallStatus.NO_ANSWER), ('<Reject reason="busy"/>', CallStatus.BUSY)],
)
async def test_a_call_to_us_can_be_rejected(verb: str, status: CallStatus) -> None:
    world = make_world(voice=twiml(verb))
    world.twilio.add_number(OURS, voice_url=BASE + "/voice")
    call = await world.phone.call(OURS)
    assert (call.status, call.answered) == (status, None)


async def test_a_pause_at_the_beginning_delays_the_pick_up() -> None:
    world = make_world(voice=twiml('<Pause length="3"/>', "<Say>Hello.</Say>"))
    world.twilio.add_number(OURS, voice_url=BASE + "/voice")
    call = await world.phone.call(OURS)
    await world.twilio.clock.advance(2.9)
    assert call.answered is None
    await world.twilio.clock.advance(0.1)
    assert call.status is CallStatus.IN_PROGRESS


async def test_rejecting_an_answered_call_hangs_up_and_is_noticed() -> None:
    world = make_world()
    call = await world.run(twiml("<Reject/>"))
    assert (call.status, world.codes) == (CallStatus.COMPLETED, [None])


async def test_a_number_without_a_voice_url_fails_without_an_entry() -> None:
    world = make_world()
    world.twilio.add_number(OURS)
    call = await world.phone.call(OURS)
    assert (call.status, world.codes) == (CallStatus.FAILED, [])


async def test_a_number_reports_the_end_of_a_call_to_us_once() -> None:
    world = make_world(voice=HELLO)
    world.twilio.add_number(OURS, voice_url=BASE + "/voice").status_callback = BASE + "/status"
    await world.phone.call(OURS)
    await world.twilio.clock.run()
    assert world.customer.statuses() == ["completed"]


async def test_a_caller_who_gives_up_ends_the_call() -> None:
    world = make_world(voice=twiml('<Pause length="30"/>', "<Say>Hello.</Say>"))
    world.twilio.add_number(OURS, voice_url=BASE + "/voice")
    await world.phone.call(OURS)
    call = await world.phone.hang_up()
    assert call.status is CallStatus.NO_ANSWER


async def test_a_phone_cannot_call_a_number_that_is_not_ours() -> None:
    world = make_world()
    with pytest.raises(PhoneRefuses, match="not a number of the account"):
        await world.phone.call(OURS)


async def test_a_call_is_told_as_a_stream_of_events() -> None:
    world = make_world(voice=twiml('<Gather numDigits="1" action="/keys"><Say>Press a key.</Say></Gather>'))
    await world.answered(status_callback=None)
    await world.phone.press("1")
    kinds = [noted.event.kind() for noted in world.twilio.events.since()]
    assert kinds[:11] == [
        "call-status-changed",
        "call-status-changed",
        "phone-rings",
        "call-status-changed",
        "webhook-sent",
        "webhook-answered",
        "document-started",
        "say-began",
        "key-pressed",
        "say-cut-off",
        "webhook-sent",
    ]


async def test_a_subscriber_gets_every_event_as_it_happens() -> None:
    world = make_world()
    seen: list[str] = []
    with world.twilio.events.subscribed(lambda noted: seen.append(noted.event.kind())):
        world.call()
        await world.twilio.clock.settle()
    assert "phone-rings" in seen
