"""A check that fails tells nothing by the time that it takes."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cases import KEYS, NOW, PENDING, WRONG, ended
from tests.fakes import SeededRandomness
from tests.home import Home, open_home
from tests.timing import WITHOUT_LIMITS, compared, measure, rank_test
from verification.checking import Checked, check
from verification.codes import KeyRing
from verification.errors import NotFound, Refused
from verification.policy import SEED
from verification.ports import Decision
from verification.records import Case
from verification.states import VerificationStatus
from webhooks.even import CHANCE, STEP, always_evenly, evenly, moment

EXPIRED = replace(PENDING, expires_at=NOW)
CASES = {
    "unknown": Case(),
    "expired": Case(verification=EXPIRED),
    "ended": Case(verification=ended(VerificationStatus.MAX_ATTEMPTS_REACHED)),
    "wrong": Case(verification=PENDING),
}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


def checked(case: Case, submitted: str = WRONG) -> Decision[Checked | Refused]:
    return check(case, submitted=submitted, keys=KEYS, renewed=None, now=NOW + 1, policy=SEED)


class WatchedKeys(KeyRing):
    """Keys that count how often one of them is asked for, which is once for every code that is drawn."""

    asked = 0

    def secret(self, wanted: str) -> bytes:
        WatchedKeys.asked += 1
        return KeyRing.secret(self, wanted)


@pytest.mark.parametrize("kind", CASES)
def test_every_check_draws_a_code_to_compare_with(kind: str) -> None:
    before = WatchedKeys.asked
    check(CASES[kind], submitted=WRONG, keys=WatchedKeys(KEYS.secrets), renewed=None, now=NOW + 1, policy=SEED)
    assert WatchedKeys.asked == before + 1


@pytest.mark.parametrize("kind", CASES)
def test_every_check_waits_for_a_commit(kind: str) -> None:
    decided = checked(CASES[kind])
    assert decided.padded != bool(decided.verifications)


async def test_a_padded_decision_commits_and_changes_nothing(home: Home) -> None:
    with closing(sqlite3.connect(home.path)) as file:
        for _ in range(2):
            before = file.execute("PRAGMA data_version").fetchone()
            held = list(file.iterdump())
            with pytest.raises(NotFound):
                await home.service.check("VE" + "0" * 32, "123456")
            assert file.execute("PRAGMA data_version").fetchone() != before
            assert [line for line in file.iterdump() if '"mark"' not in line] == [
                line for line in held if '"mark"' not in line
            ]


async def took(verdict: Checked | Refused, work: float) -> float:
    async def checking() -> Checked:
        await asyncio.sleep(work)
        if isinstance(verdict, Refused):
            raise verdict
        return verdict

    began = time.monotonic()
    with suppress(Refused):
        await evenly(checking(), SeededRandomness())
    return time.monotonic() - began


@pytest.mark.parametrize("verdict", [NotFound(), Checked(PENDING, valid=False)], ids=["refused", "wrong"])
async def test_a_failure_is_told_at_a_full_step(verdict: Checked | Refused) -> None:
    for work in (0, STEP / 2, STEP * 1.5):
        taken = await took(verdict, work)
        assert taken >= STEP * (1 if work < STEP else 2)


async def test_steps_of_a_page_are_counted_from_when_its_request_came() -> None:
    """What it took to find out whose page it is must not be added to the step."""
    came = moment() - 0.6
    await always_evenly(asyncio.sleep(0.1), SeededRandomness(), since=came, step=1.0)
    assert 1.0 <= moment() - came < 1.5


async def test_a_right_code_need_not_wait() -> None:
    assert min([await took(Checked(PENDING, valid=True), 0) for _ in range(5)]) < STEP


async def test_medians_lie_close_together_whatever_a_check_fails_for(home: Home) -> None:
    """A few samples for every run of the tests; `make timing` takes five hundred, and looks at their ranks as well."""
    home.under(WITHOUT_LIMITS)
    for pair in compared(await measure(home, 12)):
        assert pair.apart < 0.005, pair
    assert CHANCE < 0.005


def test_the_rank_test_sees_a_shift_and_no_shift_where_there_is_none() -> None:
    same = [float(n * 7919 % 1000) for n in range(1000)]
    assert rank_test(same[::2], same[1::2]) > 0.001
    assert rank_test(same[::2], [value + 200 for value in same[1::2]]) < 0.001
