"""Checks: compared once, counted always, right once, and never after the end."""

from dataclasses import replace

import pytest

from tests.cases import CALL, CODE, KEYS, LIFETIME, NOW, PENDING, SESSION, TEXT, WRONG, after, ended
from verification.checking import Checked, check, code_of
from verification.codes import KeyRing
from verification.errors import CodeMalformed, NotFound, Refused
from verification.policy import SEED
from verification.ports import Decision
from verification.records import Case, EventKind, Session
from verification.states import Channel, DeliveryStatus, VerificationStatus

FINAL = [status for status in VerificationStatus if status.final]
IN_A_BROWSER = Case(verification=PENDING, deliveries=(CALL,), session=SESSION)


def checked(
    case: Case, submitted: str, *, now: float = NOW + 20, renewed: str = "renewed", keys: KeyRing = KEYS
) -> Decision[Checked | Refused]:
    fresh = Session(id=renewed, verification="", channel=Channel.CALL, expires_at=now + SEED.session_lifetime)
    return check(case, submitted=submitted, keys=keys, renewed=fresh if case.session else None, now=now, policy=SEED)


def verdict(decided: Decision[Checked | Refused]) -> Checked:
    assert isinstance(decided.verdict, Checked)
    return decided.verdict


# ------------------------------------------------------------------------------------------------ right


def test_the_right_code_approves_once_and_takes_the_seed() -> None:
    case = Case(verification=PENDING)
    decided = checked(case, CODE)
    assert verdict(decided).valid
    (approved,) = decided.verifications
    assert (approved.status, approved.seed, approved.checks) == (VerificationStatus.APPROVED, None, 1)
    assert [event.kind for event in decided.events] == [EventKind.APPROVED]
    again = checked(after(case, decided), CODE)
    assert (verdict(again).valid, again.verifications, again.events) == (False, (), ())


def test_a_code_is_right_in_every_way_to_write_it() -> None:
    assert verdict(checked(Case(verification=PENDING), f" {CODE[:3]} - {CODE[3:]} ")).valid


def test_leading_zeros_belong_to_the_code() -> None:
    seeds = (number.to_bytes(16, "big") for number in range(100_000))
    zeros = next(one for seed in seeds if code_of(one := replace(PENDING, seed=seed), KEYS).startswith("000"))
    code = code_of(zeros, KEYS)
    case = Case(verification=zeros)
    assert verdict(checked(case, code)).valid
    for shorter in (code.lstrip("0"), code[1:], str(int(code))):
        decided = checked(case, shorter)
        assert not verdict(decided).valid
        assert [event.kind for event in decided.events] == [EventKind.CHECK_FAILED]
    assert not verdict(checked(case, code[3:] + "000")).valid


def test_a_code_made_with_an_older_key_is_right_until_its_end() -> None:
    ring = KeyRing((b"a newer key of the tests, 32 bytes and more", *KEYS.secrets))
    assert verdict(checked(Case(verification=PENDING), CODE, keys=ring)).valid


def test_the_code_of_another_verification_is_wrong() -> None:
    other = code_of(replace(PENDING, sid="VE2"), KEYS)
    assert other != CODE
    assert not verdict(checked(Case(verification=PENDING), other)).valid


# ------------------------------------------------------------------------------------------------ wrong


@pytest.mark.parametrize("limit", [1, 3, 5])
def test_the_limit_of_checks_is_the_limit(limit: int) -> None:
    case = Case(verification=replace(PENDING, max_checks=limit))
    decided: Decision[Checked | Refused] = Decision(verdict=NotFound())
    for count in range(1, limit + 1):
        decided = checked(case, WRONG)
        assert not verdict(decided).valid
        assert [(event.kind, event.detail) for event in decided.events] == [(EventKind.CHECK_FAILED, str(count))]
        case = after(case, decided)
        assert case.verification is not None
        assert case.verification.checks == count
        assert case.verification.status.final == (count == limit)
    assert verdict(decided).verification.status is VerificationStatus.MAX_ATTEMPTS_REACHED
    assert verdict(decided).verification.seed is None
    for submitted in (CODE, WRONG):
        late = checked(case, submitted)
        assert (verdict(late).valid, late.verifications, late.events) == (False, (), ())


@pytest.mark.parametrize("limit", [3, 5])
def test_the_right_code_is_right_at_the_last_try(limit: int) -> None:
    case = Case(verification=replace(PENDING, max_checks=limit, checks=limit - 1))
    assert verdict(checked(case, CODE)).valid


def test_the_last_wrong_code_hangs_up_the_calls_that_are_up_and_an_earlier_one_does_not() -> None:
    deliveries = (CALL, replace(CALL, sid="VL3", status=DeliveryStatus.COMPLETED, carrier_sid="CA3"), TEXT)
    case = Case(verification=replace(PENDING, max_checks=2), deliveries=deliveries)
    first = checked(case, WRONG)
    assert verdict(first).hang_up == ()
    assert verdict(checked(after(case, first), WRONG)).hang_up == ("CA1",)


@pytest.mark.parametrize("submitted", ["", "abcdef", "1e5000", "\x00" * 6, "9" * 10_000])
def test_what_cannot_be_a_code_is_neither_compared_nor_counted(submitted: str) -> None:
    with pytest.raises(CodeMalformed):
        checked(Case(verification=PENDING), submitted)


def test_an_event_of_a_failed_check_does_not_hold_what_was_typed() -> None:
    assert WRONG not in repr(checked(Case(verification=PENDING), WRONG).events)


# ------------------------------------------------------------------------------------------------ too late


@pytest.mark.parametrize(("after_start", "valid"), [(LIFETIME - 1, True), (LIFETIME, False), (LIFETIME + 1, False)])
def test_the_life_of_a_code_ends_at_its_deadline(after_start: float, valid: bool) -> None:
    decided = checked(Case(verification=PENDING), CODE, now=NOW + after_start)
    assert verdict(decided).valid is valid
    (over,) = decided.verifications
    assert over.status is (VerificationStatus.APPROVED if valid else VerificationStatus.EXPIRED)
    assert over.seed is None
    assert over.checks == int(valid)


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("case", [Case(), Case(session=SESSION)], ids=["backend", "browser"])
def test_after_any_end_the_right_code_is_as_wrong_as_any_other(status: VerificationStatus, case: Case) -> None:
    case = replace(case, verification=ended(status))
    for submitted in (CODE, WRONG):
        decided = checked(case, submitted)
        assert decided == Decision(verdict=Checked(ended(status), valid=False, compared=False), padded=True)


def test_nothing_is_found_without_a_verification() -> None:
    assert isinstance(checked(Case(), CODE).verdict, NotFound)


# ------------------------------------------------------------------------------------------------ browsers


def test_the_right_code_moves_the_browser_to_its_renewed_session() -> None:
    decided = checked(IN_A_BROWSER, CODE)
    old, new = decided.sessions
    assert (old.id, old.approved, old.replaced_at) == ("browser", False, NOW + 20)
    assert (new.id, new.verification, new.channel, new.approved) == ("renewed", "VE1", Channel.CALL, True)
    assert old.answer is not None
    assert CODE.encode() not in old.answer
    assert new.answer is None


def test_a_wrong_code_leaves_the_session_as_it_is() -> None:
    assert checked(IN_A_BROWSER, WRONG).sessions == ()


def test_a_session_ends_at_its_time() -> None:
    case = replace(IN_A_BROWSER, session=replace(SESSION, expires_at=NOW + 20))
    assert verdict(checked(case, CODE, now=NOW + 19.999)).valid
    late = checked(case, CODE, now=NOW + 20)
    assert isinstance(late.verdict, NotFound)
    assert (late.verifications, late.sessions) == ((), ())


def test_the_browser_whose_answer_was_lost_is_welcomed_again_and_nothing_is_approved_twice() -> None:
    case = after(IN_A_BROWSER, checked(IN_A_BROWSER, CODE))
    again = checked(case, CODE, now=NOW + 25, renewed="renewed once more")
    assert (verdict(again).valid, verdict(again).repeated) == (True, True)
    assert (again.verifications, again.events) == ((), ())
    (session,) = again.sessions
    assert (session.id, session.verification, session.approved) == ("renewed once more", "VE1", True)


@pytest.mark.parametrize(("seconds", "welcome"), [(0, True), (60, True), (60.001, False), (299, False)])
def test_the_answer_is_given_again_within_a_minute_only(seconds: float, welcome: bool) -> None:
    case = after(IN_A_BROWSER, checked(IN_A_BROWSER, CODE))
    again = checked(case, CODE, now=NOW + 20 + seconds)
    assert isinstance(again.verdict, Checked) is welcome
    assert bool(again.sessions) is welcome


def test_another_code_in_the_old_session_finds_nothing_and_spoils_the_repeat() -> None:
    """Otherwise a thief of the old cookie could guess, uncounted, for a minute."""
    case = after(IN_A_BROWSER, checked(IN_A_BROWSER, CODE))
    guess = checked(case, WRONG, now=NOW + 21)
    assert isinstance(guess.verdict, NotFound)
    assert (guess.verifications, guess.events) == ((), ())
    assert isinstance(checked(after(case, guess), CODE, now=NOW + 22).verdict, NotFound)


def test_another_browser_of_the_same_verification_gets_nothing_from_the_used_code() -> None:
    approved = after(IN_A_BROWSER, checked(IN_A_BROWSER, CODE))
    other = checked(replace(approved, session=replace(SESSION, id="other")), CODE, now=NOW + 21)
    assert not verdict(other).valid
    assert other.sessions == ()


def test_the_renewed_session_cannot_approve_again() -> None:
    decided = checked(IN_A_BROWSER, CODE)
    case = replace(after(IN_A_BROWSER, decided), session=decided.sessions[1])
    again = checked(case, CODE, now=NOW + 21)
    assert (verdict(again).valid, again.sessions, again.events) == (False, (), ())


def test_a_deadline_that_passed_in_a_browser_ends_without_a_new_session() -> None:
    decided = checked(IN_A_BROWSER, CODE, now=NOW + LIFETIME)
    assert (verdict(decided).valid, decided.sessions) == (False, ())
    assert [event.kind for event in decided.events] == [EventKind.EXPIRED]
