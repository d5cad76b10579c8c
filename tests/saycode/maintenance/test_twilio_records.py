"""Twilio's own records are removed where the operator wants it: never in flight, never forgotten, never twice."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from saycode.config.parsers import TwilioRecordPolicy
from saycode.maintenance.erasure import erase_number
from saycode.maintenance.twilio_records import DAY, ERROR_AFTER_TRIES, FIRST_RETRY_DELAY, HOUR, TwilioRecordsJob
from saycode.storage.store import SqliteStore
from tests.support.fakes import ManualClock, RecordingCarrier
from tests.support.store import NUMBER, SECRETS, delivery, put, verification
from verification.types import Channel, DeliveryStatus

T = 1_800_000_000.0
OVER: dict[str, Any] = {"status": DeliveryStatus.COMPLETED, "updated_at": T}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with SqliteStore.open(tmp_path / "codes.db", secrets=SECRETS) as opened:
        await put(
            opened,
            verifications=(verification(),),
            deliveries=(
                delivery(1, provider_sid="CA1", **OVER),
                delivery(2, channel=Channel.SMS, provider_sid="SM2", status=DeliveryStatus.SENT, updated_at=T),
                delivery(3, status=DeliveryStatus.FAILED, updated_at=T),
                delivery(4, provider_sid="CA4", status=DeliveryStatus.RINGING, updated_at=T),
                delivery(5, provider_sid="CA5", **OVER),
            ),
        )
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T)


@pytest.fixture
def provider() -> RecordingCarrier:
    return RecordingCarrier()


def job(
    store: SqliteStore,
    provider: RecordingCarrier,
    clock: ManualClock,
    wanted: TwilioRecordPolicy = TwilioRecordPolicy.REDACT,
) -> TwilioRecordsJob:
    return TwilioRecordsJob(store, provider, wanted, clock.now)


async def test_by_default_nothing_is_removed(
    store: SqliteStore, provider: RecordingCarrier, clock: ManualClock
) -> None:
    clock.advance(10 * DAY)
    assert await job(store, provider, clock, TwilioRecordPolicy.KEEP).remove_records() == 0
    assert provider.removed == []


async def test_what_is_over_for_an_hour_is_removed_once_and_what_may_be_in_flight_is_waited_for(
    store: SqliteStore, provider: RecordingCarrier, clock: ManualClock
) -> None:
    working = job(store, provider, clock)
    clock.advance(HOUR - 1)
    assert await working.remove_records() == 0
    clock.advance(1)
    assert await working.remove_records() == 2
    assert await working.remove_records() == 0
    assert provider.removed == [("CA1", Channel.CALL, False), ("SM2", Channel.SMS, False)]
    clock.advance(DAY)
    assert await working.remove_records() == 2
    assert [sid for sid, _, _ in provider.removed[2:]] == ["CA4", "CA5"]


async def test_where_it_is_wanted_the_records_of_texts_go_as_a_whole(
    store: SqliteStore, provider: RecordingCarrier, clock: ManualClock
) -> None:
    clock.advance(HOUR)
    await job(store, provider, clock, TwilioRecordPolicy.DELETE).remove_records()
    assert provider.removed[1] == ("SM2", Channel.SMS, True)


async def test_what_twilio_refuses_is_tried_again_with_growing_pauses_and_the_operator_is_told(
    store: SqliteStore, provider: RecordingCarrier, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    provider.kept = "HTTP 500, code 20500"
    working = job(store, provider, clock)
    clock.advance(HOUR)
    await working.remove_records()
    for tries in range(1, ERROR_AFTER_TRIES):
        clock.advance(FIRST_RETRY_DELAY * 2 ** (tries - 1) - 1)
        await working.remove_records()
        assert len(provider.removed) == 2 * tries
        clock.advance(1)
        await working.remove_records()
    assert len(provider.removed) == 2 * ERROR_AFTER_TRIES
    told = [record for record in caplog.records if record.getMessage() == "Twilio record not removed"]
    assert [record.levelno for record in told[::2]] == [logging.WARNING] * (ERROR_AFTER_TRIES - 1) + [logging.ERROR]
    provider.kept = None
    clock.advance(DAY)
    assert await working.remove_records() >= 2


async def test_two_workers_ask_once(
    store: SqliteStore, provider: RecordingCarrier, clock: ManualClock, tmp_path: Path
) -> None:
    clock.advance(HOUR)
    async with SqliteStore.open(tmp_path / "codes.db", secrets=SECRETS) as other:
        await asyncio.gather(*(job(each, provider, clock).remove_records() for each in (store, other, store, other)))
    assert sorted(sid for sid, _, _ in provider.removed) == ["CA1", "SM2"]


async def test_what_an_erased_person_leaves_at_twilio_is_removed_at_once(
    store: SqliteStore, provider: RecordingCarrier, clock: ManualClock
) -> None:
    done = await erase_number(store, NUMBER, now=clock.now(), twilio=True)
    assert (done.deliveries, done.twilio_records) == (5, 4)
    assert await job(store, provider, clock).remove_records() == 4
