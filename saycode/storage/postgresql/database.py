"""A PostgreSQL database as a node opens it: its checks, its schema and its data key.

Every problem ends in DatabaseUnusable, one sentence that says how to fix it, and then nothing is written.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult, unquote, urlsplit

from psycopg.conninfo import conninfo_to_dict

from verification.values.codes import key_id

from ..audit_log import AuditLog
from ..connection import DatabaseAway, DatabaseFailed, DatabaseUnusable, StatementRefused
from ..encryption import DecryptionError, FieldCipher, UnknownKey, new_data_key, unwrap
from ..keys import expire_codes_without_key, put_key, wrapped_key
from . import migrations
from .connection import PostgresqlConnection
from .failures import is_passing

log = logging.getLogger(__name__)

OLDEST_SERVER = 14
#: Seconds for a statement, a lock and an idle transaction while the schema is made or changed.
_MIGRATION_LIMITS = (600.0, 60.0, 60.0)
#: For what has the database for itself, and may take hours with its rows: 0 is no limit.
_ALONE_LIMITS = (0.0, 60.0, 0.0)
_FACTS = """SELECT current_setting('server_version_num')::bigint, pg_is_in_recovery(),
    current_setting('transaction_read_only') = 'on', current_schema(),
    has_schema_privilege(current_schema(), 'CREATE'), current_setting('server_encoding')"""
_TRIES = 3
_OTHER_NODES = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'saycode-%' AND pid <> pg_backend_pid()"""
#: The server lists a connection for a moment after it was closed.
_LEAVING_SECONDS = 1.0
_PATIENCE_HINTS = (
    ("password", "check the user name and the password in SAYCODE_DATABASE_URL"),
    ("no pg_hba.conf entry", "let this user in from this machine, in the server's pg_hba.conf"),
    ("database", "create it, or fix the name in SAYCODE_DATABASE_URL"),
    ("role", "create it, or fix the user name in SAYCODE_DATABASE_URL"),
    ("read-only", "name the primary, or several hosts and target_session_attrs=read-write"),
    ("too many", "raise max_connections, or put a pooler in front (docs/postgresql.md counts them)"),
)
_START_IT = "start the server, or fix host and port in SAYCODE_DATABASE_URL"


def display_name(url: str) -> str:
    """The address as messages show it: without user, password and options."""
    parts = urlsplit(url)
    return f"postgresql://{_hosts(parts)}{parts.path}"


def _hosts(parts: SplitResult) -> str:
    return unquote(parts.netloc.rpartition("@")[2])


def open_database(url: str, *, secrets: tuple[bytes, ...], create: bool) -> bytes:
    """Bring the schema up to date. Returns the data key. Raises DatabaseUnusable."""
    with _connected(url, "saycode-start") as conn:
        return _prepare(conn, display_name(url), secrets=secrets, create=create)


def examine_database(url: str, *, secrets: tuple[bytes, ...]) -> tuple[bytes | None, bool]:
    """The data key, or None for an empty database; and whether its schema is current. Raises DatabaseUnusable.

    Writes nothing, and takes the lock of the groups for a moment: a role that may not write is refused it.
    """
    with _connected(url, "saycode-doctor") as conn:
        check_server(conn, display_name(url))
        if not (names := migrations.applied(conn)):
            return None, False
        conn.execute("BEGIN IMMEDIATE")
        conn.execute("ROLLBACK")
        return unwrap(wrapped_key(conn), secrets), migrations.is_current(names)


@contextmanager
def exclusive_transaction(url: str) -> Iterator[PostgresqlConnection]:
    """A transaction under the lock of the groups, while no node is connected. Raises DatabaseUnusable."""
    with _connected(url, "saycode-alone", limits=_ALONE_LIMITS) as conn:
        until = time.monotonic() + _LEAVING_SECONDS
        while conn.execute(_OTHER_NODES).fetchone()[0]:
            if time.monotonic() >= until:
                raise DatabaseUnusable(f"{display_name(url)} is in use: stop every node and other commands first.")
            time.sleep(0.05)
        conn.pipelined = False  # what is copied comes outside of it
        conn.execute("BEGIN IMMEDIATE")
        yield conn
        conn.execute("COMMIT")


@contextmanager
def _connected(
    url: str, application: str, *, limits: tuple[float, float, float] = _MIGRATION_LIMITS
) -> Iterator[PostgresqlConnection]:
    """A connection whose problems are DatabaseUnusable."""
    name = display_name(url)
    conn = PostgresqlConnection(url, limits=limits, name=application)
    try:
        conn.connect()
        yield conn
    except DatabaseFailed as problem:
        raise unusable(url, problem) from problem
    except migrations.NewerSchema as problem:
        raise DatabaseUnusable(
            f"{name} was made by a newer Saycode (it has {', '.join(problem.args)}): install that version again, "
            "or restore a backup from before the upgrade."
        ) from problem
    except migrations.UnknownSchema as problem:
        raise DatabaseUnusable(
            f"{name} holds the tables of another program: let SAYCODE_DATABASE_URL name a database of its own."
        ) from problem
    except UnknownKey as problem:
        raise DatabaseUnusable(
            f"SAYCODE_SECRET_KEY does not open {name}: add the former key after a comma (its id is {problem})."
        ) from problem
    except DecryptionError as problem:
        raise DatabaseUnusable(f"The data key in {name} is damaged: restore a backup.") from problem
    finally:
        conn.close()


def unusable(url: str, problem: DatabaseFailed) -> DatabaseUnusable:
    """What the server said, and what to do about it. DatabaseAway for what may end by itself."""
    hosts = str(conninfo_to_dict(url).get("host")).count(",") + 1
    kind = DatabaseAway if is_passing(problem, hosts=hosts) else DatabaseUnusable
    return kind(f"{display_name(url)} cannot be used ({problem}): {_advice(str(problem))}.")


def check_server(conn: PostgresqlConnection, name: str) -> bool:
    """Whether tables may be made. Raises DatabaseUnusable for a server that cannot be used."""
    version, replica, read_only, schema, may_create, encoding = conn.execute(_FACTS).fetchone()
    if version < OLDEST_SERVER * 10_000:
        raise DatabaseUnusable(
            f"{name} is PostgreSQL {version // 10_000}: Saycode needs {OLDEST_SERVER} or newer; upgrade the server."
        )
    if replica or read_only:
        raise DatabaseUnusable(
            f"{name} is a read-only replica: name the primary, or several hosts and target_session_attrs=read-write."
        )
    if schema is None:
        raise DatabaseUnusable(f"{name} has no schema that this role may use: create one, or fix its search_path.")
    if encoding != "UTF8":
        raise DatabaseUnusable(f"{name} stores its text as {encoding}: create a database with the encoding UTF8.")
    return bool(may_create)


def _prepare(conn: PostgresqlConnection, name: str, *, secrets: tuple[bytes, ...], create: bool) -> bytes:
    may_create = check_server(conn, name)
    names = migrations.applied(conn)
    if not names and not create:
        raise DatabaseUnusable(
            f"{name} is empty and SAYCODE_DATABASE_CREATE is no: restore the real database, or set it to yes to begin "
            "without any limits and suppressions."
        )
    if migrations.is_current(names):
        key = unwrap(wrapped_key(conn), secrets)
    elif not may_create:
        raise DatabaseUnusable(
            f"{name} has tables to make, and this role may not: GRANT CREATE ON SCHEMA public to it, or start once "
            "with the address of a role that may."
        )
    else:
        key = _migrate(conn, secrets)
        if not names:
            log.warning("New tables were made in %s", name)
    _write_key(conn, key, secrets[0])
    expire_codes_without_key(conn, name, secrets)
    return key


def _migrate(conn: PostgresqlConnection, secrets: tuple[bytes, ...]) -> bytes:
    """Create or upgrade the schema and the data key. Of nodes that start at once one does it, the others wait."""
    for attempt in range(1, _TRIES + 1):
        conn.execute("START TRANSACTION")
        try:
            is_new = migrations.migrate(conn)
            key = new_data_key() if is_new else unwrap(wrapped_key(conn), secrets)
            if is_new:
                put_key(conn, key, secrets[0])
                AuditLog(FieldCipher(key)).initialize(conn)
            conn.execute("COMMIT")
            return key
        except StatementRefused:
            # CREATE TABLE IF NOT EXISTS of two nodes at once: the other one was quicker.
            conn.execute("ROLLBACK")
            if attempt == _TRIES:
                raise
        except BaseException:
            conn.execute("ROLLBACK")
            raise
    raise AssertionError("unreachable")


def _write_key(conn: PostgresqlConnection, key: bytes, secret: bytes) -> None:
    """Wrap the data key with the newest secret."""
    if wrapped_key(conn).key_id == key_id(secret):
        return
    conn.execute("BEGIN IMMEDIATE")
    put_key(conn, key, secret)
    conn.execute("COMMIT")


def _advice(problem: str) -> str:
    lowered = problem.lower()
    return next((advice for part, advice in _PATIENCE_HINTS if part in lowered), _START_IT)
