"""The provider at SignalWire: our requests, its webhooks and our answers, with the simulator that plays it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from saycode.config.twilio_settings import DIALECTS, Carrier
from saycode.twilio.config import TwilioConfig
from saycode.twilio.provider import TwilioProvider
from tests.support.app import ACCOUNT, PHONE, SENDER, TOKEN, RunningApp, running_app
from tests.support.http_server import served
from tests.support.simulator import AsgiTransport
from twilio_simulator.app import create_app
from twilio_simulator.core.clock import ManualClock
from twilio_simulator.core.dialect import SIGNALWIRE
from twilio_simulator.engine import Twilio
from twilio_simulator.network.call import CallStatus
from twiml.words import words
from verification.models import Delivery, Notice
from verification.ports import Accepted, DeliveryReport, Rejected, TextMessage
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import parse
from webhooks.routes import public_urls

DIALECT = DIALECTS[Carrier.SIGNALWIRE]
API_TOKEN = "PT_the_api_token"
TO = parse(PHONE)


@dataclass(frozen=True, slots=True)
class Setup:
    provider: TwilioProvider
    twilio: Twilio
    running: RunningApp


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[Setup]:
    async with running_app(tmp_path / "store.db", signature_scheme=DIALECT.signatures) as running:
        simulator = create_app(
            account_sid=ACCOUNT,
            auth_token=API_TOKEN,
            clock=ManualClock(stall_timeout=0.05),
            transport=AsgiTransport(running.app),
            dialect=SIGNALWIRE,
        )
        twilio: Twilio = simulator.state.twilio
        twilio.account.shared_key = ("key", TOKEN)
        twilio.add_number(SENDER)
        async with twilio, served(simulator) as port:
            config = TwilioConfig(
                account_sid=ACCOUNT,
                key=(ACCOUNT, API_TOKEN),
                base_url=f"http://127.0.0.1:{port}{DIALECT.api_path}",
                left_out=DIALECT.left_out,
                inline_documents=DIALECT.inline_documents,
                sender=SENDER,
                messaging_service=None,
                brand="Acme Bank",
            )
            provider = TwilioProvider(config, urls=public_urls("https://verify.example"), words=words)
            yield Setup(provider, twilio, running)
            await provider.close()


async def test_a_call_that_tells_of_a_changed_number_fetches_what_it_says(setup: Setup) -> None:
    notice = Notice(sid="NT1", number=TO, channel=Channel.CALL, language="de-DE", at=0)
    assert isinstance(await setup.provider.notify(notice), Accepted)
    phone = setup.twilio.phone(PHONE)
    await phone.answer()
    await setup.twilio.clock.run()
    assert phone.transcript.count("Acme Bank: Die Telefonnummer Ihres Kontos wurde geändert.") == 2
    assert not setup.twilio.debugger.entries


def text(delivery: str) -> TextMessage:
    return TextMessage(delivery=delivery, channel=Channel.SMS, to=TO, code="123456", language="en-US", lifetime=300)


def delivery(channel: Channel, *, at: float, sid: str | None = None) -> Delivery:
    return Delivery(
        sid="VL1",
        verification="VE1",
        channel=channel,
        provider_sid=sid,
        status=DeliveryStatus.QUEUED,
        created_at=at,
        updated_at=at,
    )


async def test_a_delivery_is_found_again_by_its_sid_and_by_number_and_time(setup: Setup) -> None:
    at = setup.twilio.clock.now()
    started = await setup.provider.text(text("VL1"))
    assert isinstance(started, Accepted)
    await setup.twilio.clock.run()
    found = DeliveryReport(started.provider_sid, DeliveryStatus.DELIVERED)
    assert await setup.provider.fetch_status(delivery(Channel.SMS, at=at, sid=started.provider_sid), TO) == found
    assert await setup.provider.fetch_status(delivery(Channel.SMS, at=at), TO) == found
    assert await setup.provider.fetch_status(delivery(Channel.CALL, at=at), TO) == Rejected(permanent=False, code=None)


async def test_a_call_is_ended_and_its_record_removed(setup: Setup) -> None:
    started = await setup.provider.call("VL1", TO)
    assert isinstance(started, Accepted)
    await setup.provider.hang_up(started.provider_sid)
    await setup.twilio.clock.advance(7200)
    assert setup.twilio.calls[started.provider_sid].status is CallStatus.CANCELED
    assert await setup.provider.remove(started.provider_sid, Channel.CALL, whole=True) is None
    assert started.provider_sid not in setup.twilio.calls


async def test_a_refusal_has_its_code_which_is_text_there(setup: Setup) -> None:
    await setup.twilio.phone(PHONE).text(SENDER, "STOP")
    assert await setup.provider.text(text("VL1")) == Rejected(permanent=True, code=21610, opted_out=True)
