"""Answers to requests that name themselves, in the file of the code table: sealed, and found by hashes only."""

import sqlite3
from dataclasses import dataclass

from verification.answers import (
    LONGEST_RUN,
    REMEMBERED,
    Claim,
    Claimed,
    Kept,
    Left,
    New,
    OtherBody,
    Running,
)

from .table import SqliteTable

#: Old rows that each new one takes along, so that the table does not grow.
_SWEPT = 10
_FORGET = "DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE created_at <= ? ORDER BY created_at LIMIT ?)"
_FORGET_ONE = "DELETE FROM answers WHERE key_hash = ? AND created_at <= ?"
_FIND = "SELECT body_hash, delivery, claimed_at, answer FROM answers WHERE key_hash = ?"
_ADD = "INSERT INTO answers (key_hash, body_hash, delivery, claimed_at, created_at) VALUES (?, ?, ?, ?, ?)"
_TAKE_OVER = "UPDATE answers SET claimed_at = ? WHERE key_hash = ?"
_KEEP = """UPDATE answers SET answer = ?, verification_id = (SELECT id FROM verifications WHERE sid = ?)
    WHERE key_hash = ?"""
_RELEASE = "DELETE FROM answers WHERE key_hash = ? AND answer IS NULL"


@dataclass(frozen=True, slots=True)
class SqliteAnswers:
    """A `verification.answers.Answers`."""

    table: SqliteTable

    async def claim(self, claim: Claim) -> Claimed:
        """Begin, unless somebody has."""
        key, body = self._hash(claim.key), self.table.sealer.answer_hash(claim.body)
        return await self.table.write(lambda conn: self._claim(conn, claim, key, body))

    def _claim(self, conn: sqlite3.Connection, claim: Claim, key: bytes, body: bytes) -> Claimed:
        conn.execute(_FORGET, (claim.at - REMEMBERED, _SWEPT))
        conn.execute(_FORGET_ONE, (key, claim.at - REMEMBERED))
        row = conn.execute(_FIND, (key,)).fetchone()
        if row is None:
            conn.execute(_ADD, (key, body, claim.delivery, claim.at, claim.at))
            return New()
        known, delivery, claimed_at, answer = row
        if known != body:
            return OtherBody()
        if answer is not None:
            return Kept(self.table.sealer.open(answer, place=_place(key)))
        if claim.at - claimed_at < LONGEST_RUN:
            return Running()
        conn.execute(_TAKE_OVER, (claim.at, key))
        return Left(delivery)

    async def keep(self, key: str, answer: str, *, verification: str) -> None:
        """The answer of a claim; it goes when its verification does."""
        hashed = self._hash(key)
        sealed = self.table.sealer.seal(answer, place=_place(hashed))
        await self.table.write(lambda conn: _run(conn, _KEEP, (sealed, verification, hashed)))

    async def release(self, key: str) -> None:
        """Nothing was done."""
        hashed = self._hash(key)
        await self.table.write(lambda conn: _run(conn, _RELEASE, (hashed,)))

    def _hash(self, key: str) -> bytes:
        return self.table.sealer.answer_hash(key)


def _run(conn: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    conn.execute(statement, values)


def _place(key: bytes) -> str:
    return f"answers.answer {key.hex()}"
