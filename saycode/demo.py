"""A complete verification to watch: the service, a simulated Twilio and a user with a phone, all on this machine.

Nothing in between is faked: the user posts the real form, Twilio's requests are signed and sent over HTTP, and the code
is taken from what the phone says.
"""

import asyncio
import re
import secrets
import signal
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import click
import phonenumbers
import uvicorn
from starlette.types import ASGIApp

from twilio_simulator.app import create_app as create_simulator
from twilio_simulator.core.clock import RealClock
from twilio_simulator.core.events import CallStatusChanged, PhoneRings, PublishedEvent, SayBegan, WebhookAnswered
from twilio_simulator.engine import Twilio
from twilio_simulator.network.handset import OnCall
from twilio_simulator.phone import Phone, PhoneError
from webhooks.middleware import load_late

from .config.loader import load
from .config.settings import Settings
from .server import logging
from .server.app import build_app, open_store
from .server.serve import UVICORN_OPTIONS

HOST = "127.0.0.1"
PHONE, SENDER = "+14155550100", "+14155550199"
USERNAME = "ann"
TIMEOUT_SECONDS = 60
FAILED, CANNOT_START = 1, 2

_KEYS = re.compile(r"\d(?:, \d)+")
_ENDS = {
    "busy": "The line was busy.",
    "no-answer": "The call was not answered.",
    "failed": "The call did not get through.",
    "canceled": "The call was canceled.",
}
#: The behaviors of the phone. A silent one is answered, but no key is pressed.
PHONES = ("answer", "busy", "no-answer", "silent")
_BEHAVIORS = {"busy": OnCall.BUSY, "no-answer": OnCall.NO_ANSWER}


class DemoFailed(Exception):
    """The verification did not end with a welcome; the message says why."""


def run(*, port: int, once: bool, phone: str, speed: float) -> int:
    """Run the demonstration, and return the exit code. `phone`: its behavior, one of `PHONES`.

    `speed`: the speed-up over a real call.
    """
    logging.configure("CRITICAL")
    try:
        with _bound(port) as page_socket, _bound(port + 1 if port else 0) as twilio_socket:
            return asyncio.run(_demonstrate(page_socket, twilio_socket, once=once, behavior=phone, speed=speed))
    except OSError as problem:
        click.echo(f"Cannot listen on ports {port} and {port + 1}: {problem.strerror}. Try --port.", err=True)
        return CANNOT_START
    except KeyboardInterrupt:
        return 0


@contextmanager
def _bound(port: int) -> Iterator[socket.socket]:
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((HOST, port))
        yield bound


async def _demonstrate(page: socket.socket, twilio: socket.socket, *, once: bool, behavior: str, speed: float) -> int:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    clock = RealClock(speed=speed)
    with tempfile.TemporaryDirectory(prefix="saycode-demo-") as folder:
        async with _running_services(page, twilio, Path(folder), clock) as (address, phone_address, engine, settings):
            verified = asyncio.create_task(_verify(engine, address, behavior, speed))
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({verified, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not verified.done():
                verified.cancel()
                return FAILED if once else 0
            stopped.cancel()
            if once:
                return 0 if verified.result() else FAILED
            clock.set_speed(1)  # from now on a person listens
            click.echo(f"\nThe page   {address}\nThe phone  {phone_address}\n")
            click.echo(f"Any US number can be called; {_readable(PHONE)} is open at the second address.")
            async with _console(settings, page.getsockname()[1] + 2) as (console_address, key):
                click.echo(f"The operator's console, with example traffic of two days: {console_address}  (key: {key})")
                click.echo("Ctrl-C stops it; nothing is kept.")
                await stop.wait()
    click.echo("Stopped.")
    return 0


@asynccontextmanager
async def _running_services(
    page: socket.socket, twilio: socket.socket, folder: Path, clock: RealClock
) -> AsyncIterator[tuple[str, str, Twilio, Settings]]:
    """Serve both. Yields the addresses of the page and of the phone, the simulator's engine, and the settings."""
    address, twilio_address = (f"http://{HOST}:{bound.getsockname()[1]}" for bound in (page, twilio))
    account, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
    settings = load(
        {
            "TWILIO_ACCOUNT_SID": account,
            "TWILIO_AUTH_TOKEN": token,
            "TWILIO_FROM_NUMBER": SENDER,
            "TWILIO_API_BASE_URL": twilio_address,
            "SAYCODE_PUBLIC_URL": address,
            "SAYCODE_SECRET_KEY": secrets.token_hex(32),
            "SAYCODE_DATABASE_URL": f"sqlite:///{folder / 'demo.db'}",
            "SAYCODE_LIMITS": "watch",
            "SAYCODE_PRICES": "*:0.05:0.04,US:0.014:0.0083,GB:0.025:0.042",
            "SAYCODE_MONEY_PER_DAY": "10",
            "SAYCODE_MINUTES_PER_DAY": "300",
        }
    )
    simulator = create_simulator(account_sid=account, auth_token=token, clock=clock)
    engine: Twilio = simulator.state.twilio
    engine.add_number(SENDER, voice_url=f"{address}/webhooks/voice", sms_url=f"{address}/webhooks/sms")
    async with _serving(simulator, twilio), _serving(build_app(settings, open_store(settings)), page):
        yield address, f"{twilio_address}/#{PHONE}", engine, settings


@asynccontextmanager
async def _console(settings: Settings, port: int) -> AsyncIterator[tuple[str, str]]:
    """Serve the console, at this port if it is free, while example traffic is written. Yields its address and key."""
    from .example_traffic import writing_examples
    from .server.console import alone

    with socket.socket() as bound:
        try:
            bound.bind((HOST, port))
        except (OSError, OverflowError):  # taken, or beyond the last port
            bound.bind((HOST, 0))
        async with (
            open_store(settings) as store,
            alone(settings, store, bound) as server,
            writing_examples(settings, store),
        ):
            running = asyncio.create_task(server.run_until_stopped())
            try:
                yield server.address, server.key
            finally:
                server.should_exit = True
                await running


class _Server(uvicorn.Server):
    """A server that leaves signal handling to the demonstration."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _serving(app: ASGIApp, bound: socket.socket) -> AsyncIterator[None]:
    load_late()  # the clock of a call runs faster than the wall's
    server = _Server(uvicorn.Config(app, lifespan="on", **(UVICORN_OPTIONS | {"timeout_graceful_shutdown": 1})))
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started:
        if serving.done():
            raise DemoFailed("The server did not start.")
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class _Transcript:
    """Prints events in lines, with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the start, on the machine's clock."""
        return time.monotonic() - self._started

    def line(self, source: str, text: str) -> None:
        click.echo(f"{self.elapsed:6.1f}  {source:<6} {text}")

    def print_event(self, published: PublishedEvent) -> None:
        """Print a line for what a user would notice."""
        event = published.event
        if isinstance(event, PhoneRings):
            self.line("phone", f"rings: {_readable(event.caller)} is calling")
        elif isinstance(event, SayBegan):
            self.line("voice", event.text)
        elif isinstance(event, WebhookAnswered) and event.fault:
            self.line("twilio", f"could not fetch {event.url}: {event.fault}")


async def _verify(engine: Twilio, address: str, behavior: str, speed: float) -> bool:
    click.echo(f"A whole verification on this machine. No account, no internet; time runs {speed:g} times as fast.\n")
    transcript = _Transcript()
    phone = engine.phone(PHONE)
    try:
        async with (
            asyncio.timeout(TIMEOUT_SECONDS),
            aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as web,
        ):
            with engine.events.subscribed(transcript.print_event):
                await _act_as_user(engine, phone, web, address, transcript, behavior)
    except (DemoFailed, PhoneError, TimeoutError) as problem:
        click.echo(f"\nNot verified. {str(problem) or f'It did not finish within {TIMEOUT_SECONDS} seconds.'}")
        return False
    click.echo(f"\nApproved in {transcript.elapsed:.1f} seconds.")
    return True


async def _act_as_user(
    engine: Twilio, phone: Phone, web: aiohttp.ClientSession, address: str, transcript: _Transcript, behavior: str
) -> None:
    """Act as the user at the page and at the phone."""
    phone.set_behaviour(on_call=_BEHAVIORS.get(behavior, OnCall.WAIT))
    transcript.line("page", f"{USERNAME} asks to be called at {_readable(PHONE)}")
    fields = {"username": USERNAME, "phone": PHONE, "channel": "call"}
    state = await _post(web, address + "/start", fields)
    if state != "code":
        raise DemoFailed("The service could not place the call.")
    await _wait_for_ring(engine, phone)
    await engine.clock.sleep(2)
    transcript.line("phone", "picked up")
    await phone.answer()
    await phone.listen()
    if behavior == "silent":
        await _wait_for_call_end(engine)
        raise DemoFailed("The phone was answered, but no keys were pressed, so the code was not said.")
    keys = _digits(phone, r"press these three keys: (\d, \d, \d)")
    transcript.line("keys", " ".join(keys))
    await phone.press(keys)
    await phone.listen()
    code = _digits(phone, rf"({_KEYS.pattern})$")
    await phone.hang_up()
    transcript.line("phone", "hung up")
    transcript.line("page", f"types {code}")
    if await _post(web, address + "/code", {"code": code}) != "welcome":
        raise DemoFailed("The code was not accepted.")
    transcript.line("page", f"Welcome, {USERNAME}")


async def _wait_for_ring(engine: Twilio, phone: Phone) -> None:
    async for published in engine.events.follow():
        event = published.event
        if isinstance(event, CallStatusChanged) and event.status in _ENDS:
            raise DemoFailed(_ENDS[event.status])
        if isinstance(event, PhoneRings) and phone.handset.behaviour.on_call is OnCall.WAIT:
            return


def _readable(e164: str) -> str:
    return str(phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL))


async def _wait_for_call_end(engine: Twilio) -> None:
    async for published in engine.events.follow():
        event = published.event
        if isinstance(event, CallStatusChanged) and event.status == "completed":
            return


def _digits(phone: Phone, pattern: str) -> str:
    """The digits of the last sentence that matches."""
    for sentence in reversed(phone.heard):
        if match := re.search(pattern, sentence.text):
            return match[1].replace(", ", "")
    raise DemoFailed("The phone did not say what was expected.")


async def _post(web: aiohttp.ClientSession, address: str, fields: dict[str, str]) -> str:
    """Post a form and follow the redirect to the page, as a browser does. Returns the state of the page."""
    async with web.post(address, data=fields) as response:
        state = re.search(r'data-state="([a-z]+)"', await response.text())
        return state[1] if state else ""
