"""HTTP/1.1 requests to Twilio (RFC 9112) over connections that are kept.

A general client takes four times as long for a request, a fifth of a whole start. httptools parses the answers, as
it parses the server's requests; here are the connections, their time limits, and what a failure means. No request is
ever sent twice, and no redirect is followed.
"""

import asyncio
import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlencode, urlsplit

from aiohappyeyeballs import start_connection
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from .config import DEFAULT_TIMEOUTS, Timeouts, is_traced

#: Connections at a time; further requests wait.
MOST_CONNECTIONS = 100
#: Seconds after which an unused connection is not used again: the other side may be closing it.
LONGEST_IDLE = 15.0
NO_CONTENT = 204
#: Bytes of an answer with its headers. A list of twenty calls has thirty thousand.
LARGEST_ANSWER = 2**20
#: Seconds that one address of a host is tried alone (Happy Eyeballs, RFC 8305).
_NEXT_ADDRESS_AFTER = 0.25


class RequestFailed(Exception):
    """There is no answer, or none that can be read. The request may have been carried out."""


class NotConnected(RequestFailed):
    """There was no connection, so nothing was sent."""


class Answer(NamedTuple):
    """With the names that Twilio's library reads. Nothing needs the headers."""

    status_code: int
    text: str
    headers: Mapping[str, str] = {}

    @property
    def content(self) -> str:
        return self.text


class Connection(asyncio.Protocol):
    """A connection that carries one request at a time."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(self)
        self._answer: asyncio.Future[Answer] | None = None  # while one is awaited
        self._begun = False
        self._size = 0
        self._parts: list[bytes] = []
        self._used_at = 0.0

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return not self.transport.is_closing() and self._loop.time() - self._used_at < LONGEST_IDLE

    async def send(self, request: bytes) -> Answer:
        """The answer to a request. Raises RequestFailed; then, and when it is canceled, the connection is closed."""
        self._begun, self._size, self._parts = False, 0, []
        self._answer = self._loop.create_future()
        self.transport.write(request)
        try:
            return await self._answer
        except BaseException:
            self.transport.abort()
            raise
        finally:
            self._answer, self._used_at = None, self._loop.time()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # one of a socket
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > LARGEST_ANSWER:
            self._fail("an answer that is too large")
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self._fail("an answer that is no HTTP")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._begun and exc is None and not self._parser.should_keep_alive():
            self._complete()  # an answer without a length ends with its connection
        self._fail("the connection was closed")

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self._answer is None or self._answer.done():
            self.transport.abort()  # nothing was asked: it must not become the answer to the next request

    def on_headers_complete(self) -> None:
        self._begun = True

    def on_body(self, body: bytes) -> None:
        self._parts.append(body)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < 200:
            return  # "100 Continue" and the like precede the answer
        if not self._parser.should_keep_alive():
            self.transport.close()
        self._complete()

    def _complete(self) -> None:
        if self._answer is not None and not self._answer.done():
            text = b"".join(self._parts).decode(errors="replace")
            self._answer.set_result(Answer(self._parser.get_status_code(), text))

    def _fail(self, why: str) -> None:
        self.transport.abort()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(RequestFailed(why))


class TwilioHttpClient:
    """Requests with time limits, also for Twilio's library, whose own client has none. Make it in a running event loop,
    and close it.
    """

    is_async = True

    def __init__(self, timeouts: Timeouts = DEFAULT_TIMEOUTS) -> None:
        self._timeouts = timeouts
        self._free = asyncio.Semaphore(MOST_CONNECTIONS)
        self._idle: dict[tuple[str, str], list[Connection]] = {}
        self._span = _spans()

    async def close(self) -> None:
        """Close the connections that are not in use."""
        for connections in self._idle.values():
            for connection in connections:
                connection.transport.close()
        self._idle.clear()

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: str = "", timeout: float | None = None
    ) -> Answer:
        """The answer to one request. `timeout`: seconds, else those of all requests. Raises TimeoutError and
        RequestFailed.
        """
        address = urlsplit(url)
        request = _request(method, address, headers, body.encode())
        with self._span(method, address) as note_status:
            async with asyncio.timeout(self._timeouts.total if timeout is None else timeout), self._free:
                answer = await self._exchange(address, request)
            if note_status is not None:
                note_status(answer.status_code)
        return answer

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: ARG002  # none is ever followed
    ) -> Answer:
        """A request of Twilio's library, with a query or a form. Raises TimeoutError and RequestFailed, the latter also
        for a success that is neither a record of Twilio's nor a list of records.
        """
        login = {"Authorization": basic_auth(auth)} if auth else {}
        answer = await self.send(
            method.upper(),
            f"{url}?{_encode(params)}" if params else url,
            headers={**(headers or {}), **login},
            body=_encode(data or {}),
            timeout=timeout,
        )
        if answer.status_code < 400 and answer.status_code != NO_CONTENT and not _is_resource(answer.text):
            raise RequestFailed("a success without a sid, and no list")
        return answer

    async def _exchange(self, address: SplitResult, request: bytes) -> Answer:
        idle = self._idle.setdefault((address.scheme, address.netloc), [])
        connection = None
        while idle and not (connection := idle.pop()).usable:
            connection.transport.close()
            connection = None
        connection = connection or await self._connect(address)
        answer = await connection.send(request)
        if connection.usable:
            idle.append(connection)
        return answer

    async def _connect(self, address: SplitResult) -> Connection:
        """Raises NotConnected."""
        loop, host = asyncio.get_running_loop(), address.hostname or ""
        try:
            async with asyncio.timeout(self._timeouts.connect):
                tls = await asyncio.to_thread(tls_context) if address.scheme == "https" else None
                port = address.port or (443 if tls else 80)
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                sock = await start_connection(found, happy_eyeballs_delay=_NEXT_ADDRESS_AFTER)
                _, connection = await loop.create_connection(
                    Connection, sock=sock, ssl=tls, server_hostname=host if tls else None
                )
        except (OSError, TimeoutError) as problem:  # those of TLS and of certificates are OSErrors
            raise NotConnected(type(problem).__name__) from problem
        return connection


def json_object(text: str) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is none."""
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _is_resource(text: str) -> bool:
    body = json_object(text)
    # A number lookup is a record without a sid.
    return bool(body.get("sid") or "page_size" in body or "calling_country_code" in body)


def basic_auth(key: tuple[str, str]) -> str:
    """The value of `Authorization` for a user name and a password (RFC 7617)."""
    return "Basic " + b64encode(":".join(key).encode()).decode()


def _encode(fields: Mapping[str, object]) -> str:
    """As a query or a form; Twilio's library has None for what is not given."""
    return urlencode({name: value for name, value in fields.items() if value is not None}, doseq=True)


def _request(method: str, address: SplitResult, headers: Mapping[str, str], body: bytes) -> bytes:
    """A request in bytes. Raises RequestFailed for what could begin another line."""
    target = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
    lines = [f"{method} {target} HTTP/1.1", f"Host: {address.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines)
    if head.count("\r") != len(lines) - 1 or head.count("\n") != len(lines) - 1 or not head.isascii():
        raise RequestFailed("an address or a header with control characters")
    return b"%b\r\n\r\n%b" % (head.encode(), body)


@cache
def tls_context() -> ssl.SSLContext:
    """With the certificates of the machine, which take some milliseconds to read."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


#: Called with the status of the answer.
NoteStatus = Callable[[int], None]


def _spans() -> Callable[[str, SplitResult], AbstractContextManager[NoteStatus | None]]:
    """A span for each request, where something receives them."""
    if not is_traced():
        return lambda *_: nullcontext()
    from .spans import request_span

    return request_span
