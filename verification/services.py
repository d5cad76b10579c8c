"""Services and their API keys. A service is a tenant, as in Verify v2.

A key belongs to one service and reaches that service only. The keys of the built-in service are the operator's: they
reach all services, and create new ones.
"""

from hashlib import sha256
from typing import ClassVar, Protocol

from .models import BUILT_IN_SERVICE, new_sid
from .policy import Keypress
from .ports import Randomness
from .types import Record

SECRET_BYTES = 32


class Service(Record, frozen=True, kw_only=True):
    """`name` is the brand that calls; empty for the built-in service, which uses the operator's brand.

    `code_length` and `keypress` are None where the operator's settings apply. `custom_codes`: it may have its own codes
    said, which it checks itself.
    """

    sid: str
    name: str
    created_at: float
    updated_at: float
    code_length: int | None = None
    keypress: Keypress | None = None
    custom_codes: bool = False

    @property
    def built_in(self) -> bool:
        return self.sid == BUILT_IN_SERVICE


class ApiKey(Record, frozen=True, kw_only=True):
    """Only a digest of the secret is stored. It has 256 random bits, so a fast hash is enough."""

    hidden: ClassVar = frozenset({"digest"})

    sid: str
    service: str
    digest: bytes
    created_at: float
    revoked_at: float | None = None


class Services(Protocol):
    """The store of services and keys. Every method raises Unavailable when the store cannot answer."""

    async def find_key(self, key: str) -> tuple[ApiKey, Service] | None:
        """The key with its service; None when the key does not exist or was revoked, or its service was deleted."""

    async def service(self, sid: str) -> Service | None:
        """The service of this sid."""

    async def services(self, *, after: str | None, limit: int) -> list[Service]:
        """Services, oldest first, starting behind `after`."""

    async def put(self, service: Service, *, actor: str) -> None:
        """Create or update a service. `actor` is for the audit log."""

    async def remove(self, sid: str, *, now: float, actor: str) -> bool:
        """Delete a service and its keys. False when it does not exist, and for the built-in service, which stays."""


def new_service(name: str, *, now: float, randomness: Randomness) -> Service:
    """A service with the operator's settings."""
    return Service(sid=new_sid("VA", randomness), name=name, created_at=now, updated_at=now)


def new_api_key(service: str, *, now: float, randomness: Randomness) -> tuple[ApiKey, str]:
    """A key, and its secret, which is not stored."""
    secret = randomness(SECRET_BYTES).hex()
    return ApiKey(sid=new_sid("SK", randomness), service=service, digest=secret_digest(secret), created_at=now), secret


def secret_digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
