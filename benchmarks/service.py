"""The service under load, compared with baselines in one run on one machine.

    python -m benchmarks.service [--seconds 3] [--rounds 5]

Prints ratios, because absolute figures of a shared machine mean little:

    voice webhook      signature, read, TwiML       against a bare Starlette route that reads the form
    starts and checks  durable, 32 at a time        against the same statements committed one by one
    cold start         from the command to the first answer of the probe; resident memory after the load
"""

import argparse
import asyncio
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from saycode.server.clock import SteadyClock, randomness
from saycode.storage.counters import SqliteCounters
from saycode.storage.encryption import FieldCipher
from saycode.storage.jobs import Failure
from saycode.storage.records import RecordMapper
from saycode.storage.sqlite import database
from saycode.storage.sqlite.store import SqliteStore
from saycode.storage.waves import Request, Waves
from saycode.testing import build_verifier
from verification.flow.check import code_of
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE, Delivery, Event, Notice, State
from verification.policy import SIGN_IN, Policy
from verification.ports import (
    Accepted,
    ByVerification,
    ChangeFeed,
    Changes,
    DeliveryReport,
    Outcome,
    Query,
    Rejected,
    Store,
    TextMessage,
)
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber, parse
from verification.verifier import Verifier

from .load import post, rate

V = TypeVar("V")
CONNECTIONS = 32
SERVICE_PORT, BARE_PORT = 8021, 8022
ACCOUNT, TOKEN = "AC" + "0" * 32, secrets.token_hex(16)
SECRET = secrets.token_hex(32)
PUBLIC = f"http://127.0.0.1:{SERVICE_PORT}"
SENDER = "+14155550199"


class InstantProvider:
    """Accepts everything at once, so that only our own part is measured."""

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        return Accepted("CA" + secrets.token_hex(16))

    async def text(self, order: TextMessage) -> Outcome:
        return Accepted("SM" + secrets.token_hex(16))

    async def notify(self, notice: Notice) -> Outcome:
        return Accepted("SM" + secrets.token_hex(16))

    async def hang_up(self, provider_sid: str) -> None:
        return None

    async def fetch_status(
        self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        return None


class OneByOne:
    """A store with the same statements, each decision in its own commit on the calling thread."""

    def __init__(self, path: Path) -> None:
        self._conn, key = database.open_database(path, secrets=(SECRET.encode(),), create=True, patience=3)
        self._conn.execute("PRAGMA wal_autocheckpoint = 1000")  # there is no checkpoint thread here
        self._records = RecordMapper(FieldCipher(key))
        counters = SqliteCounters(self._conn, self._records.counter_keys)
        self._waves = Waves(self._conn, self._records, counters, on_unreadable=print)

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        self._conn.execute("BEGIN IMMEDIATE")
        (outcome,) = self._waves.decide([Request(query, decide)])
        self._conn.execute("COMMIT")
        if isinstance(outcome, Failure):
            raise outcome.error
        result: V = outcome.result
        return result

    async def read(self, query: Query) -> State:
        return self._records.load(self._conn, query, SqliteCounters(self._conn, self._records.counter_keys))

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        raise NotImplementedError

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        raise NotImplementedError

    async def changes_since(self, since: int | None) -> ChangeFeed:
        raise NotImplementedError

    async def events(self, verification: str) -> list[Event]:
        raise NotImplementedError

    def close(self) -> None:
        self._conn.close()


def verifier_over(store: Store) -> Verifier:
    """The real verifier with an instant provider."""
    return build_verifier(
        store,
        provider=InstantProvider(),
        clock=SteadyClock(),
        randomness=randomness,
        policy=Policy(code_lifetime=600),
        secrets=(SECRET.encode(),),
    )


NUMBERS = [parse(f"+1415555{index:04}") for index in range(500)]


def start_request(index: int, channel: Channel = Channel.SMS) -> StartRequest:
    """A start of a different user for each index. Numbers are parsed before: that is the endpoint's work."""
    return StartRequest(
        username=f"user {index}",
        number=NUMBERS[index % len(NUMBERS)],
        channel=channel,
        action=SIGN_IN,
        language="en-US",
        service=BUILT_IN_SERVICE,
    )


async def webhooks(path: Path, count: int) -> list[bytes]:
    """Signed requests for the first document of `count` calls in progress."""
    signer = RequestValidator(TOKEN)
    requests = []
    async with SqliteStore.open(path, secrets=(SECRET.encode(),)) as store:
        verifier = verifier_over(store)
        for index in range(count):
            started = await verifier.start(start_request(index, Channel.CALL))
            state = await store.read(ByVerification(started.verification.sid))
            delivery = state.deliveries[0]
            fields = {
                "AccountSid": ACCOUNT,
                "ApiVersion": "2010-04-01",
                "CallSid": delivery.provider_sid or "",
                "CallStatus": "in-progress",
                "Called": started.verification.number.e164,
                "Caller": SENDER,
                "Direction": "outbound-api",
                "From": SENDER,
                "FromCountry": "US",
                "To": started.verification.number.e164,
                "ToCity": "",
                "ToCountry": "US",
                "ToState": "CA",
                "ToZip": "",
            }
            path_ = f"/webhooks/calls/{delivery.sid}/answered"
            signature = signer.compute_signature(PUBLIC + path_, fields)
            requests.append(post(path_, urlencode(fields), headers={"X-Twilio-Signature": signature}))
    return requests


@contextmanager
def serving(command: list[str], port: int, probe: str, environ: dict[str, str]) -> Iterator[tuple[int, float]]:
    """A server as a process of its own: its process id, and the seconds until it answered."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{probe}", timeout=1):
                    break
            except urllib.error.HTTPError:
                break
            except OSError:
                if process.poll() is not None or time.perf_counter() - begin > 20:
                    raise
                time.sleep(0.005)
        yield process.pid, time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait()


def resident(pid: int) -> float:
    """Resident memory of a process in megabytes."""
    with Path(f"/proc/{pid}/status").open() as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1000


async def starts_and_checks(store: Store, seconds: float) -> float:
    """Whole verifications per second, `CONNECTIONS` at a time: a start with its two commits, and a right check."""
    verifier = verifier_over(store)
    until = time.perf_counter() + seconds
    counter = iter(range(10**9))

    async def user() -> int:
        done = 0
        while time.perf_counter() < until:
            started = await verifier.start(start_request(next(counter)))
            code = code_of(started.verification, verifier.keys)
            assert (await verifier.check(started.verification.sid, code)).valid
            done += 1
        return done

    begin = time.perf_counter()
    done = await asyncio.gather(*(user() for _ in range(CONNECTIONS)))
    return sum(done) / (time.perf_counter() - begin)


def environ(database: Path) -> dict[str, str]:
    """Settings of the served process."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(Path.cwd()),
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM_NUMBER": SENDER,
        "TWILIO_API_BASE_URL": "http://127.0.0.1:9",
        "SAYCODE_PUBLIC_URL": PUBLIC,
        "SAYCODE_SECRET_KEY": SECRET,
        "SAYCODE_DATABASE_URL": f"sqlite:///{database}",
        "SAYCODE_CODE_LIFETIME": "600",
    }


def report(what: str, pairs: list[tuple[float, float]]) -> None:
    """Median rates, and the median and range of the ratios pair by pair."""
    rate_, baseline = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [a / b for a, b in pairs]
    print(
        f"{what:<36} {rate_:8.0f}/s against {baseline:8.0f}/s   ratio {statistics.median(ratios):5.2f}"
        f"   ({min(ratios):.2f} to {max(ratios):.2f})"
    )


async def main(seconds: float, rounds: int) -> None:
    """All measurements, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "served.db")
        requests = await webhooks(database, 200)
        bare = [post("/", "a=b&" + requests[0].partition(b"\r\n\r\n")[2].decode(), headers={})]
        server = [sys.executable, "-m", "uvicorn", "--log-level", "error", "--no-access-log"]
        python = [sys.executable, "-c", "from saycode.cli.main import main; main()"]
        with (
            serving([*server, "--port", str(BARE_PORT), "benchmarks.bare:app"], BARE_PORT, "/", environ(database)),
            serving(
                [*python, "serve", "--port", str(SERVICE_PORT)], SERVICE_PORT, "/health/live", environ(database)
            ) as (pid, _),
        ):
            await rate(requests, port=SERVICE_PORT, connections=CONNECTIONS, seconds=2)  # imports Twilio's client
            pairs = []
            for _ in range(rounds):
                webhook_rate = await rate(requests, port=SERVICE_PORT, connections=CONNECTIONS, seconds=seconds)
                bare_rate = await rate(bare, port=BARE_PORT, connections=CONNECTIONS, seconds=seconds)
                pairs.append((webhook_rate, bare_rate))
            report("voice webhook / bare route", pairs)
            print(f"{'memory after the load':<36} {resident(pid):8.0f} MB")
        starts = []
        for _ in range(5):
            with serving(
                [*python, "serve", "--port", str(SERVICE_PORT)], SERVICE_PORT, "/health/live", environ(database)
            ) as (pid, elapsed):
                starts.append(elapsed)
        print(f"{'cold start to the first answer':<36} {statistics.median(starts) * 1000:8.0f} ms")
        pairs = []
        for number in range(rounds):
            async with SqliteStore.open(Path(folder, f"grouped{number}.db"), secrets=(SECRET.encode(),)) as store:
                grouped_rate = await starts_and_checks(store, seconds)
            single = OneByOne(Path(folder, f"single{number}.db"))
            single_rate = await starts_and_checks(single, seconds)
            single.close()
            pairs.append((grouped_rate, single_rate))
        report("starts and checks / one by one", pairs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.seconds, arguments.rounds))
