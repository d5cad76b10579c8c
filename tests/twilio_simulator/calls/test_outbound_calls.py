"""Outbound calls: their outcomes, and the actions of the phone."""

from __future__ import annotations

import pytest

from tests.support.simulator import HELLO, UNTIL_HUNG_UP, Simulator, make_simulator, simulator_with_phone
from twilio_simulator.network.call import CallStatus
from twilio_simulator.network.handset import OnCall
from twilio_simulator.phone import PhoneError


async def test_an_answered_call_goes_through_all_statuses() -> None:
    sim = simulator_with_phone(OnCall.ANSWER)
    call = sim.call()
    await sim.twilio.clock.run()
    assert call.status is CallStatus.COMPLETED
    assert sim.customer.statuses() == ["initiated", "ringing", "in-progress", "completed"]


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
    sim = simulator_with_phone(on_call)
    sim.call()
    await sim.twilio.clock.run()
    assert sim.customer.statuses() == statuses
    assert sim.last_status["SipResponseCode"] == sip


async def test_no_call_gets_through_while_the_carrier_is_down() -> None:
    sim = simulator_with_phone(OnCall.ANSWER)
    sim.twilio.carrier_down = True
    sim.call()
    await sim.twilio.clock.run()
    assert sim.customer.statuses() == ["initiated", "failed"]
    assert sim.last_status["SipResponseCode"] == "503"


async def test_a_call_that_never_rang_is_among_the_calls_of_the_phone() -> None:
    sim = simulator_with_phone(OnCall.BUSY)
    call = sim.call()
    await sim.twilio.clock.run()
    assert sim.phone.calls == [call]


async def test_a_phone_rings_without_any_time_passing(sim: Simulator) -> None:
    call = sim.call()
    await sim.twilio.clock.settle()
    assert call.status is CallStatus.RINGING
    assert sim.customer.statuses() == ["initiated", "ringing"]


async def test_a_call_rings_out_after_its_timeout(sim: Simulator) -> None:
    call = sim.call(timeout=15)
    await sim.twilio.clock.advance(14.9)
    assert sim.phone.current_call is call
    await sim.twilio.clock.advance(0.1)
    assert call.status is CallStatus.NO_ANSWER


async def test_a_phone_that_would_pick_up_too_late_does_not() -> None:
    sim = simulator_with_phone(OnCall.ANSWER, after=20)
    call = sim.call(timeout=15)
    await sim.twilio.clock.run()
    assert call.status is CallStatus.NO_ANSWER


async def test_a_phone_picks_up_after_its_delay() -> None:
    sim = simulator_with_phone(OnCall.ANSWER, after=7)
    call = sim.call()
    await sim.twilio.clock.advance(6.9)
    assert call.answered is None
    await sim.twilio.clock.advance(0.1)
    assert call.status is CallStatus.IN_PROGRESS


async def test_a_person_can_answer_before_the_phone_does() -> None:
    sim = simulator_with_phone(OnCall.ANSWER, after=7)
    sim.call()
    call = await sim.phone.answer()
    assert call.status is CallStatus.IN_PROGRESS


async def test_a_person_can_decline(sim: Simulator) -> None:
    sim.call()
    await sim.twilio.clock.settle()
    call = await sim.phone.decline()
    assert call.status is CallStatus.BUSY
    assert sim.last_status["SipResponseCode"] == "603"


async def test_a_phone_takes_one_call_at_a_time() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP)
    first, second = await sim.answered(), sim.call(sender="+14155550198")
    await sim.twilio.clock.settle()
    assert (first.status, second.status) == (CallStatus.IN_PROGRESS, CallStatus.BUSY)


async def test_a_phone_that_hangs_up_completes_the_call() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP)
    await sim.answered()
    await sim.twilio.clock.advance(5)
    call = await sim.phone.hang_up()
    assert (call.status, call.seconds) == (CallStatus.COMPLETED, 5)


async def test_hanging_up_cuts_off_what_is_said() -> None:
    sim = make_simulator(voice=HELLO)
    await sim.answered()
    await sim.phone.hang_up()
    assert sim.phone.heard[0].cut_by == "hang-up"


async def test_a_call_can_drop() -> None:
    sim = simulator_with_phone(OnCall.ANSWER, drop_after=3)
    sim.customer.answers["/voice"] = UNTIL_HUNG_UP
    call = sim.call()
    await sim.twilio.clock.run()
    assert (call.status, call.seconds) == (CallStatus.COMPLETED, 3)


async def test_the_end_of_the_document_hangs_up(sim: Simulator) -> None:
    call = await sim.run(HELLO)
    assert call.status is CallStatus.COMPLETED


async def test_a_call_ends_at_its_time_limit() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP)
    call = await sim.answered(time_limit=60)
    await sim.twilio.clock.run()
    assert call.seconds == 60
    assert sim.codes == [32015]


@pytest.mark.parametrize("action", ["answer", "decline", "hang_up", "listen"])
async def test_a_phone_that_does_not_ring_refuses(sim: Simulator, action: str) -> None:
    with pytest.raises(PhoneError):
        await getattr(sim.phone, action)()


async def test_a_ringing_phone_cannot_press_listen_or_hang_up(sim: Simulator) -> None:
    sim.call()
    await sim.twilio.clock.settle()
    for action in (sim.phone.press("1"), sim.phone.listen(), sim.phone.hang_up()):
        with pytest.raises(PhoneError):
            await action


async def test_a_phone_has_only_the_keys_of_a_phone() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP)
    await sim.answered()
    with pytest.raises(ValueError, match="keys"):
        await sim.phone.press("4x")


@pytest.mark.parametrize("number", ["+1", "12345", "+1415555010", "+999123456789", "+14155550100x"])
async def test_an_invalid_number_has_no_phone(number: str) -> None:
    with pytest.raises(ValueError, match="not a phone number"):
        make_simulator().twilio.phone(number)
