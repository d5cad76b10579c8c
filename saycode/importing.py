"""Many accounts written in one transaction.

A service that runs beside it can write nothing meanwhile, so everything that costs time, sealing above all, is done
before; the transaction itself lasts a moment, and finds out if anything changed since.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from verification.accounts import Enrolled, enrol
from verification.errors import Unavailable
from verification.records import OPERATOR, Account, Event, EventKind

from . import statements
from .account_rows import AccountRows
from .table import SqliteTable

_TRIES = 5
_ADD_ACCOUNT = "INSERT INTO accounts (account_hash, service, person) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_ADD_NUMBER = """INSERT INTO account_numbers (number_hash, since, account_id)
    VALUES (?, ?, (SELECT id FROM accounts WHERE account_hash = ?))
"""


Progress = Callable[[int], None]


class _Changed(Exception):
    """Somebody else changed an account between the look and the transaction."""


@dataclass(slots=True)
class Plan:
    """What an import comes to, against what is enrolled now."""

    added: list[tuple[bytes, str, bytes]] = field(default_factory=list)
    numbers: list[tuple[bytes, float, bytes]] = field(default_factory=list)
    changed: list[tuple[Account, bytes]] = field(default_factory=list)
    same: int = 0

    def apply(self, conn: sqlite3.Connection, store: AccountRows, *, now: float) -> list[Event]:
        """Write it; what ended because of it."""
        before = conn.total_changes
        conn.executemany(_ADD_ACCOUNT, self.added)
        if conn.total_changes - before != len(self.added):
            raise _Changed
        conn.executemany(_ADD_NUMBER, self.numbers)
        closed: list[Event] = []
        for account, person in self.changed:
            row = conn.execute(statements.ACCOUNT, (store.hash(account),)).fetchone()
            if row is None or row[1] != person:
                raise _Changed
            closed += store.put(conn, account, at=now)
        return closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of the accounts."""

    added: int
    changed: int
    same: int


async def write(table: SqliteTable, accounts: list[Account], *, now: float, progress: Progress) -> Imported:
    """Enrol them all, or none: raises Unavailable when they could not be. `progress` is told how many are prepared."""
    store = AccountRows(table.sealer)
    for _ in range(_TRIES):
        plan = table.ask(lambda conn: _compare(conn, store, accounts, now=now, progress=progress))
        done = Imported(added=len(plan.added), changed=len(plan.changed), same=plan.same)
        if not (plan.added or plan.changed) or await _written(table, store, plan, done, now=now):
            return done
    raise Unavailable("the accounts are being changed by somebody else")


def _compare(
    conn: sqlite3.Connection,
    store: AccountRows,
    accounts: list[Account],
    *,
    now: float,
    progress: Progress,
) -> Plan:
    plan = Plan()
    for count, wanted in enumerate(accounts, start=1):
        known, person = store.stored(conn, wanted) or (None, b"")
        kept, became = enrol(known, wanted, now=now)
        if became is Enrolled.SAME:
            plan.same += 1
        elif became is Enrolled.CHANGED:
            plan.changed.append((kept, person))
        else:
            row = store.row(kept)
            plan.added.append(row)
            plan.numbers += ((*number, row[0]) for number in store.numbers(kept))
        if count % 500 == 0 or count == len(accounts):
            progress(count)
    return plan


async def _written(table: SqliteTable, store: AccountRows, plan: Plan, done: Imported, *, now: float) -> bool:
    """False when somebody else was quicker."""
    detail = f"{done.added} added, {done.changed} changed"
    told = Event(kind=EventKind.ACCOUNTS_IMPORTED, at=now, detail=detail, actor=OPERATOR)
    try:
        await table.write(lambda conn: plan.apply(conn, store, now=now), events=lambda closed: [told, *closed])
    except _Changed:
        return False
    return True
