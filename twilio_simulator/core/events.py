"""The event stream: everything that happens in the simulator, as typed events.

`EventStream.publish` numbers an event, keeps it, and passes it to all subscribers. The last `MAX_KEPT_EVENTS` can be
read again by number.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

MAX_KEPT_EVENTS = 10_000


@dataclass(frozen=True, slots=True)
class Event:
    """The base class. An event's kind comes from its class name: `PhoneRings` is `phone-rings`."""

    @classmethod
    def kind(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


@dataclass(frozen=True, slots=True)
class RestRequestReceived(Event):
    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    status: int
    code: int | None
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class CallStatusChanged(Event):
    call_sid: str
    number: str
    status: str
    direction: str


@dataclass(frozen=True, slots=True)
class PhoneRings(Event):
    number: str
    call_sid: str
    caller: str


@dataclass(frozen=True, slots=True)
class PhoneQuiet(Event):
    """The call waits for input with no prompt left to play, or it has ended."""

    number: str
    call_sid: str
    waiting_for: str


@dataclass(frozen=True, slots=True)
class SayBegan(Event):
    number: str
    call_sid: str
    text: str
    language: str
    voice: str
    seconds: float


@dataclass(frozen=True, slots=True)
class SayCutOff(Event):
    number: str
    call_sid: str
    text: str
    cut_by: str
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class PlayBegan(Event):
    number: str
    call_sid: str
    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class KeyPressed(Event):
    number: str
    call_sid: str
    key: str
    listened: bool


@dataclass(frozen=True, slots=True)
class DocumentStarted(Event):
    call_sid: str
    url: str
    document: str


@dataclass(frozen=True, slots=True)
class WebhookSent(Event):
    sid: str
    purpose: str
    method: str
    url: str
    parameters: tuple[tuple[str, str], ...]
    signature: str | None


@dataclass(frozen=True, slots=True)
class WebhookAnswered(Event):
    sid: str
    purpose: str
    url: str
    status: int | None
    content_type: str | None
    body: str
    fault: str | None


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """The debugger has a new entry."""

    code: int | None
    level: str
    message: str
    sid: str
    url: str | None


@dataclass(frozen=True, slots=True)
class MessageStatusChanged(Event):
    message_sid: str
    number: str
    status: str
    error_code: int | None


@dataclass(frozen=True, slots=True)
class TextArrived(Event):
    number: str
    message_sid: str
    sender: str
    body: str
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextWritten(Event):
    """A phone sent a text to one of the account's numbers."""

    number: str
    message_sid: str
    to: str
    body: str
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    id: int
    at: float
    event: Event

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "at": round(self.at, 3), "kind": self.event.kind(), **asdict(self.event)}


class EventStream:
    def __init__(self, *, now: Callable[[], float], changed: Callable[[], None]) -> None:
        self._now = now
        self._changed = changed
        self._kept: deque[PublishedEvent] = deque(maxlen=MAX_KEPT_EVENTS)
        self._last = 0
        self._subscribers: list[Callable[[PublishedEvent], None]] = []
        self._followers: list[asyncio.Queue[PublishedEvent | None]] = []

    def publish(self, event: Event) -> None:
        self._last += 1
        published = PublishedEvent(self._last, self._now(), event)
        self._kept.append(published)
        for subscriber in list(self._subscribers):
            subscriber(published)
        self._changed()

    @property
    def last(self) -> int:
        """The number of the newest event."""
        return self._last

    def since(self, last: int = 0) -> list[PublishedEvent]:
        """Kept events with a higher number than `last`."""
        return [published for published in self._kept if published.id > last]

    @contextmanager
    def subscribed(self, subscriber: Callable[[PublishedEvent], None]) -> Iterator[None]:
        """Pass every event to `subscriber` as it happens, in the engine's event loop."""
        self._subscribers.append(subscriber)
        try:
            yield
        finally:
            self._subscribers.remove(subscriber)

    async def follow(self, last: int = 0) -> AsyncIterator[PublishedEvent]:
        """Kept events after number `last`, then every new one, until `close_followers`."""
        queue: asyncio.Queue[PublishedEvent | None] = asyncio.Queue()
        self._followers.append(queue)
        try:
            with self.subscribed(queue.put_nowait):
                for kept in self.since(last):
                    last = kept.id
                    yield kept
                while (published := await queue.get()) is not None:
                    if published.id > last:
                        yield published
        finally:
            self._followers.remove(queue)

    def close_followers(self) -> None:
        """End every `follow`. A server that shuts down waits for its open responses."""
        for queue in self._followers:
            queue.put_nowait(None)
