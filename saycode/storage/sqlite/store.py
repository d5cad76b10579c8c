"""The store in one SQLite file, for any number of processes on one machine."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Self, TypeVar

from verification.errors import Unavailable
from verification.models import Event
from verification.ports import Changes

from ..connection import Connection
from ..counters import SqliteCounters, cut_future_times
from ..encryption import FieldCipher
from ..store import SqlStore
from ..waves import Waves
from ..writer import RestoreMarker, Writer
from . import database
from .checkpoints import Checkpointer

T = TypeVar("T")


class SqliteStore(SqlStore):
    """A `verification.ports.Store` in one SQLite file."""

    _reader: sqlite3.Connection

    def __init__(
        self,
        path: Path,
        conn: sqlite3.Connection,
        cipher: FieldCipher,
        *,
        on_events: Callable[[Sequence[Event]], None] | None,
        patience: float,
        max_waiting: int,
        checkpoint_interval: float,
    ) -> None:
        super().__init__(cipher, on_events=on_events)
        self._path = path
        self._reader = database.read_connection(path)
        counters = SqliteCounters(conn, self._records.counter_keys)
        waves = Waves(conn, self._records, counters, on_unreadable=self._report_unreadable)
        self._writer: Writer[Changes[Any]] = Writer(
            conn,
            decide=waves.decide,
            patience=patience,
            max_waiting=max_waiting,
            on_commit=self._report if on_events else None,
            restore_marker=RestoreMarker(path),
        )
        self._checkpoints = Checkpointer(path, self._writer, interval=checkpoint_interval)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        secrets: tuple[bytes, ...],
        create: bool = True,
        on_events: Callable[[Sequence[Event]], None] | None = None,
        patience: float = 3.0,
        max_waiting: int = 10_000,
        checkpoint_interval: float = 1.0,
        clock: Callable[[], float] | None = None,
    ) -> Self:
        """Open the file, and create or migrate it when needed. Raises DatabaseUnusable.

        `secrets` are those of SAYCODE_SECRET_KEY, newest first. `on_events` is called on the event loop with the events
        of each commit. `patience`: seconds to wait for a lock of another process; `max_waiting`: queue length.
        `clock`: times in its future are cut.
        """
        path = Path(path)
        conn, key = database.open_database(path, secrets=secrets, create=create, patience=patience)
        if clock is not None:
            cut_future_times(conn, clock)
        return cls(
            path,
            conn,
            FieldCipher(key),
            on_events=on_events,
            patience=patience,
            max_waiting=max_waiting,
            checkpoint_interval=checkpoint_interval,
        )

    async def close(self) -> None:
        """Commit what is waiting and close the file."""
        await asyncio.to_thread(self._checkpoints.close)
        self._reader.close()
        await self._writer.close()

    async def scan(self, read: Callable[[Connection], T]) -> T:
        def work() -> T:
            with closing(database.read_connection(self._path)) as conn:
                return read(conn)

        try:
            return await asyncio.to_thread(work)
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem

    def erase_remains(self) -> bool:
        """Move the write-ahead log into the file and empty it. False while another connection reads or writes."""
        with closing(database.checkpoint_connection(self._path)) as conn:
            try:
                busy, _, _ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.Error as problem:
                raise Unavailable(str(problem)) from problem
        return not busy
