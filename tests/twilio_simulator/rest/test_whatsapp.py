"""WhatsApp in the simulator: senders, templates, the day after a message of the phone, statuses up to `read`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.simulator import BASE, PHONE, TWILIO_NUMBER, twiml
from tests.support.simulator_rest import RestSimulator, code_of
from twilio_simulator.core.account import MessagingService
from twilio_simulator.network.handset import Behaviour, OnWhatsApp

SENDER = "+14155550177"
OURS, THEIRS = f"whatsapp:{SENDER}", f"whatsapp:{PHONE}"
TEMPLATE = "HX" + "e" * 32
BY_TEMPLATE = {
    "to": THEIRS,
    "from_": OURS,
    "content_sid": TEMPLATE,
    "content_variables": '{"1": "123456"}',
    "status_callback": BASE + "/status",
}
FREE = {"to": THEIRS, "from_": OURS, "body": "Hello", "status_callback": BASE + "/status"}


@pytest.fixture
def whatsapp(rest: RestSimulator) -> RestSimulator:
    rest.customer.answers["/sms"] = twiml("<Message>Thank you</Message>")
    rest.twilio.add_whatsapp_sender(SENDER, sms_url=BASE + "/sms")
    rest.twilio.add_template(TEMPLATE)
    return rest


def sent(rest: RestSimulator, **parameters: Any) -> Any:
    message = rest.client().messages.create(**parameters)
    rest.settle()
    return rest.twilio.messages[message.sid]


def texts(rest: RestSimulator) -> list[tuple[str, str]]:
    return [(text.sender, text.body) for text in rest.twilio.phone(PHONE).texts]


def test_a_template_arrives_with_its_variable_in_it(whatsapp: RestSimulator) -> None:
    sent(whatsapp, **BY_TEMPLATE)
    assert texts(whatsapp) == [(OURS, "123456 is your verification code.")]


@pytest.mark.parametrize(
    ("behaviour", "statuses", "code"),
    [
        (Behaviour(), ["sent", "delivered"], None),
        (Behaviour(on_whatsapp=OnWhatsApp.READ), ["sent", "delivered", "read"], None),
        (Behaviour(on_whatsapp=OnWhatsApp.SENT), ["sent"], None),
        (Behaviour(on_whatsapp=OnWhatsApp.UNDELIVERED), ["sent", "undelivered"], "63024"),
        (Behaviour(on_whatsapp=OnWhatsApp.ABSENT), ["failed"], "63024"),
        (Behaviour(on_whatsapp=OnWhatsApp.ABSENT, whatsapp_code=63003), ["failed"], "63003"),
    ],
)
def test_an_outcome_has_its_statuses(
    whatsapp: RestSimulator, behaviour: Behaviour, statuses: list[str], code: str | None
) -> None:
    whatsapp.twilio.phone(PHONE).set_behaviour(behaviour)
    sent(whatsapp, **BY_TEMPLATE)
    assert whatsapp.customer.statuses() == statuses
    last = whatsapp.customer.requests_to("/status")[-1].form
    assert (last["From"], last["To"], last["ChannelPrefix"]) == (OURS, THEIRS, "whatsapp")
    assert last.get("ErrorCode") == code


def test_without_a_template_a_message_goes_only_within_a_day_of_the_phones_last(whatsapp: RestSimulator) -> None:
    assert sent(whatsapp, **FREE).error_code == 63016
    whatsapp.server.run_in_loop(whatsapp.twilio.phone(PHONE).text(OURS, "Hi"))
    assert texts(whatsapp) == [(OURS, "Thank you")], "the answer of the webhook goes back to WhatsApp"
    whatsapp.advance(86_000)
    assert sent(whatsapp, **FREE).error_code is None
    whatsapp.advance(1_000)
    assert sent(whatsapp, **FREE).error_code == 63016


def test_what_the_phone_writes_comes_from_its_address(whatsapp: RestSimulator) -> None:
    whatsapp.server.run_in_loop(whatsapp.twilio.phone(PHONE).text(OURS, "Hi"))
    form = whatsapp.customer.requests_to("/sms")[-1].form
    assert (form["From"], form["To"], form["Body"], form["WaId"]) == (THEIRS, OURS, "Hi", PHONE[1:])


@pytest.mark.parametrize("advanced", [False, True])
def test_twilio_answers_stop_with_advanced_opt_out_only(whatsapp: RestSimulator, advanced: bool) -> None:
    service = MessagingService("MG" + "3" * 32, [OURS], inbound_url=BASE + "/sms", advanced_opt_out=advanced)
    whatsapp.twilio.account.services[service.sid] = service
    whatsapp.server.run_in_loop(whatsapp.twilio.phone(PHONE).text(OURS, "STOP"))
    form = whatsapp.customer.requests_to("/sms")[-1].form
    assert form.get("OptOutType") == ("STOP" if advanced else None)
    assert ("unsubscribed" in str(texts(whatsapp))) == advanced


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"from_": "whatsapp:+14155550178"}, 63007),
        ({"from_": TWILIO_NUMBER}, 21910),
        ({"to": PHONE}, 21910),
        ({"to": "whatsapp:hello"}, 21211),
        ({"content_sid": "HX" + "0" * 32}, 21655),
        ({"content_variables": "123456"}, 21656),
        ({"content_variables": '{"1": 123456}'}, 21656),
        ({"content_variables": '{"2": "123456"}'}, 21656),
        ({"content_variables": "{"}, 21656),
    ],
)
def test_a_bad_parameter_has_its_code(whatsapp: RestSimulator, changes: dict[str, str], code: int) -> None:
    assert code_of(lambda: whatsapp.client().messages.create(**(BY_TEMPLATE | changes))) == code


def test_a_call_to_a_sender_of_messages_is_refused(whatsapp: RestSimulator) -> None:
    with pytest.raises(Exception, match="not a number of the account"):
        whatsapp.server.run_in_loop(whatsapp.twilio.phone(PHONE).call(OURS))


def test_the_control_api_sets_it_up(rest: RestSimulator) -> None:
    json = {"Content_Type": "application/json"}
    address = f"/simulator/whatsapp-senders/%2B{SENDER[1:]}"
    assert rest.http("PUT", address, '{"sms_url": "https://a.example/sms"}', **json)[0] == 200
    assert rest.http("PUT", f"/simulator/content-templates/{TEMPLATE}", '{"language": "es"}', **json)[0] == 200
    assert rest.http("PUT", "/simulator/content-templates/HX1", "{}", **json)[0] == 400
    assert rest.http("PUT", f"/simulator/content-templates/{TEMPLATE}", '{"words": "x"}', **json)[0] == 400
    assert rest.http("PUT", "/simulator/whatsapp-senders/12", "{}", **json)[0] == 400
    assert rest.twilio.account.whatsapp_senders[OURS].sms_url == "https://a.example/sms"
    assert rest.twilio.account.templates[TEMPLATE].language == "es"
