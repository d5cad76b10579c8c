"""How long a check takes for a wrong, an expired, an ended, a paused and an unknown verification.

A report for `make timing`, and a short form of it for the tests. The samples are interleaved, so that a busy moment
strikes all of them alike; the rank test is that of Mann and Whitney, without any assumption about the shape of noise.
"""

import asyncio
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from math import erf, sqrt
from pathlib import Path
from random import Random
from statistics import median

from tests.cases import wrong
from tests.home import Home, open_home
from verification.errors import Refused
from verification.policy import Policy
from webhooks.even import evenly

KINDS = ("wrong", "expired", "ended", "unknown")
WITHOUT_LIMITS = Policy(limits=(), repeat_spacing=(), max_checks=5)
NUMBERS = [f"+1415555{n:04}" for n in range(100, 200)]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two kinds of checks: how far their medians lie apart, in seconds, and how likely that much is by chance."""

    one: str
    other: str
    apart: float
    chance: float


async def measure(home: Home, samples: int) -> dict[str, list[float]]:
    """The seconds that each kind of check took."""
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    order, chance = [*KINDS], Random(1)
    for sample in range(samples):
        number = NUMBERS[sample % len(NUMBERS)]
        expired = await _texted(home, f"expired {sample}", number)
        home.clock.advance(home.service.policy.code_lifetime + 1)
        ended = await _texted(home, f"ended {sample}", number)
        await home.service.cancel(ended[0])
        unknown = (f"VE{sample:032}", "123456")
        wrong_one = await _texted(home, f"wrong {sample}", number)
        prepared = dict(zip(KINDS, (wrong_one, expired, ended, unknown), strict=True))
        chance.shuffle(order)
        for kind in order:
            began = time.perf_counter()
            with suppress(Refused):
                await evenly(home.service.check(*prepared[kind]), home.randomness)
            taken[kind].append(time.perf_counter() - began)
    return taken


async def _texted(home: Home, username: str, number: str) -> tuple[str, str]:
    """A verification and a code that is not its own."""
    sid, code = await home.texted_code(username=username, number=number)
    return sid, wrong(code)


def compared(taken: dict[str, list[float]]) -> list[Compared]:
    """Every pair of kinds."""
    return [
        Compared(one, other, abs(median(taken[one]) - median(taken[other])), rank_test(taken[one], taken[other]))
        for one, other in combinations(KINDS, 2)
    ]


def rank_test(one: list[float], other: list[float]) -> float:
    """How likely two such samples are when neither kind takes longer (Mann and Whitney, two-sided, large samples)."""
    ranked = sorted([(value, 0) for value in one] + [(value, 1) for value in other])
    ranks = sum(place for place, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(one), len(other)
    above = ranks - n * (n + 1) / 2
    z = abs(above - n * m / 2) / sqrt(n * m * (n + m + 1) / 12)
    return 1 - erf(z / sqrt(2))


async def _report(samples: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        async with open_home(Path(folder) / "codes.db") as home:
            home.under(WITHOUT_LIMITS)
            taken = await measure(home, samples)
    for kind, seconds in taken.items():
        print(f"{kind:8} median {median(seconds) * 1e3:7.3f} ms of {len(seconds)}")
    found = compared(taken)
    for pair in found:
        print(f"{pair.one:8} {pair.other:8} {pair.apart * 1e3:7.3f} ms apart, by chance {pair.chance:.4f}")
    return all(pair.apart < 0.005 and pair.chance > 0.001 for pair in found)


if __name__ == "__main__":
    sys.exit(not asyncio.run(_report(int(sys.argv[1]) if len(sys.argv) > 1 else 500)))
