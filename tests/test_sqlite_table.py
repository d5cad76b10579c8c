"""What the code table on SQLite promises beyond the contract."""

import re
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from saycode.table import SqliteTable
from tests.fakes import ManualClock, RecordingCarrier, SeededRandomness
from tests.table_support import (
    NUMBER,
    SECRETS,
    account,
    another_program,
    count,
    delivery,
    event,
    put,
    session,
    verification,
)
from verification.codes import KeyRing
from verification.errors import Unavailable
from verification.policy import SEED
from verification.ports import Decision, OfDelivery, OfNumber, OfSession, OfVerification
from verification.records import Case, Event
from verification.service import Service
from verification.states import VerificationStatus


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


async def test_a_verification_whose_details_were_changed_or_moved_is_no_longer_there_and_says_so_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = verification(1), verification(2)
    async with SqliteTable.open(path, secrets=SECRETS) as table:
        await put(table, verifications=(one, other), deliveries=(delivery(),), sessions=(session(),))
        with another_program(path) as other_program:
            other_program.execute("UPDATE verifications SET person = (SELECT person FROM verifications WHERE id = 2)")
        for subject in (OfVerification(one.sid), OfDelivery(delivery().sid)):
            assert await table.read(subject) == Case()
        assert await table.read(OfSession("browser")) == Case(session=session())
        assert (await table.read(OfVerification(other.sid))).verification == other
    assert [record.getMessage() for record in caplog.records] == [
        f"the sealed details of {one.sid} do not open; it is set aside"
    ]


async def test_a_verification_whose_details_do_not_open_keeps_nobody_from_being_served(path: Path) -> None:
    async with SqliteTable.open(path, secrets=SECRETS) as table:
        for n in (1, 2):
            rows = {"verifications": (verification(n),), "deliveries": (delivery(n, of=n),)}
            await put(table, **rows)
        with another_program(path) as other_program:
            other_program.execute("UPDATE verifications SET person = x'00' WHERE id = 1")
        service = Service(
            table=table,
            carrier=RecordingCarrier(),
            clock=ManualClock(verification().expires_at),
            randomness=SeededRandomness(),
            policy=SEED,
            keys=KeyRing(SECRETS),
        )
        assert (await service.sweep(), await service.sweep()) == (2, 0)
        assert (await service.settle(), await service.settle()) == (1, 0)
        assert (await table.read(OfVerification(verification(2).sid))).verification == verification(
            2, status=VerificationStatus.EXPIRED, seed=None, ended_at=1300.0
        )
        assert (await table.apply(account(verification(1)), lambda case: Decision(verdict=case))).verification is None
    with another_program(path) as conn:
        assert conn.execute("SELECT status, seed FROM verifications WHERE id = 1").fetchone() == ("failed", None)


def test_every_transaction_that_may_write_begins_as_one() -> None:
    """A transaction that reads first and writes later can be refused half-way, or decide on what is no longer so."""
    begun = {
        (path.name, begin)
        for path in (Path(__file__).parent.parent / "saycode").rglob("*.py")
        for begin in re.findall(r"""["'](BEGIN\b[A-Z ]*)""", path.read_text(encoding="utf-8"))
    }
    only_reads = {("trail.py", "BEGIN")}
    assert {begin for name, begin in begun - only_reads} == {"BEGIN IMMEDIATE"}
