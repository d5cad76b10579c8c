"""STOP, START and HELP."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.simulator import BASE, OTHER_PHONE, PHONE, TWILIO_NUMBER, Simulator, twiml
from tests.support.simulator_messages import SERVICE, TOLL_FREE, received_bodies, send_text, simulator_with_sms_webhook
from twilio_simulator.core.account import MessagingService
from twilio_simulator.network.opt_outs import REPLIES, Keyword, keyword_of

STOPS = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]


@pytest.mark.parametrize("word", [*STOPS, "stop", " Stop \n"])
async def test_a_stop_word_blocks_and_is_answered_by_twilio(word: str) -> None:
    sim = simulator_with_sms_webhook()
    await sim.phone.text(TWILIO_NUMBER, word)
    assert sim.twilio.exchange.is_opted_out(PHONE, sender=TWILIO_NUMBER)
    assert received_bodies(sim) == [REPLIES[Keyword.STOP]]


@pytest.mark.parametrize("word", ["START", "YES", "UNSTOP", "start"])
async def test_a_start_word_unblocks_and_is_answered_by_twilio(word: str) -> None:
    sim = simulator_with_sms_webhook()
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    await sim.phone.text(TWILIO_NUMBER, word)
    assert not sim.twilio.exchange.is_opted_out(PHONE, sender=TWILIO_NUMBER)
    assert received_bodies(sim)[-1] == REPLIES[Keyword.START]


@pytest.mark.parametrize("word", ["HELP", "INFO", "help"])
async def test_a_help_word_is_answered_by_twilio_and_blocks_nothing(word: str) -> None:
    sim = simulator_with_sms_webhook()
    await sim.phone.text(TWILIO_NUMBER, word)
    assert received_bodies(sim) == [REPLIES[Keyword.HELP]]
    assert not sim.twilio.exchange.is_opted_out(PHONE, sender=TWILIO_NUMBER)


@pytest.mark.parametrize("body", ["STOP PLEASE", "STOPP", "please stop", "1", ""])
async def test_anything_else_is_no_keyword(body: str) -> None:
    sim = simulator_with_sms_webhook()
    await sim.phone.text(TWILIO_NUMBER, body)
    assert received_bodies(sim) == []


async def test_the_webhook_is_called_for_keywords_too() -> None:
    sim = simulator_with_sms_webhook()
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    assert sim.customer.requests_to("/sms")[0].form["Body"] == "STOP"
    assert "OptOutType" not in sim.customer.requests_to("/sms")[0].form


async def test_a_reply_to_a_number_that_has_just_stopped_fails() -> None:
    sim = simulator_with_sms_webhook(twiml("<Message>Sorry to see you go.</Message>"))
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    assert sim.codes == [21610]
    assert received_bodies(sim) == [REPLIES[Keyword.STOP]]


async def test_a_block_holds_for_one_sender_only() -> None:
    sim = simulator_with_sms_webhook()
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    assert not sim.twilio.exchange.is_opted_out(PHONE, sender="+14155550198")
    assert not sim.twilio.exchange.is_opted_out(OTHER_PHONE, sender=TWILIO_NUMBER)


async def test_a_block_holds_for_all_senders_of_a_messaging_service() -> None:
    sim = simulator_with_sms_webhook()
    sim.twilio.account.services[SERVICE] = MessagingService(SERVICE, [TWILIO_NUMBER, "+14155550198"])
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    assert sim.twilio.exchange.is_opted_out(PHONE, sender="+14155550198")


async def test_a_text_that_was_queued_before_the_stop_fails_later() -> None:
    sim = simulator_with_sms_webhook()
    sim.twilio.account.segments_per_second = 0.5
    send_text(sim, to=OTHER_PHONE)
    late = send_text(sim)
    await sim.phone.text(TWILIO_NUMBER, "STOP")
    await sim.twilio.clock.run()
    assert (late.status.value, late.error_code) == ("failed", 21610)


async def test_advanced_opt_out_names_the_keyword() -> None:
    sim = simulator_with_sms_webhook()
    sim.twilio.account.services[SERVICE] = MessagingService(SERVICE, [TWILIO_NUMBER], advanced_opt_out=True)
    await sim.phone.text(TWILIO_NUMBER, "HELP")
    form = sim.customer.requests_to("/sms")[0].form
    assert (form["OptOutType"], form["MessagingServiceSid"]) == ("HELP", SERVICE)


def service_with_own_words(**more: Any) -> MessagingService:
    words = {"STOP": frozenset({"PARA YA", "ARRET"}), "HELP": frozenset({"AYUDA"})}
    return MessagingService(SERVICE, [TWILIO_NUMBER], advanced_opt_out=True, keywords=words, **more)


@pytest.mark.parametrize(
    ("body", "opt_out_type"),
    [
        *(("PARA YA", "STOP"), (" arret ", "STOP"), ("STOP", "STOP"), ("ayuda", "HELP"), ("HELP", "HELP")),
        # The usual words of a kind are replaced, and stay where there are no others.
        *(("UNSUBSCRIBE", None), ("INFO", None), ("YES", "START"), ("PARA YA por favor", None), ("PARA", None)),
    ],
)
async def test_a_service_with_advanced_opt_out_has_words_of_its_own(body: str, opt_out_type: str | None) -> None:
    sim = simulator_with_sms_webhook()
    sim.twilio.account.services[SERVICE] = service_with_own_words(replies={"STOP": "Adiós"})
    await sim.phone.text(TWILIO_NUMBER, body)
    await sim.twilio.clock.settle()
    assert sim.customer.requests_to("/sms")[0].form.get("OptOutType") == opt_out_type
    assert sim.twilio.exchange.is_opted_out(PHONE, sender=TWILIO_NUMBER) == (opt_out_type == "STOP")
    replies = {"STOP": ["Adiós"], "HELP": [REPLIES[Keyword.HELP]], "START": [REPLIES[Keyword.START]]}
    assert received_bodies(sim) == replies.get(opt_out_type or "", [])


def test_own_words_need_advanced_opt_out_and_mean_nothing_to_toll_free_numbers() -> None:
    plain, toll_free = service_with_own_words(), service_with_own_words()
    plain.advanced_opt_out = False
    assert keyword_of("ARRET", TWILIO_NUMBER, plain) is None
    assert keyword_of("UNSUBSCRIBE", TWILIO_NUMBER, plain) is Keyword.STOP
    assert keyword_of("ARRET", TOLL_FREE, toll_free) is None
    assert keyword_of("STOP", TOLL_FREE, toll_free) is Keyword.STOP


async def test_a_service_can_have_an_address_of_its_own_for_texts() -> None:
    sim = simulator_with_sms_webhook(service=twiml())
    sim.twilio.account.services[SERVICE] = MessagingService(SERVICE, [TWILIO_NUMBER], inbound_url=BASE + "/service")
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert [request.path for request in sim.customer.requests] == ["/service"]


async def test_the_network_blocks_for_toll_free_numbers() -> None:
    sim = simulator_with_sms_webhook()
    sim.twilio.add_number(TOLL_FREE, sms_url=BASE + "/sms")
    await sim.phone.text(TOLL_FREE, "STOP")
    message = send_text(sim, sender=TOLL_FREE)
    await sim.twilio.clock.settle()
    assert re.match("NETWORK MSG: ", received_bodies(sim)[0])
    assert (message.status.value, message.error_code) == ("undelivered", 30004)


@pytest.mark.parametrize("word", ["YES", "END", "HELP"])
async def test_toll_free_numbers_know_fewer_keywords(sim: Simulator, word: str) -> None:
    sim.twilio.add_number(TOLL_FREE, sms_url=BASE + "/sms")
    await sim.phone.text(TOLL_FREE, word)
    assert received_bodies(sim) == []


async def test_a_short_code_handles_no_keywords() -> None:
    sim = simulator_with_sms_webhook()
    sim.twilio.account.add_number("12345", now=0, sms_url=BASE + "/sms")
    await sim.phone.text("12345", "STOP")
    assert received_bodies(sim) == []
