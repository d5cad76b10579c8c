"""How fast the console's searches, charts and its page Now are after a month of 100,000 verifications a day.

    python -m benchmarks.console [--days 30] [--per-day 100000] [--store sqlite|postgresql|both]

Each verification has a delivery and two events; the events have no chain. Hourly totals are those of 30 countries, 20
services, two channels. Searches are the statements of the store. The page of charts is that of a whole month: eleven
charts at once. PostgreSQL is a server of its own with fsync on. A start is measured with the indexes that only
searches need, and without them, on the same database.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from hashlib import blake2b
from itertools import product
from pathlib import Path
from typing import Any

from saycode.config.databases import PostgresqlUrl
from saycode.console.charts.over_time import Ceilings
from saycode.console.traffic_pages import TrafficPages
from saycode.maintenance.moving import Place, _transaction, _write
from saycode.reports.traffic import DAY_SECONDS
from saycode.storage import metric_totals as totals
from saycode.storage.postgresql.store import PostgresqlStore
from saycode.storage.sqlite.migrations import SEARCHED
from saycode.storage.sqlite.store import SqliteStore
from saycode.storage.store import SqlStore
from saycode.testing import build_verifier
from tests.support.postgresql import DURABLE, running_server
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE
from verification.policy import SIGN_IN
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber

from .service import InstantProvider
from .store import SECRETS

END = 1_800_000_000 // DAY_SECONDS * DAY_SECONDS
PERSONS, COUNTRIES, SERVICES = 400_000, 30, 20
SEARCHES, PAGES, STARTS = 400, 15, 1500
_VERIFICATIONS = (
    "id, sid, service, account_hash, number_hash, personal_data, action, language, status, key_id, code_length, "
    "max_checks, checks, style, created_at, expires_at, ended_at, brand, manner, trusted_browser"
)
_DELIVERIES = (
    "id, sid, verification_id, number_hash, channel, status, live, created_at, updated_at, provider_sid, stage, "
    "progress, tries, silences, position, keys, machine, webhook"
)
_EVENTS = "id, verification_id, verification, delivery, kind, at, detail, actor, source, link"
_SEARCHES = {
    "number": "SELECT sid FROM verifications WHERE number_hash = ? ORDER BY id DESC LIMIT 20",
    "name": "SELECT sid FROM verifications WHERE account_hash = ? ORDER BY id DESC LIMIT 20",
    "sid": "SELECT id, status, created_at FROM verifications WHERE sid = ?",
    "Twilio's sid": "SELECT sid FROM deliveries WHERE provider_sid = ?",
    "reference": "",
}
Row = tuple[Any, ...]


def sid(prefix: str, n: int) -> str:
    """Random, and the same for the same number."""
    return prefix + _drawn(f"{prefix} {n}").hex()


def hashed(kind: str, n: int) -> bytes:
    return _drawn(f"{kind} {n % PERSONS}")


def _drawn(seed: str) -> bytes:
    return blake2b(seed.encode(), digest_size=16).digest()


def verifications(count: int) -> Iterator[Row]:
    personal = bytes(90)
    for n in range(1, count + 1):
        at = END - (count - n) * 30 * DAY_SECONDS / count
        who = hashed("account", n * 7919), hashed("number", n * 7919)
        fixed = ("sign-in", "en-US", "approved", "k", 6, 1, 1, "say")
        yield (n, sid("VE", n), BUILT_IN_SERVICE, *who, personal, *fixed, at, at + 300, at + 20, "", "typed", 0)


def deliveries(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        at, number = END - (count - n) * 30 * DAY_SECONDS / count, hashed("number", n * 7919)
        last = (at, at + 20, sid("CA", n), "over", 4, 0, 0, 0, "", 0, "")
        yield (n, sid("VL", n), n, number, "call", "completed", 0, *last)


def events(count: int) -> Iterator[Row]:
    for n in range(1, count + 1):
        at, name = END - (count - n) * 30 * DAY_SECONDS / count, sid("VE", n)
        yield (2 * n - 1, n, name, "", "started", at, "sign-in", "", bytes(16), bytes(32))
        yield (2 * n, n, name, "", "approved", at + 20, "", "", bytes(16), bytes(32))


def denials(days: int) -> Iterator[Row]:
    """As many as are recorded at most, a tenth of them in the last hour; each has twenty rules that refuse still."""
    rule = {"rule": "number 5/10m", "scope": "number", "count": 5, "bound": 5, "wait": 9000}
    report = json.dumps({"reason": "limit number", "watched": False, "country": "US", "rules": [rule] * 20})
    for n in range(days * 2000):
        at = END - (n if n % 10 else n // 10)
        yield (_drawn(f"denied {n}"), 1, sid("VE", n), sid("VL", n), at, report)


def hours(days: int) -> Iterator[Row]:
    """Hourly totals as busy as these verifications."""
    countries = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(COUNTRIES)]
    services = [BUILT_IN_SERVICE, *(f"VA{n:032x}" for n in range(1, SERVICES))]
    split = {totals.CHANNEL: ["call", "sms"], totals.COUNTRY: countries, totals.SERVICE: services}
    states = ("planned", "queued", "ringing", "answered", "completed", "busy", "no-answer", "failed")
    bounds = [*(f"{bound:g}" for bound in totals.HEARD_BUCKETS), "+Inf", totals.SUM]
    for hour in range(END - days * DAY_SECONDS, END, totals.HOUR):
        for measure, (by, names) in product(
            (totals.STARTS, totals.APPROVED, totals.MINUTES, totals.MONEY), split.items()
        ):
            yield from ((measure, by, hour, name, 4000 / len(names)) for name in names)
        yield from (
            (totals.DELIVERIES, totals.STATUS, hour, f"{channel} {state}", 300.0)
            for channel, state in product(("call", "sms"), states)
        )
        yield from ((totals.HEARD_AFTER, totals.SECONDS, hour, bound, 100.0) for bound in bounds)
        yield from ((totals.REFUSED, totals.RULE, hour, f"limit {n}", 20.0) for n in "abcdef")


def fill(place: Place, *, days: int, per_day: int) -> None:
    count = days * per_day
    with _transaction(place) as conn:
        columns = "measure, split, hour, name, value"
        for table, names, rows in (
            ("verifications", _VERIFICATIONS, verifications(count)),
            ("deliveries", _DELIVERIES, deliveries(count)),
            ("events", _EVENTS, events(count)),
            ("hourly_totals", columns, hours(days)),
            ("denials", "number_hash, n, verification, delivery, at, report", denials(days)),
        ):
            began = time.monotonic()
            _write(conn, table, names, rows)
            print(f"  {table} written in {time.monotonic() - began:.0f} s", flush=True)
        conn.execute("DELETE FROM audit_log_ends WHERE name = 'head'")
        conn.execute("COMMIT")


def percentile(seconds: list[float], share: float = 0.95) -> float:
    return sorted(seconds)[int(len(seconds) * share)] * 1000


async def timed(times: int, work: Callable[[int], Awaitable[object]]) -> list[float]:
    durations = []
    for n in range(times):
        began = time.perf_counter()
        await work(n)
        durations.append(time.perf_counter() - began)
    return durations


async def measure(store: SqlStore, count: int) -> None:
    """Print the percentiles of searches and pages, and what a start costs."""
    wanted: dict[str, Callable[[int], Row]] = {
        "number": lambda n: (hashed("number", n * 7919),),
        "name": lambda n: (hashed("account", n * 7919),),
        "sid": lambda n: (sid("VE", n),),
        "Twilio's sid": lambda n: (sid("CA", n),),
        "reference": lambda n: (f"{n * 33 % 100_000_000:08}",),
    }
    for name, statement in _SEARCHES.items():

        async def search(n: int, name: str = name, statement: str = statement) -> object:
            values = wanted[name](1 + int.from_bytes(_drawn(str(n))) % count)
            if not statement:
                return await store.of_reference(*values)
            return await store.query(lambda conn: conn.execute(statement, values).fetchall())

        print(f"  search by {name:14} 95 % {percentile(await timed(SEARCHES, search)):8.2f} ms", flush=True)
    pages = TrafficPages(store=store, ceilings=Ceilings(200_000, 10**9), now=lambda: END - 60.0)
    for span in ("day", "week", "month"):

        async def charts(_: int, span: str = span) -> object:
            return await pages.charts({"span": span})

        print(f"  all charts of a {span:8} 95 % {percentile(await timed(PAGES, charts)):8.2f} ms", flush=True)
    print(f"  Now                      95 % {percentile(await timed(PAGES, lambda _: pages.moment())):8.2f} ms")


async def starts(store: SqlStore, first: int) -> list[float]:
    """Seconds of each start, 32 at a time."""

    class Now:
        def now(self) -> float:
            return float(END)

    verifier = build_verifier(store, provider=InstantProvider(), clock=Now(), secrets=SECRETS)
    numbers, durations = iter(range(first, first + STARTS)), list[float]()

    async def start() -> None:
        for n in numbers:
            began = time.perf_counter()
            await verifier.start(
                StartRequest(
                    username=f"user {n}",
                    number=PhoneNumber(f"+1415{n:07}", "US"),
                    channel=Channel.CALL,
                    action=SIGN_IN,
                    language="en-US",
                    service=BUILT_IN_SERVICE,
                )
            )
            durations.append(time.perf_counter() - began)

    await asyncio.gather(*(start() for _ in range(32)))
    return durations


async def compare_indexes(store: SqlStore) -> None:
    """What the indexes of the searches cost a start: with and without them, in turn."""
    names = [index.split()[0] for index in SEARCHED]

    def change(statements: list[str]) -> Callable[[Any], int]:
        return lambda conn: sum(conn.execute(statement).rowcount for statement in statements)

    await starts(store, 0)
    kinds: dict[str, list[float]] = {"with": [], "without": []}
    for n in range(2):
        kinds["with"] += await starts(store, 1_000_000 + n * 10_000)
        await store.write(change([f"DROP INDEX {name}" for name in names]))
        kinds["without"] += await starts(store, 2_000_000 + n * 10_000)
        await store.write(change([f"CREATE INDEX {index}" for index in SEARCHED]))
    for kind, seconds in kinds.items():
        middle = statistics.median(seconds) * 1000
        print(
            f"  a start {kind:7} the searches' indexes: median {middle:.1f} ms, 99 % {percentile(seconds, 0.99):.1f} ms"
        )


async def run(store: SqlStore, count: int) -> None:
    async with store:
        await measure(store, count)
        if isinstance(store, SqliteStore):
            await compare_indexes(store)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--per-day", type=int, default=100_000)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    options = parser.parse_args()
    count = options.days * options.per_day
    if options.store in ("sqlite", "both"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "codes.db"
            asyncio.run(SqliteStore.open(path, secrets=SECRETS).close())
            print(f"SQLite, {count:,} verifications", flush=True)
            fill(path, days=options.days, per_day=options.per_day)
            print(f"  {path.stat().st_size / 2**20:,.0f} MB", flush=True)
            asyncio.run(run(SqliteStore.open(path, secrets=SECRETS), count))
    if options.store in ("postgresql", "both"):
        with running_server(DURABLE) as server, server.database() as address:
            asyncio.run(PostgresqlStore.open(address, secrets=SECRETS).close())
            print(f"PostgreSQL, {count:,} verifications", flush=True)
            fill(PostgresqlUrl(address), days=options.days, per_day=options.per_day)
            asyncio.run(run(PostgresqlStore.open(address, secrets=SECRETS), count))


if __name__ == "__main__":
    main()
