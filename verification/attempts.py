"""Attempts, as Verify v2 calls deliveries when it looks back at them."""

from dataclasses import dataclass
from typing import Protocol

from .records import Delivery, Verification
from .states import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A delivery with its verification. `converted`: it was the last before the code was found right."""

    delivery: Delivery
    verification: Verification
    converted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which attempts of a service are looked for; what is None does not matter. `prefix` is that of a number."""

    service: str
    since: float
    until: float
    verification: str | None = None
    channel: Channel | None = None
    number: str | None = None
    country: str | None = None
    prefix: str | None = None
    converted: bool | None = None


class Attempts(Protocol):
    """Looks back at deliveries. Every verb raises Unavailable when the table cannot answer."""

    async def attempt(self, sid: str) -> Attempt | None:
        """The one of this sid, of whatever service."""

    async def attempts(self, sought: Sought, *, after: str | None, limit: int) -> list[Attempt]:
        """Those of the newest verifications first, from the one behind the attempt `after` on."""

    async def totals(self, sought: Sought) -> tuple[int, int]:
        """How many there are, and how many of them converted."""
