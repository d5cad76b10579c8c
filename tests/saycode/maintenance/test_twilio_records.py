"""Twilio's records are removed if the operator wants it: never while live, never missed, never twice."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from saycode.config.parsers import TwilioRecordPolicy
from saycode.maintenance.erasure import erase_number
from saycode.maintenance.twilio_records import DAY, ERROR_AFTER_TRIES, FIRST_RETRY_DELAY, HOUR, TwilioRecordsJob
from saycode.storage.store import SqlStore
from tests.support.engine import open_store
from tests.support.fakes import ManualClock, RecordingProvider
from tests.support.store import NUMBER, SECRETS, delivery, put, verification
from verification.types import Channel, DeliveryStatus

T = 1_800_000_000.0
OVER: dict[str, Any] = {"status": DeliveryStatus.COMPLETED, "updated_at": T}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as opened:
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
def provider() -> RecordingProvider:
    return RecordingProvider()


def job(
    store: SqlStore,
    provider: RecordingProvider,
    clock: ManualClock,
    policy: TwilioRecordPolicy = TwilioRecordPolicy.REDACT,
) -> TwilioRecordsJob:
    return TwilioRecordsJob(store, provider, policy, clock.now)


async def test_by_default_nothing_is_removed(store: SqlStore, provider: RecordingProvider, clock: ManualClock) -> None:
    clock.advance(10 * DAY)
    assert await job(store, provider, clock, TwilioRecordPolicy.KEEP).run() == 0
    assert provider.removed == []


async def test_records_are_removed_once_an_hour_after_the_end_and_live_ones_are_waited_for(
    store: SqlStore, provider: RecordingProvider, clock: ManualClock
) -> None:
    records_job = job(store, provider, clock)
    clock.advance(HOUR - 1)
    assert await records_job.run() == 0
    clock.advance(1)
    assert await records_job.run() == 2
    assert await records_job.run() == 0
    assert provider.removed == [("CA1", Channel.CALL, False), ("SM2", Channel.SMS, False)]
    clock.advance(DAY)
    assert await records_job.run() == 2
    assert [sid for sid, _, _ in provider.removed[2:]] == ["CA4", "CA5"]


async def test_the_delete_policy_removes_the_whole_record_of_a_text(
    store: SqlStore, provider: RecordingProvider, clock: ManualClock
) -> None:
    clock.advance(HOUR)
    await job(store, provider, clock, TwilioRecordPolicy.DELETE).run()
    assert provider.removed[1] == ("SM2", Channel.SMS, True)


async def test_a_failed_removal_is_retried_with_growing_delays_and_logged(
    store: SqlStore, provider: RecordingProvider, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    provider.kept = "HTTP 500, code 20500"
    records_job = job(store, provider, clock)
    clock.advance(HOUR)
    await records_job.run()
    for tries in range(1, ERROR_AFTER_TRIES):
        clock.advance(FIRST_RETRY_DELAY * 2 ** (tries - 1) - 1)
        await records_job.run()
        assert len(provider.removed) == 2 * tries
        clock.advance(1)
        await records_job.run()
    assert len(provider.removed) == 2 * ERROR_AFTER_TRIES
    records = [record for record in caplog.records if record.getMessage() == "Twilio record not removed"]
    assert [record.levelno for record in records[::2]] == [logging.WARNING] * (ERROR_AFTER_TRIES - 1) + [logging.ERROR]
    provider.kept = None
    clock.advance(DAY)
    assert await records_job.run() >= 2


async def test_two_workers_remove_each_record_once(
    store: SqlStore, provider: RecordingProvider, clock: ManualClock, tmp_path: Path
) -> None:
    clock.advance(HOUR)
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as other:
        await asyncio.gather(*(job(each, provider, clock).run() for each in (store, other, store, other)))
    assert sorted(sid for sid, _, _ in provider.removed) == ["CA1", "SM2"]


async def test_the_records_of_an_erased_number_are_removed_at_once(
    store: SqlStore, provider: RecordingProvider, clock: ManualClock
) -> None:
    done = await erase_number(store, NUMBER, now=clock.now(), twilio=True)
    assert (done.deliveries, done.twilio_records) == (5, 4)
    assert await job(store, provider, clock).run() == 4
