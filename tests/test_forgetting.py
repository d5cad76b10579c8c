"""What is kept no longer than needed: details, audit lines, and the rows that only matter for a time."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from saycode import forgetting, schema
from saycode.forgetting import STALE, Forgetting
from saycode.table import SqliteTable
from tests.fakes import ManualClock
from tests.table_support import NUMBER, SECRETS, delivery, event, put, session, verification
from verification.counted import Failures
from verification.counts import Failed, Sent
from verification.keeping import DAY, Keep, due
from verification.limits import Scope, Who
from verification.records import EventKind, Pause
from verification.states import VerificationStatus

T = 1_800_000_000.0
#: Every table, and how long its rows are kept. A new table has to be thought about here.
KEPT = {
    "until details are due": {"verifications", "deliveries"},
    "until the audit trail is due": {"events"},
    "while they matter": {stale.table for stale in STALE},
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
async def table(tmp_path: Path) -> AsyncIterator[SqliteTable]:
    async with SqliteTable.open(tmp_path / "codes.db", secrets=SECRETS) as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T)


@pytest.fixture
def chore(table: SqliteTable, clock: ManualClock) -> Forgetting:
    return Forgetting(table, Keep(details=2, audit=5), clock.now)


def count(table: SqliteTable, name: str) -> int:
    return table.ask(lambda conn: int(conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0]))


async def end_some(table: SqliteTable, *numbers: int, at: float = T) -> None:
    """So many ended verifications with a delivery and an event each."""
    for n in numbers:
        await put(
            table,
            verifications=(verification(n, status=VerificationStatus.EXPIRED, seed=None, ended_at=at),),
            deliveries=(delivery(n, of=n),),
            events=(event(n, EventKind.EXPIRED, at=at),),
        )


def test_every_table_is_kept_for_a_time_that_somebody_chose() -> None:
    with Database(memory=True, execute_plugins=False) as db:
        schema.migrate(db)
        assert {name for name in db.table_names() if not name.startswith("sqlite_")} <= set().union(*KEPT.values())


@pytest.mark.parametrize(("details", "audit"), [(0, 5), (6, 5), (1, 367), (367, 367)])
def test_times_out_of_bounds_are_refused(details: int, audit: int) -> None:
    with pytest.raises(ValueError, match="days at most"):
        Keep(details=details, audit=audit)


def test_what_is_due_is_counted_in_days() -> None:
    found = due(Keep(details=30, audit=365), now=T)
    assert (found.details, found.audit, found.counters) == (T - 30 * DAY, T - 365 * DAY, T - 31 * DAY)


async def test_details_go_when_their_time_is_over_and_not_before(
    table: SqliteTable, chore: Forgetting, clock: ManualClock
) -> None:
    await end_some(table, 1, 2)
    clock.advance(2 * DAY)
    assert await chore.forget() == {}
    clock.advance(1)
    await end_some(table, 3, at=clock.now())
    assert await chore.forget() == {"verifications": 2}
    assert (count(table, "verifications"), count(table, "deliveries"), count(table, "events")) == (1, 1, 3)


async def test_a_line_of_the_audit_trail_outlives_what_it_is_about_and_the_trail_still_holds(
    table: SqliteTable, chore: Forgetting, clock: ManualClock
) -> None:
    await end_some(table, 1)
    clock.advance(2 * DAY + 1)
    await chore.forget()
    (line,) = table.ask(lambda conn: list(table.trail.lines(conn)))
    assert (line.kind, line.verification) == ("expired", verification(1).sid)
    assert table.ask(table.trail.inspect).broken is None
    clock.advance(3 * DAY)
    await put(table, events=(event(0, verification="", at=clock.now()),))
    assert await chore.forget() == {"events": 1}
    found = table.ask(table.trail.inspect)
    assert (found.lines, found.broken) == (1, None)


async def test_what_is_pending_is_never_forgotten(table: SqliteTable, chore: Forgetting, clock: ManualClock) -> None:
    await put(table, verifications=(verification(),))
    clock.advance(50 * DAY)
    assert await chore.forget() == {}


async def test_many_rows_go_in_one_round_and_none_in_a_long_transaction(
    table: SqliteTable, chore: Forgetting, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 3)
    await end_some(table, *range(1, 12))
    clock.advance(2 * DAY + 1)
    sizes: list[int] = []
    removing = forgetting._removing

    def measured(statement: str, keys: Sequence[tuple[Any, ...]]) -> Callable[[sqlite3.Connection], None]:
        sizes.append(len(keys))
        return removing(statement, keys)

    monkeypatch.setattr(forgetting, "_removing", measured)
    assert await chore.forget() == {"verifications": 11}
    assert sizes == [3, 3, 3, 2]


async def test_sessions_pauses_and_counts_go_once_they_are_over(
    table: SqliteTable, chore: Forgetting, clock: ManualClock
) -> None:
    await put(
        table,
        sessions=(session("old", expires_at=T), session("new", expires_at=T + 40 * DAY)),
        pauses=(Pause(number=NUMBER, until=T),),
        counted=tuple(Sent(Who(Scope.NUMBER, f"+12025550{n:03}"), T + n, kept=9) for n in range(30)),
    )
    clock.advance(DAY + 1)
    assert await chore.forget() == {"sessions": 1, "pauses": 1}
    clock.advance(30 * DAY + 9)
    assert await chore.forget() == {"counted": 10}
    assert (count(table, "sessions"), count(table, "pauses"), count(table, "counted")) == (1, 0, 20)


@pytest.mark.parametrize(("audit", "days"), [(5, 31), (100, 100)])
async def test_wrong_codes_in_a_row_are_remembered_as_long_as_the_audit_trail_and_as_other_counters(
    table: SqliteTable, clock: ManualClock, audit: int, days: int
) -> None:
    chore = Forgetting(table, Keep(details=2, audit=audit), clock.now)
    await put(table, counted=(Failed(Who(Scope.ACCOUNT, "ada"), Failures(9, T)),))
    clock.advance(days * DAY)
    assert await chore.forget() == {}
    clock.advance(1)
    assert await chore.forget() == {"counted": 1}


async def test_a_step_looks_at_so_many_rows_and_no_more_whatever_it_looks_for(
    table: SqliteTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has typed a wrong code: looking for one must not read the whole table while requests wait."""
    monkeypatch.setattr(forgetting, "STEP", 10)
    await put(table, counted=tuple(Sent(Who(Scope.NUMBER, f"new {n}"), T, kept=9) for n in range(25)))
    for stale in (one for one in forgetting.STALE if one.table == "counted"):
        with closing(sqlite3.connect(tmp_path / "codes.db")) as conn:
            assert len(conn.execute(stale.look, (b"",)).fetchall()) == 10


async def test_the_walk_goes_round_a_large_table_step_by_step(
    table: SqliteTable, chore: Forgetting, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "STEP", 10)
    fresh = tuple(Sent(Who(Scope.NUMBER, f"new {n}"), T + 40 * DAY, kept=9) for n in range(25))
    await put(table, counted=(*fresh, Sent(Who(Scope.NUMBER, "old"), T, kept=9)))
    clock.advance(40 * DAY)
    rounds = [await chore.forget() for _ in range(4)]
    assert [bool(one) for one in rounds].count(True) == 1
    assert count(table, "counted") == 25


async def test_what_was_forgotten_is_in_no_byte_of_the_file(
    table: SqliteTable, chore: Forgetting, clock: ManualClock, tmp_path: Path
) -> None:
    await end_some(table, *range(1, 60))
    with closing(sqlite3.connect(tmp_path / "codes.db")) as conn:
        seals = [person for (person,) in conn.execute("SELECT person FROM verifications")]
    clock.advance(2 * DAY + 1)
    while await chore.forget():
        pass
    assert table.empty_log()
    left = (tmp_path / "codes.db").read_bytes()
    assert [seal for seal in seals if seal in left] == []
    assert table.sealer.number_hash(NUMBER.e164) not in left
