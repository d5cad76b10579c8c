"""How long a check takes for a wrong, an expired, an ended, a paused and an unknown verification; and how long a start
and the page after it take for the kinds of people of whom the public must not learn which is which.

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

from msgspec.structs import replace
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support.account_cases import POLICY, enroll_cases
from tests.support.app import RunningApp, running_app
from tests.support.asgi_client import Browser
from tests.support.records import wrong
from tests.support.verifier import VerifierSetup, open_verifier
from verification.counters.rules import ANSWER_SCOPES, TRUSTED_BROWSER_SCOPES, Limit
from verification.errors import VerificationError
from verification.policy import Policy
from verification.types import Scope as Who
from webhooks.context import time_padded_check
from webhooks.routes import PATHS

KINDS = ("wrong", "expired", "ended", "unknown")
WITHOUT_LIMITS = Policy(limits=(), repeat_spacing=(), max_checks=5)
PLENTY = (Limit(count=1_000_000, seconds=86400),)
UNLIMITED = TRUSTED_BROWSER_SCOPES | ANSWER_SCOPES
TIMED = replace(POLICY, limits=tuple((scope, PLENTY) for scope in Who if scope not in UNLIMITED))
NUMBERS = [f"+1415555{n:04}" for n in range(100, 200)]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two kinds of checks: how far their medians lie apart, in seconds, and how likely that much is by chance."""

    one: str
    other: str
    apart: float
    chance: float


async def measure(setup: VerifierSetup, samples: int) -> dict[str, list[float]]:
    """The seconds that each kind of check took."""
    taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
    order, chance = [*KINDS], Random(1)
    for sample in range(samples):
        number = NUMBERS[sample % len(NUMBERS)]
        expired = await _texted(setup, f"expired {sample}", number)
        setup.clock.advance(setup.verifier.policy.code_lifetime + 1)
        ended = await _texted(setup, f"ended {sample}", number)
        await setup.verifier.cancel(ended[0])
        unknown = (f"VE{sample:032}", "123456")
        wrong_one = await _texted(setup, f"wrong {sample}", number)
        prepared = dict(zip(KINDS, (wrong_one, expired, ended, unknown), strict=True))
        chance.shuffle(order)
        for kind in order:
            began = time.perf_counter()
            with suppress(VerificationError):
                await time_padded_check(setup.verifier.check(*prepared[kind]), setup.randomness)
            taken[kind].append(time.perf_counter() - began)
    return taken


@dataclass(slots=True)
class Stopwatch:
    """The application, timed from the request to the last byte of its answer; what follows does not count."""

    app: ASGIApp
    taken: float = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                self.taken = time.perf_counter() - began
            await send(message)

        await self.app(scope, receive, timed)


async def measure_people(running: RunningApp, samples: int) -> dict[str, list[float]]:
    """The seconds of a start and of the page after it, for each kind of people."""
    kinds = await enroll_cases(running)
    taken: dict[str, list[float]] = {f"{kind}, {what}": [] for what in ("start", "page") for kind in kinds}
    order, chance = list(kinds), Random(1)
    for _ in range(samples):
        running.clock.advance(200)
        chance.shuffle(order)
        for kind in order:
            watch = Stopwatch(running.app)
            browser = Browser(watch)
            await browser.post(PATHS["start"], {"username": kinds[kind], "channel": "call"})
            taken[f"{kind}, start"].append(watch.taken)
            await browser.get(PATHS["page"])
            taken[f"{kind}, page"].append(watch.taken)
    return taken


def compared_people(taken: dict[str, list[float]]) -> list[Compared]:
    """Everybody with the real one, starts and pages apart."""
    return [
        Compared(one, other, abs(median(taken[one]) - median(taken[other])), rank_test(taken[one], taken[other]))
        for what in ("start", "page")
        for one in (f"real, {what}",)
        for other in taken
        if other.endswith(what) and other != one
    ]


async def _texted(setup: VerifierSetup, username: str, number: str) -> tuple[str, str]:
    """A verification and a code that is not its own."""
    sid, code = await setup.texted_code(username=username, number=number)
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


async def _checks(folder: Path, samples: int) -> bool:
    async with open_verifier(folder / "codes.db") as setup:
        setup.use_policy(WITHOUT_LIMITS)
        taken = await measure(setup, samples)
    return _reported(taken, compared(taken))


async def _people(folder: Path, samples: int) -> bool:
    async with running_app(folder / "house.db", policy=TIMED, accounts=True) as running:
        running.provider.meanwhile = _slowly
        taken = await measure_people(running, samples)
    return _reported(taken, compared_people(taken))


async def _slowly(_: str) -> None:
    """Twilio takes its time, after the answer."""
    await asyncio.sleep(0.01)


def _reported(taken: dict[str, list[float]], found: list[Compared]) -> bool:
    for kind, seconds in taken.items():
        print(f"{kind:22} median {median(seconds) * 1e3:7.3f} ms of {len(seconds)}")
    for pair in found:
        print(f"{pair.one:12} {pair.other:22} {pair.apart * 1e3:7.3f} ms apart, by chance {pair.chance:.4f}")
    # The bound of each is divided by how many are compared (Bonferroni): a dozen pairs are not to fail by chance.
    return all(pair.apart < 0.005 and pair.chance > 0.001 / len(found) for pair in found)


async def _report(samples: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return all([await _checks(Path(folder), samples), await _people(Path(folder), samples)])


if __name__ == "__main__":
    sys.exit(not asyncio.run(_report(int(sys.argv[1]) if len(sys.argv) > 1 else 500)))
