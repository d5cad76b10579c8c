"""Middleware as plain ASGI: security headers on every answer, and limits on the size of addresses and headers.

The Content-Security-Policy allows no inline style or script; pages have none (OWASP ASVS 5.0, section 3.4).
The size limits are ours, whatever the server in front allows. Twilio's requests have a dozen headers and two kilobytes,
browsers' about four, cookies of other sites included.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from inspect import isawaitable
from itertools import chain
from typing import Any, ClassVar

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
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


#: The extension of ASGI by which an answer that has begun takes its connection over. It is called with what to do once
#: the connection is closed, and returns a Connection of `page.live`; None when that is too late.
STREAM = "saycode.stream"
#: The extension by which an answer is sent whole: called with its status, its own headers, the lines of headers that
#: all answers have, and its body. False when that is not possible; then nothing was sent. By ASGI's messages an answer
#: takes two system calls, and its headers are looked at one by one: together a third of a webhook.
ANSWER = "saycode.answer"

Header = tuple[bytes, bytes]


def security_headers(*, https: bool) -> list[Header]:
    headers = SECURITY_HEADERS | (HTTPS_HEADERS if https else {})
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def header_lines(headers: Iterable[Header]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])


def with_security_headers(own: list[Header], added: list[Header]) -> list[Header]:
    """An endpoint may set its own Cache-Control: the public keys of receipts may be cached by anyone."""
    if any(name.lower() == b"cache-control" for name, _ in own):
        return [*own, *(line for line in added if line[0] != b"cache-control")]
    return own + added


class SecurityHeaders:
    """Adds the headers. Plain ASGI: Starlette's BaseHTTPMiddleware costs more than a whole webhook."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = security_headers(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = with_security_headers(list(message["headers"]), self._headers)
            await send(message)

        await self._app(scope, receive, add)


MOST_HEADERS = 100
LARGEST_HEADERS = 32 * 1024
#: Characters of path and query together. Twilio takes no address over 4,000 characters.
LONGEST_TARGET = 8 * 1024
TARGET_TOO_LONG, HEADERS_TOO_LARGE = 414, 431


class RequestLimits:
    """Rejects a request whose address or headers are too large, with an empty answer.

    An announced body of over `largest_body` bytes is answered by `refuse_body`: Starlette would answer in plain text.
    """

    def __init__(self, app: ASGIApp, *, largest_body: int, refuse_body: ASGIApp) -> None:
        self._app, self._largest_body, self._refuse_body = app, largest_body, refuse_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = limit_status(scope) if scope["type"] == "http" else None
        if status is None:
            too_large = scope["type"] == "http" and (_content_length(scope) or 0) > self._largest_body
            await (self._refuse_body if too_large else self._app)(scope, receive, send)
        else:
            await Response(status_code=status, headers={"Connection": "close"})(scope, receive, send)


def limit_status(scope: Scope) -> int | None:
    """The error status of an oversized request; None for any other."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > LONGEST_TARGET:
        return TARGET_TOO_LONG
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(map(len, chain.from_iterable(headers))) > LARGEST_HEADERS:
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


class CrossOrigin:
    """Lets scripts of any origin read the answers of these paths (CORS), without cookies, which play no part there."""

    def __init__(self, app: ASGIApp, *, paths: frozenset[str]) -> None:
        self._app, self._paths = app, paths
        self._readable = CORSMiddleware(app, ["*"], allow_methods=["GET", "POST"], allow_headers=["Authorization"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        readable = scope["type"] == "http" and scope["path"] in self._paths
        await (self._readable if readable else self._app)(scope, receive, send)


class ReadRequest(Request):
    """A request whose body has been read."""

    def __init__(self, scope: Scope, receive: Receive, body: bytes) -> None:
        super().__init__(scope, receive)
        self._whole = body

    async def body(self) -> bytes:
        return self._whole


ErrorHandlers = Mapping[type[Exception], Callable[[Request, Exception], Any]]


class DirectRoutes:
    """Answers the requests that come most often, posts to routes of a table, without the layers around the others.

    What these layers do is done here at once: the limits, the headers, and the answers to errors. A request without a
    length goes the way of all others.
    """

    def __init__(
        self, app: ASGIApp, starlette: Starlette, routes: Iterable[Route], *, largest_body: int, https: bool
    ) -> None:
        self._app, self._starlette, self._largest_body = app, starlette, largest_body
        self._headers = security_headers(https=https)
        self._header_lines = header_lines(self._headers)
        self._table = {_pattern(route.path): route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route, parameters = self._find(scope) if scope["type"] == "http" else (None, {})
        length = None if route is None else _content_length(scope)
        if route is None or length is None or limit_status(scope) is not None:
            await self._app(scope, receive, send)
            return
        scope["app"], scope["path_params"], scope["route"] = self._starlette, parameters, route
        response, failure = await self._respond(route, scope, receive, length)
        if self._sent_whole(scope, response):
            if response.background is not None:
                await response.background()
        else:
            response.raw_headers = with_security_headers(response.raw_headers, self._headers)
            await response(scope, receive, send)
        if failure is not None:
            raise failure  # for the server's log, as Starlette does

    def _sent_whole(self, scope: Scope, response: Response) -> bool:
        """Whether the server has sent the answer by its extension."""
        answer = scope.get("extensions", {}).get(ANSWER)
        # Answers of other kinds are sent in parts; they have a __call__ of their own.
        if answer is None or type(response).__call__ is not Response.__call__:
            return False
        own = response.raw_headers
        if any(name == b"cache-control" for name, _ in own):
            own, lines = with_security_headers(own, self._headers), b""
        else:
            lines = self._header_lines
        return bool(answer(response.status_code, own, lines, response.body))

    def _find(self, scope: Scope) -> tuple[Route | None, dict[str, str]]:
        """The route of a path, in which at most the third part is a parameter."""
        path: str = scope["path"]
        if scope["method"] != "POST" or scope.get("root_path"):
            return None, {}
        if (route := self._table.get((path,))) is not None:
            return route, {}
        parts = path.split("/")
        if len(parts) < 5 or not parts[3]:
            return None, {}
        route = self._table.get((parts[1], parts[2], *parts[4:]))
        return (None, {}) if route is None else (route, {next(iter(route.param_convertors)): parts[3]})

    async def _respond(
        self, route: Route, scope: Scope, receive: Receive, length: int
    ) -> tuple[Response, Exception | None]:
        """The answer, and the error that has no handler of its own."""
        request: Request = Request(scope, receive)
        try:
            if length > self._largest_body:
                raise HTTPException(413)
            request = ReadRequest(scope, receive, await _whole_body(receive))
            return await route.endpoint(request), None
        except Exception as error:
            handlers: ErrorHandlers = self._starlette.exception_handlers
            kind = next(kind for kind in type(error).__mro__ if kind in handlers)
            response = handlers[kind](request, error)
            return (await response if isawaitable(response) else response), error if kind is Exception else None


#: Of a route, or of a method of the API, which gets an `ApiRequest`.
AnyEndpoint = Callable[[Any], Awaitable[Response]]


class LateModule:
    """A module of endpoints that is imported at its first request, or before it by `load_late`."""

    known: ClassVar[list["LateModule"]] = []

    def __init__(self, name: str) -> None:
        self._name = name
        self._endpoints: list[Callable[[], AnyEndpoint]] = []
        self.known.append(self)

    def load(self) -> None:
        """Raises ImportError and AttributeError for what is not there."""
        for endpoint in self._endpoints:
            endpoint()

    def __getattr__(self, name: str) -> AnyEndpoint:
        @cache
        def endpoint() -> AnyEndpoint:
            found: AnyEndpoint = getattr(import_module(f".{self._name}", __package__), name)
            return found

        self._endpoints.append(endpoint)

        async def answer(request: Any) -> Response:
            return await endpoint()(request)

        return answer


def load_late() -> None:
    """Import what the endpoints need, so that no request waits for it."""
    for module in LateModule.known:
        module.load()


def _pattern(path: str) -> tuple[str, ...]:
    """The key of a route in the table: its path, or the parts around its parameter."""
    parts = path.split("/")
    if "{" not in path:
        return (path,)
    if not parts[3].startswith("{") or path.count("{") > 1:
        raise ValueError(f"{path}: the third part alone may be a parameter")
    return (parts[1], parts[2], *parts[4:])


def _content_length(scope: Scope) -> int | None:
    """The announced length of the body; None where there is none, as in a body of chunks."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if len(lengths) == 1 and lengths[0].isdigit() else None


async def _whole_body(receive: Receive) -> bytes:
    """The body; the server sees to it that it has its announced length. Raises ClientDisconnect."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return body
