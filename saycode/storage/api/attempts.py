"""Verification attempts in the database: past deliveries, as Verify v2 lists them.

Lists and totals may read many rows, so they have a thread and a connection of their own, and delay no request. They use
the index on the creation time of each service's verifications; a delivery is at most one code lifetime younger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from verification.attempts import Attempt, AttemptFilter
from verification.values.phone_numbers import line_of

from ..connection import Connection
from ..encryption import DecryptionError, FieldCipher
from ..queries import ATTEMPT, ATTEMPT_COUNT, ATTEMPTS
from ..records import RecordMapper
from ..store import SqlStore

MAX_CODE_LIFETIME = 600


@dataclass(frozen=True, slots=True)
class SqliteAttempts:
    """A `verification.ports.Attempts`."""

    store: SqlStore

    async def attempt(self, sid: str) -> Attempt | None:
        row = await self.store.query(lambda conn: conn.execute(ATTEMPT, (sid,)).fetchone())
        try:
            return None if row is None else _attempt(RecordMapper(self.store.cipher), row)
        except DecryptionError:
            return None

    async def attempts(self, criteria: AttemptFilter, *, after: str | None, limit: int) -> list[Attempt]:
        """Newest verifications first."""

        def read(conn: Connection) -> list[Attempt]:
            attempts: list[Attempt] = []
            for attempt in _matching_attempts(conn, self.store.cipher, criteria, after):
                attempts.append(attempt)
                if len(attempts) == limit:
                    break
            return attempts

        return await self.store.scan(read)

    async def totals(self, criteria: AttemptFilter) -> tuple[int, int]:
        """The number of attempts, and of those that converted."""

        def count(conn: Connection) -> tuple[int, int]:
            if criteria.country is None and criteria.prefix is None:
                total, converted = conn.execute(ATTEMPT_COUNT, _values(criteria, self.store.cipher)).fetchone()
                return total, converted or 0
            converted = [attempt.converted for attempt in _matching_attempts(conn, self.store.cipher, criteria, None)]
            return len(converted), sum(converted)

        return await self.store.scan(count)


def _matching_attempts(
    conn: Connection, cipher: FieldCipher, criteria: AttemptFilter, after: str | None
) -> Iterator[Attempt]:
    """Country and prefix are encrypted in the row, so they are filtered here."""
    mapper = RecordMapper(cipher)
    for row in conn.execute(ATTEMPTS, {**_values(criteria, cipher), "after": after}):
        try:
            attempt = _attempt(mapper, row)
        except DecryptionError:
            continue  # logged by the store, which quarantines it
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
        "number": None if criteria.number is None else cipher.number_hash(line_of(criteria.number)),
        "converted": criteria.converted,
    }


def _attempt(mapper: RecordMapper, row: tuple[Any, ...]) -> Attempt:
    verification, delivery = mapper.attempt(row[1:])
    return Attempt(delivery=delivery, verification=verification, converted=bool(row[0]))
