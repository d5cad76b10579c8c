"""Services and their keys, in the file of the code table."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from verification.policy import Keypress
from verification.records import BUILT_IN_SERVICE, Event, EventKind
from verification.tenants import Key, Tenant

from .table import SqliteTable

_TENANT = "s.sid, s.name, s.code_length, s.keypress, s.created_at, s.updated_at"
_KEY = "k.sid, s.sid, k.digest, k.created_at, k.revoked_at"
_HOLDER = f"""SELECT {_KEY}, {_TENANT} FROM keys k JOIN services s ON s.id = k.service_id
    WHERE k.sid = ? AND k.revoked_at IS NULL AND s.deleted_at IS NULL"""
_ONE = f"SELECT {_TENANT} FROM services s WHERE s.sid = ? AND s.deleted_at IS NULL"
_NEXT = f"""SELECT {_TENANT} FROM services s WHERE s.deleted_at IS NULL
    AND s.id > coalesce((SELECT id FROM services WHERE sid = ?), 0) ORDER BY s.id LIMIT ?"""
_PUT = """INSERT INTO services (sid, name, code_length, keypress, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (sid) DO UPDATE SET name = excluded.name, code_length = excluded.code_length,
    keypress = excluded.keypress, updated_at = excluded.updated_at"""
_REMOVE = "UPDATE services SET deleted_at = ? WHERE sid = ? AND deleted_at IS NULL AND sid <> ?"
_ADD_KEY = """INSERT INTO keys (sid, digest, created_at, service_id)
    SELECT ?, ?, ?, id FROM services WHERE sid = ? AND deleted_at IS NULL"""
_REVOKE = "UPDATE keys SET revoked_at = ? WHERE sid = ? AND revoked_at IS NULL"
_KEYS = f"""SELECT {_KEY} FROM keys k JOIN services s ON s.id = k.service_id
    WHERE s.sid = ? AND s.deleted_at IS NULL ORDER BY k.id"""


@dataclass(frozen=True, slots=True)
class SqliteTenants:
    """A `verification.tenants.Tenants`, and what the command line does beside it.

    Everything is asked anew for each request, in microseconds: a key that is revoked opens nothing any more, on any
    worker.
    """

    table: SqliteTable

    async def holder(self, key: str) -> tuple[Key, Tenant] | None:
        """The key and its service, while both are in force."""
        row = self.table.ask(lambda conn: conn.execute(_HOLDER, (key,)).fetchone())
        return None if row is None else (_key(row[:5]), _tenant(row[5:]))

    async def tenant(self, sid: str) -> Tenant | None:
        """The service of this sid."""
        row = self.table.ask(lambda conn: conn.execute(_ONE, (sid,)).fetchone())
        return None if row is None else _tenant(row)

    async def tenants(self, *, after: str | None, limit: int) -> list[Tenant]:
        """Services, the oldest first."""
        rows = self.table.ask(lambda conn: conn.execute(_NEXT, (after, limit)).fetchall())
        return [_tenant(row) for row in rows]

    async def put(self, tenant: Tenant, *, actor: str) -> None:
        """Add a service, or change its settings."""
        row = (tenant.sid, tenant.name, tenant.code_length, tenant.keypress, tenant.created_at, tenant.updated_at)
        kind = EventKind.SERVICE_ADDED if tenant.updated_at == tenant.created_at else EventKind.SERVICE_CHANGED
        told = Event(kind=kind, at=tenant.updated_at, detail=tenant.sid, actor=actor)
        await self._write(_PUT, row, told)

    async def remove(self, sid: str, *, now: float, actor: str) -> bool:
        """Take a service away. The row stays, so that what it did can still be told."""
        told = Event(kind=EventKind.SERVICE_REMOVED, at=now, detail=sid, actor=actor)
        return await self._write(_REMOVE, (now, sid, BUILT_IN_SERVICE), told)

    async def add_key(self, key: Key, *, actor: str) -> bool:
        """Keep a key. False when its service is not there."""
        told = Event(kind=EventKind.KEY_ADDED, at=key.created_at, detail=key.sid, actor=actor)
        return await self._write(_ADD_KEY, (key.sid, key.digest, key.created_at, key.service), told)

    async def revoke(self, sid: str, *, now: float, actor: str) -> bool:
        """End a key for good. False when there is none in force."""
        told = Event(kind=EventKind.KEY_REVOKED, at=now, detail=sid, actor=actor)
        return await self._write(_REVOKE, (now, sid), told)

    async def keys(self, service: str) -> list[Key]:
        """All keys of a service, revoked ones too."""
        rows = self.table.ask(lambda conn: conn.execute(_KEYS, (service,)).fetchall())
        return [_key(row) for row in rows]

    async def _write(self, statement: str, values: tuple[Any, ...], told: Event) -> bool:
        """Whether the statement changed anything; the audit trail then has a line more, in the same transaction."""

        def work(conn: sqlite3.Connection) -> bool:
            return conn.execute(statement, values).rowcount > 0

        return await self.table.write(work, events=lambda changed: (told,) if changed else ())


def _tenant(row: tuple[Any, ...]) -> Tenant:
    sid, name, code_length, keypress, created_at, updated_at = row
    return Tenant(
        sid=sid,
        name=name,
        code_length=code_length,
        keypress=None if keypress is None else Keypress(keypress),
        created_at=created_at,
        updated_at=updated_at,
    )


def _key(row: tuple[Any, ...]) -> Key:
    sid, service, digest, created_at, revoked_at = row
    return Key(sid=sid, service=service, digest=digest, created_at=created_at, revoked_at=revoked_at)
