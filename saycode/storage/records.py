"""Load the state that a decision needs. `waves` writes what it changes."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from verification.models import Delivery, Event, EventKind, State, Verification
from verification.ports import (
    ByAccount,
    ByCheck,
    ByDelivery,
    ByEnrolled,
    ByNotices,
    ByNumber,
    BySession,
    ByVerification,
    ChangeFeed,
    Query,
)
from verification.values.references import sids

from . import queries
from .accounts import AccountMapper
from .audit_log import AuditLog
from .connection import Connection
from .counters import CounterKeys, SqliteCounters
from .encryption import DecryptionError, FieldCipher
from .outbox import OutboxWriter
from .queries import DELIVERY_AT, SESSION_AT, VERIFICATION_AT
from .rows import (
    Row,
    delivery_from_row,
    delivery_row_id,
    session_from_row,
    verification_from_row,
)

#: Notes of changes that are kept, and how many come between two times that older ones are deleted.
KEPT_CHANGES, _TRIM_STEP = 10_000, 500
_MAX_UNSETTLED_SECONDS = 86_400  # the service may have been down for hours
_OWN_STATEMENTS = (ByEnrolled, ByNotices)


class UnreadableRow(Exception):
    """The encrypted columns of a verification cannot be decrypted. `state` is what is known without them."""

    def __init__(self, sid: str, state: State) -> None:
        super().__init__(f"the encrypted details of {sid} cannot be decrypted")
        self.sid = sid
        self.state = state


class RecordMapper:
    """Loads states, on the caller's connection."""

    def __init__(self, cipher: FieldCipher) -> None:
        self.cipher = cipher
        self.counter_keys = CounterKeys(cipher)
        self.audit_log = AuditLog(cipher)
        self.accounts = AccountMapper(cipher)
        self.outbox = OutboxWriter(cipher)

    def attempt(self, state_row: Row) -> tuple[Verification, Delivery]:
        """The verification and the delivery of a row that is shaped like a state's. Raises DecryptionError."""
        return verification_from_row(self.cipher, state_row[VERIFICATION_AT:]), delivery_from_row(state_row)

    def load(self, conn: Connection, query: Query, counters: SqliteCounters) -> State:
        """What the database holds for this query, with the counters of the same connection.

        Raises UnreadableRow when an encrypted value was changed or moved.
        """
        if isinstance(query, ByEnrolled):
            return State(
                account=self.accounts.find(conn, query.service, query.account),
                decoy_seed=self.cipher.decoy_seed(query.service, query.account),
            )
        if isinstance(query, ByNotices):
            return State(notices=self.accounts.notices(conn, limit=query.limit, due=query.due))
        statement, values = self._select(query)
        return self._state(conn, query, conn.execute(statement, values).fetchall(), counters)

    def load_all(
        self, conn: Connection, wanted: Sequence[Query], counters: SqliteCounters
    ) -> list[State | UnreadableRow]:
        """The states of these queries, in their order: one statement for each kind of query."""
        by_statement: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        found: dict[int, list[Row]] = {}
        for n, query in enumerate(wanted):
            if not isinstance(query, _OWN_STATEMENTS):
                statement, values = self._select(query)
                by_statement.setdefault(statement, []).append((n, values))
                found[n] = []
        for statement, selected in by_statement.items():
            size = queries.PADDED[len(selected)]
            text, names = for_set(statement, size)
            rows = [(n, *[values[name] for name in names]) for n, values in selected]
            rows += [(None,) * (len(names) + 1)] * (size - len(rows))
            for row in conn.execute(text, list(chain.from_iterable(rows))).fetchall():
                found[row[0]].append(row[1:])
        return [self._state_or_unreadable(conn, query, found.get(n), counters) for n, query in enumerate(wanted)]

    def _state_or_unreadable(
        self, conn: Connection, query: Query, rows: list[Row] | None, counters: SqliteCounters
    ) -> State | UnreadableRow:
        try:
            return self.load(conn, query, counters) if rows is None else self._state(conn, query, rows, counters)
        except UnreadableRow as problem:
            return problem

    def _state(self, conn: Connection, query: Query, rows: list[Row], counters: SqliteCounters) -> State:
        if len(rows) > 1:
            rows.sort(key=delivery_row_id)  # an ORDER BY would cost 5 microseconds even where there is one row
        verification, deliveries, unreadable = self._read_verification(rows)
        first = rows[0]
        has_session = len(first) > SESSION_AT and first[SESSION_AT] is not None
        state = State(
            verification=verification,
            deliveries=deliveries,
            session=session_from_row(first[SESSION_AT:]) if has_session else None,
            suppressed=first[0] == 1,
            repeated=isinstance(query, ByNumber) and self._is_repeated(conn, query.sid),
            paused_until=first[1],
            other_call_since=first[2],
            counters=counters,
            enrolled_since=self._enrolled_since(conn, query),
        )
        if unreadable:
            raise UnreadableRow(first[VERIFICATION_AT], state)
        return state

    def _read_verification(self, rows: list[Row]) -> tuple[Verification | None, tuple[Delivery, ...], bool]:
        """The verification, its deliveries, and whether it cannot be decrypted."""
        first = rows[0]
        if first[VERIFICATION_AT] is None:
            return None, (), False
        try:
            verification = verification_from_row(self.cipher, first[VERIFICATION_AT:])
        except DecryptionError:
            return None, (), True
        has_delivery = first[DELIVERY_AT] is not None
        return verification, tuple([delivery_from_row(row) for row in rows]) if has_delivery else (), False

    def _enrolled_since(self, conn: Connection, query: Query) -> float | None:
        if not isinstance(query, ByAccount) or not query.enrolled:
            return None
        return self.accounts.enrolled_since(conn, query.service, query.account, query.number)

    def _is_repeated(self, conn: Connection, sid: str) -> bool:
        if not sid:
            return False
        return bool(conn.execute(queries.HAS_INBOUND, (self.cipher.request_hash(sid),)).fetchone()[0])

    def _select(
        self, query: ByVerification | ByDelivery | BySession | ByNumber | ByAccount | ByCheck
    ) -> tuple[str, dict[str, Any]]:
        match query:
            case ByDelivery(sid, sending):
                return queries.BY_DELIVERY_TO_SEND if sending else queries.BY_DELIVERY, {"sid": sid}
            case ByAccount():
                statement = queries.BY_ACCOUNT_AND_SESSION if query.session else queries.BY_ACCOUNT
                return queries.BY_ACCOUNT_OF_SESSION if query.own else statement, {
                    "account": self.cipher.account_hash(query.service, query.account),
                    "action": query.action,
                    "number": self.cipher.number_hash(query.number.line),
                    "session": query.session,
                }
            case ByVerification(sid, session):
                statement = queries.BY_VERIFICATION_AND_SESSION if session else queries.BY_VERIFICATION
                return statement, {"sid": sid, "session": session}
            case BySession(id):
                return queries.BY_SESSION, {"session": id}
            case ByCheck():
                return queries.BY_CHECK, {
                    "account": self.cipher.account_hash(query.service, query.account),
                    "action": query.action,
                    "now": query.now,
                }
            case ByNumber(number, _):
                return queries.BY_NUMBER, {"number": self.cipher.number_hash(number.line)}

    def quarantine(self, conn: Connection, sid: str) -> None:
        """End a verification that cannot be decrypted: as failed, without its seed, and with nothing left to settle."""
        conn.execute(queries.QUARANTINE_VERIFICATION, (sid,))
        conn.execute(queries.STOP_SETTLING, (sid,))
        note_changes(conn, [sid])


@cache
def for_set(statement: str, size: int) -> tuple[str, tuple[str, ...]]:
    """A statement of a state for so many queries at once, and the names of its values, which follow the number of each
    query. A number that is NULL stands for no query.
    """
    names = tuple(sorted(set(re.findall(r":(\w+)", statement))))
    values = ", ".join([f"({', '.join('?' * (len(names) + 1))})"] * size)
    of_set = re.sub(r":(\w+)", r"q.\1", statement).replace("FROM (SELECT 1) AS one", "FROM q", 1)
    columns = ", ".join(("n", *names))
    text = f"WITH q ({columns}) AS (VALUES {values}) SELECT q.n, {of_set.strip().removeprefix('SELECT ')}"
    return f"{text} WHERE q.n IS NOT NULL", names


def note_changes(conn: Connection, sids: Iterable[str]) -> None:
    """Note for open pages that these verifications changed, in the transaction that changes them.

    The numbers of the notes have no gap: a reader that finds its next number missing knows that it has missed some.
    """
    changed = dict.fromkeys(sids)
    if not changed:
        return
    newest = conn.execute(queries.NEWEST_CHANGE).fetchone()[0]
    rows = list(enumerate(changed, start=newest + 1))
    conn.executemany(queries.ADD_CHANGE, rows)
    if rows[-1][0] // _TRIM_STEP != newest // _TRIM_STEP:
        conn.execute(queries.TRIM_CHANGES, (rows[-1][0] - KEPT_CHANGES,))


def changes_since(conn: Connection, since: int | None) -> ChangeFeed:
    """The changes after this mark, while none of them was trimmed."""
    rows = conn.execute(queries.CHANGES_SINCE, (since,)).fetchall() if since is not None else []
    if since is not None and (not rows or rows[0][0] == since + 1):
        return ChangeFeed(since + len(rows), frozenset(sid for _, sid in rows))
    return ChangeFeed(conn.execute(queries.NEWEST_CHANGE).fetchone()[0], about=None)


def events(conn: Connection, verification: str) -> list[Event]:
    """The events of one verification, oldest first."""
    return [
        Event(
            kind=EventKind(kind),
            at=at,
            verification=verification,
            delivery=delivery,
            detail=detail,
            actor=actor,
            source=source.hex(),
        )
        for kind, at, delivery, detail, actor, source in conn.execute(queries.EVENTS, (verification,))
    ]


def of_reference(conn: Connection, reference: str) -> list[str]:
    """The verifications of a reference (eight digits), their own or that of a delivery, newest first."""
    return [sid for (sid,) in conn.execute(queries.OF_REFERENCE, (*sids(reference), *sids(reference, "VL")))]


def overdue(conn: Connection, *, now: float, limit: int) -> list[str]:
    """Pending verifications past their deadline, oldest deadline first."""
    return [sid for (sid,) in conn.execute(queries.OVERDUE_VERIFICATIONS, (now, limit))]


def unsettled(conn: Connection, *, now: float, patience: float, limit: int) -> list[str]:
    """Live deliveries without an update for `patience` seconds, oldest update first."""
    bounds = {"now": now, "oldest": now - _MAX_UNSETTLED_SECONDS, "latest": now - patience, "limit": limit}
    return [sid for (sid,) in conn.execute(queries.UNSETTLED_DELIVERIES, bounds)]
