"""Totals for /metrics, added up in the transaction that made them: exact over all workers, restarts and crashes.

A total is a name and a label, a number or a word of ours: never a person, a sid or a code. Scraping reads the hundred
rows of this table, whatever the size of the others.
"""

import re
import sqlite3
from collections import Counter
from itertools import takewhile
from typing import Any

from verification.models import Event, EventKind, State
from verification.ports import Changes
from verification.types import DeliveryStatus

#: Upper bounds of the histograms, in seconds.
ANSWER_BUCKETS = (2.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0)
FIRST_DIGIT_BUCKETS = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 90.0)
STARTS, STARTS_REFUSED, LIMITS_WATCHED, CHECKS = "starts", "starts_refused", "limits_watched", "checks"
VERIFICATIONS_ENDED, DELIVERIES, ANSWER_SECONDS, FIRST_DIGIT_SECONDS = "ended", "deliveries", "answer", "first_digit"
SUM = "sum"
#: When Twilio last took something or told us something; a time, not a sum.
LAST_HEARD = "carrier_last_word"

_ADD = "INSERT INTO totals VALUES (?, ?, ?) ON CONFLICT (name, label) DO UPDATE SET value = value + excluded.value"
_PUT = "INSERT INTO totals VALUES (?, '', ?) ON CONFLICT (name, label) DO UPDATE SET value = max(value, excluded.value)"
_ALL = "SELECT name, label, value FROM totals"
_WORD, _LONGEST = re.compile(r"[a-z]+(-[a-z]+)*"), 30
_CHECK_RESULTS = {
    EventKind.APPROVED: "right",
    EventKind.CHECK_FAILED: "wrong",
    EventKind.CHECK_REFUSED: "refused",
}
#: States in which nobody has heard from the carrier yet, or only that it refuses.
_NOT_FROM_PROVIDER = {DeliveryStatus.PLANNED.value, DeliveryStatus.UNKNOWN.value, DeliveryStatus.FAILED.value}

Totals = Counter[tuple[str, str]]


def record_totals(conn: sqlite3.Connection, changes: Changes[Any], state: State) -> None:
    """Add what this decision brings, in its transaction."""
    if not changes.events:
        return
    increment_totals(conn, totals_of(changes, state))
    if heard := [event.at for event in changes.events if _from_provider(event)]:
        conn.execute(_PUT, (LAST_HEARD, max(heard)))


def increment_totals(conn: sqlite3.Connection, totals: Totals) -> None:
    """Add these."""
    conn.executemany(_ADD, [(*key, amount) for key, amount in totals.items()])


def read_totals(conn: sqlite3.Connection) -> dict[tuple[str, str], float]:
    """All of them."""
    return {(name, label): value for name, label, value in conn.execute(_ALL)}


def totals_of(changes: Changes[Any], state: State) -> Totals:
    """What a decision adds to which totals."""
    found: Totals = Counter()
    for event in changes.events:
        _count(found, event, state)
    known = state.verification
    for verification in changes.verifications:
        was_final = known is not None and known.sid == verification.sid and known.status.final
        if verification.status.final and not was_final:
            found[VERIFICATIONS_ENDED, verification.status.value] += 1
    return found


def _count(found: Totals, event: Event, state: State) -> None:
    if event.kind is EventKind.STARTED:
        found[STARTS, ""] += 1
    elif event.kind is EventKind.START_REFUSED:
        found[STARTS_REFUSED, label_of(event.detail)] += 1
    elif event.kind is EventKind.LIMIT_WATCHED:
        found[LIMITS_WATCHED, label_of(event.detail)] += 1
    elif event.kind is EventKind.DELIVERY:
        found[DELIVERIES, label_of(" ".join(event.detail.split()[:2]))] += 1
        if event.detail == "call answered":
            _observe(found, ANSWER_SECONDS, ANSWER_BUCKETS, event, state)
    elif event.kind is EventKind.CODE_SAID:
        _observe(found, FIRST_DIGIT_SECONDS, FIRST_DIGIT_BUCKETS, event, state)
    elif event.kind in _CHECK_RESULTS:
        found[CHECKS, _CHECK_RESULTS[event.kind]] += 1


def _observe(found: Totals, name: str, buckets: tuple[float, ...], event: Event, state: State) -> None:
    """Seconds since the delivery was planned, in the smallest bucket that holds them."""
    delivery = state.delivery(event.delivery)
    if delivery is None:
        return
    seconds = max(0.0, event.at - delivery.created_at)
    bucket = next((bound for bound in buckets if seconds <= bound), None)
    found[name, "+Inf" if bucket is None else f"{bucket:g}"] += 1
    found[name, SUM] += seconds  # type: ignore[assignment]  # seconds are added up like everything else


def label_of(text: str) -> str:
    """A label of ours: the plain words that a detail begins with. What follows could be a count, a sid, somebody's."""
    found = " ".join(takewhile(_WORD.fullmatch, text.split(" ")))
    return found if 0 < len(found) <= _LONGEST else "other"


def _from_provider(event: Event) -> bool:
    return event.kind is EventKind.DELIVERY and event.detail.split()[1] not in _NOT_FROM_PROVIDER
