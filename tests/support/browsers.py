"""A real browser, and a service with its simulator in a thread beside it: for tests, and pictures, of the pages."""

import asyncio
import os
import secrets
import shutil
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, expect, sync_playwright

from saycode.config.settings import load
from saycode.server.app import build_app, open_store
from saycode.server.clock import SteadyClock
from tests.support.processes import Phone
from twilio_simulator.app import create_app
from twilio_simulator.core.clock import Clock
from twilio_simulator.engine import Twilio

SENDER = "+14155550199"
PATIENCE = 20.0
NAMES = ("chromium", "chromium-browser", "google-chrome")
HOW_TO_GET_ONE = (
    "No browser found: install Chromium (Debian: apt-get install chromium) or Chrome, or set CHROMIUM to its path."
)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class NoBrowser(Exception):
    """There is none on this machine; the message says how to get one."""


def find_browser() -> str:
    """The path of an installed browser. Raises NoBrowser."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES):
        if name and (found := shutil.which(name)):
            return found
    raise NoBrowser(HOW_TO_GET_ONE)


@contextmanager
def browser() -> Iterator[Browser]:
    """An installed browser, without a window. Without one the test fails, in a line.

    Whoever looks at a page waits for `PATIENCE` seconds, because a loaded machine takes its time.
    """
    try:
        path = find_browser()
    except NoBrowser as problem:
        pytest.fail(str(problem), pytrace=False)
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield launched
        finally:
            launched.close()


@dataclass(slots=True)
class ServiceTime:
    """The machine's time, and what a test has let pass on top of it."""

    passed: float = 0
    _clock: SteadyClock = field(default_factory=SteadyClock)

    def now(self) -> float:
        return self._clock.now() + self.passed


@dataclass(frozen=True, slots=True)
class House:
    """A service and a simulator that know each other."""

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
        """A phone in somebody's hand."""
        return Phone(self.phones, number)


@contextmanager
def house(folder: Path, *, clock: Clock, **settings: str) -> Iterator[House]:
    """Serve both while the block runs, by this time at Twilio's; `settings` come on top of the usual ones."""
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
        yield House(page, phones, twilio, time)


Serving = tuple[list[uvicorn.Server], Awaitable[object]]


#: Longer than aiohttp keeps an idle connection, so that none is closed while a request is on its way.
KEEP_ALIVE = 20


def _serve(listeners: list[socket.socket], apps: list[Callable[..., Awaitable[None]]]) -> Serving:
    settings: dict[str, Any] = {
        "proxy_headers": False,
        "timeout_graceful_shutdown": 1,
        "timeout_keep_alive": KEEP_ALIVE,
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

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="house", daemon=True)
    thread.start()
    while not servers or not all(server.started for server in servers):
        thread.join(0.01)
        assert thread.is_alive(), "the house was not built: see what it printed"
    try:
        yield
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(PATIENCE)
