"""Test doubles of the ports: a provider, a clock, and repeatable randomness."""

from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from hashlib import sha256

from verification.models import Delivery, Notice
from verification.ports import Accepted, DeliveryReport, Outcome, Rejected, TextMessage
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber


@dataclass(slots=True)
class ManualClock:
    """Time that moves only when a test advances it."""

    seconds: float = 1_800_000_000.0

    def now(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass(slots=True)
class SeededRandomness:
    """Bytes that look random and are the same in every run."""

    seed: int = 0
    drawn: int = 0

    def __call__(self, size: int, /) -> bytes:
        self.drawn += 1
        return sha256(f"{self.seed} {self.drawn}".encode()).digest()[:size]


@dataclass(slots=True)
class RecordingProvider:
    """Records every request.

    `script` holds its next answers; without one it accepts everything, as CA1, SM2, … `meanwhile` runs after a request
    and before its answer. `known` has the statuses that a look-up returns, by provider sid; `found` is the look-up of a
    delivery without a provider sid, and `ruled_out` what it cannot have been.
    """

    script: deque[Outcome] = field(default_factory=deque)
    meanwhile: Callable[[str], Awaitable[object]] | None = None
    known: dict[str, DeliveryStatus] = field(default_factory=dict)
    found: DeliveryReport | Rejected | None = None
    calls: list[tuple[str, PhoneNumber]] = field(default_factory=list)
    texts: list[TextMessage] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    hung_up: list[str] = field(default_factory=list)
    looked_up: list[str | None] = field(default_factory=list)
    ruled_out: list[str] = field(default_factory=list)
    removed: list[tuple[str, Channel, bool]] = field(default_factory=list)
    kept: str | None = None

    @property
    def asked(self) -> int:
        """The number of calls and texts."""
        return len(self.calls) + len(self.texts)

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        self.calls.append((delivery, to))
        return await self._answer("CA", delivery)

    async def text(self, order: TextMessage) -> Outcome:
        self.texts.append(order)
        return await self._answer("SM", order.delivery)

    async def notify(self, notice: Notice) -> Outcome:
        self.notices.append(notice)
        return self.script.popleft() if self.script else Accepted(f"NT{len(self.notices)}")

    async def hang_up(self, provider_sid: str) -> None:
        self.hung_up.append(provider_sid)

    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        self.removed.append((provider_sid, channel, whole))
        return self.kept

    async def fetch_status(
        self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        self.looked_up.append(delivery.provider_sid)
        if delivery.provider_sid is None:
            self.ruled_out.extend(others)
            return self.found
        status = self.known.get(delivery.provider_sid)
        return DeliveryReport(delivery.provider_sid, status) if status else None

    async def _answer(self, prefix: str, delivery: str) -> Outcome:
        sid = f"{prefix}{self.asked}"
        if self.meanwhile is not None:
            await self.meanwhile(delivery)
        return self.script.popleft() if self.script else Accepted(sid)
