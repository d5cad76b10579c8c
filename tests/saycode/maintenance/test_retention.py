"""Retention: details, audit entries and expiring rows are deleted when their time is over."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlite_utils import Database

from saycode.maintenance import retention
from saycode.maintenance.retention import EXPIRING_TABLES, RetentionJob
from saycode.storage.connection import Connection
from saycode.storage.metric_totals import ADD_HOURLY, HOUR
from saycode.storage.sqlite import migrations
from saycode.storage.store import SqlStore
from tests.support.engine import another_program, open_store
from tests.support.fakes import ManualClock
from tests.support.store import NUMBER, SECRETS, delivery, event, put, session, verification
from verification.counters.counter import DAY, AddSend, Failures, LimitKey, SetFailures
from verification.models import EventKind, NumberPause
from verification.policy import Retention, retention_cutoffs
from verification.types import Scope, VerificationStatus

T = 1_800_000_000.0
#: Every table, by how long its rows are kept. A new table needs an entry.
RETENTION = {
    "until the retention time of details is over": {"verifications", "deliveries"},
    "until the retention time of the audit log is over": {"events", "audit_log_closed"},
    "for a limited time, of no use after it": {table.table for table in EXPIRING_TABLES},
    "until sent, a day at most while the service runs": {"notices"},
    "for a day; deleted by later requests": {"idempotency_keys"},
    "until delivered, a day and an hour at most": {"outbox", "alert_messages"},
    "until the alert is resolved": {"alert_states"},
    "until the operator removes them": {
        *("accounts", "account_numbers", "services", "api_keys", "suppressions", "event_targets"),
        "openid_clients",
        "operators",
    },
    "for good, a row or two": {
        *("data_key", "restore_marker", "audit_log_ends", "metric_totals", "twilio_cursor", "_sqlite_migrations"),
    },
    "until Twilio has removed its own record": {"twilio_records"},
    "a fixed number, however old": {"changes"},
}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(T)


@pytest.fixture
def job(store: SqlStore, clock: ManualClock) -> RetentionJob:
    return RetentionJob(store, Retention(details=2, audit=5), clock.now)


async def count(store: SqlStore, name: str) -> int:
    return await store.query(lambda conn: int(conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0]))


async def end_some(store: SqlStore, *numbers: int, at: float = T) -> None:
    """So many ended verifications with a delivery and an event each."""
    for n in numbers:
        await put(
            store,
            verifications=(verification(n, status=VerificationStatus.EXPIRED, seed=None, ended_at=at),),
            deliveries=(delivery(n, of=n),),
            events=(event(n, EventKind.EXPIRED, at=at),),
        )


def test_every_table_has_a_retention_rule() -> None:
    with Database(memory=True, execute_plugins=False) as db:
        migrations.migrate(db)
        assert {name for name in db.table_names() if not name.startswith("sqlite_")} <= set().union(*RETENTION.values())


@pytest.mark.parametrize(("details", "audit"), [(0, 5), (6, 5), (1, 367), (367, 367)])
def test_times_out_of_bounds_are_refused(details: int, audit: int) -> None:
    with pytest.raises(ValueError, match="at most 366 days"):
        Retention(details=details, audit=audit)


def test_cutoffs_are_counted_in_days() -> None:
    cutoffs = retention_cutoffs(Retention(details=30, audit=365), now=T)
    assert (cutoffs.details, cutoffs.audit, cutoffs.counters) == (T - 30 * DAY, T - 365 * DAY, T - 31 * DAY)


async def test_details_are_deleted_when_their_time_is_over_and_not_before(
    store: SqlStore, job: RetentionJob, clock: ManualClock
) -> None:
    await end_some(store, 1, 2)
    clock.advance(2 * DAY)
    assert await job.run() == {}
    clock.advance(1)
    await end_some(store, 3, at=clock.now())
    assert await job.run() == {"verifications": 2}
    assert (await count(store, "verifications"), await count(store, "deliveries"), await count(store, "events")) == (
        1,
        1,
        3,
    )


async def test_audit_entries_outlive_their_verification_and_the_log_still_verifies(
    store: SqlStore, job: RetentionJob, clock: ManualClock
) -> None:
    await end_some(store, 1)
    clock.advance(2 * DAY + 1)
    await job.run()
    (entry,) = await store.query(lambda conn: list(store.audit_log.entries(conn)))
    assert (entry.kind, entry.verification) == ("expired", verification(1).sid)
    assert (await store.query(store.audit_log.verify)).broken is None
    clock.advance(3 * DAY)
    await put(store, events=(event(0, verification="", at=clock.now()),))
    assert await job.run() == {"events": 1}
    report = await store.query(store.audit_log.verify)
    assert (report.entries_checked, report.broken) == (1, None)


async def test_hourly_totals_are_kept_as_long_as_the_audit_log(
    store: SqlStore, job: RetentionJob, clock: ManualClock
) -> None:
    old, new = int(T) // HOUR * HOUR, int(T + 4 * DAY) // HOUR * HOUR
    rows = [("starts", split, hour, "US", 1) for split in ("channel", "country") for hour in (old, new)]
    await store.write(lambda conn: conn.executemany(ADD_HOURLY, rows).rowcount)
    clock.advance(5 * DAY - HOUR)
    assert await job.run() == {}
    clock.advance(2 * HOUR)
    assert await job.run() == {"hourly_totals": 2}
    left = "SELECT split, hour FROM hourly_totals"
    found = await store.query(lambda conn: conn.execute(left).fetchall())
    assert sorted(found) == [("channel", new), ("country", new)]


async def test_a_pending_verification_is_never_deleted(store: SqlStore, job: RetentionJob, clock: ManualClock) -> None:
    await put(store, verifications=(verification(),))
    clock.advance(50 * DAY)
    assert await job.run() == {}


async def test_many_rows_are_deleted_in_one_run_in_short_transactions(
    store: SqlStore, job: RetentionJob, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "DELETE_BATCH", 3)
    await end_some(store, *range(1, 12))
    clock.advance(2 * DAY + 1)
    sizes: list[int] = []
    removing = retention._delete_verifications

    def measured(conn: Connection, *, verifications: Sequence[tuple[int, str]]) -> None:
        sizes.append(len(verifications))
        removing(conn, verifications=verifications)

    monkeypatch.setattr(retention, "_delete_verifications", measured)
    assert await job.run() == {"verifications": 11}
    assert sizes == [3, 3, 3, 2]


async def test_expired_sessions_pauses_and_counters_are_deleted(
    store: SqlStore, job: RetentionJob, clock: ManualClock
) -> None:
    await put(
        store,
        sessions=(session("old", expires_at=T), session("new", expires_at=T + 40 * DAY)),
        pauses=(NumberPause(number=NUMBER, until=T),),
        counter_updates=tuple(AddSend(LimitKey(Scope.NUMBER, f"+12025550{n:03}"), T + n, kept=9) for n in range(30)),
    )
    clock.advance(DAY + 1)
    assert await job.run() == {"sessions": 1, "pauses": 1}
    clock.advance(30 * DAY + 9)
    assert await job.run() == {"counters": 10}
    assert (await count(store, "sessions"), await count(store, "pauses"), await count(store, "counters")) == (1, 0, 20)


@pytest.mark.parametrize(("audit", "days"), [(5, 31), (100, 100)])
async def test_failed_checks_are_kept_as_long_as_the_audit_log_and_other_counters(
    store: SqlStore, clock: ManualClock, audit: int, days: int
) -> None:
    job = RetentionJob(store, Retention(details=2, audit=audit), clock.now)
    await put(store, counter_updates=(SetFailures(LimitKey(Scope.ACCOUNT, "ada"), Failures(9, T)),))
    clock.advance(days * DAY)
    assert await job.run() == {}
    clock.advance(1)
    assert await job.run() == {"counters": 1}


async def test_a_step_reads_a_fixed_number_of_rows_whatever_it_looks_for(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any failed check, the search for one must not read the whole table while requests wait."""
    monkeypatch.setattr(retention, "SCAN_STEP", 10)
    await put(store, counter_updates=tuple(AddSend(LimitKey(Scope.NUMBER, f"new {n}"), T, kept=9) for n in range(25)))
    for table in (table for table in retention.EXPIRING_TABLES if table.table == "counters"):
        with another_program(tmp_path / "codes.db") as conn:
            assert len(conn.execute(table.select_sql, (b"",)).fetchall()) == 10


async def test_the_scan_goes_round_a_large_table_step_by_step(
    store: SqlStore, job: RetentionJob, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "SCAN_STEP", 10)
    new = tuple(AddSend(LimitKey(Scope.NUMBER, f"new {n}"), T + 40 * DAY, kept=9) for n in range(25))
    await put(store, counter_updates=(*new, AddSend(LimitKey(Scope.NUMBER, "old"), T, kept=9)))
    clock.advance(40 * DAY)
    rounds = [await job.run() for _ in range(4)]
    assert [bool(removed) for removed in rounds].count(True) == 1
    assert await count(store, "counters") == 25


@pytest.mark.sqlite
async def test_deleted_data_is_in_no_byte_of_the_file(
    store: SqlStore, job: RetentionJob, clock: ManualClock, tmp_path: Path
) -> None:
    await end_some(store, *range(1, 60))
    with another_program(tmp_path / "codes.db") as conn:
        encrypted = [data for (data,) in conn.execute("SELECT personal_data FROM verifications")]
    clock.advance(2 * DAY + 1)
    while await job.run():
        pass
    assert store.erase_remains()
    left = (tmp_path / "codes.db").read_bytes()
    assert [value for value in encrypted if value in left] == []
    assert store.cipher.number_hash(NUMBER.e164) not in left
