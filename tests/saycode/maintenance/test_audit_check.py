"""The audit log is verified while the service runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saycode.maintenance import audit_check
from saycode.maintenance.audit_check import AuditCheckJob
from saycode.storage.store import SqlStore
from tests.support.engine import another_program, open_store
from tests.support.fakes import ManualClock
from tests.support.store import SECRETS
from verification.models import OPERATOR, Event, EventKind


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as opened:
        lifted = [Event(kind=EventKind.LIFTED, at=float(n), detail=str(n), actor=OPERATOR) for n in range(1, 10)]
        await opened.write(lambda _: None, events=lambda _: lifted)
        yield opened


async def kinds(store: SqlStore) -> list[str]:
    return [entry.kind for entry in await store.query(lambda conn: list(store.audit_log.entries(conn)))]


async def test_a_change_anywhere_is_found_in_a_round_and_recorded_once_by_two_workers(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_check, "STEP", 2)
    clock = ManualClock()
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as other:
        jobs = [AuditCheckJob(each, clock.now) for each in (store, other)]
        for job in jobs:
            for _ in range(8):
                assert await job.run() is None
        with another_program(tmp_path / "codes.db") as conn:
            conn.execute("UPDATE events SET detail = 'x' WHERE id = 5")
        found = [await job.run() for _ in range(12) for job in jobs]
    assert [str(each) for each in found if each] == ["entry 5: changed, moved or inserted"]
    assert (await kinds(store)).count("audit-log-broken") == 1
    assert (await store.query(store.audit_log.verify)).broken is not None
