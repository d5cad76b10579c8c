"""How many durable decisions a second the code table makes, and what grouping them brings.

    python -m benchmarks.table [--rounds 5] [--decisions 1500]

Each decision starts a verification with its delivery and event and ends the older one of the same account. `one by one`
makes the same decisions with the same statements and settings, each committed by itself on the asking thread. The kinds
take turns, on a new file each time, so that a slow minute of the machine hits all of them; the medians are printed.
"""

import argparse
import asyncio
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from saycode.storage import database
from saycode.storage.counters import SqliteCounters
from saycode.storage.encryption import FieldCipher
from saycode.storage.rows import RecordMapper
from saycode.storage.store import SqliteStore
from verification.models import BUILT_IN_SERVICE, Delivery, Event, EventKind, State, Verification
from verification.policy import SIGN_IN
from verification.ports import ByAccount, ByDelivery, Changes
from verification.types import Channel, DeliveryStatus, VerificationStatus
from verification.values.phone_numbers import PhoneNumber

SECRETS = (b"a secret for the benchmark alone....",)
NUMBER = PhoneNumber("+12025550100", "US")
READS = 5000


def starts(accounts: int = 500) -> Iterator[tuple[ByAccount, Callable[[State], Changes[None]]]]:
    """Starts without end, by this many accounts in turn."""
    for n in itertools.count():
        account = f"account {n % accounts}"
        query = ByAccount(service=BUILT_IN_SERVICE, account=account, action=SIGN_IN, number=NUMBER)
        yield query, decide_start(*fresh(n, account))


def fresh(n: int, account: str) -> tuple[Verification, Delivery]:
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
    conn.execute("PRAGMA wal_autocheckpoint = 1000")  # nobody else takes them here
    rows = RecordMapper(FieldCipher(key))
    counts = SqliteCounters(conn, rows.names)
    began = time.perf_counter()
    for query, decide in itertools.islice(starts(), decisions):
        conn.execute("BEGIN IMMEDIATE")
        state = rows.load(conn, query, counts)
        rows.save(conn, decide(state), state, counts)
        counts.write()
        conn.execute("COMMIT")
    rate = decisions / (time.perf_counter() - began)
    conn.close()
    return rate


async def grouped(path: Path, decisions: int, tasks: int) -> float:
    """Decisions a second by so many tasks, each of which waits for its verdict before it asks again."""
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        work = itertools.islice(starts(), decisions)

        async def ask() -> None:
            for query, decide in work:
                await store.apply(query, decide)

        began = time.perf_counter()
        await asyncio.gather(*(ask() for _ in range(tasks)))
        return decisions / (time.perf_counter() - began)


async def reading(path: Path) -> float:
    """Reads a second of a delivery's case, as every webhook does."""
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        for query, decide in itertools.islice(starts(), 50):
            await store.apply(query, decide)
        delivery = ByDelivery(f"VL{7:032x}")
        began = time.perf_counter()
        for _ in range(READS):
            await store.read(delivery)
        return READS / (time.perf_counter() - began)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Durable decisions and reads of the code table.")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--decisions", type=int, default=1500)
    chosen = arguments.parse_args()
    kinds: dict[str, Callable[[Path], float]] = {
        "one by one": lambda path: one_by_one(path, chosen.decisions),
        "32 at once": lambda path: asyncio.run(grouped(path, chosen.decisions, 32)),
        "128 at once": lambda path: asyncio.run(grouped(path, chosen.decisions * 2, 128)),
        "reads": lambda path: asyncio.run(reading(path)),
    }
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(chosen.rounds):
        for kind, measure in kinds.items():
            with tempfile.TemporaryDirectory() as folder:
                rates[kind].append(measure(Path(folder) / "codes.db"))
    base = statistics.median(rates["one by one"])
    for kind, found in rates.items():
        middle = statistics.median(found)
        ratio = f"{middle / base:5.1f} times one by one" if kind.endswith("at once") else ""
        print(f"{kind:12} {middle:8,.0f} a second   ({min(found):,.0f} to {max(found):,.0f})   {ratio}")


if __name__ == "__main__":
    main()
