"""Answers to requests that name themselves, in the file of the code table: sealed, and found by hashes only."""

import sqlite3
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

from .store import SqliteStore

#: Old rows that each new one takes along, so that the table does not grow.
_PRUNED_PER_CLAIM = 10
_FORGET = "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE created_at <= ? ORDER BY created_at LIMIT ?)"
_FORGET_ONE = "DELETE FROM answers WHERE key_hash = ? AND created_at <= ?"
_FIND = "SELECT body_hash, delivery, claimed_at, answer FROM answers WHERE key_hash = ?"
_ADD = "INSERT INTO answers (key_hash, body_hash, delivery, claimed_at, created_at) VALUES (?, ?, ?, ?, ?)"
_TAKE_OVER = "UPDATE answers SET claimed_at = ? WHERE key_hash = ?"
_KEEP = """UPDATE answers SET answer = ?, verification_id = (SELECT id FROM verifications WHERE sid = ?)
    WHERE key_hash = ?"""
_RELEASE = "DELETE FROM answers WHERE key_hash = ? AND answer IS NULL"


@dataclass(frozen=True, slots=True)
class SqliteIdempotencyStore:
    """A `verification.idempotency.Answers`."""

    store: SqliteStore

    async def claim(self, claim: Claim) -> ClaimResult:
        """Begin, unless somebody has."""
        key, body = self._hash(claim.key), self.store.cipher.request_hash(claim.body)
        return await self.store.write(lambda conn: self._claim(conn, claim, key, body))

    def _claim(self, conn: sqlite3.Connection, claim: Claim, key: bytes, body: bytes) -> ClaimResult:
        conn.execute(_FORGET, (claim.at - KEY_LIFETIME, _PRUNED_PER_CLAIM))
        conn.execute(_FORGET_ONE, (key, claim.at - KEY_LIFETIME))
        row = conn.execute(_FIND, (key,)).fetchone()
        if row is None:
            conn.execute(_ADD, (key, body, claim.delivery, claim.at, claim.at))
            return NewRequest()
        known, delivery, claimed_at, answer = row
        if known != body:
            return KeyReused()
        if answer is not None:
            return StoredAnswer(self.store.cipher.open(answer, place=_answer_aad(key)))
        if claim.at - claimed_at < MAX_REQUEST_SECONDS:
            return InProgress()
        conn.execute(_TAKE_OVER, (claim.at, key))
        return Abandoned(delivery)

    async def keep(self, key: str, answer: str, *, verification: str) -> None:
        """The answer of a claim; it goes when its verification does."""
        hashed = self._hash(key)
        sealed = self.store.cipher.seal(answer, place=_answer_aad(hashed))
        await self.store.write(lambda conn: _run(conn, _KEEP, (sealed, verification, hashed)))

    async def release(self, key: str) -> None:
        """Nothing was done."""
        hashed = self._hash(key)
        await self.store.write(lambda conn: _run(conn, _RELEASE, (hashed,)))

    def _hash(self, key: str) -> bytes:
        return self.store.cipher.request_hash(key)


def _run(conn: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    conn.execute(statement, values)


def _answer_aad(key: bytes) -> str:
    return f"answers.answer {key.hex()}"
