"""STOP, START and HELP."""

from __future__ import annotations

import re

import pytest

from tests.support.simulator import BASE, OTHER_PHONE, PHONE, TWILIO_NUMBER, Answer, Simulator, make_simulator, twiml
from twilio_simulator.core.account import MessagingService
from twilio_simulator.messages.texting import deliver, register_message
from twilio_simulator.network.message import Message, MessageDirection, MessageStatus
from twilio_simulator.network.opt_outs import REPLIES, Keyword

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


STOPS = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]


@pytest.mark.parametrize("word", [*STOPS, "stop", " Stop \n"])
async def test_a_stop_word_blocks_and_is_answered_by_twilio(word: str) -> None:
    sim = listening()
    await sim.phone.text(TWILIO_NUMBER, word)
    assert sim.twilio.exchange.is_opted_out(PHONE, sender=TWILIO_NUMBER)
    assert bodies(sim) == [REPLIES[Keyword.STOP]]


@pytest.mark.parametrize("word", ["START", "YES", "UNSTOP", "start"])
async def test_a_start_word_unblocks_and_is_answered_by_twilio(word: str) -> None:
    sim = listening()
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    await sim.phone.text(TWILIO_NUMBER, word)
    assert not sim.twilio.exchange.is_opted_out(PHONE, sender=TWILIO_NUMBER)
    assert bodies(sim)[-1] == REPLIES[Keyword.START]


@pytest.mark.parametrize("word", ["HELP", "INFO", "help"])
async def test_a_help_word_is_answered_by_twilio_and_blocks_nothing(word: str) -> None:
    sim = listening()
    await sim.phone.text(TWILIO_NUMBER, word)
    assert bodies(sim) == [REPLIES[Keyword.HELP]]
    assert not sim.twilio.exchange.is_opted_out(PHONE, sender=TWILIO_NUMBER)


@pytest.mark.parametrize("body", ["STOP PLEASE", "STOPP", "please stop", "1", ""])
async def test_anything_else_is_no_keyword(body: str) -> None:
    sim = listening()
    await sim.phone.text(TWILIO_NUMBER, body)
    assert bodies(sim) == []


async def test_the_webhook_is_called_for_keywords_too() -> None:
    sim = listening()
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    assert sim.customer.at("/sms")[0].form["Body"] == "STOP"
    assert "OptOutType" not in sim.customer.at("/sms")[0].form


async def test_a_reply_to_a_number_that_has_just_stopped_fails() -> None:
    sim = listening(twiml("<Message>Sorry to see you go.</Message>"))
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    assert sim.codes == [21610]
    assert bodies(sim) == [REPLIES[Keyword.STOP]]


async def test_a_block_holds_for_one_sender_only() -> None:
    sim = listening()
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    assert not sim.twilio.exchange.is_opted_out(PHONE, sender="+14155550198")
    assert not sim.twilio.exchange.is_opted_out(OTHER_PHONE, sender=TWILIO_NUMBER)


async def test_a_block_holds_for_all_senders_of_a_messaging_service() -> None:
    sim = listening()
    sim.twilio.account.services[SERVICE] = MessagingService(SERVICE, [TWILIO_NUMBER, "+14155550198"])
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    assert sim.twilio.exchange.is_opted_out(PHONE, sender="+14155550198")


async def test_a_text_that_was_queued_before_the_stop_fails_later() -> None:
    sim = listening()
    sim.twilio.account.segments_per_second = 0.5
    send(sim, to=OTHER_PHONE)
    late = send(sim)
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    await sim.twilio.clock.run()
    assert (late.status.value, late.error_code) == ("failed", 21610)


async def test_advanced_opt_out_names_the_keyword() -> None:
    sim = listening()
    sim.twilio.account.services[SERVICE] = MessagingService(SERVICE, [TWILIO_NUMBER], advanced_opt_out=True)
    await sim.phone.text(TWILIO_NUMBER, "HELP")
    form = sim.customer.at("/sms")[0].form
    assert (form["OptOutType"], form["MessagingServiceSid"]) == ("HELP", SERVICE)


async def test_a_service_can_have_an_address_of_its_own_for_texts() -> None:
    sim = listening(service=twiml())
    sim.twilio.account.services[SERVICE] = MessagingService(SERVICE, [TWILIO_NUMBER], inbound_url=BASE + "/service")
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert [got.path for got in sim.customer.got] == ["/service"]


async def test_the_network_blocks_for_toll_free_numbers() -> None:
    sim = listening()
    sim.twilio.add_number(TOLL_FREE, sms_url=BASE + "/sms")
    await sim.phone.text(TOLL_FREE, "STOP")
    message = send(sim, sender=TOLL_FREE)
    await sim.twilio.clock.settle()
    assert re.match("NETWORK MSG: ", bodies(sim)[0])
    assert (message.status.value, message.error_code) == ("undelivered", 30004)


@pytest.mark.parametrize("word", ["YES", "END", "HELP"])
async def test_toll_free_numbers_know_fewer_keywords(word: str) -> None:
    sim = make_simulator()
    sim.twilio.add_number(TOLL_FREE, sms_url=BASE + "/sms")
    await sim.phone.text(TOLL_FREE, word)
    assert bodies(sim) == []


async def test_a_short_code_handles_no_keywords() -> None:
    sim = listening()
    sim.twilio.account.add_number("12345", now=0, sms_url=BASE + "/sms")
    await sim.phone.text("12345", "STOP")
    assert bodies(sim) == []
