"""Only our own page may ask for a change: a form that another site sends is refused before it is read."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from . import cookies
from .doorway import doorway

Handler = Callable[[Request], Awaitable[Response]]


class CrossSite(Exception):
    """A form that was sent from somebody else's page."""


def same_site(handler: Handler) -> Handler:
    """Only our own page may ask for a change (Fetch Metadata; the Origin header where a browser has no such thing)."""

    async def answer(request: Request) -> Response:
        if not _from_our_page(request):
            raise CrossSite
        return await handler(request)

    return answer


def _from_our_page(request: Request) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    if origin == "null":
        # Safari before 16.4, whose forms hide their origin because our pages say no-referrer. The cookie came with the
        # form, and is not sent along from other sites.
        return cookies.read(request) is not None
    return origin is None or origin == _origin(doorway(request).addresses.public_url)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
