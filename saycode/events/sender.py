"""Post messages to applications, signed by the Standard Webhooks convention (standardwebhooks.com).

    webhook-id          the same in every attempt
    webhook-timestamp   seconds since 1970, of this attempt: receivers can refuse old ones
    webhook-signature   v1, and base64 of HMAC-SHA-256 over "id.timestamp.body" under the target's secret

A registered URL must not make the service connect to internal machines (SSRF). So a name is resolved once, all of its
addresses have to be public, and the connection goes to those very addresses: a name that resolves differently the next
time (DNS rebinding) gains nothing. Redirects are not followed, response bodies are not read, and proxies of the
environment are not used.
"""

import asyncio
import hmac
import logging
import socket
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from verification.errors import Unavailable

from ..config.parsers import InvalidValue
from ..config.url_parsers import is_loopback
from .outbox import POLL_SECONDS, Outbox, OutboxMessage

log = logging.getLogger("saycode.events")

MAX_URL_LENGTH = 1000
CONNECT_TIMEOUT, TOTAL_TIMEOUT = 3, 10
#: IPv6 addresses that gateways translate to IPv4 (RFC 6052).
_NAT64_NETWORKS = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


class NotPublicAddress(OSError):
    """The address belongs to this machine, to a private network, or to no network."""


def parse_target_url(url: str, *, loopback: bool) -> str:
    """The URL, if messages may be sent to it. `loopback` allows this machine. Raises InvalidValue."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise InvalidValue("must be an address such as https://shop.example.com/events") from None
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > MAX_URL_LENGTH or not host or port == 0:
        raise InvalidValue("must be an address such as https://shop.example.com/events")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise InvalidValue("must have no user name and no fragment")
    local = loopback and is_loopback(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise InvalidValue("must begin with https:// (http:// only on loopback, while SAYCODE_PUBLIC_URL is there too)")
    if not local and (host == "localhost" or host.endswith(".localhost") or not _may_connect(host, loopback=False)):
        raise InvalidValue("must not lead to this machine or a private network")
    return url


def _may_connect(host: str, *, loopback: bool) -> bool:
    """False for an IP address that is not allowed. Names are checked when they are resolved."""
    try:
        return is_public(ip_address(host)) or (loopback and ip_address(host).is_loopback)
    except ValueError:
        return True


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is global, also as the IPv4 address that it embeds."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner is None and any(address in network for network in _NAT64_NETWORKS):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


class PublicAddressResolver(AbstractResolver):
    """Resolves a name, and fails unless all of its addresses are public."""

    def __init__(self, *, loopback: bool, inner: AbstractResolver | None = None) -> None:
        self._loopback = loopback
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises NotPublicAddress."""
        results = await self._inner.resolve(host, port, family)
        if not results or not all(self._allows(result["host"]) for result in results):
            raise NotPublicAddress(host)
        return results

    def _allows(self, host: str) -> bool:
        return _may_connect(host.partition("%")[0], loopback=self._loopback)

    async def close(self) -> None:
        await self._inner.close()


def sign(secret: str, *, id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, sha256)).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSender:
    """Delivers the due messages. `loopback`: also to this machine, for development and tests."""

    outbox: Outbox
    now: Callable[[], float]
    loopback: bool = False
    resolver: AbstractResolver | None = None

    async def send_due(self) -> int:
        """Post a batch of due messages concurrently. Returns how many were posted."""
        messages = await self.outbox.claim(now=self.now())
        if not messages:
            return 0
        async with self._session() as session:
            await asyncio.gather(*(self._deliver(session, message) for message in messages))
        return len(messages)

    async def run_forever(self) -> None:
        """Post due messages until canceled. A target is busy until all of its claimed messages are answered, so one
        that hangs delays its own messages only.
        """
        posting: dict[str, asyncio.Task[None]] = {}
        async with self._session() as session:
            try:
                while True:
                    posting = {target: task for target, task in posting.items() if not task.done()}
                    claimed = await self._claim(posting)
                    for target, batch in claimed.items():
                        posting[target] = asyncio.create_task(self._deliver_all(session, batch))
                    if posting:
                        patience = 0 if claimed else POLL_SECONDS
                        await asyncio.wait(posting.values(), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                    else:
                        await asyncio.sleep(POLL_SECONDS)
            finally:
                for task in posting.values():
                    task.cancel()
                await asyncio.gather(*posting.values(), return_exceptions=True)

    async def _claim(self, busy: Collection[str]) -> dict[str, list[OutboxMessage]]:
        """Due messages by their target."""
        claimed: dict[str, list[OutboxMessage]] = {}
        try:
            if set(await self.outbox.targets_with_due(now=self.now())) - set(busy):
                for message in await self.outbox.claim(now=self.now(), busy=busy):
                    claimed.setdefault(message.target, []).append(message)
        except Unavailable as problem:
            log.warning("messages not read", extra={"fields": {"why": str(problem)}})
        return claimed

    def _session(self) -> aiohttp.ClientSession:
        resolver = PublicAddressResolver(loopback=self.loopback, inner=self.resolver)
        connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False, force_close=True)
        timeout = aiohttp.ClientTimeout(total=TOTAL_TIMEOUT, sock_connect=CONNECT_TIMEOUT)
        return aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False)

    async def _deliver_all(self, session: aiohttp.ClientSession, messages: Sequence[OutboxMessage]) -> None:
        try:
            await asyncio.gather(*(self._deliver(session, message) for message in messages))
        except Unavailable as problem:  # they are due again when their lease ends
            log.warning("delivery not recorded", extra={"fields": {"why": str(problem)}})

    async def _deliver(self, session: aiohttp.ClientSession, message: OutboxMessage) -> None:
        problem = await self._post(session, message)
        facts: dict[str, object] = {"message": message.id, "target": message.target, "tries": message.tries}
        if problem is None:
            await self.outbox.mark_delivered(message)
            log.info("message delivered", extra={"fields": facts})
        elif await self.outbox.retry_later(message, now=self.now()):
            log.warning("message not delivered", extra={"fields": facts | {"why": problem}})
        else:
            log.error("message dropped after the last attempt", extra={"fields": facts | {"why": problem}})

    async def _post(self, session: aiohttp.ClientSession, message: OutboxMessage) -> str | None:
        """One attempt. Returns why it failed, or None."""
        timestamp = int(self.now())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Saycode",
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(message.secret, id=message.id, timestamp=timestamp, body=message.body),
        }
        try:
            # The resolver is not called for an IP address.
            url = parse_target_url(message.url, loopback=self.loopback)
            async with session.post(url, data=message.body, headers=headers, allow_redirects=False) as response:
                return None if 200 <= response.status < 300 else f"HTTP {response.status}"
        except (InvalidValue, NotPublicAddress):
            return "not a public address"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error.__cause__ or error).__name__
