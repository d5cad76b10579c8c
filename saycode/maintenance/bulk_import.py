"""Many accounts written in one transaction.

A service that runs beside it can write nothing meanwhile, so everything that costs time, sealing above all, is done
before; the transaction itself lasts a moment, and finds out if anything changed since.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from verification.errors import Unavailable
from verification.flow.accounts import EnrollResult, enroll
from verification.models import OPERATOR, Account, Event, EventKind

from ..storage import queries
from ..storage.accounts import AccountMapper
from ..storage.store import SqliteStore

_TRIES = 5
_ADD_ACCOUNT = "INSERT INTO accounts (account_hash, service, person) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_ADD_NUMBER = """INSERT INTO account_numbers (number_hash, since, account_id)
    VALUES (?, ?, (SELECT id FROM accounts WHERE account_hash = ?))
"""


ProgressCallback = Callable[[int], None]


class _ConcurrentChange(Exception):
    """Somebody else changed an account between the look and the transaction."""


@dataclass(slots=True)
class ImportPlan:
    """What an import comes to, against what is enrolled now."""

    added: list[tuple[bytes, str, bytes]] = field(default_factory=list)
    numbers: list[tuple[bytes, float, bytes]] = field(default_factory=list)
    changed: list[tuple[Account, bytes]] = field(default_factory=list)
    same: int = 0

    def apply(self, conn: sqlite3.Connection, account_mapper: AccountMapper, *, now: float) -> list[Event]:
        """Write it; what ended because of it."""
        before = conn.total_changes
        conn.executemany(_ADD_ACCOUNT, self.added)
        if conn.total_changes - before != len(self.added):
            raise _ConcurrentChange
        conn.executemany(_ADD_NUMBER, self.numbers)
        closed: list[Event] = []
        for account, person in self.changed:
            row = conn.execute(queries.ACCOUNT, (account_mapper.hash(account),)).fetchone()
            if row is None or row[1] != person:
                raise _ConcurrentChange
            closed += account_mapper.put(conn, account, at=now)
        return closed


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What became of the accounts."""

    added: int
    changed: int
    same: int


async def import_accounts(
    store: SqliteStore, accounts: list[Account], *, now: float, progress: ProgressCallback
) -> ImportResult:
    """Enrol them all, or none: raises Unavailable when they could not be. `progress` is told how many are prepared."""
    account_mapper = AccountMapper(store.cipher)
    for _ in range(_TRIES):
        plan = store.ask(lambda conn: _plan_import(conn, account_mapper, accounts, now=now, progress=progress))
        done = ImportResult(added=len(plan.added), changed=len(plan.changed), same=plan.same)
        if not (plan.added or plan.changed) or await _try_apply(store, account_mapper, plan, done, now=now):
            return done
    raise Unavailable("another process is changing the accounts")


def _plan_import(
    conn: sqlite3.Connection,
    account_mapper: AccountMapper,
    accounts: list[Account],
    *,
    now: float,
    progress: ProgressCallback,
) -> ImportPlan:
    plan = ImportPlan()
    for count, wanted in enumerate(accounts, start=1):
        known, person = account_mapper.stored(conn, wanted) or (None, b"")
        kept, became = enroll(known, wanted, now=now)
        if became is EnrollResult.SAME:
            plan.same += 1
        elif became is EnrollResult.CHANGED:
            plan.changed.append((kept, person))
        else:
            row = account_mapper.row(kept)
            plan.added.append(row)
            plan.numbers += ((*number, row[0]) for number in account_mapper.numbers(kept))
        if count % 500 == 0 or count == len(accounts):
            progress(count)
    return plan


async def _try_apply(
    store: SqliteStore, account_mapper: AccountMapper, plan: ImportPlan, done: ImportResult, *, now: float
) -> bool:
    """False when somebody else was quicker."""
    detail = f"{done.added} added, {done.changed} changed"
    told = Event(kind=EventKind.ACCOUNTS_IMPORTED, at=now, detail=detail, actor=OPERATOR)
    try:
        await store.write(lambda conn: plan.apply(conn, account_mapper, now=now), events=lambda closed: [told, *closed])
    except _ConcurrentChange:
        return False
    return True
