"""Posting messages to applications, signed after the Standard Webhooks convention (standardwebhooks.com).

    webhook-id          the same in every attempt
    webhook-timestamp   seconds since 1970, of this attempt: old ones can be refused
    webhook-signature   v1, and base64 of HMAC-SHA-256 over "id.timestamp.body" under the address's secret

Whoever registers an address must not make us talk to machines of ours. So a name is looked up once, every address that
it stands for has to be public, and the connection goes to those very addresses: a name that changes its mind between
the two (DNS rebinding) gains nothing. Redirects are not followed, answers are not read beyond their first line, and no
proxy of the environment is used.
"""

import asyncio
import hmac
import logging
import socket
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from ..config.parsers import InvalidValue, is_loopback
from .outbox import Outbox, OutboxMessage

log = logging.getLogger("saycode.events")

MAX_URL_LENGTH = 1000
CONNECT_TIMEOUT, TOTAL_TIMEOUT = 3, 10
#: IPv4 addresses inside IPv6 ones, as gateways translate them (RFC 6052).
_NAT64_NETWORKS = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


class NotPublicAddress(OSError):
    """The address is one of this machine, of a private network, or of nobody."""


def parse_target_url(url: str, *, loopback: bool) -> str:
    """The address, when messages may go there; of loopback only where `loopback` allows it. Raises BadValue."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidValue("must be an address such as https://shop.example.com/events") from None
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > MAX_URL_LENGTH or not host or port == 0:
        raise InvalidValue("must be an address such as https://shop.example.com/events")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise InvalidValue("must have no user name and no fragment")
    here = loopback and is_loopback(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and here):
        raise InvalidValue("must begin with https:// (http:// only on loopback, while SAYCODE_PUBLIC_URL is there too)")
    if not here and (host == "localhost" or host.endswith(".localhost") or not _may_connect(host, loopback=False)):
        raise InvalidValue("must not lead to this machine or a private network")
    return url


def _may_connect(host: str, *, loopback: bool) -> bool:
    """Whether a host may be connected to, as far as it is an IP address."""
    try:
        return is_public(ip_address(host)) or (loopback and ip_address(host).is_loopback)
    except ValueError:
        return True


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody on the internet may have this address, and not something of ours behind it."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner is None and any(address in network for network in _NAT64_NETWORKS):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


class PublicAddressResolver(AbstractResolver):
    """Looks names up, and gives out nothing unless all that it found is public."""

    def __init__(self, *, loopback: bool, inner: AbstractResolver | None = None) -> None:
        self._loopback = loopback
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name. Raises NotPublic."""
        found = await self._inner.resolve(host, port, family)
        if not found or not all(_may_connect(one["host"].partition("%")[0], loopback=self._loopback) for one in found):
            raise NotPublicAddress(host)
        return found

    async def close(self) -> None:
        """Let go of the inner one."""
        await self._inner.close()


def sign(secret: str, *, id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, sha256)).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSender:
    """Delivers what waits in the outbox. `loopback`: also to this machine, for development and tests."""

    outbox: Outbox
    now: Callable[[], float]
    loopback: bool = False
    resolver: AbstractResolver | None = None

    async def send_due(self) -> int:
        """Post what is due, some at a time and side by side. How many were tried."""
        messages = await self.outbox.claim(now=self.now())
        if not messages:
            return 0
        resolver = PublicAddressResolver(loopback=self.loopback, inner=self.resolver)
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
        limits = aiohttp.ClientTimeout(total=TOTAL_TIMEOUT, sock_connect=CONNECT_TIMEOUT)
        async with aiohttp.ClientSession(connector=connector, timeout=limits, auto_decompress=False) as session:
            await asyncio.gather(*(self._deliver(session, message) for message in messages))
        return len(messages)

    async def _deliver(self, session: aiohttp.ClientSession, message: OutboxMessage) -> None:
        trouble = await self._post(session, message)
        facts: dict[str, object] = {"message": message.id, "target": message.target, "tries": message.tries}
        if trouble is None:
            await self.outbox.delivered(message)
            log.info("message delivered", extra={"fields": facts})
        elif await self.outbox.retry_later(message, now=self.now()):
            log.warning("message not delivered", extra={"fields": facts | {"why": trouble}})
        else:
            log.error("message dropped after the last attempt", extra={"fields": facts | {"why": trouble}})

    async def _post(self, session: aiohttp.ClientSession, message: OutboxMessage) -> str | None:
        """One attempt: what went wrong, or None."""
        timestamp = int(self.now())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Saycode",
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(message.secret, id=message.id, timestamp=timestamp, body=message.body),
        }
        try:
            url = parse_target_url(
                message.url, loopback=self.loopback
            )  # an IP address is not looked up by the resolver
            async with session.post(url, data=message.body, headers=headers, allow_redirects=False) as answer:
                return None if 200 <= answer.status < 300 else f"HTTP {answer.status}"
        except (InvalidValue, NotPublicAddress):
            return "not a public address"
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            return type(problem.__cause__ or problem).__name__
