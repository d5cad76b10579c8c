"""Deliveries: the provider's answers and reports, in every order and however often."""

from collections.abc import Callable
from functools import partial
from itertools import product

import pytest
from msgspec.structs import replace

from tests.support.records import CALL, NOW, NUMBER, PENDING, TEXT, after, context, ended, planned
from verification.counters.rules import Limit
from verification.flow.delivery import (
    delivery_event,
    matches_delivery,
    reconcile,
    record_outcome,
    record_status,
    uncount_send,
)
from verification.flow.ending import MAX_CALL_SECONDS, is_live, live_calls, never_sent, provider_sids
from verification.flow.rate_limits import LimitKeys, Send
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
    return record_status(
        state, sid, context(LATER), provider_sid=provider_sid, status=DeliveryStatus(status), error=error
    )


def told_by_the_carrier(state: State, status: str, error: int | None) -> State:
    return after(state, report(state, status, error))


def outcome(state: State, answer: Outcome) -> State:
    return after(state, record_outcome(state, "VL1", answer, context(LATER)))


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
    """The provider's own answer comes somewhere among them, once.

    No order is sampled: all of them are walked at once, by the reports so far (how often each) and the state that they
    led to. Two orders that meet in both continue alike, so a dozen reports have a few thousand places, not millions.
    """
    moves: list[Callable[[State], State]] = [partial(outcome, answer=Accepted("X1"))]
    for word in reports.split():
        status, _, error = word.partition(":")
        moves.append(partial(told_by_the_carrier, status=status, error=int(error) if error else None))
    limits = [1] + [3] * (len(moves) - 1)
    places = {((0,) * len(moves), state)}
    ends = set()
    while places:
        reported_counts, now = places.pop()
        if all(reported_counts):
            ends.add(only(now))
        for number, move in enumerate(moves):
            if reported_counts[number] < limits[number]:
                once_more = tuple(count + (place == number) for place, count in enumerate(reported_counts))
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


def test_an_answer_that_is_reported_late_still_counts_as_answered() -> None:
    done = after(NEW_CALL, report(NEW_CALL, "completed"))
    late = after(done, report(done, "answered"))
    assert (only(late).status, only(late).progress) == (DeliveryStatus.COMPLETED, Progress.ANSWERED)


def test_a_completed_call_was_not_heard_by_that() -> None:
    assert only(after(NEW_CALL, report(NEW_CALL, "completed"))).progress is Progress.NOTHING


def test_a_report_never_touches_the_verification() -> None:
    for word, status in product(("completed", "failed", "busy", "undelivered"), VerificationStatus):
        state = replace(NEW_CALL, verification=PENDING if not status.final else ended(status))
        changes = report(state, word)
        assert (changes.verifications, changes.sessions, changes.suppress) == ((), (), ())


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


def test_a_delivery_keeps_the_first_provider_sid_it_gets() -> None:
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


# ------------------------------------------------------------------------------------------------ the provider's answer


def test_an_accepted_delivery_keeps_its_provider_sid() -> None:
    changes = record_outcome(NEW_CALL, "VL1", Accepted("CA1"), context(LATER))
    (noted,) = changes.deliveries
    assert (noted.status, noted.provider_sid, noted.updated_at) == (DeliveryStatus.QUEUED, "CA1", LATER)
    assert changes.result == PENDING
    assert changes.verifications == ()


def test_an_answer_after_a_webhook_does_not_set_the_status_back() -> None:
    state = after(NEW_CALL, report(NEW_CALL, "answered"))
    for late in (Accepted("X1"), Accepted("X2"), Unclear("timed out")):
        noted = only(outcome(state, late))
        assert (noted.status, noted.provider_sid) == (DeliveryStatus.ANSWERED, "X1")


def test_without_a_clear_answer_a_phone_may_be_ringing() -> None:
    changes = record_outcome(NEW_CALL, "VL1", Unclear("timed out"), context(LATER))
    (noted,) = changes.deliveries
    assert (noted.status, noted.provider_sid) == (DeliveryStatus.UNKNOWN, None)
    assert changes.verifications == ()
    assert not never_sent(noted)


def test_a_first_delivery_that_was_refused_fails_its_verification() -> None:
    changes = record_outcome(NEW_CALL, "VL1", REJECTED, context(LATER))
    (noted,) = changes.deliveries
    assert (noted.status, noted.error, never_sent(noted)) == (DeliveryStatus.FAILED, 21211, True)
    (failed,) = changes.verifications
    assert changes.result == failed
    assert (failed.status, failed.seed, failed.ended_at) == (VerificationStatus.FAILED, None, LATER)
    assert [event.kind for event in changes.events] == [EventKind.DELIVERY, EventKind.FAILED]


def test_a_rejection_of_a_call_that_was_placed_is_ignored() -> None:
    answered = State(verification=PENDING, deliveries=(replace(CALL, status=DeliveryStatus.ANSWERED),))
    assert record_outcome(answered, "VL1", REJECTED, context(LATER)) == Changes(result=PENDING)


def test_a_repeated_rejection_is_refunded_once() -> None:
    policy = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=5, seconds=600),)),))
    once = record_outcome(NEW_CALL, "VL1", REJECTED, context(LATER, policy))
    assert once.counter_updates != ()
    assert record_outcome(after(NEW_CALL, once), "VL1", REJECTED, context(LATER, policy)).counter_updates == ()


def test_a_later_delivery_that_was_refused_leaves_the_code_usable() -> None:
    state = State(verification=PENDING, deliveries=(replace(TEXT, sid="VL0"), planned(sid="VL1")))
    changes = record_outcome(state, "VL1", REJECTED, context(LATER))
    assert changes.result == PENDING
    assert changes.verifications == ()


@pytest.mark.parametrize("status", [status for status in VerificationStatus if status.final])
@pytest.mark.parametrize("answer", [Accepted("CA1"), REJECTED, Unclear("timed out")])
def test_no_answer_changes_a_final_status(status: VerificationStatus, answer: Outcome) -> None:
    over = ended(status)
    changes = record_outcome(replace(NEW_CALL, verification=over), "VL1", answer, context(LATER))
    assert changes.result == over
    assert changes.verifications == ()


def test_a_number_that_opted_out_at_the_provider_is_suppressed() -> None:
    refused = Rejected(permanent=True, code=21610, opted_out=True)
    assert record_outcome(NEW_TEXT, "VL1", refused, context(LATER)).suppress == (NUMBER,)
    assert record_outcome(NEW_TEXT, "VL1", REJECTED, context(LATER)).suppress == ()


@pytest.mark.parametrize("state", [State(), State(verification=PENDING), State(deliveries=NEW_CALL.deliveries)])
def test_an_answer_about_nothing_changes_nothing(state: State) -> None:
    assert record_outcome(state, "VL1", Accepted("CA1"), context(LATER)) == Changes(result=None)


# ------------------------------------------------------------------------------------------------ silence


def settled(
    delivery: Delivery, found: DeliveryReport | Rejected | None, *, now: float, of: Verification = PENDING
) -> Changes[tuple[str, ...]]:
    return reconcile(State(verification=of, deliveries=(delivery,)), delivery.sid, found, context(now))


def test_a_look_up_counts_like_a_report() -> None:
    changes = settled(CALL, DeliveryReport("CA1", DeliveryStatus.COMPLETED), now=LATER)
    assert [(d.status, d.updated_at) for d in changes.deliveries] == [(DeliveryStatus.COMPLETED, LATER)]
    assert len(changes.events) == 1


def test_a_look_up_that_brings_nothing_new_only_waits_longer() -> None:
    changes = settled(CALL, DeliveryReport("CA1", DeliveryStatus.RINGING), now=LATER)
    assert changes.deliveries == (replace(CALL, updated_at=LATER),)
    assert changes.events == ()


UNCLEAR = replace(planned(), status=DeliveryStatus.UNKNOWN)


@pytest.mark.parametrize("before", [planned(), UNCLEAR], ids=["planned", "unknown"])
def test_a_start_without_a_clear_answer_is_what_a_look_up_finds(before: Delivery) -> None:
    changes = settled(before, DeliveryReport("CA7", DeliveryStatus.COMPLETED), now=LATER)
    assert [(d.provider_sid, d.status) for d in changes.deliveries] == [("CA7", DeliveryStatus.COMPLETED)]
    assert changes.result == ()


def test_a_report_about_another_delivery_is_ignored() -> None:
    state = State(verification=PENDING, deliveries=(CALL, UNCLEAR))
    changes = reconcile(state, UNCLEAR.sid, DeliveryReport("CA1", DeliveryStatus.COMPLETED), context(LATER))
    assert changes.deliveries == (replace(UNCLEAR, updated_at=LATER),)


@pytest.mark.parametrize("before", [planned(), UNCLEAR], ids=["planned", "unknown"])
def test_a_start_that_never_reached_the_provider_fails_and_is_refunded(before: Delivery) -> None:
    policy = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=5, seconds=600),)),))
    state = State(verification=PENDING, deliveries=(before,))
    changes = reconcile(state, before.sid, Rejected(permanent=False, code=None), context(LATER, policy))
    assert [d.status for d in changes.deliveries] == [DeliveryStatus.FAILED]
    assert [v.status for v in changes.verifications] == [VerificationStatus.FAILED]
    send = Send(keys=LimitKeys(PENDING, state.counters), channel=before.channel, at=before.created_at)
    assert changes.counter_updates == uncount_send(send, policy.rules, refused=False) != ()


def test_a_call_that_turns_out_to_be_up_for_an_ended_verification_is_hung_up() -> None:
    approved = ended(VerificationStatus.APPROVED)
    changes = settled(UNCLEAR, DeliveryReport("CA7", DeliveryStatus.ANSWERED), now=LATER, of=approved)
    assert changes.result == ("CA7",)
    assert [d.status for d in changes.deliveries] == [DeliveryStatus.CANCELED]
    over = settled(UNCLEAR, DeliveryReport("CA7", DeliveryStatus.COMPLETED), now=LATER, of=approved)
    assert over.result == ()


def test_a_planned_delivery_without_a_report_becomes_unknown() -> None:
    changes = settled(planned(), None, now=LATER)
    assert [d.status for d in changes.deliveries] == [DeliveryStatus.UNKNOWN]


def test_a_call_without_a_report_becomes_unknown_when_it_must_have_ended() -> None:
    soon = settled(CALL, None, now=NOW + MAX_CALL_SECONDS - 0.1)
    assert soon.deliveries == (replace(CALL, updated_at=NOW + MAX_CALL_SECONDS - 0.1),)
    late = settled(CALL, None, now=NOW + MAX_CALL_SECONDS)
    assert [d.status for d in late.deliveries] == [DeliveryStatus.UNKNOWN]
    assert [event.kind for event in late.events] == [EventKind.DELIVERY]


@pytest.mark.parametrize("status", [status for status in DeliveryStatus if status.final])
def test_a_final_delivery_is_not_reconciled_again(status: DeliveryStatus) -> None:
    assert settled(replace(CALL, status=status), None, now=LATER) == Changes(result=())
    assert reconcile(State(), "VL1", None, context(LATER)) == Changes(result=())


def test_a_callback_that_comes_after_all_still_counts() -> None:
    unknown = replace(CALL, status=DeliveryStatus.UNKNOWN)
    state = State(verification=PENDING, deliveries=(unknown,))
    changes = record_status(
        state, "VL1", context(LATER), provider_sid="CA1", status=DeliveryStatus.COMPLETED, error=None
    )
    assert [d.status for d in changes.deliveries] == [DeliveryStatus.COMPLETED]


# ------------------------------------------------------------------------------------------------ what may be up


@pytest.mark.parametrize("status", DeliveryStatus)
def test_a_start_without_a_clear_answer_counts_as_live_for_a_while_and_a_call_as_long_as_it_can_last(
    status: DeliveryStatus,
) -> None:
    delivery = replace(CALL, status=status)
    patience = 40 if status in (DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN) else MAX_CALL_SECONDS
    may_be_up = not status.final and status is not DeliveryStatus.SENT
    assert is_live(delivery, context(NOW + patience - 0.1)) is may_be_up
    assert is_live(delivery, context(NOW + patience)) is False


def test_live_calls_are_neither_texts_nor_ended_calls() -> None:
    queued = replace(CALL, sid="VL3", status=DeliveryStatus.QUEUED, provider_sid=None)
    deliveries = (
        CALL,
        replace(CALL, sid="VL4", status=DeliveryStatus.BUSY),
        replace(TEXT, status=DeliveryStatus.QUEUED),
    )
    live = live_calls(State(verification=PENDING, deliveries=(*deliveries, queued)), context(LATER))
    assert [delivery.sid for delivery in live] == ["VL1", "VL3"]
    assert provider_sids(live) == ("CA1",)


def test_only_a_rejected_delivery_was_never_sent() -> None:
    assert never_sent(replace(CALL, status=DeliveryStatus.FAILED, provider_sid=None))
    assert not never_sent(replace(CALL, status=DeliveryStatus.FAILED))
    assert not never_sent(replace(CALL, status=DeliveryStatus.UNKNOWN, provider_sid=None))


def test_an_event_says_channel_state_and_error_and_nothing_else() -> None:
    failed = replace(TEXT, status=DeliveryStatus.UNDELIVERED, error=30003)
    event = delivery_event(failed, LATER)
    assert (event.kind, event.at, event.verification, event.delivery) == (EventKind.DELIVERY, LATER, "VE1", "VL2")
    assert event.detail == "sms undelivered 30003"
    assert delivery_event(CALL, LATER).detail == "call answered"
