"""Remove Twilio's records of our calls and texts, if the operator wants it.

    deliveries ── over for an hour ──> twilio_records ── removed at Twilio ──> deleted
                                            └ failed: tried again after 5 minutes, 10, 20, … a day

A cursor moves along the deliveries in the order of their creation. It waits for one that may still be live, a day at
most: Twilio removes nothing that is live (error 20009). The records to remove are written to a table first, so that
neither a restart nor the retention time loses any. A worker claims a row by moving its due time, then calls Twilio.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Protocol

from verification.types import Channel, DeliveryStatus, Record

from ..config.parsers import TwilioRecordPolicy
from ..storage.connection import Connection
from ..storage.store import SqlStore

log = logging.getLogger("saycode.maintenance.twilio_records")

HOUR, DAY = 3600, 86_400
SCAN_BATCH = 100
#: Seconds until the second try; each further delay is twice as long, up to a day.
FIRST_RETRY_DELAY = 300
#: From this many failures on the log level is error, not warning.
ERROR_AFTER_TRIES = 5

_NEXT = "SELECT id, channel, status, updated_at, provider_sid FROM deliveries WHERE id > ? ORDER BY id LIMIT ?"
_CURSOR = "SELECT delivery_id FROM twilio_cursor"
_ADVANCE_CURSOR = "UPDATE twilio_cursor SET delivery_id = :last WHERE delivery_id < :last"
_ADD = "INSERT INTO twilio_records (provider_sid, channel, due_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_DUE = "SELECT id, provider_sid, channel, tries FROM twilio_records WHERE due_at <= ? ORDER BY due_at LIMIT ?"
_CLAIM = "UPDATE twilio_records SET due_at = ?, tries = tries + 1 WHERE id = ? AND due_at <= ?"
_DONE = "DELETE FROM twilio_records WHERE id = ?"


class RecordRemover(Protocol):
    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove a record, or only the body of a text. Returns why it failed; None when it is removed."""


class TwilioRecordsJob(Record, frozen=True):
    """Run it now and then."""

    store: SqlStore
    record_remover: RecordRemover
    record_policy: TwilioRecordPolicy
    now: Callable[[], float]

    async def run(self) -> int:
        """Queue the records of finished deliveries, and remove those that are due. Returns how many were removed."""
        if self.record_policy is TwilioRecordPolicy.KEEP:
            return 0
        now = self.now()
        finished = await self.store.query(lambda conn: finished_deliveries(conn, now=now))
        if finished:
            await self.store.write(lambda conn: _enqueue_and_advance(conn, finished, now=now))
        removed = 0
        due = await self.store.query(lambda conn: conn.execute(_DUE, (now, 20)).fetchall())
        for id, provider_sid, channel, tries in due:
            delay = min(FIRST_RETRY_DELAY * 2**tries, DAY)
            if await self.store.write(partial(_claim, values=(now + delay, id, now))):
                removed += await self._remove(id, provider_sid, Channel(channel), tries + 1)
        return removed

    async def _remove(self, id: int, provider_sid: str, channel: Channel, tries: int) -> int:
        whole = self.record_policy is TwilioRecordPolicy.DELETE
        why = await self.record_remover.remove(provider_sid, channel, whole=whole)
        if why is None:
            return await self.store.write(lambda conn: conn.execute(_DONE, (id,)).rowcount)
        level = logging.ERROR if tries >= ERROR_AFTER_TRIES else logging.WARNING
        facts = {"carrier_sid": provider_sid, "why": why, "tries": tries}
        log.log(level, "Twilio record not removed", extra={"fields": facts})
        return 0


def _claim(conn: Connection, *, values: tuple[float, int, float]) -> bool:
    return conn.execute(_CLAIM, values).rowcount == 1


def finished_deliveries(conn: Connection, *, now: float) -> list[tuple[int, str, str | None]]:
    """The next deliveries up to the first that is not over: row id, channel, Twilio's sid."""
    (cursor,) = conn.execute(_CURSOR).fetchone()
    finished: list[tuple[int, str, str | None]] = []
    for id, channel, status, updated_at, provider_sid in conn.execute(_NEXT, (cursor, SCAN_BATCH)):
        if now - updated_at < (DAY if DeliveryStatus(status).live else HOUR):
            break
        finished.append((id, channel, provider_sid))
    return finished


def enqueue_records(conn: Connection, provider_sids: list[tuple[str, str]], *, now: float) -> None:
    """Queue these for removal, given as channel and Twilio's sid."""
    conn.executemany(_ADD, [(provider_sid, channel, now) for channel, provider_sid in provider_sids])


def _enqueue_and_advance(conn: Connection, finished: list[tuple[int, str, str | None]], *, now: float) -> None:
    (cursor,) = conn.execute(_CURSOR).fetchone()  # another worker may have queued them
    new = [(channel, provider_sid) for id, channel, provider_sid in finished if provider_sid and id > cursor]
    enqueue_records(conn, new, now=now)
    conn.execute(_ADVANCE_CURSOR, {"last": finished[-1][0]})
