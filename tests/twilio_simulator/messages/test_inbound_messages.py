"""Inbound texts: the fields of the webhook, and the replies in its response."""

from __future__ import annotations

import pytest

from tests.support.simulator import (
    BASE,
    OTHER_PHONE,
    PHONE,
    TWILIO_NUMBER,
    Answer,
    Simulator,
    make_simulator,
    respond,
    twiml,
)
from tests.support.simulator_messages import received_bodies, simulator_with_sms_webhook
from twilio_simulator.http.transport import ConnectionFailure, TransportError
from twilio_simulator.phone import PhoneError


async def test_a_text_to_us_has_the_fields_of_twilio() -> None:
    sim = simulator_with_sms_webhook()
    message = await sim.phone.text(TWILIO_NUMBER, " 1 + 1 ")
    form = sim.customer.requests_to("/sms")[0].form
    assert form == {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": message.account_sid,
        "ApiVersion": "2010-04-01",
        "SmsStatus": "received",
        "From": PHONE,
        "To": TWILIO_NUMBER,
        "Body": " 1 + 1 ",
        "NumMedia": "0",
        "NumSegments": "1",
        **{f"{end}{part}": "" for end in ("From", "To") for part in ("City", "State", "Zip")},
        "FromCountry": "US",
        "ToCountry": "US",
    }


async def test_media_are_in_the_fields() -> None:
    sim = simulator_with_sms_webhook()
    await sim.phone.text(TWILIO_NUMBER, "", media=("https://media.example/a.jpg",))
    form = sim.customer.requests_to("/sms")[0].form
    assert (form["NumMedia"], form["MediaUrl0"]) == ("1", "https://media.example/a.jpg")
    assert form["MessageSid"].startswith("MM")


@pytest.mark.parametrize(
    ("answer", "replies"),
    [
        pytest.param(twiml("<Message>Hi.</Message>"), ["Hi."], id="a message"),
        pytest.param(twiml("<Message>One.</Message>", "<Message>Two.</Message>"), ["One.", "Two."], id="two"),
        pytest.param(twiml("<Message><Body>Hi.</Body></Message>"), ["Hi."], id="a body"),
        pytest.param(respond("Hi.", content_type="text/plain"), ["Hi."], id="plain text"),
        pytest.param(twiml(), [], id="nothing"),
        pytest.param(respond(status=204, content_type=None), [], id="204"),
    ],
)
async def test_the_answer_is_texted_back(answer: Answer, replies: list[str]) -> None:
    sim = simulator_with_sms_webhook(answer)
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert received_bodies(sim) == replies
    assert sim.codes == []


async def test_a_reply_is_a_message_of_its_own() -> None:
    sim = simulator_with_sms_webhook(twiml("<Message>Hi.</Message>"))
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    inbound, reply = sim.twilio.messages.values()
    assert (inbound.direction.value, inbound.status.value) == ("inbound", "received")
    assert (reply.direction.value, reply.from_, reply.to) == ("outbound-reply", TWILIO_NUMBER, PHONE)


async def test_a_reply_can_go_to_another_number() -> None:
    sim = simulator_with_sms_webhook(twiml(f'<Message to="{OTHER_PHONE}" from="+14155550198">Hi.</Message>'))
    sim.twilio.add_number("+14155550198")
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    (text,) = sim.twilio.phone(OTHER_PHONE).texts
    assert text.sender == "+14155550198"


async def test_a_redirect_leads_to_another_document() -> None:
    sim = simulator_with_sms_webhook(twiml("<Redirect>/next</Redirect>"), next=twiml("<Message>Hi.</Message>"))
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert received_bodies(sim) == ["Hi."]
    assert sim.customer.requests_to("/next")[0].form["Body"] == "Hello"


async def test_an_action_is_fetched_after_the_reply_and_can_continue() -> None:
    sim = simulator_with_sms_webhook(
        twiml('<Message action="/sent">Hi.</Message>'), sent=twiml("<Message>More.</Message>")
    )
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert received_bodies(sim) == ["Hi.", "More."]
    assert sim.customer.requests_to("/sent")[0].form["MessageStatus"]


async def test_a_reply_reports_its_statuses_to_its_callback_url() -> None:
    sim = simulator_with_sms_webhook(twiml('<Message statusCallback="/status">Hi.</Message>'))
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert sim.customer.statuses() == ["sent", "delivered"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(respond(status=500), 11200, id="500"),
        pytest.param(respond("{}", content_type="application/json"), 12300, id="JSON"),
        pytest.param(respond("<Response>"), 12100, id="broken"),
        pytest.param(respond("<Hello/>"), 12102, id="wrong root"),
        pytest.param(respond(twiml("<Message>x</Message>" * 4000)), 11750, id="too large"),
        pytest.param(respond("", transfer_encoding="chunked"), 11770, id="chunked and empty"),
        pytest.param(twiml("<Redirect>/sms</Redirect>"), 14106, id="an endless loop"),
        pytest.param(twiml("<Message>x</Message>" * 11), 14109, id="eleven replies"),
        pytest.param(twiml("<Say>Hi.</Say>"), 14110, id="a voice verb"),
        pytest.param(respond("x" * 1601, content_type="text/plain"), 14103, id="plain text too long"),
    ],
)
async def test_an_answer_with_a_fault_is_recorded(answer: Answer, code: int) -> None:
    sim = simulator_with_sms_webhook(answer)
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert sim.codes == [code]


async def test_fifty_documents_are_run_before_an_endless_loop_is_ended() -> None:
    sim = simulator_with_sms_webhook(twiml("<Redirect>/sms</Redirect>"))
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert len(sim.customer.requests_to("/sms")) == 50


async def test_a_reply_from_a_number_that_is_not_ours_is_recorded() -> None:
    sim = simulator_with_sms_webhook(twiml('<Message from="+14155550198">Hi.</Message>'))
    sim.twilio.strict_numbers = True
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert (sim.codes, received_bodies(sim)) == ([14108], [])


async def test_too_many_replies_in_half_a_minute_are_stopped() -> None:
    sim = simulator_with_sms_webhook(twiml("<Message>x</Message>" * 8))
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert (sim.codes, len(received_bodies(sim))) == ([14107], 15)
    await sim.twilio.clock.advance(31)
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert len(received_bodies(sim)) == 23


async def test_the_fallback_takes_over() -> None:
    sim = simulator_with_sms_webhook(respond(status=500), fallback=twiml("<Message>Later.</Message>"))
    sim.twilio.numbers[TWILIO_NUMBER].sms_fallback_url = BASE + "/fallback"
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert received_bodies(sim) == ["Later."]
    assert sim.customer.requests_to("/fallback")[0].form["ErrorCode"] == "11200"


async def test_without_a_fallback_nothing_is_sent() -> None:
    sim = simulator_with_sms_webhook()
    sim.transport.broken["customer.example"] = TransportError(ConnectionFailure.REFUSED)
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert (sim.codes, received_bodies(sim)) == ([11202], [])


async def test_a_number_without_an_address_for_texts_is_noticed(sim: Simulator) -> None:
    sim.twilio.add_number(TWILIO_NUMBER)
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    assert sim.codes == [None]


async def test_a_phone_cannot_text_a_number_that_is_not_ours() -> None:
    with pytest.raises(PhoneError):
        await make_simulator().phone.text(TWILIO_NUMBER, "Hello")


async def test_cookies_last_four_hours_between_two_numbers() -> None:
    sim = simulator_with_sms_webhook(respond(twiml(), set_cookie="talk=1"))
    cookies = []
    for wait in (0, 3 * 3600, 4 * 3600 + 1):
        await sim.twilio.clock.advance(wait)
        await sim.phone.text(TWILIO_NUMBER, "Hello")
        cookies.append(sim.customer.requests_to("/sms")[-1].headers.get("cookie"))
    assert cookies == [None, "talk=1", None]
