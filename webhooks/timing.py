"""Checks that fail take the same time, whatever they fail for; and so does all that the public asks about accounts.

The rules do the same work for a wrong, an expired, an ended and an unknown verification. What is left, a row more or
less, is a tenth of a millisecond, which five hundred samples show. So an answer that is no "yes" waits for the next
full step of time, and for a moment by chance, in which the last microseconds drown.
"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from verification.errors import VerificationError
from verification.flow.check import CheckResult
from verification.ports import Randomness

T = TypeVar("T")

#: Seconds. Above what a check takes on an ordinary disk; nobody who mistyped a code notices.
STEP = 0.025
JITTER = 0.001
#: An event loop's timer counts whole milliseconds from when it is set, which would tell when that was.
TIMER_RESOLUTION = 0.0015


async def time_padded(check: Awaitable[CheckResult], randomness: Randomness, *, step: float = STEP) -> CheckResult:
    """The check's verdict; a failure, or what it raises, only at a full step after its beginning."""
    began = loop_time()
    try:
        checked = await check
    except VerificationError:
        await _pad(began, randomness, step)
        raise
    if not checked.valid:
        await _pad(began, randomness, step)
    return checked


def loop_time() -> float:
    """Now, as steps are counted from it."""
    return asyncio.get_running_loop().time()


async def always_time_padded(work: Awaitable[T], randomness: Randomness, *, since: float, step: float = STEP) -> T:
    """What the work comes to, good or bad, only at a full step after `since`, when the request came."""
    try:
        return await work
    finally:
        await _pad(since, randomness, step)


async def _pad(began: float, randomness: Randomness, step: float) -> None:
    loop = asyncio.get_running_loop()
    moment = JITTER * int.from_bytes(randomness(2), "big") / 2**16
    now = loop.time()
    until = now + (began - now) % step + moment
    await asyncio.sleep(until - now - TIMER_RESOLUTION)
    while loop.time() < until:
        await asyncio.sleep(0)  # others run meanwhile
