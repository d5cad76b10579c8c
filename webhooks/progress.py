"""How it is going, told to the page as it happens: server-sent events (HTML standard, section 9.2).

Every worker looks at the code table's version a few times a second and reads only when something was committed, so it
does not matter which worker heard from Twilio, and a page that stays open through a restart just connects again.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from verification.errors import Unavailable
from verification.records import Case

from . import cookies
from .doorway import Doorway, doorway
from .page import see
from .render import live_part
from .view import View

log = logging.getLogger("saycode.doors")


async def follow(request: Request) -> Response:
    """The events of this browser's verification: one now, and one whenever something changed."""
    cookie = cookies.read(request)
    if cookie is None:
        return Response(status_code=204)  # tells an EventSource not to try again
    here = doorway(request)
    return StreamingResponse(
        _events(here, cookies.session(cookie)),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _events(here: Doorway, session: str) -> AsyncIterator[str]:
    pace = here.pace
    known, shown = Case(), None
    version, quiet = -1, 0.0
    for _ in range(int(pace.longest / pace.look)):
        try:
            news = await here.service.table.version()
            due = shown is None or here.service.clock.now() >= shown.due
            if news != version or due:
                case = await here.service.view(session)
                version = news
                if case != known or due:  # most commits are about somebody else
                    seen = see(here, case)
                    if seen != shown:
                        quiet = 0.0
                        yield f"data: {_told(seen)}\n\n"
                    known, shown = case, seen
        except Unavailable as problem:
            # The page keeps what it shows; the next look may succeed.
            log.warning("progress not read", extra={"fields": {"why": str(problem)}})
        if quiet >= pace.heartbeat:
            quiet = 0.0
            yield ":\n\n"
        if here.leaving.is_set():
            return  # the service is told to stop; the page connects again when there is one
        quiet += pace.look
        await asyncio.sleep(pace.look)


def _told(shown: View) -> str:
    """What changes on the page while it is open. A page in another state than the one told is loaded anew."""
    told = {"state": shown.state.value, "status": shown.status, "note": shown.note, "live": live_part(shown)}
    return json.dumps(told)
