"""Totals for /metrics, updated in the transaction of each decision: exact over all workers, restarts and crashes.

A total has a name, and a label that is a number or one of our own words: never a name, a phone number, a sid or a code.
Scraping reads the hundred rows of this table, whatever the size of the others.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from verification.models import Event, EventKind, State
from verification.ports import Changes
from verification.types import DeliveryStatus

from .connection import Connection

#: Upper bounds of the histograms, in seconds.
ANSWER_BUCKETS = (2.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0)
FIRST_DIGIT_BUCKETS = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 90.0)
STARTS, STARTS_REFUSED, LIMITS_WATCHED, CHECKS = "starts", "starts_refused", "limits_watched", "checks"
VERIFICATIONS_ENDED, DELIVERIES, ANSWER_SECONDS, FIRST_DIGIT_SECONDS = "ended", "deliveries", "answer", "first_digit"
SUM = "sum"
#: When Twilio last accepted or reported something; a time, not a sum.
LAST_HEARD = "provider_last_heard"

ADD_TOTAL = """INSERT INTO metric_totals VALUES (?, ?, ?)
    ON CONFLICT (name, label) DO UPDATE SET value = metric_totals.value + excluded.value"""
_PUT = """INSERT INTO metric_totals VALUES (?, '', ?)
    ON CONFLICT (name, label) DO UPDATE SET
    value = CASE WHEN excluded.value > metric_totals.value THEN excluded.value ELSE metric_totals.value END"""
_ALL = "SELECT name, label, value FROM metric_totals"
_WORD, _MAX_LABEL = re.compile(r"[a-z]+(-[a-z]+)*"), 30
_CHECK_RESULTS = {
    EventKind.APPROVED: "right",
    EventKind.CHECK_FAILED: "wrong",
    EventKind.CHECK_REFUSED: "refused",
}
#: States that do not show that Twilio works: it was not asked, did not answer, or refused.
_NOT_FROM_PROVIDER = {DeliveryStatus.PLANNED.value, DeliveryStatus.UNKNOWN.value, DeliveryStatus.FAILED.value}

Totals = Counter[tuple[str, str]]


def record_totals(conn: Connection, decided: Sequence[tuple[Changes[Any], State]]) -> None:
    """Add the totals of these decisions, in their transaction. One with nothing to write is counted in memory."""
    totals: Totals = Counter()
    last_heard = 0.0
    for changes, state in decided:
        if changes.events or (changes.counted and not changes.empty):
            add_totals(totals, changes, state)
            last_heard = max([last_heard, *[event.at for event in changes.events if _from_provider(event)]])
    increment_totals(conn, totals)
    if last_heard:
        conn.execute(_PUT, (LAST_HEARD, last_heard))


def increment_totals(conn: Connection, totals: Totals) -> None:
    if totals:
        conn.executemany(ADD_TOTAL, [(*key, amount) for key, amount in totals.items()])


def read_totals(conn: Connection) -> dict[tuple[str, str], float]:
    return {(name, label): value for name, label, value in conn.execute(_ALL)}


def add_totals(totals: Totals, changes: Changes[Any], state: State) -> None:
    """Add the increments of a decision."""
    for event in (*changes.events, *changes.counted):
        _count(totals, event, state)
    old = state.verification
    for verification in changes.verifications:
        was_final = old is not None and old.sid == verification.sid and old.status.final
        if verification.status.final and not was_final:
            totals[VERIFICATIONS_ENDED, verification.status.value] += 1


def _count(totals: Totals, event: Event, state: State) -> None:
    if event.kind is EventKind.STARTED:
        totals[STARTS, ""] += 1
    elif event.kind is EventKind.START_REFUSED:
        totals[STARTS_REFUSED, label_of(event.detail)] += 1
    elif event.kind is EventKind.LIMIT_WATCHED:
        totals[LIMITS_WATCHED, label_of(event.detail)] += 1
    elif event.kind is EventKind.DELIVERY:
        totals[DELIVERIES, label_of(" ".join(event.detail.split()[:2]))] += 1
        if event.detail == "call answered":
            _observe(totals, ANSWER_SECONDS, ANSWER_BUCKETS, event, state)
    elif event.kind is EventKind.CODE_SAID:
        _observe(totals, FIRST_DIGIT_SECONDS, FIRST_DIGIT_BUCKETS, event, state)
    elif event.kind in _CHECK_RESULTS:
        totals[CHECKS, _CHECK_RESULTS[event.kind]] += 1


def _observe(totals: Totals, name: str, buckets: tuple[float, ...], event: Event, state: State) -> None:
    """Seconds since the delivery was planned, in the smallest bucket that fits."""
    delivery = state.delivery(event.delivery)
    if delivery is None:
        return
    seconds = max(0.0, event.at - delivery.created_at)
    bucket = next((bound for bound in buckets if seconds <= bound), None)
    totals[name, "+Inf" if bucket is None else f"{bucket:g}"] += 1
    totals[name, SUM] += seconds  # type: ignore[assignment]  # seconds are a total too


def label_of(text: str) -> str:
    """The plain words that a detail begins with. What follows could be a count, a sid, or personal data."""
    label = " ".join(takewhile(_WORD.fullmatch, text.split(" ")))
    return label if 0 < len(label) <= _MAX_LABEL else "other"


def _from_provider(event: Event) -> bool:
    return event.kind is EventKind.DELIVERY and event.detail.split()[1] not in _NOT_FROM_PROVIDER
