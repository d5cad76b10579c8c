"""A database of every released version, with codes open and somebody on the phone: all of it goes on after the upgrade.

`tests/released` holds each as SQL, made by that version; its first line says what people had in their hands.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database, Migrations

from saycode.storage import migrations as schema
from saycode.storage.database import DatabaseUnusable
from saycode.storage.store import SqliteStore
from tests.support.app import SECRET, SENDER, Document, open_house, open_page, page_of, path_of
from verification.ports import ByNumber
from verification.values.phone_numbers import parse

RELEASED = sorted((Path(__file__).parents[2] / "released").glob("*.sql"))
STOPPED = "+14155550103"
ON_THE_PHONE = "+14155550102"


@pytest.fixture(params=RELEASED, ids=lambda path: path.stem)
def released(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def path(tmp_path: Path, released: Path) -> Path:
    path = tmp_path / "codes.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(released.read_text())
    return path


@pytest.fixture
def hands(released: Path) -> dict[str, Any]:
    """What people had in their hands: a cookie, a code, a call."""
    known: dict[str, Any] = json.loads(released.read_text().splitlines()[0].removeprefix("-- "))
    return known


def held(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as conn:
        return list(conn.iterdump())


def test_there_is_a_file_of_every_released_version() -> None:
    assert [path.stem for path in RELEASED] == ["0.1"]


async def test_a_code_that_was_texted_before_the_upgrade_is_right_after_it(path: Path, hands: dict[str, Any]) -> None:
    async with open_house(path) as house:
        browser = house.browser()
        browser.cookies = hands["cookies"]
        await browser.post(path_of("code"), {"code": hands["code"]})
        assert (await open_page(browser)).state == "welcome"


async def test_a_call_that_was_up_during_the_upgrade_goes_on_with_the_next_key(
    path: Path, hands: dict[str, Any]
) -> None:
    async with open_house(path) as house:
        keys = path_of("keys", delivery=hands["delivery"])
        fields = {"CallSid": hands["call_sid"], "CallStatus": "in-progress", "From": SENDER, "To": ON_THE_PHONE}
        again = Document(keys, await house.twilio.post(keys, fields | {"Digits": "1"}))
        assert again.code == hands["heard"]


async def test_a_number_that_said_stop_before_the_upgrade_is_left_alone_after_it(path: Path) -> None:
    async with open_house(path) as house:
        assert (await house.store.read(ByNumber(parse(STOPPED)))).suppressed
        details = {"username": "cyd", "phone": STOPPED, "channel": "call"}
        refused = page_of(await house.browser().post(path_of("start"), details))
        assert "phone" in refused.problems
        assert house.provider.asked == 0


async def test_an_upgrade_that_fails_leaves_the_old_database(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = held(path)
    longer = Migrations("saycode")
    for migration in schema.migrations.pending(Database(memory=True)):
        longer(name=migration.name)(migration.fn)

    @longer()
    def fail(db: Database) -> None:
        db.execute("INSERT INTO nowhere VALUES (1)")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "migrations", longer)
        with pytest.raises(DatabaseUnusable, match="no such table: nowhere"):
            SqliteStore.open(path, secrets=(SECRET,))
    assert held(path) == before
    await SqliteStore.open(path, secrets=(SECRET,)).close()
