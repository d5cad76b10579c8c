"""Messages to applications: written in the transaction of the decision, and kept until they are delivered.

    a decision ── writes ── one outbox row for each target of its service
    any worker ── claims a due row for a minute ── posts it ── delivered: the row is deleted
                                                              failed: due again later, with growing delays, for a day

So no message is lost in a crash, and none is sent for a transaction that was rolled back. One may be sent twice (the
worker died after the post), with the same id. A claim is a lease: one of several workers posts, and a dead worker
blocks no message.
"""

import asyncio
import logging
import secrets
from base64 import b64encode
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from typing import Any, ClassVar

from verification.models import OPERATOR, Event, EventKind
from verification.types import Record

from ..storage.connection import Connection
from ..storage.encryption import DecryptionError
from ..storage.outbox import RETRY_DELAYS, body_aad
from ..storage.store import SqlStore

log = logging.getLogger("saycode.events")

#: Seconds that a worker has to deliver the messages that it claimed.
LEASE_SECONDS = 60
#: Messages that a worker claims at once, and of these for one target: a receiver that hangs delays no other.
CLAIM_LIMIT, TARGET_LIMIT = 50, 10

_ANY_DUE = "SELECT EXISTS (SELECT 1 FROM outbox WHERE next_at <= ?)"
_TARGETS_WITH_DUE = """SELECT t.sid, t.encrypted, t.id FROM event_targets t
    WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.target_id = t.id AND o.next_at <= ?)"""
_DUE = """SELECT id, message_id, tries, body FROM outbox WHERE target_id = ? AND next_at <= ?
    ORDER BY next_at LIMIT ?"""
_CLAIM = "UPDATE outbox SET next_at = ?, tries = tries + 1 WHERE id = ?"
_DELETE = "DELETE FROM outbox WHERE id = ?"
_POSTPONE = "UPDATE outbox SET next_at = ? WHERE id = ?"
_ADD_TARGET = "INSERT INTO event_targets (sid, service, encrypted, created_at) VALUES (?, ?, ?, ?)"
_TARGETS = "SELECT sid, service, encrypted, created_at FROM event_targets ORDER BY id"
_PENDING_COUNTS = "SELECT t.sid, count(*) FROM event_targets t JOIN outbox o ON o.target_id = t.id GROUP BY t.id"
_REMOVE_TARGET = "DELETE FROM event_targets WHERE sid = ?"


class EventTarget(Record, frozen=True, kw_only=True):
    """A URL of an application. `secret` signs the messages to it: `whsec_` and 32 bytes in base64."""

    hidden: ClassVar = frozenset({"secret"})

    sid: str
    service: str
    url: str
    secret: str
    created_at: float


class OutboxMessage(Record, frozen=True, kw_only=True):
    """A claimed message. `id` is the same in every attempt; `tries` counts this one."""

    hidden: ClassVar = frozenset({"body", "secret"})

    row: int
    id: str
    tries: int
    target: str
    body: bytes
    url: str
    secret: str


def new_event_target(service: str, url: str, *, now: float) -> EventTarget:
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    return EventTarget(sid="EH" + secrets.token_hex(16), service=service, url=url, secret=secret, created_at=now)


class Outbox(Record, frozen=True):
    """The messages that wait for delivery, and their targets."""

    store: SqlStore

    async def has_due(self, *, now: float) -> bool:
        """Whether a message is due. A read, which waits for no lock."""
        return bool(await self.store.query(lambda conn: conn.execute(_ANY_DUE, (now,)).fetchone()[0]))

    async def targets_with_due(self, *, now: float) -> list[str]:
        """The sids of the targets that have due messages."""
        rows = await self.store.query(lambda conn: conn.execute(_TARGETS_WITH_DUE, (now,)).fetchall())
        return [sid for sid, *_ in rows]

    async def claim(self, *, now: float, busy: Collection[str] = ()) -> Sequence[OutboxMessage]:
        """Due messages, a few of each target except the `busy` ones. No other worker gets them for a minute."""

        def work(conn: Connection) -> list[OutboxMessage]:
            rows: list[tuple[Any, ...]] = []
            for sid, encrypted, target in conn.execute(_TARGETS_WITH_DUE, (now,)).fetchall():
                limit = min(TARGET_LIMIT, CLAIM_LIMIT - len(rows))
                if sid not in busy and limit:
                    due = conn.execute(_DUE, (target, now, limit)).fetchall()
                    rows += [(*row, sid, encrypted) for row in due]
            conn.executemany(_CLAIM, [(now + LEASE_SECONDS, row[0]) for row in rows])
            messages = [(row[0], self._decrypt(*row)) for row in rows]
            conn.executemany(_DELETE, [(row,) for row, message in messages if message is None])
            return [message for _, message in messages if message is not None]

        return await self.store.write(work)

    async def mark_delivered(self, message: OutboxMessage) -> None:
        await self.store.write(lambda conn: conn.execute(_DELETE, (message.row,)).rowcount)

    async def retry_later(self, message: OutboxMessage, *, now: float) -> bool:
        """False when this was the last attempt and the message is dropped."""
        if message.tries > len(RETRY_DELAYS):
            await self.mark_delivered(message)
            return False
        due = now + RETRY_DELAYS[message.tries - 1]
        await self.store.write(lambda conn: conn.execute(_POSTPONE, (due, message.row)).rowcount)
        return True

    async def add(self, target: EventTarget) -> None:
        """From now on the messages of its service go to this target."""
        encrypted = self.store.cipher.encrypt(f"{target.url}\0{target.secret}", aad=_target_aad(target.sid))
        row = (target.sid, target.service, encrypted, target.created_at)
        event = Event(kind=EventKind.TARGET_ADDED, at=target.created_at, detail=target.sid, actor=OPERATOR)
        await self.store.write(lambda conn: conn.execute(_ADD_TARGET, row).rowcount, events=lambda _: (event,))

    async def remove(self, sid: str, *, now: float) -> bool:
        """Delete a target with its pending messages. False when there is none."""
        event = Event(kind=EventKind.TARGET_REMOVED, at=now, detail=sid, actor=OPERATOR)
        return await self.store.write(
            lambda conn: conn.execute(_REMOVE_TARGET, (sid,)).rowcount == 1,
            events=lambda removed: (event,) if removed else (),
        )

    async def targets(self) -> list[EventTarget]:
        """Oldest first."""
        return [self._target(*row) for row in await self.store.query(lambda conn: conn.execute(_TARGETS).fetchall())]

    async def pending_counts(self) -> dict[str, int]:
        """The number of pending messages of each target that has any."""
        return dict(await self.store.query(lambda conn: conn.execute(_PENDING_COUNTS).fetchall()))

    def _target(self, sid: str, service: str, encrypted: bytes, created_at: float) -> EventTarget:
        url, secret = self.store.cipher.decrypt(encrypted, aad=_target_aad(sid)).split("\0")
        return EventTarget(sid=sid, service=service, url=url, secret=secret, created_at=created_at)

    def _decrypt(
        self, row: int, id: str, tries: int, body: bytes, target: str, encrypted: bytes
    ) -> OutboxMessage | None:
        """None when the message is damaged and cannot be delivered."""
        try:
            url, secret = self.store.cipher.decrypt(encrypted, aad=_target_aad(target)).split("\0")
            text = self.store.cipher.decrypt(body, aad=body_aad(id))
        except DecryptionError:
            log.error("damaged message dropped", extra={"fields": {"message": id}})
            return None
        return OutboxMessage(row=row, id=id, tries=tries + 1, target=target, body=text.encode(), url=url, secret=secret)


def _target_aad(sid: str) -> str:
    return f"event_targets.encrypted {sid}"


#: Seconds between two checks for due messages.
POLL_SECONDS = 1


class LazyEventSender(Record, frozen=True):
    """Posts messages to applications. Imports the HTTP client for the first message only."""

    outbox: Outbox
    now: Callable[[], float]
    loopback: bool

    async def run_forever(self) -> None:
        """Until canceled."""
        while True:
            if await self.outbox.has_due(now=self.now()):
                sender = await asyncio.to_thread(import_module, "saycode.events.sender")
                await sender.EventSender(outbox=self.outbox, now=self.now, loopback=self.loopback).run_forever()
            await asyncio.sleep(POLL_SECONDS)
