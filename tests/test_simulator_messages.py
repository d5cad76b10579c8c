"""Texts from us: outcomes, callbacks, the queue."""

from __future__ import annotations

import pytest

from simulator.account import MessagingService
from simulator.handset import Behaviour, LineType, OnText
from simulator.message import Message, MessageDirection, MessageStatus
from simulator.texting import deliver, make_message
from tests.simulator_support import BASE, OTHER_PHONE, OURS, PHONE, Answer, World, make_world, respond

TOLL_FREE = "+18005550199"
SERVICE = "MG" + "3" * 32


def send(
    world: World,
    *,
    to: str = PHONE,
    sender: str | None = OURS,
    body: str = "Hello",
    service: MessagingService | None = None,
    validity: int = 36_000,
) -> Message:
    """Send a text past the REST interface, with its callbacks to `/status`."""
    message = make_message(
        world.twilio.exchange,
        to=to,
        sender=sender,
        body=body,
        direction=MessageDirection.OUTBOUND_API,
        status=MessageStatus.ACCEPTED if service else MessageStatus.QUEUED,
        service=service,
        status_callback=BASE + "/status",
        validity=validity,
    )
    world.twilio.clock.spawn(deliver(world.twilio.exchange, message, service))
    return message


def listening(answer: Answer = "<Response/>", **answers: Answer) -> World:
    """A world with a number whose texts go to `/sms`."""
    world = make_world(sms=answer, **answers)
    world.twilio.add_number(OURS, sms_url=BASE + "/sms")
    return world


def bodies(world: World, number: str = PHONE) -> list[str]:
    return [text.body for text in world.twilio.phone(number).texts]


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
    world = make_world()
    world.phone.behave(behaviour)
    send(world)
    await world.twilio.clock.run()
    assert world.customer.statuses() == statuses
    if statuses:
        assert world.customer.at("/status")[-1].form.get("ErrorCode") == code
    assert bodies(world) == (["Hello"] if arrives else [])


async def test_a_callback_has_the_fields_of_twilio() -> None:
    world = make_world()
    message = send(world)
    await world.twilio.clock.settle()
    sent, delivered = (got.form for got in world.customer.at("/status"))
    assert sent == {
        "AccountSid": message.account_sid,
        "ApiVersion": "2010-04-01",
        "From": OURS,
        "To": PHONE,
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": "sent",
        "SmsStatus": "sent",
    }
    assert delivered["RawDlrDoneDate"] == "2601051200"


async def test_a_receipt_can_take_its_time() -> None:
    world = make_world()
    world.phone.behave(Behaviour(text_after=30))
    message = send(world)
    await world.twilio.clock.advance(29)
    assert (message.status.value, bodies(world)) == ("sent", ["Hello"])
    await world.twilio.clock.advance(1)
    assert message.status.value == "delivered"


async def test_a_landline_in_north_america_shows_as_undelivered() -> None:
    world = make_world()
    world.phone.handset.line_type = LineType.LANDLINE
    message = send(world)
    await world.twilio.clock.settle()
    assert (message.status.value, message.error_code) == ("undelivered", 30006)


async def test_the_content_of_an_answer_to_a_message_callback_is_noticed() -> None:
    world = make_world(status=respond("OK", content_type="text/plain"))
    send(world)
    await world.twilio.clock.settle()
    assert world.codes == [None, None]


@pytest.mark.parametrize("answer", [respond("", 200, None), respond("", 204, None), respond("<Response/>")])
async def test_an_empty_answer_to_a_message_callback_is_fine(answer: Answer) -> None:
    world = make_world(status=answer)
    send(world)
    await world.twilio.clock.settle()
    assert world.codes == []


async def test_a_message_callback_that_fails_is_recorded_as_11200() -> None:
    world = make_world(status=respond(status=500))
    world.phone.behave(Behaviour(on_text=OnText.SENT))
    send(world)
    await world.twilio.clock.settle()
    assert world.codes == [11200]


async def test_a_message_waits_in_the_queue_until_its_validity_is_over() -> None:
    world = make_world()
    world.phone.behave(Behaviour(on_text=OnText.STUCK))
    message = send(world, validity=300)
    await world.twilio.clock.advance(299)
    assert message.status is MessageStatus.QUEUED
    await world.twilio.clock.advance(1)
    assert message.error_code == 30036


async def test_a_text_waits_while_the_carrier_is_down() -> None:
    world = make_world()
    world.twilio.carrier_down = True
    message = send(world, validity=60)
    await world.twilio.clock.run()
    assert (message.error_code, bodies(world)) == (30036, [])


async def test_a_sender_has_its_rate_in_segments() -> None:
    world = make_world()
    world.twilio.account.segments_per_second = 1
    first, second = send(world, body="x" * 200), send(world, to=OTHER_PHONE)
    await world.twilio.clock.advance(1.9)
    assert [first.status.value, second.status.value] == ["delivered", "queued"]
    await world.twilio.clock.advance(0.1)
    assert second.status.value == "delivered"


async def test_a_text_whose_turn_comes_too_late_is_not_sent() -> None:
    world = make_world()
    world.twilio.account.segments_per_second = 0.1
    send(world)
    late = send(world, to=OTHER_PHONE, validity=5)
    await world.twilio.clock.run()
    assert late.error_code == 30036
    assert bodies(world, OTHER_PHONE) == []


async def test_a_messaging_service_chooses_the_sender_and_reports_the_queue() -> None:
    world = make_world()
    service = MessagingService(SERVICE, [OURS])
    world.twilio.account.services[SERVICE] = service
    message = send(world, sender=None, service=service)
    assert (message.from_, message.segments) == (None, 0)
    await world.twilio.clock.settle()
    assert world.customer.statuses() == ["queued", "sent", "delivered"]
    assert world.customer.at("/status")[0].form["MessagingServiceSid"] == SERVICE
    assert (message.from_, message.segments) == (OURS, 1)
