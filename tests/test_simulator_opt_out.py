"""STOP, START and HELP."""

from __future__ import annotations

import re

import pytest

from simulator.account import MessagingService
from simulator.message import Message, MessageDirection, MessageStatus
from simulator.optout import REPLIES, Keyword
from simulator.texting import deliver, make_message
from tests.simulator_support import BASE, OTHER_PHONE, OURS, PHONE, Answer, World, make_world, twiml

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


STOPS = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]


@pytest.mark.parametrize("word", [*STOPS, "stop", " Stop \n"])
async def test_a_stop_word_blocks_and_is_answered_by_twilio(word: str) -> None:
    world = listening()
    await world.phone.text(OURS, word)
    assert world.twilio.exchange.is_opted_out(PHONE, sender=OURS)
    assert bodies(world) == [REPLIES[Keyword.STOP]]


@pytest.mark.parametrize("word", ["START", "YES", "UNSTOP", "start"])
async def test_a_start_word_unblocks_and_is_answered_by_twilio(word: str) -> None:
    world = listening()
    await world.phone.text(OURS, "STOP")
    await world.phone.text(OURS, word)
    assert not world.twilio.exchange.is_opted_out(PHONE, sender=OURS)
    assert bodies(world)[-1] == REPLIES[Keyword.START]


@pytest.mark.parametrize("word", ["HELP", "INFO", "help"])
async def test_a_help_word_is_answered_by_twilio_and_blocks_nothing(word: str) -> None:
    world = listening()
    await world.phone.text(OURS, word)
    assert bodies(world) == [REPLIES[Keyword.HELP]]
    assert not world.twilio.exchange.is_opted_out(PHONE, sender=OURS)


@pytest.mark.parametrize("body", ["STOP PLEASE", "STOPP", "please stop", "1", ""])
async def test_anything_else_is_no_keyword(body: str) -> None:
    world = listening()
    await world.phone.text(OURS, body)
    assert bodies(world) == []


async def test_the_webhook_is_called_for_keywords_too() -> None:
    world = listening()
    await world.phone.text(OURS, "STOP")
    assert world.customer.at("/sms")[0].form["Body"] == "STOP"
    assert "OptOutType" not in world.customer.at("/sms")[0].form


async def test_a_reply_to_a_number_that_has_just_stopped_fails() -> None:
    world = listening(twiml("<Message>Sorry to see you go.</Message>"))
    await world.phone.text(OURS, "STOP")
    assert world.codes == [21610]
    assert bodies(world) == [REPLIES[Keyword.STOP]]


async def test_a_block_holds_for_one_sender_only() -> None:
    world = listening()
    await world.phone.text(OURS, "STOP")
    assert not world.twilio.exchange.is_opted_out(PHONE, sender="+14155550198")
    assert not world.twilio.exchange.is_opted_out(OTHER_PHONE, sender=OURS)


async def test_a_block_holds_for_all_senders_of_a_messaging_service() -> None:
    world = listening()
    world.twilio.account.services[SERVICE] = MessagingService(SERVICE, [OURS, "+14155550198"])
    await world.phone.text(OURS, "STOP")
    assert world.twilio.exchange.is_opted_out(PHONE, sender="+14155550198")


async def test_a_text_that_was_queued_before_the_stop_fails_later() -> None:
    world = listening()
    world.twilio.account.segments_per_second = 0.5
    send(world, to=OTHER_PHONE)
    late = send(world)
    await world.phone.text(OURS, "STOP")
    await world.twilio.clock.run()
    assert (late.status.value, late.error_code) == ("failed", 21610)


async def test_advanced_opt_out_names_the_keyword() -> None:
    world = listening()
    world.twilio.account.services[SERVICE] = MessagingService(SERVICE, [OURS], advanced_opt_out=True)
    await world.phone.text(OURS, "HELP")
    form = world.customer.at("/sms")[0].form
    assert (form["OptOutType"], form["MessagingServiceSid"]) == ("HELP", SERVICE)


async def test_a_service_can_have_an_address_of_its_own_for_texts() -> None:
    world = listening(service=twiml())
    world.twilio.account.services[SERVICE] = MessagingService(SERVICE, [OURS], inbound_url=BASE + "/service")
    await world.phone.text(OURS, "Hello")
    assert [got.path for got in world.customer.got] == ["/service"]


async def test_the_network_blocks_for_toll_free_numbers() -> None:
    world = listening()
    world.twilio.add_number(TOLL_FREE, sms_url=BASE + "/sms")
    await world.phone.text(TOLL_FREE, "STOP")
    message = send(world, sender=TOLL_FREE)
    await world.twilio.clock.settle()
    assert re.match("NETWORK MSG: ", bodies(world)[0])
    assert (message.status.value, message.error_code) == ("undelivered", 30004)


@pytest.mark.parametrize("word", ["YES", "END", "HELP"])
async def test_toll_free_numbers_know_fewer_keywords(word: str) -> None:
    world = make_world()
    world.twilio.add_number(TOLL_FREE, sms_url=BASE + "/sms")
    await world.phone.text(TOLL_FREE, word)
    assert bodies(world) == []


async def test_a_short_code_handles_no_keywords() -> None:
    world = listening()
    world.twilio.account.add_number("12345", now=0, sms_url=BASE + "/sms")
    await world.phone.text("12345", "STOP")
    assert bodies(world) == []
