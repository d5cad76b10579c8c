"""Replaced documents, inbound calls, and the events of a call."""

from __future__ import annotations

import pytest

from tests.support.simulator import BASE, HELLO, PHONE, TWILIO_NUMBER, UNTIL_HUNG_UP, Simulator, make_simulator, twiml
from twilio_simulator.network.call import CallStatus, FetchStep, InlineStep
from twilio_simulator.network.handset import Behaviour, OnCall
from twilio_simulator.phone import PhoneError


async def test_a_new_document_takes_the_place_of_the_running_one() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP, other=twiml("<Say>Other.</Say>"))
    call = await sim.answered()
    call.replace_document(FetchStep(BASE + "/other"))
    await sim.twilio.clock.run()
    assert sim.phone.transcript == "Other."
    assert call.status is CallStatus.COMPLETED


async def test_a_new_document_cuts_off_what_is_said() -> None:
    sim = make_simulator(voice=HELLO)
    call = await sim.answered()
    call.replace_document(InlineStep(twiml("<Say>Other.</Say>")))
    await sim.twilio.clock.settle()
    assert [heard.cut_by for heard in sim.phone.heard] == ["update", None]


async def test_a_new_document_takes_the_place_of_one_that_is_still_being_fetched() -> None:
    sim = make_simulator(other=twiml("<Say>Other.</Say>"))
    sim.transport.hang.add("/voice")
    sim.phone.set_behaviour(Behaviour(OnCall.ANSWER))
    call = sim.call()
    await sim.twilio.clock.settle()
    call.replace_document(FetchStep(BASE + "/other"))
    await sim.twilio.clock.run()
    assert sim.phone.transcript == "Other."


async def test_a_phone_calls_one_of_our_numbers() -> None:
    sim = make_simulator(voice=twiml('<Gather numDigits="1"><Say>Welcome.</Say></Gather>'))
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice")
    call = await sim.phone.call(TWILIO_NUMBER)
    form = sim.customer.requests_to("/voice")[0].form
    assert (form["CallStatus"], form["Direction"]) == ("ringing", "inbound")
    assert (form["From"], form["To"]) == (PHONE, TWILIO_NUMBER)
    assert form["StirVerstat"] == "TN-Validation-Passed-A"
    assert len(form["CallToken"]) > 100
    assert call.status is CallStatus.IN_PROGRESS


@pytest.mark.parametrize(
    ("verb", "status"),
    [("<Reject/>", CallStatus.NO_ANSWER), ('<Reject reason="busy"/>', CallStatus.BUSY)],
)
async def test_a_call_to_us_can_be_rejected(verb: str, status: CallStatus) -> None:
    sim = make_simulator(voice=twiml(verb))
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice")
    call = await sim.phone.call(TWILIO_NUMBER)
    assert (call.status, call.answered) == (status, None)


async def test_a_pause_at_the_beginning_delays_the_pick_up() -> None:
    sim = make_simulator(voice=twiml('<Pause length="3"/>', "<Say>Hello.</Say>"))
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice")
    call = await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.advance(2.9)
    assert call.answered is None
    await sim.twilio.clock.advance(0.1)
    assert call.status is CallStatus.IN_PROGRESS


async def test_rejecting_an_answered_call_hangs_up_and_is_noticed(sim: Simulator) -> None:
    call = await sim.run(twiml("<Reject/>"))
    assert (call.status, sim.codes) == (CallStatus.COMPLETED, [None])


async def test_a_number_without_a_voice_url_fails_without_an_entry(sim: Simulator) -> None:
    sim.twilio.add_number(TWILIO_NUMBER)
    call = await sim.phone.call(TWILIO_NUMBER)
    assert (call.status, sim.codes) == (CallStatus.FAILED, [])


async def test_a_number_reports_the_end_of_a_call_to_us_once() -> None:
    sim = make_simulator(voice=HELLO)
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice").status_callback = BASE + "/status"
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.run()
    assert sim.customer.statuses() == ["completed"]


async def test_a_caller_who_gives_up_ends_the_call() -> None:
    sim = make_simulator(voice=twiml('<Pause length="30"/>', "<Say>Hello.</Say>"))
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice")
    await sim.phone.call(TWILIO_NUMBER)
    call = await sim.phone.hang_up()
    assert call.status is CallStatus.NO_ANSWER


async def test_a_phone_cannot_call_a_number_that_is_not_ours(sim: Simulator) -> None:
    with pytest.raises(PhoneError, match="not a number of the account"):
        await sim.phone.call(TWILIO_NUMBER)


async def test_a_call_is_published_as_events() -> None:
    sim = make_simulator(voice=twiml('<Gather numDigits="1" action="/keys"><Say>Press a key.</Say></Gather>'))
    await sim.answered(status_callback=None)
    await sim.phone.press("1")
    kinds = [published.event.kind() for published in sim.twilio.events.since()]
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


async def test_a_subscriber_gets_every_event_as_it_happens(sim: Simulator) -> None:
    seen: list[str] = []
    with sim.twilio.events.subscribed(lambda published: seen.append(published.event.kind())):
        sim.call()
        await sim.twilio.clock.settle()
    assert "phone-rings" in seen
