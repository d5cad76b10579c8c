"""Middleware as plain ASGI: security headers on every answer, and limits on the size of addresses and headers.

The Content-Security-Policy allows no inline style or script; pages have none (OWASP ASVS 5.0, section 3.4).
The size limits are ours, whatever the server in front allows. Twilio's requests have a dozen headers and two kilobytes,
browsers' about four, cookies of other sites included.
"""

from collections.abc import Awaitable, Callable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "otp-credentials=(self)",
}
HTTPS_HEADERS = {"strict-transport-security": "max-age=31536000"}


class SecurityHeaders:
    """Adds the headers. Plain ASGI: Starlette's BaseHTTPMiddleware costs more than a whole webhook."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        headers = SECURITY_HEADERS | (HTTPS_HEADERS if https else {})
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                # An endpoint may set its own Cache-Control: the public keys of receipts may be cached by anyone.
                own = {name.lower() for name, _ in message["headers"]} & {b"cache-control"}
                message["headers"] = [*message["headers"], *(line for line in self._headers if line[0] not in own)]
            await send(message)

        await self._app(scope, receive, add)


#: The stream that an answer leaves in the scope: called with `receive` and `send`.
STREAM = "saycode.stream"


class StreamsOutside:
    """Runs streams when the application has returned: its frames and its request would be kept for each of them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        stream = scope.pop(STREAM, None)
        if stream is not None:
            scope["headers"] = ()  # the server still reads the rest
            await stream(receive, send)


MOST_HEADERS = 100
LARGEST_HEADERS = 32 * 1024
#: Characters of path and query together. Twilio takes no address over 4,000 characters.
LONGEST_TARGET = 8 * 1024
TARGET_TOO_LONG, HEADERS_TOO_LARGE = 414, 431


class RequestLimits:
    """Rejects a request whose address or headers are too large, with an empty answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = limit_status(scope) if scope["type"] == "http" else None
        if status is None:
            await self._app(scope, receive, send)
        else:
            await Response(status_code=status, headers={"Connection": "close"})(scope, receive, send)


def limit_status(scope: Scope) -> int | None:
    """The error status of an oversized request; None for any other."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_TARGET:
        return TARGET_TOO_LONG
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(name) + len(value) for name, value in headers) > LARGEST_HEADERS:
        return HEADERS_TOO_LARGE
    return None


class SignedGets:
    """Refuses webhooks that Twilio sends by GET, where `refuse` answers them: a page could take them for its own."""

    def __init__(self, app: ASGIApp, *, refuse: Callable[[Request], Awaitable[Response | None]]) -> None:
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and "x-twilio-signature" in Headers(scope=scope):
            response = await self._refuse(Request(scope, receive))
            if response is not None:
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)
