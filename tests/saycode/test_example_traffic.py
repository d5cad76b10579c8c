"""The demonstration's example traffic: fictional, marked, decided by the real rules, and never in a database in use."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saycode.example_traffic import ExampleTraffic
from saycode.reports.traffic import Period, Span, by_name, day_cost, day_of
from saycode.storage import metric_totals as totals
from saycode.storage.store import SqlStore
from tests.support.engine import open_store
from tests.support.records import KEYS
from tests.support.store import SECRETS, put, verification
from verification.counters.rules import Ceiling, Limit, Price
from verification.policy import Policy
from verification.ports import ByVerification
from verification.types import Scope

NOW = 1_799_852_400.0
POLICY = Policy(
    limits=(
        (Scope.SOURCE, (Limit(count=25, seconds=300),)),
        (Scope.MINUTES, (Ceiling(amount=1000, seconds=86_400),)),
        (Scope.MONEY, (Ceiling(amount=1_000_000, seconds=86_400),)),
    ),
    prices={"*": Price(minute=200, text=90)},
    enforce=False,
)
#: Kept for fiction by NANPA, Ofcom and the ACMA.
FICTIONAL = re.compile(r"\+1[2-9]\d\d55501\d\d|\+447700900\d{3}|\+61491570\d{3}")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        yield store


async def test_it_is_fictional_marked_lively_and_over(store: SqlStore) -> None:
    persons = await ExampleTraffic(store, POLICY, KEYS).write(now=NOW)
    sids = [sid for (sid,) in await store.query(lambda conn: conn.execute("SELECT sid FROM verifications").fetchall())]
    assert 200 < len(sids) <= persons
    for sid in sids:
        state = await store.read(ByVerification(sid))
        assert state.verification is not None
        assert FICTIONAL.fullmatch(state.verification.number.e164)
        assert state.verification.tags == {"example": "yes"}
        assert state.verification.created_at < NOW
        assert not any(delivery.status.live for delivery in state.deliveries)
    yesterday = Period(Span.DAY, day_of(NOW - 86_400))
    found = await store.query(lambda conn: by_name(conn, totals.DELIVERIES, totals.STATUS, yesterday))
    assert {"call completed", "call busy", "call no-answer", "sms delivered", "sms undelivered"} <= set(found)
    assert await store.query(lambda conn: by_name(conn, totals.REFUSED, totals.RULE, yesterday))
    cost = await store.query(lambda conn: day_cost(conn, yesterday.last))
    assert 0.3 < cost.approved / cost.starts < 0.9
    assert cost.money > 0
    report = await store.query(store.audit_log.verify)
    assert report.broken is None


async def test_a_database_in_use_gets_none(store: SqlStore) -> None:
    await put(store, verifications=(verification(1), verification(2)))
    assert await ExampleTraffic(store, POLICY, KEYS).write(now=NOW) == 0
    count = "SELECT count(*) FROM verifications"
    assert await store.query(lambda conn: conn.execute(count).fetchone()[0]) == 2
