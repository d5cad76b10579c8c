"""HTTP for the doctor: one request, and its answer or the reason why there is none. Redirects are not followed."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlencode

import aiohttp

from ..twilio.http_client import basic_auth

CONNECT_TIMEOUT, TOTAL_TIMEOUT = 5, 15
MAX_BODY_BYTES = 1_000_000


class FailureReason(StrEnum):
    """Why there is no answer."""

    NO_SUCH_NAME = "its name does not resolve"
    REFUSED = "nothing listens there"
    SLOW = "it does not answer in time"
    CERTIFICATE = "its certificate is not valid"
    NO_TLS = "it does not speak TLS"
    BROKEN = "its answer is not HTTP"


@dataclass(frozen=True, slots=True)
class RequestFailure:
    """No answer. `detail` is the system's own message."""

    why: FailureReason
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.why} ({self.detail})" if self.detail else self.why


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def record(self) -> dict[str, Any] | None:
        """The JSON object in the body; None without one."""
        try:
            parsed = json.loads(self.body)
        except ValueError:
            return None
        return parsed if isinstance(parsed, dict) else None

    @property
    def redirects_to(self) -> str | None:
        """The target of a redirect."""
        return self.headers.get("location") if 300 <= self.status < 400 else None


Answer = Reply | RequestFailure


def is_no_such_api(answer: Answer) -> bool:
    """Whether this part of the API does not exist: a simulator may lack it. Twilio's own 404 has a code."""
    return isinstance(answer, Reply) and answer.status == 404 and answer.record is None


class Transport(Protocol):
    """Sends requests."""

    async def send(
        self,
        method: str,
        url: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
    ) -> Answer:
        """Send one request. `fields` make it a form; `login` is for basic authentication."""
        ...


class HttpTransport:
    """The real network. Use it as an asynchronous context. `timeout`: seconds for a whole request."""

    def __init__(self, *, timeout: float = TOTAL_TIMEOUT) -> None:
        self._limits = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=self._limits)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def send(
        self,
        method: str,
        url: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
    ) -> Answer:
        all_headers = dict(headers or {})
        if login is not None:
            all_headers["Authorization"] = basic_auth(login)
        if fields is not None:
            all_headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        try:
            async with self._session.request(
                method,
                url,
                data=None if fields is None else urlencode(fields).encode(),
                headers=all_headers,
                allow_redirects=False,
            ) as answer:
                lower_case = {name.lower(): value for name, value in answer.headers.items()}
                return Reply(answer.status, lower_case, await _body(answer))
        except (TimeoutError, aiohttp.ClientError, OSError) as problem:
            return _to_failure(problem)


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            break
    return body


def _to_failure(problem: Exception) -> RequestFailure:
    match problem:
        case TimeoutError():
            return RequestFailure(FailureReason.SLOW)
        case aiohttp.ClientConnectorDNSError():
            return RequestFailure(FailureReason.NO_SUCH_NAME)
        case aiohttp.ClientConnectorCertificateError():
            reason = problem.certificate_error
            detail = reason.verify_message if isinstance(reason, ssl.SSLCertVerificationError) else ""
            return RequestFailure(FailureReason.CERTIFICATE, detail)
        case aiohttp.ClientSSLError():
            return RequestFailure(FailureReason.NO_TLS)
        case aiohttp.ClientConnectorError() if isinstance(problem.os_error, ConnectionRefusedError):
            return RequestFailure(FailureReason.REFUSED)
        case OSError():
            return RequestFailure(FailureReason.REFUSED, problem.strerror or "")
    return RequestFailure(FailureReason.BROKEN)
