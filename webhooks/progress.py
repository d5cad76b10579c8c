"""How it is going, told to the page as it happens: server-sent events (HTML standard, section 9.2).

Every worker looks at the code table's version a few times a second and reads only when something was committed, so it
does not matter which worker heard from Twilio, and a page that stays open through a restart just connects again.
"""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from verification.errors import Unavailable
from verification.records import Case

from . import cookies
from .doorway import Doorway, doorway
from .page import see
from .render import live_part

#: Seconds between two looks; a callback reaches the page within one of them.
LOOK_EVERY = 0.25
#: Seconds of silence after which a comment keeps proxies from cutting the line.
HEARTBEAT = 15
#: Seconds after which the page connects anew, so that nobody is watched for ever.
LONGEST = 600


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
    shown, version, quiet = "", -1, 0.0
    for _ in range(int(LONGEST / LOOK_EVERY)):
        try:
            news = await here.service.table.version()
            if news != version:
                case = await here.service.view(session)
                version = news
                told = _told(here, case)
                if told != shown:
                    shown, quiet = told, 0.0
                    yield f"data: {told}\n\n"
        except Unavailable:
            quiet += LOOK_EVERY  # the page keeps what it shows; the next look may succeed
        if quiet >= HEARTBEAT:
            quiet = 0.0
            yield ":\n\n"
        if here.leaving.is_set():
            return
        quiet += LOOK_EVERY
        await asyncio.sleep(LOOK_EVERY)


def _told(here: Doorway, case: Case) -> str:
    """What changes on the page while it is open. A page in another state than the one told is loaded anew."""
    shown = see(here, case)
    return json.dumps({"state": shown.state.value, "status": shown.status, "live": live_part(shown)})
