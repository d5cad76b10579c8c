"""What is kept no longer than needed: details, audit lines, and the rows that only matter for a time."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from saycode.maintenance import retention
from saycode.maintenance.retention import EXPIRING_TABLES, RetentionJob
from saycode.storage import migrations
from saycode.storage.store import SqliteStore
from tests.support.fakes import ManualClock
from tests.support.store import NUMBER, SECRETS, delivery, event, put, session, verification
from verification.counters.counter import DAY, Failures
from verification.counters.rules import LimitKey
from verification.counters.updates import AddSend, SetFailures
from verification.models import EventKind, NumberPause
from verification.policy import Retention, retention_cutoffs
from verification.types import Scope, VerificationStatus

T = 1_800_000_000.0
#: Every table, and how long its rows are kept. A new table has to be thought about here.
KEPT = {
    "until details are due": {"verifications", "deliveries"},
    "until the audit trail is due": {"events"},
    "while they matter": {stale.table for stale in EXPIRING_TABLES},
    "until told, which is at once": {"notices"},
    "for a day, by whoever reads them": {"answers"},
    "until told, or a day and an hour": {"outbox"},
    "a day, in which a start may be asked for again": {"answers"},
    "until somebody removes them": {"accounts", "account_numbers", "services", "keys", "suppressions", "event_targets"},
    "for good, a row or two": {"data_key", "mark", "trail_ends", "totals", "twilio_cursor", "_sqlite_migrations"},
    "until Twilio has removed its own record": {"twilio_records"},
    "so many, however old": {"news"},
}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with SqliteStore.open(tmp_path / "codes.db", secrets=SECRETS) as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T)


@pytest.fixture
def chore(store: SqliteStore, clock: ManualClock) -> RetentionJob:
    return RetentionJob(store, Retention(details=2, audit=5), clock.now)


def count(store: SqliteStore, name: str) -> int:
    return store.ask(lambda conn: int(conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0]))


async def end_some(store: SqliteStore, *numbers: int, at: float = T) -> None:
    """So many ended verifications with a delivery and an event each."""
    for n in numbers:
        await put(
            store,
            verifications=(verification(n, status=VerificationStatus.EXPIRED, seed=None, ended_at=at),),
            deliveries=(delivery(n, of=n),),
            events=(event(n, EventKind.EXPIRED, at=at),),
        )


def test_every_table_is_kept_for_a_time_that_somebody_chose() -> None:
    with Database(memory=True, execute_plugins=False) as db:
        migrations.migrate(db)
        assert {name for name in db.table_names() if not name.startswith("sqlite_")} <= set().union(*KEPT.values())


@pytest.mark.parametrize(("details", "audit"), [(0, 5), (6, 5), (1, 367), (367, 367)])
def test_times_out_of_bounds_are_refused(details: int, audit: int) -> None:
    with pytest.raises(ValueError, match="days at most"):
        Retention(details=details, audit=audit)


def test_what_is_due_is_counted_in_days() -> None:
    found = retention_cutoffs(Retention(details=30, audit=365), now=T)
    assert (found.details, found.audit, found.counters) == (T - 30 * DAY, T - 365 * DAY, T - 31 * DAY)


async def test_details_go_when_their_time_is_over_and_not_before(
    store: SqliteStore, chore: RetentionJob, clock: ManualClock
) -> None:
    await end_some(store, 1, 2)
    clock.advance(2 * DAY)
    assert await chore.forget() == {}
    clock.advance(1)
    await end_some(store, 3, at=clock.now())
    assert await chore.forget() == {"verifications": 2}
    assert (count(store, "verifications"), count(store, "deliveries"), count(store, "events")) == (1, 1, 3)


async def test_a_line_of_the_audit_trail_outlives_what_it_is_about_and_the_trail_still_holds(
    store: SqliteStore, chore: RetentionJob, clock: ManualClock
) -> None:
    await end_some(store, 1)
    clock.advance(2 * DAY + 1)
    await chore.forget()
    (line,) = store.ask(lambda conn: list(store.trail.lines(conn)))
    assert (line.kind, line.verification) == ("expired", verification(1).sid)
    assert store.ask(store.trail.inspect).broken is None
    clock.advance(3 * DAY)
    await put(store, events=(event(0, verification="", at=clock.now()),))
    assert await chore.forget() == {"events": 1}
    found = store.ask(store.trail.inspect)
    assert (found.lines, found.broken) == (1, None)


async def test_what_is_pending_is_never_forgotten(store: SqliteStore, chore: RetentionJob, clock: ManualClock) -> None:
    await put(store, verifications=(verification(),))
    clock.advance(50 * DAY)
    assert await chore.forget() == {}


async def test_many_rows_go_in_one_round_and_none_in_a_long_transaction(
    store: SqliteStore, chore: RetentionJob, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "DELETE_BATCH", 3)
    await end_some(store, *range(1, 12))
    clock.advance(2 * DAY + 1)
    sizes: list[int] = []
    removing = retention._delete_rows

    def measured(statement: str, keys: Sequence[tuple[Any, ...]]) -> Callable[[sqlite3.Connection], None]:
        sizes.append(len(keys))
        return removing(statement, keys)

    monkeypatch.setattr(retention, "_delete_rows", measured)
    assert await chore.forget() == {"verifications": 11}
    assert sizes == [3, 3, 3, 2]


async def test_sessions_pauses_and_counts_go_once_they_are_over(
    store: SqliteStore, chore: RetentionJob, clock: ManualClock
) -> None:
    await put(
        store,
        sessions=(session("old", expires_at=T), session("new", expires_at=T + 40 * DAY)),
        pauses=(NumberPause(number=NUMBER, until=T),),
        counted=tuple(AddSend(LimitKey(Scope.NUMBER, f"+12025550{n:03}"), T + n, kept=9) for n in range(30)),
    )
    clock.advance(DAY + 1)
    assert await chore.forget() == {"sessions": 1, "pauses": 1}
    clock.advance(30 * DAY + 9)
    assert await chore.forget() == {"counted": 10}
    assert (count(store, "sessions"), count(store, "pauses"), count(store, "counted")) == (1, 0, 20)


@pytest.mark.parametrize(("audit", "days"), [(5, 31), (100, 100)])
async def test_wrong_codes_in_a_row_are_remembered_as_long_as_the_audit_trail_and_as_other_counters(
    store: SqliteStore, clock: ManualClock, audit: int, days: int
) -> None:
    chore = RetentionJob(store, Retention(details=2, audit=audit), clock.now)
    await put(store, counted=(SetFailures(LimitKey(Scope.ACCOUNT, "ada"), Failures(9, T)),))
    clock.advance(days * DAY)
    assert await chore.forget() == {}
    clock.advance(1)
    assert await chore.forget() == {"counted": 1}


async def test_a_step_looks_at_so_many_rows_and_no_more_whatever_it_looks_for(
    store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has typed a wrong code: looking for one must not read the whole table while requests wait."""
    monkeypatch.setattr(retention, "SCAN_STEP", 10)
    await put(store, counted=tuple(AddSend(LimitKey(Scope.NUMBER, f"new {n}"), T, kept=9) for n in range(25)))
    for stale in (one for one in retention.EXPIRING_TABLES if one.table == "counted"):
        with closing(sqlite3.connect(tmp_path / "codes.db")) as conn:
            assert len(conn.execute(stale.look, (b"",)).fetchall()) == 10


async def test_the_walk_goes_round_a_large_table_step_by_step(
    store: SqliteStore, chore: RetentionJob, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SCAN_STEP", 10)
    fresh = tuple(AddSend(LimitKey(Scope.NUMBER, f"new {n}"), T + 40 * DAY, kept=9) for n in range(25))
    await put(store, counted=(*fresh, AddSend(LimitKey(Scope.NUMBER, "old"), T, kept=9)))
    clock.advance(40 * DAY)
    rounds = [await chore.forget() for _ in range(4)]
    assert [bool(one) for one in rounds].count(True) == 1
    assert count(store, "counted") == 25


async def test_what_was_forgotten_is_in_no_byte_of_the_file(
    store: SqliteStore, chore: RetentionJob, clock: ManualClock, tmp_path: Path
) -> None:
    await end_some(store, *range(1, 60))
    with closing(sqlite3.connect(tmp_path / "codes.db")) as conn:
        seals = [person for (person,) in conn.execute("SELECT person FROM verifications")]
    clock.advance(2 * DAY + 1)
    while await chore.forget():
        pass
    assert store.truncate_wal()
    left = (tmp_path / "codes.db").read_bytes()
    assert [seal for seal in seals if seal in left] == []
    assert store.cipher.number_hash(NUMBER.e164) not in left
