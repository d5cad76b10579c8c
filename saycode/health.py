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
from verification.states import Channel
from webhooks.condition import Part

from . import totals
from .table import SqliteTable

#: Seconds: between two looks at the code table, and until it has to have answered.
EVERY, PATIENCE = 2.0, 2.0
#: Seconds that clocks of one machine, or of the one that wrote before, may differ.
SLACK = 30
#: Nothing of this program is older.
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
_PROBE = "INSERT OR REPLACE INTO totals VALUES ('probed', '', ?)"
_NEWEST = "SELECT at FROM events ORDER BY id DESC LIMIT 1"


@dataclass(slots=True)
class Health:
    """Looks at each part when it is asked."""

    table: SqliteTable
    now: Callable[[], float]
    resting: Callable[[], frozenset[Channel]]
    behind: Callable[[], float] = lambda: 0.0
    every: float = EVERY
    _probe: "asyncio.Task[Part] | None" = None
    _probed: float = field(default=float("-inf"))

    async def examine(self) -> tuple[Part, ...]:
        """How each part is."""
        database = await self._database()
        # The settings were read once, at the start; with a wrong one nothing would listen.
        return (Part("settings", well=True), database, self._clock(), self._twilio())

    async def _database(self) -> Part:
        if self._probe is None or (self._probe.done() and time.monotonic() - self._probed >= self.every):
            self._probed = time.monotonic()
            self._probe = asyncio.create_task(self._write())
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(self._probe)
        except TimeoutError:
            return Part("database", well=False, says=f"has not been written for {PATIENCE:g} seconds: locked, or slow")

    async def _write(self) -> Part:
        at = self.now()
        try:
            await self.table.write(lambda conn: conn.execute(_PROBE, (at,)).rowcount)
        except Unavailable as problem:
            return Part("database", well=False, says=f"cannot be written: {problem}")
        return Part("database", well=True)

    def _clock(self) -> Part:
        behind = self.behind()
        if behind > SLACK:
            return Part("clock", well=False, says=f"was set back by {behind:.0f} seconds while the service was running")
        if self.now() < _EPOCH:
            return Part("clock", well=False, says="is set to a year before this program was made")
        try:
            newest = self.table.ask(lambda conn: conn.execute(_NEWEST).fetchone())
        except Unavailable:
            newest = None  # the database says so itself
        if newest is not None and newest[0] - self.now() > SLACK:
            ahead = newest[0] - self.now()
            return Part("clock", well=False, says=f"is {ahead:.0f} seconds behind what the database has seen")
        return Part("clock", well=True)

    def _twilio(self) -> Part:
        resting = sorted(channel.value for channel in self.resting())
        try:
            last = self.table.ask(totals.read).get((totals.LAST_WORD, ""))
        except Unavailable:
            last = None
        heard = "not heard of yet"
        if last is not None:
            heard = f"last heard of at {datetime.fromtimestamp(last, UTC).isoformat(timespec='seconds')}"
        if resting:
            return Part("twilio", well=False, says=f"{', '.join(resting)} rest after failures; {heard}", needed=False)
        return Part("twilio", well=True, says=heard, needed=False)
