"""Upgrades: a database with a pending code, a call in progress and a STOP is upgraded, and all of it goes on.

The next version is this one with a made-up migration.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from saycode.storage.connection import DatabaseUnusable
from saycode.storage.sqlite.store import SqliteStore
from tests.support.app import SECRET, Phone, open_page, page_of, path_of, running_app
from tests.support.asgi_client import Browser
from tests.support.store import add_migration
from verification.ports import ByNumber
from verification.values.phone_numbers import parse

pytestmark = pytest.mark.sqlite

STOPPED = "+14155550103"


@dataclass(slots=True)
class BeforeUpgrade:
    """A browser and the code that was texted to its user; a call and the code that it has read out."""

    browser: Browser
    texted_code: str
    phone: Phone
    spoken_code: str


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.db"


@pytest.fixture
async def before(path: Path) -> BeforeUpgrade:
    async with running_app(path) as running:
        browser = running.browser()
        texted_code = await running.started(browser, username="bob", phone="+14155550102")
        phone = await running.ringing_phone()
        spoken_code = await phone.read_code()
        await running.verifier.handle_text(parse(STOPPED), "STOP")
    return BeforeUpgrade(browser, texted_code, phone, spoken_code)


@pytest.fixture
def next_version(before: BeforeUpgrade, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program has one migration more: a column, and a table that is built anew."""
    del before  # the old version has to write its database first

    def add_price_and_rebuild_suppressions(db: Database) -> None:
        db.execute("ALTER TABLE deliveries ADD COLUMN price REAL")
        db.execute("CREATE TABLE rebuilt (number_hash BLOB PRIMARY KEY, at REAL NOT NULL, reason TEXT) WITHOUT ROWID")
        db.execute("INSERT INTO rebuilt SELECT number_hash, at, 'text' FROM suppressions")
        db.execute("DROP TABLE suppressions")
        db.execute("ALTER TABLE rebuilt RENAME TO suppressions")

    add_migration(monkeypatch, add_price_and_rebuild_suppressions)


def prices(path: Path) -> list[float | None]:
    with closing(sqlite3.connect(path)) as conn:
        return [price for (price,) in conn.execute("SELECT price FROM deliveries")]


@pytest.mark.usefixtures("next_version")
async def test_a_code_that_was_texted_before_the_upgrade_is_right_after_it(path: Path, before: BeforeUpgrade) -> None:
    async with running_app(path) as running:
        browser = replace(before.browser, app=running.app)
        await browser.post(path_of("check_code"), {"code": before.texted_code})
        assert (await open_page(browser)).state == "welcome"
    assert prices(path) == [None, None]


@pytest.mark.usefixtures("next_version")
async def test_a_call_in_progress_during_the_upgrade_continues_with_the_next_key(
    path: Path, before: BeforeUpgrade
) -> None:
    async with running_app(path) as running:
        phone = replace(before.phone, twilio=running.twilio)
        await phone.wait()
        assert (await phone.press("1")).code == before.spoken_code


@pytest.mark.usefixtures("next_version")
async def test_a_number_that_texted_stop_before_the_upgrade_is_suppressed_after_it(path: Path) -> None:
    async with running_app(path) as running:
        assert (await running.store.read(ByNumber(parse(STOPPED)))).suppressed
        details = {"username": "cyd", "phone": STOPPED, "channel": "call"}
        page = page_of(await running.browser().post(path_of("start"), details))
        (alert,) = page.all("p", **{"class": "alert"})
        assert "text START to" in alert.text
        assert running.provider.asked == 0


@pytest.mark.usefixtures("before")
async def test_an_upgrade_that_fails_leaves_the_old_database(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(db: Database) -> None:
        db.execute("DROP TABLE suppressions")
        db.execute("INSERT INTO nowhere VALUES (1)")

    contents = dump(path)
    with monkeypatch.context() as patch:
        add_migration(patch, fail)
        with pytest.raises(DatabaseUnusable, match="no such table: nowhere"):
            SqliteStore.open(path, secrets=(SECRET,))
    assert dump(path) == contents
    await SqliteStore.open(path, secrets=(SECRET,)).close()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as conn:
        return list(conn.iterdump())
