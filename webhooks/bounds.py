"""How much a request may say before anybody reads it: our own limits, whatever the server in front allows.

Twilio's requests have a dozen headers and two kilobytes; browsers send four or so, cookies of other services included.
"""

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

MOST_HEADERS = 100
LARGEST_HEADERS = 32 * 1024
#: Path and query together. Twilio takes no address over 4,000 characters.
LONGEST_TARGET = 8 * 1024
TARGET_TOO_LONG, HEADERS_TOO_LARGE = 414, 431


class Bounds:
    """Refuses a request whose address or headers are too large, with an empty answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = refusal(scope) if scope["type"] == "http" else None
        if status is None:
            await self._app(scope, receive, send)
        else:
            await Response(status_code=status, headers={"Connection": "close"})(scope, receive, send)


def refusal(scope: Scope) -> int | None:
    """The status that an oversized request gets; None when it is of ordinary size."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_TARGET:
        return TARGET_TOO_LONG
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > LARGEST_HEADERS:
        return HEADERS_TOO_LARGE
    return None
