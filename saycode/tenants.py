"""Services and their keys, in the file of the code table."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from verification.policy import Keypress
from verification.records import BUILT_IN_SERVICE
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

    async def put(self, tenant: Tenant) -> None:
        """Add a service, or change its settings."""
        row = (tenant.sid, tenant.name, tenant.code_length, tenant.keypress, tenant.created_at, tenant.updated_at)
        await self.table.write(lambda conn: _run(conn, _PUT, row))

    async def remove(self, sid: str, *, now: float) -> bool:
        """Take a service away. The row stays, so that what it did can still be told."""
        return await self.table.write(lambda conn: _run(conn, _REMOVE, (now, sid, BUILT_IN_SERVICE)))

    async def add_key(self, key: Key) -> bool:
        """Keep a key. False when its service is not there."""
        row = (key.sid, key.digest, key.created_at, key.service)
        return await self.table.write(lambda conn: _run(conn, _ADD_KEY, row))

    async def revoke(self, sid: str, *, now: float) -> bool:
        """End a key for good. False when there is none in force."""
        return await self.table.write(lambda conn: _run(conn, _REVOKE, (now, sid)))

    async def keys(self, service: str) -> list[Key]:
        """All keys of a service, revoked ones too."""
        rows = self.table.ask(lambda conn: conn.execute(_KEYS, (service,)).fetchall())
        return [_key(row) for row in rows]


def _run(conn: sqlite3.Connection, statement: str, values: tuple[Any, ...]) -> bool:
    return conn.execute(statement, values).rowcount > 0


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
