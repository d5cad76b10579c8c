"""Health checks: the store can be written, the clock is plausible, Twilio answers.

The check writes one number to the store, at most once in a few seconds however many probes arrive: a full disk shows
only on a write, and probes must not be what fills it.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from verification.errors import Unavailable
from verification.types import Channel
from webhooks.context import HealthComponent

from ..storage import metric_totals
from ..storage.store import SqlStore

#: Seconds between two writes to the store, and until one must have succeeded.
PROBE_INTERVAL, PROBE_TIMEOUT = 2.0, 2.0
#: Seconds for which a write that the disk refused counts. A full disk still takes small writes, such as the probe.
REFUSED_SECONDS = 10.0
#: Seconds that the clocks of this machine, or of the machine that wrote the newest event, may differ.
CLOCK_TOLERANCE = 30
#: A clock before this time was never set.
_EARLIEST_TIME = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
_PROBE = """INSERT INTO metric_totals VALUES ('probed', '', ?)
    ON CONFLICT (name, label) DO UPDATE SET value = excluded.value"""
_NEWEST = "SELECT at FROM events ORDER BY id DESC LIMIT 1"


@dataclass(slots=True)
class Health:
    """Checks each component on request.

    `wall_clock_lag`: seconds by which the clock was set back; `interval`: seconds between two writes to the store.
    """

    store: SqlStore
    now: Callable[[], float]
    open_channels: Callable[[], frozenset[Channel]]
    wall_clock_lag: Callable[[], float] = lambda: 0.0
    interval: float = PROBE_INTERVAL
    _probe: "asyncio.Task[HealthComponent] | None" = None
    _probed: float = field(default=float("-inf"))

    async def examine(self) -> tuple[HealthComponent, ...]:
        """The state of each component."""
        database = await self._database()
        # The settings are read once, before anything listens.
        return (
            HealthComponent("settings", ok=True),
            database,
            await self._clock(),
            await self._audit_log(),
            await self._twilio(),
        )

    async def _database(self) -> HealthComponent:
        if time.monotonic() - self.store.refused_at < REFUSED_SECONDS:
            return HealthComponent("database", ok=False, detail="a write was refused: is the disk full?")
        if self._probe is None or (self._probe.done() and time.monotonic() - self._probed >= self.interval):
            self._probed = time.monotonic()
            self._probe = asyncio.create_task(self._write())
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                return await asyncio.shield(self._probe)
        except TimeoutError:
            return HealthComponent(
                "database", ok=False, detail=f"has not been written for {PROBE_TIMEOUT:g} seconds: locked, or slow"
            )

    async def _write(self) -> HealthComponent:
        at = self.now()
        try:
            await self.store.write(lambda conn: conn.execute(_PROBE, (at,)).rowcount)
        except Unavailable as problem:
            return HealthComponent("database", ok=False, detail=f"cannot be written: {problem}")
        return HealthComponent("database", ok=True)

    async def _clock(self) -> HealthComponent:
        lag = self.wall_clock_lag()
        if lag > CLOCK_TOLERANCE:
            return HealthComponent(
                "clock", ok=False, detail=f"was set back by {lag:.0f} seconds while the service was running"
            )
        if self.now() < _EARLIEST_TIME:
            return HealthComponent("clock", ok=False, detail="is set to a year before this program was made")
        try:
            newest = await self.store.query(lambda conn: conn.execute(_NEWEST).fetchone())
        except Unavailable:
            newest = None  # the database component reports it
        if newest is not None and newest[0] - self.now() > CLOCK_TOLERANCE:
            ahead = newest[0] - self.now()
            return HealthComponent(
                "clock", ok=False, detail=f"is {ahead:.0f} seconds behind what the database has seen"
            )
        return HealthComponent("clock", ok=True)

    async def _audit_log(self) -> HealthComponent:
        try:
            found = await self.store.query(self.store.audit_log.known_break)
        except Unavailable:
            found = None  # the database component reports it
        if found is None:
            return HealthComponent("audit-log", ok=True, required=False)
        return HealthComponent("audit-log", ok=False, detail=f"is broken: {found}", required=False)

    async def _twilio(self) -> HealthComponent:
        open_channels = sorted(channel.value for channel in self.open_channels())
        try:
            last = (await self.store.query(metric_totals.read_totals)).get((metric_totals.LAST_HEARD, ""))
        except Unavailable:
            last = None
        heard = "not heard of yet"
        if last is not None:
            heard = f"last heard of at {datetime.fromtimestamp(last, UTC).isoformat(timespec='seconds')}"
        if open_channels:
            return HealthComponent(
                "twilio", ok=False, detail=f"{', '.join(open_channels)} rest after failures; {heard}", required=False
            )
        return HealthComponent("twilio", ok=True, detail=heard, required=False)
