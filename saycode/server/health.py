"""How the service is: the code table can be written, the clock is sane, Twilio answers.

A probe writes one number into the code table, and however many ask, once in a few seconds: a full disk shows only when
something is written, and probes must not be what fills it.
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
from ..storage.store import SqliteStore

#: Seconds: between two looks at the code table, and until it has to have answered.
PROBE_INTERVAL, PROBE_TIMEOUT = 2.0, 2.0
#: Seconds that clocks of one machine, or of the one that wrote before, may differ.
CLOCK_TOLERANCE = 30
#: Nothing of this program is older.
_EARLIEST_TIME = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
_PROBE = "INSERT OR REPLACE INTO totals VALUES ('probed', '', ?)"
_NEWEST = "SELECT at FROM events ORDER BY id DESC LIMIT 1"


@dataclass(slots=True)
class Health:
    """Looks at each part when it is asked."""

    store: SqliteStore
    now: Callable[[], float]
    resting: Callable[[], frozenset[Channel]]
    behind: Callable[[], float] = lambda: 0.0
    every: float = PROBE_INTERVAL
    _probe: "asyncio.Task[HealthComponent] | None" = None
    _probed: float = field(default=float("-inf"))

    async def examine(self) -> tuple[HealthComponent, ...]:
        """How each part is."""
        database = await self._database()
        # The settings were read once, at the start; with a wrong one nothing would listen.
        return (HealthComponent("settings", well=True), database, self._clock(), self._twilio())

    async def _database(self) -> HealthComponent:
        if self._probe is None or (self._probe.done() and time.monotonic() - self._probed >= self.every):
            self._probed = time.monotonic()
            self._probe = asyncio.create_task(self._write())
        try:
            async with asyncio.timeout(PROBE_TIMEOUT):
                return await asyncio.shield(self._probe)
        except TimeoutError:
            return HealthComponent(
                "database", well=False, says=f"has not been written for {PROBE_TIMEOUT:g} seconds: locked, or slow"
            )

    async def _write(self) -> HealthComponent:
        at = self.now()
        try:
            await self.store.write(lambda conn: conn.execute(_PROBE, (at,)).rowcount)
        except Unavailable as problem:
            return HealthComponent("database", well=False, says=f"cannot be written: {problem}")
        return HealthComponent("database", well=True)

    def _clock(self) -> HealthComponent:
        behind = self.behind()
        if behind > CLOCK_TOLERANCE:
            return HealthComponent(
                "clock", well=False, says=f"was set back by {behind:.0f} seconds while the service was running"
            )
        if self.now() < _EARLIEST_TIME:
            return HealthComponent("clock", well=False, says="is set to a year before this program was made")
        try:
            newest = self.store.ask(lambda conn: conn.execute(_NEWEST).fetchone())
        except Unavailable:
            newest = None  # the database says so itself
        if newest is not None and newest[0] - self.now() > CLOCK_TOLERANCE:
            ahead = newest[0] - self.now()
            return HealthComponent(
                "clock", well=False, says=f"is {ahead:.0f} seconds behind what the database has seen"
            )
        return HealthComponent("clock", well=True)

    def _twilio(self) -> HealthComponent:
        resting = sorted(channel.value for channel in self.resting())
        try:
            last = self.store.ask(metric_totals.read_totals).get((metric_totals.LAST_HEARD, ""))
        except Unavailable:
            last = None
        heard = "not heard of yet"
        if last is not None:
            heard = f"last heard of at {datetime.fromtimestamp(last, UTC).isoformat(timespec='seconds')}"
        if resting:
            return HealthComponent(
                "twilio", well=False, says=f"{', '.join(resting)} rest after failures; {heard}", needed=False
            )
        return HealthComponent("twilio", well=True, says=heard, needed=False)
