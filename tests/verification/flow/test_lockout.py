"""Failed checks in a row: counted over codes, verifications and browsers, with growing pauses and a stop."""

from contextlib import suppress
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.records import CODE, NOW, OTHER_NUMBER, PENDING, context, wrong
from tests.support.verifier import SMS, VerifierSetup
from verification.counters.counter import Counter, Failures, LimitKey, SetFailures
from verification.counters.rules import MOST_FAILURES, LockoutPolicy, NoCounters
from verification.errors import ChecksPaused, ChecksStopped, NotPending, VerificationError
from verification.flow.check import check
from verification.flow.lockout import MAX_PAUSE, count_wrong_code, lockout, pause_seconds
from verification.flow.rate_limits import LimitKeys
from verification.models import EventKind, State
from verification.policy import DEFAULT_POLICY, Policy
from verification.types import Scope

ACCOUNT = LockoutPolicy(pause_from=10, stop_at=50)
MANY = replace(DEFAULT_POLICY, max_checks=5)


class Row(NoCounters):
    """Counts with this many wrong codes in a row in each scope, the last one at `NOW`."""

    def __init__(self, **rows: int) -> None:
        self.rows = rows

    def of(self, *people: LimitKey) -> list[Counter]:
        return [Counter(failures=Failures(self.rows.get(who.scope, 0), NOW)) for who in people]


async def guess(setup: VerifierSetup, **wanted: str) -> bool:
    """One start and one wrong code; whether it was compared."""
    sid, code = await setup.texted_code(**wanted)
    with suppress(ChecksPaused):
        await setup.verifier.check(sid, wrong(code))
        return True
    return False


# The rule.


@pytest.mark.parametrize(
    ("count", "seconds"),
    [(0, 0), (9, 0), (10, 30), (11, 60), (12, 120), (16, 1920), (17, 3600), (49, 3600), (50, inf), (99, inf)],
)
def test_pauses_begin_at_ten_double_to_an_hour_and_end_in_a_stop(count: int, seconds: float) -> None:
    assert pause_seconds(count, ACCOUNT) == seconds


@pytest.mark.parametrize(("start", "stop"), [(0, 50), (10, MOST_FAILURES + 1), (51, 50), (MOST_FAILURES + 1, None)])
def test_no_policy_goes_beyond_a_hundred_guesses(start: int, stop: int | None) -> None:
    with pytest.raises(ValueError, match="in a row"):
        LockoutPolicy(pause_from=start, stop_at=stop)


@given(st.integers(1, 20), st.integers(20, MOST_FAILURES), st.integers(1, 40), st.integers(0, 3600))
def test_guessing_at_every_allowed_time_ends_at_the_stop(start: int, stop: int, days: int, every: int) -> None:
    """2.4 End of a lock is not an open door: 30 days of guessing stay under the hard cap."""
    guesses = LockoutPolicy(pause_from=start, stop_at=stop)
    now, compared = 0.0, 0
    while now < days * 86400:
        wait = pause_seconds(compared, guesses)
        if wait == inf:
            break
        now += max(wait, every + 1)
        compared += 1
    assert compared <= stop


def test_the_longest_wait_counts_and_a_clock_that_was_set_back_adds_nothing_to_it() -> None:
    policy = replace(
        DEFAULT_POLICY, lockouts=((Scope.ACCOUNT, ACCOUNT), (Scope.NUMBER, LockoutPolicy(pause_from=3, stop_at=50)))
    )
    found = lockout(LimitKeys(PENDING, Row(account=10, number=5)), context(NOW + 10, policy))
    assert found is not None
    assert (found.scope, found.count, found.wait) == (Scope.NUMBER, 5, 110)
    back = lockout(LimitKeys(PENDING, Row(account=10)), context(NOW - 86400, policy))
    assert back is not None
    assert back.wait == 30


def test_a_failure_counts_on_the_account_the_number_and_the_source() -> None:
    verification = replace(PENDING, source="192.0.2.1")
    entries, _ = count_wrong_code(LimitKeys(verification, Row(account=3)), context(NOW))
    assert {entry.key.scope: entry.failures.count for entry in entries if isinstance(entry, SetFailures)} == {
        Scope.ACCOUNT: 4,
        Scope.NUMBER: 1,
        Scope.SOURCE: 1,
    }


@pytest.mark.parametrize("code", [CODE, wrong(CODE), "1"])
def test_during_a_pause_every_code_is_refused_alike_and_costs_no_try(code: str) -> None:
    state = State(verification=PENDING, counters=Row(account=12))
    changes = check(state, context(NOW + 20), submitted=code, renewed=None)
    assert isinstance(changes.result, ChecksPaused)
    assert changes.result.wait == 100
    assert changes.verifications == ()
    assert not any(isinstance(update, SetFailures) for update in changes.counter_updates)
    assert [event.kind for event in changes.events] == [EventKind.CHECK_REFUSED]


def test_where_pauses_are_only_watched_the_hundredth_wrong_code_is_the_last_all_the_same() -> None:
    watching = replace(DEFAULT_POLICY, enforce=False)

    def compared(**rows: int) -> bool:
        state = State(verification=PENDING, counters=Row(**rows))
        changes = check(state, context(NOW, watching), submitted=CODE, renewed=None)
        watched = [event.kind for event in changes.events] == [EventKind.LIMIT_WATCHED, EventKind.APPROVED]
        assert watched is not isinstance(changes.result, VerificationError)
        return watched

    assert compared(account=12)
    assert compared(account=99)
    assert not compared(account=MOST_FAILURES)
    assert not compared(account=60, number=MOST_FAILURES)


# In the store.


async def test_a_new_code_does_not_reset_the_failures(setup: VerifierSetup) -> None:
    """2.2 Failures count across codes, verifications and browsers: compared guesses are exactly the cap."""
    setup.use_policy(replace(MANY, repeat_spacing=()))
    compared = 0
    for number in range(200):
        sid, code = await setup.texted_code(session=f"browser {number}", username=("ada", "ADA")[number % 2])
        for _ in range(4):
            with suppress(ChecksPaused):
                await setup.verifier.check(sid, wrong(code))
                compared += 1
        setup.clock.advance(3600)
        if compared >= DEFAULT_POLICY.lockouts[0][1].stop_at:  # type: ignore[operator]  # the account has one
            break
    assert compared == 50
    with pytest.raises(ChecksStopped):
        await setup.start(SMS)
    setup.clock.advance(30 * 86400)
    with pytest.raises(ChecksStopped):
        await setup.start(SMS)


async def test_the_number_counts_over_all_accounts_and_its_cap_is_a_hundred(setup: VerifierSetup) -> None:
    """2.2 The same for the number; softer than for the account, because several accounts may share it."""
    for number in range(19):
        assert await guess(setup, username=f"user {number}")
    assert await guess(setup, username="user 19")
    assert not await guess(setup, username="user 20")
    assert await guess(setup, username="user 21", number=OTHER_NUMBER.e164)


async def test_a_success_ends_the_row(setup: VerifierSetup) -> None:
    setup.use_policy(replace(MANY, repeat_spacing=()))
    for _ in range(9):
        assert await guess(setup)
    sid, code = await setup.texted_code()
    assert (await setup.verifier.check(sid, code)).valid
    for _ in range(10):
        assert await guess(setup)
    assert not await guess(setup)


async def test_the_right_code_during_a_pause_is_right_after_it(setup: VerifierSetup) -> None:
    for _ in range(10):
        await guess(setup)
    sid, code = await setup.texted_code()
    with pytest.raises(ChecksPaused) as refused:
        await setup.verifier.check(sid, code)
    assert refused.value.wait == pytest.approx(30)
    setup.clock.advance(30)
    assert (await setup.verifier.check(sid, code)).valid


async def test_no_call_is_made_for_a_code_that_expires_during_the_lockout(setup: VerifierSetup) -> None:
    for _ in range(14):
        await guess(setup)
        setup.clock.advance(3600)
    setup.clock.advance(-3600)
    asked = setup.provider.asked
    with pytest.raises(ChecksPaused) as refused:
        await setup.start()
    assert refused.value.wait > DEFAULT_POLICY.code_lifetime
    assert setup.provider.asked == asked


async def test_failures_outlive_a_restart_and_count_on_every_worker(setup: VerifierSetup) -> None:
    for _ in range(5):
        assert await guess(setup)
    await setup.open()
    for _ in range(5):
        assert await guess(setup)
    await setup.open()
    assert not await guess(setup)


async def test_a_pause_of_checks_is_no_end_of_the_verification(setup: VerifierSetup) -> None:
    for _ in range(10):
        await guess(setup)
    sid, code = await setup.texted_code()
    for typed in (code, wrong(code)):
        with pytest.raises(ChecksPaused):
            await setup.verifier.check(sid, typed)
    assert (await setup.verification(sid)).checks == 0
    assert (await setup.cancel(sid)).sid == sid
    with pytest.raises(NotPending):
        await setup.verifier.cancel(sid)


def test_the_default_lockout_policy_has_the_agreed_numbers() -> None:
    assert dict(Policy().lockouts)[Scope.ACCOUNT] == LockoutPolicy(pause_from=10, stop_at=50)
    assert MAX_PAUSE == 3600
