"""The end of a verification: the first one stays, and the seed is deleted."""

from itertools import product

import pytest
from msgspec.structs import replace

from tests.support.records import LIFETIME, NOW, PENDING, context, ended
from verification.flow.ending import end, expire, expire_changes
from verification.models import EventKind, State
from verification.types import VerificationStatus

FINAL = [status for status in VerificationStatus if status.final]
DEADLINE = NOW + LIFETIME


@pytest.mark.parametrize("status", FINAL)
def test_an_end_takes_the_seed_with_it_and_says_when(status: VerificationStatus) -> None:
    over = end(PENDING, status, now=NOW + 7)
    assert (over.status, over.seed, over.ended_at) == (status, None, NOW + 7)


def test_a_second_end_changes_nothing() -> None:
    for first, second in product(FINAL, FINAL):
        assert end(ended(first), second, now=NOW + 7) == ended(first)


def test_a_verification_lives_until_its_deadline_and_not_at_it() -> None:
    state = State(verification=PENDING)
    assert expire(state, context(DEADLINE - 0.001)) is None
    over = expire(state, context(DEADLINE))
    assert over is not None
    assert (over.verification.status, over.verification.seed) == (VerificationStatus.EXPIRED, None)
    assert [event.kind for event in over.events] == [EventKind.EXPIRED]


@pytest.mark.parametrize("status", FINAL)
def test_what_has_ended_does_not_expire_as_well(status: VerificationStatus) -> None:
    assert expire(State(verification=ended(status)), context(DEADLINE + 1)) is None


def test_nothing_cannot_expire() -> None:
    assert expire(State(), context(DEADLINE)) is None
    assert expire_changes(State(), context(DEADLINE)).result is False


def test_the_end_at_the_deadline_is_written_once() -> None:
    state = State(verification=PENDING)
    early = expire_changes(state, context(DEADLINE - 1))
    assert (early.result, early.verifications, early.events) == (False, (), ())
    late = expire_changes(state, context(DEADLINE))
    assert late.result is True
    again = expire_changes(State(verification=late.verifications[0]), context(DEADLINE))
    assert (again.result, again.verifications, again.events) == (False, (), ())


def test_a_repr_shows_no_seed() -> None:
    assert "sixteen" not in repr(replace(PENDING, account="other"))
