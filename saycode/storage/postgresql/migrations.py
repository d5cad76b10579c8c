"""PostgreSQL's schema, as migrations: the same short named functions as SQLite's, each after its SQLite sibling.

Nodes that start at once take turns: the table of the applied migrations is locked until the commit. All of it happens
in one transaction, so a failure leaves nothing.
"""

from collections.abc import Callable
from importlib.resources import files

from ..connection import Connection

_APPLIED = "SELECT name FROM saycode_migrations"
# One statement, or tables that another node commits just now would look unknown: its count is the older of the two.
_FOUND = """SELECT to_regclass('saycode_migrations') IS NOT NULL, count(*) FROM pg_catalog.pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"""
_MAKE_TABLE = (
    "CREATE TABLE IF NOT EXISTS saycode_migrations (name TEXT PRIMARY KEY, applied_at DOUBLE PRECISION NOT NULL)"
)
_ADD = "INSERT INTO saycode_migrations VALUES (?, extract(epoch FROM now()))"

#: As in SQLite's schema.
SEARCHED = (
    "verifications_of_number ON verifications (number_hash)",
    "verifications_of_account ON verifications (account_hash)",
    "deliveries_of_provider ON deliveries (provider_sid) WHERE provider_sid IS NOT NULL",
)
Migration = Callable[[Connection], None]


class NewerSchema(Exception):
    """The database has migrations that this program does not know; the names are its arguments."""


class UnknownSchema(Exception):
    """The schema holds tables that are not ours."""


def applied(conn: Connection) -> frozenset[str]:
    """The names of the applied migrations; none for an empty schema. Raises NewerSchema or UnknownSchema."""
    ours, tables = conn.execute(_FOUND).fetchone()
    if not ours:
        if tables:
            raise UnknownSchema
        return frozenset()
    names = frozenset(name for (name,) in conn.execute(_APPLIED))
    if newer := sorted(names - {migration.__name__ for migration in MIGRATIONS}):
        raise NewerSchema(*newer)
    return names


def is_current(names: frozenset[str]) -> bool:
    """Whether there is nothing to migrate."""
    return names == {migration.__name__ for migration in MIGRATIONS}


def migrate(conn: Connection) -> bool:
    """Bring the schema up to date, in the caller's transaction. True for an empty one."""
    conn.execute(_MAKE_TABLE)
    conn.execute("LOCK TABLE saycode_migrations IN EXCLUSIVE MODE")
    names = applied(conn)
    for migration in MIGRATIONS:
        if migration.__name__ not in names:
            migration(conn)
            conn.execute(_ADD, (migration.__name__,))
    return not names


def create_first_schema(conn: Connection) -> None:
    _run_script(conn, "first_schema.sql")


def add_openid_provider(conn: Connection) -> None:
    _run_script(conn, "openid_schema.sql")


def add_custom_codes(conn: Connection) -> None:
    conn.execute("ALTER TABLE verifications ADD COLUMN sealed_code TEXT")
    conn.execute("ALTER TABLE services ADD COLUMN custom_codes INTEGER NOT NULL DEFAULT 0")


def add_hourly_totals(conn: Connection) -> None:
    # Hours are updated many times: an update finds room beside the former row.
    conn.execute("""CREATE TABLE hourly_totals (
        measure TEXT NOT NULL, split TEXT NOT NULL, hour BIGINT NOT NULL, name TEXT NOT NULL,
        value DOUBLE PRECISION NOT NULL, PRIMARY KEY (measure, split, hour, name)) WITH (fillfactor = 50)""")
    for index in ("denials_by_time ON denials (at)", *SEARCHED):
        conn.execute(f"CREATE INDEX {index}")


def add_openid_tabs(conn: Connection) -> None:
    conn.execute("ALTER TABLE openid_grants ADD COLUMN request_hash BYTEA")
    conn.execute("CREATE INDEX openid_grants_of_request ON openid_grants (request_hash) WHERE request_hash IS NOT NULL")


def add_operators(conn: Connection) -> None:
    _run_script(conn, "operators_schema.sql")


def _run_script(conn: Connection, name: str) -> None:
    script = files(__package__).joinpath(name).read_text("utf-8")
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    for statement in "\n".join(lines).split(";\n"):
        if statement.strip():
            conn.execute(statement.strip().removesuffix(";"))


MIGRATIONS: tuple[Migration, ...] = (
    create_first_schema,
    add_openid_provider,
    add_custom_codes,
    add_hourly_totals,
    add_openid_tabs,
    add_operators,
)
