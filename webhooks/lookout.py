"""One look at the code table for all the pages that are open at this worker.

Ten times a second the table is asked which verifications anything was committed about since the last look, by whatever
worker, and only the pages of those are woken. Without an open page nobody looks.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf

from verification.errors import Unavailable
from verification.ports import News

from .doorway import Doorway

log = logging.getLogger("saycode.doors")


@dataclass(slots=True, eq=False)
class Watch:
    """An open page. It is woken for news of its verification (None: of any), and when `due`, in seconds since 1970."""

    verification: str | None = None
    due: float = inf
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Lookout:
    """Wakes open pages when there is something new for them."""

    def __init__(self, here: Doorway) -> None:
        self._here = here
        self._watches: set[Watch] = set()
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def watching(self) -> Iterator[Watch]:
        """A page is open while the block runs. What is committed after its beginning wakes it."""
        watch = Watch()
        self._watches.add(watch)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    async def _look(self) -> None:
        mark: int | None = None
        while self._watches:
            try:
                news = await self._here.service.table.news(mark)
                mark = news.mark
            except Unavailable as problem:
                # The pages keep what they show; the next look may succeed.
                news = News(0, about=frozenset())
                log.warning("news not read", extra={"fields": {"why": str(problem)}})
            self._wake(news)
            await asyncio.sleep(self._here.pace.look)

    def _wake(self, news: News) -> None:
        now, leaving = self._here.service.clock.now(), self._here.leaving.is_set()
        for watch in self._watches:
            if leaving or now >= watch.due or _concerns(news, watch):
                watch.woken.set()


def _concerns(news: News, watch: Watch) -> bool:
    if news.about is None or watch.verification is None:
        return news.about != frozenset()
    return watch.verification in news.about
