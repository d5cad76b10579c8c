"""What operators and their programs may see: how each part is, and the metrics for those whom they named."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

from starlette.requests import Request

from .source import Network, address

#: What a proxy adds. From one that nobody trusts, its own address says nothing about who asks.
_FORWARDED = ("forwarded", "x-forwarded-for", "via")


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `needed`: without it the service cannot answer anybody. `says`: one plain sentence, no secrets."""

    name: str
    well: bool
    says: str = "ok"
    needed: bool = True


Examine = Callable[[], Awaitable[tuple[Part, ...]]]


async def nothing_to_examine() -> tuple[Part, ...]:
    """No parts; for a service without a machine room."""
    return ()


def uncounted(_: str) -> None:
    """What is turned away is not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """What is shown, and to whom: by their address, or by a key in the bearer header."""

    scrape: Callable[[], Awaitable[str]]
    networks: tuple[Network, ...] = ()
    keys: tuple[bytes, ...] = field(default=(), repr=False)

    def admit(self, request: Request, trusted: tuple[Network, ...]) -> bool:
        """Whether this request comes from one of the addresses, or has one of the keys."""
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and [key for key in self.keys if hmac.compare_digest(key, given.strip().encode())]:
            return True
        if not trusted and any(name in request.headers for name in _FORWARDED):
            return False
        found = address(request, trusted)
        return found != "" and any(ip_address(found) in network for network in self.networks)
