"""The restore marker, a file beside the database, detects a restored backup: how many groups were committed, and when.

The database holds the same two numbers. They are written in the transaction of each group, and to the file right after
it, so the file is never ahead of its database; a database that is behind its file is an older copy. In a restored copy
used codes would be pending again, so all pending codes expire. Backups hold the database alone, not its marker.

A process that opens a database without a marker writes one, under the lock of the groups. So whatever was committed has
a marker from before, also when several processes make a new file at once.

What it cannot detect: a copy of the whole folder, marker included, that is put back. Codes live ten minutes at most, so
this revives one only when the copy is younger than that.
"""

import logging
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)


#: What the marker file holds, a position: always as long, so that one write replaces it.
LINE = b"%20d %20.3f\n"


@dataclass(frozen=True, slots=True)
class MarkerPosition:
    """The number of committed groups, and the time of the last one in seconds since 1970."""

    commits: int
    at: float

    def __str__(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).isoformat(sep=" ", timespec="seconds")


def read_marker(path: Path) -> MarkerPosition | None:
    """The position in the file beside this database; None when there is none."""
    try:
        commits, at = marker_path(path).read_text("ascii").split()
        return MarkerPosition(int(commits), float(at))
    except (OSError, ValueError):
        return None


def detect_restore(conn: sqlite3.Connection, path: Path) -> None:
    """Expire all pending codes of a database that is older than its marker, or has lost it, and log what is missing."""
    if _is_in_step(read_marker(path), _position(conn)):
        return
    conn.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have found the same meanwhile, or have made the marker of a new database.
        marker, position = read_marker(path), _position(conn)
        if _is_in_step(marker, position):
            return
        if position.commits:
            _expire_codes(conn, path, marker, position)
            position = _position(conn)
        marker_path(path).touch(0o600)
        with marker_path(path).open("r+b") as file:
            file.write(LINE % (position.commits, position.at))
        conn.execute("COMMIT")
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")


def _is_in_step(marker: MarkerPosition | None, position: MarkerPosition) -> bool:
    """Whether the database is not behind its marker. The marker has to be read first: both only grow."""
    return marker is not None and marker.commits <= position.commits


def _position(conn: sqlite3.Connection) -> MarkerPosition:
    return MarkerPosition(*conn.execute("SELECT commits, at FROM restore_marker").fetchone())


def _expire_codes(
    conn: sqlite3.Connection, path: Path, marker: MarkerPosition | None, position: MarkerPosition
) -> None:
    commits = max(position.commits, marker.commits if marker else 0) + 1
    conn.execute("UPDATE verifications SET expires_at = created_at WHERE status = 'pending'")
    conn.execute("UPDATE restore_marker SET commits = ?", (commits,))
    log.error(
        "%s was restored or moved: it ends at %s, and %s. All open codes are void. Starts, limits, reports, STOPs "
        "and revoked keys of the time between are lost: suppress again every number that texted STOP (Twilio's log has "
        "them), and revoke the keys again.",
        path,
        position,
        f"was in use until {marker}" if marker else "its restore marker is missing, so the time of last use is unknown",
    )


def marker_path(path: Path) -> Path:
    """The marker file of this database."""
    return path.with_name(path.name + "-mark")
