"""Texts to us: STOP and START at once, CALL only when it may be sent, and the same silence for everybody."""

from dataclasses import replace

import pytest

from tests.support.records import CALL, LIFETIME, NOW, NUMBER, PENDING, TEXT, after, ended, planned
from verification.flow.inbound import InboundResult, Keyword, handle_inbound
from verification.models import EventKind, NumberPause, State
from verification.policy import DEFAULT_POLICY
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus, VerificationStatus

DONE = replace(CALL, status=DeliveryStatus.NO_ANSWER)
WAITING = State(verification=PENDING, deliveries=(DONE,))


def heeded(state: State, keyword: Keyword, *, now: float = NOW + 60) -> Changes[InboundResult]:
    follow_up = replace(planned(at=now), verification="")
    return handle_inbound(state, NUMBER, keyword, follow_up=follow_up, now=now, policy=DEFAULT_POLICY)


@pytest.mark.parametrize("state", [State(), WAITING, replace(WAITING, suppressed=True)])
def test_stop_suppresses_the_number_whatever_is_going_on(state: State) -> None:
    decided = heeded(state, Keyword.STOP)
    assert (decided.result, decided.suppress, decided.lift) == (InboundResult(Keyword.STOP), (NUMBER,), ())
    ended = [EventKind.CANCELED] if state.verification else []
    assert [event.kind for event in decided.events] == [*ended, EventKind.SUPPRESSED]
    assert decided.deliveries == ()


def test_stop_ends_the_code_that_waits_for_the_number_and_its_call() -> None:
    """4.2 Stop words: as key 9 does in a call."""
    decided = heeded(replace(WAITING, deliveries=(CALL,)), Keyword.STOP)
    (ended,) = decided.verifications
    assert (ended.status, ended.seed) == (VerificationStatus.CANCELED, None)
    assert decided.result.hang_up == ("CA1",)
    assert [d.status for d in decided.deliveries] == [DeliveryStatus.CANCELED]


@pytest.mark.parametrize("state", [State(), WAITING, replace(WAITING, suppressed=True)])
def test_start_lifts_it(state: State) -> None:
    decided = heeded(state, Keyword.START)
    assert (decided.result, decided.suppress, decided.lift) == (InboundResult(Keyword.START), (), (NUMBER,))
    assert [event.kind for event in decided.events] == [EventKind.LIFTED]


@pytest.mark.parametrize("keyword", [Keyword.HELP, Keyword.OTHER])
def test_other_words_change_nothing(keyword: Keyword) -> None:
    assert heeded(WAITING, keyword) == Changes(result=InboundResult(keyword))


def test_an_event_about_a_number_shows_its_last_digits_only() -> None:
    for keyword in (Keyword.STOP, Keyword.START):
        assert heeded(State(), keyword).events[0].detail == NUMBER.masked
        assert NUMBER.e164[:-2] not in repr(heeded(State(), keyword))


def test_call_rings_the_pending_verification_of_the_number_again() -> None:
    decided = heeded(WAITING, Keyword.CALL)
    (delivery,) = decided.deliveries
    assert decided.result.dispatch == delivery.sid == "VL9"
    assert (delivery.verification, delivery.channel, delivery.status) == ("VE1", Channel.CALL, DeliveryStatus.PLANNED)
    assert [event.kind for event in decided.events] == [EventKind.DELIVERY]


@pytest.mark.parametrize(
    ("state", "now"),
    [
        (State(), NOW + 60),
        (State(verification=ended(VerificationStatus.APPROVED)), NOW + 60),
        (replace(WAITING, suppressed=True), NOW + 60),
        (WAITING, NOW + 29),
        (replace(WAITING, deliveries=(CALL,)), NOW + 60),
        (replace(WAITING, deliveries=tuple(replace(TEXT, sid=f"VL{n}") for n in range(5))), NOW + 290),
    ],
    ids=["nothing pending", "ended", "suppressed", "too soon", "a call is up", "too many"],
)
def test_call_does_nothing_and_says_nothing_when_no_call_may_be_made(state: State, now: float) -> None:
    assert replace(heeded(state, Keyword.CALL, now=now), events=(), refusals=()) == Changes(
        result=InboundResult(Keyword.CALL)
    )


def test_call_at_the_deadline_finds_the_verification_expired() -> None:
    decided = heeded(WAITING, Keyword.CALL, now=NOW + LIFETIME)
    assert (decided.result, decided.deliveries) == (InboundResult(Keyword.CALL), ())
    assert [over.status for over in decided.verifications] == [VerificationStatus.EXPIRED]


def test_a_report_kills_the_newest_code_once_ends_its_call_and_pauses_the_number() -> None:
    ringing = replace(WAITING, deliveries=(CALL,))
    decided = heeded(ringing, Keyword.REPORT)
    assert decided.result == InboundResult(Keyword.REPORT, hang_up=("CA1",))
    assert [(v.status, v.seed) for v in decided.verifications] == [(VerificationStatus.CANCELED, None)]
    assert [event.kind for event in decided.events] == [EventKind.REPORTED]
    assert decided.pauses == (NumberPause(number=NUMBER, until=NOW + 60 + DEFAULT_POLICY.report_pause),)
    assert heeded(after(ringing, decided), Keyword.REPORT) == Changes(result=InboundResult(Keyword.REPORT))


@pytest.mark.parametrize(
    "state", [State(), State(verification=ended(VerificationStatus.APPROVED)), State(suppressed=True)]
)
def test_a_report_without_a_code_does_nothing_so_that_nobody_is_paused_by_a_forged_one(state: State) -> None:
    assert heeded(state, Keyword.REPORT) == Changes(result=InboundResult(Keyword.REPORT))


def test_no_text_ever_approves_or_makes_a_code() -> None:
    for keyword in Keyword:
        decided = heeded(WAITING, keyword)
        assert not any(v.status is VerificationStatus.APPROVED for v in decided.verifications)
        assert not [v for v in decided.verifications if v.sid != "VE1"]
