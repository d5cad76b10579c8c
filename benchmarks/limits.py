"""What the limits cost: starts and checks a second with all of them, with none, and with a million rows in each table.

    python -m benchmarks.limits [--seconds 3] [--rounds 3] [--rows 1000000]

A verification is a start with its two commits and a right check, 32 at a time, as in `benchmarks.service`. Every
user has a different account, number and client address. The limits are those of the default settings; the wide ones are
raised so that no start is denied, which changes no read and no write. Rates are per second, and per second of processor
time, which other load and a slow disk do not affect. The kinds alternate, and ratios are of the same round.
"""

import argparse
import asyncio
import itertools
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from saycode.config.loader import load
from saycode.config.policy import build_policy
from saycode.server.clock import SteadyClock, randomness
from saycode.storage.sqlite import database
from saycode.storage.sqlite.store import SqliteStore
from saycode.testing import build_verifier
from verification.counters.rules import Budget, Limit, Rule
from verification.flow.check import code_of
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE
from verification.policy import SIGN_IN, Policy
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber

from .service import CONNECTIONS, InstantProvider, environ

SECRET = b"a secret for the benchmark alone...."
PLENTY = 10_000_000

#: Per second, and per second of processor time.
Rates = tuple[float, float]

#: Rows of other users, in every table that a start or a check reads; in the order of their keys, which is fast.
FILL = (
    "INSERT INTO counters SELECT hashed, :at, 1, :at, zeroblob(60) FROM people",
    "INSERT INTO counter_chunks SELECT hashed, 0, :at, zeroblob(256) FROM people",
    """INSERT INTO verifications (sid, service, account_hash, number_hash, personal_data, action, language, status,
        key_id, code_length, max_checks, checks, style, created_at, expires_at, ended_at, brand, manner,
        trusted_browser)
        SELECT 'VE' || lower(hex(hashed)), 'VA', hashed, hashed, randomblob(80), 'sign-in', 'en-US', 'approved',
        '00000000', 6, 1, 1, 'say', :at, :at, :at, '', 'typed', 0 FROM people""",
)
PEOPLE = """CREATE TEMP TABLE people AS
    WITH RECURSIVE some (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM some WHERE n < :rows)
    SELECT randomblob(16) AS hashed FROM some ORDER BY 1
"""


def all_limits(file: Path) -> Policy:
    """The policy of the default settings, with wide limits that are not reached."""
    usual = build_policy(load(environ(file)))
    return replace(usual, limits=tuple((scope, tuple(map(_raised, rules))) for scope, rules in usual.limits))


def _raised(rule: Rule) -> Rule:
    if isinstance(rule, Limit | Budget):
        return replace(rule, count=rule.count if isinstance(rule, Limit) and rule.count <= 25 else PLENTY)
    return replace(rule, amount=PLENTY)


def no_limits(file: Path) -> Policy:
    """The same without any limit, pause or alarm."""
    return replace(build_policy(load(environ(file))), limits=(), lockouts=(), failure_alarm=None)


def fill(file: Path, rows: int) -> None:
    """This many rows of other users in each table."""
    conn, _ = database.open_database(file, secrets=(SECRET,), create=True, patience=3)
    with closing(conn):
        conn.execute("PRAGMA temp_store = FILE")
        conn.execute(PEOPLE, {"rows": rows})
        for statement in FILL:
            conn.execute("BEGIN IMMEDIATE")
            conn.execute(statement, {"at": time.time() - 40 * 86400})
            conn.execute("COMMIT")
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def start_requests() -> Iterator[StartRequest]:
    """One start by text for each user."""
    for n in itertools.count():
        prefix, line = divmod(n * 7919, 10_000)
        yield StartRequest(
            username=f"user {n}",
            number=PhoneNumber(f"+1{2_000_000 + prefix % 7_000_000}{line:04}", "US"),
            channel=Channel.SMS,
            action=SIGN_IN,
            language="en-US",
            service=BUILT_IN_SERVICE,
            source=f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
        )


async def verifications(file: Path, rules: Policy, seconds: float) -> Rates:
    """Whole verifications per second, and per second of processor time."""
    async with SqliteStore.open(file, secrets=(SECRET,)) as store:
        verifier = build_verifier(
            store,
            provider=InstantProvider(),
            clock=SteadyClock(),
            randomness=randomness,
            policy=rules,
            secrets=(SECRET,),
        )
        requests, until = start_requests(), time.perf_counter() + seconds

        async def user() -> int:
            done = 0
            while time.perf_counter() < until:
                started = await verifier.start(next(requests))
                code = code_of(started.verification, verifier.keys)
                assert (await verifier.check(started.verification.sid, code)).valid
                done += 1
            return done

        begin = time.perf_counter(), time.process_time()
        done = sum(await asyncio.gather(*(user() for _ in range(CONNECTIONS))))
        return done / (time.perf_counter() - begin[0]), done / (time.process_time() - begin[1])


def report(what: str, rates: list[Rates], baseline: list[Rates]) -> None:
    """Median rates, and the median and range of the ratios round by round."""
    for name, index in (("a second", 0), ("processor time", 1)):
        _line(f"{what}, {name}", [pair[index] for pair in rates], [pair[index] for pair in baseline])


def _line(what: str, rates: list[float], baseline: list[float]) -> None:
    ratios = [a / b for a, b in zip(rates, baseline, strict=True)]
    print(
        f"{what:<58} {statistics.median(rates):7.0f}/s against {statistics.median(baseline):7.0f}/s"
        f"   ratio {statistics.median(ratios):5.2f}   ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def main(seconds: float, rounds: int, rows: int) -> None:
    """All measurements, one after another."""
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder, "full.db")
        begin = time.perf_counter()
        fill(full, rows)
        print(
            f"{rows} rows in each of {len(FILL)} tables, {full.stat().st_size >> 20} MB, "
            f"made in {time.perf_counter() - begin:.0f} s; load {os.getloadavg()[0]:.1f}"
        )
        kinds = ["none", "all", "grown"]
        rates = {kind: list[Rates]() for kind in kinds}
        for number in range(rounds):
            first = number % len(kinds)
            for kind in kinds[first:] + kinds[:first]:
                file = Path(folder, f"{kind}{number}.db")
                if kind == "grown":
                    shutil.copyfile(full, file)
                os.sync()  # so that earlier writes do not delay this measurement
                rules = no_limits(file) if kind == "none" else all_limits(file)
                rates[kind].append(asyncio.run(verifications(file, rules, seconds)))
                for old in Path(folder).glob(f"{kind}{number}.db*"):
                    old.unlink()
        without, with_all, grown = rates.values()
        report("all limits / none", with_all, without)
        report(f"all limits, {rows} rows / empty tables", grown, with_all)
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    main(arguments.seconds, arguments.rounds, arguments.rows)
