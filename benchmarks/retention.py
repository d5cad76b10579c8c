"""What retention costs while requests go on: deleting batches, the chain of the audit log, a scrape of the metrics.

    python -m benchmarks.retention [--rows 250000] [--rounds 5]

`rows` verifications with a delivery and two events each: a million rows in all with the default; and hourly totals of
thirty days in which every country of the world had calls, the most that a scrape can meet. The chain is measured
against the same events without links, with a new file each time, the two kinds alternating.
"""

import argparse
import asyncio
import itertools
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec.structs import replace
from phonenumbers import SUPPORTED_REGIONS

from saycode.maintenance import retention
from saycode.maintenance.retention import RetentionJob
from saycode.server.metrics import PrometheusExporter
from saycode.storage.audit_log import AuditLog
from saycode.storage.metric_totals import ADD_HOURLY, COUNTRY, HOUR, MINUTES, MONEY
from saycode.storage.sqlite.store import SqliteStore
from verification.counters.counter import DAY
from verification.counters.rules import Ceiling
from verification.models import Event
from verification.policy import DEFAULT_POLICY, Retention
from verification.types import Scope

from .store import SECRETS, grouped

OLD = 1_700_000_000.0
STARTS = 3000
PRICED = replace(
    DEFAULT_POLICY,
    limits=tuple((scope, (Ceiling(amount=10**7, seconds=DAY),)) for scope in (Scope.MINUTES, Scope.MONEY)),
)


def fill(path: Path, rows: int, *, events: bool = True) -> None:
    """Ended verifications with their deliveries, events without a chain, and counters."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("BEGIN")
        conn.executemany(
            "INSERT INTO verifications (id, sid, service, account_hash, number_hash, personal_data, action, language, "
            "status, key_id, code_length, max_checks, checks, style, created_at, expires_at, ended_at, brand, manner, "
            "trusted_browser) VALUES (?, ?, 'VA', "
            "randomblob(16), randomblob(16), randomblob(90), 'sign-in', 'en-US', 'approved', 'k', 6, 1, 1, 'say', "
            "?, ?, ?, '', 'typed', 0)",
            ((n, f"VE{n:032x}", OLD + n, OLD + n + 300, OLD + n + 20) for n in range(1, rows + 1)),
        )
        conn.executemany(
            "INSERT INTO deliveries (sid, verification_id, number_hash, channel, status, live, created_at, updated_at, "
            "provider_sid, stage, progress, tries, silences, position, keys, machine, webhook) VALUES "
            "(?, ?, randomblob(16), 'call', 'completed', 0, ?, ?, 'CA', 'over', 4, 0, 0, 0, '', 0, '')",
            ((f"VL{n:032x}", n, OLD + n, OLD + n) for n in range(1, rows + 1)),
        )
        conn.executemany(
            "INSERT INTO events VALUES (?, ?, ?, '', 'started', ?, 'sign-in', '', randomblob(16), randomblob(32))",
            ((n, (n + 1) // 2, f"VE{(n + 1) // 2:032x}", OLD + n / 2) for n in range(1, 2 * rows * events + 1)),
        )
        if events:
            conn.execute("DELETE FROM audit_log_ends WHERE name = 'head'")
        conn.executemany(
            "INSERT INTO counters VALUES (randomblob(16), ?, 0, 0, zeroblob(15))",
            ((OLD,) for _ in range(rows // 5)),
        )
        hours = range(int(OLD) // HOUR * HOUR - 30 * DAY, int(OLD), HOUR)
        conn.executemany(
            ADD_HOURLY,
            (
                (measure, COUNTRY, hour, country, 5)
                for measure in (MINUTES, MONEY)
                for hour in hours
                for country in sorted(SUPPORTED_REGIONS)
            ),
        )
        conn.execute("COMMIT")


async def delete_expired(path: Path) -> dict[str, list[float]]:
    """The seconds of each transaction that deletes, and of each scrape."""
    durations: dict[str, list[float]] = {"delete a batch": [], "prune audit log": [], "scrape": []}
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        write, kind = store.write, "delete a batch"

        async def timed(work: Callable[[sqlite3.Connection], object], **more: object) -> object:
            began = time.perf_counter()
            result = await write(work, **more)  # type: ignore[arg-type]  # passed on unchanged
            durations[kind].append(time.perf_counter() - began)
            return result

        exporter = PrometheusExporter(
            store=store, open_channels=frozenset, policy=PRICED, now=lambda: OLD, root=os.getpid()
        )
        for _ in range(50):
            began = time.perf_counter()
            await exporter.render()
            durations["scrape"].append(time.perf_counter() - began)
        store.write = timed  # type: ignore[method-assign, assignment]  # to measure
        job = RetentionJob(store, Retention(details=1, audit=366), lambda: OLD + 100 * DAY)
        for _ in range(10):
            await job._delete_verifications(OLD + 100 * DAY)
        kind = "prune audit log"
        for _ in range(10):
            await job._prune_audit_log(OLD + 100 * DAY, now=OLD + 100 * DAY)
    return durations


@contextmanager
def unchained() -> Iterator[None]:
    """Write events without links and without a head."""
    add = (
        "INSERT INTO events SELECT coalesce(max(id), 0) + 1, (SELECT id FROM verifications WHERE sid = ?), "
        "?, ?, ?, ?, ?, ?, x'', x'' FROM events"
    )

    def add_unchained(_: AuditLog, conn: sqlite3.Connection, events: Iterable[Event]) -> None:
        for event in events:
            values = (event.verification, event.verification, event.delivery, event.kind.value, event.at)
            conn.execute(add, (*values, event.detail, event.actor))

    chained = AuditLog.add
    AuditLog.add = add_unchained  # type: ignore[method-assign, assignment]  # to leave the chain out
    try:
        yield
    finally:
        AuditLog.add = chained  # type: ignore[method-assign]


def cost(path: Path) -> float:
    """Processor time of one durable start in microseconds, 32 at once. The disk's time is the same for both kinds."""
    began = time.process_time()
    asyncio.run(grouped(path, STARTS, 32))
    return (time.process_time() - began) / STARTS * 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description="What retention costs.")
    arguments.add_argument("--rows", type=int, default=250_000)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "codes.db"
        asyncio.run(SqliteStore.open(path, secrets=SECRETS).close())
        fill(path, options.rows)
        print(f"{4 * options.rows:,} rows, {path.stat().st_size / 2**20:,.0f} MB; batches of {retention.DELETE_BATCH}")
        for name, seconds in asyncio.run(delete_expired(path)).items():
            ordered = sorted(seconds)
            median, worst = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
            print(f"{name:16} {median * 1000:7.2f} ms   99 % {worst * 1000:7.2f} ms   ({len(ordered)} times)")
    costs: dict[str, list[float]] = {"chained": [], "unchained": []}
    for _, kind in itertools.product(range(options.rounds), costs):
        with tempfile.TemporaryDirectory() as folder:
            if kind == "chained":
                costs[kind].append(cost(Path(folder) / "codes.db"))
            else:
                with unchained():
                    costs[kind].append(cost(Path(folder) / "codes.db"))
    with_chain, without = (statistics.median(costs[kind]) for kind in ("chained", "unchained"))
    print(
        f"a start with its event: {with_chain:.0f} us chained, {without:.0f} us without, "
        f"{with_chain / without:.2f} times"
    )


if __name__ == "__main__":
    main()
