"""Who may use the console: operators with keys of their own, and the sessions of those who signed in.

A key is shown once and kept as a digest; it has 256 random bits, so a fast hash is enough. A session's cookie is random
and kept as a digest, too. A session ends after half an hour without a request, after twelve hours, when its operator
signs out, and at once when what opened it is gone: the operator, the key of a run, or the settings by
which the company's provider opened it. Every request asks for it.
"""

import re
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Any, ClassVar

from verification.models import OPERATOR, Event, EventKind, new_sid
from verification.ports import Randomness
from verification.types import Record

from ..storage.connection import Connection
from ..storage.store import SqlStore

SECRET_BYTES = 32
#: Seconds without a request, and in all.
IDLE_SECONDS, SESSION_SECONDS = 1800, 12 * 3600
#: A session's last use is written this often, in seconds.
_USED_STEP = 60
LONGEST_NAME = 60
#: The name in the audit log for the key of a run.
SHELL = "on this machine"
_KEY = re.compile(r"(OP[0-9a-f]{32})\.([0-9a-f]{64})")
_COOKIE = re.compile(r"[0-9a-f]{64}")
_OPERATOR = "sid, name, role, digest, created_at"
_FIND = f"SELECT {_OPERATOR} FROM operators WHERE sid = ? AND removed_at IS NULL"
_ALL = f"SELECT {_OPERATOR} FROM operators WHERE removed_at IS NULL ORDER BY id"
_ADD = f"""INSERT INTO operators ({_OPERATOR}) SELECT ?, ?, ?, ?, ?
    WHERE NOT EXISTS (SELECT 1 FROM operators WHERE name = ? AND removed_at IS NULL)"""
_REMOVE = "UPDATE operators SET removed_at = ? WHERE sid = ? AND removed_at IS NULL"
_BEGIN = """INSERT INTO operator_sessions (session_hash, operator, name, role, used_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?)"""
_FIND_SESSION = """SELECT s.name, s.role, s.used_at FROM operator_sessions s
    LEFT JOIN operators o ON o.sid = s.operator
    WHERE s.session_hash = ? AND s.expires_at > ? AND s.used_at > ?
    AND (s.operator IN (?, ?) OR (o.sid IS NOT NULL AND o.removed_at IS NULL))"""
_USE = "UPDATE operator_sessions SET used_at = ? WHERE session_hash = ?"
_END = "DELETE FROM operator_sessions WHERE session_hash = ?"
_DUMMY = sha256(b"no key has this secret").digest()


class Role(StrEnum):
    """What an operator may do. An administrator may do everything."""

    HELP_DESK = "help-desk"
    ADMINISTRATOR = "administrator"

    def includes(self, least: "Role") -> bool:
        return self is Role.ADMINISTRATOR or least is Role.HELP_DESK


class Operator(Record, frozen=True, kw_only=True):
    """Only a digest of the key's secret is stored."""

    hidden: ClassVar = frozenset({"digest"})

    sid: str
    name: str
    role: Role
    digest: bytes
    created_at: float


class Session(Record, frozen=True, kw_only=True):
    """A signed-in browser. `id`: the digest of its cookie."""

    name: str
    role: Role
    id: str

    @property
    def actor(self) -> str:
        """As the audit log names the operator."""
        return f"{OPERATOR} {self.name}"


def new_operator(name: str, role: Role, *, now: float, randomness: Randomness) -> tuple[Operator, str]:
    """An operator, and the key, which is not stored."""
    sid, secret = new_sid("OP", randomness), randomness(SECRET_BYTES).hex()
    digest = sha256(secret.encode()).digest()
    return Operator(sid=sid, name=name, role=role, digest=digest, created_at=now), f"{sid}.{secret}"


def session_id(cookie: str) -> str:
    return sha256(cookie.encode()).hexdigest()


class Operators(Record, frozen=True, kw_only=True):
    """The operators and sessions of a database. Every method raises Unavailable."""

    store: SqlStore
    randomness: Randomness
    #: A key that holds while this process runs, of an administrator who has a shell here; empty for none.
    run_key: str = ""
    #: What the sessions of the company's provider have in place of an operator's sid; empty without one.
    company: str = ""

    @property
    def _run(self) -> str:
        """What a session of the run's key has in place of an operator's sid."""
        return f"run {session_id(self.run_key)}" if self.run_key else "none"

    async def add(self, operator: Operator) -> bool:
        """False when there is one of this name."""
        row = (operator.sid, operator.name, operator.role.value, operator.digest, operator.created_at, operator.name)
        detail = f"{operator.role.value} {operator.name}"
        event = Event(kind=EventKind.OPERATOR_ADDED, at=operator.created_at, actor=OPERATOR, detail=detail)
        return await self._write(_ADD, row, event)

    async def remove(self, sid: str, *, now: float) -> bool:
        """False when there is none. The sessions end with it."""
        found = [operator for operator in await self.all() if operator.sid == sid]
        detail = f"{found[0].role.value} {found[0].name}" if found else ""
        event = Event(kind=EventKind.OPERATOR_REMOVED, at=now, actor=OPERATOR, detail=detail)
        return await self._write(_REMOVE, (now, sid), event)

    async def all(self) -> list[Operator]:
        """Oldest first."""
        return [_operator(row) for row in await self.store.query(lambda conn: conn.execute(_ALL).fetchall())]

    async def of_key(self, key: str) -> Operator | None:
        """Whose key it is. The same work is done for one that does not exist."""
        if self.run_key and compare_digest(sha256(key.encode()).digest(), sha256(self.run_key.encode()).digest()):
            return Operator(sid=self._run, name=SHELL, role=Role.ADMINISTRATOR, digest=b"", created_at=0)
        match = _KEY.fullmatch(key.strip())
        sid, secret = match.groups() if match else ("", "")
        row = await self.store.query(lambda conn: conn.execute(_FIND, (sid,)).fetchone())
        operator = _operator(row) if row else None
        digest = operator.digest if operator else _DUMMY
        return operator if compare_digest(sha256(secret.encode()).digest(), digest) else None

    async def begin_session(self, *, operator: str, name: str, role: Role, now: float) -> str:
        """A new cookie. `operator`: its sid, as `of_key` returns it, or `company`."""
        cookie = self.randomness(SECRET_BYTES).hex()
        row = (session_id(cookie), operator, name, role.value, now, now + SESSION_SECONDS)
        event = Event(kind=EventKind.OPERATOR_SIGNED_IN, at=now, actor=f"{OPERATOR} {name}", detail=role.value)
        await self._write(_BEGIN, row, event)
        return cookie

    async def session(self, cookie: str, *, now: float) -> Session | None:
        """The session of a cookie, unless it has ended."""
        if not _COOKIE.fullmatch(cookie):
            return None
        id = session_id(cookie)
        values = (id, now, now - IDLE_SECONDS, self._run, self.company or "none")
        row = await self.store.query(lambda conn: conn.execute(_FIND_SESSION, values).fetchone())
        if row is None:
            return None
        if now - row[2] > _USED_STEP:
            await self.store.write(lambda conn: conn.execute(_USE, (now, id)).rowcount)
        return Session(name=row[0], role=Role(row[1]), id=id)

    async def end_session(self, session: Session) -> None:
        await self.store.write(lambda conn: conn.execute(_END, (session.id,)).rowcount)

    async def _write(self, statement: str, values: tuple[Any, ...], event: Event) -> bool:
        """Whether the statement changed anything. If so, its transaction writes the event to the audit log."""

        def work(conn: Connection) -> bool:
            return conn.execute(statement, values).rowcount > 0

        return await self.store.write(work, events=lambda changed: (event,) if changed else ())


def _operator(row: tuple[Any, ...]) -> Operator:
    sid, name, role, digest, created_at = row
    return Operator(sid=sid, name=name, role=Role(role), digest=bytes(digest), created_at=created_at)
