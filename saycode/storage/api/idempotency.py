"""Answers to requests with an Idempotency-Key, in SQLite: encrypted, and found by keyed hashes."""

from dataclasses import dataclass

from verification.idempotency import (
    KEY_LIFETIME,
    MAX_REQUEST_SECONDS,
    Abandoned,
    Claim,
    ClaimResult,
    InProgress,
    KeyReused,
    NewRequest,
    StoredAnswer,
)

from ..connection import Connection
from ..store import SqlStore

#: Old rows that each new one deletes, so that the table does not grow.
_PRUNED_PER_CLAIM = 10
_PRUNE = """DELETE FROM idempotency_keys
    WHERE id IN (SELECT id FROM idempotency_keys WHERE created_at <= ? ORDER BY created_at LIMIT ?)"""
_DELETE_EXPIRED = "DELETE FROM idempotency_keys WHERE key_hash = ? AND created_at <= ?"
_FIND = "SELECT body_hash, delivery, claimed_at, answer FROM idempotency_keys WHERE key_hash = ?"
_ADD = "INSERT INTO idempotency_keys (key_hash, body_hash, delivery, claimed_at, created_at) VALUES (?, ?, ?, ?, ?)"
_TAKE_OVER = "UPDATE idempotency_keys SET claimed_at = ? WHERE key_hash = ?"
_KEEP = """UPDATE idempotency_keys SET answer = ?, verification_id = (SELECT id FROM verifications WHERE sid = ?)
    WHERE key_hash = ?"""
_RELEASE = "DELETE FROM idempotency_keys WHERE key_hash = ? AND answer IS NULL"


@dataclass(frozen=True, slots=True)
class SqliteIdempotencyStore:
    """A `verification.idempotency.AnswerStore`."""

    store: SqlStore

    async def claim(self, claim: Claim) -> ClaimResult:
        key, body = self._hash(claim.key), self.store.cipher.request_hash(claim.body)
        return await self.store.write(lambda conn: self._claim(conn, claim, key, body))

    def _claim(self, conn: Connection, claim: Claim, key: bytes, body: bytes) -> ClaimResult:
        conn.execute(_PRUNE, (claim.at - KEY_LIFETIME, _PRUNED_PER_CLAIM))
        conn.execute(_DELETE_EXPIRED, (key, claim.at - KEY_LIFETIME))
        row = conn.execute(_FIND, (key,)).fetchone()
        if row is None:
            conn.execute(_ADD, (key, body, claim.delivery, claim.at, claim.at))
            return NewRequest()
        first_body, delivery, claimed_at, answer = row
        if first_body != body:
            return KeyReused()
        if answer is not None:
            return StoredAnswer(self.store.cipher.decrypt(answer, aad=_answer_aad(key)))
        if claim.at - claimed_at < MAX_REQUEST_SECONDS:
            return InProgress()
        conn.execute(_TAKE_OVER, (claim.at, key))
        return Abandoned(delivery)

    async def keep(self, key: str, answer: str, *, verification: str) -> None:
        """The answer of a claim; it goes when its verification does."""
        hashed = self._hash(key)
        encrypted = self.store.cipher.encrypt(answer, aad=_answer_aad(hashed))
        await self.store.write(lambda conn: _run(conn, _KEEP, (encrypted, verification, hashed)))

    async def release(self, key: str) -> None:
        """The request failed and changed nothing: the key may be used again."""
        hashed = self._hash(key)
        await self.store.write(lambda conn: _run(conn, _RELEASE, (hashed,)))

    def _hash(self, key: str) -> bytes:
        return self.store.cipher.request_hash(key)


def _run(conn: Connection, statement: str, values: tuple[object, ...]) -> None:
    conn.execute(statement, values)


def _answer_aad(key: bytes) -> str:
    return f"idempotency_keys.answer {key.hex()}"
