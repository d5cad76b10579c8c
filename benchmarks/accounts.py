"""What a hundred thousand accounts cost: the import, and every start and check after it.

    python -m benchmarks.accounts [--accounts 100000] [--seconds 0.5] [--rounds 20]

    import             from a CSV file with checked numbers; how long its transaction blocks other writers
    starts and checks  durable, 32 at a time, with this many accounts, against the same in an empty database
    … of accounts      the account is read, its number is read again in the transaction; against 500 accounts

Both sides of a ratio alternate, so that a slow minute of the machine affects both.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from itertools import count
from pathlib import Path

from msgspec.structs import replace

from saycode.config.accounts_csv import ParsedAccounts, parse_file
from saycode.maintenance.bulk_import import import_accounts
from saycode.storage.sqlite.store import SqliteStore
from verification.accounts import Accounts
from verification.flow.check import code_of
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE, Manner

from .service import CONNECTIONS, SECRET, report, start_request, verifier_over

USED = 500
#: Area codes whose numbers are valid with any seven digits that begin with 2 to 9.
AREAS = ("212", "213", "214", "215", "216", "217", "218", "219", "224", "225")


def phone(index: int) -> str:
    """A different number for each index."""
    return f"+1{AREAS[index % len(AREAS)]}{2_000_000 + index // len(AREAS):07}"


def write_file(path: Path, accounts: int) -> None:
    """Accounts, most with one number and every tenth with two."""
    with path.open("w") as file:
        file.write("username,phone,channel,language\n")
        for index in range(accounts):
            second = f";{phone(accounts + index)}" if index % 10 == 0 else ""
            file.write(f"user {index},{phone(index)}{second},{'sms' if index % 2 else 'call'},en-US\n")


async def import_file(store: SqliteStore, path: Path) -> tuple[float, float]:
    """Returns the seconds that the import took, and those in which other processes could not write."""
    begin = time.perf_counter()
    parsed = ParsedAccounts(service=BUILT_IN_SERVICE, region="US", countries=frozenset({"US"}))
    parse_file(path, parsed, progress=lambda _: None)
    assert not parsed.errors
    prepared = 0.0

    def note(_: int) -> None:
        nonlocal prepared
        prepared = time.perf_counter()

    await import_accounts(store, parsed.valid_accounts, now=time.time(), progress=note)
    end = time.perf_counter()
    return end - begin, end - prepared


async def rate(store: SqliteStore, seconds: float, *, enrolled: bool) -> float:
    """Whole verifications per second, as benchmarks.service counts them; `enrolled`: with a read of the account."""
    verifier, counter = verifier_over(store), count()
    accounts, until = Accounts(verifier), time.perf_counter() + seconds

    async def request(index: int) -> StartRequest:
        if not enrolled:
            return start_request(index)
        account = await accounts.find(BUILT_IN_SERVICE, f"user {index % USED}")
        number = account.numbers[0].number
        return replace(start_request(index % USED), number=number, manner=Manner.ENROLLED)

    async def user() -> int:
        done = 0
        while time.perf_counter() < until:
            started = await verifier.start(await request(next(counter)))
            code = code_of(started.verification, verifier.keys)
            assert (await verifier.check(started.verification.sid, code)).valid
            done += 1
        return done

    begin = time.perf_counter()
    done = await asyncio.gather(*(user() for _ in range(CONNECTIONS)))
    return sum(done) / (time.perf_counter() - begin)


async def compare(many: Path, few: Path, *, seconds: float, rounds: int, enrolled: bool) -> None:
    """The rates with many accounts, and with none or a few."""
    secret = (SECRET.encode(),)
    async with SqliteStore.open(many, secrets=secret) as large, SqliteStore.open(few, secrets=secret) as small:
        pairs = []
        for number in range(rounds):
            first, second = (large, small) if number % 2 else (small, large)
            rates = {id(store): await rate(store, seconds, enrolled=enrolled) for store in (first, second)}
            pairs.append((rates[id(large)], rates[id(small)]))
    report(f"starts and checks, {'of accounts, many / few' if enrolled else 'many accounts / none'}", pairs)


async def main(accounts: int, seconds: float, rounds: int) -> None:
    """Import once, then compare on copies."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in (accounts, USED, 0):
            home, file = folder / str(size), folder / "customers.csv"
            home.mkdir()
            write_file(file, size)
            async with SqliteStore.open(home / "codes.db", secrets=(SECRET.encode(),)) as store:
                duration, blocked = await import_file(store, file) if size else (0.0, 0.0)
            if size == accounts:
                print(f"{size} accounts imported in {duration:.1f} s; others could not write for {blocked:.2f} s")
                print(f"the file has {(home / 'codes.db').stat().st_size / 1e6:.0f} MB")

        for enrolled in (False, True):
            many = shutil.copytree(folder / str(accounts), folder / f"many{enrolled}") / "codes.db"
            few = folder / str(USED if enrolled else 0) / "codes.db"
            await compare(many, few, seconds=seconds, rounds=rounds, enrolled=enrolled)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--rounds", type=int, default=20)
    asyncio.run(main(**vars(parser.parse_args())))
