"""Listening: uvicorn with the settings that a service of this kind needs."""

import asyncio
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn

from . import logs
from .protocol import BoundedProtocol
from .settings import Settings
from .wiring import build, open_table

#: Seconds that running requests get when the service is told to stop.
GRACE = 8
#: uvicorn's own logging would write paths and addresses; forwarded headers are believed by nobody here.
QUIET: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "proxy_headers": False,
    "server_header": False,
    "timeout_graceful_shutdown": GRACE,
    "timeout_keep_alive": 20,
    "http": BoundedProtocol,
}


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until told to stop. Raises DatabaseProblem before anything listens."""
    logs.configure()
    table = open_table(settings)
    if workers == 1:
        uvicorn.run(build(settings, table), host=host, port=port, lifespan="on", **QUIET)
        return
    asyncio.run(table.close())  # made and migrated; each worker opens it for itself
    uvicorn.run("saycode.wiring:worker", factory=True, host=host, port=port, workers=workers, lifespan="on", **QUIET)


def simulate(
    account_sid: str, auth_token: str, *, host: str, port: int, told: bool, calls_per_second: float | None
) -> None:
    """Serve the simulator until told to stop; `told`: its time moves only when a test says so."""
    from simulator.app import create_app
    from simulator.clock import RealClock, ToldClock

    clock = ToldClock() if told else RealClock()
    app = create_app(account_sid=account_sid, auth_token=auth_token, clock=clock, calls_per_second=calls_per_second)

    class Server(uvicorn.Server):
        """Lets go of the open pages when it is told to stop: what they follow has no end of its own."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            app.state.twilio.events.let_go()
            super().handle_exit(sig, frame)

    settings = QUIET | {"log_config": uvicorn.config.LOGGING_CONFIG, "log_level": "warning"}
    with suppress(KeyboardInterrupt):  # Ctrl-C has done its work by then
        Server(uvicorn.Config(app, host=host, port=port, lifespan="on", **settings)).run()
