"""The cookie of a browser: a random name and nothing else. The table knows its digest only."""

import re
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from .doorway import doorway

#: The cookie by which a browser is known that has proven an account and a number; it says nothing about either.
KNOWN = "known"
_SHAPE = re.compile(r"[0-9a-f]{64}\Z")
BYTES = 32


def read(request: Request) -> str | None:
    """The cookie that this browser sent, if it can be one of ours."""
    value = request.cookies.get(_name(request), "")
    return value if _SHAPE.match(value) else None


def known(request: Request) -> str | None:
    """The cookie by which this browser may be known."""
    value = request.cookies.get(_name(request, KNOWN), "")
    return value if _SHAPE.match(value) else None


def fresh(request: Request) -> str:
    """A new one."""
    return doorway(request).service.randomness(BYTES).hex()


def session(cookie: str) -> str:
    """What the table keeps of a cookie."""
    return sha256(cookie.encode()).hexdigest()


def give(request: Request, response: Response, cookie: str) -> None:
    """Send it along: out of reach for scripts, other sites' forms and, over https, sibling hosts."""
    _give(request, response, _name(request), cookie, seconds=doorway(request).service.policy.session_lifetime)


def give_known(request: Request, response: Response, cookie: str) -> None:
    """Send the cookie along by which this browser is known from now on."""
    _give(request, response, _name(request, KNOWN), cookie, seconds=doorway(request).service.policy.known_for)


def _give(request: Request, response: Response, name: str, cookie: str, *, seconds: int) -> None:
    response.set_cookie(
        name,
        cookie,
        max_age=seconds,
        path="/",
        secure=doorway(request).addresses.https,
        httponly=True,
        samesite="lax",
    )


def _name(request: Request, use: str = "") -> str:
    name = f"saycode-{use}" if use else "saycode"
    return f"__Host-{name}" if doorway(request).addresses.https else name
