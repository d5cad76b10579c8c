"""The seeded simulation of the rules.

    python -m tests.simulation --seeds 10000 --first 0
    python -m tests.simulation --seed 4711            one seed again, with its trace
    python -m tests.simulation --store postgresql     on a server of its own, in place of SQLite in memory

Prints the first seed that breaks something, and the command that repeats it; exit 1.
"""

import argparse
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing

from tests.simulation.actions import ACTIONS
from tests.simulation.run import Simulation
from tests.simulation.store import SharedDatabase
from tests.support.postgresql import running_server

_BATCH = 500


def run(seed: int, database: SharedDatabase, *, trace: bool = False) -> str:
    """Live through a seed: nothing when all was well, or what was report."""
    database.forget()
    lines: list[str] = []
    try:
        Simulation(seed, database, lines.append if trace else None).run(ACTIONS)
    except Exception:
        return "\n".join([*lines, traceback.format_exc()])
    return "\n".join(lines) if trace else ""


def first_broken(first: int, seeds: int, url: str = "") -> tuple[int, str] | None:
    """The first seed of these that breaks something. `url`: of an empty PostgreSQL database."""
    with closing(SharedDatabase(url)) as database:
        for seed in range(first, first + seeds):
            if report := run(seed, database):
                return seed, report
    return None


def on_postgresql(url: str, asked: argparse.Namespace) -> None:
    """The same in one process, on this database."""
    if asked.seed is not None:
        with closing(SharedDatabase(url)) as database:
            lines = run(asked.seed, database, trace=True)
        print(lines)
        sys.exit("Traceback" in lines)
    began = time.perf_counter()
    if (broken := first_broken(asked.first, asked.seeds, url)) is not None:
        again = f"python -m tests.simulation --store postgresql --seed {broken[0]}"
        sys.exit(f"{broken[1]}\nseed {broken[0]} is broken; to repeat it: {again}")
    print(f"{asked.seeds} seeds in {time.perf_counter() - began:.0f} seconds, and nothing broke")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    if asked.store == "postgresql":
        with running_server() as server, server.database() as url:
            on_postgresql(url, asked)
        return
    if asked.seed is not None:
        with closing(SharedDatabase()) as database:
            lines = run(asked.seed, database, trace=True)
        print(lines)
        sys.exit("Traceback" in lines)
    began = time.perf_counter()
    starts = range(asked.first, asked.first + asked.seeds, _BATCH)
    counts = [min(_BATCH, asked.first + asked.seeds - start) for start in starts]
    with ProcessPoolExecutor(asked.jobs) as pool:
        for broken in pool.map(first_broken, starts, counts):
            if broken is not None:
                seed, report = broken
                print(f"{report}\nseed {seed} is broken; to repeat it: python -m tests.simulation --seed {seed}")
                pool.shutdown(cancel_futures=True)
                sys.exit(1)
    print(f"{asked.seeds} seeds, nothing broken, {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
