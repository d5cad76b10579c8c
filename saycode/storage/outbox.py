"""Writes messages for applications to the outbox, in the transaction of the decision. See `saycode.events.outbox`."""

import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from verification.flow.events import OutgoingEvent, outgoing_events
from verification.models import Account, State, Verification
from verification.ports import Changes
from verification.values.usernames import account_name

from .accounts import AccountMapper
from .connection import Connection
from .encryption import FieldCipher

#: Seconds between the attempts to deliver a message: a day and an hour in all, then it is dropped.
RETRY_DELAYS = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 36_000)

_TARGETS_OF_SERVICE = "SELECT id FROM event_targets WHERE service = ?"
_ADD = """INSERT INTO outbox (target_id, message_id, tries, next_at, body, verification_id)
    VALUES (?, ?, 0, ?, ?, (SELECT id FROM verifications WHERE sid = ?))"""
_ACCOUNTS_OF_NUMBER = """SELECT id, account_hash, service, personal_data FROM accounts
    WHERE id IN (SELECT account_id FROM account_numbers WHERE line_hash = ?)"""


class OutboxWriter:
    """Writes messages, on the caller's connection."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self._accounts = AccountMapper(cipher)

    def add(self, conn: Connection, changes: Changes[Any], state: State) -> None:
        """Write the messages of a decision, one for each target of its service."""
        for event in outgoing_events(changes, state):
            if event.verification is not None:
                self._put(conn, event, event.verification.service, _verification_data(event.verification))
            elif event.account is not None:
                self._put(conn, event, event.account.service, _account_data(event.account))
            else:
                for number in changes.suppress:  # a STOP by text with nothing pending: every account of the number
                    for row in conn.execute(_ACCOUNTS_OF_NUMBER, (self._cipher.number_hash(number.line),)).fetchall():
                        account = self._accounts.from_row(conn, row[0], row[1], row[2], row[3])
                        self._put(conn, event, account.service, _account_data(account) | {"to": number.masked})

    def _put(self, conn: Connection, event: OutgoingEvent, service: str, data: dict[str, Any]) -> None:
        targets = targets_of(conn, service)
        if not targets:
            return
        if event.verification is not None and event.verification.private:
            data = data | {"username": self._enrolled_name(conn, event.verification)}
        body = {"type": event.topic, "timestamp": format_utc(event.at), "data": {"service_sid": service, **data}}
        sid = event.verification.sid if event.verification else None
        text = json.dumps(body, ensure_ascii=False)
        put_message(conn, self._cipher, text, targets=targets, at=event.at, verification=sid)

    def _enrolled_name(self, conn: Connection, verification: Verification) -> str:
        """The user name as the account has it: on the page it may have been typed in another spelling."""
        account = self._accounts.find(conn, verification.service, account_name(verification.username))
        return account.username if account else verification.username


def targets_of(conn: Connection, service: str) -> list[int]:
    """The rows of the event targets of a service."""
    return [row for (row,) in conn.execute(_TARGETS_OF_SERVICE, (service,)).fetchall()]


def put_message(
    conn: Connection,
    cipher: FieldCipher,
    text: str,
    *,
    targets: Iterable[int],
    at: float,
    verification: str | None = None,
) -> None:
    """Write a message for each of these targets, in the caller's transaction."""
    for target in targets:
        message_id = f"msg_{secrets.token_hex(16)}"
        encrypted = cipher.encrypt(text, aad=body_aad(message_id))
        conn.execute(_ADD, (target, message_id, at, encrypted, verification))


def _verification_data(verification: Verification) -> dict[str, Any]:
    return {
        "verification_sid": verification.sid,
        "status": verification.status,
        "action": verification.action,
        "username": verification.username or None,
        "to": verification.number.masked,
        "tags": dict(verification.tags),
    }


def _account_data(account: Account) -> dict[str, Any]:
    return {"username": account.username}


def format_utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def body_aad(message_id: str) -> str:
    """The additional data that the body of a message is encrypted with."""
    return f"outbox.body {message_id}"
