"""Between accounts and rows. The column `person` is the whole account, sealed; the hashes beside it find it.

person    name, user name, channel, language; then number, region, extension for each number; NUL between them
"""

import sqlite3
from dataclasses import replace
from typing import Any

from verification.numbers import Number
from verification.ports import Decision
from verification.records import Account, EnrolledNumber, Event, EventKind, Notice
from verification.states import Channel

from . import statements
from .sealing import Sealer


class AccountRows:
    """Reads and writes accounts, on whatever connection it is given."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self._nobody = self.row(Account(service="", name="", username="", numbers=(EnrolledNumber(Number("", "")),)))

    def find(self, conn: sqlite3.Connection, service: str, name: str) -> Account | None:
        """The account of this name. Raises SealBroken when a sealed value was changed or moved."""
        found = self._sealer.account_hash(service, name)
        row = conn.execute(statements.ACCOUNT, (found,)).fetchone()
        if row is None:
            # As much work as for somebody: how long a look takes must not tell.
            self.opened(conn, 0, self._nobody[0], "", self._nobody[2])
            return None
        return self.opened(conn, row[0], found, service, row[1])

    def stored(self, conn: sqlite3.Connection, like: Account) -> tuple[Account, bytes] | None:
        """The account of the same name as it stands, and sealed as it stands."""
        found = self.hash(like)
        row = conn.execute(statements.ACCOUNT, (found,)).fetchone()
        return (self.opened(conn, row[0], found, like.service, row[1]), row[1]) if row else None

    def hash(self, account: Account) -> bytes:
        """What it is found by."""
        return self._sealer.account_hash(account.service, account.name)

    def numbers(self, account: Account) -> list[tuple[bytes, float]]:
        """The hashes of its numbers, and since when they are its."""
        return list(self._since(account).items())

    def _since(self, account: Account) -> dict[bytes, float]:
        return {self._sealer.number_hash(one.number.e164): one.since for one in account.numbers}

    def opened(self, conn: sqlite3.Connection, id: int, account_hash: bytes, service: str, person: bytes) -> Account:
        """The account of a row."""
        name, username, channel, language, *parts = self._sealer.open(person, place=_place(account_hash)).split("\0")
        since = dict(conn.execute(statements.NUMBERS_OF_ACCOUNT, (id,)).fetchall())
        numbers = [Number(*parts[at : at + 3]) for at in range(0, len(parts), 3)]
        return Account(
            service=service,
            name=name,
            username=username,
            numbers=tuple(
                EnrolledNumber(number, since.get(self._sealer.number_hash(number.e164), 0)) for number in numbers
            ),
            channel=Channel(channel),
            language=language,
        )

    def enrolled_since(self, conn: sqlite3.Connection, service: str, name: str, number: Number) -> float | None:
        """Since when this is one of the account's numbers; None when it is not."""
        who = self._sealer.account_hash(service, name)
        row = conn.execute(statements.ENROLLED_SINCE, (who, self._sealer.number_hash(number.e164))).fetchone()
        return float(row[0]) if row else None

    def save(self, conn: sqlite3.Connection, decision: Decision[Any]) -> list[Event]:
        """What a decision says about accounts and notices; what else ended because of it."""
        closed: list[Event] = []
        for account in decision.enrolled:
            closed += self.put(conn, account, at=decision.events[0].at)
        for account in decision.removed:
            closed += self.put(conn, replace(account, numbers=()), at=decision.events[0].at)
            conn.execute(statements.REMOVE_ACCOUNT, (self.hash(account),))
        for notice in decision.notices:
            number = notice.number
            person = "\0".join(
                (number.e164, number.region, number.extension, notice.channel, notice.language, notice.brand)
            )
            sealed = self._sealer.seal(person, place=_notice_place(notice.sid))
            conn.execute(statements.ADD_NOTICE, (notice.sid, notice.at, sealed))
        for notice in decision.told:
            conn.execute(statements.REMOVE_NOTICE, (notice.sid,))
        return closed

    def put(self, conn: sqlite3.Connection, account: Account, *, at: float) -> list[Event]:
        """Write an account in the place of the one of its name. What is open on numbers that it gives up ends."""
        account_hash, service, person = self.row(account)
        id = conn.execute(statements.PUT_ACCOUNT, (account_hash, service, person)).fetchone()[0]
        wanted = self._since(account)
        known = {number for number, _ in conn.execute(statements.NUMBERS_OF_ACCOUNT, (id,))}
        closed: list[Event] = []
        for number in known - wanted.keys():
            conn.execute(statements.REMOVE_NUMBER, (id, number))
            closed += _close(conn, account_hash, number, at=at)
        for number in wanted.keys() - known:
            conn.execute(statements.ADD_NUMBER, (id, number, wanted[number]))
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
        return account_hash, account.service, self._sealer.seal(person, place=_place(account_hash))

    def notices(self, conn: sqlite3.Connection, *, limit: int) -> tuple[Notice, ...]:
        """The oldest notices."""
        return tuple(self._notice(*row) for row in conn.execute(statements.NOTICES, (limit,)))

    def _notice(self, sid: str, at: float, person: bytes) -> Notice:
        *number, channel, language, brand = self._sealer.open(person, place=_notice_place(sid)).split("\0")
        return Notice(sid=sid, number=Number(*number), channel=Channel(channel), language=language, at=at, brand=brand)


def _close(conn: sqlite3.Connection, account_hash: bytes, number_hash: bytes, *, at: float) -> list[Event]:
    """End what is open for this account on this number; what the public watches goes on without a right code."""
    values = {"account": account_hash, "number": number_hash}
    conn.execute(statements.SILENCE_GIVEN_UP, values)
    ended = conn.execute(statements.CANCEL_GIVEN_UP, values | {"at": at}).fetchall()
    return [Event(kind=EventKind.CANCELED, at=at, verification=sid, detail="number changed") for (sid,) in ended]


def _place(account_hash: bytes) -> str:
    return f"accounts.person {account_hash.hex()}"


def _notice_place(sid: str) -> str:
    return f"notices.person {sid}"
