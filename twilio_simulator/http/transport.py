"""HTTP for webhooks: one request, one response, without redirects, cookies or retries.

Tests replace `WebhookTransport` with an application or a broken network. URLs are sent byte for byte as signed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import aiohttp
from yarl import URL  # aiohttp's own URL type; it would re-encode a plain string

MAX_RESPONSE_BYTES = 1_000_000


class ConnectionFailure(Enum):
    """Why a request got no response. The value is the debugger's code."""

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
        """Whether the retry rules count it as `ct`: failures to connect and of TLS."""
        return self is not ConnectionFailure.PROTOCOL


class TransportError(Exception):
    def __init__(self, failure: ConnectionFailure, detail: str = "") -> None:
        self.failure = failure
        super().__init__(detail or failure.name.lower().replace("_", " "))


@dataclass(frozen=True, slots=True)
class HttpRequest:
    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """`chunked`: sent with chunked transfer encoding."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    chunked: bool = False

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class WebhookTransport(Protocol):
    async def send(self, request: HttpRequest, *, connect_timeout: float) -> HttpResponse:
        """Send and read the whole response. `connect_timeout` is in real seconds. Raises `TransportError`."""
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
            ) as response:
                body = await _body(response)
                chunked = response.headers.get("Transfer-Encoding", "").lower() == "chunked"
                return HttpResponse(response.status, tuple(response.headers.items()), body, chunked)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise TransportError(_failure_of(error), str(error)) from error


async def _body(response: aiohttp.ClientResponse) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in response.content.iter_any():
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
