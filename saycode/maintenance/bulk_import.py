"""Write many accounts in one transaction.

A running service cannot write during that transaction, so everything that takes time, encryption above all, is done
before it; the transaction itself is short, and detects accounts that another process has changed in the meantime.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from verification.errors import Unavailable
from verification.flow.accounts import EnrollResult, enroll
from verification.models import OPERATOR, Account, Event, EventKind

from ..storage import queries
from ..storage.accounts import AccountMapper
from ..storage.connection import Connection
from ..storage.records import note_changes
from ..storage.store import SqlStore

_MAX_TRIES = 5
_ADD_ACCOUNT = "INSERT INTO accounts (account_hash, service, personal_data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_ADD_NUMBER = """INSERT INTO account_numbers (number_hash, since, line_hash, account_id)
    VALUES (?, ?, ?, (SELECT id FROM accounts WHERE account_hash = ?))
"""


ProgressCallback = Callable[[int], None]


class _ConcurrentChange(Exception):
    """Another process changed an account after the plan was made."""


@dataclass(slots=True)
class ImportPlan:
    """What an import changes. `changed` has the encrypted columns that were read, to detect concurrent changes."""

    added: list[tuple[bytes, str, bytes]] = field(default_factory=list)
    numbers: list[tuple[bytes, float, bytes, bytes]] = field(default_factory=list)
    changed: list[tuple[Account, bytes]] = field(default_factory=list)
    same: int = 0

    def apply(self, conn: Connection, account_mapper: AccountMapper, *, now: float) -> list[Event]:
        """Write the plan. Returns the events of verifications that ended with it."""
        if self.added and conn.executemany(_ADD_ACCOUNT, self.added).rowcount != len(self.added):
            raise _ConcurrentChange
        conn.executemany(_ADD_NUMBER, self.numbers)
        closed: list[Event] = []
        for account, personal_data in self.changed:
            row = conn.execute(queries.ACCOUNT, (account_mapper.hash(account),)).fetchone()
            if row is None or row[1] != personal_data:
                raise _ConcurrentChange
            closed += account_mapper.put(conn, account, at=now)
        note_changes(conn, [event.verification for event in closed])
        return closed


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """How many accounts were added, changed, and left as they were."""

    added: int
    changed: int
    same: int


async def import_accounts(
    store: SqlStore, accounts: list[Account], *, now: float, progress: ProgressCallback
) -> ImportResult:
    """Enroll all of them or none. Raises Unavailable. `progress` is called with the number of prepared accounts."""
    account_mapper = AccountMapper(store.cipher)
    for _ in range(_MAX_TRIES):
        plan = await store.query(lambda conn: _plan_import(conn, account_mapper, accounts, now=now, progress=progress))
        result = ImportResult(added=len(plan.added), changed=len(plan.changed), same=plan.same)
        if not (plan.added or plan.changed) or await _try_apply(store, account_mapper, plan, result, now=now):
            return result
    raise Unavailable("another process is changing the accounts")


def _plan_import(
    conn: Connection,
    account_mapper: AccountMapper,
    accounts: list[Account],
    *,
    now: float,
    progress: ProgressCallback,
) -> ImportPlan:
    plan = ImportPlan()
    for count, account in enumerate(accounts, start=1):
        stored, personal_data = account_mapper.find_stored(conn, account) or (None, b"")
        merged, result = enroll(stored, account, now=now)
        if result is EnrollResult.SAME:
            plan.same += 1
        elif result is EnrollResult.CHANGED:
            plan.changed.append((merged, personal_data))
        else:
            row = account_mapper.to_row(merged)
            plan.added.append(row)
            plan.numbers += ((*number, row[0]) for number in account_mapper.number_rows(merged))
        if count % 500 == 0 or count == len(accounts):
            progress(count)
    return plan


async def _try_apply(
    store: SqlStore, account_mapper: AccountMapper, plan: ImportPlan, result: ImportResult, *, now: float
) -> bool:
    """False when another process changed an account first."""
    detail = f"{result.added} added, {result.changed} changed"
    event = Event(kind=EventKind.ACCOUNTS_IMPORTED, at=now, detail=detail, actor=OPERATOR)
    try:
        await store.write(
            lambda conn: plan.apply(conn, account_mapper, now=now), events=lambda closed: [event, *closed]
        )
    except _ConcurrentChange:
        return False
    return True
