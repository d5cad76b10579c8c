"""What an application is told: every end once, nothing that it did itself, nothing about people who are not there."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.records import CALL, KEYS, NOW, NUMBER, PENDING, ended
from verification.flow.check import check
from verification.flow.delivery import expire_changes
from verification.flow.events import OutgoingEventType, outgoing_events
from verification.flow.start import cancel
from verification.models import Account, EnrolledNumber, Event, EventKind, Manner, State
from verification.policy import DEFAULT_POLICY
from verification.ports import Changes
from verification.types import Channel, VerificationStatus

CASE = State(verification=PENDING, deliveries=(CALL,))


def topics(changes: Changes[Any], state: State = CASE) -> list[tuple[OutgoingEventType, str]]:
    return [
        (told.topic, told.verification.status if told.verification else "") for told in outgoing_events(changes, state)
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
def test_an_end_is_told_unless_the_application_made_it(
    status: VerificationStatus, topic: OutgoingEventType | None
) -> None:
    over = ended(status)
    assert topics(Changes(result=None, verifications=(over,))) == ([(topic, status)] if topic else [])


def test_an_end_is_told_once() -> None:
    over = ended(VerificationStatus.APPROVED)
    again = Changes(result=None, verifications=(replace(over, redeemed_at=NOW),))
    assert topics(again, State(verification=over)) == []


def test_the_rules_own_decisions_are_told() -> None:
    wrong = check(CASE, submitted="000000", keys=KEYS, renewed=None, now=NOW, policy=DEFAULT_POLICY)
    assert topics(wrong) == [(OutgoingEventType.FAILED, "max_attempts_reached")]
    assert topics(expire_changes(CASE, now=NOW + 301)) == [(OutgoingEventType.FAILED, "expired")]
    assert topics(cancel(CASE, now=NOW, policy=DEFAULT_POLICY)) == []
    reported = cancel(CASE, now=NOW, policy=DEFAULT_POLICY, kind=EventKind.REPORTED)
    assert topics(reported) == [(OutgoingEventType.REPORTED, "canceled")]


def test_nothing_is_told_about_somebody_who_only_looks_like_a_user() -> None:
    silent = replace(PENDING, manner=Manner.SILENT)
    over = replace(silent, status=VerificationStatus.EXPIRED, seed=None)
    report = Event(kind=EventKind.REPORTED, at=NOW, verification=silent.sid)
    assert topics(Changes(result=None, verifications=(over,), events=(report,)), State(verification=silent)) == []


def test_a_report_is_told_where_the_page_does_not_show_it() -> None:
    discreet = State(verification=replace(PENDING, manner=Manner.DISCREET), deliveries=(CALL,))
    reported = cancel(discreet, now=NOW, policy=DEFAULT_POLICY, kind=EventKind.REPORTED)
    assert topics(reported, discreet) == [(OutgoingEventType.REPORTED, "canceled")]


def test_a_stop_is_told_with_the_verification_that_it_is_about_or_without() -> None:
    about = Event(kind=EventKind.SUPPRESSED, at=NOW, verification=PENDING.sid)
    assert topics(Changes(result=None, events=(about,), suppress=(NUMBER,))) == [
        (OutgoingEventType.SUPPRESSED, "pending")
    ]
    by_text = Event(kind=EventKind.SUPPRESSED, at=NOW)
    assert topics(Changes(result=None, events=(by_text,), suppress=(NUMBER,))) == [(OutgoingEventType.SUPPRESSED, "")]


def test_a_changed_number_is_told_with_its_account() -> None:
    account = Account(
        service=PENDING.service,
        name="ada",
        username="Ada",
        numbers=(EnrolledNumber(NUMBER),),
        channel=Channel.CALL,
        language="",
    )
    changed = Event(kind=EventKind.NUMBER_CHANGED, at=NOW)
    (told,) = outgoing_events(Changes(result=None, enrolled=(account,), events=(changed,)), State())
    assert (told.topic, told.account, told.at) == (OutgoingEventType.CHANGED, account, NOW)
