"""The write-ahead log is brought into the file, stays bounded, and never stops the writer."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from saycode.storage.sqlite import database
from saycode.storage.sqlite.checkpoints import Checkpointer
from saycode.storage.writer import Writer
from tests.support.engine import another_program
from tests.support.store import SECRETS, add, writing, written

pytestmark = pytest.mark.sqlite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.db"


def restarts(path: Path) -> int:
    """How often the write-ahead log began anew: a number in its header (SQLite file format, section 4.1)."""
    return int.from_bytes(Path(f"{path}-wal").read_bytes()[12:16])


async def test_the_wal_restarts_on_request(path: Path) -> None:
    async with writing(path) as writer:
        await writer.submit(add("a"))
        assert restarts(path) == 0
        writer.request_wal_restart()
        for name in ("b", "c"):  # after this group, before the next
            await writer.submit(add(name))
        assert restarts(path) == 1
        assert written(path) == ["a", "b", "c"]


async def test_a_long_read_does_not_stop_the_writer(path: Path) -> None:
    async with writing(path) as writer:
        await writer.submit(add("a"))
        with another_program(path) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM suppressions").fetchall()
            writer.request_wal_restart()
            for name in ("b", "c"):
                await asyncio.wait_for(writer.submit(add(name)), 1)
        assert written(path) == ["a", "b", "c"]


async def test_checkpoints_move_the_wal_into_the_file_while_the_writer_runs(path: Path) -> None:
    async with writing(path) as writer:
        checkpoints = Checkpointer(path, writer, interval=0.005)
        await writer.submit(add("found"))
        async with asyncio.timeout(5):
            while b"found" not in path.read_bytes():
                await asyncio.sleep(0.005)
        await asyncio.to_thread(checkpoints.close)


async def test_a_long_wal_makes_the_checkpointer_request_a_restart(path: Path) -> None:
    asked = threading.Event()

    class Watched(Writer[Any]):
        def request_wal_restart(self) -> None:
            asked.set()

    conn, _ = database.open_database(path, secrets=SECRETS, create=True, patience=1)
    writer = Watched(conn, decide=lambda _: (), patience=1, max_waiting=10)
    checkpoints = Checkpointer(path, writer, interval=0.005, max_wal_pages=0)
    await writer.submit(add("a"))
    assert await asyncio.to_thread(asked.wait, 5)
    await asyncio.to_thread(checkpoints.close)
    await writer.close()
