"""Starts, resends and cancellation: one pending verification, one call at a time, and spacing."""

import pytest
from msgspec.structs import replace

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
    context,
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
from verification.flow.admission import next_delivery_wait
from verification.flow.ending import EndResult, cancel
from verification.flow.start import StartResult, resend, start
from verification.models import Delivery, EventKind, Progress, State, Verification
from verification.policy import DEFAULT_POLICY, Policy
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus, VerificationStatus
from verification.values.phone_numbers import PhoneNumber

EVERY_CHANNEL = replace(DEFAULT_POLICY, channels=frozenset(Channel))
NEW = replace(PENDING, sid="VE2", seed=b"sixteen bytes, 2")
FINAL = [status for status in VerificationStatus if status.final]
NO_SPACING = Policy(repeat_spacing=(0,))
DONE = replace(CALL, status=DeliveryStatus.COMPLETED, progress=Progress.HEARD)
REFUSED = replace(CALL, status=DeliveryStatus.FAILED, provider_sid=None)


def started(
    state: State,
    *,
    new: Verification = NEW,
    channel: Channel = Channel.CALL,
    now: float = NOW + 5,
    policy: Policy = EVERY_CHANNEL,
) -> Changes[StartResult | VerificationError]:
    delivery = replace(planned(channel, at=now), verification=new.sid)
    session = replace(SESSION, verification=new.sid) if state.session else None
    return start(state, new, context(now, policy), delivery=delivery, session=session)


def repeated(
    state: State, *, channel: Channel = Channel.CALL, now: float, policy: Policy = EVERY_CHANNEL
) -> Changes[StartResult | VerificationError]:
    return resend(state, context(now, policy), delivery=planned(channel, at=now))


def plan(changes: Changes[StartResult | VerificationError]) -> StartResult:
    assert isinstance(changes.result, StartResult)
    return changes.result


def sent(count: int, *, every: float = 0, **changes: object) -> State:
    """A verification after this many deliveries, all ended."""
    deliveries = [replace(DONE, sid=f"VL{number}", created_at=NOW + number * every) for number in range(count)]
    return replace(State(verification=PENDING, deliveries=tuple(deliveries)), **changes)


# ------------------------------------------------------------------------------------------------ start


def test_a_first_start_plans_a_delivery_and_writes_its_events() -> None:
    changes = started(State())
    assert plan(changes).verification == NEW
    assert plan(changes).hang_up == ()
    assert changes.verifications == (NEW,)
    assert changes.deliveries == (plan(changes).delivery,)
    assert [(event.kind, event.verification) for event in changes.events] == [
        (EventKind.STARTED, "VE2"),
        (EventKind.DELIVERY, "VE2"),
    ]


def test_a_start_in_a_browser_gives_it_the_new_verification() -> None:
    changes = started(State(session=replace(SESSION, approved=True)))
    assert [(session.id, session.verification, session.approved) for session in changes.sessions] == [
        ("browser", "VE2", False)
    ]


def test_a_newer_verification_ends_the_older_with_its_seed_and_its_calls() -> None:
    deliveries = (CALL, replace(CALL, sid="VL3", provider_sid="CA3", status=DeliveryStatus.QUEUED), TEXT, DONE)
    changes = started(State(verification=PENDING, deliveries=deliveries))
    older, newer = changes.verifications
    assert (older.sid, older.status, older.seed) == ("VE1", VerificationStatus.CANCELED, None)
    assert newer == NEW
    assert plan(changes).hang_up == ("CA1", "CA3")
    assert [event.kind for event in changes.events][:2] == [EventKind.SUPERSEDED, EventKind.STARTED]


def test_an_older_one_past_its_deadline_is_expired_and_not_superseded() -> None:
    changes = started(State(verification=PENDING, deliveries=(DONE,)), now=NOW + LIFETIME)
    assert changes.verifications[0].status is VerificationStatus.EXPIRED
    assert [event.kind for event in changes.events][:2] == [EventKind.EXPIRED, EventKind.STARTED]


def test_a_suppressed_number_is_not_started_and_an_older_verification_stays() -> None:
    changes = started(State(verification=PENDING, deliveries=(DONE,), suppressed=True))
    assert isinstance(changes.result, NumberSuppressed)
    assert (changes.verifications, changes.deliveries, changes.sessions) == ((), (), ())
    assert [(event.kind, event.verification) for event in changes.events] == [(EventKind.START_REFUSED, "")]
    assert NUMBER.e164 not in repr(changes)


@pytest.mark.parametrize(("seconds", "paused"), [(0, True), (59.9, True), (60, False)])
def test_an_account_whose_call_was_reported_waits_until_its_pause_is_over(seconds: float, paused: bool) -> None:
    changes = started(State(paused_until=NOW + 60), now=NOW + seconds)
    assert isinstance(changes.result, NumberPaused) is paused
    if isinstance(changes.result, NumberPaused):
        assert changes.result.wait == pytest.approx(60 - seconds)
        assert [event.kind for event in changes.events] == [EventKind.START_REFUSED]
        assert (changes.verifications, changes.deliveries, changes.sessions) == ((), (), ())


# ------------------------------------------------------------------------------------------------ pressed twice

RUNNING = State(verification=PENDING, deliveries=(CALL,), session=SESSION)


@pytest.mark.parametrize(
    "latest", [planned(), replace(planned(), status=DeliveryStatus.UNKNOWN), CALL], ids=lambda d: d.status.value
)
def test_the_same_request_of_the_same_browser_gets_the_pending_verification(latest: Delivery) -> None:
    changes = started(replace(RUNNING, deliveries=(latest,)), now=NOW + 0.1)
    assert changes == Changes(result=StartResult(PENDING, None))


@pytest.mark.parametrize(("seconds", "once"), [(29.9, True), (30, False)])
def test_a_call_that_has_ended_is_not_repeated_by_a_reload_before_its_pause_is_over(seconds: float, once: bool) -> None:
    changes = started(replace(RUNNING, deliveries=(DONE,)), now=NOW + seconds)
    assert (plan(changes).delivery is None) is once


@pytest.mark.parametrize(("seconds", "once"), [(39.9, True), (40, False)])
def test_a_call_that_may_be_ringing_is_not_doubled_before_forty_seconds(seconds: float, once: bool) -> None:
    unknown = replace(CALL, status=DeliveryStatus.UNKNOWN, provider_sid=None)
    changes = started(replace(RUNNING, deliveries=(unknown,)), now=NOW + seconds)
    assert (plan(changes).delivery is None) is once


@pytest.mark.parametrize(
    ("state", "new", "channel"),
    [
        (replace(RUNNING, session=None), NEW, Channel.CALL),
        (replace(RUNNING, session=replace(SESSION, id="other", verification="VE0")), NEW, Channel.CALL),
        (RUNNING, replace(NEW, number=OTHER_NUMBER), Channel.CALL),
        (RUNNING, replace(NEW, number=PhoneNumber(NUMBER.e164, "US", "12")), Channel.CALL),
        (RUNNING, NEW, Channel.SMS),
    ],
    ids=["no browser", "another browser", "another number", "another extension", "another channel"],
)
def test_asking_for_anything_else_begins_anew_and_ends_the_older(
    state: State, new: Verification, channel: Channel
) -> None:
    changes = started(state, new=new, channel=channel, now=NOW + 0.1)
    assert plan(changes).verification == new
    assert plan(changes).delivery is not None
    assert plan(changes).hang_up == ("CA1",)
    assert [verification.status.final for verification in changes.verifications] == [True, False]


def test_a_verification_past_its_deadline_is_not_the_running_one() -> None:
    changes = started(replace(RUNNING, deliveries=(replace(CALL, created_at=NOW + 290),)), now=NOW + LIFETIME)
    assert plan(changes).verification == NEW


# ------------------------------------------------------------------------------------------------ again


def test_a_repeat_sends_the_same_verification_and_moves_nothing_of_it() -> None:
    changes = repeated(sent(1), now=NOW + 30)
    assert plan(changes).verification == PENDING
    assert plan(changes).delivery == planned(at=NOW + 30)
    assert changes.deliveries == (planned(at=NOW + 30),)
    assert changes.verifications == ()
    assert [event.kind for event in changes.events] == [EventKind.DELIVERY]


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
    assert replace(early, events=(), denials=(), counter_updates=()) == Changes(result=early.result)
    assert [event.kind for event in early.events] == [EventKind.START_REFUSED]
    assert plan(repeated(state, channel=channel, now=last + pause)).delivery is not None


def test_the_fifth_delivery_is_the_last_however_long_one_waits() -> None:
    patient = replace(PENDING, expires_at=NOW + 10_000)
    assert plan(repeated(sent(4, verification=patient), now=NOW + 9_000)).delivery is not None
    changes = repeated(sent(5, verification=patient), now=NOW + 9_000)
    assert isinstance(changes.result, TooManyDeliveries)


def test_a_rejected_delivery_takes_no_spacing_and_none_of_the_five() -> None:
    state = replace(
        sent(1), deliveries=(DONE, *(replace(REFUSED, sid=f"VL{n}", created_at=NOW + 29) for n in range(9)))
    )
    assert next_delivery_wait(state, Channel.CALL, context(NOW + 30)) == 0
    assert plan(repeated(state, now=NOW + 30)).delivery is not None


@pytest.mark.parametrize(
    "status", [DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN, DeliveryStatus.QUEUED, DeliveryStatus.ANSWERED]
)
def test_no_second_call_while_one_may_be_up(status: DeliveryStatus) -> None:
    state = State(verification=PENDING, deliveries=(replace(CALL, status=status),))
    assert repeated(state, now=NOW + 39, policy=NO_SPACING) == Changes(result=StartResult(PENDING, None))


def test_a_call_without_a_report_may_be_repeated_after_forty_seconds() -> None:
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
    changes = repeated(sent(1, verification=ended(status)), now=NOW + 100)
    assert isinstance(changes.result, NotPending)
    assert changes.result.status is status
    assert changes == Changes(result=changes.result)


def test_a_repeat_at_the_deadline_finds_it_expired_and_writes_that() -> None:
    assert plan(repeated(sent(1), now=NOW + LIFETIME - 0.1)).delivery is not None
    changes = repeated(sent(1), now=NOW + LIFETIME)
    assert isinstance(changes.result, NotPending)
    assert changes.result.status is VerificationStatus.EXPIRED
    assert [(over.status, over.seed) for over in changes.verifications] == [(VerificationStatus.EXPIRED, None)]
    assert changes.deliveries == ()


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
    for channel in Channel:
        assert next_delivery_wait(sent(count), channel, context(NOW + passed)) == left


BROUGHT_NO_CODE = [
    *(replace(CALL, status=DeliveryStatus(status)) for status in ("busy", "no-answer", "failed", "canceled")),
    replace(CALL, status=DeliveryStatus.COMPLETED, progress=Progress.ANSWERED),
    replace(CALL, status=DeliveryStatus.COMPLETED, progress=Progress.PRESSED),
    replace(TEXT, status=DeliveryStatus.UNDELIVERED),
    replace(TEXT, status=DeliveryStatus.FAILED),
]


@pytest.mark.parametrize("last", BROUGHT_NO_CODE, ids=lambda last: f"{last.channel.value} {last.status.value}")
def test_after_a_delivery_that_brought_no_code_only_the_same_channel_waits(last: Delivery) -> None:
    state, now = State(verification=PENDING, deliveries=(last,)), last.created_at + 3
    other = last.channel.fallbacks[0]
    assert next_delivery_wait(state, other, context(now)) == 0
    assert plan(repeated(state, channel=other, now=now)).delivery is not None
    assert next_delivery_wait(state, last.channel, context(now)) == 27
    assert isinstance(repeated(state, channel=last.channel, now=now).result, TooSoon)


@pytest.mark.parametrize(
    "last",
    [
        replace(CALL, status=DeliveryStatus.COMPLETED, progress=Progress.READING),
        CALL,
        replace(CALL, status=DeliveryStatus.RINGING),
        TEXT,
        replace(TEXT, status=DeliveryStatus.DELIVERED),
    ],
    ids=lambda last: f"{last.channel.value} {last.status.value}",
)
def test_after_a_delivery_that_may_have_brought_the_code_both_channels_wait(last: Delivery) -> None:
    state, now = State(verification=PENDING, deliveries=(last,)), last.created_at + 3
    assert isinstance(repeated(state, channel=last.channel.fallbacks[0], now=now).result, TooSoon)


# ------------------------------------------------------------------------------------------------ cancel


def test_a_cancelled_verification_is_dead_and_its_calls_are_to_be_hung_up() -> None:
    state = State(verification=PENDING, deliveries=(CALL, DONE, TEXT))
    changes = cancel(state, context(NOW + 5))
    (dead,) = changes.verifications
    assert changes.result == EndResult(dead, hang_up=("CA1",))
    assert (dead.status, dead.seed) == (VerificationStatus.CANCELED, None)
    assert [event.kind for event in changes.events] == [EventKind.CANCELED]
    late = cancel(after(state, changes), context(NOW + 6))
    assert isinstance(late.result, NotPending)
    assert late == Changes(result=late.result)


def test_what_expired_was_not_cancelled() -> None:
    changes = cancel(State(verification=PENDING), context(NOW + LIFETIME))
    assert isinstance(changes.result, NotPending)
    assert changes.result.status is VerificationStatus.EXPIRED
    assert [over.status for over in changes.verifications] == [VerificationStatus.EXPIRED]


def test_nothing_cannot_be_cancelled() -> None:
    assert isinstance(cancel(State(), context(NOW)).result, NotFound)
