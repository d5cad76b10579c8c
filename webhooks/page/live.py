"""Live updates of open pages: server-sent events (HTML standard, section 9.2).

Each worker polls the store for changed verifications, ten times a second, and wakes only the pages that show them. So
it does not matter which worker receives a webhook. A worker without open pages does not poll. A page that outlives a
restart connects again.

A stream costs memory for as long as it is open. So only a session that exists gets one, there are bounds, and no task
waits for its end: the server hands over the connection (`STREAM`). Beyond the bounds, or where the server cannot do
that, the answer is 503, and the page asks for single events instead.
"""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from math import inf
from typing import Protocol, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from twiml.words import Words
from verification.errors import Unavailable
from verification.ports import ChangeFeed

from ..context import AppContext, app_context, request_words
from ..middleware import STREAM as STREAM
from ..requests import client_source
from . import session
from .rendering import current_view, render_live
from .view import View

log = logging.getLogger("saycode.http")

#: Open streams of a session, of a source, and of this process.
MAX_OF_SESSION, MAX_OF_SOURCE, MAX_STREAMS = 3, 50, 2000
MEDIA_TYPE = "text/event-stream"
HEADERS = {"X-Accel-Buffering": "no"}
_STREAM_HEADERS = ((b"content-type", f"{MEDIA_TYPE}; charset=utf-8".encode()), (b"x-accel-buffering", b"no"))


class Connection(Protocol):
    """A connection after the headers of its answer. Neither method waits."""

    def write(self, data: bytes) -> None:
        """Send the next part of the answer."""

    def close(self) -> None:
        """End the answer."""


@dataclass(slots=True, eq=False)
class OpenPage:
    """An open page and its stream. It is woken for changes of its verification (None: of any), and at `refresh_at`, in
    seconds since 1970. The other times are the loop's.

    It keeps as little as possible: two thousand of them wait most of the time.
    """

    ctx: AppContext
    session: str
    source: str
    words: Words
    closes_at: float
    asked: str = ""
    heartbeat_at: float = 0
    connection: Connection | None = field(default=None, repr=False)
    verification: str | None = None
    refresh_at: float = inf
    sent: View | None = None
    stale: bool = False
    task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Send the state if it has changed."""
        self.stale = True
        if self.task is None and self.connection is not None:
            self.task = asyncio.create_task(self._update())

    async def _update(self) -> None:
        try:
            while self.stale:
                self.stale = False
                if (data := await self._changed_data()) is not None:
                    self._write(f"data: {data}\n\n")
        finally:
            self.task = None

    async def _changed_data(self) -> str | None:
        try:
            state = await self.ctx.verifier.get_for_session(self.session)
        except Unavailable as error:
            self.refresh_at = -inf  # the next poll may succeed
            log.warning("verification state not read", extra={"fields": {"why": str(error)}})
            return None
        view = current_view(self.ctx, state, self.words)
        self.verification = state.verification.sid if state.verification else ""
        self.refresh_at = view.refresh_at
        if view == self.sent:
            return None
        self.sent = view
        return _event_data(self.ctx, view, self.asked)

    def beat(self) -> None:
        """A comment, which keeps proxies from closing the connection."""
        self._write(":\n\n")

    def _write(self, text: str) -> None:
        self.heartbeat_at = asyncio.get_running_loop().time() + self.ctx.refresh.heartbeat
        if self.connection is not None:
            self.connection.write(text.encode())

    def end(self) -> None:
        """Close the stream; the page connects again."""
        if self.connection is not None:
            self.connection.close()


class PageNotifier:
    """Wakes open pages when the store has changes for them."""

    def __init__(self, ctx: AppContext) -> None:
        self._ctx = ctx
        self._pages: set[OpenPage] = set()
        self._polling: asyncio.Task[None] | None = None
        self._open: Counter[str] = Counter()

    def reserve(self, page: OpenPage) -> bool:
        """A place for one more stream, if the session, the source and this process have one left."""
        # A session is a digest, and a source an address, so they cannot be mistaken for each other.
        full = (
            self._open[page.session] >= MAX_OF_SESSION
            or (page.source != "" and self._open[page.source] >= MAX_OF_SOURCE)
            or self._open.total() >= 2 * MAX_STREAMS
        )
        if not full:
            self._open.update((page.session, page.source))
        self._forget_empty(page)
        return not full

    def release(self, page: OpenPage) -> None:
        """The place of a stream that has ended."""
        self._open.subtract((page.session, page.source))
        self._forget_empty(page)

    def _forget_empty(self, page: OpenPage) -> None:
        for key in (page.session, page.source):
            if self._open[key] <= 0:
                del self._open[key]

    def follow(self, page: OpenPage) -> None:
        """Every commit from now on wakes the page."""
        self._pages.add(page)
        page.wake()
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll(), context=Context())  # for all pages, and of none

    def forget(self, page: OpenPage) -> None:
        """The connection of the page is closed."""
        self._pages.discard(page)
        page.connection = None
        if page.task is not None:
            page.task.cancel()
        self.release(page)

    async def _poll(self) -> None:
        mark: int | None = None
        while self._pages:
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
        now, time = self._ctx.verifier.clock.now(), asyncio.get_running_loop().time()
        for page in list(self._pages):
            if time >= page.closes_at:
                page.end()
            elif now >= page.refresh_at or _concerns(changes, page):
                page.wake()
            elif time >= page.heartbeat_at and page.task is None:
                page.beat()


def _concerns(changes: ChangeFeed, page: OpenPage) -> bool:
    if changes.about is None or page.verification is None:
        return changes.about != frozenset()
    return page.verification in changes.about


async def stream(request: Request) -> Response:
    """The events of this browser's verification: one at once, and one after each change; with `?once` one."""
    cookie, ctx, words = session.session_cookie(request), app_context(request), request_words(request)
    if cookie is None:
        return Response(status_code=204)  # an EventSource does not try again
    session_id = session.session_id(cookie)
    state = await ctx.verifier.get_for_session(session_id)
    if state.session is None or "once" in request.query_params or request.method == "HEAD":
        event = f"data: {_event_data(ctx, current_view(ctx, state, words), session.asked_id(request))}\n\n"
        return Response(event, media_type=MEDIA_TYPE, headers=HEADERS)
    notifier, source = _notifier(request.app), client_source(request, ctx.trusted_proxies)
    closes_at = asyncio.get_running_loop().time() + ctx.refresh.longest
    page = OpenPage(ctx, session_id, source, words, closes_at, session.asked_id(request))
    if STREAM not in request.scope.get("extensions", {}) or not notifier.reserve(page):
        log.warning("no more event streams", extra={"fields": {}, "source": source})
        return Response(status_code=503, headers={"Retry-After": "5"})
    return _StreamResponse(notifier, page)


def _notifier(app: Starlette) -> PageNotifier:
    """The one of this application."""
    if not hasattr(app.state, "notifier"):
        app.state.notifier = PageNotifier(app.state.context)
    return cast(PageNotifier, app.state.notifier)


class _StreamResponse(Response):
    """Sends the headers, and leaves the connection to the page."""

    def __init__(self, notifier: PageNotifier, page: OpenPage) -> None:
        super().__init__()
        self._notifier, self._page = notifier, page

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        take_over: Callable[[Callable[[], None]], Connection | None] = scope["extensions"][STREAM]
        notifier, page = self._notifier, self._page
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(_STREAM_HEADERS)})
            page.connection = take_over(lambda: notifier.forget(page))
        finally:
            if page.connection is None:
                notifier.release(page)
        if page.connection is not None:
            notifier.follow(page)


def _event_data(ctx: AppContext, view: View, asked: str) -> str:
    """What changes on an open page. A page whose `state` or `language` differs is loaded anew."""
    event = {
        "state": view.state.value,
        "language": view.words.html_language,
        "title": view.title,
        "heading": view.heading,
        "status": view.status,
        "tone": view.tone.value,
        "note": view.note,
        "failed": view.failed,
        "unfolds": view.unfolds,
        "live": render_live(ctx, view, asked=asked),
    }
    return json.dumps(event)
