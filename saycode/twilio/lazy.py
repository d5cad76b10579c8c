"""What is imported while the service already answers, or only when it is needed, so that a worker is ready sooner."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Protocol

from verification.models import Delivery, Notice
from verification.ports import DeliveryReport, Outcome, Provider, Rejected, TextMessage
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber


class ProviderClient(Provider, Protocol):
    """A carrier that holds connections."""

    async def close(self) -> None:
        """Close them."""

    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove its own record of a call or text, or only the body of a text."""


class LazyProvider:
    """The carrier, imported while the service already answers: Twilio's client takes longer than all the rest."""

    def __init__(self, make: Callable[[], ProviderClient]) -> None:
        self._make = make
        self._made: asyncio.Task[ProviderClient] | None = None

    def begin(self) -> None:
        """Start importing, inside the running event loop."""
        self._made = asyncio.create_task(self._import())

    async def _import(self) -> ProviderClient:
        await asyncio.to_thread(import_module, "saycode.twilio.client")
        return self._make()

    async def _carrier(self) -> ProviderClient:
        assert self._made is not None, "begin() comes first"
        return await asyncio.shield(self._made)

    async def close(self) -> None:
        """Close its connections."""
        await (await self._carrier()).close()

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        """As the carrier does."""
        return await (await self._carrier()).call(delivery, to)

    async def text(self, order: TextMessage) -> Outcome:
        """As the carrier does."""
        return await (await self._carrier()).text(order)

    async def tell(self, notice: Notice) -> Outcome:
        """As the carrier does."""
        return await (await self._carrier()).tell(notice)

    async def hang_up(self, provider_sid: str) -> None:
        """As the carrier does."""
        await (await self._carrier()).hang_up(provider_sid)

    async def fetch_status(self, delivery: Delivery, to: PhoneNumber) -> DeliveryReport | Rejected | None:
        """As the carrier does."""
        return await (await self._carrier()).fetch_status(delivery, to)

    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """As the carrier does."""
        return await (await self._carrier()).remove(provider_sid, channel, whole=whole)
