"""Groups of decisions: as exact as one after the other, in a number of statements that does not grow with the group."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from saycode.storage.connection import CALLER_ERRORS
from saycode.storage.counters import SqliteCounters
from saycode.storage.encryption import FieldCipher
from saycode.storage.jobs import Failure
from saycode.storage.records import RecordMapper
from saycode.storage.sqlite import database
from saycode.storage.store import SqlStore
from saycode.storage.waves import Request, Waves
from tests.support.engine import open_store
from tests.support.fakes import SeededRandomness
from tests.support.store import NUMBER, SECRETS, account, change, count, delivery, event, put, verification
from verification.context import Context
from verification.counters.rules import Limit
from verification.errors import LimitReached
from verification.flow import start as rules
from verification.flow.check import CheckResult, check, code_of
from verification.flow.delivery import record_outcome
from verification.flow.start import StartRequest, StartResult
from verification.models import BUILT_IN_SERVICE, Delivery, State, Verification
from verification.policy import SIGN_IN, Policy
from verification.ports import Accepted, ByAccount, ByDelivery, ByNumber, ByVerification, Changes
from verification.types import Channel, Scope, VerificationStatus
from verification.values.codes import KeyRing
from verification.values.phone_numbers import PhoneNumber

NOW, KEYS, RANDOM = 1_800_000_000.0, KeyRing(SECRETS), SeededRandomness()


class CountingConnection(sqlite3.Connection):
    """Counts the statements that are run: a statement with many rows is one."""

    run = 0

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        self.run += 1
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        self.run += 1
        return super().executemany(*arguments)


class Groups:
    """Decides groups, each in a transaction of its own."""

    def __init__(self, path: Path, policy: Policy) -> None:
        made, key = database.open_database(path, secrets=SECRETS, create=True, patience=1)
        made.close()
        self.conn = sqlite3.connect(path, isolation_level=None, factory=CountingConnection)
        records = RecordMapper(FieldCipher(key))
        counters = SqliteCounters(self.conn, records.counter_keys)
        self._waves = Waves(self.conn, records, counters, on_unreadable=lambda problem: None)
        self.context = Context(NOW, policy, KEYS)

    def decide(self, requests: Sequence[Request]) -> list[Any]:
        """The results of this group."""
        self.conn.execute("BEGIN IMMEDIATE")
        self.conn.run = 0
        outcomes = self._waves.decide(requests)
        self.statements = self.conn.run
        self.conn.execute("COMMIT")
        return [outcome.error if isinstance(outcome, Failure) else outcome.result for outcome in outcomes]

    def start(self, n: int, *, number: int | None = None, source: str = "") -> Request:
        """A start for account `n` and a number of its own, or this one."""
        line = f"+1415555{n if number is None else number:04}"
        asked = StartRequest(
            username=f"user {n}",
            number=PhoneNumber(line, "US"),
            channel=Channel.CALL,
            action=SIGN_IN,
            language="en-US",
            service=BUILT_IN_SERVICE,
            source=source,
        )
        planned, call, session = rules.plan_start(asked, self.context, randomness=RANDOM)
        query = ByAccount(service=BUILT_IN_SERVICE, account=planned.account, action=SIGN_IN, number=asked.number)
        return Request(query, lambda state: rules.start(state, planned, self.context, delivery=call, session=session))

    def note(self, call: Delivery) -> Request:
        """Twilio's answer to a call."""
        accepted = Accepted("CA" + call.sid[2:])
        return Request(ByDelivery(call.sid), lambda state: record_outcome(state, call.sid, accepted, self.context))

    def check(self, started: Verification) -> Request:
        """A check with the right code."""
        code = code_of(started, KEYS)
        return Request(
            ByVerification(started.sid), lambda state: check(state, self.context, submitted=code, renewed=None)
        )


@pytest.fixture
def groups(tmp_path: Path) -> Iterator[Groups]:
    made = Groups(tmp_path / "codes.db", Policy(limits=((Scope.TOTAL, (Limit(count=70, seconds=600),)),)))
    with closing(made.conn):
        yield made


def test_the_statements_of_a_group_do_not_grow_with_the_group(groups: Groups) -> None:
    statements: dict[int, list[int]] = {}
    for size, first in ((1, 100), (3, 200), (32, 300)):
        kinds = statements[size] = []
        started = groups.decide([groups.start(first + n) for n in range(size)])
        kinds.append(groups.statements)
        assert groups.decide([groups.note(one.delivery) for one in started]) == [one.verification for one in started]
        kinds.append(groups.statements)
        checked = groups.decide([groups.check(one.verification) for one in started])
        kinds.append(groups.statements)
        assert all(isinstance(result, CheckResult) and result.valid for result in checked)
    assert statements[3] == statements[32]
    assert all(one <= many for one, many in zip(statements[1], statements[3], strict=True))
    assert max(statements[32]) <= 20


def test_a_limit_is_exact_within_a_group(groups: Groups) -> None:
    results = groups.decide([groups.start(n) for n in range(100)])
    assert [isinstance(result, StartResult) for result in results] == [True] * 70 + [False] * 30
    assert all(isinstance(result, LimitReached) for result in results[70:])


def test_starts_of_one_account_and_of_one_number_see_each_other(groups: Groups) -> None:
    first, second, third = groups.decide([groups.start(1), groups.start(1), groups.start(2, number=1)])
    assert isinstance(first, StartResult)
    assert second.wait > 0  # its phone is ringing
    assert third.wait > 0
    pending = groups.conn.execute("SELECT count(*) FROM verifications WHERE status = 'pending'").fetchone()
    assert pending == (1,)


def test_a_code_is_right_once_within_a_group(groups: Groups) -> None:
    (started,) = groups.decide([groups.start(1)])
    results = groups.decide([groups.check(started.verification) for _ in range(5)])
    assert [result.valid for result in results] == [True, False, False, False, False]


def test_a_stop_is_seen_by_the_start_behind_it(groups: Groups) -> None:
    number = PhoneNumber("+14155550001", "US")
    stop = Request(ByNumber(number), lambda state: Changes(result=None, suppress=(number,)))
    _, started = groups.decide([stop, groups.start(1)])
    assert type(started).__name__ == "NumberSuppressed"


# ------------------------------------------------------------------------------------------------ over the store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        yield store


async def test_decisions_about_one_verification_are_made_one_after_the_other(store: SqlStore) -> None:
    await put(store, verifications=(verification(max_checks=99),))
    counted = await asyncio.gather(*(store.apply(ByVerification(verification().sid), count) for _ in range(50)))
    assert counted == list(range(1, 51))


@pytest.mark.parametrize(
    "broken",
    [
        Changes(result=None, verifications=(verification(7),)),  # its sid is taken
        Changes(result=None, deliveries=(delivery(9, of=9),)),  # its verification does not exist
        Changes(result=None, events=(event(of=9),)),
        Changes(result=None, verifications=(verification(8, username="a\0b"),)),
    ],
    ids=["taken", "orphan", "event", "name"],
)
async def test_what_one_decision_may_not_write_takes_no_other_along(store: SqlStore, broken: Changes[None]) -> None:
    await put(store, verifications=(verification(7),))

    def start(n: int) -> Any:
        made = Changes(result=n, verifications=(verification(n),), deliveries=(delivery(n, of=n),), events=(event(n),))
        return store.apply(account(verification(n)), lambda _: made)

    asked = [start(1), start(2), store.apply(account(verification(8)), lambda _: broken), start(3)]
    first, second, failed, third = await asyncio.gather(*asked, return_exceptions=True)
    assert (first, second, third) == (1, 2, 3)
    assert isinstance(failed, (*CALLER_ERRORS, ValueError))
    for n in (1, 2, 3):
        state = await store.read(ByVerification(verification(n).sid))
        assert state.verification == verification(n)
        assert len(await store.events(verification(n).sid)) == 1


async def test_an_ended_verification_is_seen_by_what_waits_with_its_end(store: SqlStore) -> None:
    await put(store, verifications=(verification(),))
    ended = change(store, status=VerificationStatus.CANCELED, seed=None, ended_at=1001.0)

    def seen(state: State) -> Changes[VerificationStatus | None]:
        return Changes(result=state.verification.status if state.verification else None)

    _, by_sid, by_account, by_number = await asyncio.gather(
        ended,
        store.apply(ByVerification(verification().sid), seen),
        store.apply(account(verification()), seen),
        store.apply(ByNumber(NUMBER), seen),
    )
    assert (by_sid, by_account, by_number) == (VerificationStatus.CANCELED, None, None)
