"""What holds at this moment, as this worker sees it: limits, Twilio, the machine, the audit log, the outbox."""

import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from verification.alerts import AlertKind, Condition, limit_conditions
from verification.policy import Policy
from verification.types import Channel, Record
from webhooks.context import HealthComponent

from ..storage.connection import Connection
from ..storage.counters import SqliteCounters
from ..storage.store import SqlStore
from .states import service_names

#: Bytes free on the disk of the database below which an operator is told.
LOW_DISK = 1 << 30
#: A message that was tried so often, or has been due for so many seconds without a try, is stuck.
STUCK_TRIES, STUCK_SECONDS = 5, 600
#: Waiting messages that are looked at.
_MOST_WAITING = 10_000
_STUCK = """SELECT DISTINCT t.sid FROM event_targets t JOIN
    (SELECT target_id, tries, next_at FROM outbox ORDER BY next_at LIMIT ?) AS o ON o.target_id = t.id
    WHERE o.tries >= ? OR o.next_at < ? ORDER BY t.sid"""
#: The component of /health/ready that shows each of these.
_OF_HEALTH = {
    "database": AlertKind.WRITES_REFUSED,
    "clock": AlertKind.CLOCK_WRONG,
    "audit-log": AlertKind.AUDIT_LOG_BROKEN,
}


class ConditionReader(Record, frozen=True, kw_only=True):
    """`file`: the database, where it is a file of this machine; `low_disk`: bytes."""

    store: SqlStore
    policy: Policy
    open_channels: Callable[[], frozenset[Channel]]
    examine: Callable[[], Awaitable[tuple[HealthComponent, ...]]]
    file: Path | None = None
    low_disk: int = LOW_DISK

    async def read(self, *, now: float) -> list[Condition]:
        """All conditions that hold. Raises Unavailable when the database cannot be read."""
        shared = await self.store.scan(lambda conn: self._shared(conn, now))
        return [*shared, *await self.local()]

    def _shared(self, conn: Connection, now: float) -> list[Condition]:
        """Those that every worker sees."""
        counters = SqliteCounters(conn, self.store.counter_keys)
        stuck = conn.execute(_STUCK, (_MOST_WAITING, STUCK_TRIES, now - STUCK_SECONDS)).fetchall()
        return [
            *limit_conditions(self.policy, counters, list(service_names(conn)), now=now),
            *(Condition(kind=AlertKind.OUTBOX_STUCK, subject=sid) for (sid,) in stuck),
        ]

    async def local(self) -> list[Condition]:
        """Those that only this process, or this machine, may see."""
        health = [
            Condition(kind=_OF_HEALTH[component.name])
            for component in await self.examine()
            if not component.ok and component.name in _OF_HEALTH
        ]
        channels = [Condition(kind=AlertKind.CHANNEL_RESTS, subject=c.value) for c in sorted(self.open_channels())]
        return [*health, *channels, *self._disk()]

    def _disk(self) -> Iterator[Condition]:
        if self.file is None:
            return
        try:
            free = shutil.disk_usage(self.file.absolute().parent).free
        except OSError:  # the database component of the health says more
            return
        if free < self.low_disk:
            yield Condition(kind=AlertKind.DISK_LOW)
