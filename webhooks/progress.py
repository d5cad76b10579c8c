"""How it is going, told to the page as it happens: server-sent events (HTML standard, section 9.2).

It does not matter which worker heard from Twilio (see lookout), and a page that stays open through a restart just
connects again.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from math import inf
from typing import cast

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from twiml.words import Words
from verification.errors import Unavailable

from . import cookies
from .doorway import Doorway, asked_words, doorway
from .lookout import Lookout
from .page import see
from .render import live_part
from .view import View

log = logging.getLogger("saycode.doors")


async def follow(request: Request) -> Response:
    """The events of this browser's verification: one now, and one whenever something changed."""
    cookie = cookies.read(request)
    if cookie is None:
        return Response(status_code=204)  # tells an EventSource not to try again
    lookout = cast(Lookout, request.app.state.lookout)
    return StreamingResponse(
        _events(doorway(request), lookout, cookies.session(cookie), asked_words(request)),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(here: Doorway, lookout: Lookout, session: str, asked: Words) -> AsyncIterator[str]:
    time = asyncio.get_running_loop().time
    ends, beat = time() + here.pace.longest, time() + here.pace.heartbeat
    shown: View | None = None
    with lookout.watching() as watch:
        while not here.leaving.is_set():  # the service is told to stop; the page connects again when there is one
            watch.woken.clear()
            try:
                case = await here.service.view(session)
            except Unavailable as problem:
                watch.due = -inf  # the next look may succeed
                log.warning("progress not read", extra={"fields": {"why": str(problem)}})
            else:
                seen = see(here, case, asked)
                watch.verification = case.verification.sid if case.verification else ""
                watch.due = seen.due
                if seen != shown:
                    shown, beat = seen, time() + here.pace.heartbeat
                    yield f"data: {_told(seen)}\n\n"
            try:
                async with asyncio.timeout_at(min(ends, beat)):
                    await watch.woken.wait()
            except TimeoutError:
                if time() >= ends:
                    return
                beat = time() + here.pace.heartbeat
                yield ":\n\n"


def _told(shown: View) -> str:
    """What changes on the page while it is open. A page in another state than the one told is loaded anew."""
    told = {"state": shown.state.value, "status": shown.status, "note": shown.note, "live": live_part(shown)}
    return json.dumps(told)
