"""/metrics: exact totals whoever is asked, no person in any of them, and shown to nobody who was not named."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from saycode.server.metrics import BufferedCounter, PrometheusExporter
from saycode.storage import metric_totals
from saycode.storage.store import SqliteStore
from tests.support.app import PHONE, SECRET, House, Phone, open_house, path_of
from tests.support.asgi_client import Answer, ask
from verification.counters.rules import Limit
from verification.policy import DEFAULT_POLICY
from verification.types import Channel, Scope
from webhooks.app import create_app
from webhooks.context import AppContext, MetricsAccess

LINE = re.compile(r'saycode_[a-z_]+(\{[a-z]+="[a-zA-Z0-9 .+_-]+"(,[a-z]+="[a-z -]+")*\})? ([0-9.e+-]+)')
KEY = "a key for the scraper, long enough"


@asynccontextmanager
async def watched(path: Path) -> AsyncIterator[tuple[House, SqliteStore]]:
    """A house, and a second worker of it whose door shows the metrics."""
    policy = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=2, seconds=600),)),), max_checks=2)
    async with open_house(path, policy=policy) as house, SqliteStore.open(path, secrets=(SECRET,)) as store:
        yield house, store


async def shown(store: SqliteStore) -> dict[str, float]:
    """Every line of the metrics."""
    text = await PrometheusExporter(store, lambda: frozenset({Channel.SMS})).text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    told = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(told) == len(set(told))
    return {name.removeprefix("saycode_"): float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def live_a_little(house: House) -> None:
    """A call that is answered after 6 s and reads its code 5 s later; a wrong check and a right one; a limit."""
    browser = house.browser()
    delivery = await house.started(browser, channel="call")
    house.clock.advance(6)
    await house.twilio.post(path_of("call_status", delivery=delivery), {"CallSid": "CA1", "CallStatus": "in-progress"})
    phone = Phone(house.twilio, delivery, "CA1")
    await phone.answer()
    house.clock.advance(5)
    code = await phone.read_code()
    await browser.post(path_of("code"), {"code": "".join(str((int(digit) + 1) % 10) for digit in code)})
    await browser.post(path_of("code"), {"code": code})
    await phone.status("completed")
    for _ in range(2):
        await house.browser().post(path_of("start"), {"username": "bob", "phone": PHONE, "channel": "sms"})


async def test_what_happened_is_in_the_totals_of_any_worker(tmp_path: Path) -> None:
    async with watched(tmp_path / "store.db") as (house, store):
        await live_a_little(house)
        found = await shown(store)
    expected = {
        "starts_total": 2,
        'starts_refused_total{reason="limit number"}': 1,
        'checks_total{result="right"}': 1,
        'checks_total{result="wrong"}': 1,
        'verifications_ended_total{status="approved"}': 1,
        'deliveries_total{channel="call",status="planned"}': 1,
        'deliveries_total{channel="call",status="answered"}': 1,
        'deliveries_total{channel="call",status="completed"}': 1,
        'deliveries_total{channel="sms",status="queued"}': 1,
        'answer_seconds_bucket{le="5"}': 0,
        'answer_seconds_bucket{le="10"}': 1,
        'answer_seconds_bucket{le="+Inf"}': 1,
        "answer_seconds_sum": 6,
        "answer_seconds_count": 1,
        'first_digit_seconds_bucket{le="10"}': 0,
        'first_digit_seconds_bucket{le="15"}': 1,
        "first_digit_seconds_sum": 11,
        "unsettled_deliveries": 1,
        "pending_verifications": 1,
        "twilio_last_word_seconds": house.clock.now(),
        'channel_resting{channel="call"}': 0,
        'channel_resting{channel="sms"}': 1,
    }
    assert found == found | expected
    assert 0 < found["commits_total"] <= found["decisions_total"]


async def test_nobody_is_in_the_metrics_and_nothing_of_theirs(tmp_path: Path) -> None:
    async with watched(tmp_path / "store.db") as (house, store):
        await live_a_little(house)
        text = await PrometheusExporter(store, frozenset).text()
    names = "\n".join(line.rpartition(" ")[0] for line in text.splitlines())
    assert not re.search(r"[0-9]{4}|[0-9a-f]{8}|ada|bob", names)


@pytest.mark.parametrize("detail", ["+14155550100", "Ada", "123456 wrong", "a" * 41, 'x"} 1', "x\ny", ""])
def test_a_word_that_is_not_ours_becomes_no_label(detail: str) -> None:
    assert metric_totals.label_of(detail) == "other"


def test_a_reason_is_a_label_without_its_counts_and_sids() -> None:
    assert metric_totals.label_of("limit number 5/10m VE0123") == "limit number"
    assert metric_totals.label_of("a call is up VE0123") == "a call is up"


async def test_what_is_turned_away_is_counted_and_written_down_in_one_go(tmp_path: Path) -> None:
    async with watched(tmp_path / "store.db") as (_, store):
        tally = BufferedCounter(store)
        for why in ("unsigned", "foreign", "unsigned"):
            tally.count(why)
        await tally.flush()
        await tally.flush()
        found = await shown(store)
    assert found['webhooks_refused_total{reason="unsigned"}'] == 2
    assert found['webhooks_refused_total{reason="foreign"}'] == 1


async def test_doors_count_what_they_turn_away(tmp_path: Path) -> None:
    counted: list[str] = []
    async with watched(tmp_path / "store.db") as (house, _):
        here: AppContext = house.app.state.doorway  # type: ignore[attr-defined]  # an application of Starlette's
        app = create_app(replace(here, on_rejected_webhook=counted.append))
        twilio = replace(house.twilio, app=app)
        await twilio.send(path_of("called"), {"From": PHONE}, headers=[])
        await replace(twilio, account_sid="AC" + "9" * 32).post(path_of("called"), {"From": PHONE})
    assert counted == ["unsigned", "foreign"]


# The door.


async def asked(tmp_path: Path, metrics: MetricsAccess | None, *headers: tuple[str, str], trusted: str = "") -> Answer:
    async with watched(tmp_path / "store.db") as (house, _):
        proxies = (ip_network(trusted),) if trusted else ()
        here: AppContext = house.app.state.doorway  # type: ignore[attr-defined]  # an application of Starlette's
        app = create_app(replace(here, metrics=metrics, trusted_proxies=proxies))
        return await ask(app, "GET", path_of("metrics"), headers=headers)


async def text() -> str:
    return "saycode_starts_total 1\n"


def to(*networks: str, keys: tuple[bytes, ...] = ()) -> MetricsAccess:
    return MetricsAccess(scrape=text, networks=tuple(ip_network(network) for network in networks), keys=keys)


async def test_without_the_setting_there_is_no_such_door(tmp_path: Path) -> None:
    assert (await asked(tmp_path, None)).status == 404


async def test_the_key_opens_and_another_one_does_not(tmp_path: Path) -> None:
    keyed = to(keys=(KEY.encode(), b"another"))
    answer = await asked(tmp_path, keyed, ("authorization", f"Bearer {KEY}"))
    assert (answer.status, answer.text) == (200, "saycode_starts_total 1\n")
    assert answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    for wrong in (f"Bearer {KEY}x", "Bearer", "Bearer ", f"Basic {KEY}", KEY, "Bearer \xfc"):
        refused = await asked(tmp_path, keyed, ("authorization", wrong))
        assert (refused.status, refused.header("www-authenticate"), refused.text) == (401, "Bearer", "")


async def test_an_address_opens_and_others_do_not(tmp_path: Path) -> None:
    assert (await asked(tmp_path, to("192.0.2.0/24"))).status == 200
    assert (await asked(tmp_path, to("198.51.100.0/24"))).status == 403


async def test_a_proxy_that_nobody_trusts_does_not_lend_its_address(tmp_path: Path) -> None:
    for header in ("x-forwarded-for", "forwarded", "via"):
        assert (await asked(tmp_path, to("192.0.2.0/24"), (header, "192.0.2.1"))).status == 403


async def test_behind_a_trusted_proxy_the_address_is_the_one_it_saw(tmp_path: Path) -> None:
    seen, exact = ("x-forwarded-for", "10.9.9.9, 198.51.100.7"), ("x-forwarded-for", "2001:db8::1")
    for named, header, status in (
        ("198.51.100.7", seen, 200),
        ("10.9.9.9", seen, 403),
        ("2001:db8::1", exact, 200),
        ("2001:db8::2", exact, 403),
    ):
        assert (await asked(tmp_path, to(named), header, trusted="192.0.2.1/32")).status == status
