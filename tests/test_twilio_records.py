"""Twilio's own records are removed where the operator wants it: never in flight, never forgotten, never twice."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from saycode.erasing import erase
from saycode.setting_types import TwilioRecords
from saycode.table import SqliteTable
from saycode.twilio_records import DAY, ENOUGH, FIRST_PAUSE, HOUR, TwilioRecordsJob
from tests.fakes import ManualClock, RecordingCarrier
from tests.table_support import NUMBER, SECRETS, delivery, put, verification
from verification.states import Channel, DeliveryStatus

T = 1_800_000_000.0
OVER: dict[str, Any] = {"status": DeliveryStatus.COMPLETED, "updated_at": T}


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[SqliteTable]:
    async with SqliteTable.open(tmp_path / "codes.db", secrets=SECRETS) as opened:
        await put(
            opened,
            verifications=(verification(),),
            deliveries=(
                delivery(1, carrier_sid="CA1", **OVER),
                delivery(2, channel=Channel.SMS, carrier_sid="SM2", status=DeliveryStatus.SENT, updated_at=T),
                delivery(3, status=DeliveryStatus.FAILED, updated_at=T),
                delivery(4, carrier_sid="CA4", status=DeliveryStatus.RINGING, updated_at=T),
                delivery(5, carrier_sid="CA5", **OVER),
            ),
        )
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T)


@pytest.fixture
def carrier() -> RecordingCarrier:
    return RecordingCarrier()


def job(
    table: SqliteTable, carrier: RecordingCarrier, clock: ManualClock, wanted: TwilioRecords = TwilioRecords.REDACT
) -> TwilioRecordsJob:
    return TwilioRecordsJob(table, carrier, wanted, clock.now)


async def test_by_default_nothing_is_removed(table: SqliteTable, carrier: RecordingCarrier, clock: ManualClock) -> None:
    clock.advance(10 * DAY)
    assert await job(table, carrier, clock, TwilioRecords.KEEP).remove_records() == 0
    assert carrier.removed == []


async def test_what_is_over_for_an_hour_is_removed_once_and_what_may_be_in_flight_is_waited_for(
    table: SqliteTable, carrier: RecordingCarrier, clock: ManualClock
) -> None:
    working = job(table, carrier, clock)
    clock.advance(HOUR - 1)
    assert await working.remove_records() == 0
    clock.advance(1)
    assert await working.remove_records() == 2
    assert await working.remove_records() == 0
    assert carrier.removed == [("CA1", Channel.CALL, False), ("SM2", Channel.SMS, False)]
    clock.advance(DAY)
    assert await working.remove_records() == 2
    assert [sid for sid, _, _ in carrier.removed[2:]] == ["CA4", "CA5"]


async def test_where_it_is_wanted_the_records_of_texts_go_as_a_whole(
    table: SqliteTable, carrier: RecordingCarrier, clock: ManualClock
) -> None:
    clock.advance(HOUR)
    await job(table, carrier, clock, TwilioRecords.DELETE).remove_records()
    assert carrier.removed[1] == ("SM2", Channel.SMS, True)


async def test_what_twilio_refuses_is_tried_again_with_growing_pauses_and_the_operator_is_told(
    table: SqliteTable, carrier: RecordingCarrier, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    carrier.kept = "HTTP 500, code 20500"
    working = job(table, carrier, clock)
    clock.advance(HOUR)
    await working.remove_records()
    for tries in range(1, ENOUGH):
        clock.advance(FIRST_PAUSE * 2 ** (tries - 1) - 1)
        await working.remove_records()
        assert len(carrier.removed) == 2 * tries
        clock.advance(1)
        await working.remove_records()
    assert len(carrier.removed) == 2 * ENOUGH
    told = [record for record in caplog.records if record.getMessage() == "record not removed at Twilio"]
    assert [record.levelno for record in told[::2]] == [logging.WARNING] * (ENOUGH - 1) + [logging.ERROR]
    carrier.kept = None
    clock.advance(DAY)
    assert await working.remove_records() >= 2


async def test_two_workers_ask_once(
    table: SqliteTable, carrier: RecordingCarrier, clock: ManualClock, tmp_path: Path
) -> None:
    clock.advance(HOUR)
    async with SqliteTable.open(tmp_path / "codes.db", secrets=SECRETS) as other:
        await asyncio.gather(*(job(each, carrier, clock).remove_records() for each in (table, other, table, other)))
    assert sorted(sid for sid, _, _ in carrier.removed) == ["CA1", "SM2"]


async def test_what_an_erased_person_leaves_at_twilio_is_removed_at_once(
    table: SqliteTable, carrier: RecordingCarrier, clock: ManualClock
) -> None:
    done = await erase(table, NUMBER, now=clock.now(), twilio=True)
    assert (done.deliveries, done.twilio_records) == (5, 4)
    assert await job(table, carrier, clock).remove_records() == 4
