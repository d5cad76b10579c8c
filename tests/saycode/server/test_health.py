"""/health/ready: each part can break, is named within seconds, and tells no secret."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.server.clock import SteadyClock
from saycode.server.health import PROBE_INTERVAL, PROBE_TIMEOUT, Health
from saycode.storage.connection import Connection
from saycode.storage.store import SqlStore
from tests.support.account_cases import NUMBERS, REAL, account
from tests.support.api_client import basic, client, operator
from tests.support.app import Phone, path_of, running_app
from tests.support.asgi_client import Answer, send_request
from tests.support.engine import another_program, open_store
from tests.support.fakes import ManualClock
from tests.support.store import SECRETS, event, put, verification
from verification.accounts import Accounts
from verification.errors import Unavailable
from verification.models import EventKind
from verification.types import Channel
from webhooks.app import create_app
from webhooks.context import AppContext, HealthComponent


@dataclass(slots=True)
class HealthSetup:
    """Health checks, and everything that can fail in them."""

    store: SqlStore
    path: Path
    clock: ManualClock = field(default_factory=ManualClock)
    wall: ManualClock = field(default_factory=ManualClock)
    open_channels: frozenset[Channel] = frozenset()
    _health: Health | None = None

    async def failures(self) -> dict[str, str]:
        """The detail of each failing component, by name."""
        if self._health is None:
            behind = lambda: self.clock.now() - self.wall.now()  # noqa: E731
            self._health = Health(self.store, self.clock.now, lambda: self.open_channels, behind, interval=0)
        return {part.name: part.detail for part in await self._health.examine() if not part.ok}


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[HealthSetup]:
    path = tmp_path / "codes.db"
    async with open_store(path, secrets=SECRETS, patience=0.05) as store:
        yield HealthSetup(store, path)


async def test_a_healthy_service_has_no_failures(setup: HealthSetup) -> None:
    assert await setup.failures() == {}


@pytest.mark.sqlite
async def test_a_locked_database_is_named_and_recovers(setup: HealthSetup) -> None:
    with another_program(setup.path) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await setup.failures() == {"database": "cannot be written: database is locked"}
    assert await setup.failures() == {}


async def test_a_hanging_database_is_named_within_five_seconds(setup: HealthSetup, tmp_path: Path) -> None:
    assert PROBE_INTERVAL + PROBE_TIMEOUT < 5
    async with open_store(tmp_path / "other.db", secrets=SECRETS, patience=4) as store:
        hanging = HealthSetup(store, setup.path)
        with another_program(tmp_path / "other.db") as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("SELECT commits FROM restore_marker").fetchone()  # the lock is there, not only asked for
            async with asyncio.timeout(5):
                assert list(await hanging.failures()) == ["database"]
        while await hanging.failures():
            await asyncio.sleep(0.05)


@pytest.mark.sqlite
async def test_a_full_disk_is_named_at_once_although_small_writes_still_succeed(
    setup: HealthSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(conn: Connection) -> None:
        pages = conn.execute("PRAGMA page_count").fetchone()[0]
        conn.execute(f"PRAGMA max_page_count = {pages + 1}")
        conn.execute("CREATE TABLE filler AS SELECT zeroblob(1000000) AS space")

    with pytest.raises(Unavailable, match="full"):
        await setup.store.write(fill)
    assert await setup.failures() == {"database": "a write was refused: is the disk full?"}
    monkeypatch.setattr("saycode.server.health.REFUSED_SECONDS", 0)
    assert await setup.failures() == {}


async def test_a_broken_audit_log_is_named_and_does_not_take_the_service_away(setup: HealthSetup) -> None:
    await put(setup.store, verifications=(verification(),), events=(event(),))
    with another_program(setup.path) as other:
        other.execute("DELETE FROM events")
    assert await setup.failures() == {"audit-log": "is broken: entry 1: missing"}
    await put(setup.store, events=(event(kind=EventKind.APPROVED),))
    details = "is broken: entry 2: the log before it was broken: entry 1: missing"
    assert await setup.failures() == {"audit-log": details}
    health = Health(setup.store, setup.clock.now, frozenset)
    assert [part.required for part in await health.examine() if not part.ok] == [False]


async def test_many_probes_write_once(setup: HealthSetup) -> None:
    health = Health(setup.store, setup.clock.now, frozenset, interval=60)
    before = await setup.store.query(lambda conn: conn.execute("SELECT commits FROM restore_marker").fetchone()[0])
    await asyncio.gather(*(health.examine() for _ in range(50)))
    after = await setup.store.query(lambda conn: conn.execute("SELECT commits FROM restore_marker").fetchone()[0])
    assert after - before == 1


async def test_a_clock_that_was_set_back_is_named(setup: HealthSetup) -> None:
    setup.wall.advance(-3600)
    assert await setup.failures() == {"clock": "was set back by 3600 seconds while the service was running"}


async def test_a_clock_behind_the_newest_event_is_named(setup: HealthSetup) -> None:
    await put(setup.store, verifications=(verification(),), events=(event(at=setup.clock.now() + 500),))
    assert await setup.failures() == {"clock": "is 500 seconds behind what the database has seen"}


async def test_a_clock_that_was_never_set_is_named(setup: HealthSetup) -> None:
    setup.clock.seconds = setup.wall.seconds = 0.0
    assert "clock" in await setup.failures()


def test_the_clock_reports_how_far_it_was_set_back() -> None:
    wall, monotonic = ManualClock(1000), ManualClock(5)
    clock = SteadyClock(wall=wall.now, monotonic=monotonic.now)
    assert clock.wall_clock_lag() == 0
    wall.advance(-500)
    assert clock.wall_clock_lag() == 500


async def test_an_open_circuit_is_named_with_the_last_contact(setup: HealthSetup) -> None:
    setup.open_channels = frozenset({Channel.CALL})
    assert await setup.failures() == {"twilio": "call rest after failures; not heard of yet"}
    queued = event(kind=EventKind.DELIVERY, at=1_790_000_000.0, delivery="VL1", detail="call queued")
    await put(setup.store, verifications=(verification(),), events=(queued,))
    assert "last heard of at 2026-09-21T14:13:20+00:00" in (await setup.failures())["twilio"]


# The endpoint


async def shown(tmp_path: Path, *parts: HealthComponent, as_operator: bool = True) -> Answer:
    async def examine() -> tuple[HealthComponent, ...]:
        return parts

    async with running_app(tmp_path / "store.db") as running:
        here: AppContext = running.context
        key = await operator(running) if as_operator else await client(running)
        headers = [("Authorization", basic(key.key, key.secret))]
        app = create_app(replace(here, health_check=examine))
        return await send_request(app, "GET", path_of("health_ready"), headers=headers)


async def test_a_failing_required_component_makes_the_service_unready_and_is_named(tmp_path: Path) -> None:
    answer = await shown(
        tmp_path, HealthComponent("settings", ok=True), HealthComponent("database", ok=False, detail="is full")
    )
    assert (answer.status, answer.header("retry-after")) == (503, "5")
    assert json.loads(answer.text) == {
        "status": "failing",
        "failing": ["database"],
        "parts": {"settings": "ok", "database": "is full"},
    }


async def test_twilio_alone_does_not_keep_people_from_typing_their_code(tmp_path: Path) -> None:
    answer = await shown(tmp_path, HealthComponent("twilio", ok=False, detail="calls rest", required=False))
    assert (answer.status, json.loads(answer.text)["status"]) == (200, "degraded")


FINE = HealthComponent("settings", ok=True)
RESTING = HealthComponent("twilio", ok=False, detail="last heard of at 2027-01-15T08:00:00+00:00", required=False)
FULL = HealthComponent("database", ok=False, detail="is full")


@pytest.mark.parametrize(("part", "status"), [(FINE, "ok"), (RESTING, "ok"), (FULL, "failing")])
async def test_the_public_learns_whether_it_is_ready_and_nothing_else(
    tmp_path: Path, part: HealthComponent, status: str
) -> None:
    answer = await shown(tmp_path, FINE, part, as_operator=False)
    assert json.loads(answer.text) == {"status": status}
    assert answer.status == (503 if status == "failing" else 200)


async def test_a_start_for_an_account_changes_nothing_in_the_public_answer(tmp_path: Path) -> None:
    """In accounts mode: the time of the last word from Twilio told that a phone rang."""
    async with running_app(tmp_path / "store.db", accounts=True) as running:
        await Accounts(running.verifier).put(account(REAL, NUMBERS[REAL][0]))
        assert isinstance(running.store.store, SqlStore)
        health = Health(running.store.store, running.clock.now, frozenset)
        app = create_app(replace(running.context, health_check=health.examine))
        before = await send_request(app, "GET", path_of("health_ready"))
        await running.browser().post(path_of("start"), {"username": REAL, "channel": "call"})
        phone = Phone(running.twilio, running.provider.calls[-1][0], "CA1")
        await phone.status("ringing")
        assert "last heard of at" in str([part.detail for part in await health.examine()])
        after = await send_request(app, "GET", path_of("health_ready"))
        assert (after.status, after.body) == (before.status, before.body)


@pytest.mark.parametrize(
    ("peer", "forwarded", "sees"),
    [("127.0.0.1", "", True), ("::1", "", True), ("127.0.0.1", "203.0.113.9", False), ("203.0.113.9", "", False)],
)
async def test_loopback_sees_the_parts_unless_a_proxy_sent_the_request_on(
    tmp_path: Path, peer: str, forwarded: str, sees: bool
) -> None:
    async with running_app(tmp_path / "store.db") as running:
        headers = [("X-Forwarded-For", forwarded)] if forwarded else []
        answer = await send_request(running.app, "GET", path_of("health_ready"), headers=headers, peer=peer)
        assert ("parts" in json.loads(answer.text)) is sees
