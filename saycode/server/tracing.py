"""Traces, where OpenTelemetry's SDK is installed and set up (`pip install 'saycode[telemetry]'`, an exporter of yours).

Starlette's own middleware makes the spans. It records path, query and the client's address, and some paths of the API
contain phone numbers; so the middleware gets a request without these, and the application the real one. The spans of
requests to Twilio are in `saycode.twilio.spans`.
"""

import re
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from webhooks.middleware import ANSWER

from ..twilio.config import is_traced

#: A path segment that could be a phone number or a code. Sids have letters.
_DIGITS = re.compile(r"(?<=/)(\+|%2[Bb])?[0-9]{4,}(?=/|$)")
_HIDDEN_HEADERS = (b"user-agent",)
_ORIGINAL_SCOPE = "saycode.request"


class TracingMiddleware:
    """An application inside a middleware that sees only what a span may contain."""

    def __init__(self, app: ASGIApp, middleware: Callable[[ASGIApp], ASGIApp]) -> None:
        self._app = app
        self._middleware = middleware(self._call_app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = _DIGITS.sub("***", scope["path"])
        shown = dict(scope)
        shown |= {"path": path, "raw_path": path.encode(), "query_string": b"", "client": None, _ORIGINAL_SCOPE: scope}
        shown["headers"] = [header for header in scope["headers"] if header[0].lower() not in _HIDDEN_HEADERS]
        await self._middleware(shown, receive, send)

    async def _call_app(self, shown: Scope, receive: Receive, send: Send) -> None:
        scope: Scope = shown[_ORIGINAL_SCOPE]
        scope.get("extensions", {}).pop(ANSWER, None)  # the span's status is that of the messages
        try:
            await self._app(scope, receive, send)
        finally:
            # The span is named after the route, which routing adds to the scope.
            shown.update({name: scope[name] for name in ("route", "root_path") if name in scope})


def with_tracing(app: ASGIApp) -> ASGIApp:
    """The application with spans for its requests; unchanged where nothing receives them."""
    if not is_traced():
        return app
    try:
        from starlette.middleware.opentelemetry import OpenTelemetryMiddleware
    except ImportError:
        return app
    return TracingMiddleware(app, OpenTelemetryMiddleware)
