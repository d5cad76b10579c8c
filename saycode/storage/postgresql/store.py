"""The store in a PostgreSQL database, for any number of nodes on any number of machines."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, Self, TypeVar

from verification.errors import Unavailable
from verification.models import Event, State
from verification.ports import Changes, Query

from ..connection import Connection, DatabaseFailed
from ..counters import SqliteCounters, cut_future_times
from ..encryption import FieldCipher
from ..store import SqlStore
from ..waves import Waves
from . import database
from .connection import PostgresqlConnection
from .readers import BlockingConnection, Readers
from .writer import PostgresqlWriter

T = TypeVar("T")
#: Connections of a node: one that writes, these that read, and one more for each report that runs.
READERS = 4
#: Seconds for a statement, a lock and an idle transaction of a report.
_SCAN_LIMITS = (600.0, 10.0, 600.0)
_FORGET_NODES = "DELETE FROM writers WHERE at < ?"
_NODE_LIFETIME = 86_400


class PostgresqlStore(SqlStore):
    """A `verification.ports.Store` in a PostgreSQL database."""

    embedded = False

    def __init__(
        self,
        url: str,
        cipher: FieldCipher,
        *,
        on_events: Callable[[Sequence[Event]], None] | None,
        patience: float,
        max_waiting: int,
        clock: Callable[[], float] | None,
    ) -> None:
        super().__init__(cipher, on_events=on_events)
        self._url = url
        self._readers = Readers(url, size=READERS)
        # A node that hangs with the lock is cut before the patience of the others ends; its group is decided again.
        limits = (10.0, 0.8 * patience, 0.8 * patience)
        conn = PostgresqlConnection(url, limits=limits, name="saycode-writer", by_index=True)
        try:
            conn.execute(_FORGET_NODES, (time.time() - _NODE_LIFETIME,))
            if clock is not None:
                cut_future_times(conn, clock)
        except BaseException:
            conn.close()
            raise
        counters = SqliteCounters(conn, self._records.counter_keys)
        waves = Waves(conn, self._records, counters, on_unreadable=self._report_unreadable)
        self._writer: PostgresqlWriter[Changes[Any]] = PostgresqlWriter(
            conn,
            decide=waves.decide,
            patience=patience,
            max_waiting=max_waiting,
            on_commit=self._report if on_events else None,
        )

    @classmethod
    def open(
        cls,
        url: str,
        *,
        secrets: tuple[bytes, ...],
        create: bool = True,
        on_events: Callable[[Sequence[Event]], None] | None = None,
        patience: float = 3.0,
        max_waiting: int = 10_000,
        clock: Callable[[], float] | None = None,
    ) -> Self:
        """Open the database, and make or migrate its schema when needed. Raises DatabaseUnusable.

        The arguments are those of `SqliteStore.open`.
        """
        key = database.open_database(url, secrets=secrets, create=create)
        try:
            return cls(
                url, FieldCipher(key), on_events=on_events, patience=patience, max_waiting=max_waiting, clock=clock
            )
        except DatabaseFailed as problem:
            raise database.unusable(url, problem) from problem

    async def close(self) -> None:
        await self._writer.close()
        await asyncio.to_thread(self._readers.close)

    async def query(self, read: Callable[[Connection], T]) -> T:
        return await self._readers.run(read)

    async def read(self, query: Query) -> State:
        counters: Any = SqliteCounters(BlockingConnection(self._readers), self._records.counter_keys)  # type: ignore[arg-type]
        return await self.query(lambda conn: self._load(conn, query, counters))

    async def scan(self, read: Callable[[Connection], T]) -> T:
        def work() -> T:
            with closing(PostgresqlConnection(self._url, limits=_SCAN_LIMITS, name="saycode-report")) as conn:
                return read(conn)

        try:
            return await asyncio.to_thread(work)
        except DatabaseFailed as problem:
            raise Unavailable(str(problem)) from problem

    def erase_remains(self) -> bool:
        """Autovacuum removes deleted rows, and the server reuses their room (see docs/postgresql.md)."""
        return True
