"""Charts from hourly totals: the right numbers in the right columns, in a drawing and in a table."""

from collections.abc import AsyncIterator, Iterable
from datetime import date
from pathlib import Path

import pytest

from saycode.console.charts import drawing
from saycode.console.charts.chart import Chart, whole
from saycode.console.charts.over_time import Ceilings, by_hour, heard, over_time, spending
from saycode.console.charts.parts import by_country, by_service, deliveries, refusals, refusals_by_service
from saycode.reports.traffic import DAY_SECONDS, Period, Span, day_cost, midnight
from saycode.storage.connection import Connection
from saycode.storage.metric_totals import ADD_HOURLY, HOUR
from saycode.storage.store import SqlStore
from tests.support.engine import open_store
from tests.support.store import SECRETS
from verification.models import BUILT_IN_SERVICE

DAY = date(2026, 11, 29)
PERIOD = Period(Span.DAY, DAY)
Total = tuple[str, str, int, str, float]


def at(hour: int, *, days: int = 0) -> int:
    """An hour of the day of these tests, or of one so many days later."""
    return midnight(DAY) + days * DAY_SECONDS + hour * HOUR


TOTALS: tuple[Total, ...] = (
    ("starts", "channel", at(9), "call", 6),
    ("starts", "channel", at(9), "sms", 2),
    ("starts", "channel", at(14), "call", 2),
    ("starts", "channel", at(9, days=-1), "call", 5),
    ("starts", "channel", at(0, days=1), "call", 99),  # of the next day
    ("starts", "country", at(9), "US", 7),
    ("starts", "country", at(9), "GB", 3),
    ("starts", "service", at(9), BUILT_IN_SERVICE, 9),
    ("starts", "service", at(9), "other", 1),
    ("approved", "channel", at(9), "call", 4),
    ("approved", "country", at(9), "US", 7),
    ("deliveries", "status", at(9), "call planned", 8),
    ("deliveries", "status", at(9), "call completed", 5),
    ("deliveries", "status", at(9), "call busy", 3),
    ("deliveries", "status", at(9), "sms planned", 2),
    ("heard", "seconds", at(9), "4", 3),
    ("heard", "seconds", at(9), "+Inf", 1),
    ("heard", "seconds", at(9), "sum", 100),
    ("minutes", "channel", at(9), "call", 11),
    ("minutes", "channel", at(14), "call", 4),
    ("money", "channel", at(9), "call", 123_400),
    ("money", "channel", at(9, days=-1), "call", 100_000),
    ("refused", "rule", at(9), "limit number", 4),
    ("refused", "rule", at(9, days=-1), "suppressed", 2),
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        await store.write(lambda conn: conn.executemany(ADD_HOURLY, TOTALS).rowcount)
        yield store


def all_charts(conn: Connection, period: Period = PERIOD) -> dict[str, Chart]:
    """Every chart by its id, of a day that is over."""
    made: Iterable[Chart] = (
        *over_time(conn, period),
        *spending(conn, period, Ceilings(minutes=20, money=250_000), now=period.until),
        *(chart(conn, period) for chart in (deliveries, heard, by_country, by_service, by_hour, refusals)),
    )
    return {chart.id: chart for chart in made}


async def test_a_chart_of_a_day_has_its_hours_and_none_of_the_next_day(store: SqlStore) -> None:
    charts = await store.query(all_charts)
    starts = charts["starts"]
    assert starts.summary == "10 verifications were started, 100% more than the day before."
    assert len(starts.rows) == 24
    assert starts.rows[9] == ("09:00", "6", "2", "5")
    assert starts.rows[14] == ("14:00", "2", "0", "0")
    texts = [box.text for box in starts.plot.boxes]
    assert texts == ["09:00: 6 calls", "09:00: 2 texts", "14:00: 2 calls"]
    assert [box.kind for box in starts.plot.boxes] == [1, 2, 1]


async def test_the_numbers_of_every_chart_are_in_its_table(store: SqlStore) -> None:
    charts = await store.query(all_charts)
    assert charts["conversion"].rows[9] == ("09:00", "50%", "0%")
    assert charts["conversion"].rows[10] == ("10:00", "none", "none")
    assert charts["conversion"].summary == "Of 10 started verifications 40% were approved."
    assert charts["deliveries"].rows == (("calls: completed", "5", "0"), ("calls: busy", "3", "0"))
    assert charts["deliveries"].summary == "10 calls and messages were requested."
    assert charts["heard"].rows[1] == ("≤ 4 s", "3")
    assert charts["heard"].summary.startswith("The code began 25.0 seconds on average after the answer")
    assert charts["by-country"].rows == (
        ("US", "7", "0", "100%", "0", "0.00"),
        ("GB", "3", "0", "0%", "0", "0.00"),
    )
    assert charts["by-service"].rows[0][:2] == ("the page", "9")
    assert charts["by-hour"].summary == "The most, 8, began between 09:00 and 10:00 UTC."
    assert charts["refusals"].rows == (("limit number", "4", "0"), ("suppressed", "0", "2"))


async def test_refusals_are_shown_by_service_where_several_had_some(store: SqlStore) -> None:
    def chart(conn: Connection) -> Chart | None:
        return refusals_by_service(conn, PERIOD)

    assert await store.query(chart) is None
    page = ("refused", "service", at(9), BUILT_IN_SERVICE, 3)
    await store.write(lambda conn: conn.execute(ADD_HOURLY, page))
    assert await store.query(chart) is None
    await store.write(lambda conn: conn.execute(ADD_HOURLY, ("refused", "service", at(9, days=-1), "other", 1)))
    found = await store.query(chart)
    assert found
    assert found.rows == (("the page", "3", "0"), ("other services", "0", "1"))
    assert found.summary == "100% of the refusals were of the page."


async def test_whatsapp_is_a_third_series_where_it_was_used_and_counts_as_messages(store: SqlStore) -> None:
    assert (await store.query(all_charts))["starts"].legend == ("calls", "texts")
    used: tuple[Total, ...] = (
        ("starts", "channel", at(10), "whatsapp", 3),
        ("deliveries", "status", at(10), "whatsapp planned", 3),
        ("deliveries", "status", at(10), "whatsapp read", 2),
    )
    await store.write(lambda conn: conn.executemany(ADD_HOURLY, used).rowcount)
    charts = await store.query(all_charts)
    assert charts["starts"].headings[1:4] == ("Calls", "Texts", "WhatsApp messages")
    assert charts["starts"].rows[10] == ("10:00", "0", "0", "3", "0")
    assert [box.kind for box in charts["starts"].plot.boxes] == [1, 2, 3, 1]
    assert ("WhatsApp messages: read", "2", "0") in charts["deliveries"].rows
    assert (await store.query(lambda conn: day_cost(conn, DAY))).texts == 5


async def test_a_day_is_drawn_against_the_ceiling_of_a_day(store: SqlStore) -> None:
    minutes = (await store.query(all_charts))["minutes"]
    assert minutes.summary == "15 used, the day before had none."
    assert minutes.limit == "ceiling of a day: 20"
    assert minutes.plot.ceiling is not None
    heights = [y for _, y in minutes.plot.line.dots]
    assert heights[0] > heights[9] > heights[14] == heights[23] > minutes.plot.ceiling  # SVG counts from the top


async def test_hours_that_have_not_come_yet_are_not_drawn(store: SqlStore) -> None:
    charts = await store.query(lambda conn: list(spending(conn, PERIOD, Ceilings(), now=at(11) + 60)))
    assert [len(chart.plot.line.dots) for chart in charts] == [12, 12]


async def test_a_week_has_seven_days_and_what_the_week_before_had(store: SqlStore) -> None:
    week = Period(Span.WEEK, date(2026, 12, 1))
    starts = (await store.query(lambda conn: all_charts(conn, week)))["starts"]
    assert [row[0] for row in starts.rows] == ["Nov 25", "Nov 26", "Nov 27", "Nov 28", "Nov 29", "Nov 30", "Dec 1"]
    assert [row[1] for row in starts.rows] == ["0", "0", "0", "5", "8", "99", "0"]


async def test_what_a_day_cost_is_one_record(store: SqlStore) -> None:
    cost = await store.query(lambda conn: day_cost(conn, DAY))
    assert (cost.minutes, cost.texts, cost.starts, cost.approved, cost.money) == (15, 2, 10, 4, 12.34)


async def test_a_database_without_traffic_has_charts_that_say_so(tmp_path: Path) -> None:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        charts = await store.query(all_charts)
    assert charts["starts"].summary == "0 verifications were started, the day before had none."
    assert charts["by-country"].rows == ()
    assert charts["by-hour"].summary == "There was no start."
    assert not [chart for chart in charts.values() if chart.plot.boxes]


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, (0, 1)),
        (7, (0, 5, 10)),
        (10, (0, 5, 10)),
        (11, (0, 10, 20)),
        (0.4, (0, 0.2, 0.4)),
        (30_000, (0, 20_000, 40_000)),
    ],
)
def test_a_scale_has_round_numbers_and_reaches_the_highest_value(highest: float, ticks: tuple[float, ...]) -> None:
    assert drawing.scale(highest) == pytest.approx(ticks)


def test_columns_stand_on_each_other_and_stay_in_the_box() -> None:
    plot = drawing.stacked([("calls", [3.0, 0]), ("texts", [1.0, 2.0])], ["a", "b"], shown=whole)
    lower, upper, alone = plot.boxes
    assert upper.y + upper.height == pytest.approx(lower.y, abs=0.2)
    assert lower.height == pytest.approx(3 * upper.height, abs=0.3)
    assert alone.kind == 2
    assert all(box.x >= 0 and box.x + box.width <= drawing.WIDTH and box.height > 0 for box in plot.boxes)


def test_a_line_is_broken_where_there_is_no_value() -> None:
    plot = drawing.lines([1, 2, None, 3, 4], list("abcde"), before=[], highest=4, shown=whole)
    assert len(plot.line.parts) == 2
    assert len(plot.line.dots) == 4
