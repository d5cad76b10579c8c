"""kill -9 under load, again and again, with real processes, a real server and a real file.

    python -m tests.kills --rounds 50 --seed 7

Each round starts the service on the file that the last one left, lets it settle, sends people, kills it at a random
moment, and compares the simulator's ledger with the code table. Exit 1 when they disagree.
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

from tests.kills.comparison import Books
from tests.kills.load import Crowd
from tests.kills.server import start
from tests.support.processes import SENDER, free_port, running

PEOPLE = 8
_MOST = 24
_PATIENCE = 5.0
_BETWEEN = 130.0


def ask(address: str, method: str = "GET", **body: object) -> dict[str, object]:
    """One request to the simulator's test face."""
    data = json.dumps(body).encode() if method != "GET" else None
    request = Request(address, data=data, method=method, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=20) as answer:
        found: dict[str, object] = json.loads(answer.read() or b"{}")
        return found


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
    """The rounds over one file."""

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
        self.books = Books(folder / "saycode.db")
        self.crowd = Crowd(self.address, simulator, self.random)
        self.rounds = 0

    def round(self, *, softly: bool = False) -> None:
        """Start, settle, load, kill, compare. `softly`: with SIGTERM, and then nothing may be left undone."""
        now = float(str(ask(f"{self.simulator}/simulator/clock")["now"]))
        # As the simulator's does: on a busy machine they would drift apart by more than Twilio's.
        process = start(self.environ, self.folder, port=self.port, now=now, speed=0)
        try:
            wait_until_ready(self.address)
            self._wait_until_settled(now)
            asyncio.run(self._rush(process, self.random.randint(0, _MOST), softly=softly))
        finally:
            process.kill()
            process.join()
        if softly:
            self.books.require(self.books.unclear() == 0, "something was left undone")
        ask(f"{self.simulator}/simulator/clock/advance", "POST", seconds=_BETWEEN)
        requests = ask(f"{self.simulator}/simulator/requests")["requests"]
        assert isinstance(requests, list)
        ask(f"{self.simulator}/simulator/requests", "DELETE")
        self.books.enter(requests)
        self.books.look(self.crowd.people)

    async def _rush(self, process: ForkServerProcess, answers: int, *, softly: bool) -> None:
        """The end comes with the next answer but so many, or a little later: that is random on any machine."""
        rushing = asyncio.create_task(self.crowd.rush(PEOPLE))
        until = time.monotonic() + _PATIENCE
        answers += self.crowd.answers
        while self.crowd.answers < answers and time.monotonic() < until:
            await asyncio.sleep(0.001)
        await asyncio.sleep(self.random.uniform(0, 0.02))
        if softly:
            process.terminate()
            await asyncio.to_thread(process.join, 10)
            self.books.require(process.exitcode is not None, "it was still there after 10 seconds")
        else:
            process.kill()
        rushing.cancel()
        await asyncio.gather(rushing, return_exceptions=True)

    def _wait_until_settled(self, now: float) -> None:
        until = time.monotonic() + 20
        while self.books.due(now) and time.monotonic() < until:
            time.sleep(0.01)
        self.books.settle(now)


def run(rounds: int, seed: int, folder: Path, *, softly: bool = False) -> Loop:
    """So many rounds; what is wrong is in the loop's books."""
    account = {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    port = free_port()
    simulator = f"http://127.0.0.1:{port}"
    simulate = ["simulate", "--told", "--calls-per-second", "0", "--port", str(port)]
    with running(simulate, account, folder, name="simulator", address=f"{simulator}/simulator/clock"):
        ask(f"{simulator}/simulator/numbers/%2B{SENDER[1:]}", "PUT")
        loop = Loop(folder, simulator, account, seed)
        for _ in range(rounds):
            loop.rounds += 1
            loop.round(softly=softly)
            if loop.books.wrong:
                break
        return loop


def main() -> None:
    parser = argparse.ArgumentParser(description="kill -9 under load")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        loop = run(asked.rounds, asked.seed, Path(name))
    people = loop.crowd.people
    print(
        f"{loop.rounds} rounds, {time.perf_counter() - began:.0f} s: {len(people)} people, "
        f"{sum(person.started for person in people)} starts answered, {len(loop.books.taken)} calls and texts, "
        f"{sum(person.welcome for person in people)} welcomes, {len(loop.books.wrong)} differences"
    )
    for wrong in loop.books.wrong:
        print(wrong)
    sys.exit(bool(loop.books.wrong))


if __name__ == "__main__":
    main()
