"""Starts, repeats and calling it off: one live verification, one call at a time, and pauses that are kept."""

from dataclasses import replace

import pytest

from tests.support.records import (
    CALL,
    LIFETIME,
    NOW,
    NUMBER,
    OTHER_NUMBER,
    PENDING,
    SESSION,
    TEXT,
    after,
    ended,
    planned,
)
from verification.errors import (
    NotFound,
    NotPending,
    NumberPaused,
    NumberSuppressed,
    TooManyDeliveries,
    TooSoon,
    VerificationError,
)
from verification.flow.start import StartResult, again, cancel, next_delivery_wait, start
from verification.models import Delivery, EventKind, State, Verification
from verification.policy import DEFAULT_POLICY, Policy
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus, VerificationStatus
from verification.values.phone_numbers import PhoneNumber

FRESH = replace(PENDING, sid="VE2", seed=b"sixteen bytes, 2")
FINAL = [status for status in VerificationStatus if status.final]
NO_SPACING = Policy(repeat_spacing=(0,))
DONE = replace(CALL, status=DeliveryStatus.COMPLETED)
REFUSED = replace(CALL, status=DeliveryStatus.FAILED, provider_sid=None)


def started(
    state: State,
    *,
    fresh: Verification = FRESH,
    channel: Channel = Channel.CALL,
    now: float = NOW + 5,
    policy: Policy = DEFAULT_POLICY,
) -> Changes[StartResult | VerificationError]:
    delivery = replace(planned(channel, at=now), verification=fresh.sid)
    session = replace(SESSION, verification=fresh.sid) if state.session else None
    return start(state, fresh=fresh, delivery=delivery, session=session, now=now, policy=policy)


def repeated(
    state: State, *, channel: Channel = Channel.CALL, now: float, policy: Policy = DEFAULT_POLICY
) -> Changes[StartResult | VerificationError]:
    return again(state, delivery=planned(channel, at=now), now=now, policy=policy)


def plan(decided: Changes[StartResult | VerificationError]) -> StartResult:
    assert isinstance(decided.result, StartResult)
    return decided.result


def sent(count: int, *, every: float = 0, **changes: object) -> State:
    """A verification after this many deliveries, all ended."""
    deliveries = [replace(DONE, sid=f"VL{number}", created_at=NOW + number * every) for number in range(count)]
    return replace(State(verification=PENDING, deliveries=tuple(deliveries)), **changes)  # type: ignore[arg-type]  # tests' own


# ------------------------------------------------------------------------------------------------ start


def test_a_first_start_plans_a_delivery_and_tells_its_story() -> None:
    decided = started(State())
    assert plan(decided).verification == FRESH
    assert plan(decided).hang_up == ()
    assert decided.verifications == (FRESH,)
    assert decided.deliveries == (plan(decided).delivery,)
    assert [(event.kind, event.verification) for event in decided.events] == [
        (EventKind.STARTED, "VE2"),
        (EventKind.DELIVERY, "VE2"),
    ]


def test_a_start_in_a_browser_gives_it_the_new_verification() -> None:
    decided = started(State(session=replace(SESSION, approved=True)))
    assert [(session.id, session.verification, session.approved) for session in decided.sessions] == [
        ("browser", "VE2", False)
    ]


def test_a_newer_verification_ends_the_older_with_its_seed_and_its_calls() -> None:
    deliveries = (CALL, replace(CALL, sid="VL3", provider_sid="CA3", status=DeliveryStatus.QUEUED), TEXT, DONE)
    decided = started(State(verification=PENDING, deliveries=deliveries))
    older, newer = decided.verifications
    assert (older.sid, older.status, older.seed) == ("VE1", VerificationStatus.CANCELED, None)
    assert newer == FRESH
    assert plan(decided).hang_up == ("CA1", "CA3")
    assert [event.kind for event in decided.events][:2] == [EventKind.SUPERSEDED, EventKind.STARTED]


def test_an_older_one_that_was_over_by_its_deadline_is_not_told_to_be_superseded() -> None:
    decided = started(State(verification=PENDING, deliveries=(DONE,)), now=NOW + LIFETIME)
    assert decided.verifications[0].status is VerificationStatus.EXPIRED
    assert [event.kind for event in decided.events][:2] == [EventKind.EXPIRED, EventKind.STARTED]


def test_a_suppressed_number_is_not_started_and_an_older_verification_stays() -> None:
    decided = started(State(verification=PENDING, deliveries=(DONE,), suppressed=True))
    assert isinstance(decided.result, NumberSuppressed)
    assert (decided.verifications, decided.deliveries, decided.sessions) == ((), (), ())
    assert [(event.kind, event.verification) for event in decided.events] == [(EventKind.START_REFUSED, "")]
    assert NUMBER.e164 not in repr(decided)


@pytest.mark.parametrize(("seconds", "paused"), [(0, True), (59.9, True), (60, False)])
def test_an_account_whose_call_was_reported_waits_until_its_pause_is_over(seconds: float, paused: bool) -> None:
    decided = started(State(paused_until=NOW + 60), now=NOW + seconds)
    assert isinstance(decided.result, NumberPaused) is paused
    if isinstance(decided.result, NumberPaused):
        assert decided.result.wait == pytest.approx(60 - seconds)
        assert [event.kind for event in decided.events] == [EventKind.START_REFUSED]
        assert (decided.verifications, decided.deliveries, decided.sessions) == ((), (), ())


# ------------------------------------------------------------------------------------------------ pressed twice

RUNNING = State(verification=PENDING, deliveries=(CALL,), session=SESSION)


@pytest.mark.parametrize(
    "latest", [planned(), replace(planned(), status=DeliveryStatus.UNKNOWN), CALL], ids=lambda d: d.status.value
)
def test_the_same_browser_asking_for_the_same_thing_gets_the_one_that_is_running(latest: Delivery) -> None:
    decided = started(replace(RUNNING, deliveries=(latest,)), now=NOW + 0.1)
    assert decided == Changes(result=StartResult(PENDING, None))


@pytest.mark.parametrize(("seconds", "once"), [(29.9, True), (30, False)])
def test_a_call_that_has_ended_is_not_repeated_by_a_reload_before_its_pause_is_over(seconds: float, once: bool) -> None:
    decided = started(replace(RUNNING, deliveries=(DONE,)), now=NOW + seconds)
    assert (plan(decided).delivery is None) is once


@pytest.mark.parametrize(("seconds", "once"), [(39.9, True), (40, False)])
def test_a_call_that_may_be_ringing_is_not_doubled_before_forty_seconds(seconds: float, once: bool) -> None:
    unknown = replace(CALL, status=DeliveryStatus.UNKNOWN, provider_sid=None)
    decided = started(replace(RUNNING, deliveries=(unknown,)), now=NOW + seconds)
    assert (plan(decided).delivery is None) is once


@pytest.mark.parametrize(
    ("state", "fresh", "channel"),
    [
        (replace(RUNNING, session=None), FRESH, Channel.CALL),
        (replace(RUNNING, session=replace(SESSION, id="other", verification="VE0")), FRESH, Channel.CALL),
        (RUNNING, replace(FRESH, number=OTHER_NUMBER), Channel.CALL),
        (RUNNING, replace(FRESH, number=PhoneNumber(NUMBER.e164, "US", "12")), Channel.CALL),
        (RUNNING, FRESH, Channel.SMS),
    ],
    ids=["no browser", "another browser", "another number", "another extension", "another channel"],
)
def test_asking_for_anything_else_begins_anew_and_ends_the_older(
    state: State, fresh: Verification, channel: Channel
) -> None:
    decided = started(state, fresh=fresh, channel=channel, now=NOW + 0.1)
    assert plan(decided).verification == fresh
    assert plan(decided).delivery is not None
    assert plan(decided).hang_up == ("CA1",)
    assert [verification.status.final for verification in decided.verifications] == [True, False]


def test_a_verification_past_its_deadline_is_not_the_running_one() -> None:
    decided = started(replace(RUNNING, deliveries=(replace(CALL, created_at=NOW + 290),)), now=NOW + LIFETIME)
    assert plan(decided).verification == FRESH


# ------------------------------------------------------------------------------------------------ again


def test_a_repeat_sends_the_same_verification_and_moves_nothing_of_it() -> None:
    decided = repeated(sent(1), now=NOW + 30)
    assert plan(decided).verification == PENDING
    assert plan(decided).delivery == planned(at=NOW + 30)
    assert decided.deliveries == (planned(at=NOW + 30),)
    assert decided.verifications == ()
    assert [event.kind for event in decided.events] == [EventKind.DELIVERY]


@pytest.mark.parametrize(("count", "pause"), [(1, 30), (2, 60), (3, 120)])
@pytest.mark.parametrize("channel", Channel)
def test_each_repeat_has_to_wait_longer_than_the_one_before_on_either_channel(
    count: int, pause: float, channel: Channel
) -> None:
    state = sent(count, every=10)
    last = state.deliveries[-1].created_at
    early = repeated(state, channel=channel, now=last + pause - 1)
    assert isinstance(early.result, TooSoon)
    assert early.result.wait == 1
    assert replace(early, events=(), refusals=()) == Changes(result=early.result)
    assert [event.kind for event in early.events] == [EventKind.START_REFUSED]
    assert plan(repeated(state, channel=channel, now=last + pause)).delivery is not None


def test_the_fifth_delivery_is_the_last_however_long_one_waits() -> None:
    patient = replace(PENDING, expires_at=NOW + 10_000)
    assert plan(repeated(sent(4, verification=patient), now=NOW + 9_000)).delivery is not None
    decided = repeated(sent(5, verification=patient), now=NOW + 9_000)
    assert isinstance(decided.result, TooManyDeliveries)


def test_what_the_carrier_refused_takes_no_pause_and_none_of_the_five() -> None:
    state = replace(
        sent(1), deliveries=(DONE, *(replace(REFUSED, sid=f"VL{n}", created_at=NOW + 29) for n in range(9)))
    )
    assert next_delivery_wait(state, now=NOW + 30, policy=DEFAULT_POLICY) == 0
    assert plan(repeated(state, now=NOW + 30)).delivery is not None


@pytest.mark.parametrize(
    "status", [DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED, DeliveryStatus.ANSWERED]
)
def test_no_second_call_while_one_may_be_up(status: DeliveryStatus) -> None:
    state = State(verification=PENDING, deliveries=(replace(CALL, status=status),))
    assert repeated(state, now=NOW + 39, policy=NO_SPACING) == Changes(result=StartResult(PENDING, None))


def test_a_call_that_nobody_heard_of_may_be_repeated_after_forty_seconds() -> None:
    state = State(verification=PENDING, deliveries=(replace(CALL, status=DeliveryStatus.UNKNOWN, provider_sid=None),))
    assert plan(repeated(state, now=NOW + 40)).delivery is not None


def test_no_second_call_even_when_a_text_was_sent_after_the_call_that_is_up() -> None:
    state = State(verification=PENDING, deliveries=(CALL, TEXT))
    assert plan(repeated(state, now=NOW + 100)).delivery is None


def test_a_text_may_be_sent_while_a_call_is_up_but_no_second_text_while_one_is_under_way() -> None:
    up = State(verification=PENDING, deliveries=(CALL,))
    assert plan(repeated(up, channel=Channel.SMS, now=NOW + 30)).delivery is not None
    unclear = replace(up, deliveries=(CALL, replace(TEXT, status=DeliveryStatus.UNKNOWN)))
    assert plan(repeated(unclear, channel=Channel.SMS, now=TEXT.created_at + 30)).delivery is None


def test_a_text_that_stays_in_the_queue_is_sent_again_once_its_spacing_is_over() -> None:
    queued = State(verification=PENDING, deliveries=(replace(TEXT, status=DeliveryStatus.QUEUED),))
    assert plan(repeated(queued, channel=Channel.SMS, now=TEXT.created_at + 30)).delivery is not None


@pytest.mark.parametrize("status", FINAL)
def test_what_has_ended_is_not_sent_again(status: VerificationStatus) -> None:
    decided = repeated(sent(1, verification=ended(status)), now=NOW + 100)
    assert isinstance(decided.result, NotPending)
    assert decided.result.status is status
    assert decided == Changes(result=decided.result)


def test_a_repeat_at_the_deadline_finds_it_expired_and_writes_that() -> None:
    assert plan(repeated(sent(1), now=NOW + LIFETIME - 0.1)).delivery is not None
    decided = repeated(sent(1), now=NOW + LIFETIME)
    assert isinstance(decided.result, NotPending)
    assert decided.result.status is VerificationStatus.EXPIRED
    assert [(over.status, over.seed) for over in decided.verifications] == [(VerificationStatus.EXPIRED, None)]
    assert decided.deliveries == ()


def test_nothing_is_sent_to_a_suppressed_number_or_for_no_verification() -> None:
    assert isinstance(repeated(sent(1, suppressed=True), now=NOW + 100).result, NumberSuppressed)
    assert isinstance(repeated(State(), now=NOW).result, NotFound)


@pytest.mark.parametrize(
    ("count", "passed", "left"),
    [(0, 0, 0), (1, 0, 30), (1, 29.5, 0.5), (1, 30, 0), (1, 31, 0), (2, 0, 60), (4, 1, 299)],
)
def test_the_time_to_wait_is_what_is_left_of_the_pause_and_never_negative(
    count: int, passed: float, left: float
) -> None:
    assert next_delivery_wait(sent(count), now=NOW + passed, policy=DEFAULT_POLICY) == left


# ------------------------------------------------------------------------------------------------ cancel


def test_a_cancelled_verification_is_dead_and_its_calls_are_to_be_hung_up() -> None:
    state = State(verification=PENDING, deliveries=(CALL, DONE, TEXT))
    decided = cancel(state, now=NOW + 5, policy=DEFAULT_POLICY)
    (dead,) = decided.verifications
    assert plan(decided) == StartResult(dead, None, hang_up=("CA1",))
    assert (dead.status, dead.seed) == (VerificationStatus.CANCELED, None)
    assert [event.kind for event in decided.events] == [EventKind.CANCELED]
    late = cancel(after(state, decided), now=NOW + 6, policy=DEFAULT_POLICY)
    assert isinstance(late.result, NotPending)
    assert late == Changes(result=late.result)


def test_what_expired_was_not_cancelled() -> None:
    decided = cancel(State(verification=PENDING), now=NOW + LIFETIME, policy=DEFAULT_POLICY)
    assert isinstance(decided.result, NotPending)
    assert decided.result.status is VerificationStatus.EXPIRED
    assert [over.status for over in decided.verifications] == [VerificationStatus.EXPIRED]


def test_nothing_cannot_be_cancelled() -> None:
    assert isinstance(cancel(State(), now=NOW, policy=DEFAULT_POLICY).result, NotFound)
