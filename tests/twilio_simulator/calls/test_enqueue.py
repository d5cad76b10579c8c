"""`<Enqueue>`: its waiting document, `<Leave>`, and hanging up."""

from __future__ import annotations

from tests.support.simulator import (
    BASE,
    OTHER_PHONE,
    TWILIO_NUMBER,
    ReceivedRequest,
    Simulator,
    make_simulator,
    twiml,
)
from twilio_simulator.network.call import CallStatus, FetchStep

PLACE = '<Say>You are number {}.</Say><Pause length="10"/>'


def say_place(request: ReceivedRequest) -> str:
    return twiml(PLACE.format(request.form["QueuePosition"]))


def leave_at_second_time(request: ReceivedRequest) -> str:
    leave = "" if request.form["QueueTime"] == "0" else "<Leave/>"
    return twiml(PLACE.format(request.form["QueuePosition"]), leave)


def make_queue(wait: object = say_place, attributes: str = 'waitUrl="/wait" action="/left"') -> Simulator:
    sim = make_simulator(
        voice=twiml(f"<Enqueue {attributes}>support</Enqueue><Say>After the queue.</Say>"),
        wait=wait,  # type: ignore[arg-type]  # one of the functions above
        left=twiml("<Say>Goodbye.</Say>"),
    )
    sim.twilio.add_number(TWILIO_NUMBER, voice_url=BASE + "/voice")
    return sim


async def test_the_waiting_document_runs_again_and_again() -> None:
    sim = make_queue()
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.advance(25)
    waits = [request.form for request in sim.customer.requests_to("/wait")]
    assert len(waits) == 3
    assert len({form["QueueSid"] for form in waits}) == 1
    assert waits[0]["QueueTime"] == "0"
    assert int(waits[2]["QueueTime"]) >= 20
    assert sim.phone.transcript == "You are number 1. You are number 1. You are number 1."
    assert sim.codes == []


async def test_calls_wait_in_the_order_in_which_they_came() -> None:
    sim = make_queue()
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.phone(OTHER_PHONE).call(TWILIO_NUMBER)
    await sim.twilio.phone(OTHER_PHONE).hang_up()
    assert [request.form["QueuePosition"] for request in sim.customer.requests_to("/wait")] == ["1", "2"]
    assert sim.customer.requests_to("/wait")[1].form["CurrentQueueSize"] == "2"


async def test_leave_ends_the_wait_and_the_action_hears_of_it() -> None:
    sim = make_queue(leave_at_second_time)
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.run()
    (request,) = sim.customer.requests_to("/left")
    assert request.form["QueueResult"] == "leave"
    assert int(request.form["QueueTime"]) >= 20
    assert sim.phone.transcript.endswith("Goodbye.")


async def test_without_action_the_next_verb_follows() -> None:
    sim = make_queue(leave_at_second_time, 'waitUrl="/wait"')
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.run()
    assert sim.phone.transcript.endswith("After the queue.")


async def test_a_caller_who_hangs_up_leaves_the_queue_and_the_action_hears_of_it() -> None:
    sim = make_queue()
    await sim.phone.call(TWILIO_NUMBER)
    await sim.phone.hang_up()
    (request,) = sim.customer.requests_to("/left")
    assert (request.form["QueueResult"], request.form["CallStatus"]) == ("hangup", "completed")
    await sim.phone.call(TWILIO_NUMBER)
    assert sim.customer.requests_to("/wait")[-1].form["QueuePosition"] == "1"


async def test_a_hangup_in_the_waiting_document_ends_the_call() -> None:
    sim = make_queue(lambda _: twiml("<Say>We are closed.</Say><Hangup/>"))
    call = await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.run()
    assert (call.status, sim.phone.transcript) == (CallStatus.COMPLETED, "We are closed.")


async def test_a_new_document_takes_a_call_out_of_the_queue() -> None:
    sim = make_queue()
    sim.customer.answers["/agent"] = twiml("<Say>This is an agent.</Say>")
    call = await sim.phone.call(TWILIO_NUMBER)
    call.replace_document(FetchStep(BASE + "/agent"))
    await sim.twilio.clock.run()
    assert sim.phone.transcript.endswith("This is an agent.")
    assert sim.twilio.exchange.queues["support"].calls == []


async def test_a_waiting_document_that_does_nothing_is_an_endless_loop() -> None:
    sim = make_queue(lambda _: twiml())
    await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.run()
    assert sim.codes == [12400]


async def test_without_a_waiting_document_the_missing_music_is_noted() -> None:
    sim = make_queue(attributes="")
    call = await sim.phone.call(TWILIO_NUMBER)
    await sim.twilio.clock.advance(60)
    assert call.is_live
    assert [entry.message for entry in sim.twilio.debugger] == [
        "The simulator plays no music to a call that waits in a queue"
    ]


async def test_leave_outside_a_queue_is_noted() -> None:
    sim = make_simulator(voice=twiml("<Leave/><Say>Hello.</Say>"))
    assert await sim.transcript() == "Hello."
    assert sim.codes == [None]
