"""The client is made once, in the background; an open circuit keeps starts from Twilio."""

import asyncio
from collections import deque
from collections.abc import Collection
from typing import Any

import pytest

from saycode.twilio.client import TwilioClient
from saycode.twilio.config import TwilioConfig
from saycode.twilio.provider import FAILURE_THRESHOLD, CircuitBreakers, TwilioProvider
from tests.support.fakes import ManualClock
from tests.support.store import delivery
from twiml.words import words
from verification.models import Delivery
from verification.ports import Accepted, DeliveryReport, Outcome, Rejected, TextMessage, Unclear
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber
from webhooks.routes import public_urls

PHONE = PhoneNumber("+14155550100", "US")
ORDER = TextMessage(delivery="VL9", channel=Channel.SMS, to=PHONE, code="012345", language="en-US", lifetime=300)
CONFIG = TwilioConfig(
    account_sid="AC" + "0" * 32,
    key=("AC" + "0" * 32, "the auth token"),
    base_url=None,
    sender="+14155550199",
    messaging_service=None,
    brand="Acme",
)
DOWN = Unclear("HTTP 503")


class ScriptedClient(TwilioClient):
    """Records requests. `script` has the next outcomes; after it, every start is accepted."""

    def __init__(self) -> None:
        self.script: deque[Outcome] = deque()
        self.started: list[tuple[Channel, str]] = []
        self.hung_up: list[str] = []
        self.lookups = 0
        self.connected = self.closed = False

    async def create(self, channel: Channel, delivery: str, **parameters: Any) -> Outcome:
        self.started.append((channel, delivery))
        return self.script.popleft() if self.script else Accepted(f"CA{len(self.started)}")

    async def hang_up(self, provider_sid: str) -> None:
        self.hung_up.append(provider_sid)

    async def fetch_status(
        self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        self.lookups += 1
        return DeliveryReport("CA1", DeliveryStatus.COMPLETED)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def client() -> ScriptedClient:
    return ScriptedClient()


@pytest.fixture
def provider(client: ScriptedClient) -> TwilioProvider:
    def connect(_: TwilioConfig) -> TwilioClient:
        assert not client.connected, "there is one client"
        client.connected = True
        return client

    urls = public_urls("https://verify.example")
    breakers = CircuitBreakers(now=ManualClock().now)
    return TwilioProvider(CONFIG, urls=urls, words=words, connect=connect, breakers=breakers)


async def test_all_requests_use_one_client_which_is_closed_at_the_end(
    provider: TwilioProvider, client: ScriptedClient
) -> None:
    first, second = await asyncio.gather(provider.call("VL1", PHONE), provider.call("VL2", PHONE))
    assert (first, second) == (Accepted("CA1"), Accepted("CA2"))
    await provider.hang_up("CA1")
    assert client.hung_up == ["CA1"]
    await provider.close()
    assert client.closed


async def test_a_provider_without_a_client_closes_without_making_one(
    provider: TwilioProvider, client: ScriptedClient
) -> None:
    await provider.close()
    assert not client.closed


async def test_an_open_circuit_rejects_calls_lets_texts_and_hang_ups_through_and_defers_status_lookups(
    provider: TwilioProvider, client: ScriptedClient
) -> None:
    client.script.extend([DOWN] * FAILURE_THRESHOLD)
    outcomes = [await provider.call(f"VL{n}", PHONE) for n in range(FAILURE_THRESHOLD + 3)]
    assert outcomes[FAILURE_THRESHOLD:] == [Rejected(permanent=False, code=None)] * 3
    assert len(client.started) == FAILURE_THRESHOLD
    assert isinstance(await provider.text(ORDER), Accepted)
    await provider.hang_up("CA1")
    assert client.hung_up == ["CA1"]
    assert await provider.fetch_status(delivery(provider_sid="CA1"), PHONE) is None
    assert client.lookups == 0
