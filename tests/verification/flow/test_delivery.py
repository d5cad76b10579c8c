"""Deliveries: what the carrier answers and reports, in every order and as often as it likes."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product

import pytest

from tests.support.records import CALL, NOW, NUMBER, PENDING, TEXT, after, ended, planned
from verification.counters.rules import Limit
from verification.flow.delivery import (
    MAX_CALL_SECONDS,
    delivery_event,
    is_live,
    live_calls,
    matches_delivery,
    never_sent,
    provider_sids,
    reconcile,
    record_outcome,
    record_status,
)
from verification.flow.rate_limits import LimitKeys, Send, uncount_send
from verification.models import Delivery, EventKind, Progress, State, Verification
from verification.policy import DEFAULT_POLICY
from verification.ports import Accepted, Changes, DeliveryReport, Outcome, Rejected, Unclear
from verification.types import Channel, DeliveryStatus, Scope, VerificationStatus
from verification.values.phone_numbers import PhoneNumber

NEW_CALL = State(verification=PENDING, deliveries=(planned(sid="VL1"),))
NEW_TEXT = State(verification=PENDING, deliveries=(planned(Channel.SMS, sid="VL1"),))
REJECTED = Rejected(permanent=True, code=21211)
LATER = NOW + 5


def only(state: State) -> Delivery:
    (delivery,) = state.deliveries
    return delivery


def report(
    state: State, status: str, error: int | None = None, *, sid: str = "VL1", provider_sid: str = "X1"
) -> Changes[bool]:
    return record_status(state, sid, provider_sid=provider_sid, status=DeliveryStatus(status), error=error, now=LATER)


def told_by_the_carrier(state: State, status: str, error: int | None) -> State:
    return after(state, report(state, status, error))


def outcome(state: State, answer: Outcome) -> State:
    return after(state, record_outcome(state, "VL1", answer, now=LATER))


# ------------------------------------------------------------------------------------------------ every order


@pytest.mark.parametrize(
    ("state", "reports", "end"),
    [
        (NEW_CALL, "queued ringing answered completed", "completed"),
        (NEW_CALL, "queued ringing busy", "busy"),
        (NEW_CALL, "queued ringing no-answer", "no-answer"),
        (NEW_CALL, "queued ringing canceled", "canceled"),
        (NEW_TEXT, "queued sending sent delivered", "delivered"),
        (NEW_TEXT, "queued sending sent undelivered:30003", "undelivered"),
        (NEW_TEXT, "queued sending failed:30008", "failed"),
    ],
)
def test_all_orders_of_the_callbacks_each_up_to_three_times_end_in_the_same_state(
    state: State, reports: str, end: str
) -> None:
    """The carrier's own answer comes somewhere among them, once.

    No order is sampled: all of them are walked at once, by what was told so far (how often each) and the state it led
    to. Two orders that meet in both go on alike, so a dozen of reports has a few thousand places and not millions.
    """
    moves: list[Callable[[State], State]] = [partial(outcome, answer=Accepted("X1"))]
    for word in reports.split():
        status, _, error = word.partition(":")
        moves.append(partial(told_by_the_carrier, status=status, error=int(error) if error else None))
    limits = [1] + [3] * (len(moves) - 1)
    places = {((0,) * len(moves), state)}
    ends = set()
    while places:
        told, now = places.pop()
        if all(told):
            ends.add(only(now))
        for number, move in enumerate(moves):
            if told[number] < limits[number]:
                once_more = tuple(count + (place == number) for place, count in enumerate(told))
                places.add((once_more, move(now)))
    (final,) = ends
    assert final.status.value == end
    assert final.provider_sid == "X1"
    assert final.error == (int(reports.rpartition(":")[2]) if ":" in reports else None)
    assert final.progress is (Progress.ANSWERED if "answered" in reports else Progress.NOTHING)


def test_a_report_that_says_nothing_new_writes_nothing() -> None:
    for word in ("queued", "ringing", "answered", "completed"):
        once = after(NEW_CALL, report(NEW_CALL, word))
        assert report(once, word) == Changes(result=True)


def test_a_late_report_writes_nothing() -> None:
    done = after(NEW_CALL, report(NEW_CALL, "completed"))
    for word in ("queued", "ringing", "busy", "failed", "canceled"):
        assert report(done, word, 30001) == Changes(result=True)


def test_an_answer_that_is_reported_late_is_still_evidence_that_somebody_answered() -> None:
    done = after(NEW_CALL, report(NEW_CALL, "completed"))
    late = after(done, report(done, "answered"))
    assert (only(late).status, only(late).progress) == (DeliveryStatus.COMPLETED, Progress.ANSWERED)


def test_a_completed_call_was_not_heard_by_that() -> None:
    assert only(after(NEW_CALL, report(NEW_CALL, "completed"))).progress is Progress.NOTHING


def test_a_report_never_touches_the_verification() -> None:
    for word, status in product(("completed", "failed", "busy", "undelivered"), VerificationStatus):
        state = replace(NEW_CALL, verification=PENDING if not status.final else ended(status))
        decided = report(state, word)
        assert (decided.verifications, decided.sessions, decided.suppress) == ((), (), ())


@pytest.mark.parametrize(
    ("state", "sid", "provider_sid"),
    [
        (State(), "VL1", "CA1"),
        (State(verification=PENDING, deliveries=(CALL,)), "VL2", "CA1"),
        (State(verification=PENDING, deliveries=(CALL,)), "VL1", "CA2"),
        (State(verification=PENDING, deliveries=(CALL,)), "VL1", ""),
        (NEW_CALL, "VL1", ""),
    ],
    ids=["unknown", "another delivery", "another call", "no call", "no call, first"],
)
def test_a_report_about_anything_else_has_no_effect(state: State, sid: str, provider_sid: str) -> None:
    assert report(state, "completed", sid=sid, provider_sid=provider_sid) == Changes(result=False)


def test_a_delivery_belongs_to_whoever_names_it_first_and_then_to_nobody_else() -> None:
    state = State(verification=PENDING, deliveries=(CALL,))
    assert matches_delivery(state, planned(), "CA1", NUMBER.e164)
    assert matches_delivery(state, CALL, "CA1", None)
    assert not matches_delivery(state, CALL, "CA2", NUMBER.e164)
    assert not matches_delivery(state, planned(), "", NUMBER.e164)


@pytest.mark.parametrize("to", ["", "+14155550101", "client:ada", "anonymous", "+1415555010X", "x" * 10_000])
def test_a_webhook_about_another_number_is_about_another_delivery(to: str) -> None:
    assert not matches_delivery(State(verification=PENDING, deliveries=(CALL,)), CALL, "CA1", to)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("+525512345678", "+5215512345678"), ("+5491123456789", "+541123456789"), ("+5511961234567", "+551161234567")],
)
def test_a_number_in_the_other_form_of_its_country_is_the_same_phone(ours: str, theirs: str) -> None:
    state = State(verification=replace(PENDING, number=PhoneNumber(ours, "")), deliveries=(CALL,))
    assert matches_delivery(state, CALL, "CA1", theirs)
    assert not matches_delivery(state, CALL, "CA1", theirs[:-1] + "0")
    assert not matches_delivery(state, CALL, "CA1", theirs + "999")


# ------------------------------------------------------------------------------------------------ the carrier's answer


def test_an_accepted_delivery_keeps_the_carriers_name_for_it() -> None:
    decided = record_outcome(NEW_CALL, "VL1", Accepted("CA1"), now=LATER)
    (noted,) = decided.deliveries
    assert (noted.status, noted.provider_sid, noted.updated_at) == (DeliveryStatus.QUEUED, "CA1", LATER)
    assert decided.result == PENDING
    assert decided.verifications == ()


def test_an_answer_that_was_overtaken_by_webhooks_takes_nothing_back() -> None:
    state = after(NEW_CALL, report(NEW_CALL, "answered"))
    for late in (Accepted("X1"), Accepted("X2"), Unclear("timed out")):
        noted = only(outcome(state, late))
        assert (noted.status, noted.provider_sid) == (DeliveryStatus.ANSWERED, "X1")


def test_without_a_clear_answer_a_phone_may_be_ringing() -> None:
    decided = record_outcome(NEW_CALL, "VL1", Unclear("timed out"), now=LATER)
    (noted,) = decided.deliveries
    assert (noted.status, noted.provider_sid) == (DeliveryStatus.UNKNOWN, None)
    assert decided.verifications == ()
    assert not never_sent(noted)


def test_a_first_delivery_that_was_refused_fails_its_verification() -> None:
    decided = record_outcome(NEW_CALL, "VL1", REJECTED, now=LATER)
    (noted,) = decided.deliveries
    assert (noted.status, noted.error, never_sent(noted)) == (DeliveryStatus.FAILED, 21211, True)
    (failed,) = decided.verifications
    assert decided.result == failed
    assert (failed.status, failed.seed, failed.ended_at) == (VerificationStatus.FAILED, None, LATER)
    assert [event.kind for event in decided.events] == [EventKind.DELIVERY, EventKind.FAILED]


def test_a_refusal_of_a_call_that_went_out_all_the_same_is_not_believed() -> None:
    answered = State(verification=PENDING, deliveries=(replace(CALL, status=DeliveryStatus.ANSWERED),))
    assert record_outcome(answered, "VL1", REJECTED, now=LATER) == Changes(result=PENDING)


def test_a_refusal_that_is_known_already_gives_the_allowance_back_only_once() -> None:
    policy = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=5, seconds=600),)),))
    once = record_outcome(NEW_CALL, "VL1", REJECTED, now=LATER, policy=policy)
    assert once.counted != ()
    assert record_outcome(after(NEW_CALL, once), "VL1", REJECTED, now=LATER, policy=policy).counted == ()


def test_a_later_delivery_that_was_refused_leaves_the_code_usable() -> None:
    state = State(verification=PENDING, deliveries=(replace(TEXT, sid="VL0"), planned(sid="VL1")))
    decided = record_outcome(state, "VL1", REJECTED, now=LATER)
    assert decided.result == PENDING
    assert decided.verifications == ()


@pytest.mark.parametrize("status", [status for status in VerificationStatus if status.final])
@pytest.mark.parametrize("answer", [Accepted("CA1"), REJECTED, Unclear("timed out")])
def test_no_answer_wakes_what_has_ended_meanwhile(status: VerificationStatus, answer: Outcome) -> None:
    over = ended(status)
    decided = record_outcome(replace(NEW_CALL, verification=over), "VL1", answer, now=LATER)
    assert decided.result == over
    assert decided.verifications == ()


def test_a_number_that_told_the_carrier_to_stop_is_suppressed_here_too() -> None:
    refused = Rejected(permanent=True, code=21610, opted_out=True)
    assert record_outcome(NEW_TEXT, "VL1", refused, now=LATER).suppress == (NUMBER,)
    assert record_outcome(NEW_TEXT, "VL1", REJECTED, now=LATER).suppress == ()


@pytest.mark.parametrize("state", [State(), State(verification=PENDING), State(deliveries=NEW_CALL.deliveries)])
def test_an_answer_about_nothing_changes_nothing(state: State) -> None:
    assert record_outcome(state, "VL1", Accepted("CA1"), now=LATER) == Changes(result=None)


# ------------------------------------------------------------------------------------------------ silence


def settled(
    delivery: Delivery, found: DeliveryReport | Rejected | None, *, now: float, of: Verification = PENDING
) -> Changes[tuple[str, ...]]:
    return reconcile(State(verification=of, deliveries=(delivery,)), delivery.sid, found, now=now)


def test_a_look_up_counts_like_a_report() -> None:
    decided = settled(CALL, DeliveryReport("CA1", DeliveryStatus.COMPLETED), now=LATER)
    assert [(d.status, d.updated_at) for d in decided.deliveries] == [(DeliveryStatus.COMPLETED, LATER)]
    assert len(decided.events) == 1


def test_a_look_up_that_brings_nothing_new_only_waits_longer() -> None:
    decided = settled(CALL, DeliveryReport("CA1", DeliveryStatus.RINGING), now=LATER)
    assert decided.deliveries == (replace(CALL, updated_at=LATER),)
    assert decided.events == ()


UNCLEAR = replace(planned(), status=DeliveryStatus.UNKNOWN)


@pytest.mark.parametrize("before", [planned(), UNCLEAR], ids=["planned", "unknown"])
def test_a_start_without_a_clear_answer_is_what_a_look_up_finds(before: Delivery) -> None:
    decided = settled(before, DeliveryReport("CA7", DeliveryStatus.COMPLETED), now=LATER)
    assert [(d.provider_sid, d.status) for d in decided.deliveries] == [("CA7", DeliveryStatus.COMPLETED)]
    assert decided.result == ()


def test_what_another_delivery_led_to_is_not_taken_for_this_ones() -> None:
    state = State(verification=PENDING, deliveries=(CALL, UNCLEAR))
    decided = reconcile(state, UNCLEAR.sid, DeliveryReport("CA1", DeliveryStatus.COMPLETED), now=LATER)
    assert decided.deliveries == (replace(UNCLEAR, updated_at=LATER),)


@pytest.mark.parametrize("before", [planned(), UNCLEAR], ids=["planned", "unknown"])
def test_a_start_that_never_reached_the_carrier_has_failed_and_counts_for_nobody(before: Delivery) -> None:
    policy = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=5, seconds=600),)),))
    state = State(verification=PENDING, deliveries=(before,))
    decided = reconcile(state, before.sid, Rejected(permanent=False, code=None), now=LATER, policy=policy)
    assert [d.status for d in decided.deliveries] == [DeliveryStatus.FAILED]
    assert [v.status for v in decided.verifications] == [VerificationStatus.FAILED]
    send = Send(people=LimitKeys(PENDING, state.counts), channel=before.channel, at=before.created_at)
    assert decided.counted == uncount_send(send, policy.rules) != ()


def test_a_call_that_turns_out_to_be_up_for_an_ended_verification_is_hung_up() -> None:
    approved = ended(VerificationStatus.APPROVED)
    decided = settled(UNCLEAR, DeliveryReport("CA7", DeliveryStatus.ANSWERED), now=LATER, of=approved)
    assert decided.result == ("CA7",)
    assert [d.status for d in decided.deliveries] == [DeliveryStatus.CANCELED]
    over = settled(UNCLEAR, DeliveryReport("CA7", DeliveryStatus.COMPLETED), now=LATER, of=approved)
    assert over.result == ()


def test_a_delivery_that_the_carrier_was_perhaps_never_asked_for_becomes_unknown() -> None:
    decided = settled(planned(), None, now=LATER)
    assert [d.status for d in decided.deliveries] == [DeliveryStatus.UNKNOWN]


def test_a_call_without_news_becomes_unknown_when_it_must_be_over() -> None:
    soon = settled(CALL, None, now=NOW + MAX_CALL_SECONDS - 0.1)
    assert soon.deliveries == (replace(CALL, updated_at=NOW + MAX_CALL_SECONDS - 0.1),)
    late = settled(CALL, None, now=NOW + MAX_CALL_SECONDS)
    assert [d.status for d in late.deliveries] == [DeliveryStatus.UNKNOWN]
    assert [event.kind for event in late.events] == [EventKind.DELIVERY]


@pytest.mark.parametrize("status", [status for status in DeliveryStatus if status.final])
def test_what_is_final_is_not_settled_again(status: DeliveryStatus) -> None:
    assert settled(replace(CALL, status=status), None, now=LATER) == Changes(result=())
    assert reconcile(State(), "VL1", None, now=LATER) == Changes(result=())


def test_a_callback_that_comes_after_all_still_counts() -> None:
    unknown = replace(CALL, status=DeliveryStatus.UNKNOWN)
    state = State(verification=PENDING, deliveries=(unknown,))
    decided = record_status(state, "VL1", provider_sid="CA1", status=DeliveryStatus.COMPLETED, error=None, now=LATER)
    assert [d.status for d in decided.deliveries] == [DeliveryStatus.COMPLETED]


# ------------------------------------------------------------------------------------------------ what may be up


@pytest.mark.parametrize("status", DeliveryStatus)
def test_a_start_without_a_clear_answer_counts_as_live_for_a_while_and_a_call_as_long_as_it_can_last(
    status: DeliveryStatus,
) -> None:
    delivery = replace(CALL, status=status)
    patience = 40 if status in (DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN) else MAX_CALL_SECONDS
    may_be_up = not status.final and status is not DeliveryStatus.SENT
    assert is_live(delivery, now=NOW + patience - 0.1, policy=DEFAULT_POLICY) is may_be_up
    assert is_live(delivery, now=NOW + patience, policy=DEFAULT_POLICY) is False


def test_the_live_calls_of_a_case_are_no_texts_and_no_ended_calls() -> None:
    queued = replace(CALL, sid="VL3", status=DeliveryStatus.QUEUED, provider_sid=None)
    deliveries = (
        CALL,
        replace(CALL, sid="VL4", status=DeliveryStatus.BUSY),
        replace(TEXT, status=DeliveryStatus.QUEUED),
    )
    live = live_calls(State(verification=PENDING, deliveries=(*deliveries, queued)), now=LATER, policy=DEFAULT_POLICY)
    assert [delivery.sid for delivery in live] == ["VL1", "VL3"]
    assert provider_sids(live) == ("CA1",)


def test_only_what_the_carrier_refused_never_left() -> None:
    assert never_sent(replace(CALL, status=DeliveryStatus.FAILED, provider_sid=None))
    assert not never_sent(replace(CALL, status=DeliveryStatus.FAILED))
    assert not never_sent(replace(CALL, status=DeliveryStatus.UNKNOWN, provider_sid=None))


def test_an_event_says_channel_state_and_error_and_nothing_else() -> None:
    failed = replace(TEXT, status=DeliveryStatus.UNDELIVERED, error=30003)
    event = delivery_event(failed, LATER)
    assert (event.kind, event.at, event.verification, event.delivery) == (EventKind.DELIVERY, LATER, "VE1", "VL2")
    assert event.detail == "sms undelivered 30003"
    assert delivery_event(CALL, LATER).detail == "call answered"
