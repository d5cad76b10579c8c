"""WhatsApp at the rim: callbacks, messages to us, and the API, where it is set up and where it is not any more."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from tests.support.api_client import Client, client
from tests.support.app import PHONE, RunningApp, path_of, running_app
from tests.support.asgi_client import Answer
from verification.flow import accounts
from verification.models import Account, EnrolledNumber
from verification.policy import DEFAULT_POLICY
from verification.ports import ByDelivery, ByEnrolled
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import parse

SENDER = "+14155550177"
_SIDS = count(1)
SET_UP = replace(DEFAULT_POLICY, channels=frozenset(Channel))


@pytest.fixture
async def messenger(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "messenger.db", policy=SET_UP, whatsapp_sender=SENDER) as running:
        yield running


async def reported(running: RunningApp, delivery: str, status: str, *, sender: str = SENDER, to: str = PHONE) -> Answer:
    fields = {
        "MessageSid": "SM1",
        "SmsSid": "SM1",
        "MessageStatus": status,
        "From": f"whatsapp:{sender}",
        "To": f"whatsapp:{to}",
        "ChannelPrefix": "whatsapp",
    }
    return await running.twilio.post(path_of("message_status", delivery=delivery), fields)


async def status_of(running: RunningApp, delivery: str) -> DeliveryStatus:
    stored = (await running.store.read(ByDelivery(delivery))).delivery(delivery)
    assert stored is not None
    return stored.status


async def written(running: RunningApp, body: str, **more: str) -> str | None:
    """What we answer to a WhatsApp message."""
    fields = {"MessageSid": f"SM{next(_SIDS):032x}", "From": f"whatsapp:{PHONE}", "To": f"whatsapp:{SENDER}"}
    answer = await running.twilio.post(path_of("inbound_message"), fields | {"Body": body, "WaId": PHONE[1:], **more})
    assert answer.status == 200
    messages = list(ElementTree.fromstring(answer.text))
    return messages[0].text if messages else None


async def started(shop: Client, running: RunningApp) -> str:
    assert (await shop.start(channel="whatsapp")).status == 201
    return running.provider.texts[-1].delivery


async def test_a_message_moves_up_to_read_in_whatever_order_the_reports_come(messenger: RunningApp) -> None:
    delivery = await started(await client(messenger), messenger)
    for word, status in (
        ("sent", DeliveryStatus.SENT),
        ("delivered", DeliveryStatus.DELIVERED),
        ("read", DeliveryStatus.READ),
        ("delivered", DeliveryStatus.READ),
        ("sent", DeliveryStatus.READ),
    ):
        assert (await reported(messenger, delivery, word)).status == 204
        assert await status_of(messenger, delivery) is status


@pytest.mark.parametrize(
    "wrong", [{"sender": "+14155550178"}, {"to": "+14155550178"}, {"sender": "+14155550199"}, {"sender": ""}]
)
async def test_a_report_about_another_sender_or_recipient_is_refused_without_effect(
    messenger: RunningApp, wrong: dict[str, str]
) -> None:
    delivery = await started(await client(messenger), messenger)
    assert (await reported(messenger, delivery, "delivered", **wrong)).status == 404
    assert await status_of(messenger, delivery) is DeliveryStatus.QUEUED


async def test_where_it_was_switched_off_a_message_of_before_is_still_reported_and_its_code_right(
    tmp_path: Path,
) -> None:
    path = tmp_path / "switched.db"
    async with running_app(path, policy=SET_UP, whatsapp_sender=SENDER) as before:
        shop = await client(before)
        delivery = await started(shop, before)
        code = before.provider.texts[-1].code
    async with running_app(path) as after:
        same = Client(after.app, shop.service, shop.key, shop.secret)
        assert (await reported(after, delivery, "read")).status == 204
        assert await status_of(after, delivery) is DeliveryStatus.READ
        after.clock.advance(60)
        again = await same.start(channel="whatsapp")
        assert (again.status, again.body["code"]) == (400, 60223)
        shown = await same.get("Verifications/" + PHONE.replace("+", "%2B"))
        assert (shown.body["channel"], shown.body["channels"]) == ("whatsapp", ["call", "sms"])
        assert (await same.start(channel="sms")).status == 201
        assert after.provider.texts[-1].code == code
        assert (await same.check(code, To=PHONE)).body["status"] == "approved"


async def test_where_it_is_not_set_up_it_is_a_disabled_channel(running: RunningApp) -> None:
    answer = await (await client(running)).start(channel="whatsapp")
    assert (answer.status, answer.body["code"]) == (400, 60223)
    assert running.provider.asked == 0


@pytest.mark.parametrize("set_up", [True, False])
async def test_an_account_that_prefers_it_gets_a_text_while_it_is_not_set_up(tmp_path: Path, set_up: bool) -> None:
    policy = SET_UP if set_up else DEFAULT_POLICY
    async with running_app(
        tmp_path / "accounts.db", policy=policy, whatsapp_sender=SENDER if set_up else ""
    ) as running:
        shop = await client(running)
        account = Account(
            service=shop.service,
            name="ada",
            username="ada",
            numbers=(EnrolledNumber(parse(PHONE)),),
            channel=Channel.WHATSAPP,
        )
        query = ByEnrolled(shop.service, "ada")
        await running.store.apply(query, lambda state: accounts.put_account(state, account, now=0))
        answer = await shop.post("Verifications", Username="ada")
        assert answer.body["channel"] == ("whatsapp" if set_up else "sms")


async def test_stop_there_stops_every_channel_and_we_answer_as_twilio_does_not(messenger: RunningApp) -> None:
    reply = "Acme: you won't get any more calls or texts from us. Reply START to get them again."
    assert await written(messenger, "STOP") == reply
    shop = await client(messenger)
    for channel in Channel:
        assert (await shop.start(channel=channel.value)).body["code"] == 21610
    assert messenger.provider.asked == 0
    assert await written(messenger, "START") is not None
    assert (await shop.start(channel="whatsapp")).status == 201


async def test_where_twilio_says_that_it_acted_on_stop_we_do_not_answer_too(messenger: RunningApp) -> None:
    assert await written(messenger, "STOP", OptOutType="STOP") is None
    assert (await (await client(messenger)).start(channel="sms")).body["code"] == 21610
