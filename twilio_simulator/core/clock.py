"""The simulator's time.

`RealClock` follows the machine, `speed` times as fast. `ManualClock` moves only on request, so that an hour of ringing
takes a millisecond and every run is the same.

The manual clock must know when everything that is due has finished, or a test would look too early. So the engine
starts every task with `Clock.spawn`, and tasks wait only with `Clock.wait`. A task is busy from its start to its end,
except while it waits for time or for a signal; waking it makes it busy again at once. The clock is settled when no task
is busy. A task that waits for the network stays busy, because the response comes in real time. After `stall_timeout`
real seconds without a response the task counts as idle, so that simulated time can reach Twilio's webhook timeouts.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any

DAY = 86_400.0
TICK = 0.0001
"""Seconds. Times closer than this are equal, because sums of decimal fractions are inexact."""
DEFAULT_START = 1_767_614_400.0
"""The start of a manual clock: Monday, 5 January 2026, 12:00 UTC."""


class ClockNotManual(Exception):
    """The operation needs a manual clock."""


class Signal:
    """Something that tasks wait for. Firing wakes the tasks that wait now; later ones do not see it."""

    __slots__ = ("_waits",)

    def __init__(self) -> None:
        self._waits: list[_Wait] = []

    def fire(self) -> None:
        waits, self._waits = self._waits, []
        for wait in waits:
            wait.wake()

    def add(self, wait: _Wait) -> None:
        self._waits.append(wait)

    def discard(self, wait: _Wait) -> None:
        if wait in self._waits:
            self._waits.remove(wait)


class _Wait:
    __slots__ = ("_clock", "counted", "future")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.counted = True
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(self) -> None:
        if not self.future.done():
            self.mark_busy()
            self.future.set_result(None)

    def mark_idle(self) -> None:
        if self.counted and not self.future.done():
            self.counted = False
            self._clock.mark_idle()

    def mark_busy(self) -> None:
        if not self.counted:
            self.counted = True
            self._clock.mark_busy()


class Clock(ABC):
    """Time for the engine. Seconds are simulated, unless a name says `real`."""

    def __init__(self, *, stall_timeout: float = 5.0) -> None:
        self.stall_timeout = stall_timeout
        self._busy = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._watchers: list[asyncio.Future[None]] = []

    @abstractmethod
    def now(self) -> float:
        """Seconds since 1970."""

    async def advance(self, seconds: float) -> None:
        """Let time pass. Returns when everything that became due has finished. Raises `ClockNotManual`."""
        raise ClockNotManual(f"this simulator runs in real time: the clock cannot be advanced by {seconds} s")

    @abstractmethod
    async def run_until(self, condition: Callable[[], bool], *, limit: float = DAY) -> bool:
        """Let time pass until `condition` holds, at most `limit` seconds. Returns whether it holds."""

    def reached(self, moment: float) -> bool:
        """Whether it is this time or later."""
        return self.now() > moment - TICK / 2

    @abstractmethod
    def real_seconds(self, seconds: float) -> float | None:
        """How long simulated seconds take in real time; None for a manual clock."""

    @abstractmethod
    def _set_timer(self, seconds: float, wait: _Wait) -> Callable[[], None]:
        """Wake `wait` after `seconds`. Returns a function that cancels the timer."""

    async def run(self, *, limit: float = DAY) -> None:
        """Let time pass until nothing is scheduled. Raises `ClockNotManual`."""
        raise ClockNotManual(f"this simulator runs in real time: the clock cannot be advanced by up to {limit} s")

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task of the engine. Its exception is raised by the next `settle`, or given to the loop's handler."""
        self.mark_busy()
        task = asyncio.get_running_loop().create_task(self._counted(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before it began has never awaited it.
        task.add_done_callback(lambda _: work.close())

    async def _counted(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._handle_error(error)
        finally:
            self.mark_idle()

    @abstractmethod
    def _handle_error(self, error: Exception) -> None:
        """Handle an unexpected exception of a task."""

    async def sleep(self, seconds: float) -> None:
        await self.wait(seconds)

    async def wait(
        self, seconds: float | None = None, *, signal: Signal | None = None, task: asyncio.Task[Any] | None = None
    ) -> None:
        """Wait for the first of: `seconds`, a signal, the end of a network task. Only for tasks from `spawn`."""
        if seconds is not None and seconds < TICK / 2:
            return
        wait = _Wait(self)
        cancels = [] if seconds is None else [self._set_timer(seconds, wait)]
        if signal is not None:
            signal.add(wait)
        if task is not None:
            task.add_done_callback(lambda _: wait.wake())
            cancels.append(asyncio.get_running_loop().call_later(self.stall_timeout, wait.mark_idle).cancel)
        else:
            wait.mark_idle()
        try:
            await wait.future
        finally:
            wait.mark_busy()  # only needed when the simulator is closed during the wait
            for cancel in cancels:
                cancel()
            if signal is not None:
                signal.discard(wait)

    def notify(self) -> None:
        """Make watchers check their conditions again."""
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)

    async def watch(self, condition: Callable[[], bool], *, real_seconds: float) -> bool:
        """Wait in real time until `condition` holds, without moving a manual clock. Returns whether it holds."""
        deadline = time.monotonic() + real_seconds
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            watcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._watchers.append(watcher)
            await asyncio.wait([watcher], timeout=left)
        return True

    @abstractmethod
    async def settle(self) -> None:
        """Wait until everything that is due now has finished: webhooks answered, documents at their next pause."""

    async def close(self) -> None:
        """End every task of the engine, also those that others begin as they end."""
        while tasks := list(self._tasks):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def mark_busy(self) -> None:
        self._busy += 1

    def mark_idle(self) -> None:
        self._busy -= 1
        if not self._busy:
            self.notify()


class RealClock(Clock):
    """The machine's time, `speed` times as fast."""

    def __init__(self, *, speed: float = 1.0, stall_timeout: float = 5.0) -> None:
        super().__init__(stall_timeout=stall_timeout)
        if speed <= 0:
            raise ValueError("speed must be above 0")
        self.speed = speed
        self._began = time.time()
        self._monotonic = time.monotonic()

    def now(self) -> float:
        return self._began + (time.monotonic() - self._monotonic) * self.speed

    def set_speed(self, speed: float) -> None:
        """Change the speed. Waits that have begun keep the old one."""
        if speed <= 0:
            raise ValueError("speed must be above 0")
        self._began, self._monotonic = self.now(), time.monotonic()
        self.speed = speed

    async def run_until(self, condition: Callable[[], bool], *, limit: float = DAY) -> bool:
        return await self.watch(condition, real_seconds=limit / self.speed)

    def real_seconds(self, seconds: float) -> float | None:
        return seconds / self.speed

    def _set_timer(self, seconds: float, wait: _Wait) -> Callable[[], None]:
        return asyncio.get_running_loop().call_later(seconds / self.speed, wait.wake).cancel

    async def settle(self) -> None:
        """In real time nothing stays settled, so this is one turn of the event loop."""
        await asyncio.sleep(0)

    def _handle_error(self, error: Exception) -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "unhandled exception in the simulator", "exception": error}
        )


class ManualClock(Clock):
    """Time that only `advance`, `run` and `run_until` move, from one due time to the next."""

    def __init__(self, *, start: float = DEFAULT_START, stall_timeout: float = 5.0) -> None:
        super().__init__(stall_timeout=stall_timeout)
        self._start = start
        self._ticks = 0
        self._timers: list[tuple[int, int, _Wait]] = []
        self._numbers = itertools.count()
        self._lock = asyncio.Lock()
        self._errors: list[Exception] = []

    def now(self) -> float:
        return self._start + self._ticks * TICK

    async def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("seconds must not be negative")
        async with self._lock:
            target = self._ticks + round(seconds / TICK)
            await self._move(lambda: False, target)
            self._ticks = max(self._ticks, target)

    async def run(self, *, limit: float = DAY) -> None:
        await self.run_until(lambda: False, limit=limit)

    async def run_until(self, condition: Callable[[], bool], *, limit: float = DAY) -> bool:
        async with self._lock:
            return await self._move(condition, self._ticks + round(limit / TICK))

    def real_seconds(self, seconds: float) -> float | None:  # noqa: ARG002  (a simulated second has no fixed length)
        return None

    async def settle(self) -> None:
        while self._busy:
            await self.watch(lambda: not self._busy, real_seconds=1.0)
        if self._errors:
            raise self._errors.pop()

    def _handle_error(self, error: Exception) -> None:
        self._errors.append(error)

    async def _move(self, condition: Callable[[], bool], target: int) -> bool:
        await self.settle()
        while not condition():
            while self._timers and self._timers[0][2].future.done():
                heapq.heappop(self._timers)
            if not self._timers or self._timers[0][0] > target:
                return False
            due, _, wait = heapq.heappop(self._timers)
            self._ticks = max(self._ticks, due)
            wait.wake()
            await self.settle()
        return True

    def _set_timer(self, seconds: float, wait: _Wait) -> Callable[[], None]:
        heapq.heappush(self._timers, (self._ticks + round(seconds / TICK), next(self._numbers), wait))
        return lambda: None  # `_move` drops the timer of a finished wait
