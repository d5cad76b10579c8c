"""Listening: uvicorn with the settings that a service of this kind needs.

uvicorn's protocol for HTTP, with an end to what may come before a request is understood.

The parser under it keeps the first line and the headers in memory for as long as somebody sends them. What is complete
but too large is refused by `webhooks.middleware`; this is for what never ends, in bytes or in time. By itself uvicorn
cuts only what is idle after an answer.
"""

import asyncio
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ..config.settings import Settings
from . import logging
from .app import build_app, open_store

#: More than complete headers may have, so that they are refused there, in a better way.
MAX_HEADER_BYTES = 96 * 1024
HEADERS_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class LimitedHttpProtocol(HttpToolsProtocol):
    """Lets go of a connection whose headers grow without an end, or whose request does not come to one.

    `arrival`: seconds from a new connection, or from the first byte of a request, to the last byte of it.
    """

    arrival = 20.0
    _head = 0
    _reading_headers = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody has come, and may say something now."""
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._cancel_deadline()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head, self._reading_headers = 0, True
        self._start_deadline()

    def on_message_complete(self) -> None:
        """All of it is here; from now on it is ours to be quick."""
        self._cancel_deadline()
        super().on_message_complete()

    def _start_deadline(self) -> None:
        self._cancel_deadline()
        self._deadline = self.loop.call_later(self.arrival, self.transport.close)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def on_headers_complete(self) -> None:
        """Its headers are there; what follows is its body, which has a limit of its own."""
        self._reading_headers = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """More bytes of whatever it is."""
        super().data_received(data)
        if not self._reading_headers:
            return
        self._head += len(data)
        if self._head > MAX_HEADER_BYTES and not self.transport.is_closing():
            self.transport.write(HEADERS_TOO_LARGE)
            self.transport.close()


#: Seconds that running requests get when the service is told to stop.
SHUTDOWN_SECONDS = 8
#: uvicorn's own logging would write paths and addresses; forwarded headers are believed by nobody here.
UVICORN_OPTIONS: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "timeout_graceful_shutdown": SHUTDOWN_SECONDS,
    "timeout_keep_alive": 20,
    "http": LimitedHttpProtocol,
}


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until told to stop. Raises DatabaseProblem before anything listens."""
    logging.configure()
    store = open_store(settings)
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


def simulate(
    account_sid: str, auth_token: str, *, host: str, port: int, told: bool, calls_per_second: float | None
) -> None:
    """Serve the simulator until told to stop; `told`: its time moves only when a test says so."""
    from twilio_simulator.app import create_app
    from twilio_simulator.core.clock import ManualClock, RealClock

    clock = ManualClock() if told else RealClock()
    app = create_app(account_sid=account_sid, auth_token=auth_token, clock=clock, calls_per_second=calls_per_second)

    class Server(uvicorn.Server):
        """Lets go of the open pages when it is told to stop: what they follow has no end of its own."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            app.state.twilio.events.close_followers()
            super().handle_exit(sig, frame)

    settings = UVICORN_OPTIONS | {"log_config": uvicorn.config.LOGGING_CONFIG, "log_level": "warning"}
    with suppress(KeyboardInterrupt):  # Ctrl-C has done its work by then
        Server(uvicorn.Config(app, host=host, port=port, lifespan="on", **settings)).run()
