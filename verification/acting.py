"""Who acts: what is decided for somebody says so in the audit trail."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from .ports import CodeTable, Decision, News, Subject
from .records import Case, Event

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ActingTable:
    """A code table that somebody acts on. Events that name nobody else (the carrier, a phone) name this actor."""

    table: CodeTable
    actor: str

    async def apply(self, subject: Subject, decide: Callable[[Case], Decision[V]]) -> V:
        """As the table does."""
        return await self.table.apply(subject, lambda case: self._signed(decide(case)))

    async def read(self, subject: Subject) -> Case:
        """As the table does."""
        return await self.table.read(subject)

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        """As the table does."""
        return await self.table.overdue(now=now, limit=limit)

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        """As the table does."""
        return await self.table.unsettled(now=now, patience=patience, limit=limit)

    async def news(self, since: int | None) -> News:
        """As the table does."""
        return await self.table.news(since)

    async def events(self, verification: str) -> list[Event]:
        """As the table does."""
        return await self.table.events(verification)

    def _signed(self, decision: Decision[V]) -> Decision[V]:
        events = tuple(event if event.actor else replace(event, actor=self.actor) for event in decision.events)
        return cast("Decision[V]", replace(cast("Decision[Any]", decision), events=events))
