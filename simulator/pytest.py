"""A pytest plugin: a simulated Twilio and a phone, for tests of anybody's Twilio webhooks.

    pytest_plugins = ["simulator.pytest"]

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

from simulator.account import Number, new_sid
from simulator.app import create_app
from simulator.call import Call, Heard
from simulator.callbacks import CallbackPlan
from simulator.clock import Clock, ToldClock
from simulator.debugger import Entry
from simulator.faults import Fault
from simulator.handset import Behaviour, ReceivedText
from simulator.ledger import RestRequest, Webhook
from simulator.message import Message
from simulator.phone import Phone
from simulator.signing import Signing
from simulator.twilio import Twilio

PATIENCE = 5.0
"""Real seconds that `answer` waits for a call, and `wait_for_text` for a text."""
LONGEST = 20.0
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
        self._server = _Prompt(config)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)

    def _run(self) -> None:
        self.loop.run_until_complete(self._server.serve(sockets=[self._listener]))
        self.loop.close()

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the application did not start: see what it printed")
            self._thread.join(0.005)

    def begin_to_stop(self) -> None:
        self._server.should_exit = True

    def stop(self) -> None:
        self.begin_to_stop()
        self._thread.join(LONGEST)
        self._listener.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the loop of the server and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(LONGEST)


class _Prompt(uvicorn.Server):
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
    def heard(self) -> list[Heard]:
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

    def behave(self, behaviour: Behaviour) -> None:
        self._phone.behave(behaviour)

    def answer(self) -> Call:
        """Pick up; waits some seconds for the call that is on its way."""
        return self._server.do(self._answer())

    async def _answer(self) -> Call:
        await self._clock.watch(self._is_called, real_seconds=PATIENCE)
        return await self._phone.answer()

    def _is_called(self) -> bool:
        return self._phone.call_now is not None or self._phone.expects_call

    def decline(self) -> Call:
        return self._server.do(self._phone.decline())

    def hang_up(self) -> Call:
        return self._server.do(self._phone.hang_up())

    def press(self, keys: str) -> None:
        self._server.do(self._phone.press(keys))

    def speak(self, words: str) -> None:
        self._server.do(self._phone.speak(words))

    def listen(self) -> list[Heard]:
        return self._server.do(self._phone.listen())

    def call(self, to: str) -> Call:
        return self._server.do(self._phone.call(to))

    def text(self, to: str, body: str) -> Message:
        return self._server.do(self._phone.text(to, body))

    def wait_for_text(self) -> ReceivedText:
        """The last text; waits for it when none has come yet, and fails when none comes."""
        if not self._server.do(self._clock.watch(lambda: bool(self.texts), real_seconds=PATIENCE)):
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

    def add_number(self, number: str, *, voice_url: str = "", sms_url: str = "") -> Number:
        return self.engine.add_number(number, voice_url=voice_url, sms_url=sms_url)

    @property
    def debugger(self) -> list[Entry]:
        """Every error, warning and notice so far."""
        return list(self.engine.debugger)

    @property
    def requests(self) -> list[RestRequest]:
        return list(self.engine.ledger.requests)

    @property
    def webhooks(self) -> list[Webhook]:
        return list(self.engine.ledger.webhooks)

    def fail_next(self, status: int = 500, *, retry_after: int | None = None, times: int = 1, path: str = "") -> None:
        self.engine.fail_next(status, retry_after=retry_after, times=times, path=path)

    def add_fault(self, fault: Fault) -> None:
        self.engine.faults.add(fault)

    def sign(self, signing: Signing) -> None:
        """Sign webhooks like this from now on."""
        self.engine.signing = signing

    def treat_callbacks(self, plan: CallbackPlan) -> None:
        """Lose, delay, double or reorder status callbacks from now on."""
        self.engine.callbacks = plan

    def advance(self, seconds: float) -> None:
        self._server.do(self.engine.clock.advance(seconds))

    def run(self) -> None:
        """Let time pass until nothing is scheduled any more."""
        self._server.do(self.engine.clock.run())


@pytest.fixture
def simulator_clock() -> Clock:
    """The simulator's time: told. Override it for real time."""
    return ToldClock()


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
        server.begin_to_stop()
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
