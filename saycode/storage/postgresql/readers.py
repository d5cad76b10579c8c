"""Reads of a node, on a few threads: the event loop never waits for the network.

Each thread has a connection of its own. A read whose connection is lost is made again on a new one: the server may have
been started anew since the last read.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from verification.errors import Unavailable

from ..connection import Connection, DatabaseFailed
from .connection import PostgresqlConnection
from .failures import ConnectionLost

T = TypeVar("T")
#: Seconds for a statement, a lock, and a transaction that does nothing.
LIMITS = (5.0, 5.0, 30.0)


class Readers:
    """So many threads; `url` as in the settings."""

    def __init__(self, url: str, *, size: int) -> None:
        self._url = url
        self._threads = ThreadPoolExecutor(size, "saycode-reader")
        self._own = threading.local()
        self._connections: list[PostgresqlConnection] = []
        self._closed = False

    async def run(self, read: Callable[[Connection], T]) -> T:
        """The result of a read. Raises Unavailable."""
        return await asyncio.wrap_future(self._submit(read))

    def run_and_wait(self, read: Callable[[Connection], T]) -> T:
        """The same for the rare read that cannot be awaited."""
        return self._submit(read).result()

    def close(self) -> None:
        self._closed = True
        self._threads.shutdown()
        for conn in self._connections:
            conn.close()

    def _submit(self, read: Callable[[Connection], T]) -> "Future[T]":
        if self._closed:
            raise Unavailable("the database is closed")
        return self._threads.submit(self._run, read)

    def _run(self, read: Callable[[Connection], T]) -> T:
        conn = self._connection()
        try:
            try:
                conn.refresh_plans()
                return read(conn)
            except ConnectionLost:
                conn.close()
                return read(conn)
        except DatabaseFailed as problem:
            conn.close()
            raise Unavailable(str(problem)) from problem

    def _connection(self) -> PostgresqlConnection:
        if (conn := getattr(self._own, "conn", None)) is None:
            conn = self._own.conn = PostgresqlConnection(self._url, limits=LIMITS, name="saycode-reader", by_index=True)
            self._connections.append(conn)
        return conn


class AwaitedRows:
    """A result that was read by another thread."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def fetchall(self) -> list[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return self._rows[0] if self._rows else None


class BlockingConnection:
    """For the counters of a state that was read: a rule may look at one more while it decides, which is rare."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def execute(self, sql: str, parameters: Any = (), /) -> AwaitedRows:
        return AwaitedRows(self._readers.run_and_wait(lambda conn: conn.execute(sql, parameters).fetchall()))
