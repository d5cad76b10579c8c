"""A second account that takes over for a channel that rests at the first one.

A start goes to the second account when the first one's circuit breaker turns it away, which it does before anything is
sent. After any other answer it goes nowhere else: a phone that may be ringing is never called by another company. The
breaker's probes go to the first account, which is used again once one of them succeeds.

What is asked about a delivery goes to the account that has it. The names of Twilio's calls and texts differ from
SignalWire's; with two accounts of one company both are asked. No record says which account an unclear start went to, so
it is looked for at both, and it is somewhere only when the other one is certain that it has none.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from verification.models import Delivery, Notice
from verification.ports import DeliveryReport, Outcome, Rejected, TextMessage
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber

from .provider import CIRCUIT_OPEN, CircuitBreakers, TwilioProvider

log = logging.getLogger("saycode.twilio")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandbyProvider:
    """A `verification.ports.Provider` over two accounts. `sids`: a pattern of the names of their calls and texts, the
    first account's first.
    """

    first: TwilioProvider
    second: TwilioProvider
    sids: tuple[str, str]

    @property
    def breakers(self) -> CircuitBreakers:
        """Those of the first account: a channel rests while it does there."""
        return self.first.breakers

    async def close(self) -> None:
        """Close the connections to both."""
        await self.first.close()
        await self.second.close()

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        """Place a call at the first account, or at the second one while the first one rests."""
        return await self._start(Channel.CALL, delivery, lambda provider: provider.call(delivery, to))

    async def text(self, order: TextMessage) -> Outcome:
        """The same for a text. A messenger has only the first account's sender."""
        return await self._start(order.channel, order.delivery, lambda provider: provider.text(order))

    async def notify(self, notice: Notice) -> Outcome:
        """The same for the notice that a number was changed."""
        return await self._start(notice.channel, notice.sid, lambda provider: provider.notify(notice))

    async def _start(
        self, channel: Channel, delivery: str, start: Callable[[TwilioProvider], Awaitable[Outcome]]
    ) -> Outcome:
        outcome = await start(self.first)
        # The very object, which no request leads to: an equal outcome of one is the first account's answer.
        if outcome is not CIRCUIT_OPEN or channel.templated:
            return outcome
        log.info("the standby takes over", extra={"fields": {"delivery": delivery, "channel": channel.value}})
        return await start(self.second)

    async def hang_up(self, provider_sid: str) -> None:
        """End a call in any state."""
        for provider in self._having(provider_sid):
            await provider.hang_up(provider_sid)

    async def fetch_status(
        self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        """What became of a delivery; Rejected when neither account has it, None when one that may have it does not say.

        One report is right only when the other account has no record: the number may have been called by both, for two
        deliveries.
        """
        if delivery.provider_sid is not None:
            for provider in self._having(delivery.provider_sid):
                if report := await provider.fetch_status(delivery, to, others):
                    return report
            return None
        if delivery.channel.templated:
            return await self.first.fetch_status(delivery, to, others)
        answers = await asyncio.gather(
            *(provider.fetch_status(delivery, to, others) for provider in (self.first, self.second))
        )
        somewhere = [answer for answer in answers if not isinstance(answer, Rejected)]
        if not somewhere:
            return answers[0]
        return somewhere[0] if len(somewhere) == 1 else None

    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove the record of a call or text, or only the body of a text. The reason when that failed."""
        reasons = [await provider.remove(provider_sid, channel, whole=whole) for provider in self._having(provider_sid)]
        return next((why for why in reasons if why is not None), None)

    def _having(self, provider_sid: str) -> tuple[TwilioProvider, ...]:
        """The accounts that may have a call or text of this name."""
        both = (self.first, self.second)
        named = tuple(
            provider for provider, pattern in zip(both, self.sids, strict=True) if re.fullmatch(pattern, provider_sid)
        )
        return named or both
