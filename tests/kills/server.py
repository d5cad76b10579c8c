"""The service that is killed: the real application in a real server, forked from a process that has imported it.

Starting Python takes ten times as long as the rest of a round, so most kills would hit the imports.
"""

import multiprocessing
import time
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from saycode.config.loader import load
from saycode.server import logging
from saycode.server.app import build_app, open_store
from saycode.server.clock import SteadyClock
from saycode.server.serve import UVICORN_OPTIONS

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__])


def start(
    environ: Mapping[str, str], folder: Path, *, port: int, now: float, speed: float = 1, name: str = "service"
) -> ForkServerProcess:
    """Fork the service with its clock at `now`; with `speed` 0 the clock stands still."""
    process = _FORKS.Process(target=_serve, args=(dict(environ), folder, port, now, speed, name), daemon=True)
    process.start()
    return process


def _serve(environ: Mapping[str, str], folder: Path, port: int, now: float, speed: float, name: str) -> None:
    import os
    import sys

    import uvicorn

    os.chdir(folder)
    printed = os.open(f"{name}.log", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(printed, sys.stdout.fileno())
    os.dup2(printed, sys.stderr.fileno())
    logging.configure()
    began = time.monotonic()
    settings = load(environ)

    def passed() -> float:
        return speed * (time.monotonic() - began)

    clock = SteadyClock(wall=lambda: now + passed(), monotonic=passed)
    app = build_app(settings, open_store(settings), clock=clock)
    uvicorn.run(app, host="127.0.0.1", port=port, lifespan="on", **UVICORN_OPTIONS)
