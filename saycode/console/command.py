"""Serving the console on the loopback address: as a command, and beside the demonstration."""

import asyncio
import logging
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from typing import TYPE_CHECKING

import click
import uvicorn

from ..config.policy import build_policy, key_ring
from ..config.settings import Settings
from ..example_traffic import ExampleTraffic
from ..server.serve import UVICORN_OPTIONS
from ..storage.store import SqlStore
from .app import build_console
from .charts.over_time import Ceilings
from .sessions import Sessions
from .traffic_pages import TrafficPages

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
#: The exit code of a command that finds its port taken.
CANNOT_LISTEN = 3


def serve(settings: Settings, store: SqlStore, *, port: int, examples: bool = False) -> bool:
    """Serve until Ctrl-C, and close the store. False when nothing can listen there.

    `examples`: meanwhile, write example traffic to a database that has none of its own.
    """
    with closing(socket.socket()) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, port))
        except OSError:
            asyncio.run(store.close())
            return False
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(settings, store, bound, examples=examples))
    return True


async def _serve(settings: Settings, store: SqlStore, bound: socket.socket, *, examples: bool) -> None:
    async with store, AsyncExitStack() as stack:
        sessions = new_sessions()
        click.echo(f"The console  {address(bound)}\nIts key      {sessions.key}\n\nCtrl-C stops it.")
        if examples:
            await stack.enter_async_context(writing_examples(settings, store))
        app = build_console(_pages(settings, store, time.time), sessions)
        await uvicorn.Server(uvicorn.Config(app, **_OPTIONS)).serve(sockets=[bound])


@asynccontextmanager
async def writing_examples(settings: Settings, store: SqlStore) -> AsyncIterator[None]:
    """Write example traffic in the background; what is not written at the end is left out."""
    logging.getLogger("saycode.events").setLevel(logging.ERROR)  # its alerts are examples, too
    examples = ExampleTraffic(store, build_policy(settings), key_ring(settings))
    writing = asyncio.create_task(examples.write(now=time.time()))
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


@asynccontextmanager
async def serving(
    settings: Settings, store: SqlStore, bound: socket.socket, *, now: Callable[[], float] = time.time
) -> AsyncIterator[Sessions]:
    """Serve in this event loop. Yields what the key is in."""
    sessions = new_sessions()
    server = _QuietServer(uvicorn.Config(build_console(_pages(settings, store, now), sessions), **_OPTIONS))
    running = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield sessions
    finally:
        server.should_exit = True
        await running


class _QuietServer(uvicorn.Server):
    """A server that leaves signals to what it runs in."""

    @contextmanager
    def capture_signals(self) -> "Iterator[None]":
        yield


_OPTIONS = UVICORN_OPTIONS | {"lifespan": "off", "timeout_graceful_shutdown": 1}


def new_sessions() -> Sessions:
    """With a key of 256 random bits."""
    return Sessions(secrets.token_urlsafe(32), time.monotonic)


def address(bound: socket.socket) -> str:
    return f"http://{HOST}:{bound.getsockname()[1]}/"


def _pages(settings: Settings, store: SqlStore, now: Callable[[], float]) -> TrafficPages:
    ceilings = Ceilings(minutes=settings.minutes_per_day, money=settings.money_per_day)
    return TrafficPages(store=store, ceilings=ceilings, now=now)
