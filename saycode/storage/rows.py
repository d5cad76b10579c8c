"""Convert records to rows and back. Rows are read by position, in the column order of `queries`.

`verifications.personal_data` is encrypted: number, region, extension, account, user name and client address, then
amount, currency and payee of a payment, then the trusted browser, with NUL between them. A row may have no payment and
no browser. `verifications.tags` is encrypted JSON, and `verifications.sealed_code` is sealed by the domain.
"""

import json
from operator import attrgetter
from typing import Any

from verification.models import CallStage, Delivery, Manner, Progress, Session, State, Verification
from verification.policy import Keypress
from verification.ports import Changes
from verification.types import CallStyle, Channel, DeliveryStatus, VerificationStatus
from verification.values.payments import Payment
from verification.values.phone_numbers import PhoneNumber

from . import queries
from .denials import denial_row
from .encryption import FieldCipher
from .queries import DELIVERY_AT, VERIFICATION_AT

Row = tuple[Any, ...]
#: What to write, by statement.
Rows = dict[str, list[Row]]

_PERSONAL_FIELDS, _PAYMENT_FIELDS = 6, 3
_immutable = attrgetter(
    *("number", "service", "account", "username", "source", "browser", "payment", "action", "key_id", "code_length"),
    *("max_checks", "style", "created_at", "expires_at", "brand", "keypress", "trusted"),
)

# Calling an enum costs ten times as much as a dictionary, and a state has five of them.
_VERIFICATION_STATUS = {status.value: status for status in VerificationStatus}
_DELIVERY_STATUS = {status.value: status for status in DeliveryStatus}
_CHANNEL = {channel.value: channel for channel in Channel}
_MANNER = {manner.value: manner for manner in Manner}
_STYLE = {style.value: style for style in CallStyle}
_KEYPRESS: dict[str | None, Keypress | None] = {None: None, **{keypress.value: keypress for keypress in Keypress}}
_STAGE = {stage.value: stage for stage in CallStage}
_PROGRESS = {progress.value: progress for progress in Progress}


def verification_from_row(cipher: FieldCipher, row: Row) -> Verification:
    """Raises DecryptionError."""
    sid = row[0]
    personal_data = cipher.decrypt(row[4], aad=_verification_aad(sid)).split("\0")
    e164, region, extension, account, username, source = personal_data[:_PERSONAL_FIELDS]
    rest = personal_data[_PERSONAL_FIELDS:]
    payment = rest[:_PAYMENT_FIELDS] if len(rest) >= _PAYMENT_FIELDS else []
    return Verification(
        sid=sid,
        service=row[1],
        account=account,
        username=username,
        action=row[5],
        number=PhoneNumber(e164, region, extension),
        key_id=row[6],
        code_length=row[7],
        max_checks=row[8],
        style=_STYLE[row[9]],
        source=source,
        payment=Payment(amount=payment[0], currency=payment[1], payee=payment[2]) if payment else None,
        created_at=row[10],
        expires_at=row[11],
        brand=row[12],
        keypress=_KEYPRESS[row[13]],
        trusted=bool(row[14]),
        language=row[15],
        status=_VERIFICATION_STATUS[row[16]],
        seed=row[17],
        checks=row[18],
        ended_at=row[19],
        manner=_MANNER[row[20]],
        redeemed_at=row[21],
        app_hash=row[22] or "",
        tags=_tags(cipher, sid, row[23]),
        browser=rest[-1] if len(rest) > len(payment) else "",
        sealed_code=row[24] or "",
    )


def _tags(cipher: FieldCipher, sid: str, encrypted: bytes | None) -> dict[str, str]:
    return dict(json.loads(cipher.decrypt(encrypted, aad=_tags_aad(sid)))) if encrypted is not None else {}


def _tags_aad(sid: str) -> str:
    return f"verifications.tags {sid}"


def immutable_columns(cipher: FieldCipher, record: Verification) -> Row:
    """The columns that never change; some cost the most, as they are encrypted and hashed."""
    number = record.number
    fields: tuple[str, ...] = (
        number.e164,
        number.region,
        number.extension,
        record.account,
        record.username,
        record.source,
        *(record.payment.facts if record.payment else ()),
        *((record.browser,) if record.browser else ()),
    )
    text = "\0".join(fields)
    if text.count("\0") >= len(fields):
        raise ValueError("a NUL in a name")
    return (
        record.sid,
        record.service,
        cipher.account_hash(record.service, record.account),
        cipher.number_hash(number.line),
        cipher.encrypt(text, aad=_verification_aad(record.sid)),
        record.action,
        record.key_id,
        record.code_length,
        record.max_checks,
        record.style,
        record.created_at,
        record.expires_at,
        record.brand,
        record.keypress,
        record.trusted,
    )


def _verification_aad(sid: str) -> str:
    return f"verifications.personal_data {sid}"


def require_same_identity(new: Verification, old: Verification) -> None:
    """Raise ValueError when an immutable column would change."""
    if _immutable(new) != _immutable(old):
        raise ValueError("a verification keeps its service, account, number and payment, and how it began")


def mutable_columns(cipher: FieldCipher, record: Verification) -> Row:
    return (
        record.language,
        record.status,
        record.seed,
        record.checks,
        record.ended_at,
        record.manner,
        record.redeemed_at,
        record.app_hash or None,
        cipher.encrypt(json.dumps(dict(record.tags)), aad=_tags_aad(record.sid)) if record.tags else None,
        record.sealed_code or None,
    )


def delivery_row_id(state_row: Row) -> int:
    return int(state_row[DELIVERY_AT])


def delivery_from_row(state_row: Row) -> Delivery:
    row = state_row[DELIVERY_AT + 1 :]
    return Delivery(
        verification=state_row[VERIFICATION_AT],
        sid=row[0],
        channel=_CHANNEL[row[1]],
        created_at=row[2],
        status=_DELIVERY_STATUS[row[3]],
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


def delivery_columns(record: Delivery) -> Row:
    return (
        record.status,
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
    )


def session_from_row(row: Row) -> Session:
    return Session(
        id=row[0],
        verification=row[1],
        channel=_CHANNEL[row[2]],
        expires_at=row[3],
        approved=bool(row[4]),
        replaced_at=row[5],
        answer=row[6],
    )


def session_columns(record: Session) -> Row:
    return (
        record.id,
        record.verification,
        record.channel,
        record.expires_at,
        record.approved,
        record.replaced_at,
        record.answer,
    )


def rows_of(cipher: FieldCipher, changes: Changes[Any], state: State) -> Rows:
    """What a decision writes: it updates the rows that `state` holds, and inserts the others.

    Raises ValueError when a verification would change what never changes, or has a NUL in a name.
    """
    rows: Rows = {}
    for verification in changes.verifications:
        if state.verification and verification.sid == state.verification.sid:
            require_same_identity(verification, state.verification)
            update = (*mutable_columns(cipher, verification), verification.sid)
            rows.setdefault(queries.UPDATE_VERIFICATION, []).append(update)
        else:
            row = (*immutable_columns(cipher, verification), *mutable_columns(cipher, verification))
            rows.setdefault(queries.ADD_VERIFICATION, []).append(row)
    for delivery in changes.deliveries:
        sid, live, columns, of = delivery.sid, delivery.status.live, delivery_columns(delivery), delivery.verification
        old = state.delivery(sid)
        if old is None:
            row = (sid, delivery.channel, delivery.created_at, *columns, live, of, of)
            rows.setdefault(queries.ADD_DELIVERY, []).append(row)
        elif old.status.live is live:
            rows.setdefault(queries.UPDATE_DELIVERY, []).append((*columns, sid))
        else:
            rows.setdefault(queries.END_DELIVERY, []).append((live, *columns, sid))
    if changes.sessions:
        rows[queries.PUT_SESSION] = [session_columns(session) for session in changes.sessions]
    if changes.suppress or changes.lift or changes.pauses or changes.received or changes.denials:
        rows |= _rare_rows(cipher, changes)
    return rows


def _rare_rows(cipher: FieldCipher, changes: Changes[Any]) -> Rows:
    since = changes.events[0].at if changes.events else 0
    denials = [denial_row(cipher, denial) for denial in changes.denials]
    return {
        queries.SUPPRESS: [(cipher.number_hash(number.line), since) for number in changes.suppress],
        queries.UNSUPPRESS: [(cipher.number_hash(number.line),) for number in changes.lift],
        queries.PAUSE: [(cipher.number_hash(pause.number.line), pause.until) for pause in changes.pauses],
        queries.ADD_INBOUND: [(cipher.request_hash(received.sid), received.at) for received in changes.received],
        queries.ADD_DENIAL: denials,
        queries.TRIM_DENIALS: [(row[0],) for row in denials],
    }
