"""A chart: a sentence, a drawing, and a table of the same numbers."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from verification.types import Record

from ...reports.traffic import MONEY_UNIT, Period, Span
from . import drawing
from .drawing import Plot

#: Rows of a ranked chart; the table has all of them.
MOST_ROWS = 8
Table = tuple[tuple[str, ...], ...]


class Chart(Record, frozen=True, kw_only=True):
    """`id`: of its element. `legend`: the names of its series; `before`, `limit`: those of its other lines."""

    id: str
    title: str
    summary: str
    plot: Plot
    ranked: bool = False
    legend: tuple[str, ...] = ()
    before: str = ""
    limit: str = ""
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def whole(value: float) -> str:
    return f"{value:,.0f}"


def price(value: float) -> str:
    """Money, of ten-thousandths."""
    return f"{value / MONEY_UNIT:,.2f}"


def percent(value: float) -> str:
    return f"{value:.0f}%"


def name_before(period: Period) -> str:
    """What the line of the time before is called."""
    return {Span.DAY: "the day before", Span.WEEK: "the week before", Span.MONTH: "the 30 days before"}[period.span]


def compared(total: float, before: float, period: Period) -> str:
    if not before:
        return f"{name_before(period)} had none"
    change = round((total / before - 1) * 100)
    if not change:
        return f"as many as {name_before(period)}"
    return f"{abs(change)}% {'more' if change > 0 else 'less'} than {name_before(period)}"


def table(
    labels: Sequence[str], *columns: Sequence[float], shown: Callable[[float], str]
) -> tuple[tuple[str, ...], ...]:
    return tuple((label, *(shown(value) for value in values)) for label, *values in zip(labels, *columns, strict=True))


def share(value: float | None) -> str:
    return "none" if value is None else percent(value)


def ranked(
    id: str,
    title: str,
    summary: str,
    heading: str,
    rows: Sequence[tuple[str, float, float]],
    period: Period,
    *,
    sort: bool = True,
) -> Chart:
    """A bar for each name, with its number now and in the time before."""
    ordered = sorted(rows, key=lambda row: (-row[1], row[0])) if sort else rows
    drawn = [(name, value) for name, value, _ in ordered if value]
    if len(drawn) > MOST_ROWS and sort:
        rest = sum(value for _, value in drawn[MOST_ROWS - 1 :])
        drawn = [*drawn[: MOST_ROWS - 1], (f"{len(drawn) - MOST_ROWS + 1} others", rest)]
    return Chart(
        id=id,
        title=title,
        summary=summary,
        plot=drawing.ranked(drawn, shown=whole),
        ranked=True,
        headings=(heading, "Number", name_before(period).capitalize()),
        rows=tuple((name, whole(value), whole(before)) for name, value, before in ordered),
    )


def with_table(chart: Chart, headings: tuple[str, ...], rows: Table) -> Chart:
    """The chart with another table, which says more."""
    return replace(chart, headings=headings, rows=rows)
