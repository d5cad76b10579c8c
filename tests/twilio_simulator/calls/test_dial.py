"""`<Dial>`: another phone rings, and the two are connected."""

from __future__ import annotations

import pytest

from tests.support.simulator import BASE, OTHER_PHONE, PHONE, TWILIO_NUMBER, Simulator, make_simulator, twiml
from twilio_simulator.network.call import CallStatus
from twilio_simulator.network.handset import Behaviour, OnCall

THIRD_PHONE = "+14155550102"
DIAL = f'<Dial action="/dialed">{OTHER_PHONE}</Dial>'


def make_forwarding(voice: str = DIAL, **answers: str) -> Simulator:
    """A number of the account that forwards its calls."""
    sim = make_simulator(voice=twiml(voice), **answers)
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice")
    return sim


async def test_the_two_talk_until_one_hangs_up_and_the_action_hears_of_it() -> None:
    sim = make_forwarding(dialed=twiml("<Say>Goodbye.</Say>"))
    other = sim.twilio.phone(OTHER_PHONE)
    call = await sim.phone.call(TWILIO_NUMBER)
    leg = await other.answer()
    await sim.phone.speak("Hello, is this the shop?")
    await other.speak("It is.")
    await sim.twilio.clock.advance(90)
    await other.hang_up()
    await sim.twilio.clock.run()
    assert other.transcript == "Hello, is this the shop?"
    assert sim.phone.transcript == "It is. Goodbye."
    (request,) = sim.customer.requests_to("/dialed")
    assert request.form["DialCallStatus"] == "completed"
    assert (request.form["DialCallSid"], request.form["DialCallDuration"]) == (leg.sid, "90")
    assert request.form["DialBridged"] == "true"
    assert (leg.parent_sid, leg.direction.value, leg.from_) == (call.sid, "outbound-dial", PHONE)
    assert sim.codes == []


@pytest.mark.parametrize(
    ("on_call", "status"),
    [
        (OnCall.BUSY, "busy"),
        (OnCall.DECLINE, "busy"),
        (OnCall.NO_ANSWER, "no-answer"),
        (OnCall.FAILED, "failed"),
    ],
)
async def test_a_phone_that_is_not_reached_has_its_status(on_call: OnCall, status: str) -> None:
    sim = make_forwarding(dialed=twiml("<Say>Later, please.</Say>"))
    sim.twilio.phone(OTHER_PHONE).set_behaviour(Behaviour(on_call))
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.run()
    (request,) = sim.customer.requests_to("/dialed")
    assert (request.form["DialCallStatus"], request.form["DialBridged"]) == (status, "false")
    assert "DialCallDuration" not in request.form
    assert sim.phone.transcript == "Later, please."


async def test_it_rings_as_long_as_its_timeout_and_then_goes_on() -> None:
    sim = make_forwarding(f'<Dial timeout="12">{OTHER_PHONE}</Dial><Say>Nothing.</Say>')
    call = await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.run()
    (leg,) = sim.twilio.phone(OTHER_PHONE).calls
    assert (leg.status, (leg.ended or 0) - (leg.started or 0)) == (CallStatus.NO_ANSWER, 12)
    assert sim.phone.transcript == "Nothing."
    assert call.status is CallStatus.COMPLETED


async def test_a_caller_who_hangs_up_stops_the_ringing_and_the_action_hears_of_it() -> None:
    sim = make_forwarding()
    await sim.phone.call(TWILIO_NUMBER)
    await sim.phone.hang_up()
    (leg,) = sim.twilio.phone(OTHER_PHONE).calls
    assert leg.status is CallStatus.CANCELED
    (request,) = sim.customer.requests_to("/dialed")
    assert (request.form["DialCallStatus"], request.form["CallStatus"]) == ("canceled", "completed")


async def test_a_caller_who_hangs_up_ends_the_other_call_too() -> None:
    sim = make_forwarding()
    await sim.phone.call(TWILIO_NUMBER)
    leg = await sim.twilio.phone(OTHER_PHONE).answer()
    await sim.twilio.clock.advance(30)
    await sim.phone.hang_up()
    await sim.twilio.clock.run()
    assert (leg.status, leg.seconds) == (CallStatus.COMPLETED, 30)
    (request,) = sim.customer.requests_to("/dialed")
    assert (request.form["DialCallStatus"], request.form["DialCallDuration"]) == ("completed", "30")


async def test_all_numbers_ring_and_the_first_to_answer_is_connected() -> None:
    sim = make_forwarding(f"<Dial><Number>{OTHER_PHONE}</Number><Number>{THIRD_PHONE}</Number></Dial>")
    await sim.phone.call(TWILIO_NUMBER)
    third = await sim.twilio.phone(THIRD_PHONE).answer()
    await sim.twilio.clock.settle()
    (other,) = sim.twilio.phone(OTHER_PHONE).calls
    assert (other.status, third.status) == (CallStatus.CANCELED, CallStatus.IN_PROGRESS)


async def test_the_dialed_phone_hears_its_document_first_and_may_hang_up() -> None:
    sim = make_forwarding(
        f'<Dial action="/dialed"><Number url="/whisper">{OTHER_PHONE}</Number></Dial>',
        whisper=twiml('<Gather numDigits="1" action="/accept"><Say>To accept, press 1.</Say></Gather><Hangup/>'),
        accept=twiml(),
    )
    other = sim.twilio.phone(OTHER_PHONE)
    await sim.phone.call(TWILIO_NUMBER)
    leg = await other.answer()
    assert sim.phone.transcript == ""
    await other.press("1")
    assert leg.partner is not None
    await other.hang_up()
    await sim.phone.call(TWILIO_NUMBER)
    await other.answer()
    await sim.twilio.clock.run()
    connected, refused = sim.customer.requests_to("/dialed")
    assert (connected.form["DialBridged"], refused.form["DialBridged"]) == ("true", "false")
    assert sim.customer.requests_to("/whisper")[0].form["ParentCallSid"] == connected.form["CallSid"]


async def test_a_star_hangs_up_the_other_call_where_the_document_says_so() -> None:
    sim = make_forwarding(f'<Dial hangupOnStar="true">{OTHER_PHONE}</Dial><Say>Back.</Say>')
    await sim.phone.call(TWILIO_NUMBER)
    leg = await sim.twilio.phone(OTHER_PHONE).answer()
    await sim.phone.press("1*")
    await sim.twilio.clock.run()
    assert (leg.status, sim.phone.transcript) == (CallStatus.COMPLETED, "Back.")


async def test_its_statuses_go_to_the_callback_of_its_number() -> None:
    sim = make_forwarding(
        f'<Dial><Number statusCallback="/status" statusCallbackEvent="initiated ringing answered completed">'
        f"{OTHER_PHONE}</Number></Dial>"
    )
    call = await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.phone(OTHER_PHONE).answer()
    await sim.twilio.phone(OTHER_PHONE).hang_up()
    await sim.twilio.clock.run()
    assert sim.customer.statuses() == ["initiated", "ringing", "in-progress", "completed"]
    form = sim.customer.requests_to("/status")[0].form
    assert (form["ParentCallSid"], form["Direction"]) == (call.sid, "outbound-dial")


async def test_the_caller_is_answered_at_once_or_only_with_the_other_phone() -> None:
    at_once, later = make_forwarding(), make_forwarding(f'<Dial answerOnBridge="true">{OTHER_PHONE}</Dial>')
    assert (await at_once.phone.call(TWILIO_NUMBER)).status is CallStatus.IN_PROGRESS
    call = await later.phone.call(TWILIO_NUMBER)
    assert call.answered is None
    await later.twilio.phone(OTHER_PHONE).answer()
    assert call.answered is not None


@pytest.mark.parametrize(
    ("dial", "code"),
    [
        pytest.param('<Dial action="/dialed">+44123</Dial>', 13224, id="no valid number"),
        pytest.param('<Dial action="/dialed">00441234567890</Dial>', 13223, id="not E.164"),
        pytest.param(f'<Dial action="/dialed" callerId="+14155550150">{OTHER_PHONE}</Dial>', 13214, id="callerId"),
    ],
)
async def test_what_cannot_be_dialed_has_its_code_and_fails(dial: str, code: int) -> None:
    sim = make_forwarding(dial, dialed=twiml("<Hangup/>"))
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.run()
    assert sim.codes == [code]
    assert sim.customer.requests_to("/dialed")[0].form["DialCallStatus"] == "failed"
    assert sim.twilio.phone(OTHER_PHONE).calls == []


async def test_the_caller_id_may_be_a_number_of_the_account() -> None:
    sim = make_forwarding(f'<Dial callerId="{TWILIO_NUMBER}">(415) 555-0101</Dial>')
    await sim.phone.call(TWILIO_NUMBER)
    (leg,) = sim.twilio.phone(OTHER_PHONE).calls
    assert (leg.from_, sim.codes) == (TWILIO_NUMBER, [])


async def test_a_dialed_phone_cannot_dial() -> None:
    sim = make_forwarding(
        f'<Dial><Number url="/whisper">{OTHER_PHONE}</Number></Dial>', whisper=twiml(f"<Dial>{THIRD_PHONE}</Dial>")
    )
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.phone(OTHER_PHONE).answer()
    assert sim.codes == [13201]
    assert sim.twilio.phone(THIRD_PHONE).calls == []
