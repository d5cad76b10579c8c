"""Convert accounts and notices to rows and back. Both have one encrypted column, `personal_data`; hashes find them.

accounts   name, user name, channel, language; then number, region, extension for each number; NUL between them
notices    number, region, extension, channel, language, brand
"""

from math import inf
from typing import Any

from msgspec.structs import replace

from verification.models import Account, EnrolledNumber, Event, EventKind, Notice
from verification.ports import Changes
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber

from . import queries
from .connection import Connection
from .encryption import FieldCipher


class AccountMapper:
    """Reads and writes accounts, on the caller's connection."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        decoy = Account(service="", name="", username="", numbers=(EnrolledNumber(PhoneNumber("", "")),))
        self._decoy_hash, _, self._decoy_data = self.to_row(decoy)

    def find(self, conn: Connection, service: str, name: str) -> Account | None:
        """The account of this name. Raises DecryptionError."""
        account_hash = self._cipher.account_hash(service, name)
        row = conn.execute(queries.ACCOUNT, (account_hash,)).fetchone()
        if row is None:
            # The same work as for a known account: the time must not reveal whether it exists.
            self.from_row(conn, 0, self._decoy_hash, "", self._decoy_data)
            return None
        return self.from_row(conn, row[0], account_hash, service, row[1])

    def find_stored(self, conn: Connection, account: Account) -> tuple[Account, bytes] | None:
        """The stored account of the same name, and its encrypted column."""
        account_hash = self.hash(account)
        row = conn.execute(queries.ACCOUNT, (account_hash,)).fetchone()
        return (self.from_row(conn, row[0], account_hash, account.service, row[1]), row[1]) if row else None

    def hash(self, account: Account) -> bytes:
        return self._cipher.account_hash(account.service, account.name)

    def number_rows(self, account: Account) -> list[tuple[bytes, float, bytes]]:
        """Of each of its numbers: the hash of its identity, since when it belongs to the account, the line's hash."""
        number_hash = self._cipher.number_hash
        return [
            (number_hash(enrolled.number.identity), enrolled.since, number_hash(enrolled.number.line))
            for enrolled in account.numbers
        ]

    def from_row(self, conn: Connection, id: int, account_hash: bytes, service: str, personal_data: bytes) -> Account:
        """Raises DecryptionError."""
        fields = self._cipher.decrypt(personal_data, aad=_account_aad(account_hash)).split("\0")
        name, username, channel, language, *parts = fields
        since = dict(conn.execute(queries.NUMBERS_OF_ACCOUNT, (id,)).fetchall())
        numbers = [PhoneNumber(*parts[at : at + 3]) for at in range(0, len(parts), 3)]
        return Account(
            service=service,
            name=name,
            username=username,
            numbers=tuple(
                EnrolledNumber(number, since.get(self._cipher.number_hash(number.identity), 0)) for number in numbers
            ),
            channel=Channel(channel),
            language=language,
        )

    def to_row(self, account: Account) -> tuple[bytes, str, bytes]:
        """Hash, service and encrypted column."""
        parts = [account.name, account.username, account.channel, account.language]
        for enrolled in account.numbers:
            parts += (enrolled.number.e164, enrolled.number.region, enrolled.number.extension)
        personal_data = "\0".join(parts)
        if personal_data.count("\0") != len(parts) - 1:
            raise ValueError("a NUL in a name")
        account_hash = self.hash(account)
        return account_hash, account.service, self._cipher.encrypt(personal_data, aad=_account_aad(account_hash))

    def enrolled_since(self, conn: Connection, service: str, name: str, number: PhoneNumber) -> float | None:
        """Since when this number belongs to the account; None when it does not."""
        values = self._cipher.account_hash(service, name), self._cipher.number_hash(number.identity)
        row = conn.execute(queries.ENROLLED_SINCE, values).fetchone()
        return float(row[0]) if row else None

    def save(self, conn: Connection, changes: Changes[Any]) -> list[Event]:
        """Write the accounts and notices of a decision. Returns the events of verifications that ended with it."""
        closed: list[Event] = []
        for account in changes.accounts:
            closed += self.put(conn, account, at=changes.events[0].at)
        for account in changes.removed_accounts:
            closed += self.put(conn, replace(account, numbers=()), at=changes.events[0].at)
            conn.execute(queries.REMOVE_ACCOUNT, (self.hash(account),))
        for notice in changes.notices:
            conn.execute(queries.ADD_NOTICE, self._notice_row(notice))
        for notice in changes.changed_notices:
            conn.execute(queries.CHANGE_NOTICE, self._notice_row(notice))
        for notice in changes.sent_notices:
            conn.execute(queries.REMOVE_NOTICE, (notice.sid,))
        return closed

    def put(self, conn: Connection, account: Account, *, at: float) -> list[Event]:
        """Insert or replace the account of this name. Pending verifications of numbers that it loses end."""
        account_hash, service, personal_data = self.to_row(account)
        id = conn.execute(queries.PUT_ACCOUNT, (account_hash, service, personal_data)).fetchone()[0]
        new = {row[0]: row for row in self.number_rows(account)}
        old = dict(conn.execute(queries.LINES_OF_ACCOUNT, (id,)).fetchall())
        closed: list[Event] = []
        for number in old.keys() - new.keys():
            conn.execute(queries.REMOVE_NUMBER, (id, number))
            closed += _close_open_verifications(conn, account_hash, old[number], at=at)
        for number in new.keys() - old.keys():
            conn.execute(queries.ADD_NUMBER, (*new[number], id))
        return closed

    def notices(self, conn: Connection, *, limit: int, due: float = inf) -> tuple[Notice, ...]:
        """Oldest first."""
        return tuple(self._notice(*row) for row in conn.execute(queries.NOTICES, (due, limit)))

    def _notice(
        self, sid: str, at: float, next_at: float, tries: int, asked_at: float | None, personal_data: bytes
    ) -> Notice:
        *number, channel, language, brand = self._cipher.decrypt(personal_data, aad=_notice_aad(sid)).split("\0")
        return Notice(
            sid=sid,
            number=PhoneNumber(*number),
            channel=Channel(channel),
            language=language,
            at=at,
            brand=brand,
            next_at=next_at,
            tries=tries,
            asked_at=asked_at,
        )

    def _notice_row(self, notice: Notice) -> tuple[Any, ...]:
        number = notice.number
        fields = (number.e164, number.region, number.extension, notice.channel, notice.language, notice.brand)
        personal_data = self._cipher.encrypt("\0".join(fields), aad=_notice_aad(notice.sid))
        return personal_data, notice.next_at, notice.tries, notice.asked_at, notice.at, notice.sid


def _close_open_verifications(conn: Connection, account_hash: bytes, number_hash: bytes, *, at: float) -> list[Event]:
    """End the pending verifications of this account and number; private ones become decoys, which no code approves."""
    values = {"account": account_hash, "number": number_hash}
    conn.execute(queries.DECOY_REMOVED_NUMBER, values)
    canceled = conn.execute(queries.CANCEL_REMOVED_NUMBER, values | {"at": at}).fetchall()
    return [Event(kind=EventKind.CANCELED, at=at, verification=sid, detail="number changed") for (sid,) in canceled]


def _account_aad(account_hash: bytes) -> str:
    return f"accounts.personal_data {account_hash.hex()}"


def _notice_aad(sid: str) -> str:
    return f"notices.personal_data {sid}"
