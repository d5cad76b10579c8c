"""Messages, driven by Twilio's own Python library."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.simulator import OTHER_PHONE, PHONE, TWILIO_NUMBER
from tests.support.simulator_rest import CALL, ROOT, SERVICE, TEXT, RestSimulator, code_of
from twilio_simulator.core.account import AccountKind, MessagingService
from twilio_simulator.core.clock import DEFAULT_START
from twilio_simulator.network.handset import Behaviour, LineType, OnText
from twilio_simulator.rest.messages import NOT_SIMULATED


def test_a_message_is_created_with_twilios_fields(rest: RestSimulator) -> None:
    _, _, body = rest.http(
        "POST", f"{ROOT}/Messages.json", "To=%2B14155550100&From=%2B14155550199&Body=Hello",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    message = json.loads(body)
    expected = {
        "to": PHONE,
        "from": TWILIO_NUMBER,
        "body": "Hello",
        "status": "queued",
        "direction": "outbound-api",
        "num_segments": "1",
        "num_media": "0",
        "date_sent": None,
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "api_version": "2010-04-01",
        "messaging_service_sid": None,
        "uri": f"{ROOT}/Messages/{message['sid']}.json",
    }
    assert {name: message[name] for name in expected} == expected
    assert message["date_created"] == "Mon, 05 Jan 2026 12:00:00 +0000"
    assert set(message["subresource_uris"]) == {"media"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
        ({"body": None}, 21619),
        ({"body": ""}, 21602),
        ({"body": "  "}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"body": "\N{WAVING HAND SIGN}" * 801}, 21617),
        ({"to": "hello"}, 21211),
        ({"to": "+1415555010"}, 21211),
        ({"to": "12345"}, 21265),
        ({"to": TWILIO_NUMBER}, 21266),
        ({"from_": "+1415"}, 21212),
        ({"from_": "whatsapp:+14155550199"}, 63007),
        ({"from_": "whatsapp:+14155550199", "to": "whatsapp:+14155550100"}, 63007),
        ({"to": "whatsapp:+14155550100"}, 21910),
        ({"to": "rcs:brand"}, 21910),
        ({"to": "whatsapp:+14155550100", "from_": None, "messaging_service_sid": SERVICE}, 21703),
        ({"from_": "Acme International"}, 21212),
        ({"status_callback": "nonsense"}, 21609),
        ({"validity_period": 0}, 21624),
        ({"validity_period": 36_001}, 21624),
        ({"media_url": ["nonsense"]}, 21620),
        ({"media_url": ["http://x.example/a"] * 11}, 21623),
        ({"messaging_service_sid": "nonsense"}, 21705),
        ({"messaging_service_sid": "MG1"}, 21705),
        ({"message_intent": "gossip"}, 20422),
        ({"risk_check": "maybe"}, 20422),
        ({"schedule_type": "fixed"}, 20422),
    ],
)
def test_a_bad_parameter_of_a_message_has_its_code(rest: RestSimulator, changes: dict[str, Any], code: int) -> None:
    parameters = {name: value for name, value in {**TEXT, **changes}.items() if value is not None}
    assert code_of(lambda: rest.client().messages.create(**parameters)) == code
    assert not rest.twilio.messages


@pytest.mark.parametrize("name", sorted(NOT_SIMULATED))
def test_a_parameter_that_the_simulator_does_not_do_is_noted(rest: RestSimulator, name: str) -> None:
    rest.http(
        "POST", f"{ROOT}/Messages.json", f"To=%2B14155550100&From=%2B14155550199&Body=Hi&{name}=x",
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    (entry,) = rest.twilio.debugger
    assert (entry.code, entry.message) == (None, f"The simulator does not do {name}: it has no effect")


def test_the_media_of_a_text_are_on_the_phone_and_in_its_resource(rest: RestSimulator) -> None:
    picture, sound = "https://shop.example/map.png?size=2", "https://shop.example/hello.mp3"
    sent = rest.client().messages.create(**TEXT, media_url=[picture, sound])
    rest.settle()
    (text,) = rest.twilio.phone(PHONE).texts
    assert text.media == (picture, sound)
    assert text.to_json()["media"] == [picture, sound]
    (arrived,) = [published for published in rest.twilio.events.since() if published.event.kind() == "text-arrived"]
    assert arrived.to_json()["media"] == (picture, sound)
    media = rest.client().messages(sent.sid or "").media
    listed = media.list()
    assert [item.content_type for item in listed] == ["image/png", "audio/mpeg"]
    assert media(listed[1].sid or "").fetch().parent_sid == sent.sid
    assert code_of(media("ME" + "0" * 32).fetch) == 20404


@pytest.mark.parametrize(("sender", "to"), [("Acme", "+4915123456789"), ("12345", PHONE), (TWILIO_NUMBER, PHONE)])
def test_a_sender_may_be_a_name_a_short_code_or_a_number(rest: RestSimulator, sender: str, to: str) -> None:
    rest.client().messages.create(**{**TEXT, "from_": sender, "to": to})
    rest.settle()
    assert rest.twilio.phone(to).texts[0].sender == sender


def test_a_name_reaches_no_number_of_north_america(rest: RestSimulator) -> None:
    assert code_of(lambda: rest.client().messages.create(**{**TEXT, "from_": "Acme"})) == 21612


def test_a_text_arrives_and_can_be_fetched(rest: RestSimulator) -> None:
    sid = rest.client().messages.create(**TEXT, validity_period=300, message_intent="otp", risk_check="disable").sid
    rest.settle()
    message = rest.client().messages(sid).fetch()
    assert (message.status, message.price) == ("delivered", "-0.00790")
    assert message.date_sent == datetime.fromtimestamp(DEFAULT_START, UTC)
    assert [text.body for text in rest.twilio.phone(PHONE).texts] == ["Hello"]
    assert list(rest.twilio.debugger) == []


def test_a_failed_text_has_its_code_and_words(rest: RestSimulator) -> None:
    rest.twilio.phone(PHONE).set_behaviour(Behaviour(on_text=OnText.UNDELIVERED, text_code=30006))
    sid = rest.client().messages.create(**TEXT).sid
    rest.settle()
    message = rest.client().messages(sid).fetch()
    assert (message.status, message.error_code) == ("undelivered", 30006)
    assert message.error_message == "Landline or unreachable carrier"


def test_segments_are_counted(rest: RestSimulator) -> None:
    client = rest.client()
    assert client.messages.create(**{**TEXT, "body": "x" * 161}).num_segments == "2"
    assert client.messages.create(**{**TEXT, "body": "“x”" * 30}).num_segments == "2"
    assert client.messages.create(**{**TEXT, "body": "“x”" * 30}, smart_encoded=True).num_segments == "1"


def test_a_messaging_service_accepts_first(rest: RestSimulator) -> None:
    rest.twilio.account.services[SERVICE] = MessagingService(SERVICE, [TWILIO_NUMBER])
    message = rest.client().messages.create(to=PHONE, messaging_service_sid=SERVICE, body="Hello")
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
    rest.settle()
    assert rest.client().messages(message.sid).fetch().from_ == TWILIO_NUMBER


def test_a_messaging_service_that_cannot_send_has_its_code(rest: RestSimulator) -> None:
    rest.twilio.strict_numbers = True

    def create() -> object:
        return rest.client().messages.create(to=PHONE, messaging_service_sid=SERVICE, body="Hello")

    assert code_of(create) == 21701
    rest.twilio.account.services[SERVICE] = MessagingService(SERVICE, [])
    assert code_of(create) == 21704


def test_a_text_to_an_opted_out_number_is_rejected(rest: RestSimulator) -> None:
    rest.twilio.add_number(TWILIO_NUMBER)
    rest.server.run_in_loop(rest.twilio.phone(PHONE).text(TWILIO_NUMBER, "STOP"))
    assert code_of(lambda: rest.client().messages.create(**TEXT)) == 21610
    rest.server.run_in_loop(rest.twilio.phone(PHONE).text(TWILIO_NUMBER, "START"))
    assert rest.client().messages.create(**TEXT).sid


def test_a_toll_free_text_to_an_opted_out_number_is_blocked_later_by_the_network(rest: RestSimulator) -> None:
    sender = "+18005550199"
    rest.twilio.add_number(sender)
    rest.server.run_in_loop(rest.twilio.phone(PHONE).text(sender, "STOP"))
    sid = rest.client().messages.create(**{**TEXT, "from_": sender}).sid
    rest.settle()
    assert rest.client().messages(sid).fetch().error_code == 30004


def test_an_opt_out_does_not_block_calls(rest: RestSimulator) -> None:
    rest.twilio.add_number(TWILIO_NUMBER)
    rest.server.run_in_loop(rest.twilio.phone(PHONE).text(TWILIO_NUMBER, "STOP"))
    assert rest.client().calls.create(**CALL).sid


def test_a_landline_abroad_is_refused_unless_forced(rest: RestSimulator) -> None:
    landline = "+442079460100"
    rest.twilio.phone(landline).handset.line_type = LineType.LANDLINE
    assert code_of(lambda: rest.client().messages.create(**{**TEXT, "to": landline})) == 21635
    assert rest.client().messages.create(**{**TEXT, "to": landline}, force_delivery=True).sid


def test_feedback_needs_provide_feedback_at_creation(rest: RestSimulator) -> None:
    client = rest.client()
    sid = client.messages.create(**TEXT, provide_feedback=True).sid or ""
    feedback = client.messages(sid).feedback.create(outcome="confirmed")
    assert (feedback.message_sid, feedback.outcome) == (sid, "confirmed")
    assert rest.twilio.messages[sid].feedback == "confirmed"
    other = client.messages.create(**TEXT).sid or ""
    assert code_of(lambda: client.messages(other).feedback.create(outcome="confirmed")) == 20404
    assert code_of(lambda: client.messages(sid).feedback.create(outcome="good")) == 20422


def test_a_message_can_be_redacted_and_deleted(rest: RestSimulator) -> None:
    client = rest.client()
    sid = client.messages.create(**TEXT).sid
    rest.settle()
    assert client.messages(sid).update(body="").body == ""
    assert client.messages(sid).delete()
    assert code_of(client.messages(sid).fetch) == 20404


def test_a_scheduled_message_is_sent_at_its_time_or_cancelled(rest: RestSimulator) -> None:
    rest.twilio.account.services[SERVICE] = MessagingService(SERVICE, [TWILIO_NUMBER])
    client = rest.client()
    at = datetime.fromtimestamp(DEFAULT_START + 3600, UTC)
    plan: dict[str, Any] = {"messaging_service_sid": SERVICE, "schedule_type": "fixed", "send_at": at, "body": "Later"}
    kept, dropped = client.messages.create(to=PHONE, **plan), client.messages.create(to=OTHER_PHONE, **plan)
    assert kept.status == "scheduled"
    assert client.messages(dropped.sid).update(status="canceled").status == "canceled"
    rest.advance(3599)
    assert rest.twilio.phone(PHONE).texts == []
    rest.advance(1)
    assert len(rest.twilio.phone(PHONE).texts) == 1
    assert rest.twilio.phone(OTHER_PHONE).texts == []
    assert code_of(lambda: client.messages(kept.sid).update(status="canceled")) == 30409


def test_a_classic_trial_reaches_verified_numbers_only(rest: RestSimulator) -> None:
    account, client = rest.twilio.account, rest.client()
    account.kind = AccountKind.CLASSIC_TRIAL
    assert code_of(lambda: client.calls.create(**CALL)) == 21219
    assert code_of(lambda: client.messages.create(**TEXT)) == 21608
    account.caller_ids.add(PHONE)
    assert client.calls.create(**CALL).sid
    assert client.messages.create(**TEXT).body == "Sent from your Twilio trial account - Hello"


def test_a_new_trial_rejects_every_body(rest: RestSimulator) -> None:
    account, client = rest.twilio.account, rest.client()
    account.kind = AccountKind.TRIAL
    assert code_of(lambda: client.calls.create(**CALL)) == 573005
    account.caller_ids.add(PHONE)
    assert code_of(lambda: client.calls.create(**CALL)) == 573002
    assert code_of(lambda: client.messages.create(**TEXT)) == 572002
    rest.twilio.add_number(TWILIO_NUMBER)
    assert code_of(lambda: client.messages.create(**TEXT)) == 572006
    account.caller_ids.clear()
    assert code_of(lambda: client.messages.create(**TEXT)) == 572005
