"""A check that fails tells nothing by the time that it takes."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import pytest
from msgspec.structs import replace

from tests.adversarial.timing import rank_test
from tests.support import engine
from tests.support.fakes import SeededRandomness
from tests.support.records import KEYS, NOW, PENDING, WRONG, context, ended
from tests.support.verifier import VerifierSetup, open_verifier
from verification.errors import NotFound, VerificationError
from verification.flow.check import CheckResult, check
from verification.models import State
from verification.ports import Changes
from verification.types import VerificationStatus
from verification.values.codes import KeyRing
from webhooks.context import JITTER, STEP, loop_time, time_padded, time_padded_check

EXPIRED = replace(PENDING, expires_at=NOW)
CASES = {
    "unknown": State(),
    "expired": State(verification=EXPIRED),
    "ended": State(verification=ended(VerificationStatus.MAX_ATTEMPTS_REACHED)),
    "wrong": State(verification=PENDING),
}


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[VerifierSetup]:
    async with open_verifier(tmp_path / "store.db") as setup:
        yield setup


def checked(state: State, submitted: str = WRONG) -> Changes[CheckResult | VerificationError]:
    return check(state, context(NOW + 1), submitted=submitted, renewed=None)


class WatchedKeys(KeyRing, frozen=True):
    """Keys that count how often one of them is asked for, which is once for every code that is drawn."""

    reads: ClassVar = 0

    def secret(self, key_id: str) -> bytes:
        WatchedKeys.reads += 1
        return KeyRing.secret(self, key_id)


@pytest.mark.parametrize("kind", CASES)
def test_every_check_draws_a_code_to_compare_with(kind: str) -> None:
    before = WatchedKeys.reads
    check(CASES[kind], context(NOW + 1, keys=WatchedKeys(KEYS.secrets)), submitted=WRONG, renewed=None)
    assert WatchedKeys.reads == before + 1


@pytest.mark.parametrize("kind", CASES)
def test_every_check_waits_for_a_commit(kind: str) -> None:
    decided = checked(CASES[kind])
    assert decided.padded != bool(decided.verifications)


async def test_a_padded_decision_commits_and_changes_nothing(setup: VerifierSetup) -> None:
    for _ in range(2):
        before = engine.all_rows(setup.path)
        with pytest.raises(NotFound):
            await setup.verifier.check("VE" + "0" * 32, "123456")
        after = engine.all_rows(setup.path)
        assert {name for name in after if after[name] != before[name]} <= {"restore_marker", "writers"}
        assert after["restore_marker"] != before["restore_marker"]


async def took(result: CheckResult | VerificationError, work: float) -> float:
    async def checking() -> CheckResult:
        await asyncio.sleep(work)
        if isinstance(result, VerificationError):
            raise result
        return result

    began = time.monotonic()
    with suppress(VerificationError):
        await time_padded_check(checking(), SeededRandomness())
    return time.monotonic() - began


@pytest.mark.parametrize("result", [NotFound(), CheckResult(PENDING, valid=False)], ids=["refused", "wrong"])
async def test_a_failure_is_answered_at_a_full_step(result: CheckResult | VerificationError) -> None:
    for work in (0, STEP / 2, STEP * 1.5):
        taken = await took(result, work)
        assert taken >= STEP * (1 if work < STEP else 2)


async def test_steps_of_a_page_are_counted_from_when_its_request_came() -> None:
    """What it took to find out whose page it is must not be added to the step."""
    received_at = loop_time() - 0.6
    await time_padded(asyncio.sleep(0.1), SeededRandomness(), since=received_at, step=1.0)
    assert 1.0 <= loop_time() - received_at < 1.5


async def test_a_right_code_need_not_wait() -> None:
    assert min([await took(CheckResult(PENDING, valid=True), 0) for _ in range(5)]) < STEP


def test_what_is_added_to_a_step_by_chance_is_small() -> None:
    """`make timing` measures five hundred answers of each kind, and compares their ranks."""
    assert 0 < JITTER < STEP / 10


def test_the_rank_test_sees_a_shift_and_no_shift_where_there_is_none() -> None:
    same = [float(n * 7919 % 1000) for n in range(1000)]
    assert rank_test(same[::2], same[1::2]) > 0.001
    assert rank_test(same[::2], [value + 200 for value in same[1::2]]) < 0.001
