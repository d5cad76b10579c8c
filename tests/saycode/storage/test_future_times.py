"""A clock that was ahead and is set right leaves no limit shut, and no code alive."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlite_utils import Database

from saycode.storage.counters import cut_future_times
from saycode.storage.sqlite.migrations import migrate
from saycode.testing import build_verifier
from tests.support import engine
from tests.support.engine import open_store
from tests.support.fakes import ManualClock, RecordingProvider, SeededRandomness
from tests.support.records import NUMBER, SECRET
from verification.counters.counter import Counter, Failures
from verification.counters.rules import Budget, Limit
from verification.errors import LimitReached, NumberPaused
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE
from verification.policy import DEFAULT_POLICY, SIGN_IN
from verification.ports import ByVerification
from verification.types import Channel, Scope, VerificationStatus
from verification.values.phone_numbers import parse
from verification.verifier import Verifier

DAY = 86_400
AHEAD, NOW = 1_800_000_000.0 + 40 * DAY, 1_800_000_000.0
POLICY = replace(
    DEFAULT_POLICY,
    repeat_spacing=(30,),
    limits=(
        (Scope.NUMBER, (Limit(count=2, seconds=600),)),
        (Scope.COUNTRY, (Budget(count=1, percent=0, seconds=3600),)),
        (Scope.TOTAL, (Limit(count=70, seconds=3600),)),
    ),
)


@asynccontextmanager
async def at(path: Path, now: float, provider: RecordingProvider, *, start: bool = True) -> AsyncIterator[Verifier]:
    """A process whose clock says `now`. Not `start`: it was running before."""
    async with open_store(path / "codes.db", secrets=(SECRET,), clock=(lambda: now) if start else None) as store:
        yield build_verifier(
            store,
            provider=provider,
            clock=ManualClock(now),
            randomness=SeededRandomness(int(now) % 1000 + start),
            policy=POLICY,
            secrets=(SECRET,),
        )


async def start(verifier: Verifier, number: str = NUMBER.e164) -> str:
    request = StartRequest(
        username=number,
        number=parse(number),
        channel=Channel.SMS,
        action=SIGN_IN,
        language="en-US",
        service=BUILT_IN_SERVICE,
    )
    return (await verifier.start(request)).verification.sid


@pytest.mark.parametrize("restarted", [True, False])
async def test_a_code_of_a_clock_that_was_ahead_is_over(tmp_path: Path, restarted: bool) -> None:
    """9.3 The clock jumps: no code lives longer than its life."""
    provider = RecordingProvider()
    async with at(tmp_path, AHEAD, provider) as ahead:
        sid = await start(ahead)
    async with at(tmp_path, NOW, provider, start=restarted) as right:
        assert not (await right.check(sid, provider.texts[-1].code)).valid
        verification = (await right.get(ByVerification(sid))).verification
        assert verification is not None
        assert verification.status is VerificationStatus.EXPIRED


async def test_a_process_that_starts_ends_no_code_of_one_that_runs_and_whose_clock_is_a_little_ahead(
    tmp_path: Path,
) -> None:
    """Clocks of nodes differ, and a start takes its time: its own clock is read once the database is open."""
    provider = RecordingProvider()

    def clock() -> float:
        assert "verifications" in engine.all_rows(tmp_path / "codes.db")
        return NOW

    async with at(tmp_path, NOW + 20, provider) as running:
        sid = await start(running)
        await open_store(tmp_path / "codes.db", secrets=(SECRET,), clock=clock).close()
        assert (await running.check(sid, provider.texts[-1].code)).valid


@pytest.mark.parametrize("restarted", [True, False])
async def test_a_limit_of_a_clock_that_was_ahead_waits_for_its_window_at_most(tmp_path: Path, restarted: bool) -> None:
    """9.3 The clock jumps: a country is not shut for forty days."""
    provider = RecordingProvider()
    async with at(tmp_path, AHEAD, provider) as ahead:
        await ahead.cancel(await start(ahead))
        with pytest.raises(LimitReached):
            await start(ahead)
    async with at(tmp_path, NOW, provider, start=restarted) as right:
        with pytest.raises(LimitReached) as refused:
            await start(right)
        assert refused.value.wait <= 3600
    if restarted:
        async with at(tmp_path, NOW + 3661, provider) as later:
            await start(later)


async def test_a_report_of_a_clock_that_was_ahead_pauses_an_hour_at_most(tmp_path: Path) -> None:
    provider = RecordingProvider()
    async with at(tmp_path, AHEAD, provider) as ahead:
        await start(ahead)
        await ahead.handle_text(NUMBER, "not me")
    async with at(tmp_path, NOW, provider) as right:
        with pytest.raises(NumberPaused) as refused:
            await start(right)
        assert refused.value.wait <= 3600
    async with at(tmp_path, NOW + 7300, provider) as later:
        await start(later)


def test_everything_in_a_counter_is_cut() -> None:
    counter = Counter()
    for later in (0, 100, 400):
        counter.add_send(NOW + later, 9)
        counter.add_distinct(f"{later}", NOW + later)
        counter.add_to_windows((600,), NOW + later, 2, 1)
    counter.set_failures(Failures(3, NOW + 400))
    counter.cut(NOW + 50)
    assert counter.sends == [NOW, NOW + 50, NOW + 50]
    assert max(counter.distinct.values()) == NOW + 50
    assert counter.failures == Failures(3, NOW + 50)
    total = counter.window_total(600, NOW + 50)
    assert (total.made, total.settled) == (6, 3)
    assert counter.window_total(600, NOW + 661).made == 0


def test_what_waits_is_due_within_its_longest_wait(tmp_path: Path) -> None:
    """9.3 A notice, a message and a report of a clock that was ahead do not wait for forty days."""
    conn = sqlite3.connect(tmp_path / "waiting.db", isolation_level=None)
    migrate(Database(conn))
    conn.execute("INSERT INTO notices VALUES (1, 'NT1', ?, x'', ?, 1, ?)", (AHEAD, AHEAD + 60, AHEAD))
    conn.execute("INSERT INTO event_targets VALUES (1, 'ET1', '', x'', ?)", (AHEAD,))
    conn.execute(
        "INSERT INTO outbox (id, target_id, message_id, tries, next_at, body) VALUES (1, 1, '', 1, ?, x'')", (AHEAD,)
    )
    conn.execute("INSERT INTO pauses VALUES (x'01', ?)", (AHEAD,))
    cut_future_times(conn, lambda: NOW)
    assert conn.execute("SELECT at, next_at FROM notices").fetchall() == [(NOW, NOW)]
    assert conn.execute("SELECT next_at FROM outbox").fetchall() == [(NOW,)]
    assert conn.execute("SELECT until FROM pauses").fetchall() == [(NOW + 3600,)]
    conn.close()
