"""What refused requests write: next to nothing, whoever sends them and however often."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.cli.backup import _copy
from saycode.server.metrics import BufferedCounter
from saycode.storage import metric_totals
from tests.support.account_cases import NUMBERS, POLICY, REAL, account
from tests.support.engine import another_program
from tests.support.records import wrong
from tests.support.store import put
from tests.support.verifier import SMS, VerifierSetup, open_verifier
from tests.support.webhook_receiver import store_of
from verification.accounts import Accounts
from verification.counters.counter import AddToWindows
from verification.counters.rules import Limit
from verification.errors import ChecksPaused, LimitReached, VerificationError
from verification.flow.enumeration import _STARTS, MAX_STARTS
from verification.flow.refusals import MAX_RECORDS, RECORD_SECONDS
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE, Event, Manner
from verification.policy import SIGN_IN
from verification.public import PublicVerifier
from verification.types import Scope
from verification.values.phone_numbers import parse

MANY = 3000
FEW = replace(POLICY, limits=((Scope.SOURCE, (Limit(count=3, seconds=3600),)),), repeat_spacing=())


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[VerifierSetup]:
    async with open_verifier(tmp_path / "store.db") as setup:
        setup.use_policy(FEW)
        yield setup


def request(number: int = 0, *, source: str = "192.0.2.1", name: str = "") -> StartRequest:
    return StartRequest(
        username=name or f"ada {number}",
        number=parse(f"+1415555{number % 10_000:04}"),
        channel=SMS,
        action=SIGN_IN,
        language="en-US",
        service=BUILT_IN_SERVICE,
        source=source,
    )


def backup_size(setup: VerifierSetup, name: str) -> int:
    copy = setup.path.with_name(name)
    _copy(setup.path, copy)
    return copy.stat().st_size


def rows(setup: VerifierSetup, table: str) -> int:
    with another_program(setup.path) as file:
        return int(file.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def commits(setup: VerifierSetup) -> int:
    with another_program(setup.path) as file:
        return int(file.execute("SELECT commits FROM restore_marker").fetchone()[0])


async def refuse(setup: VerifierSetup, times: int, *, source: str = "192.0.2.1", first: int = 0) -> None:
    for number in range(first, first + times):
        with pytest.raises(LimitReached):
            await setup.verifier.start(request(number, source=source))


async def use_up(setup: VerifierSetup, *, source: str = "192.0.2.1") -> None:
    """All that this source is allowed."""
    for number in range(3):
        await setup.verifier.start(request(number, source=source))


@pytest.mark.sqlite
async def test_three_thousand_refused_starts_grow_a_backup_by_less_than_100_kb(setup: VerifierSetup) -> None:
    await use_up(setup)
    before = backup_size(setup, "before.db")
    await refuse(setup, MANY)
    assert backup_size(setup, "after.db") - before < 100_000


async def test_a_repeated_refusal_costs_no_commit_and_is_recorded_once_a_minute(setup: VerifierSetup) -> None:
    await use_up(setup)
    await refuse(setup, 1)
    before = commits(setup), rows(setup, "denials"), rows(setup, "events")
    await refuse(setup, 50)
    assert (commits(setup), rows(setup, "denials"), rows(setup, "events")) == before
    setup.clock.advance(RECORD_SECONDS)
    await refuse(setup, 50)
    assert (rows(setup, "denials"), rows(setup, "events")) == (before[1] + 1, before[2] + 1)


async def test_a_number_without_a_source_is_one_in_each_of_its_forms(setup: VerifierSetup) -> None:
    once = ((Scope.NUMBER, (Limit(count=1, seconds=3600),)),)
    setup.use_policy(replace(FEW, countries=frozenset({"AR"}), limits=once))
    written, dialed = (replace(request(), number=parse(n), source="") for n in ("+541123456789", "+5491123456789"))
    await setup.verifier.start(written)
    for again in (written, dialed):
        with pytest.raises(LimitReached):
            await setup.verifier.start(replace(again, username="bob"))
    assert rows(setup, "denials") == 1


async def test_another_source_and_another_reason_are_recorded_too_until_the_cap_of_all(setup: VerifierSetup) -> None:
    most = MAX_RECORDS[0][1]
    for number in range(most + 5):
        source = f"192.0.2.{number + 1}"
        await use_up(setup, source=source)
        await refuse(setup, 2, source=source, first=10 * number)
    assert rows(setup, "denials") == most
    setup.clock.advance(2 * RECORD_SECONDS)
    await refuse(setup, 1)
    assert rows(setup, "denials") == most + 1


async def test_what_is_not_recorded_is_still_counted(setup: VerifierSetup) -> None:
    counter = BufferedCounter(store_of(setup))
    setup.workers[-1] = replace(setup.verifier, on_refused=counter.count_refused)
    await use_up(setup)
    await refuse(setup, 20)
    await counter.flush()
    totals = await store_of(setup).query(metric_totals.read_totals)
    assert totals[metric_totals.STARTS_REFUSED, "limit source"] == 20


async def test_refused_checks_write_once_a_minute_too(setup: VerifierSetup) -> None:
    setup.use_policy(replace(FEW, max_checks=5))
    sid, code = await setup.texted_code()
    for _ in range(4):
        sid, code = await setup.texted_code()
        for _ in range(4):
            with suppress(VerificationError):
                await setup.verifier.check(sid, wrong(code))
    before = commits(setup), rows(setup, "denials"), rows(setup, "events")
    for _ in range(30):
        with pytest.raises(ChecksPaused):
            await setup.verifier.check(sid, code)
    assert (commits(setup), rows(setup, "denials"), rows(setup, "events")) == before


@pytest.mark.parametrize("manner", [Manner.PRIVATE, Manner.DECOY])
@pytest.mark.sqlite
async def test_in_accounts_mode_three_thousand_refused_starts_grow_a_backup_by_less_than_100_kb(
    setup: VerifierSetup, manner: Manner
) -> None:
    await Accounts(setup.verifier).put(account(REAL, NUMBERS[REAL][0]))
    public = PublicVerifier(setup.verifier)
    wanted = replace(request(name=REAL), number=NUMBERS[REAL][0], manner=manner)
    for _ in range(3):
        await public.start(wanted)
    before = backup_size(setup, "before.db")
    for _ in range(MANY):
        with pytest.raises(LimitReached):
            await public.start(wanted)
    assert backup_size(setup, "after.db") - before < 100_000


@pytest.mark.parametrize("manner", [Manner.PRIVATE, Manner.DECOY])
async def test_silent_starts_have_a_ceiling_that_shows_no_name(setup: VerifierSetup, manner: Manner) -> None:
    await Accounts(setup.verifier).put(account(REAL, NUMBERS[REAL][0]))
    public = PublicVerifier(setup.verifier)
    (seconds, most), _ = MAX_STARTS
    told: list[Event] = []
    with closing(sqlite3.connect(setup.path)):
        used = AddToWindows(_STARTS, (seconds,), setup.clock.now(), made=most - 1)
        await count(setup, used)
    name, number = (REAL, NUMBERS[REAL][0]) if manner is Manner.PRIVATE else ("nobody", parse("+14155550155"))
    await public.start(replace(request(source="192.0.2.8"), manner=Manner.DECOY))
    setup.workers[-1] = replace(setup.verifier, on_refused=told.extend)
    before = rows(setup, "verifications")
    for number_of_source in range(30):
        source = f"198.51.100.{number_of_source}"
        with pytest.raises(LimitReached) as refused:
            await PublicVerifier(setup.verifier).start(
                replace(request(name=name, source=source), number=number, manner=manner)
            )
        assert refused.value.scope is Scope.TOTAL
    assert rows(setup, "verifications") == before
    assert len(told) == 30 - MAX_RECORDS[0][1]
    setup.clock.advance(2 * seconds)
    await public.start(replace(request(name=name, source="198.51.100.250"), number=number, manner=manner))


async def count(setup: VerifierSetup, update: AddToWindows) -> None:
    """Count something directly."""
    await put(store_of(setup), counter_updates=(update,))
