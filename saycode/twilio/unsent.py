"""A provider that never calls or texts the test numbers, whatever asks for it."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from verification.models import Delivery, Notice
from verification.ports import Accepted, DeliveryReport, Outcome, Provider, Rejected, TextMessage
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber

log = logging.getLogger("saycode.twilio")


@dataclass(frozen=True, slots=True)
class UnsentTests:
    """A `verification.ports.Provider` over another one, which it does not ask about test numbers."""

    provider: Provider
    is_test_number: Callable[[PhoneNumber], bool]

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        return (
            _unsent(delivery, to, Channel.CALL) if self.is_test_number(to) else await self.provider.call(delivery, to)
        )

    async def text(self, order: TextMessage) -> Outcome:
        if self.is_test_number(order.to):
            return _unsent(order.delivery, order.to, order.channel)
        return await self.provider.text(order)

    async def notify(self, notice: Notice) -> Outcome:
        if self.is_test_number(notice.number):
            return _unsent(notice.sid, notice.number, notice.channel)
        return await self.provider.notify(notice)

    async def hang_up(self, provider_sid: str) -> None:
        await self.provider.hang_up(provider_sid)

    async def fetch_status(
        self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        if self.is_test_number(to):
            return DeliveryReport(_sid(delivery.sid, delivery.channel), _status(delivery.channel))
        return await self.provider.fetch_status(delivery, to, others)


def _unsent(sid: str, to: PhoneNumber, channel: Channel) -> Accepted:
    log.warning(
        "test number %s: nothing was sent, its fixed code is right",
        to.masked,
        extra={"fields": {"delivery": sid}},
    )
    return Accepted(_sid(sid, channel), status=_status(channel))


def _sid(sid: str, channel: Channel) -> str:
    """A sid of the kind that Twilio's have; none of Twilio's."""
    return channel.sid_prefix + sid[2:]


def _status(channel: Channel) -> DeliveryStatus:
    return DeliveryStatus.COMPLETED if channel.spoken else DeliveryStatus.DELIVERED
