-- Clients of OpenID Connect, what they ask for, and the codes and access tokens that they got.

CREATE TABLE openid_clients (
    id INTEGER PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    digest BLOB,
    created_at REAL NOT NULL,
    removed_at REAL
);
CREATE TABLE openid_requests (
    id INTEGER PRIMARY KEY,
    request_hash BLOB NOT NULL UNIQUE,
    client TEXT NOT NULL,
    content BLOB NOT NULL,
    number_hash BLOB,
    source_hash BLOB,
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    error TEXT NOT NULL
);
CREATE INDEX openid_requests_expiring ON openid_requests (expires_at);
CREATE INDEX openid_requests_of_source ON openid_requests (source_hash) WHERE source_hash IS NOT NULL;
CREATE TABLE openid_grants (
    id INTEGER PRIMARY KEY,
    code_hash BLOB NOT NULL UNIQUE,
    client TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT NOT NULL,
    acr TEXT NOT NULL,
    verification TEXT NOT NULL,
    nonce_hash BLOB UNIQUE,
    proof TEXT UNIQUE,
    issued_at REAL NOT NULL,
    used_at REAL,
    token_hash BLOB UNIQUE,
    token_expires_at REAL,
    revoked_at REAL
);
