"""The simulator's time: manual, or real with a speed."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from twilio_simulator.core.clock import Clock, ClockNotManual, ManualClock, RealClock, Signal


class Recorder:
    """Records events and their times."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.began = clock.now()
        self.lines: list[tuple[str, float]] = []

    def note(self, what: str) -> None:
        self.lines.append((what, round(self.clock.now() - self.began, 3)))

    async def later(self, what: str, seconds: float) -> None:
        await self.clock.sleep(seconds)
        self.note(what)


async def test_a_manual_clock_moves_only_on_request() -> None:
    clock = ManualClock()
    recorder = Recorder(clock)
    clock.spawn(recorder.later("bell", 3))
    await asyncio.sleep(0.01)
    assert recorder.lines == []
    await clock.advance(3)
    assert recorder.lines == [("bell", 3)]


async def test_advance_stops_before_what_is_due_later() -> None:
    clock = ManualClock()
    recorder = Recorder(clock)
    clock.spawn(recorder.later("bell", 3))
    await clock.advance(2.9)
    assert recorder.lines == []
    assert clock.now() - recorder.began == pytest.approx(2.9)


async def test_things_happen_in_the_order_in_which_they_are_due() -> None:
    clock = ManualClock()
    recorder = Recorder(clock)
    for what, seconds in (("third", 5), ("first", 1), ("second", 2)):
        clock.spawn(recorder.later(what, seconds))
    await clock.advance(10)
    assert recorder.lines == [("first", 1), ("second", 2), ("third", 5)]


async def test_advance_also_waits_for_what_the_due_things_cause() -> None:
    clock = ManualClock()
    recorder = Recorder(clock)

    async def chain() -> None:
        await clock.sleep(1)
        clock.spawn(recorder.later("child", 1))

    clock.spawn(chain())
    await clock.advance(5)
    assert recorder.lines == [("child", 2)]


async def test_run_continues_until_nothing_is_scheduled() -> None:
    clock = ManualClock()
    recorder = Recorder(clock)
    clock.spawn(recorder.later("an hour", 3600))
    await clock.run()
    assert recorder.lines == [("an hour", 3600)]


async def test_run_until_stops_as_soon_as_the_condition_holds() -> None:
    clock = ManualClock()
    recorder = Recorder(clock)
    for seconds in (1, 2, 3):
        clock.spawn(recorder.later("bell", seconds))
    assert await clock.run_until(lambda: len(recorder.lines) == 2)
    assert len(recorder.lines) == 2


async def test_run_until_says_when_the_limit_came_first() -> None:
    clock = ManualClock()
    clock.spawn(Recorder(clock).later("bell", 100))
    assert not await clock.run_until(lambda: False, limit=50)


async def test_settle_waits_for_the_network() -> None:
    clock = ManualClock()
    recorder = Recorder(clock)

    async def answer() -> str:
        await asyncio.sleep(0.02)
        return "pong"

    async def ask() -> None:
        task = asyncio.get_running_loop().create_task(answer())
        await clock.wait(15, task=task)
        recorder.note(task.result())

    clock.spawn(ask())
    await clock.settle()
    assert recorder.lines == [("pong", 0)]


async def test_a_manual_clock_can_pass_the_time_of_a_stalled_network_task() -> None:
    clock = ManualClock(stall_timeout=0.01)
    recorder = Recorder(clock)

    async def ask() -> None:
        task = asyncio.get_running_loop().create_task(asyncio.sleep(60))
        await clock.wait(15, task=task)
        recorder.note("too late")
        task.cancel()

    clock.spawn(ask())
    await clock.advance(20)
    assert recorder.lines == [("too late", 15)]


async def test_a_signal_ends_a_wait_before_its_time() -> None:
    clock, signal = ManualClock(), Signal()
    recorder = Recorder(clock)

    async def waiting() -> None:
        await clock.wait(10, signal=signal)
        recorder.note("woken")

    clock.spawn(waiting())
    await clock.settle()
    signal.fire()
    await clock.settle()
    assert recorder.lines == [("woken", 0)]


async def test_a_crash_in_the_engine_comes_out_at_settle() -> None:
    clock = ManualClock()

    async def crash() -> None:
        raise ZeroDivisionError

    clock.spawn(crash())
    with pytest.raises(ZeroDivisionError):
        await clock.settle()


async def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="negative"):
        await ManualClock().advance(-1)


async def test_real_time_runs_as_fast_as_its_speed() -> None:
    clock = RealClock(speed=1000)
    recorder = Recorder(clock)
    clock.spawn(recorder.later("bell", 10))
    assert await clock.run_until(lambda: bool(recorder.lines), limit=1000) or recorder.lines
    assert 10 <= recorder.lines[0][1] < 500


async def test_a_real_clock_cannot_be_advanced() -> None:
    with pytest.raises(ClockNotManual):
        await RealClock().advance(1)
    with pytest.raises(ClockNotManual):
        await RealClock().run()


def test_a_speed_must_be_above_zero() -> None:
    with pytest.raises(ValueError, match="speed"):
        RealClock(speed=0)


async def test_closing_ends_everything_that_waits() -> None:
    clock = ManualClock()
    recorder = Recorder(clock)
    clock.spawn(recorder.later("never", 5))
    await clock.settle()
    await clock.close()
    await clock.advance(10)
    assert recorder.lines == []


async def test_closing_ends_what_begins_as_another_task_ends() -> None:
    clock = ManualClock()
    others = asyncio.all_tasks()

    async def call() -> None:
        try:
            await clock.sleep(5)
        finally:
            clock.spawn(clock.sleep(7))  # as a call that ends sends its last callback

    clock.spawn(call())
    await clock.settle()
    await clock.close()
    assert asyncio.all_tasks() == others


async def test_closing_ends_what_has_not_begun() -> None:
    clock = ManualClock()
    work = clock.sleep(5)
    clock.spawn(work)
    await clock.close()
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED
