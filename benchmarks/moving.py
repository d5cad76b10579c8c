"""How fast `saycode move` carries verifications from SQLite to PostgreSQL and back.

    python -m benchmarks.moving [--verifications 1000000]

Each verification has a delivery and two events, whose chain is whole; a fifth as many counters. PostgreSQL is a server
of its own with fsync and synchronous_commit on.
"""

import argparse
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from saycode.config.databases import PostgresqlUrl
from saycode.maintenance.moving import Move, Place, move
from saycode.storage.audit_log import AuditLog
from saycode.storage.encryption import FieldCipher
from saycode.storage.sqlite.database import open_database
from tests.support.postgresql import DURABLE, running_server
from verification.models import Event, EventKind

from .retention import OLD, fill
from .store import SECRETS

_BATCH = 1000


def made(path: Path, count: int) -> None:
    """A file with so many verifications and a whole audit log."""
    conn, key = open_database(path, secrets=SECRETS, create=True, patience=1)
    conn.close()
    fill(path, count, events=False)
    log = AuditLog(FieldCipher(key))
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("BEGIN")
        for first in range(1, count + 1, _BATCH):
            log.add(
                conn,
                [
                    Event(kind=kind, at=OLD + n, verification=f"VE{n:032x}", detail="sign-in", source="192.0.2.7")
                    for n in range(first, min(first + _BATCH, count + 1))
                    for kind in (EventKind.STARTED, EventKind.APPROVED)
                ],
            )
        conn.execute("COMMIT")


def measured(source: Place, target: Place, count: int) -> Move:
    """Move it, and print how long that took."""
    began = time.process_time()
    moved = move(source, target, SECRETS, progress=lambda table, rows: None)
    rows, here = sum(moved.rows.values()), time.process_time() - began
    print(
        f"{source} to {target}: {rows:,} rows in {moved.seconds:.0f} s, {rows / moved.seconds:,.0f} rows/s, "
        f"{moved.seconds / count * 1e6:.0f} s for a million verifications; {here:.0f} s of this processor; "
        f"head {moved.head}",
        flush=True,
    )
    return moved


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--verifications", type=int, default=1_000_000)
    count: int = parser.parse_args().verifications
    with tempfile.TemporaryDirectory() as name, running_server(DURABLE) as server, server.database() as address:
        file, back, url = Path(name) / "codes.db", Path(name) / "back.db", PostgresqlUrl(address)
        began = time.monotonic()
        made(file, count)
        print(f"{file.stat().st_size / 2**20:,.0f} MB made in {time.monotonic() - began:.0f} s", flush=True)
        there, again = measured(file, url, count), measured(url, back, count)
        assert there.rows == again.rows
        assert there.head == again.head


if __name__ == "__main__":
    main()
