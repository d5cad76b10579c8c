"""The command `twilio-simulator`, which is also `saycode simulate`."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from .app import create_app
from .core.account import new_shared_key, new_sid
from .core.clock import ManualClock, RealClock
from .core.dialect import DIALECTS, TWILIO, Dialect

EXIT_CANNOT_START = 2
SHUTDOWN_SECONDS = 8
"""How long open requests may take at shutdown."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    options = _parser().parse_args(arguments)
    run(
        host=options.host,
        port=options.port,
        manual_clock=options.told,
        calls_per_second=options.calls_per_second,
        dialect=options.dialect,
    )


def run(*, host: str, port: int, manual_clock: bool, calls_per_second: float, dialect: str = TWILIO.name) -> None:
    """Serve the simulator until a signal stops it. `calls_per_second`: 0 for no queue.

    The live account comes from `TWILIO_ACCOUNT_SID` and `TWILIO_AUTH_TOKEN`. Without them it is generated and printed.
    `TWILIO_WEBHOOK_SECRET` is the secret of its shared key, for webhooks that are signed with HMAC-SHA-256, and the
    signing key of SignalWire.
    """
    account_sid, auth_token = _account(DIALECTS[dialect])
    _require_free(host, port)
    app = create_app(
        account_sid=account_sid,
        auth_token=auth_token,
        clock=ManualClock() if manual_clock else RealClock(),
        calls_per_second=calls_per_second or None,
        dialect=DIALECTS[dialect],
    )
    account = app.state.twilio.account
    if secret := os.environ.get("TWILIO_WEBHOOK_SECRET"):
        account.shared_key = new_shared_key(secret)
    elif account.dialect.signs_with_key:
        print(f"TWILIO_WEBHOOK_SECRET={account.shared_key[1]}", flush=True)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises it again after a clean shutdown
        _Server(app, config).run()


class _Server(uvicorn.Server):
    """Prints its address, and ends the event streams at shutdown: uvicorn would wait for them, as they have no end."""

    def __init__(self, app: Starlette, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._app.state.twilio.url = url
        print(f"The simulator listens at {url}, for your client and for the page of phones.", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.state.twilio.events.close_followers()
        super().handle_exit(sig, frame)


def _require_free(host: str, port: int) -> None:
    """Exit if nothing can listen there: uvicorn would print an error's number."""
    try:
        for family, kind, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            with socket.socket(family, kind) as tried:
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind(address)
    except (OSError, UnicodeError) as problem:
        why = getattr(problem, "strerror", None) or "no such name"
        print(f"Cannot listen on port {port} of {host}: {why}. Try --port or --host.", file=sys.stderr)
        sys.exit(EXIT_CANNOT_START)


def _account(dialect: Dialect) -> tuple[str, str]:
    sid, token = os.environ.get("TWILIO_ACCOUNT_SID", ""), os.environ.get("TWILIO_AUTH_TOKEN", "")
    if not sid or not token:
        sid, token = (dialect.new_sid or new_sid)("AC"), new_sid("")
        print(f"TWILIO_ACCOUNT_SID={sid}\nTWILIO_AUTH_TOKEN={token}", flush=True)
    return sid, token


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="twilio-simulator",
        description="Serve the Twilio simulator, for tests.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="The address to listen on.")
    parser.add_argument("--port", default=8001, type=_port, help="The port to listen on.")
    parser.add_argument("--told", action="store_true", help="Advance time only on request, so that tests run fast.")
    parser.add_argument(
        "--calls-per-second", default=1.0, type=_rate, help="Further calls queue; 0 for no queue.", metavar="RATE"
    )
    parser.add_argument(
        "--dialect", default=TWILIO.name, choices=list(DIALECTS), help="The company whose API is played."
    )
    return parser


def _port(value: str) -> int:
    port = int(value)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port} is not from 0 to 65535")
    return port


def _rate(value: str) -> float:
    rate = float(value)
    if not rate >= 0:
        raise argparse.ArgumentTypeError(f"{value} is not 0 or more")
    return rate
