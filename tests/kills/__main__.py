"""kill -9 under load, many times, with real processes, a real server and a real file.

    python -m tests.kills --rounds 50 --seed 7

Each round starts the service on the database of the last one, waits until it has settled, applies load, kills it at a
random moment, and compares the simulator's request log with the database. Exit 1 when they differ.
"""

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.kills.comparison import Comparison
from tests.kills.load import Load
from tests.kills.server import start
from tests.support.processes import SENDER, free_port, running

USERS = 8
_MAX_RESPONSES = 24
_LOAD_TIMEOUT = 5.0
_SECONDS_BETWEEN_ROUNDS = 130.0


def ask(address: str, method: str = "GET", **body: object) -> dict[str, object]:
    """One request to the simulator's control API."""
    data = json.dumps(body).encode() if method != "GET" else None
    request = Request(address, data=data, method=method, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=20) as answer:
        result: dict[str, object] = json.loads(answer.read() or b"{}")
        return result


def wait_until_ready(address: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            with urlopen(f"{address}/health/ready", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.005)
    raise AssertionError("the service does not start")


class Loop:
    """The rounds on one database."""

    def __init__(self, folder: Path, simulator: str, account: dict[str, str], seed: int) -> None:
        self.folder, self.simulator, self.random = folder, simulator, Random(seed)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environ = account | {
            "TWILIO_FROM_NUMBER": SENDER,
            "TWILIO_API_BASE_URL": simulator,
            "SAYCODE_PUBLIC_URL": self.address,
            "SAYCODE_SECRET_KEY": secrets.token_hex(32),
            "SAYCODE_LIMITS": "watch",
        }
        self.comparison = Comparison(f"sqlite:///{folder / 'saycode.db'}")
        self.load = Load(self.address, simulator, self.random)
        self.rounds = 0

    def round(self, *, gracefully: bool = False) -> None:
        """Start, settle, load, kill, compare. `gracefully`: with SIGTERM, after which no delivery may be unclear."""
        now = float(str(ask(f"{self.simulator}/simulator/clock")["now"]))
        # The clock stands still, as the simulator's does: on a busy machine they would drift apart.
        process = start(self.environ, self.folder, port=self.port, now=now, speed=0)
        try:
            wait_until_ready(self.address)
            self._wait_until_settled(now)
            asyncio.run(self._load_and_kill(process, self.random.randint(0, _MAX_RESPONSES), gracefully=gracefully))
        finally:
            process.kill()
            process.join()
        if gracefully:
            self.comparison.require(self.comparison.unclear() == 0, "a delivery is unclear")
        ask(f"{self.simulator}/simulator/clock/advance", "POST", seconds=_SECONDS_BETWEEN_ROUNDS)
        requests = ask(f"{self.simulator}/simulator/requests")["requests"]
        assert isinstance(requests, list)
        ask(f"{self.simulator}/simulator/requests", "DELETE")
        self.comparison.add_requests(requests)
        self.comparison.compare(self.load.users)

    async def _load_and_kill(self, process: ForkServerProcess, responses: int, *, gracefully: bool) -> None:
        """End the process after this many more responses, or a little later, so that the moment is random."""
        load = asyncio.create_task(self.load.run(USERS))
        until = time.monotonic() + _LOAD_TIMEOUT
        responses += self.load.responses
        while self.load.responses < responses and time.monotonic() < until:
            await asyncio.sleep(0.001)
        await asyncio.sleep(self.random.uniform(0, 0.02))
        if gracefully:
            process.terminate()
            await asyncio.to_thread(process.join, 10)
            self.comparison.require(process.exitcode is not None, "it was still running after 10 seconds")
        else:
            process.kill()
        load.cancel()
        await asyncio.gather(load, return_exceptions=True)

    def _wait_until_settled(self, now: float) -> None:
        until = time.monotonic() + 20
        while self.comparison.due(now) and time.monotonic() < until:
            time.sleep(0.01)
        self.comparison.settle(now)


def run(rounds: int, seed: int, folder: Path, *, gracefully: bool = False) -> Loop:
    """Run the rounds. The differences are in `comparison.differences` of the result."""
    account = {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    port = free_port()
    simulator = f"http://127.0.0.1:{port}"
    simulate = ["simulate", "--told", "--calls-per-second", "0", "--port", str(port)]
    with running(simulate, account, folder, name="simulator", address=f"{simulator}/simulator/clock"):
        ask(f"{simulator}/simulator/numbers/%2B{SENDER[1:]}", "PUT")
        loop = Loop(folder, simulator, account, seed)
        for _ in range(rounds):
            loop.rounds += 1
            loop.round(gracefully=gracefully)
            if loop.comparison.differences:
                break
        return loop


def main() -> None:
    parser = argparse.ArgumentParser(description="kill -9 under load")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        loop = run(arguments.rounds, arguments.seed, Path(name))
    users = loop.load.users
    print(
        f"{loop.rounds} rounds, {time.perf_counter() - began:.0f} s: {len(users)} users, "
        f"{sum(user.started for user in users)} starts accepted, {len(loop.comparison.accepted)} calls and texts, "
        f"{sum(user.approved for user in users)} approvals, {len(loop.comparison.differences)} differences"
    )
    for difference in loop.comparison.differences:
        print(difference)
    sys.exit(bool(loop.comparison.differences))


if __name__ == "__main__":
    main()
