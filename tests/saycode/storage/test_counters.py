"""Counters in SQLite: exact over several processes, equal to a model in memory, and read without full scans."""

import asyncio
import re
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
from msgspec.structs import replace
from sqlite_utils import Database

from saycode.server.clock import randomness
from saycode.storage import counters, queries, records
from saycode.storage.counters import CounterKeys, SqliteCounters
from saycode.storage.encryption import FieldCipher
from saycode.storage.sqlite import database, migrations
from saycode.testing import build_verifier
from tests.support.engine import another_program, open_store
from tests.support.fakes import ManualClock, RecordingProvider
from tests.support.store import in_two_processes
from verification.counters.counter import (
    AddDistinct,
    AddSend,
    AddToWindows,
    Counter,
    CounterUpdate,
    Failures,
    LimitKey,
    RemoveDistinct,
    RemoveSend,
    SetFailures,
)
from verification.counters.rules import Budget, Ceiling, Limit, LockoutPolicy
from verification.errors import Unavailable
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE
from verification.policy import SIGN_IN, Policy
from verification.ports import ByVerification
from verification.types import Channel, Scope, VerificationStatus
from verification.values.phone_numbers import parse
from verification.verifier import Verifier

SECRET = b"a key of the tests, and 32 bytes long"
KEY = LimitKey(Scope.TOTAL, "")
DAY = 86400
#: All limits, one of which is reached.
RULES = Policy(
    repeat_spacing=(),
    limits=(
        (Scope.NUMBER, (Limit(count=500, seconds=600),)),
        (Scope.NEIGHBOURS, (Limit(count=500, seconds=600),)),
        (Scope.COUNTRY, (Budget(count=500, percent=20, seconds=DAY),)),
        (Scope.MINUTES, (Ceiling(amount=1000, seconds=DAY),)),
        (Scope.TOTAL, (Limit(count=60, seconds=600),)),
    ),
    lockouts=((Scope.NUMBER, LockoutPolicy(pause_from=20, stop_at=100)),),
)


@asynccontextmanager
async def service(folder: Path, policy: Policy = RULES) -> AsyncIterator[Verifier]:
    """A worker of its own on the file in this folder."""
    async with open_store(folder / "counts.db", secrets=(SECRET,), patience=20) as store:
        yield build_verifier(
            store,
            provider=RecordingProvider(),
            clock=ManualClock(),
            randomness=randomness,
            policy=policy,
            secrets=(SECRET,),
        )


def request(username: str, number: str) -> StartRequest:
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
        async with service(folder) as verifier:
            starts = (verifier.start(request(f"user {id(verifier)} {n}", f"+1415555{n:04}")) for n in range(100))
            checks = (verifier.check(sid, "1") for sid in sids)
            return [type(result).__name__ for result in await asyncio.gather(*starts, *checks, return_exceptions=True)]

    return asyncio.run(work())


def test_two_hundred_starts_and_checks_on_two_processes_are_counted_exactly(tmp_path: Path) -> None:
    """Ground rule 1: limits are exact, at the same instant, on several workers; no request finds a locked database."""

    async def prepare() -> list[str]:
        async with service(tmp_path, Policy(repeat_spacing=())) as verifier:
            asked = (verifier.start(request(f"ann {n}", "+12125550100")) for n in range(100))
            return [planned.verification.sid for planned in await asyncio.gather(*asked)]

    async def after(sids: list[str]) -> tuple[int, Tally[VerificationStatus]]:
        async with service(tmp_path) as verifier:
            states = [await verifier.store.read(ByVerification(sid)) for sid in sids]
            (counted,) = states[0].counters.of(LimitKey(Scope.NUMBER, "+12125550100"))
            return counted.failures.count, Tally(state.verification.status for state in states if state.verification)

    sids = asyncio.run(prepare())
    results = Tally(name for names in in_two_processes(start_and_check, tmp_path, sids) for name in names)
    assert set(results) <= {"StartResult", "BudgetSpent", "CheckResult", "ChecksPaused"}
    assert (results["StartResult"], results["BudgetSpent"]) == (60, 140)
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


STATEMENTS |= {f"COUNTERS of {size}": counters.statement_for(size) for size in (1, 16, 512)}
STATEMENTS |= {
    f"{name} of a set": records.for_set(text, 8)[0] for name, text in STATEMENTS.items() if name.startswith("BY_")
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_of_a_decision_reads_a_whole_table(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "plans.db"
    conn, _ = database.open_database(path, secrets=(SECRET,), create=True, patience=1)
    text = STATEMENTS[name]
    values: Any = Anything() if ":" in text else (1,) * (len(set(re.findall(r"\?\d", text))) or text.count("?"))
    with closing(conn):
        plan = [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {text}", values)]
    bounded = r"SCAN (CONSTANT|\(sub|one$|q$|\d+ CONSTANT)"  # one row; q: the queries of a set
    whole = [step for step in plan if step.startswith("SCAN") and not re.match(bounded, step)]
    assert [step for step in whole if step not in ALLOWED.get(name, ())] == [], plan


#: Intended scans: a handful of notices in their order, and a table of one row.
ALLOWED = {"NOTICES": ("SCAN notices",), "PADDING_WRITE": ("SCAN restore_marker",)}


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
KEYS = (KEY, LimitKey(Scope.NUMBER, "+14155550100"), LimitKey(Scope.NEIGHBOURS, "+141555501"))
CHANGES = st.one_of(
    st.builds(AddSend, st.sampled_from(KEYS), st.just(0.0), st.sampled_from([9, 70])),
    st.builds(RemoveSend, st.sampled_from(KEYS), st.just(0.0)),
    st.builds(AddDistinct, st.sampled_from(KEYS), st.sampled_from(["US", "NL", "+14155550101"]), st.just(0.0)),
    st.builds(RemoveDistinct, st.sampled_from(KEYS), st.sampled_from(["US", "NL"])),
    st.builds(
        AddToWindows, st.sampled_from(KEYS), st.just((600, DAY)), st.just(0.0), st.integers(-2, 9), st.integers(0, 2)
    ),
    st.builds(SetFailures, st.sampled_from(KEYS), st.builds(Failures, st.integers(0, 3), st.floats(1, 9))),
)
STEPS = st.lists(st.tuples(CHANGES, st.integers(0, 40), st.integers(1, 40), st.booleans()), max_size=25)


@settings(max_examples=80)
@given(STEPS)
def test_counters_survive_writing_and_reading_at_any_moment(steps: list[tuple[CounterUpdate, int, int, bool]]) -> None:
    """Against the same in memory: rows are written and read at any moment, and chunks are moved out and back."""
    memory = {who: Counter() for who in KEYS}
    chunks: dict[LimitKey, dict[int, Sequence[float]]] = {who: {} for who in KEYS}
    for who, counted in memory.items():
        counted.chunk = partial(_in_memory, chunks[who])
    now = 1_800_000_000.0
    with closing(empty_table()) as conn:
        counts = SqliteCounters(conn, CounterKeys(FieldCipher(bytes(32))))
        for change, pause, times, write in steps:
            for _ in range(times if isinstance(change, AddSend) else 1):
                now += pause
                entry = change if isinstance(change, RemoveDistinct | SetFailures) else replace(change, at=now)
                counts.apply([entry])
                chunks[entry.key].update(entry.apply_to(memory[entry.key]))
            if write:
                counts.flush()
        counts.flush()
        for key, counter in zip(KEYS, counts.of(*KEYS), strict=True):
            known = memory[key]
            assert (counter.sends, counter.chunk_count, counter.window_slots) == (
                known.sends,
                known.chunk_count,
                known.window_slots,
            )
            assert [counter.last_distinct_at(thing) for thing in ("US", "NL")] == [
                known.last_distinct_at(thing) for thing in ("US", "NL")
            ]
            assert counter.failures.count == known.failures.count
            assert [counter.nth_last_send(n) for n in range(1, 99)] == [known.nth_last_send(n) for n in range(1, 99)]


def _in_memory(chunks: dict[int, Sequence[float]], number: int) -> Sequence[float]:
    return chunks.get(number, ())


def test_a_query_that_the_database_cannot_answer_is_unavailable(tmp_path: Path) -> None:
    conn, key = database.open_database(tmp_path / "gone.db", secrets=(SECRET,), create=True, patience=1)
    conn.close()
    with pytest.raises(Unavailable):
        SqliteCounters(conn, CounterKeys(FieldCipher(key))).of(KEY)


def test_no_table_of_the_limits_contains_a_number(tmp_path: Path) -> None:
    """8.2 Counters are keyed by a keyed hash."""

    async def work() -> None:
        async with service(tmp_path) as verifier:
            for n in range(3):
                await verifier.start(request("ann", f"+141555501{n:02}"))

    asyncio.run(work())
    with another_program(tmp_path / "counts.db") as file:
        for table in ("counters", "counter_chunks", "denials", "trusted_browsers", "alerts"):
            assert "1415555" not in repr(file.execute(f"SELECT * FROM {table}").fetchall())
