"""Checkpoints: moving the write-ahead log into the database file, outside the writer.

Left to SQLite they run inside somebody's commit and make it wait for hundreds of scattered pages. Here a thread with a
connection of its own does it, and waits for nobody. While commits never pause, a checkpoint is always a few of them
behind and the log could only grow; past a length the writer is asked to begin it anew between two groups.
"""

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

from . import database
from .writer import Writer

log = logging.getLogger(__name__)


class Checkpointer:
    """Takes a checkpoint every `every` seconds when the writer has written something; `long` is in pages of 4 kB."""

    def __init__(self, path: Path, writer: Writer[Any], *, every: float, long: int = 8192) -> None:
        self._conn = database.checkpoint_connection(path)
        self._writer = writer
        self._interval = every
        self._long = long
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="saycode-checkpoints", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop after the checkpoint that is running."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        seen = 0
        while not self._stop.wait(self._interval):
            if (groups := self._writer.groups) != seen:
                seen = groups
                self._take()
        self._conn.close()

    def _take(self) -> None:
        try:
            (_, length, _) = self._conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as problem:
            log.warning("checkpoint failed: %s", problem)  # the log keeps everything; the next one takes it too
            return
        if length > self._long:
            self._writer.request_wal_restart()
