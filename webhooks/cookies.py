"""The cookie of a browser: a random name and nothing else. The table knows its digest only."""

import re
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from .doorway import doorway

_SHAPE = re.compile(r"[0-9a-f]{64}\Z")
BYTES = 32


def read(request: Request) -> str | None:
    """The cookie that this browser sent, if it can be one of ours."""
    value = request.cookies.get(_name(request), "")
    return value if _SHAPE.match(value) else None


def fresh(request: Request) -> str:
    """A new one."""
    return doorway(request).service.randomness(BYTES).hex()


def session(cookie: str) -> str:
    """What the table keeps of a cookie."""
    return sha256(cookie.encode()).hexdigest()


def give(request: Request, response: Response, cookie: str) -> None:
    """Send it along: out of reach for scripts, other sites' forms and, over https, sibling hosts."""
    here = doorway(request)
    response.set_cookie(
        _name(request),
        cookie,
        max_age=here.service.policy.session_lifetime,
        path="/",
        secure=here.addresses.https,
        httponly=True,
        samesite="lax",
    )


def _name(request: Request) -> str:
    return "__Host-saycode" if doorway(request).addresses.https else "saycode"
