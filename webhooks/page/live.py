"""Live updates of open pages: server-sent events (HTML standard, section 9.2).

Each worker polls the store for changed verifications, ten times a second, and wakes only the pages that show them. So
it does not matter which worker receives a webhook. A worker without open pages does not poll. A page that outlives a
restart connects again.

A stream costs memory for as long as it is open, so only a session that exists gets one, and there are bounds. Beyond
them the answer is 503, and the page asks for single events instead.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from twiml.words import Words
from verification.errors import Unavailable
from verification.ports import ChangeFeed

from ..context import AppContext, app_context, request_words
from ..requests import client_source
from . import session
from .rendering import current_view, render_live
from .view import View

log = logging.getLogger("saycode.http")

#: Open streams of a session, of a source, and of this process.
MAX_OF_SESSION, MAX_OF_SOURCE, MAX_STREAMS = 3, 50, 2000
MEDIA_TYPE = "text/event-stream"
HEADERS = {"X-Accel-Buffering": "no"}


@dataclass(slots=True, eq=False)
class Subscription:
    """An open page. It is woken for changes of its verification (None: of any), and at `refresh_at`, in seconds since
    1970.
    """

    verification: str | None = None
    refresh_at: float = inf
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class PageNotifier:
    """Wakes open pages when the store has changes for them."""

    def __init__(self, ctx: AppContext) -> None:
        self._ctx = ctx
        self._subscriptions: set[Subscription] = set()
        self._polling: asyncio.Task[None] | None = None
        self._open: Counter[str] = Counter()

    def reserve(self, session: str, source: str) -> bool:
        """A place for one more stream, if the session, the source and this process have one left."""
        # A session is a digest, and a source an address, so they cannot be mistaken for each other.
        full = (
            self._open[session] >= MAX_OF_SESSION
            or (source != "" and self._open[source] >= MAX_OF_SOURCE)
            or self._open.total() >= 2 * MAX_STREAMS
        )
        if not full:
            self._open.update((session, source))
        self._forget_empty(session, source)
        return not full

    def release(self, session: str, source: str) -> None:
        """The place of a stream that has ended."""
        self._open.subtract((session, source))
        self._forget_empty(session, source)

    def _forget_empty(self, *keys: str) -> None:
        for key in keys:
            if self._open[key] <= 0:
                del self._open[key]

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """A subscription while the block runs. Every commit after its beginning wakes it."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll())
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def _poll(self) -> None:
        mark: int | None = None
        while self._subscriptions:
            try:
                changes = await self._ctx.verifier.store.changes_since(mark)
                mark = changes.mark
            except Unavailable as error:
                # The pages stay as they are; the next poll may succeed.
                changes = ChangeFeed(0, about=frozenset())
                log.warning("store changes not read", extra={"fields": {"why": str(error)}})
            self._notify(changes)
            await asyncio.sleep(self._ctx.refresh.poll)

    def _notify(self, changes: ChangeFeed) -> None:
        now, shutting_down = self._ctx.verifier.clock.now(), self._ctx.shutting_down.is_set()
        for subscription in self._subscriptions:
            if shutting_down or now >= subscription.refresh_at or _concerns(changes, subscription):
                subscription.changed.set()


def _concerns(changes: ChangeFeed, subscription: Subscription) -> bool:
    if changes.about is None or subscription.verification is None:
        return changes.about != frozenset()
    return subscription.verification in changes.about


async def stream(request: Request) -> Response:
    """The events of this browser's verification: one at once, and one after each change; with `?once` one."""
    cookie, ctx, words = session.session_cookie(request), app_context(request), request_words(request)
    if cookie is None:
        return Response(status_code=204)  # an EventSource does not try again
    session_id = session.session_id(cookie)
    state = await ctx.verifier.get_for_session(session_id)
    if state.session is None or "once" in request.query_params:
        event = f"data: {_event_data(ctx, current_view(ctx, state, words))}\n\n"
        return Response(event, media_type=MEDIA_TYPE, headers=HEADERS)
    notifier, source = cast(PageNotifier, request.app.state.notifier), client_source(request, ctx.trusted_proxies)
    if not notifier.reserve(session_id, source):
        log.warning("no more event streams", extra={"fields": {}, "source": source})
        return Response(status_code=503, headers={"Retry-After": "5"})
    return _Stream(
        _events(ctx, notifier, session_id, words),
        media_type=MEDIA_TYPE,
        headers=HEADERS,
        release=lambda: notifier.release(session_id, source),
    )


class _Stream(StreamingResponse):
    """A stream that gives its place back, however it ends."""

    def __init__(self, content: AsyncIterator[str], *, release: Callable[[], None], **fields: Any) -> None:
        super().__init__(content, **fields)
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._release()


async def _events(ctx: AppContext, notifier: PageNotifier, session: str, browser_words: Words) -> AsyncIterator[str]:
    time = asyncio.get_running_loop().time
    closes_at, heartbeat_at = time() + ctx.refresh.longest, time() + ctx.refresh.heartbeat
    sent: View | None = None
    with notifier.subscribe() as subscription:
        while not ctx.shutting_down.is_set():  # the page connects again once the service is back
            subscription.changed.clear()
            try:
                state = await ctx.verifier.get_for_session(session)
            except Unavailable as error:
                subscription.refresh_at = -inf  # the next poll may succeed
                log.warning("verification state not read", extra={"fields": {"why": str(error)}})
            else:
                view = current_view(ctx, state, browser_words)
                subscription.verification = state.verification.sid if state.verification else ""
                subscription.refresh_at = view.refresh_at
                if view != sent:
                    sent, heartbeat_at = view, time() + ctx.refresh.heartbeat
                    yield f"data: {_event_data(ctx, view)}\n\n"
            while not await _changed(subscription, min(closes_at, heartbeat_at)):
                if time() >= closes_at:
                    return
                heartbeat_at = time() + ctx.refresh.heartbeat
                yield ":\n\n"


async def _changed(subscription: Subscription, deadline: float) -> bool:
    """Whether the subscription is woken before the deadline, in seconds of the loop's time."""
    try:
        async with asyncio.timeout_at(deadline):
            await subscription.changed.wait()
    except TimeoutError:
        return False
    return True


def _event_data(ctx: AppContext, view: View) -> str:
    """What changes on an open page. A page whose `state` differs is loaded anew."""
    html = render_live(ctx, view)
    return json.dumps({"state": view.state.value, "status": view.status, "note": view.note, "live": html})
