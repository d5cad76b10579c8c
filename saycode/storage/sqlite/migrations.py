"""The database schema, as migrations: short named functions. Once released they are never changed, only followed.

    verifications ─┬─ deliveries       one call or text each
                   └─ events           the audit log: chained, and kept longer than the rest (see audit_log)
    audit_log_ends, audit_log_closed   where the chain of events begins and ends; those of broken segments
    sessions                           browsers; they outlive their verification
    inbound_messages                   texts and calls to us that had an effect, so that a repetition has none
    suppressions, pauses               numbers that must not be contacted, for good or until a time
    accounts ─── account_numbers       enrolled accounts of each service
    notices                            owed to the holders of accounts whose number was changed
    counters ─── counter_chunks        rate limits and lockouts: one row for each limit key
    alerts, trusted_browsers, denials  when the operator was alerted; browsers that proved a number; why a start failed
    services ─── api_keys              who may use the API
    idempotency_keys                   requests with an Idempotency-Key and their answers, for a day
    openid_clients                     applications that may ask the page for a proof; the removed ones, too
    openid_requests, openid_grants     what they ask for, until it is answered; the codes and access tokens they got
    operators ─── operator_sessions    who may use the console; the browsers in which they signed in
    event_targets ─── outbox           webhook addresses of applications, and the messages that wait for them
    alert_states, alert_messages       what the operator is told of, and the messages that wait; no personal data
    twilio_records, twilio_cursor      what is still to be removed at Twilio, and how far the scan has come
    metric_totals, hourly_totals       sums for /metrics and for charts; no personal data
    changes                            verifications that changed last, for open pages
    data_key, restore_marker           one row each (see encryption and restore_marker)

Row keys are small and ordered by time; the public sid is a random column of its own. Random row keys would spread every
insert over the whole file. Lookups of pending rows have partial indexes, which stay small as the table grows. Numbers
and names are encrypted in one column, `personal_data`; the keyed hashes beside it find them.
"""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from sqlite_utils import Database, Migrations

migrations = Migrations("saycode")
#: What the console looks for, beside a sid.
SEARCHED = (
    "verifications_of_number ON verifications (number_hash)",
    "verifications_of_account ON verifications (account_hash)",
    "deliveries_of_provider ON deliveries (provider_sid) WHERE provider_sid IS NOT NULL",
)


class NewerSchema(Exception):
    """The file has migrations that this program does not know; the names are its arguments."""


class UnknownSchema(Exception):
    """The file holds tables that are not ours, or those of a version before the first release."""


def migrate(db: Database) -> bool:
    """Bring the schema up to date, in the caller's transaction: all of it or nothing. True for an empty database.

    Raises NewerSchema or UnknownSchema, before anything is changed.
    """
    check_schema(db)
    is_new = not migrations.applied(db)
    if not is_current(db):
        migrations.apply(db)
    return is_new


def check_schema(db: Database) -> None:
    """Raise NewerSchema or UnknownSchema when this program cannot bring the schema up to date."""
    with db.atomic():  # one snapshot, or tables that another worker creates just now would look unknown
        applied = [migration.name for migration in migrations.applied(db)]
        tables = db.table_names()
    if tables and create_first_schema.__name__ not in applied:
        raise UnknownSchema
    if newer := [name for name in applied if name not in known_migrations()]:
        raise NewerSchema(*newer)


def is_current(db: Database) -> bool:
    """Whether there is nothing to migrate."""
    return not migrations.pending(db)


def known_migrations() -> frozenset[str]:
    """The names of all migrations: those that an empty database still needs."""
    with Database(memory=True, execute_plugins=False) as empty:
        return frozenset(migration.name for migration in migrations.pending(empty))


@migrations()
def create_first_schema(db: Database) -> None:
    _run_script(db, "first_schema.sql")


@migrations()
def add_openid_provider(db: Database) -> None:
    _run_script(db, "openid_schema.sql")


@migrations()
def add_custom_codes(db: Database) -> None:
    """Codes of applications, sealed (see `verification.values.codes`), and whether a service may have them said."""
    db.execute("ALTER TABLE verifications ADD COLUMN sealed_code TEXT")
    db.execute("ALTER TABLE services ADD COLUMN custom_codes INTEGER NOT NULL DEFAULT 0")


@migrations()
def add_hourly_totals(db: Database) -> None:
    """Sums for charts (see metric_totals; `hour` is its first second since 1970), and what the console looks for."""
    db.execute("""CREATE TABLE hourly_totals (
        measure TEXT NOT NULL, split TEXT NOT NULL, hour INTEGER NOT NULL, name TEXT NOT NULL, value REAL NOT NULL,
        PRIMARY KEY (measure, split, hour, name)) WITHOUT ROWID""")
    for index in ("denials_by_time ON denials (at)", *SEARCHED):
        db.execute(f"CREATE INDEX {index}")


@migrations()
def add_openid_tabs(db: Database) -> None:
    """Which request a code answers: a browser that has lost it gets another one, and one of them can be exchanged."""
    db.execute("ALTER TABLE openid_grants ADD COLUMN request_hash BLOB")
    db.execute("CREATE INDEX openid_grants_of_request ON openid_grants (request_hash) WHERE request_hash IS NOT NULL")


@migrations()
def add_operators(db: Database) -> None:
    _run_script(db, "operators_schema.sql")


@migrations()
def add_alert_states(db: Database) -> None:
    """Open alerts of the operator, and the messages about them that wait for a target of SAYCODE_ALERT_URLS."""
    db.execute("""CREATE TABLE alert_states (
        kind TEXT NOT NULL, scope TEXT NOT NULL, service TEXT NOT NULL, country TEXT NOT NULL, subject TEXT NOT NULL,
        rule TEXT NOT NULL, until REAL, opened_at REAL NOT NULL, seen_at REAL NOT NULL,
        PRIMARY KEY (kind, scope, service, country, subject, rule)) WITHOUT ROWID""")
    db.execute("""CREATE TABLE alert_messages (
        id INTEGER PRIMARY KEY, target TEXT NOT NULL, resolved INTEGER NOT NULL, title TEXT NOT NULL,
        body TEXT NOT NULL, tries INTEGER NOT NULL, next_at REAL NOT NULL)""")
    db.execute("CREATE INDEX alert_messages_of_target ON alert_messages (target, next_at)")


def _run_script(db: Database, name: str) -> None:
    for statement in _statements(files(__package__).joinpath(name).read_text("utf-8")):
        db.execute(statement)


def _statements(script: str) -> Iterator[str]:
    """Split a script. sqlite3's own `executescript` would commit the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""
