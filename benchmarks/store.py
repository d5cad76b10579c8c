"""Durable decisions a second of the store, and what grouping them gains.

    python -m benchmarks.store [--rounds 5] [--decisions 1500]

Each decision starts a verification with its delivery and event and ends the older one of the same account. `one by one`
runs the same decisions with the same statements and settings, each in its own commit on the calling thread. The kinds
alternate, with a new file each time, so that a slow minute of the machine affects all of them; the medians are printed.
"""

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec.structs import replace

from saycode.storage.counters import SqliteCounters
from saycode.storage.encryption import FieldCipher
from saycode.storage.records import RecordMapper
from saycode.storage.sqlite import database
from saycode.storage.sqlite.store import SqliteStore
from saycode.storage.waves import Request, Waves
from verification.models import BUILT_IN_SERVICE, Delivery, Event, EventKind, State, Verification
from verification.policy import SIGN_IN
from verification.ports import ByAccount, ByDelivery, Changes
from verification.types import Channel, DeliveryStatus, VerificationStatus
from verification.values.phone_numbers import PhoneNumber

SECRETS = (b"a secret for the benchmark alone....",)
NUMBER = PhoneNumber("+12025550100", "US")
READS = 5000


def starts(accounts: int = 500) -> Iterator[tuple[ByAccount, Callable[[State], Changes[None]]]]:
    """Endless starts, of this many accounts in turn."""
    for n in itertools.count():
        account = f"account {n % accounts}"
        query = ByAccount(service=BUILT_IN_SERVICE, account=account, action=SIGN_IN, number=NUMBER)
        yield query, decide_start(*new_records(n, account))


def new_records(n: int, account: str) -> tuple[Verification, Delivery]:
    """A verification and its first delivery."""
    verification = Verification(
        sid=f"VE{n:032x}",
        service=BUILT_IN_SERVICE,
        account=account,
        username=account,
        action=SIGN_IN,
        number=NUMBER,
        language="en-US",
        status=VerificationStatus.PENDING,
        seed=n.to_bytes(16),
        key_id="00000000",
        code_length=6,
        max_checks=1,
        checks=0,
        created_at=float(n),
        expires_at=n + 300.0,
    )
    delivery = Delivery(
        sid=f"VL{n:032x}",
        verification=verification.sid,
        channel=Channel.CALL,
        status=DeliveryStatus.PLANNED,
        created_at=float(n),
        updated_at=float(n),
    )
    return verification, delivery


def decide_start(verification: Verification, delivery: Delivery) -> Callable[[State], Changes[None]]:
    """The decision that the rules make on a start, without its limits."""

    def decide(state: State) -> Changes[None]:
        older = state.verification
        ended = (replace(older, status=VerificationStatus.CANCELED, seed=None, ended_at=1.0),) if older else ()
        return Changes(
            result=None,
            verifications=(*ended, verification),
            deliveries=(delivery,),
            events=(Event(kind=EventKind.STARTED, at=1.0, verification=verification.sid),),
        )

    return decide


def one_by_one(path: Path, decisions: int) -> float:
    """Decisions a second, each in a transaction of its own."""
    conn, key = database.open_database(path, secrets=SECRETS, create=True, patience=3)
    conn.execute("PRAGMA wal_autocheckpoint = 1000")  # there is no checkpoint thread here
    mapper = RecordMapper(FieldCipher(key))
    waves = Waves(conn, mapper, SqliteCounters(conn, mapper.counter_keys), on_unreadable=print)
    began = time.perf_counter()
    for query, decide in itertools.islice(starts(), decisions):
        conn.execute("BEGIN IMMEDIATE")
        waves.decide([Request(query, decide)])
        conn.execute("COMMIT")
    rate = decisions / (time.perf_counter() - began)
    conn.close()
    return rate


async def grouped(path: Path, decisions: int, tasks: int) -> float:
    """Decisions a second of this many tasks, each of which waits for its result before the next decision."""
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        work = itertools.islice(starts(), decisions)

        async def decide_repeatedly() -> None:
            for query, decide in work:
                await store.apply(query, decide)

        began = time.perf_counter()
        await asyncio.gather(*(decide_repeatedly() for _ in range(tasks)))
        return decisions / (time.perf_counter() - began)


async def read_rate(path: Path) -> float:
    """Reads a second of the state of a delivery, as every webhook does one."""
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        for query, decide in itertools.islice(starts(), 50):
            await store.apply(query, decide)
        delivery = ByDelivery(f"VL{7:032x}")
        began = time.perf_counter()
        for _ in range(READS):
            await store.read(delivery)
        return READS / (time.perf_counter() - began)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Durable decisions and reads of the store.")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--decisions", type=int, default=1500)
    options = arguments.parse_args()
    kinds: dict[str, Callable[[Path], float]] = {
        "one by one": lambda path: one_by_one(path, options.decisions),
        "32 at once": lambda path: asyncio.run(grouped(path, options.decisions, 32)),
        "128 at once": lambda path: asyncio.run(grouped(path, options.decisions * 2, 128)),
        "reads": lambda path: asyncio.run(read_rate(path)),
    }
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(options.rounds):
        for kind, measure in kinds.items():
            with tempfile.TemporaryDirectory() as folder:
                rates[kind].append(measure(Path(folder) / "codes.db"))
    base = statistics.median(rates["one by one"])
    for kind, measured in rates.items():
        median = statistics.median(measured)
        ratio = f"{median / base:5.1f} times one by one" if kind.endswith("at once") else ""
        print(f"{kind:12} {median:8,.0f} a second   ({min(measured):,.0f} to {max(measured):,.0f})   {ratio}")


if __name__ == "__main__":
    main()
