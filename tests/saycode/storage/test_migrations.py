"""Migrations: each runs once, and a failed upgrade changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from saycode.storage.connection import DatabaseUnusable
from saycode.storage.sqlite import database, migrations
from saycode.storage.sqlite.database import open_database
from saycode.storage.sqlite.store import SqliteStore
from tests.support.store import NUMBER, SECRETS, add_migration, put, verification
from verification.models import State
from verification.ports import ByNumber


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.db"


def open_and_close(path: Path) -> None:
    open_database(path, secrets=SECRETS, create=True, patience=1)[0].close()


def query(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as conn:
        return [value for (value,) in conn.execute(sql)]


def test_migrations_are_recorded_once(path: Path) -> None:
    open_and_close(path)
    open_and_close(path)
    assert sorted(query(path, "SELECT name FROM _sqlite_migrations")) == sorted(migrations.known_migrations())


async def test_an_older_database_is_migrated_and_keeps_its_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        await put(store, verifications=(verification(),), suppress=(NUMBER,))
    add_migration(monkeypatch, create_extra_table)
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        assert await store.read(ByNumber(NUMBER)) == State(verification=verification(), suppressed=True)
        assert (await store.query(store.audit_log.verify)).broken is None
    assert query(path, "SELECT count(*) FROM extra") == [0]
    assert query(path, "SELECT name FROM _sqlite_migrations ORDER BY id") == [
        "create_first_schema",
        "add_openid_provider",
        "add_custom_codes",
        "add_hourly_totals",
        "add_openid_tabs",
        "add_operators",
        "add_alert_states",
        "create_extra_table",
    ]


def test_all_pending_migrations_run_in_one_transaction(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(db: Database) -> None:
        db.execute("INSERT INTO nowhere VALUES (1)")

    open_and_close(path)
    before = query(path, "SELECT sql FROM sqlite_master")
    with monkeypatch.context() as patch:
        add_migration(patch, create_extra_table)
        add_migration(patch, fail)
        with pytest.raises(DatabaseUnusable, match="no such table: nowhere"):
            open_and_close(path)
    assert query(path, "SELECT sql FROM sqlite_master") == before
    open_and_close(path)


def create_extra_table(db: Database) -> None:
    db.execute("CREATE TABLE extra (id INTEGER PRIMARY KEY)")


def test_foreign_keys_are_enforced_by_the_schema(path: Path) -> None:
    open_and_close(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            conn.execute("INSERT INTO events VALUES (1, 7, 'VE7', '', '', 0, '', '', x'', x'')")


def test_a_start_knows_the_migrations_without_loading_them() -> None:
    assert migrations.known_migrations() == database.MIGRATIONS
