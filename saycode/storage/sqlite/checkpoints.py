"""Checkpoints: moving the write-ahead log into the database file, outside the writer.

SQLite's own checkpoints run inside a commit and make it wait for hundreds of scattered page writes. Here a thread with
a connection of its own runs them, and waits for no lock. While commits never pause, a checkpoint is always a few of
them behind and the log would grow; past a length the writer is asked to restart it between two groups.
"""

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

from ..writer import Writer
from . import database

log = logging.getLogger(__name__)


class Checkpointer:
    """Runs a checkpoint every `interval` seconds if the writer has written; `max_wal_pages` are of 4 kB."""

    def __init__(self, path: Path, writer: Writer[Any], *, interval: float, max_wal_pages: int = 8192) -> None:
        self._conn = database.checkpoint_connection(path)
        self._writer = writer
        self._interval = interval
        self._max_wal_pages = max_wal_pages
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="saycode-checkpoints", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the checkpoint that is running."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        checkpointed = 0
        while not self._stop.wait(self._interval):
            if (groups := self._writer.committed_groups) != checkpointed:
                checkpointed = groups
                self._checkpoint()
        self._conn.close()

    def _checkpoint(self) -> None:
        try:
            (_, wal_pages, _) = self._conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as problem:
            log.warning("checkpoint failed: %s", problem)  # nothing is lost: the next one moves the same pages
            return
        if wal_pages > self._max_wal_pages:
            self._writer.request_wal_restart()
