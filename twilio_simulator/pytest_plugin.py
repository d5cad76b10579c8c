"""A pytest plugin: a simulated Twilio and a phone, for tests of anybody's Twilio webhooks.

    pytest_plugins = ["twilio_simulator.pytest_plugin"]

    def test_the_code_is_read_after_two_keys(twilio, phone, serve):
        site = serve(my_asgi_application)
        twilio.add_number("+14155550199", voice_url=f"{site}/voice")
        phone.call("+14155550199")
        phone.press("47")
        phone.listen()
        assert "Your code is" in phone.transcript
        assert not twilio.debugger

An application that places calls gets its client pointed at `twilio.url` (`client.api.base_url = twilio.url`) with
`twilio.account_sid` and `twilio.auth_token`; then `phone.answer()` picks up. Time stands still unless `twilio.advance`,
`twilio.run` or `phone.listen` moves it; a project that wants real time overrides the fixture `simulator_clock`.

Only this module needs pytest and uvicorn.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
import uvicorn
from starlette.types import ASGIApp

from .app import create_app
from .core.account import IncomingPhoneNumber, new_sid
from .core.clock import Clock, ManualClock
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
"""Real seconds that `answer` waits for a call, and `wait_for_text` for a text."""
SERVER_TIMEOUT = 20.0
"""Real seconds that a test waits for the server."""

T = TypeVar("T")


class Server:
    """An ASGI application on loopback, in a thread with a loop of its own."""

    def __init__(self, app: ASGIApp) -> None:
        # With the protocol named: asyncio sets TCP_NODELAY only then, and without it every answer takes 40 ms longer.
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
        """Run something in the loop of the server and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SERVER_TIMEOUT)


class _FastStoppingServer(uvicorn.Server):
    """Looks more often than uvicorn does whether it shall end: a test suite starts and ends many."""

    async def main_loop(self) -> None:
        ticks = itertools.count()
        while not await self.on_tick(next(ticks) % 864_000):
            await asyncio.sleep(0.01)


class TestPhone:
    """A phone, for tests that are not asynchronous."""

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
        """What came out of the phone in the present call, or the last one."""
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
        """Pick up; waits some seconds for the call that is on its way."""
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

    def text(self, to: str, body: str) -> Message:
        return self._server.run_in_loop(self._phone.text(to, body))

    def wait_for_text(self) -> ReceivedText:
        """The last text; waits for it when none has come yet, and fails when none comes."""
        if not self._server.run_in_loop(self._clock.watch(lambda: bool(self.texts), real_seconds=WAIT_SECONDS)):
            pytest.fail(f"no text came to {self.number}")
        return self.texts[-1]


class TestTwilio:
    """The simulator, for tests that are not asynchronous."""

    __test__ = False

    def __init__(self, server: Server, engine: Twilio) -> None:
        self._server = server
        self.engine = engine
        self.url = server.url
        self.account_sid = engine.account.sid
        self.auth_token = engine.account.auth_token

    def phone(self, number: str) -> TestPhone:
        return TestPhone(self._server, self.engine.phone(number), self.engine.clock)

    def add_number(self, number: str, *, voice_url: str = "", sms_url: str = "") -> IncomingPhoneNumber:
        return self.engine.add_number(number, voice_url=voice_url, sms_url=sms_url)

    @property
    def debugger(self) -> list[DebuggerEntry]:
        """Every error, warning and notice so far."""
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
        """Sign webhooks like this from now on."""
        self.engine.signing = signing

    def set_callback_faults(self, plan: CallbackFaults) -> None:
        """Lose, delay, double or reorder status callbacks from now on."""
        self.engine.callbacks = plan

    def advance(self, seconds: float) -> None:
        self._server.run_in_loop(self.engine.clock.advance(seconds))

    def run(self) -> None:
        """Let time pass until nothing is scheduled any more."""
        self._server.run_in_loop(self.engine.clock.run())


@pytest.fixture
def simulator_clock() -> Clock:
    """The simulator's time: told. Override it for real time."""
    return ManualClock()


@pytest.fixture
def simulator_servers() -> Iterator[Callable[[ASGIApp], Server]]:
    """Start servers for one test; they end together, because each takes a moment."""
    servers: list[Server] = []

    def start(app: ASGIApp) -> Server:
        server = Server(app)
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.request_stop()
    for server in servers:
        server.stop()


@pytest.fixture
def twilio(simulator_clock: Clock, simulator_servers: Callable[[ASGIApp], Server]) -> TestTwilio:
    """A simulated Twilio of this test's own, with an account that was made up for it."""
    app = create_app(account_sid=new_sid("AC"), auth_token=new_sid("")[:32], clock=simulator_clock)
    return TestTwilio(simulator_servers(app), app.state.twilio)


@pytest.fixture
def phone(twilio: TestTwilio) -> TestPhone:
    """The phone +1 415 555 0100."""
    return twilio.phone("+14155550100")


@pytest.fixture
def serve(simulator_servers: Callable[[ASGIApp], Server]) -> Callable[[ASGIApp], str]:
    """Serve an ASGI application on loopback until the test is over; gives its address."""
    return lambda app: simulator_servers(app).url
