"""Checks: compared once, counted always, right once, and never after the end."""

import pytest
from msgspec.structs import replace

from tests.support.records import CALL, CODE, KEYS, LIFETIME, NOW, PENDING, SESSION, TEXT, WRONG, after, context, ended
from verification.errors import CodeMalformed, NotFound, VerificationError
from verification.flow.check import CheckResult, check, code_of
from verification.models import EventKind, State
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus, VerificationStatus
from verification.values.codes import KeyRing

FINAL = [status for status in VerificationStatus if status.final]
IN_A_BROWSER = State(verification=PENDING, deliveries=(CALL,), session=SESSION)


def checked(
    state: State, submitted: str, *, now: float = NOW + 20, renewed: str = "renewed", keys: KeyRing = KEYS
) -> Changes[CheckResult | VerificationError]:
    return check(state, context(now, keys=keys), submitted=submitted, renewed=renewed if state.session else None)


def result(changes: Changes[CheckResult | VerificationError]) -> CheckResult:
    assert isinstance(changes.result, CheckResult)
    return changes.result


# ------------------------------------------------------------------------------------------------ right


def test_the_right_code_approves_once_and_takes_the_seed() -> None:
    state = State(verification=PENDING)
    changes = checked(state, CODE)
    assert result(changes).valid
    (approved,) = changes.verifications
    assert (approved.status, approved.seed, approved.checks) == (VerificationStatus.APPROVED, None, 1)
    assert [event.kind for event in changes.events] == [EventKind.APPROVED]
    again = checked(after(state, changes), CODE)
    assert (result(again).valid, again.verifications, again.events) == (False, (), ())


def test_a_code_is_right_in_every_way_to_write_it() -> None:
    assert result(checked(State(verification=PENDING), f" {CODE[:3]} - {CODE[3:]} ")).valid


def test_leading_zeros_belong_to_the_code() -> None:
    seeds = (number.to_bytes(16, "big") for number in range(100_000))
    zeros = next(one for seed in seeds if code_of(one := replace(PENDING, seed=seed), KEYS).startswith("000"))
    code = code_of(zeros, KEYS)
    state = State(verification=zeros)
    assert result(checked(state, code)).valid
    for shorter in (code.lstrip("0"), code[1:], str(int(code))):
        changes = checked(state, shorter)
        assert not result(changes).valid
        assert [event.kind for event in changes.events] == [EventKind.CHECK_FAILED]
    assert not result(checked(state, code[3:] + "000")).valid


def test_a_code_made_with_an_older_key_is_right_until_its_end() -> None:
    ring = KeyRing((b"a newer key of the tests, 32 bytes and more", *KEYS.secrets))
    assert result(checked(State(verification=PENDING), CODE, keys=ring)).valid


def test_the_code_of_another_verification_is_wrong() -> None:
    other = code_of(replace(PENDING, sid="VE2"), KEYS)
    assert other != CODE
    assert not result(checked(State(verification=PENDING), other)).valid


# ------------------------------------------------------------------------------------------------ wrong


@pytest.mark.parametrize("limit", [1, 3, 5])
def test_the_limit_of_checks_is_the_limit(limit: int) -> None:
    state = State(verification=replace(PENDING, max_checks=limit))
    changes: Changes[CheckResult | VerificationError] = Changes(result=NotFound())
    for count in range(1, limit + 1):
        changes = checked(state, WRONG)
        assert not result(changes).valid
        assert [(event.kind, event.detail) for event in changes.events] == [(EventKind.CHECK_FAILED, str(count))]
        state = after(state, changes)
        assert state.verification is not None
        assert state.verification.checks == count
        assert state.verification.status.final == (count == limit)
    assert result(changes).verification.status is VerificationStatus.MAX_ATTEMPTS_REACHED
    assert result(changes).verification.seed is None
    for submitted in (CODE, WRONG):
        late = checked(state, submitted)
        assert (result(late).valid, late.verifications, late.events) == (False, (), ())


@pytest.mark.parametrize("limit", [3, 5])
def test_the_right_code_is_right_at_the_last_try(limit: int) -> None:
    state = State(verification=replace(PENDING, max_checks=limit, checks=limit - 1))
    assert result(checked(state, CODE)).valid


def test_the_last_wrong_code_hangs_up_the_calls_that_are_up_and_an_earlier_one_does_not() -> None:
    deliveries = (CALL, replace(CALL, sid="VL3", status=DeliveryStatus.COMPLETED, provider_sid="CA3"), TEXT)
    state = State(verification=replace(PENDING, max_checks=2), deliveries=deliveries)
    first = checked(state, WRONG)
    assert result(first).hang_up == ()
    assert result(checked(after(state, first), WRONG)).hang_up == ("CA1",)


@pytest.mark.parametrize("submitted", ["", "abcdef", "1e5000", "\x00" * 6, "9" * 10_000])
def test_what_cannot_be_a_code_is_neither_compared_nor_counted(submitted: str) -> None:
    with pytest.raises(CodeMalformed):
        checked(State(verification=PENDING), submitted)


def test_an_event_of_a_failed_check_does_not_hold_what_was_typed() -> None:
    assert WRONG not in repr(checked(State(verification=PENDING), WRONG).events)


# ------------------------------------------------------------------------------------------------ too late


@pytest.mark.parametrize(("after_start", "valid"), [(LIFETIME - 1, True), (LIFETIME, False), (LIFETIME + 1, False)])
def test_the_life_of_a_code_ends_at_its_deadline(after_start: float, valid: bool) -> None:
    changes = checked(State(verification=PENDING), CODE, now=NOW + after_start)
    assert result(changes).valid is valid
    (over,) = changes.verifications
    assert over.status is (VerificationStatus.APPROVED if valid else VerificationStatus.EXPIRED)
    assert over.seed is None
    assert over.checks == int(valid)


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("state", [State(), State(session=SESSION)], ids=["backend", "browser"])
def test_after_any_end_the_right_code_is_as_wrong_as_any_other(status: VerificationStatus, state: State) -> None:
    state = replace(state, verification=ended(status))
    for submitted in (CODE, WRONG):
        changes = checked(state, submitted)
        assert changes == Changes(result=CheckResult(ended(status), valid=False, compared=False), padded=True)


def test_nothing_is_found_without_a_verification() -> None:
    assert isinstance(checked(State(), CODE).result, NotFound)


# ------------------------------------------------------------------------------------------------ browsers


def test_the_right_code_moves_the_browser_to_its_renewed_session() -> None:
    changes = checked(IN_A_BROWSER, CODE)
    old, new = changes.sessions
    assert (old.id, old.approved, old.replaced_at) == ("browser", False, NOW + 20)
    assert (new.id, new.verification, new.channel, new.approved) == ("renewed", "VE1", Channel.CALL, True)
    assert old.answer is not None
    assert CODE.encode() not in old.answer
    assert new.answer is None


def test_a_wrong_code_leaves_the_session_as_it_is() -> None:
    assert checked(IN_A_BROWSER, WRONG).sessions == ()


def test_a_session_ends_at_its_time() -> None:
    state = replace(IN_A_BROWSER, session=replace(SESSION, expires_at=NOW + 20))
    assert result(checked(state, CODE, now=NOW + 19.999)).valid
    late = checked(state, CODE, now=NOW + 20)
    assert isinstance(late.result, NotFound)
    assert (late.verifications, late.sessions) == ((), ())


def test_the_browser_whose_answer_was_lost_is_welcomed_again_and_nothing_is_approved_twice() -> None:
    state = after(IN_A_BROWSER, checked(IN_A_BROWSER, CODE))
    again = checked(state, CODE, now=NOW + 25, renewed="renewed once more")
    assert (result(again).valid, result(again).repeated) == (True, True)
    assert (again.verifications, again.events) == ((), ())
    (session,) = again.sessions
    assert (session.id, session.verification, session.approved) == ("renewed once more", "VE1", True)


@pytest.mark.parametrize(("seconds", "welcome"), [(0, True), (60, True), (60.001, False), (299, False)])
def test_the_answer_is_given_again_within_a_minute_only(seconds: float, welcome: bool) -> None:
    state = after(IN_A_BROWSER, checked(IN_A_BROWSER, CODE))
    again = checked(state, CODE, now=NOW + 20 + seconds)
    assert isinstance(again.result, CheckResult) is welcome
    assert bool(again.sessions) is welcome


def test_another_code_in_the_old_session_finds_nothing_and_spoils_the_repeat() -> None:
    """Otherwise a thief of the old cookie could guess, uncounted, for a minute."""
    state = after(IN_A_BROWSER, checked(IN_A_BROWSER, CODE))
    guess = checked(state, WRONG, now=NOW + 21)
    assert isinstance(guess.result, NotFound)
    assert (guess.verifications, guess.events) == ((), ())
    assert isinstance(checked(after(state, guess), CODE, now=NOW + 22).result, NotFound)


def test_another_browser_of_the_same_verification_gets_nothing_from_the_used_code() -> None:
    approved = after(IN_A_BROWSER, checked(IN_A_BROWSER, CODE))
    other = checked(replace(approved, session=replace(SESSION, id="other")), CODE, now=NOW + 21)
    assert not result(other).valid
    assert other.sessions == ()


def test_the_renewed_session_cannot_approve_again() -> None:
    changes = checked(IN_A_BROWSER, CODE)
    state = replace(after(IN_A_BROWSER, changes), session=changes.sessions[1])
    again = checked(state, CODE, now=NOW + 21)
    assert (result(again).valid, again.sessions, again.events) == (False, (), ())


def test_a_deadline_that_passed_in_a_browser_ends_without_a_new_session() -> None:
    changes = checked(IN_A_BROWSER, CODE, now=NOW + LIFETIME)
    assert (result(changes).valid, changes.sessions) == (False, ())
    assert [event.kind for event in changes.events] == [EventKind.EXPIRED]
