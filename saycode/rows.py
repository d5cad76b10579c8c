"""Between records and rows. Nothing here decides.

Numbers and names are sealed on the way in and opened on the way out: the column `person` is number, region, extension,
account, user name and source, and of a payment amount, currency and payee, with NUL between them. Rows are read by
position; the order is that of `statements`.
"""

import sqlite3
from typing import Any

from verification.numbers import Number
from verification.payments import Payment
from verification.policy import Keypress
from verification.ports import (
    Decision,
    News,
    OfAccount,
    OfCheck,
    OfDelivery,
    OfEnrolled,
    OfNotices,
    OfNumber,
    OfSession,
    OfVerification,
    Subject,
)
from verification.records import (
    CallStyle,
    Case,
    Delivery,
    Event,
    EventKind,
    Manner,
    Progress,
    Session,
    Stage,
    Verification,
)
from verification.states import Channel, DeliveryStatus, VerificationStatus

from . import statements, totals
from .account_rows import AccountRows
from .count_names import Names
from .counts import SqliteCounts
from .outbox_rows import OutboxRows
from .refusals import add_refusal
from .sealing import SealBroken, Sealer
from .statements import DELIVERY_AT, SESSION_AT, VERIFICATION_AT
from .trail import Trail

Row = tuple[Any, ...]

_PERSON = 6  # texts in `person` before those of a payment

_LONGEST_UNSETTLED = 86_400  # seconds; a service may have been down for hours

# Calling an enum costs ten times as much as a dictionary, and a case has five of them.
_VERIFICATION_STATUS = {status.value: status for status in VerificationStatus}
_DELIVERY_STATUS = {status.value: status for status in DeliveryStatus}
_CHANNEL = {channel.value: channel for channel in Channel}
_MANNER = {manner.value: manner for manner in Manner}
_STYLE = {style.value: style for style in CallStyle}
_KEYPRESS: dict[str | None, Keypress | None] = {None: None, **{keypress.value: keypress for keypress in Keypress}}
_STAGE = {stage.value: stage for stage in Stage}
_PROGRESS = {progress.value: progress for progress in Progress}


class Unreadable(Exception):
    """The sealed details of a verification do not open. `case` is what is known without it."""

    def __init__(self, sid: str, case: Case) -> None:
        super().__init__(f"the sealed details of {sid} do not open")
        self.sid = sid
        self.case = case


class Rows:
    """Reads cases and writes decisions, on whatever connection it is given."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self.names = Names(sealer)
        self.trail = Trail(sealer)
        self._accounts = AccountRows(sealer)
        self._outbox = OutboxRows(sealer)

    def attempt(self, row: Row) -> tuple[Verification, Delivery]:
        """The verification and the delivery of a row of the shape that a case has. Raises SealBroken."""
        return self._verification(row[VERIFICATION_AT:]), _delivery(row)

    def load(self, conn: sqlite3.Connection, subject: Subject, counts: SqliteCounts) -> Case:
        """What is known about the subject, and the counts on the same connection.

        Raises Unreadable when a sealed value was changed or moved.
        """
        if isinstance(subject, OfEnrolled):
            return Case(
                account=self._accounts.find(conn, subject.service, subject.account),
                likeness=self._sealer.likeness(subject.service, subject.account),
            )
        if isinstance(subject, OfNotices):
            return Case(notices=self._accounts.notices(conn, limit=subject.limit))
        statement, values = self._question(subject)
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
            except SealBroken:
                broken = True
        case = Case(
            verification=verification,
            deliveries=deliveries,
            session=_session(first[SESSION_AT:]) if len(first) > SESSION_AT and first[SESSION_AT] is not None else None,
            suppressed=first[0] == 1,
            paused_until=first[1],
            called_elsewhere=first[2],
            counts=counts,
            enrolled_since=self._enrolled_since(conn, subject),
        )
        if broken:
            raise Unreadable(first[VERIFICATION_AT], case)
        return case

    def set_aside(self, conn: sqlite3.Connection, sid: str) -> None:
        """End a verification whose details do not open: as failed, without its seed, and nothing of it to settle."""
        conn.execute(statements.SET_ASIDE, (sid,))
        conn.execute(statements.LEAVE_UNSETTLED, (sid,))

    def _enrolled_since(self, conn: sqlite3.Connection, subject: Subject) -> float | None:
        if not isinstance(subject, OfAccount) or not subject.enrolled:
            return None
        return self._accounts.enrolled_since(conn, subject.service, subject.account, subject.number)

    def save(self, conn: sqlite3.Connection, decision: Decision[Any], case: Case, counts: SqliteCounts) -> None:
        """Write all of a decision: rows that the case held are changed, others are new.

        What it counts is left with the counts, to be written at the end of the transaction.
        Raises sqlite3.IntegrityError when the sid of a new row is taken or names a verification that is not there,
        ValueError when a verification would change its service, account, number or payment.
        """
        for verification in decision.verifications:
            if case.verification and verification.sid == case.verification.sid:
                _require_same_person(verification, case.verification)
                conn.execute(statements.CHANGE_VERIFICATION, (*_mutable(verification), verification.sid))
            else:
                conn.execute(statements.ADD_VERIFICATION, (*self._fixed(verification), *_mutable(verification)))
        for delivery in decision.deliveries:
            if case.delivery(delivery.sid):
                conn.execute(statements.CHANGE_DELIVERY, (*_moving(delivery), delivery.sid))
            else:
                row = (*_moving(delivery), delivery.sid, delivery.verification, delivery.verification)
                conn.execute(statements.ADD_DELIVERY, row)
        for session in decision.sessions:
            conn.execute(statements.PUT_SESSION, _session_row(session))
        for number in decision.suppress:
            since = decision.events[0].at if decision.events else 0
            conn.execute(statements.SUPPRESS, (self._sealer.number_hash(number.e164), since))
        for number in decision.lift:
            conn.execute(statements.LIFT, (self._sealer.number_hash(number.e164),))
        for pause in decision.pauses:
            conn.execute(statements.PAUSE, (self._sealer.number_hash(pause.number.e164), pause.until))
        closed = self._accounts.save(conn, decision)
        for refusal in decision.refusals:
            add_refusal(conn, self._sealer, refusal)
        if decision.padded:
            conn.execute(statements.PAD)
        totals.add(conn, decision, case)
        if decision.events:
            self.trail.add(conn, (*decision.events, *closed))
            self._outbox.add(conn, decision, case)
        counts.enter(decision.counted)

    def _question(
        self, subject: OfVerification | OfDelivery | OfSession | OfNumber | OfAccount | OfCheck
    ) -> tuple[str, dict[str, str | bytes | float | None]]:
        match subject:
            case OfDelivery(sid, sending):
                return statements.OF_DELIVERY_TO_SEND if sending else statements.OF_DELIVERY, {"sid": sid}
            case OfVerification(sid, session):
                statement = statements.OF_VERIFICATION_AND_SESSION if session else statements.OF_VERIFICATION
                return statement, {"sid": sid, "session": session}
            case OfSession(id):
                return statements.OF_SESSION, {"session": id}
            case OfCheck():
                return statements.OF_CHECK, {
                    "account": self._sealer.account_hash(subject.service, subject.account),
                    "action": subject.action,
                    "now": subject.now,
                }
            case OfNumber(number):
                return statements.OF_NUMBER, {"number": self._sealer.number_hash(number.e164)}
            case OfAccount():
                return statements.OF_ACCOUNT_AND_SESSION if subject.session else statements.OF_ACCOUNT, {
                    "account": self._sealer.account_hash(subject.service, subject.account),
                    "action": subject.action,
                    "number": self._sealer.number_hash(subject.number.e164),
                    "session": subject.session,
                }

    def _verification(self, row: Row) -> Verification:
        sid = row[0]
        person = self._sealer.open(row[4], place=_place(sid)).split("\0")
        e164, region, extension, account, username, source = person[:_PERSON]
        paid = person[_PERSON:]
        return Verification(
            sid=sid,
            service=row[1],
            account=account,
            username=username,
            action=row[5],
            number=Number(e164, region, extension),
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

    def _fixed(self, record: Verification) -> Row:
        """What never changes, and costs the most: sealed and hashed."""
        number = record.number
        person = (number.e164, number.region, number.extension, record.account, record.username, record.source)
        facts = (*person, *record.payment.facts) if record.payment else person
        if any("\0" in fact for fact in facts):
            raise ValueError("a NUL in a name")
        return (
            record.sid,
            record.service,
            self._sealer.account_hash(record.service, record.account),
            self._sealer.number_hash(number.e164),
            self._sealer.seal("\0".join(facts), place=_place(record.sid)),
        )


def news(conn: sqlite3.Connection, since: int | None) -> News:
    """What was committed since this mark, as long as none of it is forgotten."""
    found = conn.execute(statements.NEWS, (since,)).fetchall() if since is not None else []
    if since is not None and (not found or found[0][0] == since + 1):
        return News(since + len(found), frozenset(sid for _, sid in found))
    return News(conn.execute(statements.NEWEST).fetchone()[0], about=None)


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
        for kind, at, delivery, detail, actor, source in conn.execute(statements.EVENTS, (verification,))
    ]


def overdue(conn: sqlite3.Connection, *, now: float, limit: int) -> list[str]:
    """Pending verifications past their deadline, the oldest first."""
    return [sid for (sid,) in conn.execute(statements.EXPIRED, (now, limit))]


def unsettled(conn: sqlite3.Connection, *, now: float, patience: float, limit: int) -> list[str]:
    """Deliveries that may be live and went quiet, the quietest first."""
    bounds = {"now": now, "oldest": now - _LONGEST_UNSETTLED, "latest": now - patience, "limit": limit}
    return [sid for (sid,) in conn.execute(statements.QUIET, bounds)]


def _place(sid: str) -> str:
    return f"verifications.person {sid}"


def _require_same_person(record: Verification, known: Verification) -> None:
    if (
        record.number != known.number
        or record.service != known.service
        or record.account != known.account
        or record.username != known.username
        or record.source != known.source
        or record.payment != known.payment
    ):
        raise ValueError("a verification stays with its service, account, number and payment")


def _mutable(record: Verification) -> Row:
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


def _delivery(case: Row) -> Delivery:
    row = case[DELIVERY_AT + 1 :]
    return Delivery(
        verification=case[VERIFICATION_AT],
        sid=row[0],
        channel=_CHANNEL[row[1]],
        status=_DELIVERY_STATUS[row[2]],
        created_at=row[3],
        updated_at=row[4],
        carrier_sid=row[5],
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


def _moving(record: Delivery) -> Row:
    return (
        record.channel,
        record.status,
        record.created_at,
        record.updated_at,
        record.carrier_sid,
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
