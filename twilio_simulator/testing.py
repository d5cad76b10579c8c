"""The simulator for tests that are not asynchronous: a server in a thread, a phone and a Twilio without `await`."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import socket
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp

from .core.account import ContentTemplate, IncomingPhoneNumber
from .core.clock import Clock
from .core.faults import Fault
from .core.request_log import RestRequest, Webhook
from .engine import Twilio
from .http.callbacks import CallbackFaults
from .http.debugger import DebuggerEntry
from .http.signing import SigningMode
from .network.call import Call, Playback
from .network.handset import Behaviour, ReceivedText
from .network.message import Message
from .phone import Phone

WAIT_SECONDS = 5.0
"""How long, in real time, `answer` waits for a call and `wait_for_text` for a text."""
SERVER_TIMEOUT = 20.0
"""How long, in real time, a test waits for the server."""

T = TypeVar("T")


def require_asgi(app: object) -> None:
    """Raises `TypeError` for what is not an ASGI application; for a WSGI application, with the name of a wrapper."""
    if not callable(app):
        raise TypeError(f"serve takes an ASGI application, not {app!r}")
    try:
        parameters = inspect.signature(app).parameters.values()
    except ValueError:
        return  # a callable in C: the first request will show
    required = [one for one in parameters if one.default is one.empty and one.kind in _POSITIONAL]
    if len(required) == 2 and not any(one.kind is one.VAR_POSITIONAL for one in parameters):
        name = getattr(app, "__name__", None) or type(app).__name__
        raise TypeError(
            f"{name} is a WSGI application, and serve takes an ASGI application. Wrap it: "
            "serve(a2wsgi.WSGIMiddleware(app)), from the package a2wsgi"
        )


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Server:
    """An ASGI application on loopback, in a thread with its own event loop. Raises `TypeError` for a WSGI one."""

    def __init__(self, app: ASGIApp) -> None:
        require_asgi(app)
        # asyncio sets TCP_NODELAY only when the protocol is named; without it every response takes 40 ms longer.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        config = uvicorn.Config(app, log_config=None, log_level="warning", ws="none", timeout_graceful_shutdown=1)
        self._server = _FastStoppingServer(config)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    def _run(self) -> None:
        self.loop.run_until_complete(self._server.serve(sockets=[self._listener]))
        self.loop.close()

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the application failed to start; see its output")
            self._thread.join(0.005)

    def request_stop(self) -> None:
        self._server.should_exit = True

    def stop(self) -> None:
        self.request_stop()
        self._thread.join(SERVER_TIMEOUT)
        self._listener.close()

    def run_in_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's event loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SERVER_TIMEOUT)


class _FastStoppingServer(uvicorn.Server):
    """Checks more often than uvicorn whether it should stop, because a test suite stops many servers."""

    async def main_loop(self) -> None:
        ticks = itertools.count()
        while not await self.on_tick(next(ticks) % 864_000):
            await asyncio.sleep(0.01)


class TestPhone:
    """A phone with synchronous methods."""

    __test__ = False

    def __init__(self, server: Server, phone: Phone, clock: Clock) -> None:
        self._server = server
        self._phone = phone
        self._clock = clock

    @property
    def number(self) -> str:
        return self._phone.number

    @property
    def heard(self) -> list[Playback]:
        """What the phone played in the current call, or else in the last one."""
        return self._phone.heard

    @property
    def transcript(self) -> str:
        return self._phone.transcript

    @property
    def texts(self) -> list[ReceivedText]:
        return self._phone.texts

    @property
    def calls(self) -> list[Call]:
        return self._phone.calls

    def set_behaviour(self, behaviour: Behaviour) -> None:
        self._phone.set_behaviour(behaviour)

    def answer(self) -> Call:
        """Pick up. Waits a few seconds for a call that is not there yet."""
        return self._server.run_in_loop(self._answer())

    async def _answer(self) -> Call:
        await self._clock.watch(self._is_called, real_seconds=WAIT_SECONDS)
        return await self._phone.answer()

    def _is_called(self) -> bool:
        return self._phone.current_call is not None or self._phone.has_queued_call

    def decline(self) -> Call:
        return self._server.run_in_loop(self._phone.decline())

    def hang_up(self) -> Call:
        return self._server.run_in_loop(self._phone.hang_up())

    def press(self, keys: str) -> None:
        self._server.run_in_loop(self._phone.press(keys))

    def speak(self, words: str) -> None:
        self._server.run_in_loop(self._phone.speak(words))

    def listen(self) -> list[Playback]:
        return self._server.run_in_loop(self._phone.listen())

    def call(self, to: str) -> Call:
        return self._server.run_in_loop(self._phone.call(to))

    def text(self, to: str, body: str, *, media: tuple[str, ...] = ()) -> Message:
        return self._server.run_in_loop(self._phone.text(to, body, media=media))

    def wait_for_text(self) -> ReceivedText:
        """The last text. Waits a few seconds for the first one, and fails the test when none arrives."""
        if not self._server.run_in_loop(self._clock.watch(lambda: bool(self.texts), real_seconds=WAIT_SECONDS)):
            raise AssertionError(f"no text arrived at {self.number}")
        return self.texts[-1]


class TestTwilio:
    """The simulator with synchronous methods."""

    __test__ = False

    def __init__(self, server: Server, engine: Twilio) -> None:
        self._server = server
        self.engine = engine
        self.url = server.url
        self.account_sid = engine.account.sid
        self.auth_token = engine.account.auth_token
        self.shared_secret = engine.account.shared_key[1]

    def phone(self, number: str) -> TestPhone:
        return TestPhone(self._server, self.engine.phone(number), self.engine.clock)

    def add_number(self, number: str, *, voice_url: str = "", sms_url: str = "") -> IncomingPhoneNumber:
        return self.engine.add_number(number, voice_url=voice_url, sms_url=sms_url)

    def add_whatsapp_sender(self, number: str, *, sms_url: str = "") -> IncomingPhoneNumber:
        return self.engine.add_whatsapp_sender(number, sms_url=sms_url)

    def add_template(self, sid: str, **fields: str) -> ContentTemplate:
        return self.engine.add_template(sid, **fields)

    @property
    def debugger(self) -> list[DebuggerEntry]:
        """All errors, warnings and notices."""
        return list(self.engine.debugger)

    @property
    def requests(self) -> list[RestRequest]:
        return list(self.engine.request_log.requests)

    @property
    def webhooks(self) -> list[Webhook]:
        return list(self.engine.request_log.webhooks)

    def fail_next(self, status: int = 500, *, retry_after: int | None = None, times: int = 1, path: str = "") -> None:
        self.engine.fail_next(status, retry_after=retry_after, times=times, path=path)

    def add_fault(self, fault: Fault) -> None:
        self.engine.faults.add(fault)

    def sign(self, signing: SigningMode) -> None:
        """Change how webhooks are signed."""
        self.engine.signing = signing

    def set_callback_faults(self, faults: CallbackFaults) -> None:
        """Lose, delay, double or reorder status callbacks."""
        self.engine.callbacks = faults

    def advance(self, seconds: float) -> None:
        self._server.run_in_loop(self.engine.clock.advance(seconds))

    def run(self) -> None:
        """Let time pass until nothing is scheduled."""
        self._server.run_in_loop(self.engine.clock.run())
