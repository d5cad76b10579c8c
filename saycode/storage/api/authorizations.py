"""Clients of OpenID Connect, their requests, codes and access tokens.

Requests, codes, tokens and nonces are found by keyed digests. What a client sent is encrypted, for it may name a
person, and deleted soon after the answer. Who was proven is not stored again: a code names its verification.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from verification.authorizations import (
    ANSWER_LIFETIME,
    PUSHED_LIFETIME,
    REQUEST_LIFETIME,
    TOKEN_LIFETIME,
    Authorization,
    Client,
    Grant,
    Issued,
)
from verification.errors import NumberInvalid
from verification.models import Event, EventKind
from verification.values.phone_numbers import parse

from ..connection import Connection
from ..store import SqlStore

_PRUNED = 20
_CLIENT_ID = re.compile("OC[0-9a-f]{32}")
_CLIENT = "sid, name, redirect_uris, digest, created_at"
_FIND_CLIENT = f"SELECT {_CLIENT} FROM openid_clients WHERE sid = ? AND removed_at IS NULL"
_CLIENTS = f"SELECT {_CLIENT} FROM openid_clients WHERE removed_at IS NULL ORDER BY id"
_ADD_CLIENT = f"INSERT INTO openid_clients ({_CLIENT}) VALUES (?, ?, ?, ?, ?)"
_REMOVE_CLIENT = "UPDATE openid_clients SET removed_at = ? WHERE sid = ? AND removed_at IS NULL"
_PRUNE = """DELETE FROM openid_requests WHERE id IN
    (SELECT id FROM openid_requests WHERE expires_at < ? ORDER BY expires_at LIMIT ?)"""
_OPEN = "SELECT count(*) FROM openid_requests"
_OPEN_OF_SOURCE = "SELECT count(*) FROM openid_requests WHERE source_hash = ?"
_ADD_REQUEST = """INSERT INTO openid_requests
    (request_hash, client, content, number_hash, source_hash, created_at, expires_at, error)
    VALUES (?, ?, ?, ?, ?, ?, ?, '')"""
_PUSHED = "SELECT content FROM openid_requests WHERE request_hash = ? AND client = ? AND expires_at > ?"
# A request may have several codes, of which the browser has lost all but one; one of them can be exchanged.
_EXCHANGED = "SELECT 1 FROM openid_grants g WHERE g.request_hash = {}.request_hash AND g.used_at IS NOT NULL"
_OF_REQUEST = _EXCHANGED.format("openid_requests")
_BEGUN = f"""SELECT content, error, created_at FROM openid_requests
    WHERE request_hash = ? AND expires_at > ? AND NOT EXISTS ({_OF_REQUEST})"""
_REFUSE = "UPDATE openid_requests SET error = ? WHERE request_hash = ?"
_TAKE = "DELETE FROM openid_requests WHERE request_hash = ?"
# It no longer counts among those of its source.
_ANSWER = f"""UPDATE openid_requests
    SET source_hash = NULL, expires_at = CASE WHEN expires_at < ? THEN expires_at ELSE ? END
    WHERE request_hash = ? AND expires_at > ? AND NOT EXISTS ({_OF_REQUEST})"""
_HAND_OVER = "UPDATE openid_grants SET nonce_hash = NULL, proof = NULL WHERE request_hash = ?"
_NONCE = "SELECT count(*) FROM openid_grants WHERE nonce_hash = ? AND coalesce(request_hash, ?) <> ?"
_ISSUE = """INSERT INTO openid_grants (code_hash, client, redirect_uri, scope, challenge, nonce, acr, verification,
    nonce_hash, proof, issued_at, request_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
_GRANT = "client, redirect_uri, scope, challenge, nonce, acr, verification, proof, issued_at, used_at"
_FIND_GRANT = f"SELECT {_GRANT} FROM openid_grants WHERE code_hash = ? AND revoked_at IS NULL"
_REDEEM = f"""UPDATE openid_grants SET used_at = ?, token_hash = ?, token_expires_at = ?
    WHERE code_hash = ? AND used_at IS NULL AND NOT EXISTS ({_EXCHANGED.format("openid_grants")})"""
_REVOKE = "UPDATE openid_grants SET revoked_at = ? WHERE code_hash = ? AND revoked_at IS NULL"
_VERIFICATION = """SELECT coalesce((SELECT sid FROM verifications WHERE sid = g.verification), '')
    FROM openid_grants g WHERE code_hash = ?"""
_GRANT_OF_TOKEN = f"""SELECT {_GRANT} FROM openid_grants
    WHERE token_hash = ? AND token_expires_at > ? AND revoked_at IS NULL"""


class _NotIssued(Exception):
    """Rolls back what was written for a code that is not issued."""

    def __init__(self, issued: Issued) -> None:
        super().__init__(issued)
        self.issued = issued


@dataclass(frozen=True, slots=True)
class SqliteAuthorizations:
    """A `verification.authorizations.AuthorizationStore`, with the methods that only the command line needs.

    `most_open`: requests that are open at once, `most_of_source` those of one client address. A request costs a row and
    needs no proof, so there must be a bound.
    """

    store: SqlStore
    most_open: int = 50_000
    most_of_source: int = 1_000

    async def client(self, id: str) -> Client | None:
        if not _CLIENT_ID.fullmatch(id):  # PostgreSQL takes no NUL
            return None
        row = await self.store.query(lambda conn: conn.execute(_FIND_CLIENT, (id,)).fetchone())
        return None if row is None else _client(row)

    async def clients(self) -> list[Client]:
        """All clients, oldest first."""
        rows = await self.store.query(lambda conn: conn.execute(_CLIENTS).fetchall())
        return [_client(row) for row in rows]

    async def add_client(self, client: Client, *, actor: str) -> None:
        row = (client.id, client.name, json.dumps(client.redirect_uris), client.digest, client.created_at)
        event = Event(kind=EventKind.CLIENT_ADDED, at=client.created_at, detail=client.id, actor=actor)
        await self.store.write(lambda conn: _run(conn, _ADD_CLIENT, row), events=lambda _: (event,))

    async def remove_client(self, id: str, *, now: float, actor: str) -> bool:
        """False when there is no such client. The row stays, because the audit log names it."""
        event = Event(kind=EventKind.CLIENT_REMOVED, at=now, detail=id, actor=actor)
        return await self.store.write(
            lambda conn: _run(conn, _REMOVE_CLIENT, (now, id)) > 0, events=lambda removed: (event,) if removed else ()
        )

    async def push(self, key: str, client: str, parameters: Mapping[str, str], *, source: str, now: float) -> bool:
        row = self._request_row("pushed", key, client, dict(parameters), parameters.get("login_hint", ""))
        source_hash = self._source_hash(source)
        values = (*row, source_hash, now, now + PUSHED_LIFETIME)
        return await self.store.write(lambda conn: self._add_request(conn, values, now=now, source=source_hash))

    async def take(self, key: str, client: str, *, now: float) -> Mapping[str, str] | None:
        hashed = self.store.cipher.openid_hash("pushed", key)

        def work(conn: Connection) -> bytes | None:
            row = conn.execute(_PUSHED, (hashed, client, now)).fetchone()
            return bytes(row[0]) if row is not None and _run(conn, _TAKE, (hashed,)) else None

        content = await self.store.write(work)
        return None if content is None else self._decrypted(hashed, content)

    async def begin(self, key: str, asked: Authorization, *, source: str) -> bool:
        content = msgspec.to_builtins(asked)
        row = self._request_row("begun", key, asked.client, content, asked.hint)
        source_hash = self._source_hash(source)
        values = (*row, source_hash, asked.since, asked.since + REQUEST_LIFETIME)
        return await self.store.write(lambda conn: self._add_request(conn, values, now=asked.since, source=source_hash))

    async def begun(self, key: str, *, now: float) -> Authorization | None:
        hashed = self.store.cipher.openid_hash("begun", key)
        row = await self.store.query(lambda conn: conn.execute(_BEGUN, (hashed, now)).fetchone())
        if row is None:
            return None
        content, error, created_at = row
        fields = self._decrypted(hashed, content) | {"since": created_at, "error": error}
        return msgspec.convert(fields, Authorization)

    async def refuse(self, key: str, error: str) -> None:
        hashed = self.store.cipher.openid_hash("begun", key)
        await self.store.write(lambda conn: _run(conn, _REFUSE, (error, hashed)))

    async def answer(self, key: str, *, now: float) -> None:
        values = _answered(self._key_hash(key), now)
        await self.store.write(lambda conn: _run(conn, _ANSWER, values))

    async def nonce_used(self, client: str, nonce: str, *, key: str | None) -> bool:
        values = _other_request(self._nonce_hash(client, nonce), self._key_hash(key))
        return await self.store.query(lambda conn: bool(conn.execute(_NONCE, values).fetchone()[0]))

    async def issue(self, code: str, grant: Grant, *, key: str | None) -> Issued:
        row = (
            *(self.store.cipher.openid_hash("code", code), grant.client, grant.redirect_uri, grant.scope),
            *(grant.challenge, grant.nonce, grant.acr, grant.verification),
            *(self._nonce_hash(grant.client, grant.nonce), grant.verification if grant.once else None),
            grant.issued_at,
            request := self._key_hash(key),
        )

        def work(conn: Connection) -> None:
            if request is not None:
                _run(conn, _HAND_OVER, (request,))
                if not _run(conn, _ANSWER, _answered(request, grant.issued_at)):
                    raise _NotIssued(Issued.ANSWERED)
            if not _run(conn, _ISSUE, row):
                used = row[8] is not None and conn.execute(_NONCE, _other_request(row[8], request)).fetchone()[0]
                raise _NotIssued(Issued.NONCE_USED if used else Issued.PROOF_USED)

        try:
            await self.store.write(work)
        except _NotIssued as problem:
            return problem.issued
        return Issued.YES

    async def grant(self, code: str) -> Grant | None:
        hashed = self.store.cipher.openid_hash("code", code)
        row = await self.store.query(lambda conn: conn.execute(_FIND_GRANT, (hashed,)).fetchone())
        return None if row is None else _grant(row)

    async def redeem(self, code: str, token: str, *, now: float) -> bool:
        hashed = self.store.cipher.openid_hash("code", code)
        values = (now, self.store.cipher.openid_hash("token", token), now + TOKEN_LIFETIME, hashed)

        if await self.store.write(lambda conn: _run(conn, _REDEEM, values) > 0):
            return True
        await self.revoke(code, now=now)
        return False

    async def revoke(self, code: str, *, now: float) -> None:
        hashed = self.store.cipher.openid_hash("code", code)

        def work(conn: Connection) -> str | None:
            """The verification of the code, empty when its row was erased; None when nothing was revoked."""
            if not _run(conn, _REVOKE, (now, hashed)):
                return None
            return str(conn.execute(_VERIFICATION, (hashed,)).fetchone()[0])

        await self.store.write(
            work, events=lambda verification: () if verification is None else (_reused(verification, now),)
        )

    async def grant_of_token(self, token: str, *, now: float) -> Grant | None:
        hashed = self.store.cipher.openid_hash("token", token)
        row = await self.store.query(lambda conn: conn.execute(_GRANT_OF_TOKEN, (hashed, now)).fetchone())
        return None if row is None else _grant(row)

    def _request_row(self, kind: str, key: str, client: str, content: Any, hint: str) -> tuple[Any, ...]:
        hashed = self.store.cipher.openid_hash(kind, key)
        encrypted = self.store.cipher.encrypt(json.dumps(content), aad=_aad(hashed))
        return hashed, client, encrypted, self._number_hash(hint)

    def _add_request(self, conn: Connection, values: tuple[Any, ...], *, now: float, source: bytes | None) -> bool:
        """Add a row, and remove some that have expired. False when too many are open."""
        conn.execute(_PRUNE, (now, _PRUNED))
        if conn.execute(_OPEN).fetchone()[0] >= self.most_open:
            return False
        if source is not None and conn.execute(_OPEN_OF_SOURCE, (source,)).fetchone()[0] >= self.most_of_source:
            return False
        return _run(conn, _ADD_REQUEST, values) > 0

    def _number_hash(self, hint: str) -> bytes | None:
        """For the erasure of a number, which a client may have named in its request."""
        try:
            return self.store.cipher.number_hash(parse(hint).line) if hint else None
        except NumberInvalid:
            return None

    def _key_hash(self, key: str | None) -> bytes | None:
        return None if key is None else self.store.cipher.openid_hash("begun", key)

    def _source_hash(self, source: str) -> bytes | None:
        return self.store.cipher.openid_hash("source", source) if source else None

    def _nonce_hash(self, client: str, nonce: str) -> bytes | None:
        return self.store.cipher.openid_hash("nonce", f"{client} {nonce}") if nonce else None

    def _decrypted(self, hashed: bytes, content: bytes) -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(self.store.cipher.decrypt(content, aad=_aad(hashed)))
        return fields


def _reused(verification: str, now: float) -> Event:
    return Event(kind=EventKind.LOGIN_CODE_REUSED, at=now, verification=verification)


def _answered(request: bytes | None, now: float) -> tuple[Any, ...]:
    """The values of `_ANSWER`."""
    kept_until = now + ANSWER_LIFETIME
    return kept_until, kept_until, request, now


def _other_request(nonce: bytes | None, request: bytes | None) -> tuple[Any, ...]:
    """The values of `_NONCE`. The answer to no stored request counts always."""
    return nonce, b"none", request or b""


def _client(row: tuple[Any, ...]) -> Client:
    sid, name, redirect_uris, digest, created_at = row
    return Client(
        id=sid, name=name, redirect_uris=tuple(json.loads(redirect_uris)), digest=digest, created_at=created_at
    )


def _grant(row: tuple[Any, ...]) -> Grant:
    client, redirect_uri, scope, challenge, nonce, acr, verification, proof, issued_at, used_at = row
    return Grant(
        client=client,
        redirect_uri=redirect_uri,
        scope=scope,
        challenge=challenge,
        nonce=nonce,
        acr=acr,
        verification=verification,
        once=proof is not None,
        issued_at=issued_at,
        used_at=used_at,
    )


def _run(conn: Connection, statement: str, values: tuple[Any, ...]) -> int:
    """How many rows it changed."""
    return conn.execute(statement, values).rowcount


def _aad(hashed: bytes) -> str:
    return f"openid_requests.content {hashed.hex()}"
