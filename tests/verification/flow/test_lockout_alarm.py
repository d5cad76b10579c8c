"""Guessing that is spread over many accounts: the share of wrong codes of a service, told once, and slowed down."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.records import wrong
from tests.support.verifier import Home, open_home
from verification.counters.rules import LimitKey
from verification.errors import ChecksPaused
from verification.models import BUILT_IN_SERVICE
from verification.policy import DEFAULT_POLICY
from verification.ports import ByVerification
from verification.types import Scope

FREE = replace(DEFAULT_POLICY, repeat_spacing=())


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "table.db") as opened:
        opened.under(FREE)
        yield opened


async def guess(home: Home, n: int, *, right: bool = False) -> bool:
    """A code of somebody else's, from nowhere in particular; whether it was compared."""
    sid, code = await home.texted_code(username=f"user {n}", number=f"+1415555{n:04}")
    with suppress(ChecksPaused):
        await home.verifier.check(sid, code if right else wrong(code))
        return True
    return False


def alarms(home: Home) -> list[str]:
    """What the operator was told."""
    with sqlite3.connect(home.path) as file:
        return [detail for (detail,) in file.execute("SELECT detail FROM events WHERE kind = 'alert' ORDER BY id")]


async def test_guessing_over_many_accounts_raises_one_alarm_and_is_slowed(home: Home) -> None:
    """2.5 Guessing spread over many accounts: an alert event, and the slow-down."""
    for n in range(200):
        assert await guess(home, n), "the first wrong code of an account is compared"
    assert alarms(home) == ["wrong codes of the service 50/100%/10m: 50"]
    assert not await guess(home, 7), "its second one waits"
    home.clock.advance(30)
    assert await guess(home, 7)
    assert await guess(home, 500, right=True), "whoever types theirs right notices nothing"


async def test_honest_traffic_raises_none(home: Home) -> None:
    """2.5 Honest traffic at the normal success ratio does not raise it."""
    for n in range(240):
        assert await guess(home, n, right=n % 4 != 0)
    assert alarms(home) == []
    assert await guess(home, 4)


async def test_the_alarm_ends_with_its_window_and_may_be_raised_again(home: Home) -> None:
    for begin in (0, 1000):
        for n in range(60):
            assert await guess(home, begin + n)
        home.clock.advance(620)
        assert await guess(home, begin + 1)
    assert len(alarms(home)) == 2


async def test_a_failed_attempt_is_committed_before_anybody_learns_of_it(home: Home) -> None:
    """2.3 A failed request still counts: whoever asked is gone before the verdict, and another worker knows of it."""
    sid, code = await home.texted_code()
    gone = asyncio.create_task(home.verifier.check(sid, wrong(code)))
    await asyncio.sleep(0)
    gone.cancel()
    await home.open()
    while not (state := await home.verifier.store.read(ByVerification(sid))).verification.checks:  # type: ignore[union-attr]  # it is there
        await asyncio.sleep(0.01)
    (counted,) = state.counts.of(LimitKey(Scope.ACCOUNT, f"{BUILT_IN_SERVICE} ada"))
    assert counted.failures.count == 1
    assert not (await home.verifier.check(sid, code)).valid
