"""One look at the code table for all the pages that are open at this worker.

Ten times a second the table is asked which verifications anything was committed about since the last look, by whatever
worker, and only the pages of those are woken. Without an open page nobody looks.

How it is going, told to the page as it happens: server-sent events (HTML standard, section 9.2).

It does not matter which worker heard from Twilio (see lookout), and a page that stays open through a restart just
connects again.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from typing import cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from twiml.words import Words
from verification.errors import Unavailable
from verification.ports import ChangeFeed

from ..context import AppContext, app_context, request_words
from . import session
from .handlers import current_view
from .rendering import render_live
from .view import View

log = logging.getLogger("saycode.http")


@dataclass(slots=True, eq=False)
class Subscription:
    """An open page. It is woken for news of its verification (None: of any), and when `due`, in seconds since 1970."""

    verification: str | None = None
    due: float = inf
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class PageNotifier:
    """Wakes open pages when there is something new for them."""

    def __init__(self, ctx: AppContext) -> None:
        self._here = ctx
        self._subscriptions: set[Subscription] = set()
        self._polling: asyncio.Task[None] | None = None

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """A page is open while the block runs. What is committed after its beginning wakes it."""
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
                news = await self._here.verifier.store.news(mark)
                mark = news.mark
            except Unavailable as problem:
                # The pages keep what they show; the next look may succeed.
                news = ChangeFeed(0, about=frozenset())
                log.warning("store changes not read", extra={"fields": {"why": str(problem)}})
            self._notify(news)
            await asyncio.sleep(self._here.pace.look)

    def _notify(self, news: ChangeFeed) -> None:
        now, leaving = self._here.verifier.clock.now(), self._here.leaving.is_set()
        for subscription in self._subscriptions:
            if leaving or now >= subscription.due or _concerns(news, subscription):
                subscription.changed.set()


def _concerns(news: ChangeFeed, subscription: Subscription) -> bool:
    if news.about is None or subscription.verification is None:
        return news.about != frozenset()
    return subscription.verification in news.about


log = logging.getLogger("saycode.http")


async def stream(request: Request) -> Response:
    """The events of this browser's verification: one now, and one whenever something changed."""
    cookie = session.session_cookie(request)
    if cookie is None:
        return Response(status_code=204)  # tells an EventSource not to try again
    notifier = cast(PageNotifier, request.app.state.notifier)
    return StreamingResponse(
        _events(app_context(request), notifier, session.session_id(cookie), request_words(request)),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(ctx: AppContext, notifier: PageNotifier, session: str, asked: Words) -> AsyncIterator[str]:
    time = asyncio.get_running_loop().time
    ends, beat = time() + ctx.pace.longest, time() + ctx.pace.heartbeat
    shown: View | None = None
    with notifier.subscribe() as subscription:
        while not ctx.leaving.is_set():  # the service is told to stop; the page connects again when there is one
            subscription.changed.clear()
            try:
                state = await ctx.verifier.get_for_session(session)
            except Unavailable as problem:
                subscription.due = -inf  # the next look may succeed
                log.warning("verification state not read", extra={"fields": {"why": str(problem)}})
            else:
                seen = current_view(ctx, state, asked)
                subscription.verification = state.verification.sid if state.verification else ""
                subscription.due = seen.due
                if seen != shown:
                    shown, beat = seen, time() + ctx.pace.heartbeat
                    yield f"data: {_event_data(seen)}\n\n"
            try:
                async with asyncio.timeout_at(min(ends, beat)):
                    await subscription.changed.wait()
            except TimeoutError:
                if time() >= ends:
                    return
                beat = time() + ctx.pace.heartbeat
                yield ":\n\n"


def _event_data(shown: View) -> str:
    """What changes on the page while it is open. A page in another state than the one told is loaded anew."""
    told = {"state": shown.state.value, "status": shown.status, "note": shown.note, "live": render_live(shown)}
    return json.dumps(told)
