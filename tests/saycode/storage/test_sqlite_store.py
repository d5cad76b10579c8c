"""What SqliteStore guarantees beyond the contract of a store."""

import re
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from saycode.storage.sqlite.store import SqliteStore
from saycode.testing import build_verifier
from tests.support.engine import another_program
from tests.support.fakes import ManualClock, RecordingProvider, SeededRandomness
from tests.support.store import (
    NUMBER,
    SECRETS,
    account,
    count,
    delivery,
    event,
    put,
    session,
    verification,
)
from verification.errors import Unavailable
from verification.models import Event, State
from verification.policy import DEFAULT_POLICY
from verification.ports import ByDelivery, ByNumber, BySession, ByVerification, Changes
from verification.types import VerificationStatus

pytestmark = pytest.mark.sqlite


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.db"


async def test_a_read_does_not_wait_for_a_writer(path: Path) -> None:
    async with SqliteStore.open(path, secrets=SECRETS, patience=0.01) as store:
        await put(store, verifications=(verification(),))
        with another_program(path) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("DELETE FROM verifications")
            assert (await store.read(ByNumber(NUMBER))).verification == verification()
            with pytest.raises(Unavailable):
                await store.apply(ByVerification(verification().sid), count)


async def test_a_delivery_without_a_verification_is_refused_with_its_whole_decision(path: Path) -> None:
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        with pytest.raises(sqlite3.IntegrityError):
            await put(store, verifications=(verification(1),), deliveries=(delivery(of=2),), suppress=(NUMBER,))
        assert await store.read(ByNumber(NUMBER)) == State()


async def test_an_event_of_an_unknown_verification_is_refused(path: Path) -> None:
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        with pytest.raises(sqlite3.IntegrityError):
            await put(store, events=(event(of=2),))


async def test_a_duplicate_sid_is_refused_and_the_first_row_stays(path: Path) -> None:
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        await put(store, verifications=(verification(),), deliveries=(delivery(),))
        for rows in ({"verifications": (verification(checks=1),)}, {"deliveries": (delivery(tries=1),)}):
            with pytest.raises(sqlite3.IntegrityError):
                await put(store, **rows)
        state = await store.read(account(verification()))
        assert state == State(verification=verification(), deliveries=(delivery(),))


async def test_events_are_reported_on_the_loop_after_their_commit(path: Path) -> None:
    reported: list[Event] = []

    def hear(events: Sequence[Event]) -> None:
        assert threading.current_thread() is threading.main_thread()
        reported.extend(events)

    async with SqliteStore.open(path, secrets=SECRETS, on_events=hear, patience=0.01) as store:
        await put(store, verifications=(verification(),), events=(event(), event(detail="more")))
        with another_program(path) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unavailable):
                await put(store, events=(event(detail="lost"),))
        assert reported == await store.events(verification().sid) == [event(), event(detail="more")]


async def test_a_decision_that_wrote_nothing_runs_once(path: Path) -> None:
    made = 0

    def decide(_: State) -> Changes[int]:
        nonlocal made
        made += 1
        return Changes(result=made)

    async with SqliteStore.open(path, secrets=SECRETS) as store:
        assert await store.apply(ByNumber(NUMBER), decide) == 1


async def test_a_verification_whose_encrypted_data_was_changed_or_moved_is_hidden_and_logged_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = verification(1), verification(2)
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        await put(store, verifications=(first, second), deliveries=(delivery(),), sessions=(session(),))
        with another_program(path) as other_program:
            other_program.execute(
                "UPDATE verifications SET personal_data = (SELECT personal_data FROM verifications WHERE id = 2)"
            )
        for query in (ByVerification(first.sid), ByDelivery(delivery().sid)):
            assert await store.read(query) == State()
        assert await store.read(BySession("browser")) == State(session=session())
        assert (await store.read(ByVerification(second.sid))).verification == second
    assert [record.getMessage() for record in caplog.records] == [
        f"the encrypted details of {first.sid} cannot be decrypted; it is quarantined"
    ]


async def test_a_verification_that_cannot_be_decrypted_does_not_stop_other_requests(path: Path) -> None:
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        for n in (1, 2):
            rows = {"verifications": (verification(n),), "deliveries": (delivery(n, of=n),)}
            await put(store, **rows)
        with another_program(path) as other_program:
            other_program.execute("UPDATE verifications SET personal_data = x'00' WHERE id = 1")
        verifier = build_verifier(
            store,
            provider=RecordingProvider(),
            clock=ManualClock(verification().expires_at),
            randomness=SeededRandomness(),
            policy=DEFAULT_POLICY,
            secrets=SECRETS,
        )
        assert (await verifier.expire_overdue(), await verifier.expire_overdue()) == (2, 0)
        assert (await verifier.reconcile(), await verifier.reconcile()) == (1, 0)
        assert (await store.read(ByVerification(verification(2).sid))).verification == verification(
            2, status=VerificationStatus.EXPIRED, seed=None, ended_at=1300.0
        )
        assert (await store.apply(account(verification(1)), lambda state: Changes(result=state))).verification is None
    with another_program(path) as conn:
        assert conn.execute("SELECT status, seed FROM verifications WHERE id = 1").fetchone() == ("failed", None)


def test_every_transaction_that_may_write_begins_with_the_write_lock() -> None:
    """A transaction that reads first and writes later can be refused half-way, or decide on what is no longer so."""
    begun = {
        (path.name, begin)
        for path in (Path(__file__).parents[3] / "saycode").rglob("*.py")
        if path.parent.name != "postgresql"  # there a group begins with the lock of a row
        for begin in re.findall(r"""["'](BEGIN\b[A-Z ]*)""", path.read_text(encoding="utf-8"))
    }
    only_reads = {("audit_log.py", "BEGIN"), ("statements.py", "BEGIN")}
    only_reads |= {("statements.py", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")}
    only_reads |= {("connection.py", "BEGIN"), ("connection.py", "BEGIN IMMEDIATE")}  # PostgreSQL's, which lock a row
    assert {begin for name, begin in begun - only_reads} == {"BEGIN IMMEDIATE"}
