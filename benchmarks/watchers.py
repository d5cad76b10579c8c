"""Open pages that receive live updates while Twilio reports: the latency of an update, and the cost of a page.

    python -m benchmarks.watchers [--pages 500] [--rate 100] [--workers 1]

Every page has a verification of its own and one connection for server-sent events. Signed callbacks are posted at
a steady rate, in a shuffled order. The latency is from sending a callback to reading its event, so it includes the wait
for the next poll (up to `webhooks.context.RefreshIntervals.poll`). Memory is that of the serving processes. The pages
are opened one after the other, so that it is the cost of open pages and not that of many requests at once.
"""

import argparse
import asyncio
import os
import platform
import secrets
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from msgspec.structs import replace
from twilio.request_validator import RequestValidator

from saycode.storage.sqlite.store import SqliteStore
from verification.ports import ByVerification
from verification.types import Channel
from verification.values.phone_numbers import parse
from webhooks.page.session import session_id
from webhooks.routes import PATHS

from .load import post
from .service import (
    ACCOUNT,
    PUBLIC,
    SECRET,
    SENDER,
    SERVICE_PORT,
    TOKEN,
    environ,
    resident,
    serving,
    start_request,
    verifier_over,
)

#: The statuses that Twilio reports of each call, in order; each changes the page.
STATUSES = ("ringing", "in-progress", "completed")
SHOWN = {"ringing": b"ringing", "in-progress": b"answered", "completed": b"ended"}
UPDATE_TIMEOUT = 30


@dataclass(slots=True)
class OpenPage:
    """One page: its cookie, its call, and the times at which each callback was sent and its event was read."""

    cookie: str
    delivery: str
    call_sid: str
    number: str
    address: str
    sent: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    updated: asyncio.Event = field(default_factory=asyncio.Event)


async def prepare(path: Path, count: int) -> list[OpenPage]:
    """Calls in progress, each with its own browser."""
    pages = []
    async with SqliteStore.open(path, secrets=(SECRET.encode(),)) as store:
        verifier = verifier_over(store)
        for index in range(count):
            cookie = secrets.token_hex(32)
            request = replace(start_request(index, Channel.CALL), number=parse(f"+1415555{index:04}"))
            started = await verifier.start(replace(request, session=session_id(cookie)))
            delivery = (await store.read(ByVerification(started.verification.sid))).deliveries[0]
            number, address = started.verification.number.e164, f"10.0.{index // 250}.{index % 250 + 1}"
            pages.append(OpenPage(cookie, delivery.sid, delivery.provider_sid or "", number, address))
    return pages


async def watch(page: OpenPage, opened: asyncio.Semaphore) -> None:
    """Read the events of one page until the last one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", SERVICE_PORT)
    writer.write(
        f"GET {PATHS['live_updates']} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {page.address}\r\n"
        f"Cookie: saycode={page.cookie}\r\n\r\n".encode()
    )
    first = True
    try:
        while len(page.seen) < len(STATUSES):
            line = await reader.readline()
            if not line:
                raise ConnectionError("the service has closed the connection of a page")
            if not line.startswith(b"data: "):
                continue
            now = time.perf_counter()
            if first:
                first = False
                opened.release()
                continue
            status = line.split(b'"status": "')[1].split(b'"')[0]
            call_status = next(call_status for call_status in STATUSES if SHOWN[call_status] in status)
            page.seen[call_status] = now
            page.updated.set()
    finally:
        writer.close()


async def report(page: OpenPage, call_status: str, signer: RequestValidator) -> None:
    """One signed callback."""
    path = PATHS["call_status"].replace("{delivery}", page.delivery)
    fields = {
        "AccountSid": ACCOUNT,
        "CallSid": page.call_sid,
        "CallStatus": call_status,
        "From": SENDER,
        "To": page.number,
    }
    signature = signer.compute_signature(PUBLIC + path, fields)
    request = post(path, urlencode(fields), headers={"X-Twilio-Signature": signature, "Connection": "close"})
    reader, writer = await asyncio.open_connection("127.0.0.1", SERVICE_PORT)
    page.sent[call_status] = time.perf_counter()
    writer.write(request)
    status = await reader.readline()
    writer.close()
    if b" 204 " not in status:
        raise RuntimeError(status.decode())


async def measure(pages: list[OpenPage], *, pace: float) -> None:
    """All callbacks, one round for each call_status, `pace` a second."""
    signer, order = RequestValidator(TOKEN), secrets.SystemRandom()
    for call_status in STATUSES:
        reports = []
        shuffled = order.sample(pages, len(pages))
        begin = time.perf_counter()
        for index, page in enumerate(shuffled):
            await asyncio.sleep(max(0.0, begin + index / pace - time.perf_counter()))
            page.updated.clear()
            reports.append(asyncio.create_task(report(page, call_status, signer)))
        await asyncio.gather(*reports)
        for page in pages:
            async with asyncio.timeout(UPDATE_TIMEOUT):
                while call_status not in page.seen:
                    page.updated.clear()
                    await page.updated.wait()


def process_tree(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


async def main(count: int, pace: float, workers: int) -> None:
    """One run, and its figures."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "watched.db")
        pages = await prepare(database, count)
        command = [sys.executable, "-c", "from saycode.cli.main import main; main()"]
        serve = [*command, "serve", "--port", str(SERVICE_PORT), "--workers", str(workers)]
        settings = environ(database) | {"SAYCODE_TRUSTED_PROXIES": "127.0.0.1"}  # each page has an address of its own
        with serving(serve, SERVICE_PORT, "/health/ready", settings) as (pid, _):
            warm = asyncio.Semaphore(0)
            first = asyncio.create_task(watch(another_tab(pages[0]), warm))
            await warm.acquire()  # templates are compiled and Twilio's client is imported
            await asyncio.sleep(2)
            first.cancel()
            before = sum(resident(process) for process in process_tree(pid))
            opened = asyncio.Semaphore(0)
            async with asyncio.TaskGroup() as watching:  # a page that fails ends the run, and says why
                for page in pages:
                    watching.create_task(watch(page, opened))
                    await opened.acquire()
                await asyncio.sleep(1)
                after = sum(resident(process) for process in process_tree(pid))
                await measure(pages, pace=pace)
    latencies = sorted(page.seen[call_status] - page.sent[call_status] for page in pages for call_status in STATUSES)
    percentiles = statistics.quantiles(latencies, n=100)
    p50, p99, worst = (seconds * 1000 for seconds in (percentiles[49], percentiles[98], latencies[-1]))
    print(f"{count} pages, {len(latencies)} callbacks at {pace:g} a second, {workers} worker(s)")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    print(f"callback to event    p50 {p50:.0f} ms   p99 {p99:.0f} ms   max {worst:.0f} ms")
    print(f"memory per watcher   {(after - before) * 1000 / count:.0f} kB   ({before:.0f} MB, then {after:.0f} MB)")


def another_tab(page: OpenPage) -> OpenPage:
    """The same page in another tab."""
    return OpenPage(page.cookie, page.delivery, page.call_sid, page.number, page.address)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.pages, arguments.rate, arguments.workers))
