"""Charts of parts: outcomes of deliveries, countries, services, rules. The largest first."""

from collections.abc import Callable

from verification.models import BUILT_IN_SERVICE

from ...reports import traffic
from ...reports.traffic import Period
from ...storage import metric_totals as totals
from ...storage.connection import Connection
from .chart import Chart, compared, name_before, percent, price, ranked, share, whole, with_table
from .over_time import CHANNELS

_ENDS = ("completed", "busy", "no-answer", "canceled", "delivered", "read", "undelivered", "failed", "unknown")


def deliveries(conn: Connection, period: Period) -> Chart:
    found = traffic.by_name(conn, totals.DELIVERIES, totals.STATUS, period)
    former = traffic.by_name(conn, totals.DELIVERIES, totals.STATUS, period.before)
    rows = [
        (f"{shown}: {end}", found.get(f"{name} {end}", 0), former.get(f"{name} {end}", 0))
        for name, shown in CHANNELS
        for end in _ENDS
        if f"{name} {end}" in found or f"{name} {end}" in former
    ]
    sent = sum(found.get(f"{name} planned", 0) for name, _ in CHANNELS)
    return ranked(
        "deliveries",
        "Deliveries by outcome",
        f"{whole(sent)} calls and messages were requested.",
        "Outcome",
        rows,
        period,
        sort=False,
    )


def by_country(conn: Connection, period: Period) -> Chart:
    return _split(conn, period, totals.COUNTRY, "country", lambda code: "no country" if code == "001" else code)


def by_service(conn: Connection, period: Period) -> Chart:
    return _split(conn, period, totals.SERVICE, "service", _service_name(conn))


def _service_name(conn: Connection) -> Callable[[str], str]:
    """What a service is called in a chart."""
    names = traffic.service_names(conn)
    return lambda sid: "the page" if sid == BUILT_IN_SERVICE else names.get(sid, "other services")


def _split(conn: Connection, period: Period, split: str, one: str, shown: Callable[[str], str]) -> Chart:
    """Starts by something; the table has approvals, minutes and money, too."""
    found = {
        measure: traffic.by_name(conn, measure, split, period)
        for measure in (totals.STARTS, totals.APPROVED, totals.MINUTES, totals.MONEY)
    }
    former = traffic.by_name(conn, totals.STARTS, split, period.before)
    names = sorted({*found[totals.STARTS], *found[totals.MINUTES]}, key=lambda name: -found[totals.STARTS].get(name, 0))
    chart = ranked(
        f"by-{one}",
        f"Starts by {one}",
        _most(found[totals.STARTS], one, shown),
        one.capitalize(),
        [(shown(name), found[totals.STARTS].get(name, 0), former.get(name, 0)) for name in names],
        period,
    )
    rows = tuple(
        (
            shown(name),
            whole(begun := found[totals.STARTS].get(name, 0)),
            whole(former.get(name, 0)),
            share(found[totals.APPROVED].get(name, 0) / begun * 100 if begun else None),
            whole(found[totals.MINUTES].get(name, 0)),
            price(found[totals.MONEY].get(name, 0)),
        )
        for name in names
    )
    return with_table(
        chart, (one.capitalize(), "Starts", name_before(period).capitalize(), "Approved", "Minutes", "Money"), rows
    )


def _most(found: dict[str, float], one: str, shown: Callable[[str], str]) -> str:
    if not found:
        return f"No {one} had a start."
    first = max(found, key=lambda name: found[name])
    return f"Most of the starts, {percent(found[first] / (sum(found.values()) or 1) * 100)}, were of {shown(first)}."


def refusals(conn: Connection, period: Period) -> Chart:
    found = traffic.by_name(conn, totals.REFUSED, totals.RULE, period)
    former = traffic.by_name(conn, totals.REFUSED, totals.RULE, period.before)
    total, before = sum(found.values()), sum(former.values())
    return ranked(
        "refusals",
        "Refusals by rule",
        f"{whole(total)} starts and resends were refused, {compared(total, before, period)}.",
        "Rule",
        [(name, found.get(name, 0), former.get(name, 0)) for name in {*found, *former}],
        period,
    )


def refusals_by_service(conn: Connection, period: Period) -> Chart | None:
    """None where one service had them all: the chart by rule says the same."""
    found = traffic.by_name(conn, totals.REFUSED, totals.SERVICE, period)
    former = traffic.by_name(conn, totals.REFUSED, totals.SERVICE, period.before)
    names, shown = {*found, *former}, _service_name(conn)
    if len(names) < 2:
        return None
    first = max(names, key=lambda name: (found.get(name, 0), name))
    share_of_first = percent(found.get(first, 0) / (sum(found.values()) or 1) * 100)
    return ranked(
        "refusals-by-service",
        "Refusals by service",
        f"{share_of_first} of the refusals were of {shown(first)}." if found else "Nothing was refused.",
        "Service",
        [(shown(name), found.get(name, 0), former.get(name, 0)) for name in names],
        period,
    )
