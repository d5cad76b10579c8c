"""/metrics: exact totals from any worker, no personal data, and access only as the setting allows."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.server.metrics import BufferedCounter
from saycode.storage import metric_totals
from saycode.storage.connection import Connection
from saycode.storage.store import SqlStore
from tests.support.app import PHONE, SECRET, Phone, RunningApp, path_of, running_app
from tests.support.asgi_client import Answer, send_request
from tests.support.engine import open_store
from tests.support.metrics import Family, exporter, served_families
from verification.counters.rules import Limit
from verification.policy import DEFAULT_POLICY
from verification.types import Channel, Scope
from webhooks.app import create_app
from webhooks.context import AppContext, MetricsAccess

LINE = re.compile(r'(saycode|process)_[a-z_]+(\{[a-z]+="[a-zA-Z0-9 .+_-]+"(,[a-z]+="[a-z -]+")*\})? ([0-9.e+-]+)')
ROOT = Path(__file__).parents[3]
KEY = "a key for the scraper, long enough"


@asynccontextmanager
async def app_and_exporter_store(path: Path) -> AsyncIterator[tuple[RunningApp, SqlStore]]:
    """A running application, and the store of a second worker that exports the metrics."""
    policy = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=2, seconds=600),)),), max_checks=2)
    async with running_app(path, policy=policy) as running, open_store(path, secrets=(SECRET,)) as store:
        yield running, store


async def exported(store: SqlStore) -> dict[str, float]:
    """All metrics by name and labels."""
    text = await exporter(store, lambda: frozenset({Channel.SMS})).render()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    types = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(types) == len(set(types))
    return {name.removeprefix("saycode_"): float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def generate_traffic(running: RunningApp) -> None:
    """A call that is answered after 6 s and reads its code 5 s later; a wrong check and a right one; a limit."""
    browser = running.browser()
    delivery = await running.started(browser, channel="call")
    running.clock.advance(6)
    await running.twilio.post(
        path_of("call_status", delivery=delivery), {"CallSid": "CA1", "CallStatus": "in-progress"}
    )
    phone = Phone(running.twilio, delivery, "CA1")
    await phone.answer()
    running.clock.advance(5)
    code = await phone.read_code()
    await browser.post(path_of("check_code"), {"code": "".join(str((int(digit) + 1) % 10) for digit in code)})
    await browser.post(path_of("check_code"), {"code": code})
    await phone.status("completed")
    for _ in range(2):
        await running.browser().post(path_of("start"), {"username": "bob", "phone": PHONE, "channel": "sms"})


async def test_every_worker_exports_the_same_totals(tmp_path: Path) -> None:
    async with app_and_exporter_store(tmp_path / "store.db") as (running, store):
        await generate_traffic(running)
        metrics = await exported(store)
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
        "outbox_messages": 0,
        "outbox_retried_messages": 0,
        "twilio_last_word_seconds": running.clock.now(),
        'country_starts_total{country="US"}': 2,
        'country_approved_total{country="US"}': 1,
        'country_refused_total{country="US"}': 1,
        'channel_resting{channel="call"}': 0,
        'channel_resting{channel="sms"}': 1,
    }
    assert metrics == metrics | expected
    assert 0 < metrics["commits_total"] <= metrics["decisions_total"]


async def test_the_outbox_is_exported_by_what_waits_and_what_failed_before(tmp_path: Path) -> None:
    async with open_store(tmp_path / "store.db", secrets=(SECRET,)) as store:
        await store.write(fill_outbox)
        metrics = await exported(store)
    assert (metrics["outbox_messages"], metrics["outbox_retried_messages"]) == (4, 2)


def fill_outbox(conn: Connection) -> None:
    """Messages that were never tried, tried once, and tried again after failures."""
    conn.execute("INSERT INTO event_targets VALUES (1, 'ET1', '', ?, 0)", (b"",))
    for row, tries in enumerate((0, 1, 2, 7), start=1):
        conn.execute(
            "INSERT INTO outbox (target_id, message_id, tries, next_at, body) VALUES (1, ?, ?, 0, ?)",
            (f"msg_{row}", tries, b""),
        )


async def test_the_documented_families_are_the_served_ones(tmp_path: Path) -> None:
    async with open_store(tmp_path / "store.db", secrets=(SECRET,)) as store:
        served = await served_families(store)
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\|", (ROOT / "docs/metrics.md").read_text("utf-8"), re.M)
    documented = {name: Family(kind, frozenset(re.findall("`([a-z]+)`", labels))) for name, kind, labels in rows}
    assert len(documented) == len(rows)
    assert documented == served


async def test_the_metrics_contain_no_personal_data(tmp_path: Path) -> None:
    async with app_and_exporter_store(tmp_path / "store.db") as (running, store):
        await generate_traffic(running)
        text = await exporter(store).render()
    names = "\n".join(line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#"))
    assert not re.search(r"[0-9]{4}|[0-9a-f]{8}|ada|bob", names)


@pytest.mark.parametrize("detail", ["+14155550100", "Ada", "123456 wrong", "a" * 41, 'x"} 1', "x\ny", ""])
def test_an_unknown_detail_becomes_no_label(detail: str) -> None:
    assert metric_totals.label_of(detail) == "other"


def test_a_reason_is_a_label_without_its_counts_and_sids() -> None:
    assert metric_totals.label_of("limit number 5/10m VE0123") == "limit number"
    assert metric_totals.label_of("a call is up VE0123") == "a call is up"


async def test_rejections_are_counted_in_memory_and_written_together(tmp_path: Path) -> None:
    async with app_and_exporter_store(tmp_path / "store.db") as (_, store):
        counter = BufferedCounter(store)
        for why in ("unsigned", "foreign", "unsigned"):
            counter.increment(why)
        await counter.flush()
        await counter.flush()
        metrics = await exported(store)
    assert metrics['webhooks_refused_total{reason="unsigned"}'] == 2
    assert metrics['webhooks_refused_total{reason="foreign"}'] == 1


async def test_webhooks_count_rejections(tmp_path: Path) -> None:
    counted: list[str] = []
    async with app_and_exporter_store(tmp_path / "store.db") as (running, _):
        ctx: AppContext = running.context
        app = create_app(replace(ctx, on_rejected_webhook=counted.append))
        twilio = replace(running.twilio, app=app)
        await twilio.send(path_of("inbound_call"), {"From": PHONE}, headers=[])
        await replace(twilio, account_sid="AC" + "9" * 32).post(path_of("inbound_call"), {"From": PHONE})
    assert counted == ["unsigned", "foreign"]


# The endpoint


async def fetch_metrics(
    tmp_path: Path, metrics: MetricsAccess | None, *headers: tuple[str, str], trusted: str = ""
) -> Answer:
    async with app_and_exporter_store(tmp_path / "store.db") as (running, _):
        proxies = (ip_network(trusted),) if trusted else ()
        ctx: AppContext = running.context
        app = create_app(replace(ctx, metrics=metrics, trusted_proxies=proxies))
        return await send_request(app, "GET", path_of("metrics"), headers=headers)


async def text() -> str:
    return "saycode_starts_total 1\n"


def access(*networks: str, keys: tuple[bytes, ...] = ()) -> MetricsAccess:
    return MetricsAccess(scrape=text, networks=tuple(ip_network(network) for network in networks), keys=keys)


async def test_without_the_setting_there_is_no_endpoint(tmp_path: Path) -> None:
    assert (await fetch_metrics(tmp_path, None)).status == 404


async def test_the_key_gives_access_and_another_does_not(tmp_path: Path) -> None:
    keyed = access(keys=(KEY.encode(), b"another"))
    answer = await fetch_metrics(tmp_path, keyed, ("authorization", f"Bearer {KEY}"))
    assert (answer.status, answer.text) == (200, "saycode_starts_total 1\n")
    assert answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    for wrong in (f"Bearer {KEY}x", "Bearer", "Bearer ", f"Basic {KEY}", KEY, "Bearer \xfc"):
        denied = await fetch_metrics(tmp_path, keyed, ("authorization", wrong))
        assert (denied.status, denied.header("www-authenticate"), denied.text) == (401, "Bearer", "")


async def test_a_network_gives_access_and_others_do_not(tmp_path: Path) -> None:
    assert (await fetch_metrics(tmp_path, access("192.0.2.0/24"))).status == 200
    assert (await fetch_metrics(tmp_path, access("198.51.100.0/24"))).status == 403


async def test_an_untrusted_proxy_does_not_give_its_address(tmp_path: Path) -> None:
    for header in ("x-forwarded-for", "forwarded", "via"):
        assert (await fetch_metrics(tmp_path, access("192.0.2.0/24"), (header, "192.0.2.1"))).status == 403


async def test_behind_a_trusted_proxy_the_client_address_counts(tmp_path: Path) -> None:
    seen, exact = ("x-forwarded-for", "10.9.9.9, 198.51.100.7"), ("x-forwarded-for", "2001:db8::1")
    for named, header, status in (
        ("198.51.100.7", seen, 200),
        ("10.9.9.9", seen, 403),
        ("2001:db8::1", exact, 200),
        ("2001:db8::2", exact, 403),
    ):
        assert (await fetch_metrics(tmp_path, access(named), header, trusted="192.0.2.1/32")).status == status
