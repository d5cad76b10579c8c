"""ASGI applications on loopback for tests: a server in a thread, with a loop that others may use.

The simulator itself does not need this module; it is the only one, beside the plugin, that needs uvicorn.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvicorn
from starlette.types import ASGIApp

PATIENCE = 20.0
"""Real seconds that others wait for the server."""

T = TypeVar("T")


class Server:
    """An ASGI application on loopback, in a thread with a loop of its own."""

    def __init__(self, app: ASGIApp) -> None:
        # With the protocol named: asyncio sets TCP_NODELAY only then, and without it every answer takes 40 ms longer.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=1)
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
        self._thread.join(PATIENCE)
        self._listener.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the loop of the server and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)


class _Prompt(uvicorn.Server):
    """Looks more often than uvicorn does whether it shall end: a test suite starts and ends many."""

    async def main_loop(self) -> None:
        ticks = itertools.count()
        while not await self.on_tick(next(ticks) % 864_000):
            await asyncio.sleep(0.01)
