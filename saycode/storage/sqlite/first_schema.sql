-- The first schema (see migrations.py). Once it is released it is never changed: other migrations follow it.

CREATE TABLE verifications (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    service TEXT NOT NULL,
    account_hash BLOB NOT NULL,
    number_hash BLOB NOT NULL,
    personal_data BLOB NOT NULL,  -- encrypted: number, account, user name, client address, payment (see rows)
    action TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    seed BLOB,                    -- the code is derived from it; NULL once the verification has ended
    key_id TEXT NOT NULL,         -- of the secret key that the code was derived with
    code_length INTEGER NOT NULL,
    max_checks INTEGER NOT NULL,
    checks INTEGER NOT NULL,
    style TEXT NOT NULL,
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    ended_at REAL,
    brand TEXT NOT NULL,
    keypress TEXT,
    manner TEXT NOT NULL,
    redeemed_at REAL,
    trusted_browser INTEGER NOT NULL,
    android_app TEXT,             -- that reads the text: its hash; NULL for none
    tags BLOB                     -- encrypted: the application's own notes, as JSON; NULL for none
);
CREATE INDEX pending_accounts ON verifications (account_hash, action) WHERE status = 'pending';
CREATE INDEX pending_numbers ON verifications (number_hash) WHERE status = 'pending';
CREATE INDEX pending_deadlines ON verifications (expires_at) WHERE status = 'pending';
CREATE INDEX exhausted_accounts ON verifications (account_hash, action) WHERE status = 'max_attempts_reached';
CREATE INDEX verifications_of_service ON verifications (service, created_at);

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    verification_id INTEGER NOT NULL REFERENCES verifications (id) ON DELETE CASCADE,
    number_hash BLOB NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    live INTEGER NOT NULL,        -- whether the status may still change, for the indexes below
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    provider_sid TEXT,
    error INTEGER,
    stage TEXT NOT NULL,
    progress INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    silences INTEGER NOT NULL,
    position INTEGER NOT NULL,
    keys TEXT NOT NULL,
    machine INTEGER NOT NULL,
    webhook TEXT NOT NULL         -- the last one that changed the call, so that its repetition does not
);
CREATE INDEX deliveries_of_verification ON deliveries (verification_id);
CREATE INDEX live_calls ON deliveries (number_hash) WHERE live = 1 AND channel = 'call';
CREATE INDEX live_deliveries ON deliveries (updated_at) WHERE live = 1;

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL UNIQUE,  -- a digest of the cookie
    verification TEXT NOT NULL,
    channel TEXT NOT NULL,
    expires_at REAL NOT NULL,
    approved INTEGER NOT NULL,
    replaced_at REAL,
    answer BLOB                       -- proves the code that it sent, for one repetition of a lost response
);

-- Events outlive their verification and name it by its sid. Their numbers have no gap.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    verification_id INTEGER REFERENCES verifications (id) ON DELETE SET NULL,
    verification TEXT NOT NULL,
    delivery TEXT NOT NULL,
    kind TEXT NOT NULL,
    at REAL NOT NULL,
    detail TEXT NOT NULL,
    actor TEXT NOT NULL,
    source BLOB NOT NULL,  -- a keyed hash of the client address
    link BLOB NOT NULL     -- a MAC over the link before it and this row
);
CREATE INDEX events_of_verification ON events (verification_id) WHERE verification_id IS NOT NULL;

CREATE INDEX audit_log_breaks ON events (id) WHERE kind = 'audit-log-broken';

CREATE TABLE audit_log_ends (
    name TEXT PRIMARY KEY,
    event_id INTEGER NOT NULL,
    link BLOB NOT NULL,
    mac BLOB NOT NULL
) WITHOUT ROWID;

-- The ends of segments that were found broken, as they were found.
CREATE TABLE audit_log_closed (
    segment INTEGER NOT NULL,
    name TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    link BLOB NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (segment, name)
) WITHOUT ROWID;

CREATE TABLE suppressions (number_hash BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE pauses (number_hash BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;

CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    account_hash BLOB NOT NULL UNIQUE,
    service TEXT NOT NULL,
    personal_data BLOB NOT NULL
);
CREATE TABLE account_numbers (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    number_hash BLOB NOT NULL,
    line_hash BLOB NOT NULL,
    since REAL NOT NULL,
    PRIMARY KEY (account_id, number_hash)
) WITHOUT ROWID;
CREATE INDEX accounts_of_number ON account_numbers (line_hash);

CREATE TABLE inbound_messages (message_hash BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    at REAL NOT NULL,
    personal_data BLOB NOT NULL,
    next_at REAL NOT NULL,
    tries INTEGER NOT NULL,
    asked_at REAL
);

-- counters has columns for what SQL looks for; the rest is one packed value, read and written as a whole.
CREATE TABLE counters (
    counter_hash BLOB PRIMARY KEY,
    at REAL NOT NULL,
    failures INTEGER NOT NULL,
    failed_at REAL NOT NULL,
    packed BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE counter_chunks (
    counter_hash BLOB NOT NULL,
    number INTEGER NOT NULL,
    at REAL NOT NULL,
    sends BLOB NOT NULL,
    PRIMARY KEY (counter_hash, number)
) WITHOUT ROWID;

CREATE TABLE alerts (alert_hash BLOB PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;

CREATE TABLE trusted_browsers (
    browser_hash BLOB NOT NULL,
    counter_hash BLOB NOT NULL,
    number_hash BLOB NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (browser_hash, counter_hash)
) WITHOUT ROWID;

CREATE TABLE denials (
    number_hash BLOB NOT NULL,
    n INTEGER NOT NULL,
    verification TEXT NOT NULL,
    delivery TEXT NOT NULL,
    at REAL NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (number_hash, n)
) WITHOUT ROWID;
CREATE INDEX denials_of_verification ON denials (verification);
CREATE INDEX denials_of_delivery ON denials (delivery);

-- The first service is the built-in one, of the page.
CREATE TABLE services (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    code_length INTEGER,
    keypress TEXT,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    deleted_at REAL       -- a deleted service keeps its row: the audit log names it
);
INSERT INTO services (sid, name, created_at, updated_at)
SELECT 'VA' || hex(zeroblob(16)), '', now, now FROM (SELECT CAST(strftime('%s') AS REAL) AS now);

CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    service_id INTEGER NOT NULL REFERENCES services (id),
    digest BLOB NOT NULL,  -- of the secret, which is stored nowhere
    created_at REAL NOT NULL,
    revoked_at REAL
);
CREATE INDEX api_keys_of_service ON api_keys (service_id);

CREATE TABLE idempotency_keys (
    id INTEGER PRIMARY KEY,
    key_hash BLOB NOT NULL UNIQUE,
    body_hash BLOB NOT NULL,
    delivery TEXT NOT NULL,
    claimed_at REAL NOT NULL,
    created_at REAL NOT NULL,
    verification_id INTEGER REFERENCES verifications (id) ON DELETE CASCADE,
    answer BLOB
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
CREATE INDEX idempotency_keys_of_verification ON idempotency_keys (verification_id) WHERE verification_id IS NOT NULL;

CREATE TABLE event_targets (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    service TEXT NOT NULL,
    encrypted BLOB NOT NULL,  -- the URL and the signing secret
    created_at REAL NOT NULL
);
CREATE INDEX event_targets_of_service ON event_targets (service);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    target_id INTEGER NOT NULL REFERENCES event_targets (id) ON DELETE CASCADE,
    verification_id INTEGER REFERENCES verifications (id) ON DELETE CASCADE,
    message_id TEXT NOT NULL,
    tries INTEGER NOT NULL,
    next_at REAL NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX outbox_by_time ON outbox (next_at);
CREATE INDEX outbox_of_target ON outbox (target_id, next_at);
CREATE INDEX outbox_of_verification ON outbox (verification_id) WHERE verification_id IS NOT NULL;

CREATE TABLE data_key (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    key_id TEXT NOT NULL,
    wrapped BLOB NOT NULL
);

CREATE TABLE restore_marker (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    commits INTEGER NOT NULL,
    at REAL NOT NULL,
    decisions INTEGER NOT NULL
);
INSERT INTO restore_marker VALUES (1, 0, 0, 0);

CREATE TABLE metric_totals (
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (name, label)
) WITHOUT ROWID;

CREATE TABLE twilio_records (
    id INTEGER PRIMARY KEY,
    provider_sid TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    due_at REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX due_twilio_records ON twilio_records (due_at);
CREATE TABLE twilio_cursor (id INTEGER PRIMARY KEY CHECK (id = 1), delivery_id INTEGER NOT NULL);
INSERT INTO twilio_cursor VALUES (1, 0);

-- Verifications that changed last, for open pages (see records). The numbers have no gap.
CREATE TABLE changes (n INTEGER PRIMARY KEY, verification TEXT NOT NULL);
