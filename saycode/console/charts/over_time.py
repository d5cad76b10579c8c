"""Charts over time: what each hour or day brought, beside the time before."""

from collections.abc import Callable, Iterator
from itertools import accumulate

from verification.types import Record

from ...reports import traffic
from ...reports.traffic import Period, Series, Span
from ...storage import metric_totals as totals
from ...storage.connection import Connection
from . import drawing
from .chart import Chart, compared, name_before, percent, price, share, table, whole

CHANNELS = (("call", "calls"), ("sms", "texts"), ("whatsapp", "WhatsApp messages"))
#: Channels that are drawn only where they were used.
OPTIONAL = frozenset({"whatsapp"})
#: A ceiling that is so many times higher than everything below it is not drawn: the rest would be flat.
FAR_BELOW = 8


class Ceilings(Record, frozen=True):
    """Minutes of calls in any day, and money in ten-thousandths; None for no ceiling."""

    minutes: int | None = None
    money: int | None = None


def over_time(conn: Connection, period: Period) -> Iterator[Chart]:
    """Starts, and how many of them were approved."""
    starts = traffic.series(conn, totals.STARTS, totals.CHANNEL, period)
    approved = traffic.series(conn, totals.APPROVED, totals.CHANNEL, period)
    yield _starts(period, starts)
    yield _conversion(period, starts, approved)


def spending(conn: Connection, period: Period, ceilings: Ceilings, *, now: float) -> Iterator[Chart]:
    """Minutes and, where there are prices, money. Columns after `now` are empty."""
    for measure, title, ceiling, shown in (
        (totals.MINUTES, "Minutes of calls", ceilings.minutes, whole),
        (totals.MONEY, "Money", ceilings.money, price),
    ):
        spent = traffic.series(conn, measure, totals.CHANNEL, period)
        if measure == totals.MINUTES or ceiling is not None or spent.now:
            yield _spent(period, spent, measure, title, ceiling, shown, now=now)


def _by_channel(found: Series, period: Period) -> list[tuple[str, list[float]]]:
    used = [(name, shown) for name, shown in CHANNELS if name in found.now or name not in OPTIONAL]
    return [(shown, found.now.get(name, [0.0] * period.columns)) for name, shown in used]


def _starts(period: Period, starts: Series) -> Chart:
    by_channel, labels = _by_channel(starts, period), period.labels()
    before = starts.columns_before() or [0.0] * period.columns
    total = starts.total()
    return Chart(
        id="starts",
        title="Starts",
        summary=f"{whole(total)} verifications were started, {compared(total, sum(before), period)}.",
        plot=drawing.stacked(by_channel, labels, before=before, shown=whole),
        legend=tuple(name for name, _ in by_channel),
        before=name_before(period),
        headings=(
            "Time (UTC)",
            *(name[0].upper() + name[1:] for name, _ in by_channel),
            name_before(period).capitalize(),
        ),
        rows=table(labels, *(values for _, values in by_channel), before, shown=whole),
    )


def _conversion(period: Period, starts: Series, approved: Series) -> Chart:
    now = _shares(approved.columns(), starts.columns(), period)
    before = _shares(approved.columns_before(), starts.columns_before(), period)
    labels, begun = period.labels(), starts.total()
    of_all = percent(approved.total() / begun * 100) if begun else "none"
    return Chart(
        id="conversion",
        title="Conversion",
        summary=f"Of {whole(begun)} started verifications {of_all} were approved.",
        plot=drawing.lines(now, labels, before=before, highest=100, shown=percent),
        legend=("approved by started",),
        before=name_before(period),
        headings=("Time (UTC)", "Approved by started", name_before(period).capitalize()),
        rows=tuple(
            (label, *[share(value) for value in pair]) for label, *pair in zip(labels, now, before, strict=True)
        ),
    )


def _shares(parts: list[float], wholes: list[float], period: Period) -> list[float | None]:
    """Percentages. A code that was typed in the next hour than it was sent in can make one of more than a hundred."""
    none = [0.0] * period.columns
    pairs = zip(parts or none, wholes or none, strict=True)
    return [min(100.0, part / whole_ * 100) if whole_ else None for part, whole_ in pairs]


def heard(conn: Connection, period: Period) -> Chart:
    found = traffic.by_name(conn, totals.HEARD_AFTER, totals.SECONDS, period)
    bounds = [f"{bound:g}" for bound in totals.HEARD_BUCKETS]
    labels = [*(f"≤ {bound} s" for bound in bounds), f"> {bounds[-1]} s"]
    values = [found.get(bound, 0) for bound in (*bounds, "+Inf")]
    calls = sum(values)
    mean = f"{found.get(totals.SUM, 0) / calls:.1f} seconds on average" if calls else "no call"
    return Chart(
        id="heard",
        title="From the answer to the first digit",
        summary=f"The code began {mean} after the answer, in calls whose first keys were right.",
        plot=drawing.stacked([("calls", values)], labels, shown=whole),
        headings=("Seconds after the answer", "Calls"),
        rows=table(labels, values, shown=whole),
    )


def _spent(
    period: Period,
    spent: Series,
    measure: str,
    title: str,
    ceiling: float | None,
    shown: Callable[[float], str],
    *,
    now: float,
) -> Chart:
    """Against a ceiling of a day: what a day has spent so far, hour by hour, or each day's sum."""
    labels, none = period.labels(), [0.0] * period.columns
    values, before = spent.columns() or none, spent.columns_before() or none
    total, limit = sum(values), f"ceiling of a day: {shown(ceiling)}" if ceiling is not None else ""
    most = max(total, sum(before)) if period.span is Span.DAY else max(*values, *before)
    if ceiling is not None and most * FAR_BELOW < ceiling:
        limit, ceiling = f"{limit}, far above", None
    if period.span is Span.DAY:
        over = range(period.since, period.until, period.step)
        so_far = [value if at <= now else None for value, at in zip(accumulate(values), over, strict=True)]
        former = list(accumulate(before))
        highest = max(most, ceiling or 0)
        plot = drawing.lines(so_far, labels, before=former, highest=highest, ceiling=ceiling, shown=shown)
    else:
        plot = drawing.stacked([("", values)], labels, before=before, ceiling=ceiling, shown=shown)
    what = "spent" if measure == totals.MONEY else "used"
    return Chart(
        id=measure,
        title=title,
        summary=f"{shown(total)} {what}, {compared(total, sum(before), period)}.",
        plot=plot,
        legend=("the day so far" if period.span is Span.DAY else "each day",),
        before=name_before(period),
        limit=limit,
        headings=("Time (UTC)", title, name_before(period).capitalize()),
        rows=table(labels, values, before, shown=shown),
    )


def by_hour(conn: Connection, period: Period) -> Chart:
    values = traffic.by_hour_of_day(conn, totals.STARTS, totals.CHANNEL, period)
    labels = [f"{hour:02}:00" for hour in range(24)]
    most = max(range(24), key=lambda hour: values[hour])
    busiest = f"The most, {whole(values[most])}, began between {most:02}:00 and {(most + 1) % 24:02}:00 UTC."
    return Chart(
        id="by-hour",
        title="Starts by hour of the day",
        summary=busiest if any(values) else "There was no start.",
        plot=drawing.stacked([("", values)], labels, shown=whole),
        headings=("Hour (UTC)", "Starts"),
        rows=table(labels, values, shown=whole),
    )
