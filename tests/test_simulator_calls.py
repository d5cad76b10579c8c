"""Calls over REST: how they end, and how a phone takes part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.call import CallStatus
from simulator.handset import Behaviour, OnCall
from simulator.phone import PhoneRefuses
from tests.simulator_support import World, make_world, twiml

HELLO = twiml("<Say>Hello.</Say>")
UNTIL_HUNG_UP = twiml('<Pause length="600"/>')


def world_with(on_call: OnCall, **behaviour: float) -> World:
    world = make_world(voice=HELLO)
    world.phone.behave(replace(Behaviour(on_call), **behaviour))  # type: ignore[arg-type]  # all its numbers are floats
    return world


def last(world: World) -> dict[str, str]:
    return world.customer.at("/status")[-1].form


async def test_an_answered_call_goes_through_all_statuses() -> None:
    world = world_with(OnCall.ANSWER)
    call = world.call()
    await world.twilio.clock.run()
    assert call.status is CallStatus.COMPLETED
    assert world.customer.statuses() == ["initiated", "ringing", "in-progress", "completed"]


@pytest.mark.parametrize(
    ("on_call", "statuses", "sip"),
    [
        (OnCall.ANSWER, ["initiated", "ringing", "in-progress", "completed"], "200"),
        (OnCall.BUSY, ["initiated", "ringing", "busy"], "486"),
        (OnCall.DECLINE, ["initiated", "ringing", "busy"], "603"),
        (OnCall.NO_ANSWER, ["initiated", "ringing", "no-answer"], "487"),
        (OnCall.WAIT, ["initiated", "ringing", "no-answer"], "487"),
        (OnCall.FAILED, ["initiated", "failed"], "404"),
        (OnCall.VOICEMAIL, ["initiated", "ringing", "in-progress", "completed"], "200"),
        (OnCall.FAX, ["initiated", "ringing", "in-progress", "completed"], "200"),
    ],
)
async def test_an_outcome_has_its_statuses_and_its_sip_code(on_call: OnCall, statuses: list[str], sip: str) -> None:
    world = world_with(on_call)
    world.call()
    await world.twilio.clock.run()
    assert world.customer.statuses() == statuses
    assert last(world)["SipResponseCode"] == sip


async def test_no_call_gets_through_while_the_carrier_is_down() -> None:
    world = world_with(OnCall.ANSWER)
    world.twilio.carrier_down = True
    world.call()
    await world.twilio.clock.run()
    assert world.customer.statuses() == ["initiated", "failed"]
    assert last(world)["SipResponseCode"] == "503"


async def test_a_call_that_never_rang_is_among_the_calls_of_the_phone() -> None:
    world = world_with(OnCall.BUSY)
    call = world.call()
    await world.twilio.clock.run()
    assert world.phone.calls == [call]


async def test_a_phone_rings_without_any_time_passing() -> None:
    world = make_world()
    call = world.call()
    await world.twilio.clock.settle()
    assert call.status is CallStatus.RINGING
    assert world.customer.statuses() == ["initiated", "ringing"]


async def test_a_call_rings_out_after_its_timeout() -> None:
    world = make_world()
    call = world.call(timeout=15)
    await world.twilio.clock.advance(14.9)
    assert world.phone.call_now is call
    await world.twilio.clock.advance(0.1)
    assert call.status is CallStatus.NO_ANSWER


async def test_a_phone_that_would_pick_up_too_late_does_not() -> None:
    world = world_with(OnCall.ANSWER, after=20)
    call = world.call(timeout=15)
    await world.twilio.clock.run()
    assert call.status is CallStatus.NO_ANSWER


async def test_a_phone_picks_up_after_the_seconds_that_it_was_told() -> None:
    world = world_with(OnCall.ANSWER, after=7)
    call = world.call()
    await world.twilio.clock.advance(6.9)
    assert call.answered is None
    await world.twilio.clock.advance(0.1)
    assert call.status is CallStatus.IN_PROGRESS


async def test_a_person_can_answer_before_the_phone_does() -> None:
    world = world_with(OnCall.ANSWER, after=7)
    world.call()
    call = await world.phone.answer()
    assert call.status is CallStatus.IN_PROGRESS


async def test_a_person_can_decline() -> None:
    world = make_world()
    world.call()
    await world.twilio.clock.settle()
    call = await world.phone.decline()
    assert call.status is CallStatus.BUSY
    assert last(world)["SipResponseCode"] == "603"


async def test_a_phone_takes_one_call_at_a_time() -> None:
    world = make_world(voice=UNTIL_HUNG_UP)
    first, second = await world.answered(), world.call(sender="+14155550198")
    await world.twilio.clock.settle()
    assert (first.status, second.status) == (CallStatus.IN_PROGRESS, CallStatus.BUSY)


async def test_a_phone_that_hangs_up_completes_the_call() -> None:
    world = make_world(voice=UNTIL_HUNG_UP)
    await world.answered()
    await world.twilio.clock.advance(5)
    call = await world.phone.hang_up()
    assert (call.status, call.seconds) == (CallStatus.COMPLETED, 5)


async def test_hanging_up_cuts_off_what_is_said() -> None:
    world = make_world(voice=HELLO)
    await world.answered()
    await world.phone.hang_up()
    assert world.phone.heard[0].cut_by == "hang-up"


async def test_a_call_can_drop() -> None:
    world = world_with(OnCall.ANSWER, drop_after=3)
    world.customer.answers["/voice"] = UNTIL_HUNG_UP
    call = world.call()
    await world.twilio.clock.run()
    assert (call.status, call.seconds) == (CallStatus.COMPLETED, 3)


async def test_the_end_of_the_document_hangs_up() -> None:
    world = make_world()
    call = await world.run(HELLO)
    assert call.status is CallStatus.COMPLETED


async def test_a_call_ends_at_its_time_limit() -> None:
    world = make_world(voice=UNTIL_HUNG_UP)
    call = await world.answered(time_limit=60)
    await world.twilio.clock.run()
    assert call.seconds == 60
    assert world.codes == [32015]


@pytest.mark.parametrize("action", ["answer", "decline", "hang_up", "listen"])
async def test_a_phone_that_does_not_ring_refuses(action: str) -> None:
    world = make_world()
    with pytest.raises(PhoneRefuses):
        await getattr(world.phone, action)()


async def test_a_ringing_phone_cannot_press_listen_or_hang_up() -> None:
    world = make_world()
    world.call()
    await world.twilio.clock.settle()
    for action in (world.phone.press("1"), world.phone.listen(), world.phone.hang_up()):
        with pytest.raises(PhoneRefuses):
            await action


async def test_a_phone_has_only_the_keys_of_a_phone() -> None:
    world = make_world(voice=UNTIL_HUNG_UP)
    await world.answered()
    with pytest.raises(ValueError, match="keys"):
        await world.phone.press("4x")


@pytest.mark.parametrize("number", ["+1", "12345", "+1415555010", "+999123456789", "+14155550100x"])
async def test_what_is_no_number_has_no_phone(number: str) -> None:
    with pytest.raises(ValueError, match="no phone number"):
        make_world().twilio.phone(number)
