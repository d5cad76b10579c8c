"""Texts to us: STOP and START at once, CALL only when it may be sent, and the same silence for everybody."""

from dataclasses import replace

import pytest

from tests.cases import CALL, LIFETIME, NOW, NUMBER, PENDING, TEXT, ended, planned
from verification.keywords import Keyword
from verification.policy import SEED
from verification.ports import Decision
from verification.records import Case, EventKind
from verification.states import Channel, DeliveryStatus, VerificationStatus
from verification.texting import heed

DONE = replace(CALL, status=DeliveryStatus.NO_ANSWER)
WAITING = Case(verification=PENDING, deliveries=(DONE,))


def heeded(case: Case, keyword: Keyword, *, now: float = NOW + 60) -> Decision[str | None]:
    spare = replace(planned(at=now), verification="")
    return heed(case, NUMBER, keyword, spare=spare, now=now, policy=SEED)


@pytest.mark.parametrize("case", [Case(), WAITING, replace(WAITING, suppressed=True)])
def test_stop_suppresses_the_number_whatever_is_going_on(case: Case) -> None:
    decided = heeded(case, Keyword.STOP)
    assert (decided.verdict, decided.suppress, decided.lift) == (None, (NUMBER,), ())
    assert [event.kind for event in decided.events] == [EventKind.SUPPRESSED]
    assert (decided.verifications, decided.deliveries) == ((), ())


@pytest.mark.parametrize("case", [Case(), WAITING, replace(WAITING, suppressed=True)])
def test_start_lifts_it(case: Case) -> None:
    decided = heeded(case, Keyword.START)
    assert (decided.verdict, decided.suppress, decided.lift) == (None, (), (NUMBER,))
    assert [event.kind for event in decided.events] == [EventKind.LIFTED]


@pytest.mark.parametrize("keyword", [Keyword.HELP, Keyword.OTHER])
def test_other_words_change_nothing(keyword: Keyword) -> None:
    assert heeded(WAITING, keyword) == Decision(verdict=None)


def test_an_event_about_a_number_shows_its_last_digits_only() -> None:
    for keyword in (Keyword.STOP, Keyword.START):
        assert heeded(Case(), keyword).events[0].detail == NUMBER.masked
        assert NUMBER.e164[:-2] not in repr(heeded(Case(), keyword))


def test_call_rings_the_pending_verification_of_the_number_again() -> None:
    decided = heeded(WAITING, Keyword.CALL)
    (delivery,) = decided.deliveries
    assert decided.verdict == delivery.sid == "VL9"
    assert (delivery.verification, delivery.channel, delivery.status) == ("VE1", Channel.CALL, DeliveryStatus.PLANNED)
    assert [event.kind for event in decided.events] == [EventKind.DELIVERY]


@pytest.mark.parametrize(
    ("case", "now"),
    [
        (Case(), NOW + 60),
        (Case(verification=ended(VerificationStatus.APPROVED)), NOW + 60),
        (replace(WAITING, suppressed=True), NOW + 60),
        (WAITING, NOW + 29),
        (replace(WAITING, deliveries=(CALL,)), NOW + 60),
        (replace(WAITING, deliveries=tuple(replace(TEXT, sid=f"VL{n}") for n in range(5))), NOW + 290),
    ],
    ids=["nothing pending", "ended", "suppressed", "too soon", "a call is up", "too many"],
)
def test_call_does_nothing_and_says_nothing_when_no_call_may_be_made(case: Case, now: float) -> None:
    assert replace(heeded(case, Keyword.CALL, now=now), events=()) == Decision(verdict=None)


def test_call_at_the_deadline_finds_the_verification_expired() -> None:
    decided = heeded(WAITING, Keyword.CALL, now=NOW + LIFETIME)
    assert (decided.verdict, decided.deliveries) == (None, ())
    assert [over.status for over in decided.verifications] == [VerificationStatus.EXPIRED]
