"""Texts from us: outcomes, callbacks, the queue."""

from __future__ import annotations

import pytest

from tests.support.simulator import BASE, OTHER_PHONE, PHONE, TWILIO_NUMBER, Answer, Simulator, make_simulator, respond
from twilio_simulator.core.account import MessagingService
from twilio_simulator.messages.texting import deliver, register_message
from twilio_simulator.network.handset import Behaviour, LineType, OnText
from twilio_simulator.network.message import Message, MessageDirection, MessageStatus

TOLL_FREE = "+18005550199"
SERVICE = "MG" + "3" * 32


def send(
    sim: Simulator,
    *,
    to: str = PHONE,
    sender: str | None = TWILIO_NUMBER,
    body: str = "Hello",
    service: MessagingService | None = None,
    validity: int = 36_000,
) -> Message:
    """Send a text past the REST interface, with its callbacks to `/status`."""
    message = register_message(
        sim.twilio.exchange,
        to=to,
        sender=sender,
        body=body,
        direction=MessageDirection.OUTBOUND_API,
        status=MessageStatus.ACCEPTED if service else MessageStatus.QUEUED,
        service=service,
        status_callback=BASE + "/status",
        validity=validity,
    )
    sim.twilio.clock.spawn(deliver(sim.twilio.exchange, message, service))
    return message


def listening(answer: Answer = "<Response/>", **answers: Answer) -> Simulator:
    """A world with a number whose texts go to `/sms`."""
    sim = make_simulator(sms=answer, **answers)
    sim.twilio.add_number(TWILIO_NUMBER, sms_url=BASE + "/sms")
    return sim


def bodies(sim: Simulator, number: str = PHONE) -> list[str]:
    return [text.body for text in sim.twilio.phone(number).texts]


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
    behaviour: Behaviour, statuses: list[str], code: str | None, arrives: bool
) -> None:
    sim = make_simulator()
    sim.phone.set_behaviour(behaviour)
    send(sim)
    await sim.twilio.clock.run()
    assert sim.customer.statuses() == statuses
    if statuses:
        assert sim.customer.at("/status")[-1].form.get("ErrorCode") == code
    assert bodies(sim) == (["Hello"] if arrives else [])


async def test_a_callback_has_the_fields_of_twilio() -> None:
    sim = make_simulator()
    message = send(sim)
    await sim.twilio.clock.settle()
    sent, delivered = (got.form for got in sim.customer.at("/status"))
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


async def test_a_receipt_can_take_its_time() -> None:
    sim = make_simulator()
    sim.phone.set_behaviour(Behaviour(text_after=30))
    message = send(sim)
    await sim.twilio.clock.advance(29)
    assert (message.status.value, bodies(sim)) == ("sent", ["Hello"])
    await sim.twilio.clock.advance(1)
    assert message.status.value == "delivered"


async def test_a_landline_in_north_america_shows_as_undelivered() -> None:
    sim = make_simulator()
    sim.phone.handset.line_type = LineType.LANDLINE
    message = send(sim)
    await sim.twilio.clock.settle()
    assert (message.status.value, message.error_code) == ("undelivered", 30006)


async def test_the_content_of_an_answer_to_a_message_callback_is_noticed() -> None:
    sim = make_simulator(status=respond("OK", content_type="text/plain"))
    send(sim)
    await sim.twilio.clock.settle()
    assert sim.codes == [None, None]


@pytest.mark.parametrize("answer", [respond("", 200, None), respond("", 204, None), respond("<Response/>")])
async def test_an_empty_answer_to_a_message_callback_is_fine(answer: Answer) -> None:
    sim = make_simulator(status=answer)
    send(sim)
    await sim.twilio.clock.settle()
    assert sim.codes == []


async def test_a_message_callback_that_fails_is_recorded_as_11200() -> None:
    sim = make_simulator(status=respond(status=500))
    sim.phone.set_behaviour(Behaviour(on_text=OnText.SENT))
    send(sim)
    await sim.twilio.clock.settle()
    assert sim.codes == [11200]


async def test_a_message_waits_in_the_queue_until_its_validity_is_over() -> None:
    sim = make_simulator()
    sim.phone.set_behaviour(Behaviour(on_text=OnText.STUCK))
    message = send(sim, validity=300)
    await sim.twilio.clock.advance(299)
    assert message.status is MessageStatus.QUEUED
    await sim.twilio.clock.advance(1)
    assert message.error_code == 30036


async def test_a_text_waits_while_the_carrier_is_down() -> None:
    sim = make_simulator()
    sim.twilio.carrier_down = True
    message = send(sim, validity=60)
    await sim.twilio.clock.run()
    assert (message.error_code, bodies(sim)) == (30036, [])


async def test_a_sender_has_its_rate_in_segments() -> None:
    sim = make_simulator()
    sim.twilio.account.segments_per_second = 1
    first, second = send(sim, body="x" * 200), send(sim, to=OTHER_PHONE)
    await sim.twilio.clock.advance(1.9)
    assert [first.status.value, second.status.value] == ["delivered", "queued"]
    await sim.twilio.clock.advance(0.1)
    assert second.status.value == "delivered"


async def test_a_text_whose_turn_comes_too_late_is_not_sent() -> None:
    sim = make_simulator()
    sim.twilio.account.segments_per_second = 0.1
    send(sim)
    late = send(sim, to=OTHER_PHONE, validity=5)
    await sim.twilio.clock.run()
    assert late.error_code == 30036
    assert bodies(sim, OTHER_PHONE) == []


async def test_a_messaging_service_chooses_the_sender_and_reports_the_queue() -> None:
    sim = make_simulator()
    verifier = MessagingService(SERVICE, [TWILIO_NUMBER])
    sim.twilio.account.services[SERVICE] = verifier
    message = send(sim, sender=None, service=verifier)
    assert (message.from_, message.segments) == (None, 0)
    await sim.twilio.clock.settle()
    assert sim.customer.statuses() == ["queued", "sent", "delivered"]
    assert sim.customer.at("/status")[0].form["MessagingServiceSid"] == SERVICE
    assert (message.from_, message.segments) == (TWILIO_NUMBER, 1)
