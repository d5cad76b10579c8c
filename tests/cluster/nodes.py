"""A cluster of real processes on this machine: nodes on one database, a proxy in front of them, and Twilio's simulator.

Every node is `saycode serve`, as people start it.
"""

import asyncio
import json
import multiprocessing
import os
import secrets
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cluster.proxy import Proxy, running_proxy
from tests.kills.__main__ import ask, wait_until_ready
from tests.support.processes import COMMAND, PATIENCE, ROOT, SENDER, free_port

#: Wide enough for a thousand people in two minutes; the number's own limit stays as it is.
WIDE = {
    "SAYCODE_LIMIT_SOURCE": "100000/5m",
    "SAYCODE_LIMIT_PREFIX": "100000/1h",
    "SAYCODE_LIMIT_COUNTRY": "100000/1h",
    "SAYCODE_LIMIT_SERVICE": "100000/1h",
    "SAYCODE_LIMIT_TOTAL": "100000/1h",
    "SAYCODE_LIMIT_NEIGHBORS": "100000/1h",
    "SAYCODE_UNCONFIRMED_SOURCE": "off",
    "SAYCODE_UNCONFIRMED_PREFIX": "off",
    "SAYCODE_UNCONFIRMED_COUNTRY": "off",
    "SAYCODE_MINUTES_PER_DAY": "9999999",
    "SAYCODE_FAILED_CHECKS_ALERT": "off",
    "SAYCODE_REPEAT_SPACING": "0",
    "SAYCODE_MAX_CHECKS": "3",
}
_FORKS = multiprocessing.get_context("forkserver")


@dataclass(slots=True)
class Node:
    """One `saycode serve`. Its output stays in the folder, over all its lives."""

    name: str
    port: int
    folder: Path
    environ: Mapping[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    kills: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def launch(self) -> None:
        """Start the process, without waiting for it."""
        environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **self.environ}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self.port)],
                env=environ,
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    async def ready(self, *, supervised: bool = False) -> None:
        """Wait until it serves. When it ends instead, its supervisor starts it again, or AssertionError has its log."""
        waiting = asyncio.create_task(asyncio.to_thread(wait_until_ready, self.address))
        while not waiting.done():
            assert self.process
            if self.process.poll() is not None:
                assert supervised, f"{self.name} ended:\n{self.log.read_text()[-3000:]}"
                self.launch()
            await asyncio.sleep(0.05)
        await waiting

    def command(self, *arguments: str) -> str:
        """What a saycode command prints with the node's settings."""
        done = subprocess.run(
            [*COMMAND, *arguments],
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **self.environ},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=3 * PATIENCE,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    async def kill(self) -> None:
        self.kills += 1
        await self.end(signal.SIGKILL)

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(how)
            await asyncio.to_thread(self.process.wait, PATIENCE)


@dataclass(slots=True)
class Cluster:
    """`address`: of the proxy; `database`: of the nodes; `environ`: their settings."""

    folder: Path
    address: str
    simulator: str
    database: str
    environ: Mapping[str, str]
    nodes: list[Node]
    proxy: Proxy = field(init=False)

    def command(self, *arguments: str) -> str:
        """What a saycode command prints that runs beside the nodes."""
        return self.nodes[0].command(*arguments)

    def requests(self) -> list[dict[str, Any]]:
        """The REST requests that reached the simulator."""
        found = ask(f"{self.simulator}/simulator/requests")["requests"]
        assert isinstance(found, list)
        return found

    def errors(self) -> list[dict[str, Any]]:
        """What the nodes have logged as errors: of a program that meets faults, each has to be explained."""
        lines = [line for node in self.nodes for line in node.log.read_text(errors="replace").splitlines()]
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in entries if entry.get("level") in ("error", "critical")]


@asynccontextmanager
async def running_cluster(folder: Path, database: str, *, count: int = 3, **settings: str) -> AsyncIterator[Cluster]:
    """So many nodes on one database. They start at once, also on an empty one."""
    account = {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with running_phones(account) as simulator:
        environ = (
            account
            | WIDE
            | {
                "TWILIO_FROM_NUMBER": SENDER,
                "TWILIO_API_BASE_URL": simulator,
                "SAYCODE_PUBLIC_URL": address,
                "SAYCODE_SECRET_KEY": secrets.token_hex(32),
                "SAYCODE_DATABASE_URL": database,
                "SAYCODE_TRUSTED_PROXIES": "127.0.0.1",
                **settings,
            }
        )
        nodes = [Node(f"node-{number}", free_port(), folder, environ) for number in range(count)]
        webhooks = {"voice_url": f"{address}/webhooks/voice", "sms_url": f"{address}/webhooks/sms"}
        ask(f"{simulator}/simulator/numbers/%2B{SENDER[1:]}", "PUT", **webhooks)
        cluster = Cluster(folder, address, simulator, database, environ, nodes)
        async with running_proxy([node.address for node in nodes], port) as cluster.proxy:
            try:
                for node in nodes:
                    node.launch()
                await asyncio.gather(*(node.ready() for node in nodes))
                yield cluster
            finally:
                await asyncio.gather(*(node.end() for node in nodes))


@contextmanager
def running_phones(account: Mapping[str, str]) -> Iterator[str]:
    """The simulator in a process of its own. Yields its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        process = _FORKS.Process(target=_serve_phones, args=(dict(account), port), daemon=True)
        process.start()
        stack.callback(process.join)
        stack.callback(process.kill)
        _wait_for(address)
        yield address


def _wait_for(simulator: str) -> None:
    for _ in range(PATIENCE * 50):
        try:
            ask(f"{simulator}/simulator/clock")
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the simulator does not start")


def _serve_phones(account: Mapping[str, str], port: int) -> None:
    import uvicorn

    from twilio_simulator.app import create_app
    from twilio_simulator.core.clock import RealClock

    sid, token = account["TWILIO_ACCOUNT_SID"], account["TWILIO_AUTH_TOKEN"]
    app = create_app(account_sid=sid, auth_token=token, clock=RealClock(), calls_per_second=None)
    uvicorn.run(app, host="127.0.0.1", port=port, lifespan="on", log_level="warning", access_log=False)
