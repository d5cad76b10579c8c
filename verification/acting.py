"""Who acts: what is decided for somebody says so in the audit trail."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from .models import Event, State
from .ports import ChangeFeed, Changes, Query, Store

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class ActingStore:
    """A code table that somebody acts on. Events that name nobody else (the carrier, a phone) name this actor."""

    store: Store
    actor: str

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        """As the table does."""
        return await self.store.apply(query, lambda state: self._signed(decide(state)))

    async def read(self, query: Query) -> State:
        """As the table does."""
        return await self.store.read(query)

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        """As the table does."""
        return await self.store.overdue(now=now, limit=limit)

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        """As the table does."""
        return await self.store.unsettled(now=now, patience=patience, limit=limit)

    async def news(self, since: int | None) -> ChangeFeed:
        """As the table does."""
        return await self.store.news(since)

    async def events(self, verification: str) -> list[Event]:
        """As the table does."""
        return await self.store.events(verification)

    def _signed(self, changes: Changes[V]) -> Changes[V]:
        events = tuple(event if event.actor else replace(event, actor=self.actor) for event in changes.events)
        return cast("Changes[V]", replace(cast("Changes[Any]", changes), events=events))
