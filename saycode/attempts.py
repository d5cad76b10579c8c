"""Looking back at deliveries, in the file of the code table.

Lists and sums may walk over many rows, so they have a thread and a connection of their own, and keep no request
waiting. They go by the time of the verification, which has an index for each service; a delivery comes at most the
longest life of a code later.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from verification.attempts import Attempt, Sought

from .rows import Rows
from .sealing import SealBroken, Sealer
from .statements import ATTEMPT, ATTEMPT_COUNT, ATTEMPTS
from .table import SqliteTable

LONGEST_LIFE = 600


@dataclass(frozen=True, slots=True)
class SqliteAttempts:
    """A `verification.attempts.Attempts`."""

    table: SqliteTable

    async def attempt(self, sid: str) -> Attempt | None:
        """The one of this sid."""
        row = self.table.ask(lambda conn: conn.execute(ATTEMPT, (sid,)).fetchone())
        try:
            return None if row is None else _attempt(Rows(self.table.sealer), row)
        except SealBroken:
            return None

    async def attempts(self, sought: Sought, *, after: str | None, limit: int) -> list[Attempt]:
        """Those of the newest verifications first."""

        def walk(conn: sqlite3.Connection) -> list[Attempt]:
            found: list[Attempt] = []
            for attempt in _walk(conn, self.table.sealer, sought, after):
                found.append(attempt)
                if len(found) == limit:
                    break
            return found

        return await self.table.survey(walk)

    async def totals(self, sought: Sought) -> tuple[int, int]:
        """How many there are, and how many converted."""

        def count(conn: sqlite3.Connection) -> tuple[int, int]:
            if sought.country is None and sought.prefix is None:
                total, converted = conn.execute(ATTEMPT_COUNT, _values(sought, self.table.sealer)).fetchone()
                return total, converted or 0
            converted = [attempt.converted for attempt in _walk(conn, self.table.sealer, sought, None)]
            return len(converted), sum(converted)

        return await self.table.survey(count)


def _walk(conn: sqlite3.Connection, sealer: Sealer, sought: Sought, after: str | None) -> Iterator[Attempt]:
    """Country and prefix are sealed in the row, so they are looked at one by one."""
    rows = Rows(sealer)
    for row in conn.execute(ATTEMPTS, {**_values(sought, sealer), "after": after}):
        try:
            attempt = _attempt(rows, row)
        except SealBroken:
            continue  # told where it was found; a list is of what can be read
        number = attempt.verification.number
        if sought.country not in (None, number.region):
            continue
        if sought.prefix is None or number.e164.startswith(sought.prefix):
            yield attempt


def _values(sought: Sought, sealer: Sealer) -> dict[str, Any]:
    return {
        "service": sought.service,
        "since": sought.since,
        "from": sought.since - LONGEST_LIFE,
        "until": sought.until,
        "verification": sought.verification,
        "channel": sought.channel,
        "number": None if sought.number is None else sealer.number_hash(sought.number),
        "converted": sought.converted,
    }


def _attempt(rows: Rows, row: tuple[Any, ...]) -> Attempt:
    verification, delivery = rows.attempt(row[1:])
    return Attempt(delivery=delivery, verification=verification, converted=bool(row[0]))
