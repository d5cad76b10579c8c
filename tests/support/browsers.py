"""A real browser, and the service and the simulator in a thread: for tests and screenshots of the pages."""

import asyncio
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, expect

from saycode.config.loader import load
from saycode.server.app import build_app, open_store
from saycode.server.clock import SteadyClock
from saycode.server.serve import LimitedHttpProtocol
from tests.support.missing import missing
from tests.support.processes import Phone
from tools import programs
from twilio_simulator.app import create_app
from twilio_simulator.core.clock import Clock
from twilio_simulator.engine import Twilio

SENDER = "+14155550199"
PATIENCE = 20.0


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser. Without one the test is left out, or fails on CI.

    Expectations wait for `PATIENCE` seconds, because a loaded machine is slow.
    """
    expect.set_options(timeout=PATIENCE * 1000)
    with ExitStack() as stack:
        try:
            launched = stack.enter_context(programs.browser())
        except programs.NoBrowser:
            missing("a browser", f"apt-get install {' '.join(programs.BROWSER_PACKAGES)} (or set CHROMIUM to its path)")
        yield launched


@dataclass(slots=True)
class ServiceTime:
    """The machine's time plus the seconds that a test has added."""

    passed: float = 0
    _clock: SteadyClock = field(default_factory=SteadyClock)

    def now(self) -> float:
        return self._clock.now() + self.passed


@dataclass(frozen=True, slots=True)
class BrowserSetup:
    """A service and a simulator that are configured for each other."""

    address: str
    """The address of the service, and of its page."""
    phones: str
    """The address of the simulator's page."""
    twilio: Twilio
    time: ServiceTime

    def desk(self, number: str) -> str:
        """The address of the page with this phone in front."""
        return f"{self.phones}/#{number}"

    def phone(self, number: str) -> Phone:
        """A phone of the simulator."""
        return Phone(self.phones, number)


@contextmanager
def browser_setup(folder: Path, *, clock: Clock, **settings: str) -> Iterator[BrowserSetup]:
    """Serve both while the block runs. `clock`: Twilio's; `settings` override the usual ones."""
    listeners = [socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) for _ in range(2)]
    for listener in listeners:
        listener.bind(("127.0.0.1", 0))
    page, phones = (f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners)
    account, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
    simulator = create_app(account_sid=account, auth_token=token, clock=clock, calls_per_second=None)
    twilio: Twilio = simulator.state.twilio
    twilio.add_number(SENDER, voice_url=f"{page}/webhooks/voice", sms_url=f"{page}/webhooks/sms")
    loaded = load(
        {
            "TWILIO_ACCOUNT_SID": account,
            "TWILIO_AUTH_TOKEN": token,
            "TWILIO_FROM_NUMBER": SENDER,
            "TWILIO_API_BASE_URL": phones,
            "SAYCODE_PUBLIC_URL": page,
            "SAYCODE_SECRET_KEY": secrets.token_hex(32),
            "SAYCODE_DATABASE_URL": f"sqlite:///{folder / 'saycode.db'}",
            "SAYCODE_LIMITS": "watch",
            **settings,
        }
    )
    time = ServiceTime()
    with _in_a_thread(lambda: _serve(listeners, [build_app(loaded, open_store(loaded), clock=time), simulator])):
        yield BrowserSetup(page, phones, twilio, time)


Serving = tuple[list[uvicorn.Server], Awaitable[object]]


#: Longer than aiohttp keeps an idle connection, so that none is closed while a request is on its way.
KEEP_ALIVE = 20


def _serve(listeners: list[socket.socket], apps: list[Callable[..., Awaitable[None]]]) -> Serving:
    settings: dict[str, Any] = {
        "proxy_headers": False,
        "timeout_graceful_shutdown": 1,
        "timeout_keep_alive": KEEP_ALIVE,
        "http": LimitedHttpProtocol,
    }
    servers = [uvicorn.Server(uvicorn.Config(app, lifespan="on", log_level="critical", **settings)) for app in apps]
    pairs = zip(servers, listeners, strict=True)
    return servers, asyncio.gather(*(server.serve(sockets=[listener]) for server, listener in pairs))


@contextmanager
def _in_a_thread(begin: Callable[[], Serving]) -> Iterator[None]:
    servers: list[uvicorn.Server] = []

    async def run() -> None:
        made, served = begin()
        servers.extend(made)
        await served

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="servers", daemon=True)
    thread.start()
    while not servers or not all(server.started for server in servers):
        thread.join(0.01)
        assert thread.is_alive(), "the servers did not start: see what they printed"
    try:
        yield
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(PATIENCE)
