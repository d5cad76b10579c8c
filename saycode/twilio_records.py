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

from verification.states import Channel, DeliveryStatus

from .setting_types import TwilioRecords
from .table import SqliteTable

log = logging.getLogger("saycode.twilio_records")

HOUR, DAY = 3600, 86_400
BATCH = 100
#: Seconds to the second try; each further pause is twice as long, up to a day.
FIRST_PAUSE = 300
#: From so many failures on it is an error, not a warning.
ENOUGH = 5

_NEXT = "SELECT id, channel, status, updated_at, carrier_sid FROM deliveries WHERE id > ? ORDER BY id LIMIT ?"
_CURSOR = "SELECT delivery_id FROM twilio_cursor"
_MOVE = "UPDATE twilio_cursor SET delivery_id = max(delivery_id, ?)"
_ADD = "INSERT INTO twilio_records (carrier_sid, channel, due_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_DUE = "SELECT id, carrier_sid, channel, tries FROM twilio_records WHERE due_at <= ? ORDER BY due_at LIMIT ?"
_TAKE = "UPDATE twilio_records SET due_at = ?, tries = tries + 1 WHERE id = ? AND due_at <= ?"
_DONE = "DELETE FROM twilio_records WHERE id = ?"


class Remover(Protocol):
    """The carrier, as this job sees it."""

    async def remove(self, carrier_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove a record, or only the body of a text. Why it could not be; None when it is gone."""


@dataclass(frozen=True, slots=True)
class TwilioRecordsJob:
    """The chore. Call it now and then."""

    table: SqliteTable
    remover: Remover
    wanted: TwilioRecords
    now: Callable[[], float]

    async def remove_records(self) -> int:
        """Note what is over, and remove what is due. How many records were removed."""
        if self.wanted is TwilioRecords.KEEP:
            return 0
        now = self.now()
        found = self.table.ask(lambda conn: over(conn, now=now))
        if found:
            await self.table.write(lambda conn: _note(conn, found, now=now))
        removed = 0
        for id, carrier_sid, channel, tries in self.table.ask(lambda conn: conn.execute(_DUE, (now, 20)).fetchall()):
            pause = min(FIRST_PAUSE * 2**tries, DAY)
            if await self.table.write(partial(_take, values=(now + pause, id, now))):
                removed += await self._remove(id, carrier_sid, Channel(channel), tries + 1)
        return removed

    async def _remove(self, id: int, carrier_sid: str, channel: Channel, tries: int) -> int:
        why = await self.remover.remove(carrier_sid, channel, whole=self.wanted is TwilioRecords.DELETE)
        if why is None:
            return await self.table.write(lambda conn: conn.execute(_DONE, (id,)).rowcount)
        level = logging.ERROR if tries >= ENOUGH else logging.WARNING
        facts = {"carrier_sid": carrier_sid, "why": why, "tries": tries}
        log.log(level, "record not removed at Twilio", extra={"fields": facts})
        return 0


def _take(conn: sqlite3.Connection, *, values: tuple[float, int, float]) -> bool:
    return conn.execute(_TAKE, values).rowcount == 1


def over(conn: sqlite3.Connection, *, now: float) -> list[tuple[int, str, str | None]]:
    """The next deliveries that are over, in order, up to the first that is not: row, channel, Twilio's sid."""
    (cursor,) = conn.execute(_CURSOR).fetchone()
    found: list[tuple[int, str, str | None]] = []
    for id, channel, status, updated_at, carrier_sid in conn.execute(_NEXT, (cursor, BATCH)):
        if now - updated_at < (DAY if DeliveryStatus(status).live else HOUR):
            break
        found.append((id, channel, carrier_sid))
    return found


def note(conn: sqlite3.Connection, carrier_sids: list[tuple[str, str]], *, now: float) -> None:
    """Write these down, as channel and Twilio's sid, to be removed soon."""
    conn.executemany(_ADD, [(carrier_sid, channel, now) for channel, carrier_sid in carrier_sids])


def _note(conn: sqlite3.Connection, found: list[tuple[int, str, str | None]], *, now: float) -> None:
    (cursor,) = conn.execute(_CURSOR).fetchone()  # another worker may have been here, and be done with it
    note(conn, [(channel, carrier_sid) for id, channel, carrier_sid in found if carrier_sid and id > cursor], now=now)
    conn.execute(_MOVE, (found[-1][0],))
