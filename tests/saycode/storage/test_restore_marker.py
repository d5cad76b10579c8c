"""A restored backup makes no used code valid again, and a removed key leaves no code pending."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from saycode.storage.sqlite import restore_marker
from saycode.storage.sqlite.database import open_database
from saycode.storage.sqlite.store import SqliteStore
from tests.support.app import SECRET, RunningApp, open_page, path_of, running_app
from tests.support.asgi_client import Browser
from tests.support.store import NUMBER, put, verification
from verification.errors import Unavailable
from verification.ivr.prompts import CallInput
from verification.values.codes import KeyRing

pytestmark = pytest.mark.sqlite

OTHER = b"another key of the tests, 32 bytes long"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.db"


def back_up(path: Path) -> Path:
    """SQLite's online backup, while the service runs."""
    copy = path.with_name("backup.db")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def restore(backup: Path, path: Path) -> None:
    backup.replace(path)


def moved(browser: Browser, running: RunningApp) -> Browser:
    """The same browser, when the service has started anew."""
    return replace(browser, app=running.app, cookies=dict(browser.cookies))


async def test_a_code_that_was_used_after_a_backup_is_refused_after_its_restore(path: Path) -> None:
    async with running_app(path) as running:
        browser = running.browser()
        code = await running.started(browser)
        backup = back_up(path)
        thief = moved(browser, running)
        await browser.post(path_of("check_code"), {"code": code})
        assert (await open_page(browser)).state == "welcome"
    restore(backup, path)
    async with running_app(path) as running:
        for person in (moved(browser, running), moved(thief, running)):
            await person.post(path_of("check_code"), {"code": code})
            assert (await open_page(person)).state in ("ended", "form")
        assert "expired" in running.rows()["verifications"][0]
        assert await running.started(running.browser()) != code


async def test_a_database_that_lost_its_marker_has_no_pending_codes(path: Path) -> None:
    async with running_app(path) as running:
        browser = running.browser()
        code = await running.started(browser)
    path.with_name("codes.db-mark").unlink()
    async with running_app(path) as running:
        again = moved(browser, running)
        await again.post(path_of("check_code"), {"code": code})
        assert (await open_page(again)).state == "ended"


async def test_the_log_names_what_a_restored_backup_lacks(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with SqliteStore.open(path, secrets=(SECRET,)) as store:
        await put(store, verifications=(verification(),))
        backup = back_up(path)
        await put(store, suppress=(NUMBER,))
    lost = restore_marker.read_marker(path)
    restore(backup, path)
    await SqliteStore.open(path, secrets=(SECRET,)).close()
    (message,) = [record.getMessage() for record in caplog.records]
    assert f"{path} was restored or moved" in message
    assert f"was in use until {lost}" in message
    assert "suppress again every number that texted STOP" in message
    caplog.clear()
    await SqliteStore.open(path, secrets=(SECRET,)).close()
    assert caplog.records == [], "once"


async def test_a_restart_a_crash_and_a_marker_that_is_behind_expire_no_codes(path: Path) -> None:
    async with running_app(path) as running:
        browser = running.browser()
        code = await running.started(browser)
        behind = path.with_name("codes.db-mark").read_bytes()
        await running.started(running.browser(), username="bob", phone="+14155550101")
    path.with_name("codes.db-mark").write_bytes(behind)
    async with running_app(path):
        pass
    async with running_app(path) as running:
        again = moved(browser, running)
        await again.post(path_of("check_code"), {"code": code})
        assert (await open_page(again)).state == "welcome"


async def test_a_second_worker_and_a_command_expire_no_codes(path: Path) -> None:
    async with running_app(path) as running, SqliteStore.open(path, secrets=(SECRET,)) as other_store:
        browser = running.browser()
        code = await running.started(browser)
        await put(other_store, suppress=(NUMBER,))
        await SqliteStore.open(path, secrets=(SECRET,)).close()
        await browser.post(path_of("check_code"), {"code": code})
        assert (await open_page(browser)).state == "welcome"


def commit_as_another_worker(conn: sqlite3.Connection) -> None:
    conn.execute("BEGIN IMMEDIATE")
    conn.execute("UPDATE restore_marker SET commits = commits + 1, at = 1")


async def test_a_first_group_whose_marker_is_not_written_yet_looks_like_no_restored_backup(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await SqliteStore.open(path, secrets=(SECRET,)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as worker:
        commit_as_another_worker(worker)
        worker.execute("COMMIT")
    await SqliteStore.open(path, secrets=(SECRET,)).close()
    assert caplog.records == []


def test_a_worker_that_waits_for_the_one_that_makes_the_file_sees_no_restored_backup(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asyncio.run(SqliteStore.open(path, secrets=(SECRET,)).close())
    path.with_name("codes.db-mark").unlink()
    with closing(sqlite3.connect(path, isolation_level=None)) as first, ThreadPoolExecutor(1) as pool:
        commit_as_another_worker(first)
        second = pool.submit(open_database, path, secrets=(OTHER, SECRET), create=True, patience=5)
        assert wait([second], 0.3).not_done, "it wraps the key, and so waits for the lock"
        path.with_name("codes.db-mark").write_bytes(restore_marker.LINE % (1, 1.0))
        first.execute("COMMIT")
        second.result()[0].close()
    assert caplog.records == []


async def test_a_lost_marker_is_told_by_the_first_of_the_workers_and_made_again(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with SqliteStore.open(path, secrets=(SECRET,)) as store:
        await put(store, verifications=(verification(),))
    path.with_name("codes.db-mark").unlink()
    async with SqliteStore.open(path, secrets=(SECRET,)), SqliteStore.open(path, secrets=(SECRET,)):
        assert len(caplog.records) == 1


async def test_a_new_file_beside_the_marker_of_a_lost_one_is_new_to_all_workers(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.with_name("codes.db-mark").write_bytes(restore_marker.LINE % (500, 1.0))
    await SqliteStore.open(path, secrets=(SECRET,)).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as worker:
        commit_as_another_worker(worker)
        worker.execute("COMMIT")
    await SqliteStore.open(path, secrets=(SECRET,)).close()
    assert caplog.records == []


async def test_a_transaction_that_wrote_nothing_does_not_move_the_marker(path: Path) -> None:
    async with running_app(path) as running:
        before = restore_marker.read_marker(path)
        await open_page(running.browser())
        await running.verifier.expire_overdue()
        assert restore_marker.read_marker(path) == before
        await running.started(running.browser())
        assert restore_marker.read_marker(path) != before


async def test_a_code_whose_key_was_removed_expires_at_the_next_start_and_is_logged(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running_app(path) as running:
        browser = running.browser()
        code = await running.started(browser)
    async with SqliteStore.open(path, secrets=(OTHER, SECRET)):
        pass  # the data key is wrapped anew
    assert caplog.records == []
    async with SqliteStore.open(path, secrets=(OTHER,)):
        pass
    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith("1 pending codes in")
    async with SqliteStore.open(path, secrets=(SECRET, OTHER)):
        pass
    async with running_app(path) as running:
        again = moved(browser, running)
        await again.post(path_of("check_code"), {"code": code})
        assert (await open_page(again)).state == "ended"


async def test_a_code_whose_key_another_worker_lacks_is_unavailable_and_counts_no_check(path: Path) -> None:
    """Two workers whose settings differ: the page answers 503, the phone apologises."""
    async with running_app(path) as running:
        code = await running.started(running.browser(), username="bob", phone="+14155550101")
        asked = (await running.ringing_phone()).delivery
        other = structs.replace(running.verifier, keys=KeyRing((OTHER,)))
        sid = running.rows()["verifications"][0][1]
        before = running.rows()
        with pytest.raises(Unavailable, match="no longer on the ring"):
            await other.check(str(sid), code)
        with pytest.raises(Unavailable, match="no longer on the ring"):
            await other.handle_call_event(asked, provider_sid="CA2", call_input=CallInput.ANSWERED)
        assert running.rows() == before
