"""News on its way out: what a decision has to tell, as rows of the outbox. See `outbox`."""

import json
import secrets
import sqlite3
from datetime import UTC, datetime
from typing import Any

from verification.flow.events import OutgoingEvent, outgoing_events
from verification.models import Account, State, Verification
from verification.ports import Changes

from .accounts import AccountMapper
from .encryption import FieldCipher

_TARGETS_OF = "SELECT id FROM event_targets WHERE service = ?"
_ADD = """INSERT INTO outbox (target_id, message, tries, next_at, body, verification_id)
    VALUES (?, ?, 0, ?, ?, (SELECT id FROM verifications WHERE sid = ?))"""
_HOLDERS = """SELECT a.id, a.account_hash, a.service, a.person FROM accounts a
    JOIN account_numbers n ON n.account_id = a.id WHERE n.number_hash = ?"""


class OutboxWriter:
    """Writes messages, on whatever connection it is given."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._field_cipher = cipher
        self._accounts = AccountMapper(cipher)

    def add(self, conn: sqlite3.Connection, changes: Changes[Any], state: State) -> None:
        """The messages of a decision, for each address that its service has."""
        for told in outgoing_events(changes, state):
            if told.verification is not None:
                self._put(conn, told, told.verification.service, _of_verification(told.verification))
            elif told.account is not None:
                self._put(conn, told, told.account.service, _of_account(told.account))
            else:
                for number in changes.suppress:  # by text, with nothing pending: whoever has an account with it
                    for row in conn.execute(_HOLDERS, (self._field_cipher.number_hash(number.e164),)).fetchall():
                        account = self._accounts.opened(conn, row[0], row[1], row[2], row[3])
                        self._put(conn, told, account.service, _of_account(account) | {"to": number.masked})

    def _put(self, conn: sqlite3.Connection, told: OutgoingEvent, service: str, data: dict[str, Any]) -> None:
        targets = conn.execute(_TARGETS_OF, (service,)).fetchall()
        if not targets:
            return
        body = {"type": told.topic, "timestamp": _date(told.at), "data": {"service_sid": service, **data}}
        sid = told.verification.sid if told.verification else None
        for (target,) in targets:
            message = f"msg_{secrets.token_hex(16)}"
            sealed = self._field_cipher.seal(json.dumps(body, ensure_ascii=False), place=body_aad(message))
            conn.execute(_ADD, (target, message, told.at, sealed, sid))


def _of_verification(verification: Verification) -> dict[str, Any]:
    return {
        "verification_sid": verification.sid,
        "status": verification.status,
        "action": verification.action,
        "username": verification.username or None,
        "to": verification.number.masked,
    }


def _of_account(account: Account) -> dict[str, Any]:
    return {"username": account.username}


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def body_aad(message: str) -> str:
    """Where the body of a message is sealed."""
    return f"outbox.body {message}"
