"""What is imported while the service already answers, or only when it is needed, so that a worker is ready sooner."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from verification.numbers import Number
from verification.ports import Carrier, Outcome, Rejected, Report, TextOrder
from verification.records import Delivery, Notice
from verification.states import Channel

from .outbox import Outbox

#: Between two looks for messages to applications.
POST_SECONDS = 1


class OpenCarrier(Carrier, Protocol):
    """A carrier that holds connections."""

    async def close(self) -> None:
        """Close them."""

    async def remove(self, carrier_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove its own record of a call or text, or only the body of a text."""


class LateCarrier:
    """The carrier, imported while the service already answers: Twilio's client takes longer than all the rest."""

    def __init__(self, make: Callable[[], OpenCarrier]) -> None:
        self._make = make
        self._made: asyncio.Task[OpenCarrier] | None = None

    def begin(self) -> None:
        """Start importing, inside the running event loop."""
        self._made = asyncio.create_task(self._import())

    async def _import(self) -> OpenCarrier:
        await asyncio.to_thread(import_module, "saycode.carrier")
        return self._make()

    async def _carrier(self) -> OpenCarrier:
        assert self._made is not None, "begin() comes first"
        return await asyncio.shield(self._made)

    async def close(self) -> None:
        """Close its connections."""
        await (await self._carrier()).close()

    async def call(self, delivery: str, to: Number) -> Outcome:
        """As the carrier does."""
        return await (await self._carrier()).call(delivery, to)

    async def text(self, order: TextOrder) -> Outcome:
        """As the carrier does."""
        return await (await self._carrier()).text(order)

    async def tell(self, notice: Notice) -> Outcome:
        """As the carrier does."""
        return await (await self._carrier()).tell(notice)

    async def hang_up(self, carrier_sid: str) -> None:
        """As the carrier does."""
        await (await self._carrier()).hang_up(carrier_sid)

    async def look_up(self, delivery: Delivery, to: Number) -> Report | Rejected | None:
        """As the carrier does."""
        return await (await self._carrier()).look_up(delivery, to)

    async def remove(self, carrier_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """As the carrier does."""
        return await (await self._carrier()).remove(carrier_sid, channel, whole=whole)


@dataclass(frozen=True, slots=True)
class LatePosting:
    """Posts messages to applications. The HTTP client is imported when there is the first one."""

    outbox: Outbox
    now: Callable[[], float]
    loopback: bool

    async def keep_posting(self) -> None:
        """Look every second, until cancelled."""
        while True:
            if not self.outbox.any_due(now=self.now()):
                await asyncio.sleep(POST_SECONDS)
                continue
            posting = await asyncio.to_thread(import_module, "saycode.posting")
            await posting.Posting(outbox=self.outbox, now=self.now, loopback=self.loopback).post_due()
