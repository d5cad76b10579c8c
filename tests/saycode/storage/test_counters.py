"""What is counted, in SQLite: exact on several processes, equal to a plain model, and found without reading a table."""

import asyncio
import sqlite3
from collections import Counter as Tally
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from saycode.server.clock import randomness
from saycode.storage import database, migrations, queries
from saycode.storage.counters import CounterKeys, SqliteCounters
from saycode.storage.encryption import FieldCipher
from saycode.storage.store import SqliteStore
from tests.support.fakes import ManualClock, RecordingCarrier
from tests.support.store import in_two_processes
from verification.counters.counter import Counter, Failures
from verification.counters.rules import Budget, Ceiling, Limit, LimitKey, LockoutPolicy
from verification.counters.updates import (
    AddDistinct,
    AddSend,
    AddToWindows,
    CounterUpdate,
    RemoveDistinct,
    RemoveSend,
    SetFailures,
)
from verification.errors import Unavailable
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE
from verification.policy import SIGN_IN, Policy
from verification.ports import ByVerification
from verification.types import Channel, Scope, VerificationStatus
from verification.values.codes import KeyRing
from verification.values.phone_numbers import parse
from verification.verifier import Verifier

SECRET = b"a key of the tests, and 32 bytes long"
WHO = LimitKey(Scope.TOTAL, "")
DAY = 86400
#: Everything at once, and one limit that will be reached.
RULES = Policy(
    repeat_spacing=(),
    limits=(
        (Scope.NUMBER, (Limit(count=500, seconds=600),)),
        (Scope.NEIGHBOURS, (Limit(count=500, seconds=600),)),
        (Scope.COUNTRY, (Budget(count=500, percent=20, seconds=DAY),)),
        (Scope.MINUTES, (Ceiling(amount=1000, seconds=DAY),)),
        (Scope.TOTAL, (Limit(count=60, seconds=600),)),
    ),
    guesses=((Scope.NUMBER, LockoutPolicy(pause_from=20, stop_at=100)),),
)


@asynccontextmanager
async def service(folder: Path, policy: Policy = RULES) -> AsyncIterator[Verifier]:
    """A worker of its own on the file in this folder."""
    async with SqliteStore.open(folder / "counts.db", secrets=(SECRET,), patience=20) as store:
        yield Verifier(
            store=store,
            provider=RecordingCarrier(),
            clock=ManualClock(),
            randomness=randomness,
            policy=policy,
            keys=KeyRing((SECRET,)),
        )


def wanted(username: str, number: str) -> StartRequest:
    return StartRequest(
        username=username,
        number=parse(number),
        channel=Channel.SMS,
        action=SIGN_IN,
        language="en-US",
        service=BUILT_IN_SERVICE,
    )


def start_and_check(folder: Path, sids: list[str]) -> list[str]:
    """What became of a hundred starts, and of a wrong code for each of these, all at the same instant."""

    async def work() -> list[str]:
        async with service(folder) as here:
            starts = (here.start(wanted(f"user {id(here)} {n}", f"+1415555{n:04}")) for n in range(100))
            checks = (here.check(sid, "1") for sid in sids)
            return [type(one).__name__ for one in await asyncio.gather(*starts, *checks, return_exceptions=True)]

    return asyncio.run(work())


def test_two_hundred_starts_and_checks_on_two_processes_are_counted_exactly(tmp_path: Path) -> None:
    """Ground rule 1: limits are exact, at the same instant, on several workers; nobody meets a locked database."""

    async def prepare() -> list[str]:
        async with service(tmp_path, Policy(repeat_spacing=())) as here:
            asked = (here.start(wanted(f"ann {n}", "+12125550100")) for n in range(100))
            return [planned.verification.sid for planned in await asyncio.gather(*asked)]

    async def after(sids: list[str]) -> tuple[int, Tally[VerificationStatus]]:
        async with service(tmp_path) as here:
            cases = [await here.store.read(ByVerification(sid)) for sid in sids]
            (counted,) = cases[0].counts.of(LimitKey(Scope.NUMBER, "+12125550100"))
            return counted.failures.count, Tally(state.verification.status for state in cases if state.verification)

    sids = asyncio.run(prepare())
    told = Tally(one for answers in in_two_processes(start_and_check, tmp_path, sids) for one in answers)
    assert set(told) <= {"StartResult", "BudgetSpent", "CheckResult", "ChecksPaused"}
    assert (told["StartResult"], told["BudgetSpent"]) == (60, 140)
    failures, statuses = asyncio.run(after(sids))
    assert failures == 20
    assert statuses == {VerificationStatus.MAX_ATTEMPTS_REACHED: 20, VerificationStatus.PENDING: 80}


class Anything(dict[str, Any]):
    """A value for every name."""

    def __missing__(self, name: str) -> int:
        return 1


STATEMENTS = {
    name: text
    for name, text in vars(queries).items()
    if name.isupper()
    and name[0] != "_"
    and isinstance(text, str)
    and text.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))
}


STATEMENTS["COUNTERS"] = queries.COUNTERS[-1]


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_of_a_decision_reads_a_whole_table(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "plans.db"
    conn, _ = database.open_database(path, secrets=(SECRET,), create=True, patience=1)
    text = STATEMENTS[name]
    values: Any = Anything() if ":" in text else (1,) * text.count("?")
    with closing(conn):
        plan = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    whole = [step for step in plan if step.startswith("SCAN") and not step.startswith(("SCAN CONSTANT", "SCAN (sub"))]
    assert [step for step in whole if step not in ALLOWED.get(name, ())] == [], plan


#: Walks that are meant: a handful of notices in their order, and a table of one row.
ALLOWED = {"NOTICES": ("SCAN notices",), "PADDING_WRITE": ("SCAN mark",)}


@cache
def _laid_out() -> sqlite3.Connection:
    conn = sqlite3.connect(":memory:", isolation_level=None)
    migrations.migrate(Database(conn, execute_plugins=False))
    return conn


def empty_table() -> sqlite3.Connection:
    """The tables in memory: making them takes longer than an example."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    _laid_out().backup(conn)
    return conn


AMOUNTS = st.integers(-2, 9), st.integers(0, 2)
PEOPLE = (WHO, LimitKey(Scope.NUMBER, "+14155550100"), LimitKey(Scope.NEIGHBOURS, "+141555501"))
CHANGES = st.one_of(
    st.builds(AddSend, st.sampled_from(PEOPLE), st.just(0.0), st.sampled_from([9, 70])),
    st.builds(RemoveSend, st.sampled_from(PEOPLE), st.just(0.0)),
    st.builds(AddDistinct, st.sampled_from(PEOPLE), st.sampled_from(["US", "NL", "+14155550101"]), st.just(0.0)),
    st.builds(RemoveDistinct, st.sampled_from(PEOPLE), st.sampled_from(["US", "NL"])),
    st.builds(
        AddToWindows, st.sampled_from(PEOPLE), st.just((600, DAY)), st.just(0.0), st.integers(-2, 9), st.integers(0, 2)
    ),
    st.builds(SetFailures, st.sampled_from(PEOPLE), st.builds(Failures, st.integers(0, 3), st.floats(1, 9))),
)
STEPS = st.lists(st.tuples(CHANGES, st.integers(0, 40), st.integers(1, 40), st.booleans()), max_size=25)


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_what_is_written_and_read_again_is_what_was_counted(steps: list[tuple[CounterUpdate, int, int, bool]]) -> None:
    """Against the same in memory: rows are written and read at any moment, and rolls wander out and back."""
    memory = {who: Counter() for who in PEOPLE}
    chunks: dict[LimitKey, dict[int, Sequence[float]]] = {who: {} for who in PEOPLE}
    for who, counted in memory.items():
        counted.chunk = partial(_in_memory, chunks[who])
    now = 1_800_000_000.0
    with closing(empty_table()) as conn:
        counts = SqliteCounters(conn, CounterKeys(FieldCipher(bytes(32))))
        for change, pause, times, write in steps:
            for _ in range(times if isinstance(change, AddSend) else 1):
                now += pause
                entry = change if isinstance(change, RemoveDistinct | SetFailures) else change._replace(at=now)
                counts.enter([entry])
                chunks[entry.who].update(entry.enter(memory[entry.who]))
            if write:
                counts.write()
        counts.write()
        for who, found in zip(PEOPLE, counts.of(*PEOPLE), strict=True):
            known = memory[who]
            assert (found.sends, found.chunk_count, found.window_slots) == (
                known.sends,
                known.chunk_count,
                known.window_slots,
            )
            assert [found.last_distinct_at(thing) for thing in ("US", "NL")] == [
                known.last_distinct_at(thing) for thing in ("US", "NL")
            ]
            assert found.failures.count == known.failures.count
            assert [found.nth_last_send(n) for n in range(1, 99)] == [known.nth_last_send(n) for n in range(1, 99)]


def _in_memory(chunks: dict[int, Sequence[float]], number: int) -> Sequence[float]:
    return chunks.get(number, ())


def test_a_question_that_the_file_cannot_answer_is_unavailable(tmp_path: Path) -> None:
    conn, key = database.open_database(tmp_path / "gone.db", secrets=(SECRET,), create=True, patience=1)
    conn.close()
    with pytest.raises(Unavailable):
        SqliteCounters(conn, CounterKeys(FieldCipher(key))).of(WHO)


def test_no_number_stands_in_what_is_counted(tmp_path: Path) -> None:
    """8.2 Counters are keyed by a keyed hash."""

    async def work() -> None:
        async with service(tmp_path) as here:
            for n in range(3):
                await here.start(wanted("ann", f"+141555501{n:02}"))

    asyncio.run(work())
    with sqlite3.connect(tmp_path / "counts.db") as file:
        for store in ("counted", "rolls", "refusals", "known", "alerts"):
            assert "1415555" not in repr(file.execute(f"SELECT * FROM {store}").fetchall())
