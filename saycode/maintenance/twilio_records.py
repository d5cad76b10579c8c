"""Removing what Twilio keeps of our calls and texts, where the operator wants it.

    deliveries ── over for an hour ──> twilio_records ── removed ──> gone
                                            └ failed: again after 5 minutes, 10, 20, … a day

A cursor walks along the deliveries in the order of their making. It waits for one that may still be in flight, a day at
most: Twilio removes nothing that is live (error 20009). What is to be removed is written down first, so that neither a
restart nor the end of the details' time loses it. A worker takes a line by moving its time, and then asks.
"""

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from verification.types import Channel, DeliveryStatus

from ..config.parsers import TwilioRecordPolicy
from ..storage.store import SqliteStore

log = logging.getLogger("saycode.maintenance.twilio_records")

HOUR, DAY = 3600, 86_400
SCAN_BATCH = 100
#: Seconds to the second try; each further pause is twice as long, up to a day.
FIRST_RETRY_DELAY = 300
#: From so many failures on it is an error, not a warning.
ERROR_AFTER_TRIES = 5

_NEXT = "SELECT id, channel, status, updated_at, carrier_sid FROM deliveries WHERE id > ? ORDER BY id LIMIT ?"
_CURSOR = "SELECT delivery_id FROM twilio_cursor"
_ADVANCE_CURSOR = "UPDATE twilio_cursor SET delivery_id = max(delivery_id, ?)"
_ADD = "INSERT INTO twilio_records (carrier_sid, channel, due_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_DUE = "SELECT id, carrier_sid, channel, tries FROM twilio_records WHERE due_at <= ? ORDER BY due_at LIMIT ?"
_CLAIM = "UPDATE twilio_records SET due_at = ?, tries = tries + 1 WHERE id = ? AND due_at <= ?"
_DONE = "DELETE FROM twilio_records WHERE id = ?"


class RecordRemover(Protocol):
    """The carrier, as this job sees it."""

    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove a record, or only the body of a text. Why it could not be; None when it is gone."""


@dataclass(frozen=True, slots=True)
class TwilioRecordsJob:
    """The chore. Call it now and then."""

    store: SqliteStore
    record_remover: RecordRemover
    wanted: TwilioRecordPolicy
    now: Callable[[], float]

    async def remove_records(self) -> int:
        """Note what is over, and remove what is due. How many records were removed."""
        if self.wanted is TwilioRecordPolicy.KEEP:
            return 0
        now = self.now()
        found = self.store.ask(lambda conn: finished_deliveries(conn, now=now))
        if found:
            await self.store.write(lambda conn: _enqueue_and_advance(conn, found, now=now))
        removed = 0
        for id, provider_sid, channel, tries in self.store.ask(lambda conn: conn.execute(_DUE, (now, 20)).fetchall()):
            pause = min(FIRST_RETRY_DELAY * 2**tries, DAY)
            if await self.store.write(partial(_claim, values=(now + pause, id, now))):
                removed += await self._remove(id, provider_sid, Channel(channel), tries + 1)
        return removed

    async def _remove(self, id: int, provider_sid: str, channel: Channel, tries: int) -> int:
        why = await self.record_remover.remove(provider_sid, channel, whole=self.wanted is TwilioRecordPolicy.DELETE)
        if why is None:
            return await self.store.write(lambda conn: conn.execute(_DONE, (id,)).rowcount)
        level = logging.ERROR if tries >= ERROR_AFTER_TRIES else logging.WARNING
        facts = {"carrier_sid": provider_sid, "why": why, "tries": tries}
        log.log(level, "Twilio record not removed", extra={"fields": facts})
        return 0


def _claim(conn: sqlite3.Connection, *, values: tuple[float, int, float]) -> bool:
    return conn.execute(_CLAIM, values).rowcount == 1


def finished_deliveries(conn: sqlite3.Connection, *, now: float) -> list[tuple[int, str, str | None]]:
    """The next deliveries that are over, in order, up to the first that is not: row, channel, Twilio's sid."""
    (cursor,) = conn.execute(_CURSOR).fetchone()
    found: list[tuple[int, str, str | None]] = []
    for id, channel, status, updated_at, provider_sid in conn.execute(_NEXT, (cursor, SCAN_BATCH)):
        if now - updated_at < (DAY if DeliveryStatus(status).live else HOUR):
            break
        found.append((id, channel, provider_sid))
    return found


def enqueue_records(conn: sqlite3.Connection, provider_sids: list[tuple[str, str]], *, now: float) -> None:
    """Write these down, as channel and Twilio's sid, to be removed soon."""
    conn.executemany(_ADD, [(provider_sid, channel, now) for channel, provider_sid in provider_sids])


def _enqueue_and_advance(conn: sqlite3.Connection, found: list[tuple[int, str, str | None]], *, now: float) -> None:
    (cursor,) = conn.execute(_CURSOR).fetchone()  # another worker may have been here, and be done with it
    enqueue_records(
        conn, [(channel, provider_sid) for id, channel, provider_sid in found if provider_sid and id > cursor], now=now
    )
    conn.execute(_ADVANCE_CURSOR, (found[-1][0],))
