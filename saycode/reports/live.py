"""What happens at this moment: calls in progress, the last minutes, limits that refuse, what waits.

All of it is read from the database, so it is that of all workers and nodes. Each query reads a bounded number of rows.
"""

from collections import Counter
from collections.abc import Iterable
from math import inf

from verification.models import CallStage, EventKind
from verification.types import Channel, DeliveryStatus, Record, Scope

from ..storage import metric_totals
from ..storage.connection import Connection
from ..storage.denials import newest_denials, status_from_dict
from ..storage.encryption import DecryptionError, FieldCipher
from ..storage.queries import LIVE_DELIVERIES
from ..storage.records import RecordMapper

MOST_LIVE = 50
#: Seconds that the page looks back, and events that it reads at most.
RECENT_SECONDS, MOST_EVENTS = 300, 5000
#: Longer ago than this nothing is in progress, and a refusal says little about now.
_LIVE_SECONDS, _REFUSED_SECONDS = 3600, 3600
MOST_DENIALS = 500
#: Messages of the outbox that are counted.
MOST_WAITING = 10_000
_NEWEST = "SELECT kind, detail, at FROM events ORDER BY id DESC LIMIT ?"
_WAITING = """SELECT count(*), min(next_at), coalesce(max(tries), 0)
    FROM (SELECT next_at, tries FROM outbox ORDER BY next_at LIMIT ?) AS waiting"""


class LiveDelivery(Record, frozen=True, kw_only=True):
    """A call or text without a final status. `number` is masked; `since`: when the status was reported."""

    verification: str
    channel: Channel
    status: DeliveryStatus
    stage: CallStage
    since: float
    began: float
    country: str
    number: str


class ClosedLimit(Record, frozen=True, kw_only=True):
    """A rule that has refused, and refuses still. `until` is infinite for one that no time opens.

    `of`: the country, for a rule of one; else empty. `watched`: it is only recorded.
    """

    rule: str
    of: str
    refused: int
    until: float
    watched: bool


class Waiting(Record, frozen=True):
    """Messages to applications that were not delivered yet. `oldest`: when the first is or was due; None for none."""

    count: int
    oldest: float | None
    tries: int


class Moment(Record, frozen=True, kw_only=True):
    """All of it. `recent`: how often each thing happened in the last minutes; `provider`: when Twilio last said so."""

    deliveries: tuple[LiveDelivery, ...]
    recent: dict[str, int]
    limits: tuple[ClosedLimit, ...]
    outbox: Waiting
    provider: float | None


def moment(conn: Connection, cipher: FieldCipher, *, now: float) -> Moment:
    return Moment(
        deliveries=tuple(_live(conn, cipher, now=now)),
        recent=_recent(conn, now=now),
        limits=_limits(conn, now=now),
        outbox=Waiting(*conn.execute(_WAITING, (MOST_WAITING,)).fetchone()),
        provider=metric_totals.read_totals(conn).get((metric_totals.LAST_HEARD, "")),
    )


def _live(conn: Connection, cipher: FieldCipher, *, now: float) -> Iterable[LiveDelivery]:
    mapper = RecordMapper(cipher)
    for row in conn.execute(LIVE_DELIVERIES, (now - _LIVE_SECONDS, MOST_LIVE)).fetchall():
        try:
            verification, delivery = mapper.attempt(row[1:])
        except DecryptionError:
            continue  # the store reports it
        yield LiveDelivery(
            verification=verification.sid,
            channel=delivery.channel,
            status=delivery.status,
            stage=delivery.stage,
            since=delivery.updated_at,
            began=delivery.created_at,
            country=verification.number.region,
            number=verification.number.masked,
        )


NOT_SENT = "not sent"
#: Kinds of events, or deliveries with a status, and what the page calls them.
_NAMES = {
    EventKind.STARTED.value: "started",
    "call planned": "calls requested",
    "sms planned": "texts requested",
    "call answered": "calls answered",
    EventKind.CODE_SAID.value: "codes said",
    EventKind.APPROVED.value: "right codes",
    EventKind.CHECK_FAILED.value: "wrong codes",
    EventKind.START_REFUSED.value: "refused",
    NOT_SENT: "failed or unclear",
}
#: Calls and texts that Twilio refused, could not deliver, or said nothing clear about.
_NOT_SENT = frozenset({"failed", "undelivered", "unknown"})


def _recent(conn: Connection, *, now: float) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for kind, detail, at in conn.execute(_NEWEST, (MOST_EVENTS,)):
        if at <= now - RECENT_SECONDS:
            continue
        is_delivery = kind == EventKind.DELIVERY.value
        counts[detail if is_delivery else kind] += 1
        counts[NOT_SENT] += is_delivery and detail.split(" ")[1] in _NOT_SENT  # an error's number may follow
    return {name: counts[key] for key, name in _NAMES.items()}


def _limits(conn: Connection, *, now: float) -> tuple[ClosedLimit, ...]:
    """The rules of the refusals on record whose time is not over, the one that refused most first."""
    closed: dict[tuple[str, str, bool], list[float]] = {}
    for denial in newest_denials(conn, since=now - _REFUSED_SECONDS, limit=MOST_DENIALS):
        for status in map(status_from_dict, denial["rules"]):
            if status.wait > 0 and denial["at"] + status.wait > now:
                country = denial.get("country", "") if status.scope in _OF_COUNTRIES else ""
                key = (status.rule, country, denial["watched"])
                closed.setdefault(key, []).append(denial["at"] + status.wait)
    limits = [
        ClosedLimit(rule=rule, of=of, refused=len(until), until=max(until, default=inf), watched=watched)
        for (rule, of, watched), until in closed.items()
    ]
    return tuple(sorted(limits, key=lambda limit: (-limit.refused, limit.rule)))


_OF_COUNTRIES = frozenset({Scope.COUNTRY, Scope.SERVICE_COUNTRY})
