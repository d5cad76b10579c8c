"""Limits over time: exact for every key, for simultaneous requests and across restarts."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saycode.server.clock import randomness
from saycode.storage.counters import decode_counter
from saycode.storage.store import SqlStore
from saycode.testing import build_verifier
from tests.support.engine import another_program, open_store
from tests.support.fakes import ManualClock, RecordingProvider
from verification.counters.counter import no_chunk
from verification.counters.rules import EXTRA_KEPT, Limit
from verification.errors import LimitReached, NotReached
from verification.flow.start import StartRequest, StartResult
from verification.models import BUILT_IN_SERVICE, EventKind
from verification.policy import SIGN_IN, Policy
from verification.ports import Rejected
from verification.types import Channel, Scope
from verification.values.phone_numbers import parse
from verification.verifier import Verifier

SECRET = b"a key of the tests, and 32 bytes long"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "limits.db", secrets=(SECRET,)) as opened:
        yield opened


def service(
    store: SqlStore, clock: ManualClock, *limits: tuple[Scope, tuple[Limit, ...]], enforce: bool = True
) -> Verifier:
    return build_verifier(
        store,
        provider=RecordingProvider(),
        clock=clock,
        randomness=randomness,
        policy=Policy(repeat_spacing=(0,), limits=limits, enforce=enforce),
        secrets=(SECRET,),
    )


async def start(
    verifier: Verifier, *, username: str = "ann", number: str = "+14155550100", source: str = "192.0.2.1"
) -> StartResult:
    return await verifier.start(
        StartRequest(
            username=username,
            number=parse(number),
            channel=Channel.SMS,
            action=SIGN_IN,
            language="en-US",
            service=BUILT_IN_SERVICE,
            source=source,
        )
    )


def at_most(count: int, seconds: int) -> tuple[Limit, ...]:
    return (Limit(count=count, seconds=seconds),)


async def test_the_next_send_is_allowed_to_the_second(store: SqlStore) -> None:
    clock = ManualClock()
    here = service(store, clock, (Scope.NUMBER, at_most(2, 600)))
    await start(here)
    clock.advance(100)
    await start(here)
    clock.advance(100)
    with pytest.raises(LimitReached) as refused:
        await start(here)
    assert refused.value.scope is Scope.NUMBER
    assert refused.value.wait == pytest.approx(400)
    clock.advance(399)
    with pytest.raises(LimitReached):
        await start(here)
    clock.advance(1)
    await start(here)
    with pytest.raises(LimitReached):
        await start(here)


async def test_all_limits_of_a_key_hold_and_the_longest_wait_is_reported(store: SqlStore) -> None:
    clock = ManualClock()
    here = service(store, clock, (Scope.NUMBER, (*at_most(2, 60), *at_most(3, 3600))))
    for _ in range(3):
        await start(here)
        clock.advance(60)
    with pytest.raises(LimitReached) as refused:
        await start(here)
    assert refused.value.wait == pytest.approx(3600 - 180)


@pytest.mark.parametrize(
    ("scope", "same", "other"),
    [
        (Scope.NUMBER, {"username": "bob", "source": "198.51.100.1"}, {"number": "+14155550101"}),
        (Scope.ACCOUNT, {"username": "ANN", "number": "+12125550100"}, {"username": "bob"}),
        (Scope.SOURCE, {"username": "bob", "number": "+12125550100"}, {"source": "198.51.100.1"}),
        (Scope.PREFIX, {"username": "bob", "number": "+14155559999"}, {"number": "+12125550100"}),
        (Scope.COUNTRY, {"username": "bob", "number": "+12125550100"}, None),
        (Scope.SERVICE, {"username": "bob", "number": "+12125550100"}, None),
        (Scope.TOTAL, {"username": "bob", "number": "+12125550100", "source": ""}, None),
    ],
)
async def test_each_scope_counts_its_own(
    store: SqlStore, scope: Scope, same: dict[str, str], other: dict[str, str] | None
) -> None:
    here = service(store, ManualClock(), (scope, at_most(1, 600)))
    await start(here)
    with pytest.raises(LimitReached) as refused:
        await start(here, **same)
    assert refused.value.scope is scope
    if other is not None:
        await start(here, **other)


async def test_repeats_count_as_starts_do(store: SqlStore) -> None:
    here = service(store, ManualClock(), (Scope.NUMBER, at_most(2, 600)))
    planned = await start(here)
    await here.resend(planned.verification.sid, Channel.CALL)
    with pytest.raises(LimitReached):
        await here.resend(planned.verification.sid, Channel.SMS)


async def test_two_hundred_starts_at_the_same_instant_are_counted_exactly(store: SqlStore) -> None:
    here = service(store, ManualClock(), (Scope.TOTAL, at_most(20, 600)))
    asked = [start(here, username=f"user {n}", number=f"+1415555{n:04}") for n in range(200)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(result, StartResult) for result in results) == 20
    assert sum(isinstance(result, LimitReached) for result in results) == 180


async def test_counts_survive_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    for _ in range(2):
        async with open_store(tmp_path / "again.db", secrets=(SECRET,)) as opened:
            await start(service(opened, clock, (Scope.NUMBER, at_most(2, 600))), username=f"user {clock.now()}")
        clock.advance(1)
    async with open_store(tmp_path / "again.db", secrets=(SECRET,)) as opened:
        with pytest.raises(LimitReached):
            await start(service(opened, clock, (Scope.NUMBER, at_most(2, 600))))


async def test_a_send_that_never_left_is_removed_and_later_ones_close_up(store: SqlStore) -> None:
    clock = ManualClock()
    here = service(store, clock, (Scope.TOTAL, at_most(3, 600)))
    assert isinstance(here.provider, RecordingProvider)
    await start(here, username="one")
    clock.advance(1)
    here.provider.script.append(Rejected(permanent=False, code=None))
    with pytest.raises(NotReached):
        await start(here, username="two", number="+14155550101")
    clock.advance(1)
    for username in ("three", "four"):
        await start(here, username=username, number="+12125550100")
    with pytest.raises(LimitReached):
        await start(here, username="five")


async def test_watch_mode_admits_everything_and_records_the_denials(store: SqlStore) -> None:
    here = service(store, ManualClock(), (Scope.NUMBER, at_most(1, 600)), enforce=False)
    await start(here)
    planned = await start(here, username="bob")
    watched = [event for event in await store.events(planned.verification.sid) if event.kind is EventKind.LIMIT_WATCHED]
    assert [event.detail for event in watched] == ["limit number"]


async def test_no_more_is_kept_than_the_limits_look_back(store: SqlStore, tmp_path: Path) -> None:
    here = service(store, ManualClock(), (Scope.TOTAL, at_most(1000, 1)))
    short = service(store, ManualClock(), (Scope.NUMBER, at_most(2, 1)), enforce=False)
    for _ in range(30):
        await start(short)
    await start(here)
    with another_program(tmp_path / "limits.db") as file:
        rows = file.execute("SELECT counter_hash, at, failures, failed_at, packed FROM counters").fetchall()
    kept = [decode_counter(row, name=str.encode, chunk=no_chunk).sends for _, *row in rows]
    assert sorted(len(sends) for sends in kept if sends) == [1, 2 + EXTRA_KEPT]
    assert b"1415" not in b"".join(bytes(who) for who, *_ in rows)
