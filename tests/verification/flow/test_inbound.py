"""Inbound texts: STOP and START at once, CALL only when a call is allowed, and no reply that reveals anything."""

import pytest
from msgspec.structs import replace

from tests.support.records import CALL, LIFETIME, NOW, NUMBER, PENDING, TEXT, after, context, ended, planned
from verification.flow.inbound import InboundResult, handle_inbound
from verification.models import EventKind, NumberPause, State
from verification.policy import DEFAULT_POLICY
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus, VerificationStatus
from verification.values.keywords import Keyword

DONE = replace(CALL, status=DeliveryStatus.NO_ANSWER)
WAITING = State(verification=PENDING, deliveries=(DONE,))


def handled(state: State, keyword: Keyword, *, now: float = NOW + 60) -> Changes[InboundResult]:
    follow_up = replace(planned(at=now), verification="")
    return handle_inbound(state, NUMBER, keyword, context(now), follow_up=follow_up)


@pytest.mark.parametrize("state", [State(), WAITING, replace(WAITING, suppressed=True)])
def test_stop_suppresses_the_number_whatever_is_going_on(state: State) -> None:
    changes = handled(state, Keyword.STOP)
    assert (changes.result, changes.suppress, changes.lift) == (InboundResult(Keyword.STOP), (NUMBER,), ())
    ended = [EventKind.CANCELED] if state.verification else []
    assert [event.kind for event in changes.events] == [*ended, EventKind.SUPPRESSED]
    assert changes.deliveries == ()


def test_stop_ends_the_code_that_waits_for_the_number_and_its_call() -> None:
    """4.2 Stop words: as key 9 does in a call."""
    changes = handled(replace(WAITING, deliveries=(CALL,)), Keyword.STOP)
    (ended,) = changes.verifications
    assert (ended.status, ended.seed) == (VerificationStatus.CANCELED, None)
    assert changes.result.hang_up == ("CA1",)
    assert [d.status for d in changes.deliveries] == [DeliveryStatus.CANCELED]


@pytest.mark.parametrize("state", [State(), WAITING, replace(WAITING, suppressed=True)])
def test_start_lifts_it(state: State) -> None:
    changes = handled(state, Keyword.START)
    assert (changes.result, changes.suppress, changes.lift) == (InboundResult(Keyword.START), (), (NUMBER,))
    assert [event.kind for event in changes.events] == [EventKind.LIFTED]


@pytest.mark.parametrize("keyword", [Keyword.HELP, Keyword.OTHER])
def test_other_words_change_nothing(keyword: Keyword) -> None:
    assert handled(WAITING, keyword) == Changes(result=InboundResult(keyword))


def test_an_event_about_a_number_shows_its_last_digits_only() -> None:
    for keyword in (Keyword.STOP, Keyword.START):
        assert handled(State(), keyword).events[0].detail == NUMBER.masked
        assert NUMBER.e164[:-2] not in repr(handled(State(), keyword))


def test_call_rings_the_pending_verification_of_the_number_again() -> None:
    changes = handled(WAITING, Keyword.CALL)
    (delivery,) = changes.deliveries
    assert changes.result.dispatch == delivery.sid == "VL9"
    assert (delivery.verification, delivery.channel, delivery.status) == ("VE1", Channel.CALL, DeliveryStatus.PLANNED)
    assert [event.kind for event in changes.events] == [EventKind.DELIVERY]


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
    assert replace(handled(state, Keyword.CALL, now=now), events=(), denials=(), counter_updates=()) == Changes(
        result=InboundResult(Keyword.CALL)
    )


def test_call_at_the_deadline_finds_the_verification_expired() -> None:
    changes = handled(WAITING, Keyword.CALL, now=NOW + LIFETIME)
    assert (changes.result, changes.deliveries) == (InboundResult(Keyword.CALL), ())
    assert [over.status for over in changes.verifications] == [VerificationStatus.EXPIRED]


def test_a_report_kills_the_newest_code_once_ends_its_call_and_pauses_the_number() -> None:
    ringing = replace(WAITING, deliveries=(CALL,))
    changes = handled(ringing, Keyword.REPORT)
    assert changes.result == InboundResult(Keyword.REPORT, hang_up=("CA1",))
    assert [(v.status, v.seed) for v in changes.verifications] == [(VerificationStatus.CANCELED, None)]
    assert [event.kind for event in changes.events] == [EventKind.REPORTED]
    assert changes.pauses == (NumberPause(number=NUMBER, until=NOW + 60 + DEFAULT_POLICY.report_pause),)
    assert handled(after(ringing, changes), Keyword.REPORT) == Changes(result=InboundResult(Keyword.REPORT))


@pytest.mark.parametrize(
    "state", [State(), State(verification=ended(VerificationStatus.APPROVED)), State(suppressed=True)]
)
def test_a_report_without_a_code_does_nothing_so_a_forged_one_pauses_no_number(state: State) -> None:
    assert handled(state, Keyword.REPORT) == Changes(result=InboundResult(Keyword.REPORT))


def test_no_text_ever_approves_or_makes_a_code() -> None:
    for keyword in Keyword:
        changes = handled(WAITING, keyword)
        assert not any(v.status is VerificationStatus.APPROVED for v in changes.verifications)
        assert not [v for v in changes.verifications if v.sid != "VE1"]
