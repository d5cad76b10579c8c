"""The mark beside the database, by which a restored backup is noticed: how many groups were committed, and until when.

The same two numbers stand in the database. They are written in the transaction of each group, and to the file right
after it, so the file is never ahead of its database; a database that is behind its file is an older copy. Used codes
would be open in it again, so all that were open are void. Backups take the database alone, not its mark.

What it cannot see: a copy of the whole folder, mark and all, that is put back. Codes live ten minutes at most, so this
revives one only when the copy is younger than that.
"""

import logging
import os
import sqlite3
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

_COUNT = "UPDATE mark SET commits = commits + 1, decisions = decisions + ?, at = ? RETURNING commits"


@dataclass(frozen=True, slots=True)
class MarkerPosition:
    """So many groups, the last at this second since 1970."""

    commits: int
    at: float

    def __str__(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).isoformat(sep=" ", timespec="seconds")


class RestoreMarker:
    """The file of one database, kept open."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(marker_path(path), os.O_CREAT | os.O_RDWR, 0o600)
        self._next: MarkerPosition | None = None
        self._failed = False

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def count(self, conn: sqlite3.Connection, *, decisions: int) -> None:
        """One group more, of so many decisions, in its transaction."""
        now = time.time()
        ((commits,),) = conn.execute(_COUNT, (decisions, now)).fetchall()
        self._next = MarkerPosition(commits, now)

    def keep(self) -> None:
        """The group is committed. Without waiting for the disk: after a power cut the file may only be behind."""
        if self._next is None:
            return
        try:
            os.pwrite(self._file, f"{self._next.commits:20d} {self._next.at:20.3f}\n".encode(), 0)
            self._failed = False
        except OSError as problem:
            if not self._failed:
                log.error("the restore marker cannot be written: %s", problem)
                self._failed = True
        self._next = None


def read_marker(path: Path) -> MarkerPosition | None:
    """What the file beside this database says; None when there is none. Read it before the database, never after."""
    try:
        commits, at = marker_path(path).read_text("ascii").split()
        return MarkerPosition(int(commits), float(at))
    except (OSError, ValueError):
        return None


def detect_restore(conn: sqlite3.Connection, path: Path, marked: MarkerPosition | None) -> None:
    """Void all open codes of a database that is older than its mark, or has lost it, and tell the operator the gap."""
    held = MarkerPosition(*conn.execute("SELECT commits, at FROM mark").fetchone())
    if held.commits == 0 or (marked is not None and marked.commits <= held.commits):
        return
    conn.execute("BEGIN IMMEDIATE")
    conn.execute("UPDATE verifications SET expires_at = created_at WHERE status = 'pending'")
    conn.execute("UPDATE mark SET commits = ?", (max(held.commits, marked.commits if marked else 0) + 1,))
    conn.execute("COMMIT")
    log.error(
        "%s was restored or moved: it ends at %s, and %s. All open codes are void. Starts, limits, reports, STOPs "
        "and revoked keys of the time between are lost: suppress again who texted STOP (Twilio's log has it), and "
        "revoke again.",
        path,
        held,
        f"was in use until {marked}" if marked else "its restore marker is missing, so the time of last use is unknown",
    )


def marker_path(path: Path) -> Path:
    """Where the mark of this database is."""
    return path.with_name(path.name + "-mark")
