"""The simulator's time.

Two kinds. `RealClock` follows the machine, `speed` times as fast. `ToldClock` stands still until it is told to move,
which makes an hour of ringing cost a millisecond and every run alike.

The told clock must know when everything that is due has been done, or a test would look too early. So every task of the
engine is started with `Clock.spawn` and waits only with `Clock.wait`: a task counts as busy from its start to its end,
except while it waits for time or for a signal. Whoever wakes a task counts it as busy again in the same breath. No busy
task left: settled. A task that waits for the network stays busy, because the answer comes in real time. When it has not
come after `patience` real seconds, the task counts as waiting, so that the told time can run into the limits that
Twilio puts on slow webhooks.
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
"""Seconds. Moments that are closer than this are the same moment: sums of decimal fractions are never quite exact."""
MONDAY_NOON = 1_767_614_400.0
"""Where a told clock begins unless told otherwise: Monday, 5 January 2026, 12:00 UTC."""


class ClockNotManual(Exception):
    """Somebody told a real clock to move."""


class Signal:
    """Something that tasks of the engine wait for. Firing wakes all who wait now; it is not remembered."""

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
            self.count()
            self.future.set_result(None)

    def rest(self) -> None:
        if self.counted and not self.future.done():
            self.counted = False
            self._clock.mark_idle()

    def count(self) -> None:
        if not self.counted:
            self.counted = True
            self._clock.mark_busy()


class Clock(ABC):
    """Time for the engine. All seconds are the simulator's unless a name says `real`."""

    def __init__(self, *, stall_timeout: float = 5.0) -> None:
        self.stall_timeout = stall_timeout
        self._busy = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._watchers: list[asyncio.Future[None]] = []

    @abstractmethod
    def now(self) -> float:
        """Seconds since 1970."""

    async def advance(self, seconds: float) -> None:
        """Let so much time pass and return when all that became due has been done. Raises `ClockNotTold`."""
        raise ClockNotManual(f"this simulator runs in real time: the clock cannot be advanced by {seconds} s")

    @abstractmethod
    async def run_until(self, condition: Callable[[], bool], *, limit: float = DAY) -> bool:
        """Let time pass until `condition` holds or `limit` seconds are over; says whether it holds."""

    def reached(self, moment: float) -> bool:
        """Whether it is this moment, or later."""
        return self.now() > moment - TICK / 2

    @abstractmethod
    def real_seconds(self, seconds: float) -> float | None:
        """How long the machine takes for so many seconds; None when only telling moves the time."""

    @abstractmethod
    def _set_timer(self, seconds: float, wait: _Wait) -> Callable[[], None]:
        """Wake `wait` after so many seconds; the answer undoes it."""

    async def run(self, *, limit: float = DAY) -> None:
        """Let time pass until nothing is scheduled any more. Raises `ClockNotTold`."""
        raise ClockNotManual(f"this simulator runs in real time: the clock cannot be advanced by up to {limit} s")

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start a task of the engine. What it raises comes out of the next `settle`, or of the loop."""
        self.mark_busy()
        task = asyncio.get_running_loop().create_task(self._counted(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _counted(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as crash:
            self._crashed(crash)
        finally:
            self.mark_idle()

    @abstractmethod
    def _crashed(self, crash: Exception) -> None:
        """A task of the engine raised something that it should not have."""

    async def sleep(self, seconds: float) -> None:
        await self.wait(seconds)

    async def wait(
        self, seconds: float | None = None, *, signal: Signal | None = None, task: asyncio.Task[Any] | None = None
    ) -> None:
        """Wait for the first of: so many seconds, a signal, the end of a task that talks to the network.

        Only for tasks made with `spawn`. Does not say what happened: look at the state that you wait for.
        """
        if seconds is not None and seconds < TICK / 2:
            return
        wait = _Wait(self)
        undo = [] if seconds is None else [self._set_timer(seconds, wait)]
        if signal is not None:
            signal.add(wait)
        if task is not None:
            task.add_done_callback(lambda _: wait.wake())
            undo.append(asyncio.get_running_loop().call_later(self.stall_timeout, wait.rest).cancel)
        else:
            wait.rest()
        try:
            await wait.future
        finally:
            wait.count()  # matters only when the simulator is closed while somebody waits
            for step in undo:
                step()
            if signal is not None:
                signal.discard(wait)

    def notify(self) -> None:
        """Something changed: those who watch for a condition look again."""
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)

    async def watch(self, condition: Callable[[], bool], *, real_seconds: float) -> bool:
        """Wait, in real time and without moving a told clock, until `condition` holds; says whether it does."""
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
        """Wait until everything that is due now has been done: webhooks answered, documents at their next pause."""

    async def close(self) -> None:
        """End every task of the engine."""
        tasks = list(self._tasks)
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
        """Go on at another speed. Whoever waits already still waits at the old one."""
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
        """In real time nothing is ever settled for long; one turn of the loop is what can be promised."""
        await asyncio.sleep(0)

    def _crashed(self, crash: Exception) -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "unhandled exception in the simulator", "exception": crash}
        )


class ManualClock(Clock):
    """Stands still until `advance`, `run` or `run_until` moves it from one due moment to the next."""

    def __init__(self, *, start: float = MONDAY_NOON, stall_timeout: float = 5.0) -> None:
        super().__init__(stall_timeout=stall_timeout)
        self._start = start
        self._ticks = 0
        self._timers: list[tuple[int, int, _Wait]] = []
        self._numbers = itertools.count()
        self._lock = asyncio.Lock()
        self._crashes: list[Exception] = []

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

    def real_seconds(self, seconds: float) -> float | None:  # noqa: ARG002  (a told second takes as long as it takes)
        return None

    async def settle(self) -> None:
        while self._busy:
            await self.watch(lambda: not self._busy, real_seconds=1.0)
        if self._crashes:
            raise self._crashes.pop()

    def _crashed(self, crash: Exception) -> None:
        self._crashes.append(crash)

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
        return lambda: None  # a timer whose wait is over is dropped when its turn comes
