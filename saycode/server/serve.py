"""uvicorn for the service, with limits on what precedes a complete request.

uvicorn's parser keeps the request line and the headers in memory for as long as a client sends them, and its own time
limit applies only after an answer. `webhooks.middleware` rejects what is complete but too large.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from functools import partial
from logging import getLogger
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from webhooks.middleware import ANSWER, STREAM, Header, header_lines

from ..config.key_parsers import HOW_TO_MAKE, can_be_guessed
from ..config.settings import Settings
from ..storage.store import SqlStore
from . import logging
from .app import await_store, build_app, open_store
from .file_limit import disable_core_dumps

log = getLogger("saycode.http")
#: More than `webhooks.middleware` allows, so that complete headers are rejected there, with a proper answer.
MAX_HEADER_BYTES = 96 * 1024
NO_CONTENT = 204
HEADERS_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"

#: Bytes of a stream that its client may leave unread.
MAX_UNREAD = 64 * 1024


class LimitedHttpProtocol(HttpToolsProtocol):
    """Closes a connection whose headers are too large, or whose request is too slow.

    `request_timeout`: seconds from a new connection, or from the first byte of a request, to its last byte.
    """

    request_timeout = 20.0
    _header_bytes = 0
    _reading_headers = True
    _complete_by: float | None = None  # by the loop's time; None while no request is read
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes, self._reading_headers = 0, True
        self._start_deadline()

    def on_message_complete(self) -> None:
        self._complete_by = None
        super().on_message_complete()

    def _start_deadline(self) -> None:
        """One timer serves many requests: to set and cancel one for each costs more than to read the clock."""
        self._complete_by = self.loop.time() + self.request_timeout
        if self._timer is None:
            self._timer = self.loop.call_at(self._complete_by, self._check_deadline)

    def _check_deadline(self) -> None:
        self._timer = None
        if self._complete_by is None:
            return
        if self.loop.time() < self._complete_by:
            self._timer = self.loop.call_at(self._complete_by, self._check_deadline)
        else:
            self.transport.close()

    def on_headers_complete(self) -> None:
        # The body has a limit of its own.
        self._reading_headers = False
        super().on_headers_complete()
        # The task of the request has not begun yet. A request of a pipeline has a cycle of its own.
        self.scope["extensions"] = {STREAM: self.take_over, ANSWER: partial(self._answer, self.cycle)}  # type: ignore[dict-item]

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._reading_headers:
            return
        self._header_bytes += len(data)
        if self._header_bytes > MAX_HEADER_BYTES and not self.transport.is_closing():
            self.transport.write(HEADERS_TOO_LARGE)
            self.transport.close()

    def _answer(
        self, cycle: RequestResponseCycle, status: int, own: Sequence[Header], lines: bytes, body: bytes
    ) -> bool:
        """Send a whole answer by one write, as uvicorn would by two; see `webhooks.middleware.ANSWER`."""
        lengths, expected = [value for name, value in own if name == b"content-length"], [b"%d" % len(body)]
        if cycle.disconnected or cycle.response_started or self.flow.write_paused:
            return False
        if lengths != ([] if status == NO_CONTENT else expected):
            return False
        if any(HEADER_RE.search(name) or HEADER_VALUE_RE.search(value) or name == b"connection" for name, value in own):
            return False
        closing = b"" if cycle.keep_alive else b"connection: close\r\n"
        head = STATUS_LINE[status], header_lines(cycle.default_headers), header_lines(own), lines, closing, b"\r\n"
        self.transport.write(b"".join((*head, body)))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        if closing:
            self.transport.close()
        cycle.on_response()
        cycle.scope["extensions"].clear()  # the request holds them and they hold it: a cycle
        return True

    def take_over(self, on_close: Callable[[], None]) -> "StreamConnection | None":
        """Leave the connection to an answer that has begun. None when it is closed, or another request waits in it."""
        if self.cycle.disconnected or self.pipeline or not self.cycle.chunked_encoding:
            return None
        self.cycle.response_complete = True  # as far as uvicorn is concerned
        self.connections.discard(self)
        self.parser = None  # type: ignore[assignment]  # as uvicorn does when a connection is lost
        stream = StreamConnection(self.transport, self.connections, on_close)
        self.transport.set_protocol(stream)
        return stream


class StreamConnection(asyncio.Protocol):
    """A connection whose answer goes on for long, in chunks (RFC 9112, section 7.1). It is one of uvicorn's
    `connections`, so a server that stops ends it.

    An open answer of uvicorn's keeps a task, a parser and the request, some ten kilobytes; this keeps none of them.
    """

    __slots__ = ("_connections", "_on_close", "transport")

    def __init__(self, transport: asyncio.Transport, connections: set[Any], on_close: Callable[[], None]) -> None:
        self.transport, self._connections, self._on_close = transport, connections, on_close
        connections.add(self)

    def write(self, data: bytes) -> None:
        """Send a chunk. A client that does not read what it was sent is cut off."""
        if self.transport.get_write_buffer_size() > MAX_UNREAD:
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def close(self) -> None:
        """Send the last chunk."""
        if not self.transport.is_closing():
            self.transport.write(b"0\r\n\r\n")
            self.transport.close()

    shutdown = close

    def connection_lost(self, _: Exception | None) -> None:
        self._connections.discard(self)
        self._on_close()


#: Seconds that running requests get when the service stops.
SHUTDOWN_SECONDS = 8
#: uvicorn's own logging would write paths and addresses, and its forwarded headers would be trusted from any client.
UVICORN_OPTIONS: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "timeout_graceful_shutdown": SHUTDOWN_SECONDS,
    "timeout_keep_alive": 20,
    "http": LimitedHttpProtocol,
}


class CannotListen(Exception):
    """Nothing can listen at the address; the message says why."""


def require_free(host: str, port: int) -> None:
    """Raise CannotListen if nothing can listen there: uvicorn would log an error's number between other lines."""
    try:
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind(address)
    except (OSError, UnicodeError) as problem:
        why = getattr(problem, "strerror", None) or "no such name"
        raise CannotListen(f"Cannot listen on port {port} of {host}: {why}. Try --port or --host.") from problem


def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    workers: int,
    open_store: Callable[[Settings], SqlStore] = open_store,
) -> None:
    """Serve until stopped. Raises DatabaseUnusable or CannotListen before anything listens."""
    logging.configure()
    disable_core_dumps()
    if can_be_guessed(settings.secret_keys[0]):
        log.warning("SAYCODE_SECRET_KEY can be guessed, it is a placeholder or a pattern; %s", HOW_TO_MAKE)
    store = await_store(settings, open_store)
    try:
        require_free(host, port)
    except CannotListen:
        asyncio.run(store.close())
        raise
    if workers == 1:
        uvicorn.run(build_app(settings, store), host=host, port=port, lifespan="on", **UVICORN_OPTIONS)
        return
    asyncio.run(store.close())  # made and migrated; each worker opens it for itself
    uvicorn.run(
        "saycode.server.app:worker",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        lifespan="on",
        **UVICORN_OPTIONS,
    )
