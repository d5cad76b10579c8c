"""Opening the database: it is created, or refused with a message that says how to fix it."""

import asyncio
import os
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from saycode.storage.connection import DatabaseUnusable
from saycode.storage.sqlite import migrations
from saycode.storage.sqlite.database import open_database
from saycode.storage.sqlite.store import SqliteStore
from tests.support.store import NUMBER, SECRETS, in_two_processes, put


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.db"


def opened(path: Path, **more: Any) -> bool:
    """Open it and close it again; whether that worked, or DatabaseUnusable."""

    async def work() -> None:
        async with SqliteStore.open(path, secrets=SECRETS, **more):
            pass

    asyncio.run(work())
    return True


def spoil(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for statement in statements:
            conn.execute(statement)


def query(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as conn:
        return [value for (value,) in conn.execute(sql)]


@contextmanager
def powerless() -> Iterator[None]:
    """Without the rights of the superuser, who may do everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def public_folder() -> Iterator[Path]:
    """A folder that others reach; the superuser's own temporary folders are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


def test_an_absent_file_is_created_and_only_its_owner_may_read_it(path: Path) -> None:
    modes = {}

    async def work() -> None:
        async with SqliteStore.open(path, secrets=SECRETS) as store:
            await put(store, suppress=(NUMBER,))
            modes.update({file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()})

    asyncio.run(work())
    assert modes == {f"codes.db{end}": 0o600 for end in ("", "-wal", "-shm", "-mark")}


def test_after_a_shutdown_there_is_one_file_and_its_restore_marker(path: Path) -> None:
    opened(path)
    assert sorted(file.name for file in path.parent.iterdir()) == ["codes.db", "codes.db-mark"]


def test_any_file_name_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "odd %41?mode=ro#name.db"
    assert opened(path)
    assert path.exists()


def test_a_relative_path_means_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert opened(Path("codes.db"))
    assert (tmp_path / "codes.db").exists()


def test_the_database_uses_a_wal_and_every_commit_waits_for_the_disk(path: Path) -> None:
    conn, _ = open_database(path, secrets=SECRETS, create=True, patience=1)
    with closing(conn):
        names = ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint", "secure_delete")
        assert [conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names] == ["wal", 2, 1, 0, 1]


def test_workers_that_start_at_once_all_succeed_and_share_one_key(tmp_path: Path) -> None:
    for n in range(6):
        path = tmp_path / f"{n}.db"
        start = threading.Barrier(4)

        def begin(path: Path = path, start: threading.Barrier = start) -> bool:
            start.wait(5)
            return opened(path, patience=5)

        with ThreadPoolExecutor(4) as pool:
            assert all(future.result() for future in [pool.submit(begin) for _ in range(4)])
        assert query(path, "SELECT count(*) FROM data_key") == [1]


def test_tables_that_another_worker_creates_are_not_taken_for_another_programs(path: Path) -> None:
    class Racing(Database):
        def table_names(self, *options: Any, **more: Any) -> list[str]:
            names = super().table_names(*options, **more)
            opened(path)  # the other worker, between our first look and the second
            return names

    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = WAL").fetchall()
        migrations.check_schema(Racing(conn))


def test_a_program_that_writes_while_the_journal_mode_changes_is_waited_for(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        soon = threading.Timer(0.05, other.execute, ["COMMIT"])
        soon.start()
        assert opened(path, patience=5)
        soon.join()


def test_two_processes_that_start_at_once_both_succeed(path: Path) -> None:
    assert in_two_processes(opened, path) == [True, True]


def test_an_absent_file_is_refused_when_none_may_be_created(path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"does not exist and SAYCODE_DATABASE_CREATE is no"):
        opened(path, create=False)
    assert not path.exists()


def test_an_empty_file_is_refused_when_none_may_be_created(path: Path) -> None:
    path.touch()
    with pytest.raises(DatabaseUnusable, match=r"is empty and SAYCODE_DATABASE_CREATE is no"):
        opened(path, create=False)
    assert path.read_bytes() == b""


def test_an_existing_file_opens_when_none_may_be_created(path: Path) -> None:
    opened(path)
    assert opened(path, create=False)


def make_folder(path: Path) -> None:
    path.mkdir()


def make_text(path: Path) -> None:
    path.write_text("This is no database. " * 100)


def make_short_text(path: Path) -> None:
    path.write_text("short")


def make_newer(path: Path) -> None:
    opened(path)
    spoil(path, "INSERT INTO _sqlite_migrations VALUES (99, 'saycode', 'make_something_new', '2099')")


def make_unreleased(path: Path) -> None:
    """As a version before the first release has written it."""
    opened(path)
    spoil(path, "UPDATE _sqlite_migrations SET name = 'make_verifications' WHERE name = 'create_first_schema'")


def make_foreign(path: Path) -> None:
    spoil(path, "CREATE TABLE customers (name TEXT)", "INSERT INTO customers VALUES ('Acme')")


def make_damaged(path: Path) -> None:
    opened(path)
    pages = bytearray(path.read_bytes())
    for page in range(1, len(pages) // 4096):
        pages[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(pages)


def make_damaged_index(path: Path) -> None:
    opened(path)
    (page,) = query(path, "SELECT rootpage FROM sqlite_master WHERE name = 'pending_deadlines'")
    pages = bytearray(path.read_bytes())
    pages[(page - 1) * 4096 : (page - 1) * 4096 + 64] = b"\xff" * 64
    path.write_bytes(pages)


def make_cut(path: Path) -> None:
    opened(path)
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (make_folder, r"is not a file: fix SAYCODE_DATABASE_URL"),
        (make_text, r"is not an SQLite database: fix SAYCODE_DATABASE_URL, or restore a backup"),
        (make_short_text, r"is not an SQLite database"),
        (make_newer, r"made by a newer Saycode \(it has make_something_new\): install that version again"),
        (make_foreign, r"is the database of another program"),
        (make_unreleased, r"or of a Saycode before its first release, which cannot be upgraded"),
        (make_damaged, r"is damaged \(.*\): restore a backup"),
        (make_damaged_index, r"is damaged \(.*\): restore a backup"),
        (make_cut, r"is damaged \(.*\): restore a backup"),
    ],
)
def test_an_unusable_file_is_refused_and_left_unchanged(
    path: Path, make: Callable[[Path], None], sentence: str
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(DatabaseUnusable, match=sentence) as caught:
        opened(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_an_absent_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"folder of .* does not exist: make it"):
        opened(tmp_path / "absent" / "codes.db")


def test_a_file_that_may_not_be_written_is_refused() -> None:
    with public_folder() as folder:
        path = folder / "codes.db"
        opened(path)
        path.chmod(0o444)
        with powerless(), pytest.raises(DatabaseUnusable, match=r"may not be read and written by this user"):
            opened(path)


def test_a_restore_marker_that_may_not_be_written_is_refused() -> None:
    with public_folder() as folder:
        path = folder / "codes.db"
        opened(path)
        path.chmod(0o666)
        (folder / "codes.db-mark").chmod(0o444)
        with powerless(), pytest.raises(DatabaseUnusable, match=r"codes\.db-mark may not be read and written"):
            opened(path)


def test_a_folder_that_may_not_be_written_is_refused() -> None:
    with public_folder() as folder:
        path = folder / "codes.db"
        opened(path)
        path.chmod(0o666)
        folder.chmod(0o555)
        with powerless(), pytest.raises(DatabaseUnusable, match=r"folder of .* may not be written by this user"):
            opened(path)
        folder.chmod(0o777)


def test_a_file_that_another_program_has_locked_is_refused_after_a_while(path: Path) -> None:
    opened(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnusable, match=r"is locked by another program"):
            opened(path, patience=0.05)
    assert opened(path)
