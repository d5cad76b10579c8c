"""What a scrape says of minutes and money: what the limits count, their ceilings, and the countries."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.server.spending import Spent, ceilings, read_spending
from saycode.storage.metric_totals import ADD_HOURLY, HOUR
from saycode.storage.store import SqlStore
from tests.support.app import SECRET, Phone, RunningApp, path_of, running_app
from tests.support.engine import open_store
from tests.support.store import SECRETS
from verification.counters.counter import DAY
from verification.counters.rules import Ceiling, Price
from verification.policy import DEFAULT_POLICY, Policy
from verification.types import Scope

MINUTES = (Scope.MINUTES, (Ceiling(amount=100, seconds=DAY),))
MONEY = (Scope.MONEY, (Ceiling(amount=50_000, seconds=DAY),))
PRICED = replace(
    DEFAULT_POLICY, limits=(MINUTES, MONEY), prices={"*": Price(minute=200, text=90)}, countries=frozenset({"US", "GB"})
)


async def spending(store: SqlStore, policy: Policy, *, now: float) -> dict[Scope, Spent]:
    found = await store.query(lambda conn: read_spending(conn, store.counter_keys, ceilings(policy), now=now))
    return dict(found)


async def call(running: RunningApp, *, seconds: int) -> None:
    """A call to the United States."""
    delivery = await running.started(running.browser(), channel="call")
    await Phone(running.twilio, delivery, "CA1").answer()
    ended = {"CallSid": "CA1", "CallStatus": "completed", "CallDuration": str(seconds)}
    await running.twilio.post(path_of("call_status", delivery=delivery), ended)


async def test_what_the_limits_count_is_what_a_scrape_says(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    async with running_app(path, policy=PRICED) as running, open_store(path, secrets=(SECRET,)) as store:
        await call(running, seconds=70)
        await running.started(running.browser(), username="bob", phone="+442079460018", channel="sms")
        await running.started(running.browser(), username="eve", phone="+14155550199", channel="call")
        now = running.clock.now()
        assert await spending(store, PRICED, now=now) == {
            # Two minutes of the call that has ended, five of the one that has not.
            Scope.MINUTES: Spent(7, 100, {"US": 7}),
            Scope.MONEY: Spent(0.149, 5, {"US": 0.14, "GB": 0.009}),
        }
        a_day_later = await spending(store, PRICED, now=now + DAY + HOUR)
    assert a_day_later == {Scope.MINUTES: Spent(0, 100, {}), Scope.MONEY: Spent(0, 5, {})}


async def test_without_a_ceiling_of_money_there_is_no_word_of_money(tmp_path: Path) -> None:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        found = await spending(store, replace(PRICED, limits=(MINUTES,)), now=0)
    assert found == {Scope.MINUTES: Spent(0, 100, {})}


@pytest.mark.parametrize(("age", "counted"), [(0, True), (DAY - 1, True), (DAY, False), (DAY + HOUR, False)])
async def test_a_country_has_what_the_last_24_hours_took(tmp_path: Path, age: int, counted: bool) -> None:
    hour = 1_800_000_000
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        await store.write(lambda conn: conn.execute(ADD_HOURLY, ("minutes", "country", hour, "LV", 3)))
        found = await spending(store, PRICED, now=hour + age)
    assert found[Scope.MINUTES].by_country == ({"LV": 3} if counted else {})


async def test_a_refund_whose_call_is_older_than_the_totals_takes_nothing_below_zero(tmp_path: Path) -> None:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        await store.write(lambda conn: conn.execute(ADD_HOURLY, ("minutes", "country", 7200, "LV", -3)))
        assert (await spending(store, PRICED, now=7200))[Scope.MINUTES].by_country == {"LV": 0}
