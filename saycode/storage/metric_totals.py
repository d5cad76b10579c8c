"""Totals for /metrics and for charts, updated in the transaction of each decision: exact over all workers and crashes.

A total has a name, and a label that is a number or one of our own words: never a name, a phone number, a sid or a code.
Scraping reads the hundred rows of this table, whatever the size of the others.

Hourly totals are split by one thing at a time, so that their rows are a sum and not a product: by the channel, by the
country (ISO 3166-1, some 250 at most), by the service (the oldest fifty; the others together), by the rule that
refused. What a call used of its allowance belongs to the hour in which it was sent, and so does what it gives back.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from verification.counters.counter import AddToWindows
from verification.flow.rate_limits import DECOY_KEY_PREFIX
from verification.models import BUILT_IN_SERVICE, Event, EventKind, Progress, State, Verification
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus, Scope

from .connection import Connection

#: Upper bounds of the histograms, in seconds.
ANSWER_BUCKETS = (2.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0)
HEARD_BUCKETS = (2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 60.0)
FIRST_DIGIT_BUCKETS = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 90.0)
STARTS, STARTS_REFUSED, LIMITS_WATCHED, CHECKS = "starts", "starts_refused", "limits_watched", "checks"
VERIFICATIONS_ENDED, DELIVERIES, ANSWER_SECONDS, FIRST_DIGIT_SECONDS = "ended", "deliveries", "answer", "first_digit"
SUM = "sum"
#: When Twilio last accepted or reported something; a time, not a sum.
LAST_HEARD = "provider_last_heard"

ADD_TOTAL = """INSERT INTO metric_totals VALUES (?, ?, ?)
    ON CONFLICT (name, label) DO UPDATE SET value = metric_totals.value + excluded.value"""
ADD_HOURLY = """INSERT INTO hourly_totals VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (measure, split, hour, name) DO UPDATE SET value = hourly_totals.value + excluded.value"""
_PUT = """INSERT INTO metric_totals VALUES (?, '', ?)
    ON CONFLICT (name, label) DO UPDATE SET
    value = CASE WHEN excluded.value > metric_totals.value THEN excluded.value ELSE metric_totals.value END"""
_ALL = "SELECT name, label, value FROM metric_totals"
_WORD, _MAX_LABEL = re.compile(r"[a-z]+(-[a-z]+)*"), 30
_COUNTRIES = {*SUPPORTED_REGIONS, "001"}
_CHECK_RESULTS = {
    EventKind.APPROVED: "right",
    EventKind.CHECK_FAILED: "wrong",
    EventKind.CHECK_REFUSED: "refused",
}
#: States that do not show that Twilio works: it was not asked, did not answer, or refused.
_NOT_FROM_PROVIDER = {DeliveryStatus.PLANNED.value, DeliveryStatus.UNKNOWN.value, DeliveryStatus.FAILED.value}

#: Seconds of an hour, and the services that have hourly totals of their own.
HOUR, MAX_SERVICES = 3600, 50
OTHER = "other"
REFUSED, APPROVED, MINUTES, MONEY = "refused", "approved", "minutes", "money"
#: Totals by country, of what never shrinks.
BY_COUNTRY = {STARTS: "country_starts", APPROVED: "country_approved", REFUSED: "country_refused"}
CHANNEL, COUNTRY, SERVICE, RULE, STATUS, SECONDS = "channel", "country", "service", "rule", "status", "seconds"
#: From the answer until the code is said: the code is heard at this age of the call.
HEARD_AFTER = "heard"
_SERVICES = f"SELECT sid FROM services ORDER BY id LIMIT {MAX_SERVICES}"
SPENT = {Scope.MINUTES: MINUTES, Scope.MONEY: MONEY}

#: Name and label of a total; or, of an hourly total: what is counted, by what it is split, the hour (its first second
#: since 1970), and the part.
HourlyKey = tuple[str, str, int, str]
Totals = Counter[tuple[str, str] | HourlyKey]


def record_totals(conn: Connection, decided: Sequence[tuple[Changes[Any], State]]) -> None:
    """Add the totals of these decisions, in their transaction. One with nothing to write is counted in memory."""
    totals: Totals = Counter()
    last_heard = 0.0
    for changes, state in decided:
        if changes.events or (changes.counted and not changes.empty):
            add_totals(totals, changes, state)
            for event in changes.events:
                if event.kind is EventKind.DELIVERY and event.at > last_heard and _is_from_provider(event.detail):
                    last_heard = event.at
    increment_totals(conn, totals)
    if last_heard:
        conn.execute(_PUT, (LAST_HEARD, last_heard))


def increment_totals(conn: Connection, totals: Totals) -> None:
    plain = [(*key, amount) for key, amount in totals.items() if len(key) == 2]
    hourly: Counter[HourlyKey] = Counter()
    for key, amount in totals.items():
        if len(key) == 4:
            hourly[key if key[1] != SERVICE else (*key[:3], _name_of(conn, key[3]))] += amount
    if plain:
        conn.executemany(ADD_TOTAL, plain)
    if hourly:
        conn.executemany(ADD_HOURLY, [(*key, amount) for key, amount in hourly.items()])


#: What a service is called in the totals. Services are never deleted, so a name stays right.
_names = {BUILT_IN_SERVICE: BUILT_IN_SERVICE}


def _name_of(conn: Connection, service: str) -> str:
    if service not in _names:
        oldest = {sid for (sid,) in conn.execute(_SERVICES).fetchall()}
        _names[service] = service if service in oldest else OTHER
    return _names[service]


def read_totals(conn: Connection) -> dict[tuple[str, str], float]:
    return {(name, label): value for name, label, value in conn.execute(_ALL)}


def add_totals(totals: Totals, changes: Changes[Any], state: State) -> None:
    """Add the increments of a decision."""
    for event in (*changes.events, *changes.counted):
        _count(totals, event, changes, state)
    old = state.verification
    for verification in changes.verifications:
        was_final = old is not None and old.sid == verification.sid and old.status.final
        if verification.status.final and not was_final:
            totals[VERIFICATIONS_ENDED, verification.status.value] += 1
    subject = changes.verifications[-1] if changes.verifications else old
    for update in changes.counter_updates:
        if type(update) is not AddToWindows or update.key.key.startswith(DECOY_KEY_PREFIX):
            continue
        if measure := SPENT.get(update.key.scope):
            _split(totals, measure, update.at, subject, _channel(changes, state), update.made - update.settled)


def _split(
    totals: Totals, measure: str, at: float, of: Verification | None, channel: Channel | None, amount: float = 1
) -> None:
    hour = int(at) // HOUR * HOUR
    totals[measure, CHANNEL, hour, str(channel) if channel else OTHER] += amount  # type: ignore[assignment]
    if of is not None:
        country = _country(of.number.region)
        totals[measure, COUNTRY, hour, country] += amount  # type: ignore[assignment]
        totals[measure, SERVICE, hour, of.service] += amount  # type: ignore[assignment]
        if measure in BY_COUNTRY:
            totals[BY_COUNTRY[measure], country] += 1


def _country(region: str) -> str:
    """A country's code (ISO 3166-1), or 001 for numbers of none."""
    return region if region in _COUNTRIES else OTHER


def _channel(changes: Changes[Any], state: State) -> Channel | None:
    """That of the newest delivery."""
    newest = changes.deliveries[-1] if changes.deliveries else state.latest
    return newest.channel if newest else None


def _count(totals: Totals, event: Event, changes: Changes[Any], state: State) -> None:
    if event.kind is EventKind.STARTED:
        totals[STARTS, ""] += 1
        started = changes.verifications[-1] if changes.verifications else None
        _split(totals, STARTS, event.at, started, _channel(changes, state))
    elif event.kind is EventKind.START_REFUSED:
        totals[STARTS_REFUSED, label_of(event.detail)] += 1
        _count_hour(totals, REFUSED, RULE, event.at, label_of(event.detail))
        _count_hour(totals, REFUSED, COUNTRY, event.at, _country(event.country))
        totals[BY_COUNTRY[REFUSED], _country(event.country)] += 1
        if event.service:
            _count_hour(totals, REFUSED, SERVICE, event.at, event.service)
    elif event.kind is EventKind.LIMIT_WATCHED:
        totals[LIMITS_WATCHED, label_of(event.detail)] += 1
    elif event.kind is EventKind.DELIVERY:
        status = _status_of(event.detail)
        totals[DELIVERIES, status] += 1
        _count_hour(totals, DELIVERIES, STATUS, event.at, status)
        if event.detail == "call answered":
            _observe(totals, ANSWER_SECONDS, ANSWER_BUCKETS, event, state)
    elif event.kind is EventKind.CODE_SAID:
        _observe(totals, FIRST_DIGIT_SECONDS, FIRST_DIGIT_BUCKETS, event, state)
        _observe_heard(totals, event, state)
    elif event.kind in _CHECK_RESULTS:
        totals[CHECKS, _CHECK_RESULTS[event.kind]] += 1
        if event.kind is EventKind.APPROVED:
            _split(totals, APPROVED, event.at, state.verification, _channel(changes, state))


def _count_hour(totals: Totals, measure: str, split: str, at: float, name: str) -> None:
    totals[measure, split, int(at) // HOUR * HOUR, name] += 1


def _observe_heard(totals: Totals, event: Event, state: State) -> None:
    """Seconds from the answer until the code is said. After wrong keys they are not known."""
    delivery = state.delivery(event.delivery)
    if delivery is None or delivery.tries or delivery.silences or delivery.progress is Progress.NOTHING:
        return
    # The answer was the last change of such a call.
    seconds = max(0.0, event.at - delivery.updated_at)
    hour = int(event.at) // HOUR * HOUR
    bucket = next((f"{bound:g}" for bound in HEARD_BUCKETS if seconds <= bound), "+Inf")
    totals[HEARD_AFTER, SECONDS, hour, bucket] += 1
    totals[HEARD_AFTER, SECONDS, hour, SUM] += seconds  # type: ignore[assignment]


def _observe(totals: Totals, name: str, buckets: tuple[float, ...], event: Event, state: State) -> None:
    """Seconds since the delivery was planned, in the smallest bucket that fits."""
    delivery = state.delivery(event.delivery)
    if delivery is None:
        return
    seconds = max(0.0, event.at - delivery.created_at)
    bucket = next((bound for bound in buckets if seconds <= bound), None)
    totals[name, "+Inf" if bucket is None else f"{bucket:g}"] += 1
    totals[name, SUM] += seconds  # type: ignore[assignment]  # seconds are a total too


@lru_cache(maxsize=128)
def _status_of(detail: str) -> str:
    """The channel and the status of a delivery's event."""
    return label_of(" ".join(detail.split()[:2]))


def label_of(text: str) -> str:
    """The plain words that a detail begins with. What follows could be a count, a sid, or personal data."""
    label = " ".join(takewhile(_WORD.fullmatch, text.split(" ")))
    return label if 0 < len(label) <= _MAX_LABEL else "other"


def _is_from_provider(detail: str) -> bool:
    """Whether an event of this detail shows that the provider works."""
    return detail.split()[1] not in _NOT_FROM_PROVIDER
