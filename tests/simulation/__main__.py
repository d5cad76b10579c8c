"""The seeded simulation of the rules.

    python -m tests.simulation --seeds 10000 --first 0
    python -m tests.simulation --seed 4711            one seed again, with its story

Prints the first seed that breaks something, and the command that repeats it; exit 1.
"""

import argparse
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.actions import DEEDS
from tests.simulation.run import Life
from tests.simulation.store import World

_BATCH = 500


def run(seed: int, world: World, *, story: bool = False) -> str:
    """Live through a seed: nothing when all was well, or what was wrong."""
    world.forget()
    told: list[str] = []
    try:
        Life(seed, world, told.append if story else None).live(DEEDS)
    except Exception:
        return "\n".join([*told, traceback.format_exc()])
    return "\n".join(told) if story else ""


def first_broken(first: int, seeds: int) -> tuple[int, str] | None:
    """The first seed of these that breaks something."""
    world = World()
    for seed in range(first, first + seeds):
        if wrong := run(seed, world):
            return seed, wrong
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    asked = parser.parse_args()
    if asked.seed is not None:
        told = run(asked.seed, World(), story=True)
        print(told)
        sys.exit("Traceback" in told)
    began = time.perf_counter()
    starts = range(asked.first, asked.first + asked.seeds, _BATCH)
    counts = [min(_BATCH, asked.first + asked.seeds - start) for start in starts]
    with ProcessPoolExecutor(asked.jobs) as pool:
        for found in pool.map(first_broken, starts, counts):
            if found is not None:
                seed, wrong = found
                print(f"{wrong}\nseed {seed} is broken; to repeat it: python -m tests.simulation --seed {seed}")
                pool.shutdown(cancel_futures=True)
                sys.exit(1)
    print(f"{asked.seeds} seeds, nothing broken, {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
