"""What an application is told: every end once, nothing that it did itself, nothing about people who are not there."""

from dataclasses import replace
from typing import Any

import pytest

from tests.cases import CALL, KEYS, NOW, NUMBER, PENDING, ended
from verification.checking import check
from verification.ending import expire_decision
from verification.policy import SEED
from verification.ports import Decision
from verification.records import Account, Case, EnrolledNumber, Event, EventKind, Manner
from verification.starting import cancel
from verification.states import Channel, VerificationStatus
from verification.telling import Topic, tellings

CASE = Case(verification=PENDING, deliveries=(CALL,))


def topics(decision: Decision[Any], case: Case = CASE) -> list[tuple[Topic, str]]:
    return [(told.topic, told.verification.status if told.verification else "") for told in tellings(decision, case)]


@pytest.mark.parametrize(
    ("status", "topic"),
    [
        (VerificationStatus.APPROVED, Topic.APPROVED),
        (VerificationStatus.MAX_ATTEMPTS_REACHED, Topic.FAILED),
        (VerificationStatus.EXPIRED, Topic.FAILED),
        (VerificationStatus.FAILED, Topic.FAILED),
        (VerificationStatus.CANCELED, None),
        (VerificationStatus.PENDING, None),
    ],
)
def test_an_end_is_told_unless_the_application_made_it(status: VerificationStatus, topic: Topic | None) -> None:
    over = ended(status)
    assert topics(Decision(verdict=None, verifications=(over,))) == ([(topic, status)] if topic else [])


def test_an_end_is_told_once() -> None:
    over = ended(VerificationStatus.APPROVED)
    again = Decision(verdict=None, verifications=(replace(over, redeemed_at=NOW),))
    assert topics(again, Case(verification=over)) == []


def test_the_rules_own_decisions_are_told() -> None:
    wrong = check(CASE, submitted="000000", keys=KEYS, renewed=None, now=NOW, policy=SEED)
    assert topics(wrong) == [(Topic.FAILED, "max_attempts_reached")]
    assert topics(expire_decision(CASE, now=NOW + 301)) == [(Topic.FAILED, "expired")]
    assert topics(cancel(CASE, now=NOW, policy=SEED)) == []
    reported = cancel(CASE, now=NOW, policy=SEED, kind=EventKind.REPORTED)
    assert topics(reported) == [(Topic.REPORTED, "canceled")]


def test_nothing_is_told_about_somebody_who_only_looks_like_a_user() -> None:
    silent = replace(PENDING, manner=Manner.SILENT)
    over = replace(silent, status=VerificationStatus.EXPIRED, seed=None)
    report = Event(kind=EventKind.REPORTED, at=NOW, verification=silent.sid)
    assert topics(Decision(verdict=None, verifications=(over,), events=(report,)), Case(verification=silent)) == []


def test_a_report_is_told_where_the_page_does_not_show_it() -> None:
    discreet = Case(verification=replace(PENDING, manner=Manner.DISCREET), deliveries=(CALL,))
    reported = cancel(discreet, now=NOW, policy=SEED, kind=EventKind.REPORTED)
    assert topics(reported, discreet) == [(Topic.REPORTED, "canceled")]


def test_a_stop_is_told_with_the_verification_that_it_is_about_or_without() -> None:
    about = Event(kind=EventKind.SUPPRESSED, at=NOW, verification=PENDING.sid)
    assert topics(Decision(verdict=None, events=(about,), suppress=(NUMBER,))) == [(Topic.SUPPRESSED, "pending")]
    by_text = Event(kind=EventKind.SUPPRESSED, at=NOW)
    assert topics(Decision(verdict=None, events=(by_text,), suppress=(NUMBER,))) == [(Topic.SUPPRESSED, "")]


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
    (told,) = tellings(Decision(verdict=None, enrolled=(account,), events=(changed,)), Case())
    assert (told.topic, told.account, told.at) == (Topic.CHANGED, account, NOW)
