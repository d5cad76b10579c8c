"""Hourly totals: each is written with what it counts, split by one thing at a time, and holds nothing personal."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.server.metrics import BufferedCounter
from saycode.storage.api.services import SqliteServices
from saycode.storage.metric_totals import (
    ADD_HOURLY,
    ADD_TOTAL,
    HOUR,
    MAX_SERVICES,
    Totals,
    add_totals,
    increment_totals,
)
from saycode.storage.store import SqlStore
from tests.support.app import PHONE, SECRET, Phone, RunningApp, path_of, running_app
from tests.support.engine import open_store
from tests.support.fakes import SeededRandomness
from tests.support.records import CALL, NOW, NUMBER, PENDING, context
from tests.support.store import SECRETS, delivery, event, put, verification
from verification.counters.counter import DAY
from verification.counters.rules import Ceiling, Limit, Price
from verification.flow.admission import count_send
from verification.flow.delivery import record_status
from verification.flow.rate_limits import LimitKeys, Send
from verification.models import BUILT_IN_SERVICE, EventKind, Progress, State
from verification.policy import DEFAULT_POLICY, Policy
from verification.ports import Changes
from verification.services import new_service
from verification.types import Channel, DeliveryStatus, Scope

ROWS = "SELECT measure, split, hour, name, value FROM hourly_totals"
POLICY = replace(
    DEFAULT_POLICY,
    limits=(
        (Scope.NUMBER, (Limit(count=2, seconds=600),)),
        (Scope.MINUTES, (Ceiling(amount=100, seconds=DAY),)),
        (Scope.MONEY, (Ceiling(amount=10_000_000, seconds=DAY),)),
    ),
    prices={"*": Price(minute=200, text=90)},
    max_checks=2,
)


async def hours(store: SqlStore) -> dict[tuple[str, str, str], float]:
    """All totals, whatever their hour."""
    totals: dict[tuple[str, str, str], float] = {}
    for measure, split, _, name, value in await store.query(lambda conn: conn.execute(ROWS).fetchall()):
        totals[measure, split, name] = totals.get((measure, split, name), 0) + value
    return totals


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        yield store


async def call(running: RunningApp) -> None:
    """A call that is answered after six seconds, says its code five seconds later, and takes 70 seconds in all."""
    browser = running.browser()
    delivery = await running.started(browser, channel="call")
    running.clock.advance(6)
    await running.twilio.post(
        path_of("call_status", delivery=delivery), {"CallSid": "CA1", "CallStatus": "in-progress"}
    )
    phone = Phone(running.twilio, delivery, "CA1")
    await phone.answer()
    running.clock.advance(5)
    await browser.post(path_of("check_code"), {"code": await phone.read_code()})
    ended = {"CallSid": "CA1", "CallStatus": "completed", "CallDuration": "70"}
    await running.twilio.post(path_of("call_status", delivery=delivery), ended)


async def test_a_verification_is_in_the_totals_with_its_price(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", policy=POLICY) as running:
        await call(running)
        for _ in range(2):
            await running.browser().post(path_of("start"), {"username": "bob", "phone": PHONE, "channel": "sms"})
        async with open_store(tmp_path / "store.db", secrets=(SECRET,)) as store:
            totals = await hours(store)
    expected = {
        ("starts", "channel", "call"): 1,
        ("starts", "channel", "sms"): 1,
        ("starts", "country", "US"): 2,
        ("starts", "service", BUILT_IN_SERVICE): 2,
        ("approved", "channel", "call"): 1,
        ("approved", "country", "US"): 1,
        ("refused", "rule", "limit number"): 1,
        ("refused", "country", "US"): 1,
        ("refused", "service", BUILT_IN_SERVICE): 1,
        ("deliveries", "status", "call completed"): 1,
        ("heard", "seconds", "6"): 1,
        ("heard", "seconds", "sum"): 5,
        ("minutes", "country", "US"): 2,  # of the five that were set aside, for 70 seconds
        ("money", "channel", "call"): 400,
        ("money", "channel", "sms"): 90,
        ("money", "service", BUILT_IN_SERVICE): 490,
    }
    assert {key: totals.get(key) for key in expected} == expected


async def test_a_group_of_starts_adds_its_totals_in_one_statement(store: SqlStore) -> None:
    statements: list[tuple[str, int]] = []

    class Recorded:
        """Of the connection, what the totals use."""

        def executemany(self, sql: str, rows: list[tuple[object, ...]]) -> None:
            statements.append((sql, len(rows)))

    counted: Totals = Counter()
    for n in range(64):
        started = verification(n, created_at=NOW)
        changes = Changes(
            result=None, verifications=(started,), deliveries=(delivery(n, of=n),), events=(event(n, at=NOW),)
        )
        add_totals(counted, changes, State())
    increment_totals(Recorded(), counted)  # type: ignore[arg-type]
    assert [sql for sql, _ in statements] == [ADD_TOTAL, ADD_HOURLY]
    assert statements[1][1] == 3  # of one channel, one country, one service


async def test_a_call_gives_minutes_back_to_the_hour_it_took_them_from() -> None:
    before_midnight = NOW // HOUR * HOUR + HOUR - 10
    call = replace(CALL, created_at=before_midnight, updated_at=before_midnight)
    state = State(verification=PENDING, deliveries=(call,))
    send = Send(keys=LimitKeys(PENDING, state.counters), channel=Channel.CALL, at=before_midnight)
    started = Changes(result=None, deliveries=(call,), counter_updates=count_send(send, POLICY.rules))
    ended = record_status(
        state,
        call.sid,
        context(before_midnight + 60, POLICY),
        provider_sid="CA1",
        status=DeliveryStatus.COMPLETED,
        error=None,
        seconds=30,
    )
    counted: Totals = Counter()
    add_totals(counted, started, state)
    add_totals(counted, ended, state)
    hour = int(before_midnight) // HOUR * HOUR
    assert counted["minutes", "country", hour, "US"] == 1
    assert {key[2] for key in counted if len(key) == 4 and key[0] == "minutes"} == {hour}


async def test_a_refusal_that_is_only_counted_has_its_country(store: SqlStore) -> None:
    counter = BufferedCounter(store)
    refused = event(0, EventKind.START_REFUSED, verification="", detail="limit prefix", country="LV")
    counter.count_refused([refused, replace(refused, country="<b>"), replace(refused, country="QQ", service="VA9")])
    assert await hours(store) == {}
    await counter.flush()
    assert await hours(store) == {
        ("refused", "rule", "limit prefix"): 3,
        ("refused", "country", "LV"): 1,
        ("refused", "country", "other"): 2,
        ("refused", "service", "other"): 1,
    }


async def test_services_beyond_the_oldest_fifty_are_counted_together(store: SqlStore) -> None:
    services = SqliteServices(store)
    made = [new_service(f"shop {n}", now=NOW, randomness=SeededRandomness(n)) for n in range(MAX_SERVICES + 2)]
    for service in made:
        await services.put(service, actor="operator")
    for n, service in enumerate(made):
        started = verification(n, service=service.sid)
        events = (event(n),)
        await put(store, verifications=(started,), deliveries=(delivery(n, of=n),), events=events)
    totals = {name: value for (measure, split, name), value in (await hours(store)).items() if split == "service"}
    assert totals == {**{service.sid: 1 for service in made[: MAX_SERVICES - 1]}, "other": 3}


async def test_the_time_until_the_code_is_said_is_not_guessed_after_wrong_keys() -> None:
    said = event(1, EventKind.CODE_SAID, delivery=CALL.sid, at=NOW + 7)
    answered = replace(CALL, progress=Progress.ANSWERED)
    for call, known in ((answered, True), (replace(answered, tries=1), False), (replace(answered, silences=1), False)):
        totals: Totals = Counter()
        add_totals(totals, Changes(result=None, events=(said,)), State(verification=PENDING, deliveries=(call,)))
        assert any(key[0] == "heard" for key in totals) is known


async def test_no_total_names_a_person(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", policy=Policy()) as running:
        await call(running)
        async with open_store(tmp_path / "store.db", secrets=(SECRET,)) as store:
            names = {name for _, _, name in await hours(store)}
    assert NUMBER.e164 not in names
    assert not [name for name in names if any(char.isdigit() for char in name) and len(name) > 4 and name[:2] != "VA"]
