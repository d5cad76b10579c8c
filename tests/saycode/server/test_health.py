"""/health/ready: each part can break, is named within seconds, and tells no secret."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from saycode.server.clock import SteadyClock
from saycode.server.health import PROBE_INTERVAL, PROBE_TIMEOUT, Health
from saycode.storage.store import SqliteStore
from tests.support.app import open_house, path_of
from tests.support.asgi_client import Answer, ask
from tests.support.fakes import ManualClock
from tests.support.store import SECRETS, event, put, verification
from verification.models import EventKind
from verification.types import Channel
from webhooks.app import create_app
from webhooks.context import AppContext, HealthComponent


@dataclass(slots=True)
class Patient:
    """Health with everything that can be broken."""

    store: SqliteStore
    path: Path
    clock: ManualClock = field(default_factory=ManualClock)
    wall: ManualClock = field(default_factory=ManualClock)
    resting: frozenset[Channel] = frozenset()
    _health: Health | None = None

    async def ask(self) -> dict[str, str]:
        """What is not well, by name."""
        if self._health is None:
            behind = lambda: self.clock.now() - self.wall.now()  # noqa: E731
            self._health = Health(self.store, self.clock.now, lambda: self.resting, behind, every=0)
        return {part.name: part.says for part in await self._health.examine() if not part.well}


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Patient]:
    path = tmp_path / "codes.db"
    async with SqliteStore.open(path, secrets=SECRETS, patience=0.05) as store:
        yield Patient(store, path)


async def test_all_is_well(patient: Patient) -> None:
    assert await patient.ask() == {}


async def test_a_database_that_is_locked_is_named_and_well_again_afterwards(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await patient.ask() == {"database": "cannot be written: database is locked"}
    assert await patient.ask() == {}


async def test_a_database_that_hangs_is_named_within_five_seconds(patient: Patient, tmp_path: Path) -> None:
    assert PROBE_INTERVAL + PROBE_TIMEOUT < 5
    async with SqliteStore.open(tmp_path / "other.db", secrets=SECRETS, patience=4) as store:
        hanging = Patient(store, patient.path)
        with closing(sqlite3.connect(tmp_path / "other.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            async with asyncio.timeout(5):
                assert list(await hanging.ask()) == ["database"]
        while await hanging.ask():
            await asyncio.sleep(0.05)


async def test_many_probes_write_once(patient: Patient) -> None:
    health = Health(patient.store, patient.clock.now, frozenset, every=60)
    before = patient.store.ask(lambda conn: conn.execute("SELECT commits FROM mark").fetchone()[0])
    await asyncio.gather(*(health.examine() for _ in range(50)))
    after = patient.store.ask(lambda conn: conn.execute("SELECT commits FROM mark").fetchone()[0])
    assert after - before == 1


async def test_a_clock_that_was_set_back_is_named(patient: Patient) -> None:
    patient.wall.advance(-3600)
    assert await patient.ask() == {"clock": "was set back by 3600 seconds while the service was running"}


async def test_a_clock_that_is_behind_what_the_database_has_seen_is_named(patient: Patient) -> None:
    await put(patient.store, verifications=(verification(),), events=(event(at=patient.clock.now() + 500),))
    assert await patient.ask() == {"clock": "is 500 seconds behind what the database has seen"}


async def test_a_clock_that_was_never_set_is_named(patient: Patient) -> None:
    patient.clock.seconds = patient.wall.seconds = 0.0
    assert "clock" in await patient.ask()


def test_the_clock_knows_how_far_it_was_set_back() -> None:
    wall, monotonic = ManualClock(1000), ManualClock(5)
    clock = SteadyClock(wall=wall.now, monotonic=monotonic.now)
    assert clock.behind() == 0
    wall.advance(-500)
    assert clock.behind() == 500


async def test_twilio_that_rests_is_named_and_last_heard_of(patient: Patient) -> None:
    patient.resting = frozenset({Channel.CALL})
    assert await patient.ask() == {"twilio": "call rest after failures; not heard of yet"}
    queued = event(kind=EventKind.DELIVERY, at=1_790_000_000.0, delivery="VL1", detail="call queued")
    await put(patient.store, verifications=(verification(),), events=(queued,))
    assert "last heard of at 2026-09-21T14:13:20+00:00" in (await patient.ask())["twilio"]


# The door.


async def shown(tmp_path: Path, *parts: HealthComponent) -> Answer:
    async def examine() -> tuple[HealthComponent, ...]:
        return parts

    async with open_house(tmp_path / "store.db") as house:
        here: AppContext = house.app.state.doorway  # type: ignore[attr-defined]  # an application of Starlette's
        return await ask(create_app(replace(here, examine=examine)), "GET", path_of("ready"))


async def test_a_part_that_is_needed_turns_ready_red_by_name(tmp_path: Path) -> None:
    answer = await shown(
        tmp_path, HealthComponent("settings", well=True), HealthComponent("database", well=False, says="is full")
    )
    assert (answer.status, answer.header("retry-after")) == (503, "5")
    assert json.loads(answer.text) == {
        "status": "failing",
        "failing": ["database"],
        "parts": {"settings": "ok", "database": "is full"},
    }


async def test_twilio_alone_does_not_keep_people_from_typing_their_code(tmp_path: Path) -> None:
    answer = await shown(tmp_path, HealthComponent("twilio", well=False, says="calls rest", needed=False))
    assert (answer.status, json.loads(answer.text)["status"]) == (200, "degraded")
