"""The background job of alerts, in every worker: reads what holds, opens and resolves, and sends what waits.

    conditions ── transitions ── one transaction: alert_states, a message for each target, signed events
    each target ── claims its own due messages ── sends them on a thread ── failed: due again later, for a day

A target that hangs or fails has its messages to itself; no other waits for it. When the database does not answer,
nothing can be claimed: then each worker that notices sends one message by itself, and one when it answers again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from verification.alerts import SETTLED_AFTER, Alert, AlertKind, Condition
from verification.errors import Unavailable
from verification.types import Channel
from verification.verifier import Verifier
from webhooks.context import HealthComponent

from ..config.parsers import Secret
from ..storage.store import SqlStore
from .conditions import ConditionReader
from .states import AlertStates, ClaimedLetter, Letter, Told
from .words import Words, letter_of, words_of

if TYPE_CHECKING:
    from ..config.settings import Settings
    from .targets import AlertTarget

log = logging.getLogger("saycode.events")

#: Seconds between two looks at what holds, and at what waits.
LOOK_SECONDS, POLL_SECONDS = 10.0, 2.0
#: Looks in a row that must find the database unusable: a lock of some seconds is no alert.
PATIENCE = 3


@dataclass(slots=True, kw_only=True)
class AlertJob:
    """`host`: of the public address, which begins every message; `enforced` and `standby` as in `words_of`."""

    reader: ConditionReader
    urls: Sequence[Secret]
    now: Callable[[], float]
    host: str
    enforced: bool = True
    standby: str | None = None
    look_seconds: float = LOOK_SECONDS
    poll_seconds: float = POLL_SECONDS
    _sending: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _refused: int = 0
    _told_unusable: bool = False

    @property
    def states(self) -> AlertStates:
        return AlertStates(self.reader.store)

    async def run_forever(self) -> None:
        """Until canceled."""
        loop = asyncio.get_running_loop()
        look_at = loop.time()
        try:
            while True:
                if loop.time() >= look_at:
                    look_at = loop.time() + self.look_seconds
                    await self.look()
                await self.send_due()
                await asyncio.sleep(self.poll_seconds)
        finally:
            for task in self._sending.values():
                task.cancel()
            await asyncio.gather(*self._sending.values(), return_exceptions=True)

    async def look(self) -> Told:
        """Open and resolve what this worker sees. Returns what it was the one to tell."""
        now = self.now()
        try:
            conditions = self._lasting(await self.reader.read(now=now))
            urls = [url.reveal() for url in self.urls]
            told = await self.states.change(conditions, self._write, urls, now=now)
            await self.states.forget_old(now=now)
        except Unavailable as problem:
            await self._unusable(str(problem))
            return Told()
        if self._told_unusable and not any(one.kind is AlertKind.WRITES_REFUSED for one in conditions):
            self._told_unusable = False
            await self._send_unclaimed(_alone(AlertKind.WRITES_REFUSED, now), resolved=True)
        for condition in told.opened:
            log.warning("alert opened", extra={"fields": _facts(condition)})
        for alert in told.resolved:
            log.info("alert resolved", extra={"fields": _facts(alert.condition)})
        return told

    def _lasting(self, conditions: Iterable[Condition]) -> list[Condition]:
        """Without a refusal of the database that has not lasted yet."""
        found = list(conditions)
        refused = any(one.kind is AlertKind.WRITES_REFUSED for one in found)
        self._refused = self._refused + 1 if refused else 0
        if self._refused >= PATIENCE:
            return found
        return [one for one in found if one.kind is not AlertKind.WRITES_REFUSED]

    async def _unusable(self, why: str) -> None:
        """The database refuses even this. There is no one to agree with on who tells it."""
        log.warning("alerts not read or written", extra={"fields": {"why": why}})
        self._refused += 1
        if self._refused >= PATIENCE and not self._told_unusable:
            self._told_unusable = True
            await self._send_unclaimed(_alone(AlertKind.WRITES_REFUSED, self.now()), resolved=False)

    async def _send_unclaimed(self, alert: Alert, *, resolved: bool) -> None:
        told = Told(resolved=(alert,)) if resolved else Told(opened=(alert.condition,))
        letter, _ = self._write(told, {})
        for target in await self._targets():
            self._begin(f"unclaimed {target.name}", self._send_once(target, letter))

    async def _send_once(self, target: "AlertTarget", letter: Letter) -> None:
        why = await self._send(target, letter)
        if why is not None:
            log.error("alert not sent", extra={"fields": {"target": target.name, "why": why}})

    def _write(self, told: Told, services: Mapping[str, str]) -> tuple[Letter, Sequence[tuple[str, dict[str, Any]]]]:
        words: Callable[[Condition], Words] = partial(
            words_of, services=services, enforced=self.enforced, standby=self.standby
        )
        return letter_of(told, words, host=self.host), [
            *(("alert.opened", _data(one, words)) for one in told.opened),
            *(("alert.resolved", _data(one.condition, words)) for one in told.resolved),
        ]

    async def send_due(self) -> None:
        """Begin to send what is due, to each target that is not busy. Returns before it is sent."""
        self._sending = {name: task for name, task in self._sending.items() if not task.done()}
        if not self.urls:
            return
        for target in await self._targets():
            if target.name in self._sending:
                continue
            try:
                claimed = await self.states.claim(target.url, now=self.now())
            except Unavailable as problem:
                log.warning("alerts not read or written", extra={"fields": {"why": str(problem)}})
                return
            if claimed:
                self._begin(target.name, self._deliver(target, claimed))

    async def sent(self) -> None:
        """Returns once nothing is being sent."""
        await asyncio.gather(*self._sending.values())

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._sending[name] = asyncio.create_task(work)

    async def _deliver(self, target: "AlertTarget", claimed: Sequence[ClaimedLetter]) -> None:
        for one in claimed:
            why = await self._send(target, one.letter)
            facts = {"target": target.name, "tries": one.tries}
            try:
                if why is None:
                    await self.states.mark_delivered(one)
                    log.info("alert sent", extra={"fields": facts})
                elif await self.states.retry_later(one, now=self.now()):
                    log.warning("alert not sent", extra={"fields": facts | {"why": why}})
                else:
                    log.error("alert dropped after the last attempt", extra={"fields": facts | {"why": why}})
            except Unavailable as problem:  # it is due again when its lease ends
                log.warning("delivery not recorded", extra={"fields": facts | {"why": str(problem)}})
            if why is not None:
                return  # the others of this target wait for the end of their lease

    async def _send(self, target: "AlertTarget", letter: Letter) -> str | None:
        targets = await asyncio.to_thread(import_module, "saycode.alerts.targets")
        why: str | None = await targets.send(target, letter)
        return why

    async def _targets(self) -> "list[AlertTarget]":
        if not self.urls:
            return []
        targets = await asyncio.to_thread(import_module, "saycode.alerts.targets")
        found: list[AlertTarget] = targets.alert_targets(self.urls)
        return found


def alert_job(
    settings: "Settings",
    verifier: Verifier,
    store: SqlStore,
    *,
    examine: Callable[[], Awaitable[tuple[HealthComponent, ...]]],
    open_channels: Callable[[], frozenset[Channel]],
) -> AlertJob:
    """The job of these settings. The rest is as in ConditionReader."""
    file = settings.database if isinstance(settings.database, Path) else None
    return AlertJob(
        reader=ConditionReader(
            store=store, policy=verifier.policy, open_channels=open_channels, examine=examine, file=file
        ),
        urls=settings.alert_urls,
        now=verifier.clock.now,
        host=urlsplit(settings.public_url).hostname or "",
        enforced=verifier.policy.enforce,
        standby=settings.standby_company,
    )


def _alone(kind: AlertKind, now: float) -> Alert:
    return Alert(Condition(kind=kind), now - SETTLED_AFTER, now)


def _facts(condition: Condition) -> dict[str, object]:
    """What the log says of it."""
    names = ("kind", "scope", "service", "country", "subject", "rule")
    return {name: value for name, value in zip(names, condition.key, strict=True) if value}


def _data(condition: Condition, words: Callable[[Condition], Words]) -> dict[str, Any]:
    """What an event says of it."""
    spoken = words(condition)
    return {
        "alert": condition.kind.value,
        "scope": condition.scope or None,
        "service_sid": condition.service or None,
        "country": condition.country or None,
        "subject": condition.subject or None,
        "rule": condition.rule or None,
        "until": condition.until,
        "title": spoken.title,
        "text": str(spoken),
    }
