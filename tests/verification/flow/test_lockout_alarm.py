"""Guessing that is spread over many accounts: a service's share of failed checks raises one alarm and slows it down."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.engine import another_program
from tests.support.records import wrong
from tests.support.verifier import VerifierSetup, open_verifier
from verification.counters.counter import LimitKey
from verification.errors import ChecksPaused
from verification.models import BUILT_IN_SERVICE
from verification.policy import DEFAULT_POLICY
from verification.ports import ByVerification
from verification.types import Scope

FREE = replace(DEFAULT_POLICY, repeat_spacing=())


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[VerifierSetup]:
    async with open_verifier(tmp_path / "codes.db") as opened:
        opened.use_policy(FREE)
        yield opened


async def guess(setup: VerifierSetup, n: int, *, right: bool = False) -> bool:
    """One check for another account, from a source of its own; whether it was compared."""
    sid, code = await setup.texted_code(username=f"user {n}", number=f"+1415555{n:04}")
    with suppress(ChecksPaused):
        await setup.verifier.check(sid, code if right else wrong(code))
        return True
    return False


def alarms(setup: VerifierSetup) -> list[str]:
    """The alerts to the operator."""
    with another_program(setup.path) as file:
        return [detail for (detail,) in file.execute("SELECT detail FROM events WHERE kind = 'alert' ORDER BY id")]


async def test_guessing_over_many_accounts_raises_one_alarm_and_is_slowed(setup: VerifierSetup) -> None:
    """2.5 Guessing spread over many accounts: an alert event, and the slow-down."""
    for n in range(200):
        assert await guess(setup, n), "the first wrong code of an account is compared"
    assert alarms(setup) == ["wrong codes of the service 50/100%/10m: 50"]
    assert not await guess(setup, 7), "its second one waits"
    setup.clock.advance(30)
    assert await guess(setup, 7)
    assert await guess(setup, 500, right=True), "a right code is not affected"


async def test_legitimate_traffic_raises_no_alarm(setup: VerifierSetup) -> None:
    """2.5 Honest traffic at the normal success ratio does not raise it."""
    for n in range(240):
        assert await guess(setup, n, right=n % 4 != 0)
    assert alarms(setup) == []
    assert await guess(setup, 4)


async def test_the_alarm_ends_with_its_window_and_may_be_raised_again(setup: VerifierSetup) -> None:
    for begin in (0, 1000):
        for n in range(60):
            assert await guess(setup, begin + n)
        setup.clock.advance(620)
        assert await guess(setup, begin + 1)
    assert len(alarms(setup)) == 2


async def test_a_failed_check_is_committed_before_its_answer(setup: VerifierSetup) -> None:
    """2.3 A failed request still counts: the client is gone before the answer, and another worker sees the count."""
    sid, code = await setup.texted_code()
    gone = asyncio.create_task(setup.verifier.check(sid, wrong(code)))
    await asyncio.sleep(0)
    gone.cancel()
    await setup.open()
    while not (state := await setup.verifier.store.read(ByVerification(sid))).verification.checks:  # type: ignore[union-attr]  # it is there
        await asyncio.sleep(0.01)
    (counted,) = state.counters.of(LimitKey(Scope.ACCOUNT, f"{BUILT_IN_SERVICE} ada"))
    assert counted.failures.count == 1
    assert not (await setup.verifier.check(sid, code)).valid
