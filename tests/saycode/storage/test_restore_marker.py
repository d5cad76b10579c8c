"""A restored backup revives no code, and a key that is gone leaves no code that nobody can use."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from saycode.storage import restore_marker
from saycode.storage.store import SqliteStore
from tests.support.app import SECRET, House, open_house, open_page, path_of
from tests.support.asgi_client import Browser
from tests.support.store import NUMBER, put, verification
from verification.errors import Unavailable
from verification.ivr.dialogue import CallInput
from verification.values.codes import KeyRing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.db"


def back_up(path: Path) -> Path:
    """SQLite's online backup, while the service runs."""
    copy = path.with_name("backup.db")
    with closing(sqlite3.connect(path)) as here, closing(sqlite3.connect(copy)) as there:
        here.backup(there)
    return copy


def restore(backup: Path, path: Path) -> None:
    backup.replace(path)


def moved(browser: Browser, house: House) -> Browser:
    """The same browser, when the service has started anew."""
    return replace(browser, app=house.app, cookies=dict(browser.cookies))


async def test_a_code_that_was_used_after_a_backup_is_refused_after_its_restore(path: Path) -> None:
    async with open_house(path) as house:
        browser = house.browser()
        code = await house.started(browser)
        backup = back_up(path)
        thief = moved(browser, house)
        await browser.post(path_of("code"), {"code": code})
        assert (await open_page(browser)).state == "welcome"
    restore(backup, path)
    async with open_house(path) as house:
        for person in (moved(browser, house), moved(thief, house)):
            await person.post(path_of("code"), {"code": code})
            assert (await open_page(person)).state in ("ended", "form")
        assert "expired" in house.rows()["verifications"][0]
        assert await house.started(house.browser()) != code


async def test_a_database_that_lost_its_mark_has_no_open_codes(path: Path) -> None:
    async with open_house(path) as house:
        browser = house.browser()
        code = await house.started(browser)
    path.with_name("codes.db-mark").unlink()
    async with open_house(path) as house:
        again = moved(browser, house)
        await again.post(path_of("code"), {"code": code})
        assert (await open_page(again)).state == "ended"


async def test_the_operator_is_told_what_a_restored_backup_lacks(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with SqliteStore.open(path, secrets=(SECRET,)) as store:
        await put(store, verifications=(verification(),))
        backup = back_up(path)
        await put(store, suppress=(NUMBER,))
    lost = restore_marker.read_marker(path)
    restore(backup, path)
    await SqliteStore.open(path, secrets=(SECRET,)).close()
    (told,) = [record.getMessage() for record in caplog.records]
    assert f"{path} was restored or moved" in told
    assert f"was in use until {lost}" in told
    assert "suppress again who texted STOP" in told
    caplog.clear()
    await SqliteStore.open(path, secrets=(SECRET,)).close()
    assert caplog.records == [], "once"


async def test_a_restart_a_crash_and_a_mark_that_is_behind_void_nothing(path: Path) -> None:
    async with open_house(path) as house:
        browser = house.browser()
        code = await house.started(browser)
        behind = path.with_name("codes.db-mark").read_bytes()
        await house.started(house.browser(), username="bob", phone="+14155550101")
    path.with_name("codes.db-mark").write_bytes(behind)
    async with open_house(path):
        pass
    async with open_house(path) as house:
        again = moved(browser, house)
        await again.post(path_of("code"), {"code": code})
        assert (await open_page(again)).state == "welcome"


async def test_a_second_worker_and_a_command_beside_the_service_void_nothing(path: Path) -> None:
    async with open_house(path) as house, SqliteStore.open(path, secrets=(SECRET,)) as marker_path:
        browser = house.browser()
        code = await house.started(browser)
        await put(marker_path, suppress=(NUMBER,))
        await SqliteStore.open(path, secrets=(SECRET,)).close()
        await browser.post(path_of("code"), {"code": code})
        assert (await open_page(browser)).state == "welcome"


async def test_what_wrote_nothing_does_not_move_the_mark(path: Path) -> None:
    async with open_house(path) as house:
        before = restore_marker.read_marker(path)
        await open_page(house.browser())
        await house.verifier.sweep()
        assert restore_marker.read_marker(path) == before
        await house.started(house.browser())
        assert restore_marker.read_marker(path) != before


OTHER = b"another key of the tests, 32 bytes long"


async def test_a_code_whose_key_is_gone_is_over_at_the_next_start_and_the_operator_is_told(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(path) as house:
        browser = house.browser()
        code = await house.started(browser)
    async with SqliteStore.open(path, secrets=(OTHER, SECRET)):
        pass  # the data key is wrapped anew
    assert caplog.records == []
    async with SqliteStore.open(path, secrets=(OTHER,)):
        pass
    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith("1 pending codes in")
    async with SqliteStore.open(path, secrets=(SECRET, OTHER)):
        pass
    async with open_house(path) as house:
        again = moved(browser, house)
        await again.post(path_of("code"), {"code": code})
        assert (await open_page(again)).state == "ended"


async def test_a_code_whose_key_is_gone_meanwhile_is_our_own_fault_and_counts_no_check(path: Path) -> None:
    """Two workers whose settings differ: the page answers 503, the phone apologises."""
    async with open_house(path) as house:
        code = await house.started(house.browser(), username="bob", phone="+14155550101")
        asked = (await house.called()).delivery
        other = replace(house.verifier, keys=KeyRing((OTHER,)))
        sid = house.rows()["verifications"][0][1]
        before = house.rows()
        with pytest.raises(Unavailable, match="no longer on the ring"):
            await other.check(str(sid), code)
        with pytest.raises(Unavailable, match="no longer on the ring"):
            await other.handle_call_event(asked, provider_sid="CA2", heard=CallInput.ANSWERED)
        assert house.rows() == before
