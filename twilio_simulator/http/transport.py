"""The network behind webhooks: one request out, one answer back, no redirects, no cookies, no retries.

`Wire` is a port, so that a test can put an application or a broken network behind it. `AiohttpWire` is the real one.
Addresses are sent byte for byte as they were signed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import aiohttp
from yarl import URL  # aiohttp's own type for addresses; a plain string would be re-encoded on the way

MAX_RESPONSE_BYTES = 1_000_000


class ConnectionFailure(Enum):
    """How a request can fail before there is an answer; the value is the debugger's code."""

    CONNECT_TIMEOUT = 11201
    REFUSED = 11202
    CANNOT_CONNECT = 11205
    PROTOCOL = 11206
    NO_SUCH_HOST = 11210
    TLS = 11220
    CERTIFICATE_NAME = 11235
    CERTIFICATE_EXPIRED = 11236
    CERTIFICATE_UNKNOWN = 11237

    @property
    def while_connecting(self) -> bool:
        """Whether it counts as `ct` for the retry rules: connect and TLS failures."""
        return self is not ConnectionFailure.PROTOCOL


class TransportError(Exception):
    def __init__(self, how: ConnectionFailure, detail: str = "") -> None:
        self.how = how
        super().__init__(detail or how.name.lower().replace("_", " "))


@dataclass(frozen=True, slots=True)
class HttpRequest:
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`chunked` says that the answer came with chunked transfer encoding."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    chunked: bool = False

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class WebhookTransport(Protocol):
    async def send(self, request: HttpRequest, *, connect_timeout: float) -> HttpResponse:
        """Send and wait for the whole answer. `connect_timeout` is in real seconds. Raises `WireBroken`."""
        ...

    async def open(self) -> None: ...

    async def close(self) -> None: ...


class AiohttpTransport:
    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, request: HttpRequest, *, connect_timeout: float) -> HttpResponse:
        if self._session is None:
            raise RuntimeError("the transport is not open: the simulator has not been started")
        try:
            async with self._session.request(
                request.method,
                URL(request.url, encoded=True),
                headers=list(request.headers),
                data=request.body or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect_timeout),
            ) as answer:
                body = await _body(answer)
                chunked = answer.headers.get("Transfer-Encoding", "").lower() == "chunked"
                return HttpResponse(answer.status, tuple(answer.headers.items()), body, chunked)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise TransportError(_failure_of(error), str(error)) from error


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in answer.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > MAX_RESPONSE_BYTES:
            break
    return b"".join(pieces)


def _failure_of(error: Exception) -> ConnectionFailure:
    if isinstance(error, aiohttp.ConnectionTimeoutError | asyncio.TimeoutError):
        return ConnectionFailure.CONNECT_TIMEOUT
    if isinstance(error, aiohttp.ClientConnectorDNSError | socket.gaierror):
        return ConnectionFailure.NO_SUCH_HOST
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorSSLError | ssl.SSLError):
        return ConnectionFailure.TLS
    if isinstance(error, aiohttp.ClientConnectorError):
        return (
            ConnectionFailure.REFUSED
            if isinstance(error.os_error, ConnectionRefusedError)
            else ConnectionFailure.CANNOT_CONNECT
        )
    return ConnectionFailure.PROTOCOL


def _certificate(error: Exception) -> ConnectionFailure:
    reason = str(error).lower()
    if "expired" in reason:
        return ConnectionFailure.CERTIFICATE_EXPIRED
    if "hostname" in reason or "not valid for" in reason:
        return ConnectionFailure.CERTIFICATE_NAME
    return ConnectionFailure.CERTIFICATE_UNKNOWN
