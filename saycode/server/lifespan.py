"""What runs beside the requests: background tasks, and the shutdown of pages, Twilio's client and the store."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from importlib import import_module

from starlette.applications import Starlette
from starlette.types import Lifespan

from verification.errors import Unavailable
from webhooks.middleware import load_late

from ..storage.store import SqlStore
from ..twilio.accounts import Carriers
from ..twilio.lookup import TwilioLookup

log = logging.getLogger("saycode.events")
_LATE_MODULES = ("jwt", "jinja2", "webhooks.openid.provider")
#: A group of decisions makes thousands of records, and none of them is in a cycle: Python's own 700 would look at them
#: ten times.
_GC_THRESHOLDS = 20_000, 20, 20
#: Seconds from the start until the rest is loaded.
WARM_UP_DELAY = 0.2
#: Seconds between two runs of a background task.
TASK_INTERVAL = 5

Task = Callable[[], Awaitable[object]]


def build_lifespan(
    tasks: Sequence[Task],
    *,
    provider: Carriers,
    lookup: TwilioLookup | None,
    store: SqlStore,
) -> Lifespan[Starlette]:
    """Runs the tasks while the application serves, and closes the rest when it ends."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(warm_up())
        running = [asyncio.create_task(run_periodically(task, pause=TASK_INTERVAL)) for task in tasks]
        try:
            yield
        finally:
            for task in (warming, *running):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            try:
                await provider.close()
                if lookup is not None:
                    await lookup.close()
            finally:
                await store.close()

    return lifespan


async def warm_up() -> None:
    """Load what the first answers do not need, once they are given."""
    await asyncio.sleep(WARM_UP_DELAY)
    await asyncio.to_thread(_import_the_rest)


def _import_the_rest() -> None:
    """What is loaded by then stays, and the garbage collector need not look at it again."""
    for module in _LATE_MODULES:
        import_module(module)
    load_late()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
    gc.enable()


async def run_periodically(task: Task, *, pause: float) -> None:
    """Run a task at once and then every `pause` seconds, until cancelled. A failure of one run does not end it."""
    facts = {"task": getattr(task, "__name__", "")}
    while True:
        try:
            await task()
        except Unavailable as problem:
            log.warning("background task failed", extra={"fields": facts | {"why": str(problem)}})
        except Exception:
            log.exception("background task failed", extra={"fields": facts})
        await asyncio.sleep(pause)
