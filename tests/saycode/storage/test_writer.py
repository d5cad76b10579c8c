"""The one writer: groups, the failures that they survive, and the errors that it reports."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from saycode.storage.connection import Connection
from saycode.storage.writer import Writer
from tests.support.engine import another_program
from tests.support.store import Work, add, writing, written
from verification.errors import Unavailable

pytestmark = pytest.mark.sqlite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.db"


def last_error(writer: Writer[Any]) -> str | None:
    return writer.last_error  # asked through a function, or the type checker takes it for a constant


class Unusual(BaseException):
    """No Exception, and an error all the same."""


class Gate:
    """Holds the writer inside a work until it is opened."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._open = threading.Event()

    def __call__(self, conn: Connection) -> None:
        self.reached.set()
        assert self._open.wait(5)

    def open(self) -> None:
        self._open.set()


async def together(writer: Writer[Any], *works: Work, decided: bool = False) -> list[Any]:
    """The results of these works, which wait at the same time and so make one group."""
    gate, run = Gate(), writer.decide if decided else writer.submit
    held = asyncio.create_task(writer.submit(gate))
    await asyncio.to_thread(gate.reached.wait)
    asking = [asyncio.create_task(run(work)) for work in works]
    await asyncio.sleep(0)
    gate.open()
    await held
    return await asyncio.gather(*asking, return_exceptions=True)


@pytest.mark.parametrize("decided", [True, False])
async def test_all_waiting_work_is_committed_as_one_group(path: Path, decided: bool) -> None:
    async with writing(path) as writer:
        results = await together(writer, *(add(f"{n:03}") for n in range(60)), decided=decided)
        assert results == written(path) == [f"{n:03}" for n in range(60)]
        assert writer.committed_groups == 2  # the one that held the gate, and the rest


async def test_no_result_is_delivered_before_the_commit(path: Path) -> None:
    seen: list[Sequence[str]] = []

    def committed(results: Sequence[str]) -> None:
        assert written(path) == sorted(results)
        seen.append(results)

    async with writing(path, on_commit=committed) as writer:
        first = asyncio.create_task(writer.submit(add("a")))
        first.add_done_callback(lambda _: seen.append(written(path)))
        await first
        await asyncio.sleep(0)
    assert seen == [["a"], ["a"]]


async def test_what_may_take_long_never_runs_on_the_loop_and_always_on_the_same_thread(path: Path) -> None:
    async with writing(path) as writer:
        threads = {await writer.submit(lambda _: threading.get_ident()) for _ in range(3)}
        assert len(threads) == 1
        assert threads != {threading.get_ident()}
        assert await writer.decide(lambda _: threading.get_ident()) == threading.get_ident()


async def test_a_decision_is_made_in_the_context_of_none_of_those_that_wait(path: Path) -> None:
    asking = ContextVar[str]("asking", default="")
    async with writing(path) as writer:

        async def ask(name: str) -> str:
            asking.set(name)
            return str(await writer.decide(lambda _: asking.get()))

        assert await asyncio.gather(*map(ask, "ab")) == ["", ""]


async def test_the_loop_runs_while_the_disk_is_waited_for(path: Path) -> None:
    async with writing(path) as writer:
        gate = Gate()
        held = asyncio.create_task(writer.submit(gate))
        await asyncio.to_thread(gate.reached.wait)
        asking = asyncio.create_task(writer.decide(add("a")))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not asking.done()
        gate.open()
        assert await asking == "a"
        await held


@pytest.mark.parametrize("decided", [True, False])
@pytest.mark.parametrize("error", [KeyError("reason"), sqlite3.IntegrityError("reason"), Unusual()], ids=repr)
async def test_work_that_raises_after_it_wrote_is_rolled_back_alone(
    path: Path, error: BaseException, decided: bool
) -> None:
    async with writing(path) as writer:
        results = await together(writer, add("a"), add("b", then=error), add("c"), decided=decided)
        assert results == ["a", error, "c"]
        assert written(path) == ["a", "c"]
        assert last_error(writer) is None


@pytest.mark.parametrize("decided", [True, False])
async def test_a_row_that_a_constraint_refuses_does_not_affect_other_work(path: Path, decided: bool) -> None:
    async with writing(path) as writer:
        first, duplicate, second = await together(writer, add("a"), add("a"), add("b"), decided=decided)
        assert (first, second) == ("a", "b")
        assert isinstance(duplicate, sqlite3.IntegrityError)
        assert written(path) == ["a", "b"]


async def test_an_error_that_asyncio_reserves_is_still_raised(path: Path) -> None:
    async with writing(path) as writer:
        with pytest.raises(RuntimeError, match="StopIteration"):
            await writer.submit(add("a", then=StopIteration()))
        assert await writer.submit(add("b")) == "b"


async def test_a_lock_of_another_program_fails_all_waiting_work_and_writes_nothing(path: Path) -> None:
    async with writing(path, patience=0.05) as writer:
        with another_program(path) as other:
            other.execute("BEGIN IMMEDIATE")
            asking = [asyncio.create_task(writer.submit(add(f"{n:03}"))) for n in range(300)]
            # More than one group: if only the first failed, the rest would be written now.
            asking[0].add_done_callback(lambda _: other.execute("ROLLBACK"))
            results = await asyncio.gather(*asking, return_exceptions=True)
            assert all(isinstance(result, Unavailable) for result in results)
            assert last_error(writer) == "database is locked"
        assert written(path) == []


async def test_the_writer_recovers_when_a_lock_has_ended(path: Path) -> None:
    async with writing(path, patience=0.01) as writer:
        with another_program(path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable):
                await writer.submit(add("a"))
        assert await writer.submit(add("b")) == "b"
        assert last_error(writer) is None
        assert written(path) == ["b"]


async def test_a_lock_that_ends_in_time_is_waited_for(path: Path) -> None:
    async with writing(path, patience=5) as writer:
        with another_program(path) as other:
            other.execute("BEGIN IMMEDIATE")
            asking = asyncio.create_task(writer.submit(add("a")))
            await asyncio.sleep(0.02)
            assert not asking.done()
            other.execute("COMMIT")
            assert await asking == "a"


async def test_a_commit_that_fails_delivers_no_result(path: Path) -> None:
    async with writing(path) as writer:

        def violate_foreign_key(conn: Connection) -> str:
            conn.execute("PRAGMA defer_foreign_keys = ON")  # so that the COMMIT itself fails
            conn.execute("INSERT INTO account_numbers VALUES (7, x'00', 0, x'00')")
            return "never delivered"

        results = await together(writer, add("a"), violate_foreign_key, add("b"))
        assert all(isinstance(result, Unavailable) for result in results)
        assert written(path) == []
        assert await writer.submit(add("c")) == "c"
        assert written(path) == ["c"]


async def test_a_full_disk_fails_the_group_and_the_writer_recovers(path: Path) -> None:
    def pages(limit: int) -> Work:
        return lambda conn: conn.execute(f"PRAGMA max_page_count = {limit}").fetchall()

    def fill(conn: Connection) -> None:
        for n in range(40):
            conn.execute("INSERT INTO sessions VALUES (NULL, ?, '', '', 0, 0, NULL, zeroblob(4000))", (str(n),))

    async with writing(path) as writer:
        await writer.submit(pages(40))
        for decided in (False, True):
            results = await together(writer, add("a"), fill, add("b"), decided=decided)
            assert all(isinstance(result, Unavailable) for result in results)
            assert last_error(writer) == "database or disk is full"
            assert written(path) == []
        await writer.submit(pages(4000))
        assert await together(writer, fill, add("c")) == [None, "c"]
        assert last_error(writer) is None
        assert written(path) == ["c"]


async def test_work_beyond_the_queue_limit_is_refused_at_once(path: Path) -> None:
    async with writing(path, max_waiting=3) as writer:
        results = await together(writer, *(add(f"{n}") for n in range(5)))
        assert results[:3] == ["0", "1", "2"]
        assert all(isinstance(result, Unavailable) for result in results[3:])
        assert written(path) == ["0", "1", "2"]


async def test_closing_commits_waiting_work_and_refuses_more(path: Path) -> None:
    async with writing(path) as writer:
        asking = [asyncio.create_task(writer.submit(add(f"{n:03}"))) for n in range(600)]
        await asyncio.sleep(0)
        await writer.close()
        assert await asyncio.gather(*asking) == written(path) == [f"{n:03}" for n in range(600)]
        with pytest.raises(Unavailable):
            await writer.submit(add("late"))
