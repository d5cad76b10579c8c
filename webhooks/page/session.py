"""The cookie of a browser: a random name and nothing else. The table knows its digest only.

Only our own page may ask for a change: a form that another site sends is refused before it is read.
"""

import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from ..context import app_context

#: The cookie by which a browser is known that has proven an account and a number; it says nothing about either.
TRUSTED = "known"
_SHAPE = re.compile(r"[0-9a-f]{64}\Z")
COOKIE_BYTES = 32


def session_cookie(request: Request) -> str | None:
    """The cookie that this browser sent, if it can be one of ours."""
    value = request.cookies.get(_cookie_name(request), "")
    return value if _SHAPE.match(value) else None


def trusted_cookie(request: Request) -> str | None:
    """The cookie by which this browser may be known."""
    value = request.cookies.get(_cookie_name(request, TRUSTED), "")
    return value if _SHAPE.match(value) else None


def new_cookie(request: Request) -> str:
    """A new one."""
    return app_context(request).verifier.randomness(COOKIE_BYTES).hex()


def session_id(cookie: str) -> str:
    """What the table keeps of a cookie."""
    return sha256(cookie.encode()).hexdigest()


def set_session_cookie(request: Request, response: Response, cookie: str) -> None:
    """Send it along: out of reach for scripts, other sites' forms and, over https, sibling hosts."""
    _set_cookie(
        request, response, _cookie_name(request), cookie, seconds=app_context(request).verifier.policy.session_lifetime
    )


def set_trusted_cookie(request: Request, response: Response, cookie: str) -> None:
    """Send the cookie along by which this browser is known from now on."""
    _set_cookie(
        request,
        response,
        _cookie_name(request, TRUSTED),
        cookie,
        seconds=app_context(request).verifier.policy.browser_trust_seconds,
    )


def _set_cookie(request: Request, response: Response, name: str, cookie: str, *, seconds: int) -> None:
    response.set_cookie(
        name,
        cookie,
        max_age=seconds,
        path="/",
        secure=app_context(request).addresses.https,
        httponly=True,
        samesite="lax",
    )


def _cookie_name(request: Request, use: str = "") -> str:
    name = f"saycode-{use}" if use else "saycode"
    return f"__Host-{name}" if app_context(request).addresses.https else name


Handler = Callable[[Request], Awaitable[Response]]


class CrossSiteRequest(Exception):
    """A form that was sent from somebody else's page."""


def same_site(handler: Handler) -> Handler:
    """Only our own page may ask for a change (Fetch Metadata; the Origin header where a browser has no such thing)."""

    async def answer(request: Request) -> Response:
        if not _is_same_site(request):
            raise CrossSiteRequest
        return await handler(request)

    return answer


def _is_same_site(request: Request) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    if origin == "null":
        # Safari before 16.4, whose forms hide their origin because our pages say no-referrer. The cookie came with the
        # form, and is not sent along from other sites.
        return session_cookie(request) is not None
    return origin is None or origin == _origin(app_context(request).addresses.public_url)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
