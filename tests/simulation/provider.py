"""The provider of the simulation, and the truth about every call and text: what Twilio knows and we may not."""

from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random

from tests.simulation.tasks import stop
from verification.ivr.prompts import Prompt as Document
from verification.models import Delivery, Notice
from verification.ports import Accepted, DeliveryReport, Outcome, Rejected, TextMessage, Unclear
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber

_OVER = (DeliveryStatus.COMPLETED, DeliveryStatus.BUSY, DeliveryStatus.NO_ANSWER, DeliveryStatus.FAILED)
_TEXT = (DeliveryStatus.SENDING, DeliveryStatus.SENT, DeliveryStatus.DELIVERED)


_PATIENCE = 10


@dataclass(slots=True)
class Leg:
    """One call or text as it is in truth. `heard` is the document that is running, `right` that its gate was passed."""

    sid: str
    delivery: str
    channel: Channel
    number: PhoneNumber
    since: float
    status: DeliveryStatus = DeliveryStatus.QUEUED
    heard: Document | None = None
    right: bool = False

    @property
    def over(self) -> bool:
        return self.status.final


@dataclass(slots=True)
class Callback:
    """A status callback on its way."""

    delivery: str
    sid: str
    status: DeliveryStatus


class Broken(AssertionError):
    """Something that must never be."""


@dataclass(slots=True)
class SimulatedTwilio:
    """A `verification.ports.Provider` with failures: `trouble` is the share of its answers that is not a plain yes."""

    random: Random
    trouble: float
    now: float = 0.0
    legs: dict[str, Leg] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    mail: list[Callback] = field(default_factory=list)
    codes: list[TextMessage] = field(default_factory=list)

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        return await self._take(Channel.CALL, delivery, to)

    async def text(self, order: TextMessage) -> Outcome:
        outcome = await self._take(Channel.SMS, order.delivery, order.to)
        if any(leg.delivery == order.delivery for leg in self.legs.values()):
            self.codes.append(order)
        return outcome

    async def _take(self, channel: Channel, delivery: str, to: PhoneNumber) -> Outcome:
        began = self.now
        await stop()
        if self.now - began > _PATIENCE:
            return Unclear("timed out on the way")
        self.asked[delivery] = self.asked.get(delivery, 0) + 1
        if self.asked[delivery] > 1:
            raise Broken(f"asked twice for {delivery}")
        fate = self.random.random() / self.trouble if self.trouble else 1.0
        if fate < 0.5:
            await stop()
            if fate < 0.2:
                return Unclear("nothing came through")
            return Rejected(permanent=fate < 0.35, code=None)
        leg = Leg(f"{channel.value.upper()}{len(self.legs)}", delivery, channel, to, self.now)
        self.legs[leg.sid] = leg
        await stop()
        return Unclear("the answer was lost") if fate < 1 else Accepted(leg.sid)

    async def notify(self, notice: Notice) -> Outcome:
        raise AssertionError(f"no number is changed in the simulation: {notice.sid}")

    async def hang_up(self, provider_sid: str) -> None:
        await stop()
        self.move(self.legs[provider_sid], DeliveryStatus.COMPLETED)

    async def fetch_status(
        self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        await stop()
        if self.random.random() < self.trouble / 2:
            return None
        if delivery.provider_sid is not None:
            return DeliveryReport(delivery.provider_sid, self.legs[delivery.provider_sid].status)
        for leg in self.legs.values():
            if leg.delivery == delivery.sid:
                return DeliveryReport(leg.sid, leg.status)
        return Rejected(permanent=False, code=None)

    def move(self, leg: Leg, status: DeliveryStatus) -> None:
        """It goes on in truth, and a callback says so."""
        if leg.over:
            return
        leg.status = status
        self.mail.append(Callback(leg.delivery, leg.sid, status))

    def proceed(self, leg: Leg) -> None:
        """One step further: a text on its way, a call that rings, is not answered, or ends."""
        if leg.channel is Channel.SMS:
            at = _TEXT.index(leg.status) + 1 if leg.status in _TEXT else 0
            self.move(leg, _TEXT[at] if self.random.random() < 0.9 else DeliveryStatus.UNDELIVERED)
        elif leg.status is DeliveryStatus.QUEUED:
            self.move(leg, DeliveryStatus.RINGING)
        else:
            self.move(leg, _OVER[0] if leg.status is DeliveryStatus.ANSWERED else self.random.choice(_OVER[1:]))
