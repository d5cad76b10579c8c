"""Services and their API keys, in SQLite."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from verification.models import BUILT_IN_SERVICE, Event, EventKind
from verification.policy import Keypress
from verification.services import ApiKey, Service

from ..connection import Connection
from ..store import SqlStore

_SERVICE = "s.sid, s.name, s.code_length, s.keypress, s.custom_codes, s.created_at, s.updated_at"
_KEY = "k.sid, s.sid, k.digest, k.created_at, k.revoked_at"
_HOLDERS = f"""SELECT {_KEY}, {_SERVICE} FROM q JOIN api_keys k ON k.sid = q.sid JOIN services s ON s.id = k.service_id
    WHERE k.revoked_at IS NULL AND s.deleted_at IS NULL"""
_ONE = f"SELECT {_SERVICE} FROM services s WHERE s.sid = ? AND s.deleted_at IS NULL"
_NEXT = f"""SELECT {_SERVICE} FROM services s WHERE s.deleted_at IS NULL
    AND s.id > coalesce((SELECT id FROM services WHERE sid = ?), 0) ORDER BY s.id LIMIT ?"""
_PUT = """INSERT INTO services (sid, name, code_length, keypress, custom_codes, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (sid) DO UPDATE SET name = excluded.name, code_length = excluded.code_length,
    keypress = excluded.keypress, custom_codes = excluded.custom_codes, updated_at = excluded.updated_at"""
_REMOVE = "UPDATE services SET deleted_at = ? WHERE sid = ? AND deleted_at IS NULL AND sid <> ?"
_ADD_KEY = """INSERT INTO api_keys (sid, digest, created_at, service_id)
    SELECT ?, ?, ?, id FROM services WHERE sid = ? AND deleted_at IS NULL"""
_REVOKE = "UPDATE api_keys SET revoked_at = ? WHERE sid = ? AND revoked_at IS NULL"
_KEYS = f"""SELECT {_KEY} FROM api_keys k JOIN services s ON s.id = k.service_id
    WHERE s.sid = ? AND s.deleted_at IS NULL ORDER BY k.id"""


#: Changes whenever another connection, of this process or any other, has committed (https://sqlite.org/pragma.html).
_VERSION = "PRAGMA data_version"
_MOST_CACHED = 1000


#: Valid keys by their sid, with their services.
_Holders = dict[str, tuple[ApiKey, Service]]


@dataclass(slots=True)
class _KnownKeys:
    """The valid keys that were asked for since the last commit."""

    version: int = -1
    holders: _Holders = field(default_factory=dict)


@dataclass(slots=True)
class _NextRead:
    """One read for all requests that ask while another one is under way. It begins after each of them has asked, so
    none of them gets a key that was revoked before.
    """

    keys: set[str] = field(default_factory=set)
    task: "asyncio.Task[_Holders] | None" = None
    previous: "asyncio.Task[_Holders] | None" = None


@dataclass(frozen=True, slots=True)
class SqliteServices:
    """A `verification.services.Services`, with the methods that only the command line needs.

    From an embedded database a key is read once between two commits, whichever process makes them, and from a server
    for all requests that wait: a revoked key is refused at once, by every worker and node.
    """

    store: SqlStore
    _known: _KnownKeys = field(default_factory=_KnownKeys, repr=False)
    _next: _NextRead = field(default_factory=_NextRead, repr=False)

    async def find_key(self, key: str) -> tuple[ApiKey, Service] | None:
        """The key and its service; None when one of them is revoked or deleted."""
        if self.store.embedded:
            return await self.store.query(lambda conn: self._known_key(conn, key))
        if self._next.task is None:
            self._next.task = asyncio.create_task(self._read_next())
        self._next.keys.add(key)
        return (await asyncio.shield(self._next.task)).get(key)

    def _known_key(self, conn: Connection, key: str) -> tuple[ApiKey, Service] | None:
        known, version = self._known, conn.execute(_VERSION).fetchone()[0]
        if version != known.version or len(known.holders) >= _MOST_CACHED:
            known.version = version
            known.holders.clear()
        if key not in known.holders:
            known.holders |= _read_keys(conn, (key,))
        return known.holders.get(key)

    async def _read_next(self) -> _Holders:
        upcoming = self._next
        if upcoming.previous is not None and not upcoming.previous.done():
            await asyncio.wait((upcoming.previous,))
        keys, upcoming.keys = upcoming.keys, set()
        upcoming.previous, upcoming.task = upcoming.task, None
        return await self.store.query(lambda conn: _read_keys(conn, tuple(keys)))

    async def service(self, sid: str) -> Service | None:
        row = await self.store.query(lambda conn: conn.execute(_ONE, (sid,)).fetchone())
        return None if row is None else _service(row)

    async def services(self, *, after: str | None, limit: int) -> list[Service]:
        """Oldest first."""
        rows = await self.store.query(lambda conn: conn.execute(_NEXT, (after, limit)).fetchall())
        return [_service(row) for row in rows]

    async def put(self, service: Service, *, actor: str) -> None:
        """Add a service, or change its settings."""
        row = (
            *(service.sid, service.name, service.code_length, service.keypress, int(service.custom_codes)),
            *(service.created_at, service.updated_at),
        )
        kind = EventKind.SERVICE_ADDED if service.updated_at == service.created_at else EventKind.SERVICE_CHANGED
        event = Event(kind=kind, at=service.updated_at, detail=service.sid, actor=actor)
        await self._write(_PUT, row, event)

    async def remove(self, sid: str, *, now: float, actor: str) -> bool:
        """False when there is no such service. The row stays, because the audit log names it."""
        event = Event(kind=EventKind.SERVICE_REMOVED, at=now, detail=sid, actor=actor)
        return await self._write(_REMOVE, (now, sid, BUILT_IN_SERVICE), event)

    async def add_key(self, key: ApiKey, *, actor: str) -> bool:
        """False when the service does not exist."""
        event = Event(kind=EventKind.KEY_ADDED, at=key.created_at, detail=key.sid, actor=actor)
        return await self._write(_ADD_KEY, (key.sid, key.digest, key.created_at, key.service), event)

    async def revoke(self, sid: str, *, now: float, actor: str) -> bool:
        """False when there is no such key or it is revoked already."""
        event = Event(kind=EventKind.KEY_REVOKED, at=now, detail=sid, actor=actor)
        return await self._write(_REVOKE, (now, sid), event)

    async def keys(self, service: str) -> list[ApiKey]:
        """All keys of a service, including revoked ones."""
        rows = await self.store.query(lambda conn: conn.execute(_KEYS, (service,)).fetchall())
        return [_key(row) for row in rows]

    async def _write(self, statement: str, values: tuple[Any, ...], event: Event) -> bool:
        """Whether the statement changed anything. If so, its transaction writes the event to the audit log."""

        def work(conn: Connection) -> bool:
            return conn.execute(statement, values).rowcount > 0

        return await self.store.write(work, events=lambda changed: (event,) if changed else ())


def _read_keys(conn: Connection, keys: tuple[str, ...]) -> _Holders:
    """Those of these keys that are valid."""
    rows = conn.execute(f"WITH q (sid) AS (VALUES {', '.join('(?)' for _ in keys)}) {_HOLDERS}", keys).fetchall()
    return {row[0]: (_key(row[:5]), _service(row[5:])) for row in rows}


def _service(row: tuple[Any, ...]) -> Service:
    sid, name, code_length, keypress, custom_codes, created_at, updated_at = row
    return Service(
        sid=sid,
        name=name,
        code_length=code_length,
        keypress=None if keypress is None else Keypress(keypress),
        custom_codes=bool(custom_codes),
        created_at=created_at,
        updated_at=updated_at,
    )


def _key(row: tuple[Any, ...]) -> ApiKey:
    sid, service, digest, created_at, revoked_at = row
    return ApiKey(sid=sid, service=service, digest=digest, created_at=created_at, revoked_at=revoked_at)
