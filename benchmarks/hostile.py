"""Ten minutes of hostile load, with honest people in between: does anything fail, grow or get slow?

    python -m benchmarks.hostile [--seconds 600] [--quiet 60] [--rate 200] [--people 2] [--workers 4]

The service runs with its limits and a proxy that it trusts, its simulator beside it. First honest people alone: each
opens the page, asks for a text, reads it on the phone and types the code. Then the same people among attackers of all
kinds (`benchmarks.attacks`). Prints

    5xx         answers of the service that are its own failure; with one the exit is 1. The 503 of an event stream
                beyond its bound is an answer by design and is counted apart
    memory      resident memory of each worker after the quiet time, halfway and at the end
    disk        growth of the database, of its write-ahead log and of the log on standard output, with what the honest
                people added
    latency     p50, p99 and the slowest of the honest requests, quiet and among attackers

The load generator and the simulator share the processors with the service: on two cores latencies are theirs, too.
"""

import argparse
import asyncio
import os
import platform
import re
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import aiohttp

from tests.support.processes import COMMAND, SENDER, add_number, free_port
from webhooks.routes import PATHS

from .attacks import FAILURES, SAME_SITE, Attackers, attack, hold_streams, send_slowly
from .service import resident
from .watchers import process_tree

AREAS = (206, 303, 312, 404, 415, 503, 512, 617, 702, 713, 808, 919)
#: What limits refuse is not what this is about (`make simulate-limits` is), so those that honest people share are wide.
#: Those of a source, a number and an account are the usual ones.
WIDE = {f"SAYCODE_LIMIT_{name}": "1000000/1h" for name in ("PREFIX", "COUNTRY", "SERVICE", "TOTAL")}
WIDE |= {f"SAYCODE_UNCONFIRMED_{name}": "off" for name in ("PREFIX", "COUNTRY")}
STREAMS, SLOW = 200, 50


@dataclass(slots=True)
class People:
    """Honest users of the page, `rate` a second, each with a browser, an address and a phone of their own."""

    address: str
    simulator: str
    rate: float
    seen: int = 0
    seconds: list[float] = field(default_factory=list)
    endings: Counter[str] = field(default_factory=Counter)

    async def arrive(self, until: float) -> None:
        loop, people = asyncio.get_running_loop(), []
        while loop.time() < until:
            people.append(asyncio.create_task(self._verify(self.seen)))
            self.seen += 1
            await asyncio.sleep(1 / self.rate)
        await asyncio.gather(*people)

    async def _verify(self, person: int) -> None:
        phone = f"+1{AREAS[person % len(AREAS)]}{2_000_000 + 7919 * person % 7_000_000:07}"
        headers = {"X-Forwarded-For": f"100.64.{person // 250 % 250}.{person % 250}", **SAME_SITE}
        jar, patience = aiohttp.CookieJar(unsafe=True), aiohttp.ClientTimeout(30)
        async with aiohttp.ClientSession(cookie_jar=jar, headers=headers, timeout=patience) as browser:
            try:
                self.endings[await self._ending(browser, person, phone)] += 1
            except FAILURES as problem:
                self.endings[type(problem).__name__] += 1

    async def _ending(self, browser: aiohttp.ClientSession, person: int, phone: str) -> str:
        await self._timed(browser, "GET", PATHS["page"])
        details = {"username": f"person {person}", "phone": phone, "channel": "sms"}
        if (status := (await self._timed(browser, "POST", PATHS["start"], details))[0]) != 200:
            return f"start: {status}"
        control = f"{self.simulator}/simulator/phones/{quote(phone)}"
        async with browser.get(f"{control}/wait-for?state=text&timeout=20"), browser.get(control) as handset:
            texts = (await handset.json())["texts"]
        code = re.search(r"#(\d+)$", texts[-1]["body"]) if texts else None
        status, page = await self._timed(browser, "POST", PATHS["check_code"], {"code": code[1] if code else "0"})
        return "approved" if 'data-state="welcome"' in page else f"code: {status}"

    async def _timed(
        self, browser: aiohttp.ClientSession, method: str, path: str, data: dict[str, str] | None = None
    ) -> tuple[int, str]:
        begin = time.perf_counter()
        async with browser.request(method, self.address + path, data=data) as answer:
            text = await answer.text()
        self.seconds.append(time.perf_counter() - begin)
        return answer.status, text


@dataclass(frozen=True, slots=True)
class Service:
    """A running service; `folder` has its database and its log."""

    pid: int
    port: int
    folder: Path
    workers: int

    def memory(self) -> dict[int, float]:
        """Of each worker, in megabytes, by process. The smallest child only tracks what the others share."""
        children = sorted(process_tree(self.pid)[1:], key=resident)
        return {child: resident(child) for child in children[-self.workers :]}

    def disk(self) -> list[float]:
        """The database with its write-ahead log in it, that log as it is now, and the log of the service; megabytes."""
        database = self.folder / "saycode.db"
        log = database.with_name("saycode.db-wal").stat().st_size
        with closing(sqlite3.connect(database)) as conn:
            conn.execute("PRAGMA wal_checkpoint")
        files = (database.stat().st_size, log, (self.folder / "service.log").stat().st_size)
        return [size / 1e6 for size in files]


@contextmanager
def started(command: list[str], environ: dict[str, str], folder: Path, name: str) -> Iterator[int]:
    """A process with its output in a file."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), **environ}
    with (folder / f"{name}.log").open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, *command], env=environ, cwd=folder, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


async def answering(address: str) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(60):
        while True:
            try:
                async with http.get(address):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


async def measure(service: Service, simulator: str, asked: argparse.Namespace) -> int:
    """The quiet time, then the hostile one; the number of 5xx."""
    loop = asyncio.get_running_loop()
    quiet = People(f"http://127.0.0.1:{service.port}", simulator, asked.people)
    await quiet.arrive(loop.time() + asked.quiet)
    memory, disk = [service.memory()], [service.disk()]
    among = People(quiet.address, simulator, asked.people, quiet.seen)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(30)) as http:
        who = Attackers(http, service.port)
        attackers = [
            asyncio.create_task(hostile)
            for hostile in (attack(who, asked.rate), hold_streams(who, STREAMS), send_slowly(who, SLOW))
        ]
        honest = asyncio.create_task(among.arrive(loop.time() + asked.seconds))
        await asyncio.sleep(asked.seconds / 2)
        memory.append(service.memory())
        await honest
        for hostile in attackers:
            hostile.cancel()
        await asyncio.gather(*attackers, return_exceptions=True)
    memory.append(service.memory())
    disk.append(service.disk())
    report(asked, who, memory, disk)
    for name, people in (("quiet", quiet), ("among attackers", among)):
        report_people(name, people)
    failed = sum(count for (kind, status), count in who.answers.items() if status >= 500 and kind != "event streams")
    failed += sum(count for ending, count in among.endings.items() if re.search(": 5..$", ending))
    print(f"5xx                  {failed}")
    return failed


def report(
    asked: argparse.Namespace,
    who: Attackers,
    memory: list[dict[int, float]],
    disk: list[list[float]],
) -> None:
    total = sum(who.answers.values())
    print(f"{asked.workers} workers, {os.cpu_count()} cores, Python {platform.python_version()}", end=", ")
    print(f"load {os.getloadavg()[0]:.1f}")
    print(f"{asked.seconds:g} s, {total} hostile attempts, {total / asked.seconds:.0f} a second")
    for kind in sorted({kind for kind, _ in who.answers}):
        counts = {status: count for (of, status), count in sorted(who.answers.items()) if of == kind}
        print(f"  {kind:<44} " + "  ".join(f"{status or 'none'} {count}" for status, count in counts.items()))
    for number, worker in enumerate(memory[0]):
        sizes = ", ".join(f"{at[worker]:.0f}" if worker in at else "gone" for at in memory)
        print(f"memory of worker {number}   {sizes} MB (quiet, halfway, end)")
    for what, size, then in zip(("database", "write-ahead log", "log"), *disk, strict=True):
        print(
            f"{what:<20} {size:.1f} MB, then {then:.1f} MB ({(then - size) * 1e6 / max(1, total):.0f} bytes an attempt)"
        )


def report_people(name: str, people: People) -> None:
    percentiles = statistics.quantiles(people.seconds, n=100, method="inclusive")
    p50, p99, worst = (seconds * 1000 for seconds in (percentiles[49], percentiles[98], max(people.seconds)))
    endings = ", ".join(f"{ending} {count}" for ending, count in people.endings.most_common())
    print(f"honest, {name:<15} p50 {p50:.0f} ms   p99 {p99:.0f} ms   max {worst:.0f} ms   ({endings})")


async def main(asked: argparse.Namespace) -> int:
    """One run; 1 with a 5xx."""
    port, simulator_port = free_port(), free_port()
    address, simulator = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{simulator_port}"
    account = {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    settings = {
        **account,
        "TWILIO_FROM_NUMBER": SENDER,
        "TWILIO_API_BASE_URL": simulator,
        "SAYCODE_PUBLIC_URL": address,
        "SAYCODE_SECRET_KEY": secrets.token_hex(32),
        "SAYCODE_COUNTRIES": "US,GB",
        "SAYCODE_TRUSTED_PROXIES": "127.0.0.1",
        **WIDE,
    }
    simulate = ["simulate", "--told", "--calls-per-second", "0", "--port", str(simulator_port)]
    serve = ["serve", "--port", str(port), "--workers", str(asked.workers)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            started(simulate, account, folder, "simulator"),
            started(serve, settings, folder, "service") as pid,
        ):
            await answering(f"{simulator}/simulator/clock")
            await answering(f"{address}/health/ready")
            add_number(simulator, SENDER)
            return int(await measure(Service(pid, port, folder, asked.workers), simulator, asked) > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--quiet", type=float, default=60, help="seconds without attackers")
    parser.add_argument("--rate", type=float, default=200, help="hostile attempts a second")
    parser.add_argument("--people", type=float, default=2, help="honest people a second")
    parser.add_argument("--workers", type=int, default=4)
    sys.exit(asyncio.run(main(parser.parse_args())))
