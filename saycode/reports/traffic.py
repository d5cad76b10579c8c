"""Traffic over a day, a week or a month, from the hourly totals, beside that of the time before. All days are UTC days.

A chart reads one range of one key (see `storage.metric_totals`), so it costs the same after a thousand verifications
and after ten million.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from verification.types import Channel, Record

from ..storage import metric_totals as totals
from ..storage.connection import Connection

DAY_SECONDS = 86_400
#: Money is stored in ten-thousandths of the operator's currency.
MONEY_UNIT = 10_000
_BY_HOUR = "SELECT hour, name, value FROM hourly_totals WHERE measure = ? AND split = ? AND hour >= ? AND hour < ?"
_BY_NAME = """SELECT name, sum(value) FROM hourly_totals
    WHERE measure = ? AND split = ? AND hour >= ? AND hour < ? GROUP BY name"""
_SERVICES = "SELECT sid, name FROM services"


class Span(StrEnum):
    """How much a chart shows at once."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    @property
    def days(self) -> int:
        return {Span.DAY: 1, Span.WEEK: 7, Span.MONTH: 30}[self]


class Period(Record, frozen=True):
    """The days of a span, up to and with `last`."""

    span: Span
    last: date

    @property
    def first(self) -> date:
        return self.last - timedelta(days=self.span.days - 1)

    @property
    def since(self) -> int:
        """Its first second since 1970."""
        return midnight(self.first)

    @property
    def until(self) -> int:
        return midnight(self.last) + DAY_SECONDS

    @property
    def step(self) -> int:
        """Seconds of one column of a chart: an hour of a day, else a day."""
        return totals.HOUR if self.span is Span.DAY else DAY_SECONDS

    @property
    def columns(self) -> int:
        return (self.until - self.since) // self.step

    @property
    def before(self) -> "Period":
        """The time of the same length before it."""
        return self.moved(-1)

    def moved(self, periods: int) -> "Period":
        return Period(self.span, self.last + timedelta(days=periods * self.span.days))

    def labels(self) -> list[str]:
        """A name for each column: `13:00`, or `Nov 29`."""
        starts = [datetime.fromtimestamp(self.since + n * self.step, UTC) for n in range(self.columns)]
        return [f"{at:%H:%M}" if self.span is Span.DAY else day_name(at.date()) for at in starts]


def midnight(day: date) -> int:
    """The first second of a day, since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def day_of(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def day_name(day: date) -> str:
    return f"{day:%b} {day.day}"


class Series(NamedTuple):
    """What each column holds, and what that of the time before held, by name."""

    now: Mapping[str, list[float]]
    before: Mapping[str, list[float]]

    def total(self, *names: str) -> float:
        return sum(sum(self.now.get(name, ())) for name in names or self.now)

    def columns(self) -> list[float]:
        """The sum of all names in each column."""
        return _added(self.now.values())

    def columns_before(self) -> list[float]:
        return _added(self.before.values())


def _added(columns: Iterable[list[float]]) -> list[float]:
    return [sum(values) for values in zip(*columns, strict=True)]


def series(conn: Connection, measure: str, split: str, period: Period) -> Series:
    """A measure in the columns of the period, and of the one before it."""
    began, step, columns = period.before.since, period.step, period.columns
    found: tuple[dict[str, list[float]], dict[str, list[float]]] = ({}, {})
    for hour, name, value in conn.execute(_BY_HOUR, (measure, split, began, period.until)):
        column = (hour - began) // step
        values = found[column < columns].setdefault(name, [0.0] * columns)
        values[column % columns] += value
    return Series(*found)


def by_hour_of_day(conn: Connection, measure: str, split: str, period: Period) -> list[float]:
    """A measure in the 24 hours of a day, all days of the period together."""
    hours = [0.0] * 24
    for hour, _, value in conn.execute(_BY_HOUR, (measure, split, period.since, period.until)):
        hours[hour % DAY_SECONDS // totals.HOUR] += value
    return hours


def by_name(conn: Connection, measure: str, split: str, period: Period) -> dict[str, float]:
    """A measure over the whole period, by country, service, rule …"""
    return dict(conn.execute(_BY_NAME, (measure, split, period.since, period.until)).fetchall())


def service_names(conn: Connection) -> dict[str, str]:
    """The names of all services by their sid; the built-in one has none."""
    return dict(conn.execute(_SERVICES).fetchall())


class DayCost(Record, frozen=True, kw_only=True):
    """What a day took: minutes of calls, messages, starts, approvals, and money in the operator's currency."""

    day: date
    minutes: float
    texts: float
    starts: float
    approved: float
    money: float


def day_cost(conn: Connection, day: date) -> DayCost:
    """A text is counted when it is requested, a call's minutes when it has ended; until then it has five."""
    period = Period(Span.DAY, day)
    sums = {measure: by_name(conn, measure, totals.CHANNEL, period) for measure in _COST}
    sent = by_name(conn, totals.DELIVERIES, totals.STATUS, period)
    return DayCost(
        day=day,
        minutes=sum(sums[totals.MINUTES].values()),
        texts=sum(sent.get(f"{channel.value} planned", 0) for channel in Channel if not channel.spoken),
        starts=sum(sums[totals.STARTS].values()),
        approved=sum(sums[totals.APPROVED].values()),
        money=sum(sums[totals.MONEY].values()) / MONEY_UNIT,
    )


_COST = (totals.MINUTES, totals.STARTS, totals.APPROVED, totals.MONEY)
