"""Texts to us: what the webhook gets, and what its answer leads to."""

from __future__ import annotations

import pytest

from simulator.account import MessagingService
from simulator.message import Message, MessageDirection, MessageStatus
from simulator.phone import PhoneRefuses
from simulator.texting import deliver, make_message
from simulator.wire import Break, WireBroken
from tests.simulator_support import BASE, OTHER_PHONE, OURS, PHONE, Answer, World, make_world, respond, twiml

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


async def test_a_text_to_us_has_the_fields_of_twilio() -> None:
    world = listening()
    message = await world.phone.text(OURS, " 1 + 1 ")
    form = world.customer.at("/sms")[0].form
    assert form == {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsMessageSid": message.sid,
        "AccountSid": message.account_sid,
        "ApiVersion": "2010-04-01",
        "SmsStatus": "received",
        "From": PHONE,
        "To": OURS,
        "Body": " 1 + 1 ",
        "NumMedia": "0",
        "NumSegments": "1",
        **{f"{end}{part}": "" for end in ("From", "To") for part in ("City", "State", "Zip")},
        "FromCountry": "US",
        "ToCountry": "US",
    }


async def test_pictures_come_along() -> None:
    world = listening()
    await world.phone.text(OURS, "", media=("https://media.example/a.jpg",))
    form = world.customer.at("/sms")[0].form
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
    world = listening(answer)
    await world.phone.text(OURS, "Hello")
    assert bodies(world) == replies
    assert world.codes == []


async def test_a_reply_is_a_message_of_its_own() -> None:
    world = listening(twiml("<Message>Hi.</Message>"))
    await world.phone.text(OURS, "Hello")
    inbound, reply = world.twilio.messages.values()
    assert (inbound.direction.value, inbound.status.value) == ("inbound", "received")
    assert (reply.direction.value, reply.from_, reply.to) == ("outbound-reply", OURS, PHONE)


async def test_a_reply_can_go_to_somebody_else() -> None:
    world = listening(twiml(f'<Message to="{OTHER_PHONE}" from="+14155550198">Hi.</Message>'))
    await world.phone.text(OURS, "Hello")
    (text,) = world.twilio.phone(OTHER_PHONE).texts
    assert text.sender == "+14155550198"


async def test_a_redirect_leads_to_another_document() -> None:
    world = listening(twiml("<Redirect>/next</Redirect>"), next=twiml("<Message>Hi.</Message>"))
    await world.phone.text(OURS, "Hello")
    assert bodies(world) == ["Hi."]
    assert world.customer.at("/next")[0].form["Body"] == "Hello"


async def test_an_action_is_asked_after_the_reply_and_may_go_on() -> None:
    world = listening(twiml('<Message action="/sent">Hi.</Message>'), sent=twiml("<Message>More.</Message>"))
    await world.phone.text(OURS, "Hello")
    assert bodies(world) == ["Hi.", "More."]
    assert world.customer.at("/sent")[0].form["MessageStatus"]


async def test_a_reply_reports_its_statuses_where_it_was_told() -> None:
    world = listening(twiml('<Message statusCallback="/status">Hi.</Message>'))
    await world.phone.text(OURS, "Hello")
    assert world.customer.statuses() == ["sent", "delivered"]


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
    world = listening(answer)
    await world.phone.text(OURS, "Hello")
    assert world.codes == [code]


async def test_fifty_documents_are_run_before_an_endless_loop_is_ended() -> None:
    world = listening(twiml("<Redirect>/sms</Redirect>"))
    await world.phone.text(OURS, "Hello")
    assert len(world.customer.at("/sms")) == 50


async def test_a_reply_from_a_number_that_is_not_ours_is_recorded() -> None:
    world = listening(twiml('<Message from="+14155550198">Hi.</Message>'))
    world.twilio.strict_numbers = True
    await world.phone.text(OURS, "Hello")
    assert (world.codes, bodies(world)) == ([14108], [])


async def test_too_many_replies_in_half_a_minute_are_stopped() -> None:
    world = listening(twiml("<Message>x</Message>" * 8))
    await world.phone.text(OURS, "Hello")
    await world.phone.text(OURS, "Hello")
    assert (world.codes, len(bodies(world))) == ([14107], 15)
    await world.twilio.clock.advance(31)
    await world.phone.text(OURS, "Hello")
    assert len(bodies(world)) == 23


async def test_the_fallback_takes_over() -> None:
    world = listening(respond(status=500), fallback=twiml("<Message>Later.</Message>"))
    world.twilio.numbers[OURS].sms_fallback_url = BASE + "/fallback"
    await world.phone.text(OURS, "Hello")
    assert bodies(world) == ["Later."]
    assert world.customer.at("/fallback")[0].form["ErrorCode"] == "11200"


async def test_without_a_fallback_nothing_is_sent() -> None:
    world = listening()
    world.wire.broken["customer.example"] = WireBroken(Break.REFUSED)
    await world.phone.text(OURS, "Hello")
    assert (world.codes, bodies(world)) == ([11202], [])


async def test_a_number_without_an_address_for_texts_is_noticed() -> None:
    world = make_world()
    world.twilio.add_number(OURS)
    await world.phone.text(OURS, "Hello")
    assert world.codes == [None]


async def test_a_phone_cannot_text_a_number_that_is_not_ours() -> None:
    with pytest.raises(PhoneRefuses):
        await make_world().phone.text(OURS, "Hello")


async def test_cookies_last_four_hours_between_two_numbers() -> None:
    world = listening(respond(twiml(), set_cookie="talk=1"))
    cookies = []
    for wait in (0, 3 * 3600, 4 * 3600 + 1):
        await world.twilio.clock.advance(wait)
        await world.phone.text(OURS, "Hello")
        cookies.append(world.customer.at("/sms")[-1].headers.get("cookie"))
    assert cookies == [None, "talk=1", None]
