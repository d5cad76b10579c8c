"""Guesses that are spread over many accounts, so that no account notices: the service does."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.engine import another_program
from tests.support.records import wrong
from tests.support.verifier import VerifierSetup, open_verifier
from verification.errors import ChecksPaused
from verification.models import EventKind
from verification.policy import DEFAULT_POLICY, FAILURE_ALARM

POLICY = replace(DEFAULT_POLICY, limits=(), repeat_spacing=())


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[VerifierSetup]:
    async with open_verifier(tmp_path / "codes.db") as setup:
        setup.use_policy(POLICY)
        yield setup


async def guess(setup: VerifierSetup, person: int) -> None:
    """Somebody begins for this person, and gives a wrong code."""
    sid, code = await setup.texted_code(username=f"person {person}", number=number(person))
    await setup.verifier.check(sid, wrong(code))


def number(person: int) -> str:
    return f"+1415555{person + 100:04}"


def alerts(setup: VerifierSetup) -> int:
    """How often the operator was told."""
    with another_program(setup.path) as file:
        (count,) = file.execute("SELECT count(*) FROM events WHERE kind = ?", (EventKind.ALERT,)).fetchone()
    return int(count)


async def test_guesses_over_many_accounts_raise_one_alarm_and_let_every_account_wait_sooner(
    setup: VerifierSetup,
) -> None:
    for person in range(FAILURE_ALARM.count - 1):
        await guess(setup, person)
    assert alerts(setup) == 0
    for person in range(FAILURE_ALARM.count, FAILURE_ALARM.count + 5):
        await guess(setup, person)
    assert alerts(setup) == 1
    sid, code = await setup.texted_code(username="person 3", number=number(3))
    with pytest.raises(ChecksPaused):
        await setup.verifier.check(sid, code)
    fresh, right = await setup.texted_code(username="somebody else", number=number(99))
    assert (await setup.verifier.check(fresh, right)).valid, "who has guessed nothing waits for nothing"


async def test_people_who_mistype_now_and_then_raise_none(setup: VerifierSetup) -> None:
    for person in range(2 * FAILURE_ALARM.count):
        for _ in range(2):
            sid, code = await setup.texted_code(username=f"person {person}", number=number(person))
            assert (await setup.verifier.check(sid, code)).valid
        if person % 2:
            await guess(setup, person)
    assert alerts(setup) == 0
