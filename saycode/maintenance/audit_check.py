"""Verify the audit log while the service runs, some entries at a time, and over again from the beginning.

`saycode audit verify` verifies all of it at once. This finds a change within the time that one round takes: a million
entries in an hour and a half. What it finds is written into the log itself, as its next entry (see audit_log).
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..storage.audit_chain import ChainBreak, ChainHead
from ..storage.store import SqlStore

#: Entries in one run: some milliseconds.
STEP = 1000


@dataclass(slots=True)
class AuditCheckJob:
    """Run it now and then. It remembers how far it has come, and so notices a log that was set back meanwhile."""

    store: SqlStore
    now: Callable[[], float]
    _position: ChainHead | None = None

    async def run(self) -> ChainBreak | None:
        """Verify the next entries. Returns what was found broken, after the log goes on in a new segment."""
        position = self._position
        log = self.store.audit_log
        found = await self.store.query(lambda conn: log.verify_next(conn, position, limit=STEP))
        if not isinstance(found, ChainBreak):
            self._position = found
            return None
        self._position = None
        # Another worker may have found it too, so it is verified again in the transaction that writes.
        return await self.store.write(
            lambda conn: log.close_if_broken(conn, position, limit=STEP, now=self.now()),
        )
