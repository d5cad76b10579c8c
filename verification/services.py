"""Services, which Verify v2 calls them, and their keys: who may use the API, and what is theirs.

A key belongs to one service, and reaches that service only. The keys of the built-in service are the operator's: they
reach all services, and make new ones.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from .flow.start import new_sid
from .models import BUILT_IN_SERVICE
from .policy import Keypress
from .ports import Randomness

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service as the API knows it. `name` is who calls; that of the built-in one is empty: the operator's brand.

    `code_length` and `keypress` are None where the operator's hold.
    """

    sid: str
    name: str
    created_at: float
    updated_at: float
    code_length: int | None = None
    keypress: Keypress | None = None

    @property
    def built_in(self) -> bool:
        """Whether it is the operator's own."""
        return self.sid == BUILT_IN_SERVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What opens the API for one service. Of its secret only a digest is kept; 256 random bits need no slow one."""

    sid: str
    service: str
    digest: bytes = field(repr=False)
    created_at: float
    revoked_at: float | None = None


class Services(Protocol):
    """Where services and their keys are kept. Every verb raises Unavailable when they cannot be asked."""

    async def find_key(self, key: str) -> tuple[ApiKey, Service] | None:
        """The key of this sid with its service; None when there is none, it was revoked, or its service is gone."""

    async def service(self, sid: str) -> Service | None:
        """The service of this sid."""

    async def services(self, *, after: str | None, limit: int) -> list[Service]:
        """Services, the oldest first, from the one behind `after` on."""

    async def put(self, service: Service, *, actor: str) -> None:
        """Add a service, or change its settings. `actor` is who does it, for the audit trail."""

    async def remove(self, sid: str, *, now: float, actor: str) -> bool:
        """Take a service away, and all of its keys. False when there is none; the built-in one always stays."""


def new_service(name: str, *, now: float, randomness: Randomness) -> Service:
    """A service with the operator's settings."""
    return Service(sid=new_sid("VA", randomness), name=name, created_at=now, updated_at=now)


def new_api_key(service: str, *, now: float, randomness: Randomness) -> tuple[ApiKey, str]:
    """A key, and its secret, which is nowhere else from now on."""
    secret = randomness(SECRET_BYTES).hex()
    return ApiKey(sid=new_sid("SK", randomness), service=service, digest=secret_digest(secret), created_at=now), secret


def secret_digest(secret: str) -> bytes:
    """What is kept of a secret."""
    return sha256(secret.encode()).digest()
