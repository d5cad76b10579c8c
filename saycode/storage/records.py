"""Load the state that a decision needs, and save the changes that it makes. Nothing here decides."""

import sqlite3
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
    Changes,
    Query,
)

from . import metric_totals, queries
from .accounts import AccountMapper
from .audit_log import AuditLog
from .counters import CounterKeys, SqliteCounters
from .denials import add_denial
from .encryption import DecryptionError, FieldCipher
from .outbox import OutboxWriter
from .queries import DELIVERY_AT, SESSION_AT, VERIFICATION_AT
from .rows import (
    Row,
    delivery_columns,
    delivery_from_row,
    delivery_row_id,
    immutable_columns,
    mutable_columns,
    require_same_identity,
    session_columns,
    session_from_row,
    verification_from_row,
)

_MAX_UNSETTLED_SECONDS = 86_400  # the service may have been down for hours


class UnreadableRow(Exception):
    """The encrypted columns of a verification cannot be decrypted. `state` is what is known without them."""

    def __init__(self, sid: str, state: State) -> None:
        super().__init__(f"the encrypted details of {sid} cannot be decrypted")
        self.sid = sid
        self.state = state


class RecordMapper:
    """Loads states and saves changes, on the caller's connection."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self.counter_keys = CounterKeys(cipher)
        self.audit_log = AuditLog(cipher)
        self._accounts = AccountMapper(cipher)
        self._outbox = OutboxWriter(cipher)

    def attempt(self, state_row: Row) -> tuple[Verification, Delivery]:
        """The verification and the delivery of a row that is shaped like a state's. Raises DecryptionError."""
        return verification_from_row(self._cipher, state_row[VERIFICATION_AT:]), delivery_from_row(state_row)

    def load(self, conn: sqlite3.Connection, query: Query, counters: SqliteCounters) -> State:
        """What the database holds for this query, with the counters of the same connection.

        Raises UnreadableRow when an encrypted value was changed or moved.
        """
        if isinstance(query, ByEnrolled):
            return State(
                account=self._accounts.find(conn, query.service, query.account),
                decoy_seed=self._cipher.decoy_seed(query.service, query.account),
            )
        if isinstance(query, ByNotices):
            return State(notices=self._accounts.notices(conn, limit=query.limit, due=query.due))
        statement, values = self._select(query)
        rows = conn.execute(statement, values).fetchall()
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
            verification = verification_from_row(self._cipher, first[VERIFICATION_AT:])
        except DecryptionError:
            return None, (), True
        has_delivery = first[DELIVERY_AT] is not None
        return verification, tuple([delivery_from_row(row) for row in rows]) if has_delivery else (), False

    def _enrolled_since(self, conn: sqlite3.Connection, query: Query) -> float | None:
        if not isinstance(query, ByAccount) or not query.enrolled:
            return None
        return self._accounts.enrolled_since(conn, query.service, query.account, query.number)

    def _is_repeated(self, conn: sqlite3.Connection, sid: str) -> bool:
        if not sid:
            return False
        return bool(conn.execute(queries.HAS_INBOUND, (self._cipher.request_hash(sid),)).fetchone()[0])

    def _select(
        self, query: ByVerification | ByDelivery | BySession | ByNumber | ByAccount | ByCheck
    ) -> tuple[str, dict[str, str | bytes | float | None]]:
        match query:
            case ByDelivery(sid, sending):
                return queries.BY_DELIVERY_TO_SEND if sending else queries.BY_DELIVERY, {"sid": sid}
            case ByVerification(sid, session):
                statement = queries.BY_VERIFICATION_AND_SESSION if session else queries.BY_VERIFICATION
                return statement, {"sid": sid, "session": session}
            case BySession(id):
                return queries.BY_SESSION, {"session": id}
            case ByCheck():
                return queries.BY_CHECK, {
                    "account": self._cipher.account_hash(query.service, query.account),
                    "action": query.action,
                    "now": query.now,
                }
            case ByNumber(number, _):
                return queries.BY_NUMBER, {"number": self._cipher.number_hash(number.line)}
            case ByAccount():
                statement = queries.BY_ACCOUNT_AND_SESSION if query.session else queries.BY_ACCOUNT
                return queries.BY_ACCOUNT_OF_SESSION if query.own else statement, {
                    "account": self._cipher.account_hash(query.service, query.account),
                    "action": query.action,
                    "number": self._cipher.number_hash(query.number.line),
                    "session": query.session,
                }

    def quarantine(self, conn: sqlite3.Connection, sid: str) -> None:
        """End a verification that cannot be decrypted: as failed, without its seed, and with nothing left to settle."""
        conn.execute(queries.QUARANTINE_VERIFICATION, (sid,))
        conn.execute(queries.STOP_SETTLING, (sid,))

    def save(self, conn: sqlite3.Connection, changes: Changes[Any], state: State, counters: SqliteCounters) -> None:
        """Write changes: update the rows that `state` holds, insert the others.

        Counter updates are buffered in `counters` until the end of the transaction.
        Raises sqlite3.IntegrityError when the sid of a new row is taken or its verification does not exist,
        ValueError when a verification would change its service, account, number or payment.
        """
        for verification in changes.verifications:
            self._save_verification(conn, verification, state)
        for delivery in changes.deliveries:
            if state.delivery(delivery.sid):
                conn.execute(queries.UPDATE_DELIVERY, (*delivery_columns(delivery), delivery.sid))
            else:
                row = (*delivery_columns(delivery), delivery.sid, delivery.verification, delivery.verification)
                conn.execute(queries.ADD_DELIVERY, row)
        for session in changes.sessions:
            conn.execute(queries.PUT_SESSION, session_columns(session))
        self._save_numbers(conn, changes)
        for received in changes.received:
            conn.execute(queries.ADD_INBOUND, (self._cipher.request_hash(received.sid), received.at))
        closed = self._accounts.save(conn, changes) if _concerns_accounts(changes) else []
        for denial in changes.denials:
            add_denial(conn, self._cipher, denial)
        if changes.padded:
            conn.execute(queries.PADDING_WRITE)
        metric_totals.record_totals(conn, changes, state)
        if changes.events:
            self.audit_log.add(conn, (*changes.events, *closed))
            if conn.execute(queries.NEWEST_EVENT_TARGET).fetchone()[0] is not None:
                self._outbox.add(conn, changes, state)
        counters.apply(changes.counter_updates)

    def _save_verification(self, conn: sqlite3.Connection, verification: Verification, state: State) -> None:
        if state.verification and verification.sid == state.verification.sid:
            require_same_identity(verification, state.verification)
            conn.execute(queries.UPDATE_VERIFICATION, (*mutable_columns(self._cipher, verification), verification.sid))
        else:
            row = (*immutable_columns(self._cipher, verification), *mutable_columns(self._cipher, verification))
            conn.execute(queries.ADD_VERIFICATION, row)

    def _save_numbers(self, conn: sqlite3.Connection, changes: Changes[Any]) -> None:
        for number in changes.suppress:
            since = changes.events[0].at if changes.events else 0
            conn.execute(queries.SUPPRESS, (self._cipher.number_hash(number.line), since))
        for number in changes.lift:
            conn.execute(queries.UNSUPPRESS, (self._cipher.number_hash(number.line),))
        for pause in changes.pauses:
            conn.execute(queries.PAUSE, (self._cipher.number_hash(pause.number.line), pause.until))


def _concerns_accounts(changes: Changes[Any]) -> bool:
    notices = changes.notices or changes.changed_notices or changes.sent_notices
    return bool(changes.accounts or changes.removed_accounts or notices)


def changes_since(conn: sqlite3.Connection, since: int | None) -> ChangeFeed:
    """The changes after this mark, while none of them was trimmed."""
    rows = conn.execute(queries.CHANGES_SINCE, (since,)).fetchall() if since is not None else []
    if since is not None and (not rows or rows[0][0] == since + 1):
        return ChangeFeed(since + len(rows), frozenset(sid for _, sid in rows))
    return ChangeFeed(conn.execute(queries.NEWEST_CHANGE).fetchone()[0], about=None)


def events(conn: sqlite3.Connection, verification: str) -> list[Event]:
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


def overdue(conn: sqlite3.Connection, *, now: float, limit: int) -> list[str]:
    """Pending verifications past their deadline, oldest deadline first."""
    return [sid for (sid,) in conn.execute(queries.OVERDUE_VERIFICATIONS, (now, limit))]


def unsettled(conn: sqlite3.Connection, *, now: float, patience: float, limit: int) -> list[str]:
    """Live deliveries without an update for `patience` seconds, oldest update first."""
    bounds = {"now": now, "oldest": now - _MAX_UNSETTLED_SECONDS, "latest": now - patience, "limit": limit}
    return [sid for (sid,) in conn.execute(queries.UNSETTLED_DELIVERIES, bounds)]
