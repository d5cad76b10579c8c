"""Past deliveries, which Verify v2 calls attempts, and the store that finds them."""

from typing import Protocol

from .models import Delivery, Verification
from .types import Channel, Record


class Attempt(Record, frozen=True, kw_only=True):
    """A delivery with its verification. `converted`: it was the last one before the successful check."""

    delivery: Delivery
    verification: Verification
    converted: bool


class AttemptFilter(Record, frozen=True, kw_only=True):
    """Selects attempts of a service; None matches any value. `prefix` is the beginning of a number."""

    service: str
    since: float
    until: float
    verification: str | None = None
    channel: Channel | None = None
    number: str | None = None
    country: str | None = None
    prefix: str | None = None
    converted: bool | None = None


class AttemptStore(Protocol):
    """Reads past deliveries. Every method raises Unavailable when the store cannot answer."""

    async def attempt(self, sid: str) -> Attempt | None:
        """The attempt of this sid, in any service."""

    async def attempts(self, criteria: AttemptFilter, *, after: str | None, limit: int) -> list[Attempt]:
        """Attempts of the newest verifications first, starting behind the attempt `after`."""

    async def totals(self, criteria: AttemptFilter) -> tuple[int, int]:
        """The number of attempts, and how many of them converted."""
