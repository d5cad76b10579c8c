"""The tables, as migrations: short named functions that are never changed once released, only followed by new ones.

    verifications ─┬─ deliveries     a call or text each
                   └─ events         the story, oldest first; chained (see trail), and kept longer than the rest
    trail_ends                       where the chain of events begins and ends
    totals                           sums for /metrics; no person in them
    twilio_records, twilio_cursor    what is still to be removed at Twilio, and how far that has come
    sessions                         browsers; they outlive their verification
    suppressions                     hashes of numbers that must be left alone
    pauses                           hashes of numbers that must be left alone for a while
    accounts ─── account_numbers     who is enrolled, per service; hashes of their numbers, and since when
    notices                          people to be told, once, that the number of their account was changed
    counted ─── rolls                for limits: a row for each of those who are counted, by a hash (see counted)
    alerts, known                    what the operator was told of, and browsers to know
    refusals                         how all rules stood when something was refused; the last few of a number
    news                             sids of what was changed last, numbered, for open pages
    data_key                         one row, wrapped (see sealing)
    answers                          to requests that named themselves (Idempotency-Key), for a day
    services ─── keys                who may use the API; of a key's secret a digest only
    mark                             one row: how many groups were committed (see mark)

Row keys are small and ordered by time; the public sid is a random column of its own. Random row keys would spread every
insert over the whole file. What is looked for while it is pending has an index of the pending rows only, which stays
small however old the table grows. `person` holds number and user name sealed; the hashes beside it find them.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("saycode")


class NewerSchema(Exception):
    """The file has migrations that this program does not know; the names are its arguments."""


class UnknownSchema(Exception):
    """The file holds tables, and none of them are ours."""


def migrate(db: Database) -> bool:
    """Bring the tables up to date, in the caller's transaction: all of it or nothing. True when there were none yet.

    Raises NewerSchema or ForeignSchema, before anything is changed.
    """
    check_schema(db)
    fresh = not migrations.applied(db)
    if not is_current(db):
        migrations.apply(db)
    return fresh


def check_schema(db: Database) -> None:
    """Raise NewerSchema or ForeignSchema when these are not tables that the program can bring up to date."""
    with db.atomic():  # of one instant, or the tables that another worker makes just now would look foreign
        applied = [migration.name for migration in migrations.applied(db)]
        tables = db.table_names()
    if newer := [name for name in applied if name not in known_migrations()]:
        raise NewerSchema(*newer)
    if tables and not applied:
        raise UnknownSchema


def is_current(db: Database) -> bool:
    """Whether there is nothing to migrate."""
    return not migrations.pending(db)


def known_migrations() -> frozenset[str]:
    """The names of all migrations: those that an empty database still needs."""
    with Database(memory=True, execute_plugins=False) as empty:
        return frozenset(migration.name for migration in migrations.pending(empty))


@migrations()
def make_verifications(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE verifications (
            id INTEGER PRIMARY KEY,
            sid TEXT NOT NULL UNIQUE,
            service TEXT NOT NULL,
            account_hash BLOB NOT NULL,
            number_hash BLOB NOT NULL,
            person BLOB NOT NULL,
            action TEXT NOT NULL,
            language TEXT NOT NULL,
            status TEXT NOT NULL,
            seed BLOB,
            key_id TEXT NOT NULL,
            code_length INTEGER NOT NULL,
            max_checks INTEGER NOT NULL,
            checks INTEGER NOT NULL,
            style TEXT NOT NULL,
            created_at REAL NOT NULL,
            expires_at REAL NOT NULL,
            ended_at REAL
        )
        """
    )
    for name, columns in (
        ("pending_accounts", "account_hash, action"),
        ("pending_numbers", "number_hash"),
        ("pending_deadlines", "expires_at"),
    ):
        db.execute(f"CREATE INDEX {name} ON verifications ({columns}) WHERE status = 'pending'")


@migrations()
def make_deliveries(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY,
            sid TEXT NOT NULL UNIQUE,
            verification_id INTEGER NOT NULL REFERENCES verifications (id) ON DELETE CASCADE,
            number_hash BLOB NOT NULL,
            channel TEXT NOT NULL,
            status TEXT NOT NULL,
            live INTEGER NOT NULL,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            carrier_sid TEXT,
            error INTEGER,
            stage TEXT NOT NULL,
            progress INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            silences INTEGER NOT NULL,
            position INTEGER NOT NULL,
            keys TEXT NOT NULL,
            machine INTEGER NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX deliveries_of_verification ON deliveries (verification_id)")
    db.execute("CREATE INDEX live_calls ON deliveries (number_hash) WHERE live = 1 AND channel = 'call'")
    db.execute("CREATE INDEX live_deliveries ON deliveries (updated_at) WHERE live = 1")


@migrations()
def make_events(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            verification_id INTEGER REFERENCES verifications (id) ON DELETE CASCADE,
            delivery TEXT NOT NULL,
            kind TEXT NOT NULL,
            at REAL NOT NULL,
            detail TEXT NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX events_of_verification ON events (verification_id)")


@migrations()
def make_sessions(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE sessions (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            verification TEXT NOT NULL,
            channel TEXT NOT NULL,
            expires_at REAL NOT NULL,
            approved INTEGER NOT NULL,
            replaced_at REAL,
            answer BLOB
        )
        """
    )


@migrations()
def make_suppressions(db: Database) -> None:
    db.execute("CREATE TABLE suppressions (number_hash BLOB PRIMARY KEY) WITHOUT ROWID")


@migrations()
def make_pauses(db: Database) -> None:
    db.execute("CREATE TABLE pauses (number_hash BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID")


@migrations()
def make_sends(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE sends (
            counted_hash BLOB NOT NULL,
            n INTEGER NOT NULL,
            at REAL NOT NULL,
            PRIMARY KEY (counted_hash, n)
        ) WITHOUT ROWID
        """
    )


@migrations()
def make_data_key(db: Database) -> None:
    db.execute(
        "CREATE TABLE data_key (id INTEGER PRIMARY KEY CHECK (id = 1), key_id TEXT NOT NULL, wrapped BLOB NOT NULL)"
    )


@migrations()
def chain_events(db: Database) -> None:
    """Events outlive their verification, name it by its sid, and say who did it; the links are made by `trail`."""
    db.execute(
        """
        CREATE TABLE chained (
            id INTEGER PRIMARY KEY,
            verification_id INTEGER REFERENCES verifications (id) ON DELETE SET NULL,
            verification TEXT NOT NULL,
            delivery TEXT NOT NULL,
            kind TEXT NOT NULL,
            at REAL NOT NULL,
            detail TEXT NOT NULL,
            actor TEXT NOT NULL,
            source BLOB NOT NULL,
            link BLOB NOT NULL
        )
        """
    )
    db.execute(
        """
        INSERT INTO chained
        SELECT e.id, v.id, coalesce(v.sid, ''), e.delivery, e.kind, e.at, e.detail, '', x'', x''
        FROM events e LEFT JOIN verifications v ON v.id = e.verification_id
        """
    )
    db.execute("DROP TABLE events")
    db.execute("ALTER TABLE chained RENAME TO events")
    db.execute("CREATE INDEX events_of_verification ON events (verification_id) WHERE verification_id IS NOT NULL")
    db.execute(
        "CREATE TABLE trail_ends (name TEXT PRIMARY KEY, event_id INTEGER NOT NULL, link BLOB NOT NULL, "
        "seal BLOB NOT NULL) WITHOUT ROWID"
    )


@migrations()
def add_manners_to_verifications(db: Database) -> None:
    db.execute("ALTER TABLE verifications ADD COLUMN brand TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE verifications ADD COLUMN keypress TEXT")


@migrations()
def make_services(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE services (
            id INTEGER PRIMARY KEY,
            sid TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            code_length INTEGER,
            keypress TEXT,
            created_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            deleted_at REAL
        )
        """
    )
    db.execute(
        "INSERT INTO services (sid, name, created_at, updated_at) "
        "SELECT 'VA' || hex(zeroblob(16)), '', now, now FROM (SELECT CAST(strftime('%s') AS REAL) AS now)"
    )


@migrations()
def make_keys(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE keys (
            id INTEGER PRIMARY KEY,
            sid TEXT NOT NULL UNIQUE,
            service_id INTEGER NOT NULL REFERENCES services (id),
            digest BLOB NOT NULL,
            created_at REAL NOT NULL,
            revoked_at REAL
        )
        """
    )
    db.execute("CREATE INDEX keys_of_service ON keys (service_id)")


@migrations()
def make_accounts(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE accounts (
            id INTEGER PRIMARY KEY,
            account_hash BLOB NOT NULL UNIQUE,
            service TEXT NOT NULL,
            person BLOB NOT NULL
        )
        """
    )
    db.execute(
        """
        CREATE TABLE account_numbers (
            account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
            number_hash BLOB NOT NULL,
            since REAL NOT NULL,
            PRIMARY KEY (account_id, number_hash)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX accounts_of_number ON account_numbers (number_hash)")
    db.execute("CREATE TABLE notices (id INTEGER PRIMARY KEY, sid TEXT NOT NULL UNIQUE, at REAL NOT NULL, person BLOB)")


@migrations()
def add_manner(db: Database) -> None:
    db.execute("ALTER TABLE verifications ADD COLUMN manner TEXT NOT NULL DEFAULT 'typed'")


@migrations()
def make_mark(db: Database) -> None:
    db.execute("CREATE TABLE mark (id INTEGER PRIMARY KEY CHECK (id = 1), commits INTEGER NOT NULL, at REAL NOT NULL)")
    db.execute("INSERT INTO mark VALUES (1, 0, 0)")


@migrations()
def add_redemption_to_verifications(db: Database) -> None:
    db.execute("ALTER TABLE verifications ADD COLUMN redeemed_at REAL")


@migrations()
def add_webhooks_to_deliveries(db: Database) -> None:
    db.execute("ALTER TABLE deliveries ADD COLUMN webhook TEXT NOT NULL DEFAULT ''")


@migrations()
def make_failures(db: Database) -> None:
    db.execute(
        "CREATE TABLE failures (counted_hash BLOB PRIMARY KEY, count INTEGER NOT NULL, at REAL NOT NULL) WITHOUT ROWID"
    )


@migrations()
def date_suppressions(db: Database) -> None:
    db.execute("ALTER TABLE suppressions ADD COLUMN at REAL NOT NULL DEFAULT 0")


@migrations()
def make_news(db: Database) -> None:
    """Whoever changes what a page shows, by whatever statement, leaves a line here. Numbered without gaps, so a reader
    whose next number is gone knows that it has missed some.
    """
    db.execute("CREATE TABLE news (n INTEGER PRIMARY KEY, verification TEXT NOT NULL)")
    of_row = "SELECT sid FROM verifications WHERE id = NEW.verification_id"
    of_number = "SELECT sid FROM verifications WHERE status = 'pending' AND number_hash = {}.number_hash"
    for name, event, found in (
        ("verification_changed", "UPDATE ON verifications", "SELECT NEW.sid"),
        ("verification_gone", "DELETE ON verifications", "SELECT OLD.sid"),
        ("delivery_made", "INSERT ON deliveries", of_row),
        ("delivery_changed", "UPDATE ON deliveries", of_row),
        ("session_changed", "UPDATE ON sessions", "SELECT OLD.verification"),
        ("session_gone", "DELETE ON sessions", "SELECT OLD.verification"),
        ("number_suppressed", "INSERT ON suppressions", of_number.format("NEW")),
        ("number_lifted", "DELETE ON suppressions", of_number.format("OLD")),
    ):
        db.execute(f"CREATE TRIGGER {name} AFTER {event} BEGIN INSERT INTO news (verification) {found}; END")
    db.execute("CREATE TRIGGER old_news AFTER INSERT ON news BEGIN DELETE FROM news WHERE n <= NEW.n - 10000; END")


@migrations()
def index_spent_accounts(db: Database) -> None:
    db.execute(
        "CREATE INDEX spent_accounts ON verifications (account_hash, action) WHERE status = 'max_attempts_reached'"
    )


@migrations()
def index_verifications_of_service(db: Database) -> None:
    db.execute("CREATE INDEX verifications_of_service ON verifications (service, created_at)")


@migrations()
def make_totals(db: Database) -> None:
    db.execute(
        "CREATE TABLE totals (name TEXT NOT NULL, label TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (name, label)) "
        "WITHOUT ROWID"
    )
    db.execute("ALTER TABLE mark ADD COLUMN decisions INTEGER NOT NULL DEFAULT 0")


@migrations()
def make_answers(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE answers (
            id INTEGER PRIMARY KEY,
            key_hash BLOB NOT NULL UNIQUE,
            body_hash BLOB NOT NULL,
            delivery TEXT NOT NULL,
            claimed_at REAL NOT NULL,
            created_at REAL NOT NULL,
            verification_id INTEGER REFERENCES verifications (id) ON DELETE CASCADE,
            answer BLOB
        )
        """
    )
    db.execute("CREATE INDEX old_answers ON answers (created_at)")
    db.execute("CREATE INDEX answers_of_verification ON answers (verification_id) WHERE verification_id IS NOT NULL")


@migrations()
def make_outbox(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE event_targets (
            id INTEGER PRIMARY KEY,
            sid TEXT NOT NULL UNIQUE,
            service TEXT NOT NULL,
            sealed BLOB NOT NULL,
            created_at REAL NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX targets_of_service ON event_targets (service)")
    db.execute(
        """
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            target_id INTEGER NOT NULL REFERENCES event_targets (id) ON DELETE CASCADE,
            verification_id INTEGER REFERENCES verifications (id) ON DELETE CASCADE,
            message TEXT NOT NULL,
            tries INTEGER NOT NULL,
            next_at REAL NOT NULL,
            body BLOB NOT NULL
        )
        """
    )
    db.execute("CREATE INDEX outbox_by_time ON outbox (next_at)")
    db.execute("CREATE INDEX outbox_of_target ON outbox (target_id)")
    db.execute("CREATE INDEX outbox_of_verification ON outbox (verification_id) WHERE verification_id IS NOT NULL")


@migrations()
def make_counts(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE met (
            counted_hash BLOB NOT NULL,
            other_hash BLOB NOT NULL,
            at REAL NOT NULL,
            PRIMARY KEY (counted_hash, other_hash)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX latest_met ON met (counted_hash, at)")
    db.execute(
        """
        CREATE TABLE tallies (
            counted_hash BLOB NOT NULL,
            seconds INTEGER NOT NULL,
            slot INTEGER NOT NULL,
            made INTEGER NOT NULL,
            settled INTEGER NOT NULL,
            until REAL NOT NULL,
            PRIMARY KEY (counted_hash, seconds, slot)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE TABLE alerts (counted_hash BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID")
    db.execute(
        """
        CREATE TABLE known (
            browser_hash BLOB NOT NULL,
            counted_hash BLOB NOT NULL,
            number_hash BLOB NOT NULL,
            at REAL NOT NULL,
            PRIMARY KEY (browser_hash, counted_hash)
        ) WITHOUT ROWID
        """
    )


@migrations()
def make_refusals(db: Database) -> None:
    db.execute(
        """
        CREATE TABLE refusals (
            number_hash BLOB NOT NULL,
            n INTEGER NOT NULL,
            verification TEXT NOT NULL,
            at REAL NOT NULL,
            report TEXT NOT NULL,
            PRIMARY KEY (number_hash, n)
        ) WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX refusals_of_verification ON refusals (verification)")


@migrations()
def add_known_to_verifications(db: Database) -> None:
    db.execute("ALTER TABLE verifications ADD COLUMN known INTEGER NOT NULL DEFAULT 0")


@migrations()
def add_deliveries_to_refusals(db: Database) -> None:
    db.execute("ALTER TABLE refusals ADD COLUMN delivery TEXT NOT NULL DEFAULT ''")
    db.execute("CREATE INDEX refusals_of_delivery ON refusals (delivery)")


@migrations()
def make_twilio_records(db: Database) -> None:
    db.execute(
        "CREATE TABLE twilio_records (id INTEGER PRIMARY KEY, carrier_sid TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, "
        "due_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0)"
    )
    db.execute("CREATE INDEX due_twilio_records ON twilio_records (due_at)")
    db.execute("CREATE TABLE twilio_cursor (id INTEGER PRIMARY KEY CHECK (id = 1), delivery_id INTEGER NOT NULL)")
    db.execute("INSERT INTO twilio_cursor VALUES (1, 0)")


@migrations()
def make_marks(db: Database) -> None:
    db.execute("CREATE TABLE marks (counted_hash BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID")


@migrations()
def find_met_by_their_key(db: Database) -> None:
    """There are a hundred neighbours, or some countries, of each: too few for an index that every start would pay."""
    db.execute("DROP INDEX latest_met")


@migrations()
def count_in_rows(db: Database) -> None:
    """All that is counted about somebody in one row. Those before were found by hashes that tell no place, so what was
    counted until now is forgotten: limits begin anew, once. Wrong codes of accounts and sources stay.
    """
    db.execute(
        """
        CREATE TABLE counted (
            counted_hash BLOB PRIMARY KEY,
            at REAL NOT NULL,
            failed INTEGER NOT NULL,
            failed_at REAL NOT NULL,
            rest BLOB NOT NULL
        ) WITHOUT ROWID
        """
    )
    db.execute(
        """
        CREATE TABLE rolls (
            counted_hash BLOB NOT NULL,
            n INTEGER NOT NULL,
            at REAL NOT NULL,
            sends BLOB NOT NULL,
            PRIMARY KEY (counted_hash, n)
        ) WITHOUT ROWID
        """
    )
    db.execute("INSERT INTO counted SELECT counted_hash, at, count, at, x'' FROM failures")
    for name in ("sends", "met", "tallies", "marks", "failures"):
        db.execute(f"DROP TABLE {name}")
