"""Outgoing events: every end once, nothing that the application did itself, nothing about decoys."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.records import CALL, NOW, NUMBER, PENDING, context, ended
from verification.flow.check import check
from verification.flow.ending import cancel, expire_changes
from verification.flow.events import OutgoingEventType, outgoing_events
from verification.models import Account, EnrolledNumber, Event, EventKind, Manner, State
from verification.ports import Changes
from verification.types import Channel, VerificationStatus

CASE = State(verification=PENDING, deliveries=(CALL,))


def topics(changes: Changes[Any], state: State = CASE) -> list[tuple[OutgoingEventType, str]]:
    return [
        (event.topic, event.verification.status if event.verification else "")
        for event in outgoing_events(changes, state)
    ]


@pytest.mark.parametrize(
    ("status", "topic"),
    [
        (VerificationStatus.APPROVED, OutgoingEventType.APPROVED),
        (VerificationStatus.MAX_ATTEMPTS_REACHED, OutgoingEventType.FAILED),
        (VerificationStatus.EXPIRED, OutgoingEventType.FAILED),
        (VerificationStatus.FAILED, OutgoingEventType.FAILED),
        (VerificationStatus.CANCELED, None),
        (VerificationStatus.PENDING, None),
    ],
)
def test_an_end_makes_an_outgoing_event_unless_the_application_caused_it(
    status: VerificationStatus, topic: OutgoingEventType | None
) -> None:
    over = ended(status)
    assert topics(Changes(result=None, verifications=(over,))) == ([(topic, status)] if topic else [])


def test_an_end_makes_one_outgoing_event() -> None:
    over = ended(VerificationStatus.APPROVED)
    again = Changes(result=None, verifications=(replace(over, redeemed_at=NOW),))
    assert topics(again, State(verification=over)) == []


def test_the_rules_own_decisions_make_outgoing_events() -> None:
    wrong = check(CASE, context(NOW), submitted="000000", renewed=None)
    assert topics(wrong) == [(OutgoingEventType.FAILED, "max_attempts_reached")]
    assert topics(expire_changes(CASE, context(NOW + 301))) == [(OutgoingEventType.FAILED, "expired")]
    assert topics(cancel(CASE, context(NOW))) == []
    reported = cancel(CASE, context(NOW), kind=EventKind.REPORTED)
    assert topics(reported) == [(OutgoingEventType.REPORTED, "canceled")]


def test_a_decoy_makes_no_outgoing_event() -> None:
    silent = replace(PENDING, manner=Manner.DECOY)
    over = replace(silent, status=VerificationStatus.EXPIRED, seed=None)
    report = Event(kind=EventKind.REPORTED, at=NOW, verification=silent.sid)
    assert topics(Changes(result=None, verifications=(over,), events=(report,)), State(verification=silent)) == []


def test_a_report_makes_an_outgoing_event_where_the_page_does_not_show_it() -> None:
    private = State(verification=replace(PENDING, manner=Manner.PRIVATE), deliveries=(CALL,))
    reported = cancel(private, context(NOW), kind=EventKind.REPORTED)
    assert topics(reported, private) == [(OutgoingEventType.REPORTED, "canceled")]


def test_a_stop_is_told_with_the_verification_that_it_is_about_or_without() -> None:
    about = Event(kind=EventKind.SUPPRESSED, at=NOW, verification=PENDING.sid)
    assert topics(Changes(result=None, events=(about,), suppress=(NUMBER,))) == [
        (OutgoingEventType.SUPPRESSED, "pending")
    ]
    by_text = Event(kind=EventKind.SUPPRESSED, at=NOW)
    assert topics(Changes(result=None, events=(by_text,), suppress=(NUMBER,))) == [(OutgoingEventType.SUPPRESSED, "")]


def test_a_changed_number_makes_an_outgoing_event_with_its_account() -> None:
    account = Account(
        service=PENDING.service,
        name="ada",
        username="Ada",
        numbers=(EnrolledNumber(NUMBER),),
        channel=Channel.CALL,
        language="",
    )
    changed = Event(kind=EventKind.NUMBER_CHANGED, at=NOW)
    (event,) = outgoing_events(Changes(result=None, accounts=(account,), events=(changed,)), State())
    assert (event.topic, event.account, event.at) == (OutgoingEventType.CHANGED, account, NOW)
