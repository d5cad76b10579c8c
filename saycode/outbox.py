"""Messages to applications: written in the transaction that made the news, and kept until they are delivered.

    a decision ── writes ── outbox row, for each address of its service
    any worker ── claims a due row for a minute ── posts it ── delivered: the row goes
                                                              not: due again later, ever later, for a day

So no message is lost with a crash, and none is sent for what was rolled back. One may come twice (the worker died after
the post): it then has the same id. A claim is a lease, so of several workers one posts, and a dead one blocks nobody.
"""

import logging
import secrets
import sqlite3
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

from verification.records import OPERATOR, Event, EventKind

from .outbox_rows import place_of
from .sealing import SealBroken
from .table import SqliteTable

log = logging.getLogger("saycode.events")

#: Seconds between the attempts to deliver a message: a day and an hour in all, then it is given up.
PAUSES = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 36_000)
#: Seconds that a worker has for the messages that it claimed.
LEASE = 60
#: Messages that a worker claims at once.
MOST = 20

_ANY_DUE = "SELECT EXISTS (SELECT 1 FROM outbox WHERE next_at <= ?)"
_DUE = """SELECT o.id, o.message, o.tries, o.body, t.sid, t.sealed FROM outbox o
    JOIN event_targets t ON t.id = o.target_id WHERE o.next_at <= ? ORDER BY o.next_at LIMIT ?"""
_CLAIM = "UPDATE outbox SET next_at = ?, tries = tries + 1 WHERE id = ?"
_DONE = "DELETE FROM outbox WHERE id = ?"
_LATER = "UPDATE outbox SET next_at = ? WHERE id = ?"
_ADD_TARGET = "INSERT INTO event_targets (sid, service, sealed, created_at) VALUES (?, ?, ?, ?)"
_TARGETS = "SELECT sid, service, sealed, created_at FROM event_targets ORDER BY id"
_WAITING = "SELECT t.sid, count(*) FROM event_targets t JOIN outbox o ON o.target_id = t.id GROUP BY t.id"
_REMOVE_TARGET = "DELETE FROM event_targets WHERE sid = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address of an application. `secret` signs what goes there: `whsec_` and 32 bytes in base64."""

    sid: str
    service: str
    url: str
    secret: str = field(repr=False)
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A claimed message. `id` is the same in every attempt; `tries` counts this one."""

    row: int
    id: str
    tries: int
    target: str
    body: bytes = field(repr=False)
    url: str
    secret: str = field(repr=False)


def new_target(service: str, url: str, *, now: float) -> Target:
    """An address with a secret of its own."""
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    return Target(sid="EH" + secrets.token_hex(16), service=service, url=url, secret=secret, created_at=now)


@dataclass(frozen=True, slots=True)
class Outbox:
    """The messages that wait in a table, and the addresses that they go to."""

    table: SqliteTable

    def any_due(self, *, now: float) -> bool:
        """Whether a message is to be posted now; a read, which waits for nobody."""
        return bool(self.table.ask(lambda conn: conn.execute(_ANY_DUE, (now,)).fetchone()[0]))

    async def claim(self, *, now: float) -> Sequence[Message]:
        """Messages that are due, which nobody else gets for a minute."""

        def work(conn: sqlite3.Connection) -> list[Message]:
            rows = conn.execute(_DUE, (now, MOST)).fetchall()
            conn.executemany(_CLAIM, [(now + LEASE, row[0]) for row in rows])
            opened = [(row[0], self._opened(*row)) for row in rows]
            conn.executemany(_DONE, [(row,) for row, message in opened if message is None])
            return [message for _, message in opened if message is not None]

        return await self.table.write(work)

    async def delivered(self, message: Message) -> None:
        """Forget a message."""
        await self.table.write(lambda conn: conn.execute(_DONE, (message.row,)).rowcount)

    async def not_delivered(self, message: Message, *, now: float) -> bool:
        """Try again later. False when it was tried often enough and is given up."""
        if message.tries > len(PAUSES):
            await self.delivered(message)
            return False
        due = now + PAUSES[message.tries - 1]
        await self.table.write(lambda conn: conn.execute(_LATER, (due, message.row)).rowcount)
        return True

    async def add(self, target: Target) -> None:
        """Keep an address. From now on its service's news goes there."""
        sealed = self.table.sealer.seal(f"{target.url}\0{target.secret}", place=_target_place(target.sid))
        row = (target.sid, target.service, sealed, target.created_at)
        event = Event(kind=EventKind.TARGET_ADDED, at=target.created_at, detail=target.sid, actor=OPERATOR)
        await self.table.write(lambda conn: conn.execute(_ADD_TARGET, row).rowcount, events=lambda _: (event,))

    async def remove(self, sid: str, *, now: float) -> bool:
        """Forget an address and what waits for it. False when there is none."""
        event = Event(kind=EventKind.TARGET_REMOVED, at=now, detail=sid, actor=OPERATOR)
        return await self.table.write(
            lambda conn: conn.execute(_REMOVE_TARGET, (sid,)).rowcount == 1,
            events=lambda removed: (event,) if removed else (),
        )

    def targets(self) -> list[Target]:
        """All addresses, the oldest first."""
        return [self._target(*row) for row in self.table.ask(lambda conn: conn.execute(_TARGETS).fetchall())]

    def waiting(self) -> dict[str, int]:
        """How many messages wait for each address that has any."""
        return dict(self.table.ask(lambda conn: conn.execute(_WAITING).fetchall()))

    def _target(self, sid: str, service: str, sealed: bytes, created_at: float) -> Target:
        url, secret = self.table.sealer.open(sealed, place=_target_place(sid)).split("\0")
        return Target(sid=sid, service=service, url=url, secret=secret, created_at=created_at)

    def _opened(self, row: int, id: str, tries: int, body: bytes, target: str, sealed: bytes) -> Message | None:
        """A message; None when it was damaged, and nobody can be told it any more."""
        try:
            url, secret = self.table.sealer.open(sealed, place=_target_place(target)).split("\0")
            text = self.table.sealer.open(body, place=place_of(id))
        except SealBroken:
            log.error("a damaged message is given up", extra={"fields": {"message": id}})
            return None
        return Message(row=row, id=id, tries=tries + 1, target=target, body=text.encode(), url=url, secret=secret)


def _target_place(sid: str) -> str:
    return f"event_targets.sealed {sid}"
