"""Outbound texts: outcomes, callbacks, the queue."""

from __future__ import annotations

import pytest

from tests.support.simulator import OTHER_PHONE, PHONE, TWILIO_NUMBER, Answer, Simulator, make_simulator, respond
from tests.support.simulator_messages import SERVICE, received_bodies, send_text
from twilio_simulator.core.account import MessagingService
from twilio_simulator.network.handset import Behaviour, LineType, OnText
from twilio_simulator.network.message import MessageStatus


@pytest.mark.parametrize(
    ("behaviour", "statuses", "code", "arrives"),
    [
        (Behaviour(), ["sent", "delivered"], None, True),
        (Behaviour(on_text=OnText.SENT), ["sent"], None, True),
        (Behaviour(on_text=OnText.UNDELIVERED), ["sent", "undelivered"], "30003", False),
        (Behaviour(on_text=OnText.UNDELIVERED, text_code=30007), ["sent", "undelivered"], "30007", False),
        (Behaviour(on_text=OnText.FAILED), ["failed"], "30008", False),
        (Behaviour(on_text=OnText.FAILED, text_code=30034), ["failed"], "30034", False),
        (Behaviour(on_text=OnText.SILENT), [], None, True),
        (Behaviour(on_text=OnText.STUCK), ["failed"], "30036", False),
    ],
)
async def test_an_outcome_has_its_statuses(
    sim: Simulator, behaviour: Behaviour, statuses: list[str], code: str | None, arrives: bool
) -> None:
    sim.phone.set_behaviour(behaviour)
    send_text(sim)
    await sim.twilio.clock.run()
    assert sim.customer.statuses() == statuses
    if statuses:
        assert sim.customer.requests_to("/status")[-1].form.get("ErrorCode") == code
    assert received_bodies(sim) == (["Hello"] if arrives else [])


async def test_a_callback_has_the_fields_of_twilio(sim: Simulator) -> None:
    message = send_text(sim)
    await sim.twilio.clock.settle()
    sent, delivered = (request.form for request in sim.customer.requests_to("/status"))
    assert sent == {
        "AccountSid": message.account_sid,
        "ApiVersion": "2010-04-01",
        "From": TWILIO_NUMBER,
        "To": PHONE,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": "sent",
        "SmsStatus": "sent",
    }
    assert delivered["RawDlrDoneDate"] == "2601051200"


async def test_a_receipt_can_take_its_time(sim: Simulator) -> None:
    sim.phone.set_behaviour(Behaviour(text_after=30))
    message = send_text(sim)
    await sim.twilio.clock.advance(29)
    assert (message.status.value, received_bodies(sim)) == ("sent", ["Hello"])
    await sim.twilio.clock.advance(1)
    assert message.status.value == "delivered"


async def test_a_landline_in_north_america_shows_as_undelivered(sim: Simulator) -> None:
    sim.phone.handset.line_type = LineType.LANDLINE
    message = send_text(sim)
    await sim.twilio.clock.settle()
    assert (message.status.value, message.error_code) == ("undelivered", 30006)


async def test_the_content_of_an_answer_to_a_message_callback_is_noticed() -> None:
    sim = make_simulator(status=respond("OK", content_type="text/plain"))
    send_text(sim)
    await sim.twilio.clock.settle()
    assert sim.codes == [None, None]


@pytest.mark.parametrize("answer", [respond("", 200, None), respond("", 204, None), respond("<Response/>")])
async def test_an_empty_answer_to_a_message_callback_is_fine(answer: Answer) -> None:
    sim = make_simulator(status=answer)
    send_text(sim)
    await sim.twilio.clock.settle()
    assert sim.codes == []


async def test_a_message_callback_that_fails_is_recorded_as_11200() -> None:
    sim = make_simulator(status=respond(status=500))
    sim.phone.set_behaviour(Behaviour(on_text=OnText.SENT))
    send_text(sim)
    await sim.twilio.clock.settle()
    assert sim.codes == [11200]


async def test_a_message_waits_in_the_queue_until_its_validity_is_over(sim: Simulator) -> None:
    sim.phone.set_behaviour(Behaviour(on_text=OnText.STUCK))
    message = send_text(sim, validity=300)
    await sim.twilio.clock.advance(299)
    assert message.status is MessageStatus.QUEUED
    await sim.twilio.clock.advance(1)
    assert message.error_code == 30036


async def test_a_text_waits_while_the_carrier_is_down(sim: Simulator) -> None:
    sim.twilio.carrier_down = True
    message = send_text(sim, validity=60)
    await sim.twilio.clock.run()
    assert (message.error_code, received_bodies(sim)) == (30036, [])


async def test_a_sender_has_its_rate_in_segments(sim: Simulator) -> None:
    sim.twilio.account.segments_per_second = 1
    first, second = send_text(sim, body="x" * 200), send_text(sim, to=OTHER_PHONE)
    await sim.twilio.clock.advance(1.9)
    assert [first.status.value, second.status.value] == ["delivered", "queued"]
    await sim.twilio.clock.advance(0.1)
    assert second.status.value == "delivered"


async def test_a_text_whose_turn_comes_too_late_is_not_sent(sim: Simulator) -> None:
    sim.twilio.account.segments_per_second = 0.1
    send_text(sim)
    late = send_text(sim, to=OTHER_PHONE, validity=5)
    await sim.twilio.clock.run()
    assert late.error_code == 30036
    assert received_bodies(sim, OTHER_PHONE) == []


async def test_a_messaging_service_chooses_the_sender_and_reports_the_queue(sim: Simulator) -> None:
    verifier = MessagingService(SERVICE, [TWILIO_NUMBER])
    sim.twilio.account.services[SERVICE] = verifier
    message = send_text(sim, sender=None, service=verifier)
    assert (message.from_, message.segments) == (None, 0)
    await sim.twilio.clock.settle()
    assert sim.customer.statuses() == ["queued", "sent", "delivered"]
    assert sim.customer.requests_to("/status")[0].form["MessagingServiceSid"] == SERVICE
    assert (message.from_, message.segments) == (TWILIO_NUMBER, 1)
