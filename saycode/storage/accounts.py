"""Between accounts and rows. The column `person` is the whole account, sealed; the hashes beside it find it.

person    name, user name, channel, language; then number, region, extension for each number; NUL between them
"""

import sqlite3
from dataclasses import replace
from typing import Any

from verification.models import Account, EnrolledNumber, Event, EventKind, Notice
from verification.ports import Changes
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber

from . import queries
from .encryption import FieldCipher


class AccountMapper:
    """Reads and writes accounts, on whatever connection it is given."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._field_cipher = cipher
        self._decoy_row = self.row(
            Account(service="", name="", username="", numbers=(EnrolledNumber(PhoneNumber("", "")),))
        )

    def find(self, conn: sqlite3.Connection, service: str, name: str) -> Account | None:
        """The account of this name. Raises SealBroken when a sealed value was changed or moved."""
        found = self._field_cipher.account_hash(service, name)
        row = conn.execute(queries.ACCOUNT, (found,)).fetchone()
        if row is None:
            # As much work as for somebody: how long a look takes must not tell.
            self.opened(conn, 0, self._decoy_row[0], "", self._decoy_row[2])
            return None
        return self.opened(conn, row[0], found, service, row[1])

    def stored(self, conn: sqlite3.Connection, like: Account) -> tuple[Account, bytes] | None:
        """The account of the same name as it stands, and sealed as it stands."""
        found = self.hash(like)
        row = conn.execute(queries.ACCOUNT, (found,)).fetchone()
        return (self.opened(conn, row[0], found, like.service, row[1]), row[1]) if row else None

    def hash(self, account: Account) -> bytes:
        """What it is found by."""
        return self._field_cipher.account_hash(account.service, account.name)

    def numbers(self, account: Account) -> list[tuple[bytes, float]]:
        """The hashes of its numbers, and since when they are its."""
        return list(self._since(account).items())

    def _since(self, account: Account) -> dict[bytes, float]:
        return {self._field_cipher.number_hash(one.number.e164): one.since for one in account.numbers}

    def opened(self, conn: sqlite3.Connection, id: int, account_hash: bytes, service: str, person: bytes) -> Account:
        """The account of a row."""
        name, username, channel, language, *parts = self._field_cipher.open(
            person, place=_account_aad(account_hash)
        ).split("\0")
        since = dict(conn.execute(queries.NUMBERS_OF_ACCOUNT, (id,)).fetchall())
        numbers = [PhoneNumber(*parts[at : at + 3]) for at in range(0, len(parts), 3)]
        return Account(
            service=service,
            name=name,
            username=username,
            numbers=tuple(
                EnrolledNumber(number, since.get(self._field_cipher.number_hash(number.e164), 0)) for number in numbers
            ),
            channel=Channel(channel),
            language=language,
        )

    def enrolled_since(self, conn: sqlite3.Connection, service: str, name: str, number: PhoneNumber) -> float | None:
        """Since when this is one of the account's numbers; None when it is not."""
        who = self._field_cipher.account_hash(service, name)
        row = conn.execute(queries.ENROLLED_SINCE, (who, self._field_cipher.number_hash(number.e164))).fetchone()
        return float(row[0]) if row else None

    def save(self, conn: sqlite3.Connection, changes: Changes[Any]) -> list[Event]:
        """What a decision says about accounts and notices; what else ended because of it."""
        closed: list[Event] = []
        for account in changes.enrolled:
            closed += self.put(conn, account, at=changes.events[0].at)
        for account in changes.removed:
            closed += self.put(conn, replace(account, numbers=()), at=changes.events[0].at)
            conn.execute(queries.REMOVE_ACCOUNT, (self.hash(account),))
        for notice in changes.notices:
            number = notice.number
            person = "\0".join(
                (number.e164, number.region, number.extension, notice.channel, notice.language, notice.brand)
            )
            sealed = self._field_cipher.seal(person, place=_notice_aad(notice.sid))
            conn.execute(queries.ADD_NOTICE, (notice.sid, notice.at, sealed))
        for notice in changes.told:
            conn.execute(queries.REMOVE_NOTICE, (notice.sid,))
        return closed

    def put(self, conn: sqlite3.Connection, account: Account, *, at: float) -> list[Event]:
        """Write an account in the place of the one of its name. What is open on numbers that it gives up ends."""
        account_hash, service, person = self.row(account)
        id = conn.execute(queries.PUT_ACCOUNT, (account_hash, service, person)).fetchone()[0]
        wanted = self._since(account)
        known = {number for number, _ in conn.execute(queries.NUMBERS_OF_ACCOUNT, (id,))}
        closed: list[Event] = []
        for number in known - wanted.keys():
            conn.execute(queries.REMOVE_NUMBER, (id, number))
            closed += _close_open_verifications(conn, account_hash, number, at=at)
        for number in wanted.keys() - known:
            conn.execute(queries.ADD_NUMBER, (id, number, wanted[number]))
        return closed

    def row(self, account: Account) -> tuple[bytes, str, bytes]:
        """Hash, service and sealed person of an account."""
        parts = [account.name, account.username, account.channel, account.language]
        for one in account.numbers:
            parts += (one.number.e164, one.number.region, one.number.extension)
        person = "\0".join(parts)
        if person.count("\0") != len(parts) - 1:
            raise ValueError("a NUL in a name")
        account_hash = self.hash(account)
        return account_hash, account.service, self._field_cipher.seal(person, place=_account_aad(account_hash))

    def notices(self, conn: sqlite3.Connection, *, limit: int) -> tuple[Notice, ...]:
        """The oldest notices."""
        return tuple(self._notice(*row) for row in conn.execute(queries.NOTICES, (limit,)))

    def _notice(self, sid: str, at: float, person: bytes) -> Notice:
        *number, channel, language, brand = self._field_cipher.open(person, place=_notice_aad(sid)).split("\0")
        return Notice(
            sid=sid, number=PhoneNumber(*number), channel=Channel(channel), language=language, at=at, brand=brand
        )


def _close_open_verifications(
    conn: sqlite3.Connection, account_hash: bytes, number_hash: bytes, *, at: float
) -> list[Event]:
    """End what is open for this account on this number; what the public watches goes on without a right code."""
    values = {"account": account_hash, "number": number_hash}
    conn.execute(queries.DECOY_REMOVED_NUMBER, values)
    ended = conn.execute(queries.CANCEL_REMOVED_NUMBER, values | {"at": at}).fetchall()
    return [Event(kind=EventKind.CANCELED, at=at, verification=sid, detail="number changed") for (sid,) in ended]


def _account_aad(account_hash: bytes) -> str:
    return f"accounts.person {account_hash.hex()}"


def _notice_aad(sid: str) -> str:
    return f"notices.person {sid}"
