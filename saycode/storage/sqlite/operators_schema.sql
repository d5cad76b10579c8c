-- Operators of the console with keys of their own, and the sessions of those who signed in.

CREATE TABLE operators (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    digest BLOB NOT NULL,
    created_at REAL NOT NULL,
    removed_at REAL
);
CREATE TABLE operator_sessions (
    id INTEGER PRIMARY KEY,
    session_hash TEXT NOT NULL UNIQUE,
    operator TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    used_at REAL NOT NULL,
    expires_at REAL NOT NULL
);
CREATE INDEX operator_sessions_expiring ON operator_sessions (expires_at);
