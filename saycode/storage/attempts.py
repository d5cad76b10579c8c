"""Looking back at deliveries, in the file of the code table.

Lists and sums may walk over many rows, so they have a thread and a connection of their own, and keep no request
waiting. They go by the time of the verification, which has an index for each service; a delivery comes at most the
longest life of a code later.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from verification.ports import Attempt, AttemptFilter

from .encryption import DecryptionError, FieldCipher
from .queries import ATTEMPT, ATTEMPT_COUNT, ATTEMPTS
from .rows import RecordMapper
from .store import SqliteStore

MAX_CODE_LIFETIME = 600


@dataclass(frozen=True, slots=True)
class SqliteAttempts:
    """A `verification.ports.Attempts`."""

    store: SqliteStore

    async def attempt(self, sid: str) -> Attempt | None:
        """The one of this sid."""
        row = self.store.ask(lambda conn: conn.execute(ATTEMPT, (sid,)).fetchone())
        try:
            return None if row is None else _attempt(RecordMapper(self.store.cipher), row)
        except DecryptionError:
            return None

    async def attempts(self, criteria: AttemptFilter, *, after: str | None, limit: int) -> list[Attempt]:
        """Those of the newest verifications first."""

        def walk(conn: sqlite3.Connection) -> list[Attempt]:
            found: list[Attempt] = []
            for attempt in _matching_attempts(conn, self.store.cipher, criteria, after):
                found.append(attempt)
                if len(found) == limit:
                    break
            return found

        return await self.store.scan(walk)

    async def totals(self, criteria: AttemptFilter) -> tuple[int, int]:
        """How many there are, and how many converted."""

        def count(conn: sqlite3.Connection) -> tuple[int, int]:
            if criteria.country is None and criteria.prefix is None:
                total, converted = conn.execute(ATTEMPT_COUNT, _values(criteria, self.store.cipher)).fetchone()
                return total, converted or 0
            converted = [attempt.converted for attempt in _matching_attempts(conn, self.store.cipher, criteria, None)]
            return len(converted), sum(converted)

        return await self.store.scan(count)


def _matching_attempts(
    conn: sqlite3.Connection, cipher: FieldCipher, criteria: AttemptFilter, after: str | None
) -> Iterator[Attempt]:
    """Country and prefix are sealed in the row, so they are looked at one by one."""
    rows = RecordMapper(cipher)
    for row in conn.execute(ATTEMPTS, {**_values(criteria, cipher), "after": after}):
        try:
            attempt = _attempt(rows, row)
        except DecryptionError:
            continue  # told where it was found; a list is of what can be read
        number = attempt.verification.number
        if criteria.country not in (None, number.region):
            continue
        if criteria.prefix is None or number.e164.startswith(criteria.prefix):
            yield attempt


def _values(criteria: AttemptFilter, cipher: FieldCipher) -> dict[str, Any]:
    return {
        "service": criteria.service,
        "since": criteria.since,
        "from": criteria.since - MAX_CODE_LIFETIME,
        "until": criteria.until,
        "verification": criteria.verification,
        "channel": criteria.channel,
        "number": None if criteria.number is None else cipher.number_hash(criteria.number),
        "converted": criteria.converted,
    }


def _attempt(rows: RecordMapper, row: tuple[Any, ...]) -> Attempt:
    verification, delivery = rows.attempt(row[1:])
    return Attempt(delivery=delivery, verification=verification, converted=bool(row[0]))
