"""Messages to applications: written in the transaction that made the news, and kept until they are delivered.

    a decision ── writes ── outbox row, for each address of its service
    any worker ── claims a due row for a minute ── posts it ── delivered: the row goes
                                                              not: due again later, ever later, for a day

So no message is lost with a crash, and none is sent for what was rolled back. One may come twice (the worker died after
the post): it then has the same id. A claim is a lease, so of several workers one posts, and a dead one blocks nobody.
"""

import asyncio
import logging
import secrets
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module

from verification.models import OPERATOR, Event, EventKind

from ..storage.encryption import DecryptionError
from ..storage.outbox import body_aad
from ..storage.store import SqliteStore

log = logging.getLogger("saycode.events")

#: Seconds between the attempts to deliver a message: a day and an hour in all, then it is given up.
RETRY_DELAYS = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 36_000)
#: Seconds that a worker has for the messages that it claimed.
LEASE_SECONDS = 60
#: Messages that a worker claims at once.
CLAIM_LIMIT = 20

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
class EventTarget:
    """An address of an application. `secret` signs what goes there: `whsec_` and 32 bytes in base64."""

    sid: str
    service: str
    url: str
    secret: str = field(repr=False)
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxMessage:
    """A claimed message. `id` is the same in every attempt; `tries` counts this one."""

    row: int
    id: str
    tries: int
    target: str
    body: bytes = field(repr=False)
    url: str
    secret: str = field(repr=False)


def new_event_target(service: str, url: str, *, now: float) -> EventTarget:
    """An address with a secret of its own."""
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    return EventTarget(sid="EH" + secrets.token_hex(16), service=service, url=url, secret=secret, created_at=now)


@dataclass(frozen=True, slots=True)
class Outbox:
    """The messages that wait in a table, and the addresses that they go to."""

    store: SqliteStore

    def has_due(self, *, now: float) -> bool:
        """Whether a message is to be posted now; a read, which waits for nobody."""
        return bool(self.store.ask(lambda conn: conn.execute(_ANY_DUE, (now,)).fetchone()[0]))

    async def claim(self, *, now: float) -> Sequence[OutboxMessage]:
        """Messages that are due, which nobody else gets for a minute."""

        def work(conn: sqlite3.Connection) -> list[OutboxMessage]:
            rows = conn.execute(_DUE, (now, CLAIM_LIMIT)).fetchall()
            conn.executemany(_CLAIM, [(now + LEASE_SECONDS, row[0]) for row in rows])
            opened = [(row[0], self._opened(*row)) for row in rows]
            conn.executemany(_DONE, [(row,) for row, message in opened if message is None])
            return [message for _, message in opened if message is not None]

        return await self.store.write(work)

    async def delivered(self, message: OutboxMessage) -> None:
        """Forget a message."""
        await self.store.write(lambda conn: conn.execute(_DONE, (message.row,)).rowcount)

    async def retry_later(self, message: OutboxMessage, *, now: float) -> bool:
        """Try again later. False when it was tried often enough and is given up."""
        if message.tries > len(RETRY_DELAYS):
            await self.delivered(message)
            return False
        due = now + RETRY_DELAYS[message.tries - 1]
        await self.store.write(lambda conn: conn.execute(_LATER, (due, message.row)).rowcount)
        return True

    async def add(self, target: EventTarget) -> None:
        """Keep an address. From now on its service's news goes there."""
        sealed = self.store.cipher.seal(f"{target.url}\0{target.secret}", place=_target_aad(target.sid))
        row = (target.sid, target.service, sealed, target.created_at)
        event = Event(kind=EventKind.TARGET_ADDED, at=target.created_at, detail=target.sid, actor=OPERATOR)
        await self.store.write(lambda conn: conn.execute(_ADD_TARGET, row).rowcount, events=lambda _: (event,))

    async def remove(self, sid: str, *, now: float) -> bool:
        """Forget an address and what waits for it. False when there is none."""
        event = Event(kind=EventKind.TARGET_REMOVED, at=now, detail=sid, actor=OPERATOR)
        return await self.store.write(
            lambda conn: conn.execute(_REMOVE_TARGET, (sid,)).rowcount == 1,
            events=lambda removed: (event,) if removed else (),
        )

    def targets(self) -> list[EventTarget]:
        """All addresses, the oldest first."""
        return [self._target(*row) for row in self.store.ask(lambda conn: conn.execute(_TARGETS).fetchall())]

    def waiting(self) -> dict[str, int]:
        """How many messages wait for each address that has any."""
        return dict(self.store.ask(lambda conn: conn.execute(_WAITING).fetchall()))

    def _target(self, sid: str, service: str, sealed: bytes, created_at: float) -> EventTarget:
        url, secret = self.store.cipher.open(sealed, place=_target_aad(sid)).split("\0")
        return EventTarget(sid=sid, service=service, url=url, secret=secret, created_at=created_at)

    def _opened(self, row: int, id: str, tries: int, body: bytes, target: str, sealed: bytes) -> OutboxMessage | None:
        """A message; None when it was damaged, and nobody can be told it any more."""
        try:
            url, secret = self.store.cipher.open(sealed, place=_target_aad(target)).split("\0")
            text = self.store.cipher.open(body, place=body_aad(id))
        except DecryptionError:
            log.error("damaged message dropped", extra={"fields": {"message": id}})
            return None
        return OutboxMessage(row=row, id=id, tries=tries + 1, target=target, body=text.encode(), url=url, secret=secret)


def _target_aad(sid: str) -> str:
    return f"event_targets.sealed {sid}"


#: Between two looks for messages to applications.
POLL_SECONDS = 1


@dataclass(frozen=True, slots=True)
class LazyEventSender:
    """Posts messages to applications. The HTTP client is imported when there is the first one."""

    outbox: Outbox
    now: Callable[[], float]
    loopback: bool

    async def run_forever(self) -> None:
        """Look every second, until cancelled."""
        while True:
            if not self.outbox.has_due(now=self.now()):
                await asyncio.sleep(POLL_SECONDS)
                continue
            sender = await asyncio.to_thread(import_module, "saycode.events.sender")
            await sender.EventSender(outbox=self.outbox, now=self.now, loopback=self.loopback).send_due()
