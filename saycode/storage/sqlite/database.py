"""The SQLite file: its checks before it is opened, its creation, and the connections to it.

Every problem ends in DatabaseUnusable, one sentence that says how to fix it. A lost file would mean lost limits and
suppressions, so nothing is created, repaired or emptied unless the settings allow it.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from verification.models import CallStage, Manner, Progress
from verification.policy import Keypress
from verification.types import CallStyle, Channel, DeliveryStatus, VerificationStatus
from verification.values.codes import key_id

from ..audit_log import AuditLog
from ..connection import DatabaseUnusable
from ..encryption import DecryptionError, FieldCipher, UnknownKey, new_data_key, unwrap
from ..keys import expire_codes_without_key, put_key, wrapped_key
from . import restore_marker

if TYPE_CHECKING:
    from sqlite_utils import Database

log = logging.getLogger(__name__)

#: The migrations of a current schema. Where they are applied, sqlite-utils is not imported: that takes a sixth of a
#: start.
MIGRATIONS = frozenset(
    {
        *("create_first_schema", "add_openid_provider", "add_custom_codes", "add_hourly_totals", "add_openid_tabs"),
        *("add_operators", "add_alert_states"),
    }
)
_APPLIED = "SELECT name FROM _sqlite_migrations WHERE migration_set = 'saycode'"
# Up to this size reading the whole file at the start takes a moment only.
_MAX_QUICK_CHECK_SIZE = 32 * 2**20
#: Bytes, of the connection that writes and of one that reads: most of what a worker's memory grows by under load. Other
#: pages come from the operating system's cache.
_PAGE_CACHE, _READ_CACHE = 8 * 2**20, 4 * 2**20
_WAL_SIZE_LIMIT = 64 * 2**20
_READ_TIMEOUT = 0.05
# The driver looks for an adapter of every value that is neither a number nor text, and takes longest to find none.
for _word in (CallStage, CallStyle, Channel, DeliveryStatus, Keypress, Manner, Progress, VerificationStatus):
    sqlite3.register_adapter(_word, attrgetter("_value_"))
sqlite3.register_adapter(bytes, bytes)
sqlite3.register_adapter(bool, int)
sqlite3.register_adapter(type(None), {None: None}.get)


def open_database(
    path: Path, *, secrets: tuple[bytes, ...], create: bool, patience: float
) -> tuple[sqlite3.Connection, bytes]:
    """The connection that writes, with the schema up to date, and the data key. `create` allows a new file.

    Waits up to `patience` seconds for other programs. Raises DatabaseUnusable.
    """
    try:
        _check_path(path, create=create)
        if not path.exists():
            _create_file(path)
        conn = _connect(path, patience=patience)
    except (OSError, sqlite3.DatabaseError) as problem:
        raise _to_database_unusable(path, problem) from problem
    try:
        key = _prepare(conn, path, secrets=secrets, create=create, patience=patience)
        restore_marker.detect_restore(conn, path)
        expire_codes_without_key(conn, path, secrets)
        return conn, key
    except (OSError, sqlite3.DatabaseError) as problem:
        conn.close()
        raise _to_database_unusable(path, problem) from problem
    except BaseException:
        conn.close()
        raise


def read_connection(path: Path) -> sqlite3.Connection:
    """A connection that cannot write."""
    conn = _connect(path, patience=_READ_TIMEOUT, mode="ro")
    conn.execute(f"PRAGMA cache_size = -{_READ_CACHE // 1024}")
    return conn


def checkpoint_connection(path: Path) -> sqlite3.Connection:
    """A connection that moves the write-ahead log into the file, and waits for no lock."""
    return _connect(path, patience=0)


def _prepare(
    conn: sqlite3.Connection, path: Path, *, secrets: tuple[bytes, ...], create: bool, patience: float
) -> bytes:
    try:
        current = _is_current(conn)
        if not current:
            _check_schema(conn, path, create=create)
        _quick_check(conn, path)
        _retry_while_locked(partial(_configure, conn), patience)
        if current:
            wrapped = wrapped_key(conn)
            if wrapped.key_id == key_id(secrets[0]):
                return unwrap(wrapped, secrets)
        return _migrate(conn, secrets)
    except _migrations().NewerSchema as problem:
        raise DatabaseUnusable(
            f"{path} was made by a newer Saycode (it has {', '.join(problem.args)}): install that version again, "
            "or restore a backup from before the upgrade."
        ) from problem
    except _migrations().UnknownSchema as problem:
        raise DatabaseUnusable(
            f"{path} is the database of another program, or of a Saycode before its first release, which cannot be "
            "upgraded: let SAYCODE_DATABASE_URL name a file of its own."
        ) from problem
    except UnknownKey as problem:
        raise DatabaseUnusable(
            f"SAYCODE_SECRET_KEY does not open {path}: add the former key after a comma (its id is {problem})."
        ) from problem
    except DecryptionError as problem:
        raise DatabaseUnusable(f"The data key in {path} is damaged: restore a backup.") from problem


def _migrations() -> ModuleType:
    from . import migrations

    return migrations


def _database(conn: sqlite3.Connection) -> "Database":
    """For migrations only. Requests use the bare connection: for one row sqlite-utils costs more than the statement."""
    from sqlite_utils import Database

    return Database(conn, execute_plugins=False)


def _is_current(conn: sqlite3.Connection) -> bool:
    """Whether there is nothing to migrate, and nothing that this program does not know."""
    try:
        return {name for (name,) in conn.execute(_APPLIED)} == MIGRATIONS
    except sqlite3.OperationalError:  # there is no such table
        return False


def _check_schema(conn: sqlite3.Connection, path: Path, *, create: bool) -> None:
    db = _database(conn)
    _migrations().check_schema(db)
    if not create and not db.table_names():
        raise DatabaseUnusable(
            f"{path} is empty and SAYCODE_DATABASE_CREATE is no: put the real file back, or set it to yes "
            "to begin without any limits and suppressions."
        )


def _configure(conn: sqlite3.Connection) -> None:
    # synchronous = FULL: a result is returned once it is on the disk, or a used code would be valid again after a power
    # cut. wal_autocheckpoint = 0: checkpoints have a thread of their own; in the writer they would delay every
    # thousandth request. secure_delete: removed data is overwritten, not only unlinked, even in pages that become free.
    for setting in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"cache_size = -{_PAGE_CACHE // 1024}",
        "wal_autocheckpoint = 0",
        f"journal_size_limit = {_WAL_SIZE_LIMIT}",
        "secure_delete = ON",
        "temp_store = MEMORY",
    ):
        conn.execute(f"PRAGMA {setting}").fetchall()


def _migrate(conn: sqlite3.Connection, secrets: tuple[bytes, ...]) -> bytes:
    """Create or upgrade the schema and the data key. Of workers that start at once one does it, the others wait."""
    conn.execute("BEGIN IMMEDIATE")
    try:
        is_new = _migrations().migrate(_database(conn))
        key = new_data_key() if is_new else unwrap(wrapped_key(conn), secrets)
        put_key(conn, key, secrets[0])
        if is_new:
            AuditLog(FieldCipher(key)).initialize(conn)
        conn.execute("COMMIT")
    finally:
        if conn.in_transaction:
            conn.execute("ROLLBACK")
    return key


def _check_path(path: Path, *, create: bool) -> None:
    if not path.parent.is_dir():
        raise DatabaseUnusable(f"The folder of {path} does not exist: make it, or fix SAYCODE_DATABASE_URL.")
    if not _has_access(path.parent, os.W_OK | os.X_OK):
        raise DatabaseUnusable(
            f"The folder of {path} may not be written by this user: change its owner or its mode "
            "(SQLite keeps its write-ahead log beside the file)."
        )
    if not path.exists():
        if not create:
            raise DatabaseUnusable(
                f"{path} does not exist and SAYCODE_DATABASE_CREATE is no: put the file back, or set it to yes "
                "to begin without any limits and suppressions."
            )
    elif not path.is_file():
        raise DatabaseUnusable(f"{path} is not a file: fix SAYCODE_DATABASE_URL.")
    elif not _has_access(path, os.R_OK | os.W_OK):
        raise DatabaseUnusable(f"{path} may not be read and written by this user: change its owner or its mode.")
    marker_path = restore_marker.marker_path(path)
    if marker_path.exists() and not _has_access(marker_path, os.R_OK | os.W_OK):
        # If it were ignored, the database would look like a restored backup, and all pending codes would expire.
        raise DatabaseUnusable(f"{marker_path} may not be read and written by this user: change its owner or its mode.")


def _has_access(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _create_file(path: Path) -> None:
    """An empty file that only its owner may read; SQLite gives its log the same mode."""
    with suppress(FileExistsError):  # another worker was quicker
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _connect(path: Path, *, patience: float, mode: str = "rw") -> sqlite3.Connection:
    # No implicit transactions. Each connection is created here and then used by one other thread only.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )


def _quick_check(conn: sqlite3.Connection, path: Path) -> None:
    if path.stat().st_size > _MAX_QUICK_CHECK_SIZE:
        return
    (result,) = conn.execute("PRAGMA quick_check(1)").fetchone()
    if result != "ok":
        raise DatabaseUnusable(_damage_message(path, result.splitlines()[-1]))


def _retry_while_locked(step: Callable[[], None], patience: float) -> None:
    """Retry until the lock is free: SQLite does not wait when the journal mode changes."""
    deadline = time.monotonic() + patience
    while True:
        try:
            step()
        except sqlite3.OperationalError as problem:
            if not is_busy(problem) or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return


def primary_code(problem: sqlite3.Error) -> int:
    """SQLite's primary result code (https://sqlite.org/rescode.html); 0 when there is none."""
    return int(getattr(problem, "sqlite_errorcode", 0)) & 0xFF


def is_busy(problem: Exception) -> bool:
    """Whether another program holds the lock."""
    return isinstance(problem, sqlite3.Error) and primary_code(problem) == sqlite3.SQLITE_BUSY


def _to_database_unusable(path: Path, problem: Exception) -> DatabaseUnusable:
    code = primary_code(problem) if isinstance(problem, sqlite3.Error) else 0
    if code == sqlite3.SQLITE_NOTADB:
        return DatabaseUnusable(f"{path} is not an SQLite database: fix SAYCODE_DATABASE_URL, or restore a backup.")
    if code == sqlite3.SQLITE_CORRUPT:
        return DatabaseUnusable(_damage_message(path, str(problem)))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseUnusable(f"{path} is locked by another program: end it, then start again.")
    if code == sqlite3.SQLITE_FULL:
        return DatabaseUnusable(f"The disk of {path} is full: free some space, then start again.")
    return DatabaseUnusable(f"{path} cannot be opened ({problem}): look at its disk and its permissions.")


def _damage_message(path: Path, detail: str) -> str:
    return f"{path} is damaged ({detail}): restore a backup, or save what is left with sqlite3's .recover."
