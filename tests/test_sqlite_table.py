"""What the code table on SQLite promises beyond the contract."""

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from saycode.table import SqliteTable
from tests.table_support import NUMBER, SECRETS, account, another_program, count, delivery, event, put, verification
from verification.errors import Unavailable
from verification.ports import Decision, OfNumber, OfVerification
from verification.records import Case, Event


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.db"


async def test_a_read_does_not_wait_for_a_writer(path: Path) -> None:
    async with SqliteTable.open(path, secrets=SECRETS, patience=0.01) as table:
        await put(table, verifications=(verification(),))
        with another_program(path) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("DELETE FROM verifications")
            assert (await table.read(OfNumber(NUMBER))).verification == verification()
            with pytest.raises(Unavailable):
                await table.apply(OfVerification(verification().sid), count)


async def test_a_delivery_of_no_verification_is_refused_and_nothing_of_its_decision_stays(path: Path) -> None:
    async with SqliteTable.open(path, secrets=SECRETS) as table:
        with pytest.raises(sqlite3.IntegrityError):
            await put(table, verifications=(verification(1),), deliveries=(delivery(of=2),), suppress=(NUMBER,))
        assert await table.read(OfNumber(NUMBER)) == Case()


async def test_an_event_of_no_verification_is_refused(path: Path) -> None:
    async with SqliteTable.open(path, secrets=SECRETS) as table:
        with pytest.raises(sqlite3.IntegrityError):
            await put(table, events=(event(of=2),))


async def test_a_sid_that_is_taken_is_refused_and_its_row_stays(path: Path) -> None:
    async with SqliteTable.open(path, secrets=SECRETS) as table:
        await put(table, verifications=(verification(),), deliveries=(delivery(),))
        for rows in ({"verifications": (verification(checks=1),)}, {"deliveries": (delivery(tries=1),)}):
            with pytest.raises(sqlite3.IntegrityError):
                await put(table, **rows)
        case = await table.read(account(verification()))
        assert case == Case(verification=verification(), deliveries=(delivery(),))


async def test_events_are_told_on_the_loop_after_their_commit_and_only_then(path: Path) -> None:
    told: list[Event] = []

    def hear(events: Sequence[Event]) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.extend(events)

    async with SqliteTable.open(path, secrets=SECRETS, on_events=hear, patience=0.01) as table:
        await put(table, verifications=(verification(),), events=(event(), event(detail="more")))
        with another_program(path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable):
                await put(table, events=(event(detail="lost"),))
        assert told == await table.events(verification().sid) == [event(), event(detail="more")]


async def test_a_decision_that_wrote_nothing_is_made_once(path: Path) -> None:
    made = 0

    def decide(_: Case) -> Decision[int]:
        nonlocal made
        made += 1
        return Decision(verdict=made)

    async with SqliteTable.open(path, secrets=SECRETS) as table:
        assert await table.apply(OfNumber(NUMBER), decide) == 1
