"""What the pages Now and Charts show, read from the database: the context of their templates.

Reads run on a thread and a connection of their own, so that no request of the service waits for a page.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from math import inf
from typing import Any

from verification.alerts import Alert
from verification.models import CallStage
from verification.types import Channel, DeliveryStatus, Record

from ..alerts.states import open_alerts, service_names
from ..alerts.words import words_of
from ..reports import live, traffic
from ..reports.traffic import DayCost, Period, Span
from ..storage.connection import Connection
from ..storage.store import SqlStore
from .charts.chart import Chart, percent, whole
from .charts.over_time import Ceilings, by_hour, heard, over_time, spending
from .charts.parts import by_country, by_service, deliveries, refusals, refusals_by_service

#: Open alerts on the page Now.
MOST_SHOWN = 20
#: Nothing was counted before.
_FIRST_DAY = date(2026, 1, 1)


class TrafficPages(Record, frozen=True, kw_only=True):
    """`enforced`: whether limits refuse. `open_channels`: those whose circuit breaker is open in this process; None
    where no process sends. `standby`: the company of the standby account, if there is one.
    """

    store: SqlStore
    ceilings: Ceilings
    now: Callable[[], float]
    enforced: bool = True
    open_channels: Callable[[], frozenset[Channel]] | None = None
    standby: str | None = None

    async def charts(self, query: Mapping[str, str]) -> dict[str, Any]:
        """`query`: `span` and `day`. What cannot be read is yesterday, and the page says so. Raises Unavailable."""
        at = self.now()
        period, understood = _period(query, today=traffic.day_of(at))

        def read(conn: Connection) -> tuple[list[Chart], list[DayCost]]:
            today = traffic.day_of(at)
            costs = [traffic.day_cost(conn, today - timedelta(days=n)) for n in range(3)]
            parts = [part(conn, period) for part in (deliveries, heard, by_hour, by_country, by_service, refusals)]
            of_services = refusals_by_service(conn, period)
            parts += [of_services] if of_services else []
            return [*over_time(conn, period), *spending(conn, period, self.ceilings, now=at), *parts], costs

        charts, costs = await self.store.scan(read)
        return {
            "period": period,
            "understood": understood,
            "spans": tuple(Span),
            "named": _named(period),
            "earlier": period.before.last if period.first > _FIRST_DAY else None,
            "later": min(period.last + timedelta(days=period.span.days), traffic.day_of(at)),
            "last_day": traffic.day_of(at),
            "charts": charts,
            "yesterday": _cost(costs[1], costs[2], self.ceilings),
            "today": _cost(costs[0], None, self.ceilings),
        }

    async def moment(self) -> dict[str, Any]:
        """What happens now. Raises Unavailable."""
        at = self.now()

        def read(conn: Connection) -> tuple[live.Moment, list[Alert], dict[str, str]]:
            return live.moment(conn, self.store.cipher, now=at), open_alerts(conn), service_names(conn)

        found, alerts, services = await self.store.scan(read)
        resting = None if self.open_channels is None else sorted(channel.value for channel in self.open_channels())
        return {
            "at": clock_time(at),
            "moment": found,
            "alerts": [
                (
                    words_of(alert.condition, services, enforced=self.enforced, standby=self.standby),
                    age(at - alert.opened_at),
                )
                for alert in alerts[:MOST_SHOWN]
            ],
            "more_alerts": max(0, len(alerts) - MOST_SHOWN),
            "minutes": live.RECENT_SECONDS // 60,
            "deliveries": [(one, _state(one), age(at - one.since), age(at - one.began)) for one in found.deliveries],
            "limits": [(limit, _until(limit.until, at)) for limit in found.limits],
            "heard": None if found.provider is None else age(at - found.provider),
            "resting": resting,
            "standby": self.standby,
            "overdue": _overdue(found.outbox, at),
            "write_error": self.store.last_error,
        }


#: The stages of a call that is answered.
_STAGES = {
    CallStage.GATE: "asks for keys",
    CallStage.READING: "says the code",
    CallStage.SLOWLY: "says the code slowly",
    CallStage.ONE_BY_ONE: "says the code one character at a time",
    CallStage.MENU: "offers the menu",
    CallStage.CONFIRM_REPORT: "takes a report",
    CallStage.CONFIRM_NEVER: "takes a report",
    CallStage.TYPING: "takes the code",
    CallStage.OVER: "says goodbye",
}


def _state(one: live.LiveDelivery) -> str:
    if not one.channel.spoken:
        return f"{one.channel.word} {one.status.value}"
    stage = _STAGES[one.stage] if one.status is DeliveryStatus.ANSWERED else ""
    return f"call {one.status.value}{', ' if stage else ''}{stage}"


def _period(query: Mapping[str, str], *, today: date) -> tuple[Period, bool]:
    """The period that is asked for, and whether it was understood. By default, the last day that is over."""
    yesterday = today - timedelta(days=1)
    try:
        span = Span(query.get("span", Span.DAY))
        last = date.fromisoformat(query["day"]) if "day" in query else yesterday if span is Span.DAY else today
    except ValueError:
        return Period(Span.DAY, yesterday), False
    if not _FIRST_DAY <= last <= today:
        return Period(span, today), False
    return Period(span, last), True


def _named(period: Period) -> str:
    last = f"{period.last:%A}, {traffic.day_name(period.last)}, {period.last.year}"
    return last if period.span is Span.DAY else f"{traffic.day_name(period.first)} to {traffic.day_name(period.last)}"


def _cost(day: DayCost, before: DayCost | None, ceilings: Ceilings) -> dict[str, Any]:
    """A day at a glance. `before`: the day that it is compared with, once it is over."""
    priced = ceilings.money is not None or day.money > 0
    return {
        "day": f"{day.day:%A}, {traffic.day_name(day.day)}",
        "money": f"{day.money:,.2f}" if priced else None,
        "minutes": whole(day.minutes),
        "texts": whole(day.texts),
        "starts": whole(day.starts),
        "approved": percent(min(100, day.approved / day.starts * 100)) if day.starts else None,
        "facts": list(_facts(day, before, ceilings, priced=priced)),
    }


def _facts(day: DayCost, before: DayCost | None, ceilings: Ceilings, *, priced: bool) -> Iterator[str]:
    if before is not None:
        yield _change(*((one.money if priced else one.minutes) for one in (day, before)))
    if ceilings.money:
        yield f"{percent(day.money / ceilings.money * traffic.MONEY_UNIT * 100)} of the ceiling of a day"


def _change(now: float, before: float) -> str:
    if not before:
        return "the day before had none"
    change = round((now / before - 1) * 100)
    return f"{abs(change)}% {'more' if change > 0 else 'less'} than the day before" if change else "as the day before"


def age(seconds: float) -> str:
    """A time ago, in the largest unit that says enough."""
    seconds = max(0, round(seconds))
    if seconds < 100:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 6000 else f"{seconds // 3600} h"


def clock_time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S} UTC"


def _until(until: float, at: float) -> str:
    if until == inf:
        return "not by waiting"
    return f"until {clock_time(until)}, in {age(until - at)}"


def _overdue(waiting: live.Waiting, at: float) -> str | None:
    """For how long the oldest message is overdue; None when none is."""
    if waiting.oldest is None or waiting.oldest > at - 60:
        return None
    return age(at - waiting.oldest)
