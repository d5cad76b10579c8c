"""Between records and rows. Nothing here decides.

Numbers and names are sealed on the way in and opened on the way out: the column `person` is number, region, extension,
account, user name and source, and of a payment amount, currency and payee, with NUL between them. Rows are read by
position; the order is that of `statements`.
"""

import sqlite3
from typing import Any

from verification.models import CallStage, Delivery, Event, EventKind, Manner, Progress, Session, State, Verification
from verification.policy import Keypress
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
from verification.types import CallStyle, Channel, DeliveryStatus, VerificationStatus
from verification.values.payments import Payment
from verification.values.phone_numbers import PhoneNumber

from . import metric_totals, queries
from .accounts import AccountMapper
from .audit_log import AuditLog
from .counters import CounterKeys, SqliteCounters
from .encryption import DecryptionError, FieldCipher
from .outbox import OutboxWriter
from .queries import DELIVERY_AT, SESSION_AT, VERIFICATION_AT
from .refusals import add_refusal

Row = tuple[Any, ...]

_PERSON = 6  # texts in `person` before those of a payment

_MAX_UNSETTLED_SECONDS = 86_400  # seconds; a service may have been down for hours

# Calling an enum costs ten times as much as a dictionary, and a case has five of them.
_VERIFICATION_STATUS = {status.value: status for status in VerificationStatus}
_DELIVERY_STATUS = {status.value: status for status in DeliveryStatus}
_CHANNEL = {channel.value: channel for channel in Channel}
_MANNER = {manner.value: manner for manner in Manner}
_STYLE = {style.value: style for style in CallStyle}
_KEYPRESS: dict[str | None, Keypress | None] = {None: None, **{keypress.value: keypress for keypress in Keypress}}
_STAGE = {stage.value: stage for stage in CallStage}
_PROGRESS = {progress.value: progress for progress in Progress}


class UnreadableRow(Exception):
    """The sealed details of a verification do not open. `case` is what is known without it."""

    def __init__(self, sid: str, state: State) -> None:
        super().__init__(f"the encrypted details of {sid} cannot be decrypted")
        self.sid = sid
        self.state = state


class RecordMapper:
    """Reads cases and writes decisions, on whatever connection it is given."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._field_cipher = cipher
        self.names = CounterKeys(cipher)
        self.trail = AuditLog(cipher)
        self._accounts = AccountMapper(cipher)
        self._outbox = OutboxWriter(cipher)

    def attempt(self, row: Row) -> tuple[Verification, Delivery]:
        """The verification and the delivery of a row of the shape that a case has. Raises SealBroken."""
        return self._verification(row[VERIFICATION_AT:]), _delivery(row)

    def load(self, conn: sqlite3.Connection, query: Query, counts: SqliteCounters) -> State:
        """What is known about the subject, and the counts on the same connection.

        Raises Unreadable when a sealed value was changed or moved.
        """
        if isinstance(query, ByEnrolled):
            return State(
                account=self._accounts.find(conn, query.service, query.account),
                decoy_seed=self._field_cipher.decoy_seed(query.service, query.account),
            )
        if isinstance(query, ByNotices):
            return State(notices=self._accounts.notices(conn, limit=query.limit))
        statement, values = self._select_query(query)
        rows = conn.execute(statement, values).fetchall()
        if len(rows) > 1:
            rows.sort(key=_delivery_id)  # an ORDER BY would sort the one row of most cases as well, for 5 microseconds
        first = rows[0]
        verification: Verification | None = None
        deliveries: tuple[Delivery, ...] = ()
        broken = False
        if first[VERIFICATION_AT] is not None:
            try:
                verification = self._verification(first[VERIFICATION_AT:])
                deliveries = tuple([_delivery(row) for row in rows]) if first[DELIVERY_AT] is not None else ()
            except DecryptionError:
                broken = True
        state = State(
            verification=verification,
            deliveries=deliveries,
            session=_session(first[SESSION_AT:]) if len(first) > SESSION_AT and first[SESSION_AT] is not None else None,
            suppressed=first[0] == 1,
            paused_until=first[1],
            other_call_since=first[2],
            counts=counts,
            enrolled_since=self._enrolled_since(conn, query),
        )
        if broken:
            raise UnreadableRow(first[VERIFICATION_AT], state)
        return state

    def quarantine(self, conn: sqlite3.Connection, sid: str) -> None:
        """End a verification whose details do not open: as failed, without its seed, and nothing of it to settle."""
        conn.execute(queries.QUARANTINE_VERIFICATION, (sid,))
        conn.execute(queries.STOP_SETTLING, (sid,))

    def _enrolled_since(self, conn: sqlite3.Connection, query: Query) -> float | None:
        if not isinstance(query, ByAccount) or not query.enrolled:
            return None
        return self._accounts.enrolled_since(conn, query.service, query.account, query.number)

    def save(self, conn: sqlite3.Connection, changes: Changes[Any], state: State, counts: SqliteCounters) -> None:
        """Write all of a decision: rows that the case held are changed, others are new.

        What it counts is left with the counts, to be written at the end of the transaction.
        Raises sqlite3.IntegrityError when the sid of a new row is taken or names a verification that is not there,
        ValueError when a verification would change its service, account, number or payment.
        """
        for verification in changes.verifications:
            if state.verification and verification.sid == state.verification.sid:
                _require_same_identity(verification, state.verification)
                conn.execute(queries.UPDATE_VERIFICATION, (*_mutable_columns(verification), verification.sid))
            else:
                conn.execute(
                    queries.ADD_VERIFICATION, (*self._immutable_columns(verification), *_mutable_columns(verification))
                )
        for delivery in changes.deliveries:
            if state.delivery(delivery.sid):
                conn.execute(queries.UPDATE_DELIVERY, (*_delivery_columns(delivery), delivery.sid))
            else:
                row = (*_delivery_columns(delivery), delivery.sid, delivery.verification, delivery.verification)
                conn.execute(queries.ADD_DELIVERY, row)
        for session in changes.sessions:
            conn.execute(queries.PUT_SESSION, _session_row(session))
        for number in changes.suppress:
            since = changes.events[0].at if changes.events else 0
            conn.execute(queries.SUPPRESS, (self._field_cipher.number_hash(number.e164), since))
        for number in changes.lift:
            conn.execute(queries.UNSUPPRESS, (self._field_cipher.number_hash(number.e164),))
        for pause in changes.pauses:
            conn.execute(queries.PAUSE, (self._field_cipher.number_hash(pause.number.e164), pause.until))
        closed = self._accounts.save(conn, changes)
        for refusal in changes.refusals:
            add_refusal(conn, self._field_cipher, refusal)
        if changes.padded:
            conn.execute(queries.PADDING_WRITE)
        metric_totals.record_totals(conn, changes, state)
        if changes.events:
            self.trail.add(conn, (*changes.events, *closed))
            self._outbox.add(conn, changes, state)
        counts.enter(changes.counted)

    def _select_query(
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
                    "account": self._field_cipher.account_hash(query.service, query.account),
                    "action": query.action,
                    "now": query.now,
                }
            case ByNumber(number):
                return queries.BY_NUMBER, {"number": self._field_cipher.number_hash(number.e164)}
            case ByAccount():
                return queries.BY_ACCOUNT_AND_SESSION if query.session else queries.BY_ACCOUNT, {
                    "account": self._field_cipher.account_hash(query.service, query.account),
                    "action": query.action,
                    "number": self._field_cipher.number_hash(query.number.e164),
                    "session": query.session,
                }

    def _verification(self, row: Row) -> Verification:
        sid = row[0]
        person = self._field_cipher.open(row[4], place=_verification_aad(sid)).split("\0")
        e164, region, extension, account, username, source = person[:_PERSON]
        paid = person[_PERSON:]
        return Verification(
            sid=sid,
            service=row[1],
            account=account,
            username=username,
            action=row[5],
            number=PhoneNumber(e164, region, extension),
            language=row[6],
            status=_VERIFICATION_STATUS[row[7]],
            seed=row[8],
            key_id=row[9],
            code_length=row[10],
            max_checks=row[11],
            checks=row[12],
            style=_STYLE[row[13]],
            source=source,
            payment=Payment(amount=paid[0], currency=paid[1], payee=paid[2]) if paid else None,
            created_at=row[14],
            expires_at=row[15],
            ended_at=row[16],
            brand=row[17],
            keypress=_KEYPRESS[row[18]],
            manner=_MANNER[row[19]],
            redeemed_at=row[20],
            known=bool(row[21]),
        )

    def _immutable_columns(self, record: Verification) -> Row:
        """What never changes, and costs the most: sealed and hashed."""
        number = record.number
        person = (number.e164, number.region, number.extension, record.account, record.username, record.source)
        facts = (*person, *record.payment.facts) if record.payment else person
        if any("\0" in fact for fact in facts):
            raise ValueError("a NUL in a name")
        return (
            record.sid,
            record.service,
            self._field_cipher.account_hash(record.service, record.account),
            self._field_cipher.number_hash(number.e164),
            self._field_cipher.seal("\0".join(facts), place=_verification_aad(record.sid)),
        )


def news(conn: sqlite3.Connection, since: int | None) -> ChangeFeed:
    """What was committed since this mark, as long as none of it is forgotten."""
    found = conn.execute(queries.CHANGES_SINCE, (since,)).fetchall() if since is not None else []
    if since is not None and (not found or found[0][0] == since + 1):
        return ChangeFeed(since + len(found), frozenset(sid for _, sid in found))
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
    """Pending verifications past their deadline, the oldest first."""
    return [sid for (sid,) in conn.execute(queries.OVERDUE_VERIFICATIONS, (now, limit))]


def unsettled(conn: sqlite3.Connection, *, now: float, patience: float, limit: int) -> list[str]:
    """Deliveries that may be live and went quiet, the quietest first."""
    bounds = {"now": now, "oldest": now - _MAX_UNSETTLED_SECONDS, "latest": now - patience, "limit": limit}
    return [sid for (sid,) in conn.execute(queries.UNSETTLED_DELIVERIES, bounds)]


def _verification_aad(sid: str) -> str:
    return f"verifications.person {sid}"


def _require_same_identity(record: Verification, known: Verification) -> None:
    if (
        record.number != known.number
        or record.service != known.service
        or record.account != known.account
        or record.username != known.username
        or record.source != known.source
        or record.payment != known.payment
    ):
        raise ValueError("a verification stays with its service, account, number and payment")


def _mutable_columns(record: Verification) -> Row:
    return (
        record.action,
        record.language,
        record.status,
        record.seed,
        record.key_id,
        record.code_length,
        record.max_checks,
        record.checks,
        record.style,
        record.created_at,
        record.expires_at,
        record.ended_at,
        record.brand,
        record.keypress,
        record.manner,
        record.redeemed_at,
        record.known,
    )


def _delivery_id(row: Row) -> int:
    return int(row[DELIVERY_AT])


def _delivery(state: Row) -> Delivery:
    row = state[DELIVERY_AT + 1 :]
    return Delivery(
        verification=state[VERIFICATION_AT],
        sid=row[0],
        channel=_CHANNEL[row[1]],
        status=_DELIVERY_STATUS[row[2]],
        created_at=row[3],
        updated_at=row[4],
        provider_sid=row[5],
        error=row[6],
        stage=_STAGE[row[7]],
        progress=_PROGRESS[row[8]],
        tries=row[9],
        silences=row[10],
        position=row[11],
        keys=row[12],
        machine=bool(row[13]),
        webhook=row[14],
    )


def _delivery_columns(record: Delivery) -> Row:
    return (
        record.channel,
        record.status,
        record.created_at,
        record.updated_at,
        record.provider_sid,
        record.error,
        record.stage,
        record.progress,
        record.tries,
        record.silences,
        record.position,
        record.keys,
        record.machine,
        record.webhook,
        record.status.live,
    )


def _session(row: Row) -> Session:
    return Session(
        id=row[0],
        verification=row[1],
        channel=_CHANNEL[row[2]],
        expires_at=row[3],
        approved=bool(row[4]),
        replaced_at=row[5],
        answer=row[6],
    )


def _session_row(record: Session) -> Row:
    return (
        record.id,
        record.verification,
        record.channel,
        record.expires_at,
        record.approved,
        record.replaced_at,
        record.answer,
    )
