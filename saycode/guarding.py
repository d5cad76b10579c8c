"""The carrier with a breaker for each channel: what is in trouble is left alone for a while (see verification.breaker).

It turns starts away, never hang-ups. A look-up waits as well: what it would settle can be settled later.
"""

import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from verification.breaker import Breaker
from verification.numbers import Number
from verification.ports import Carrier, Outcome, Rejected, Report, TextOrder
from verification.records import Delivery, Notice
from verification.states import Channel

log = logging.getLogger("saycode.carrier")

RESTING = Rejected(permanent=False, code=None)


class GuardedCarrier:
    """A `verification.ports.Carrier` that gives another one its rest."""

    def __init__(self, carrier: Carrier, *, now: Callable[[], float] = monotonic) -> None:
        self._carrier = carrier
        self._now = now
        self._breakers = {channel: Breaker() for channel in Channel}

    @property
    def resting(self) -> frozenset[Channel]:
        """The channels that are not tried at the moment; for health and metrics."""
        return frozenset(channel for channel, breaker in self._breakers.items() if breaker.resting)

    async def call(self, delivery: str, to: Number) -> Outcome:
        """Place a call, unless calls rest."""
        return await self._start(Channel.CALL, lambda: self._carrier.call(delivery, to))

    async def text(self, order: TextOrder) -> Outcome:
        """Send a text, unless texts rest."""
        return await self._start(Channel.SMS, lambda: self._carrier.text(order))

    async def tell(self, notice: Notice) -> Outcome:
        """Tell somebody of a changed number, unless the channel rests."""
        return await self._start(notice.channel, lambda: self._carrier.tell(notice))

    async def hang_up(self, carrier_sid: str) -> None:
        """End a call."""
        await self._carrier.hang_up(carrier_sid)

    async def look_up(self, delivery: Delivery, to: Number) -> Report | Rejected | None:
        """What became of a delivery; None while its channel rests."""
        if delivery.channel in self.resting:
            return None
        return await self._carrier.look_up(delivery, to)

    async def _start(self, channel: Channel, ask: Callable[[], Awaitable[Outcome]]) -> Outcome:
        admitted = self._breakers[channel].admit(now=self._now())
        if admitted is None:
            return RESTING
        self._breakers[channel] = admitted
        outcome = await ask()
        before = self._breakers[channel]
        after = self._breakers[channel] = before.after(outcome, now=self._now())
        if after.resting and after != before:
            log.error("channel rests", extra={"fields": {"channel": channel.value, "seconds": round(after.pause)}})
        elif before.resting and not after.resting:
            log.warning("channel works again", extra={"fields": {"channel": channel.value}})
        return outcome
