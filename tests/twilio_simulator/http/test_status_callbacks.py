"""Status callbacks of calls: fields, order, responses, and injected faults."""

from __future__ import annotations

import pytest

from tests.support.simulator import (
    HELLO,
    PHONE,
    TWILIO_NUMBER,
    UNTIL_HUNG_UP,
    make_simulator,
    respond,
    simulator_with_phone,
)
from twilio_simulator.http.callbacks import CallbackFaults
from twilio_simulator.network.call import CallStatus
from twilio_simulator.network.handset import OnCall


async def test_a_callback_has_the_fields_of_twilio() -> None:
    sim = simulator_with_phone(OnCall.BUSY)
    call = sim.call()
    await sim.twilio.clock.settle()
    form = sim.last_status
    expected = {
        "CallSid": call.sid,
        "AccountSid": call.account_sid,
        "ApiVersion": "2010-04-01",
        "From": TWILIO_NUMBER,
        "To": PHONE,
        "Caller": TWILIO_NUMBER,
        "Called": PHONE,
        "CallStatus": "busy",
        "Direction": "outbound-api",
        "Timestamp": "Mon, 05 Jan 2026 12:00:00 +0000",
        "SequenceNumber": "2",
        "CallbackSource": "call-progress-events",
        "CallDuration": "0",
        "Duration": "0",
        "SipResponseCode": "486",
        "ToCountry": "US",
        "ToCity": "",
    }
    assert {name: form.get(name) for name in expected} == expected


async def test_duration_counts_seconds_and_billed_minutes() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP)
    await sim.answered()
    await sim.twilio.clock.advance(61)
    await sim.phone.hang_up()
    assert (sim.last_status["CallDuration"], sim.last_status["Duration"]) == ("61", "2")


async def test_only_subscribed_events_are_sent_but_all_are_counted() -> None:
    sim = simulator_with_phone(OnCall.ANSWER)
    sim.call(status_callback_events=frozenset({"ringing", "completed"}))
    await sim.twilio.clock.run()
    numbers = [
        (request.form["CallStatus"], request.form["SequenceNumber"]) for request in sim.customer.requests_to("/status")
    ]
    assert numbers == [("ringing", "1"), ("completed", "3")]


async def test_without_a_callback_address_nothing_is_sent() -> None:
    sim = simulator_with_phone(OnCall.ANSWER)
    sim.call(status_callback=None)
    await sim.twilio.clock.run()
    assert sim.customer.requests_to("/status") == []


async def test_a_callback_can_be_a_get() -> None:
    sim = simulator_with_phone(OnCall.BUSY)
    sim.call(status_callback_method="GET")
    await sim.twilio.clock.settle()
    assert sim.customer.requests_to("/status")[0].query["CallStatus"] == "initiated"


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        pytest.param(respond(status=204, content_type=None), [], id="204"),
        pytest.param(respond("<Response/>"), [], id="an empty Response"),
        pytest.param(respond("<Response></Response>", content_type="application/xml"), [], id="application/xml"),
        pytest.param(respond("OK", content_type="text/plain"), [15003], id="plain text"),
        pytest.param(respond("{}", content_type="application/json"), [15003], id="JSON"),
        pytest.param(respond(HELLO), [15003], id="TwiML that does something"),
        pytest.param(respond(""), [15003], id="200 and nothing"),
        pytest.param(respond(status=404), [15003], id="404"),
        pytest.param(respond(status=500), [15003], id="500"),
    ],
)
async def test_an_answer_to_a_callback_that_twilio_does_not_expect_gets_a_warning(
    answer: object, codes: list[int]
) -> None:
    sim = simulator_with_phone(OnCall.FAILED)
    sim.customer.answers["/status"] = answer  # type: ignore[assignment]  # responses, all of them
    sim.call(status_callback_events=frozenset({"completed"}))
    await sim.twilio.clock.settle()
    assert sim.codes == codes


async def test_a_callback_that_fails_does_not_disturb_the_call() -> None:
    sim = make_simulator(voice=UNTIL_HUNG_UP, status=respond(status=500))
    call = await sim.answered()
    assert call.status is CallStatus.IN_PROGRESS


async def test_callbacks_can_be_lost() -> None:
    sim = simulator_with_phone(OnCall.BUSY)
    sim.twilio.callbacks = CallbackFaults(lose=frozenset({"ringing"}))
    sim.call()
    await sim.twilio.clock.settle()
    assert sim.customer.statuses() == ["initiated", "busy"]


async def test_all_callbacks_can_be_lost() -> None:
    sim = simulator_with_phone(OnCall.BUSY)
    sim.twilio.callbacks = CallbackFaults(lose=frozenset({"*"}))
    sim.call()
    await sim.twilio.clock.run()
    assert sim.customer.statuses() == []


async def test_callbacks_can_be_delayed() -> None:
    sim = simulator_with_phone(OnCall.FAILED)
    sim.twilio.callbacks = CallbackFaults(delay=4)
    sim.call(status_callback_events=frozenset({"completed"}))
    await sim.twilio.clock.advance(3.9)
    assert sim.customer.statuses() == []
    await sim.twilio.clock.advance(0.1)
    assert sim.customer.statuses() == ["failed"]


async def test_a_doubled_callback_has_one_idempotency_token() -> None:
    sim = simulator_with_phone(OnCall.FAILED)
    sim.twilio.callbacks = CallbackFaults(double=True)
    sim.call(status_callback_events=frozenset({"completed"}))
    await sim.twilio.clock.settle()
    tokens = [request.headers["i-twilio-idempotency-token"] for request in sim.customer.requests_to("/status")]
    assert len(tokens) == 2
    assert len(set(tokens)) == 1


async def test_callbacks_can_change_places() -> None:
    sim = simulator_with_phone(OnCall.ANSWER)
    sim.twilio.callbacks = CallbackFaults(reorder=True)
    sim.call()
    await sim.twilio.clock.run()
    assert sim.customer.statuses() == ["ringing", "initiated", "completed", "in-progress"]


async def test_a_reordered_callback_without_a_neighbour_still_goes_out() -> None:
    sim = simulator_with_phone(OnCall.ANSWER)
    sim.twilio.callbacks = CallbackFaults(reorder=True)
    sim.call(status_callback_events=frozenset({"initiated", "ringing", "answered"}))
    await sim.twilio.clock.run()
    assert sim.customer.statuses() == ["ringing", "initiated", "in-progress"]
