"""The cookies of a browser, the way back to its page, and protection against cross-site requests (CSRF).

A cookie is random and holds nothing else; the store has its digest only. A form that another site sends is rejected
before it is read.
"""

import re
from collections.abc import Awaitable, Callable
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from verification.authorizations import REQUEST_LIFETIME, Authorization

from ..context import Misplaced, app_context, looks_signed
from ..requests import LANGUAGE_COOKIE

#: The cookie of a browser that has proven an account and a number. It holds neither.
TRUSTED = "known"
#: The cookie of a browser that came from an application: it alone can finish what it began.
AUTHORIZATION = "authorization"
#: The query of each address of a page that an application asked for: every tab has its own. It is of no use without the
#: cookie.
ASKED = "request"
_ASKED_PATTERN = re.compile(r"[0-9a-f]{32}\Z")
_COOKIE_PATTERN = re.compile(r"[0-9a-f]{64}\Z")
COOKIE_BYTES = 32


def session_cookie(request: Request) -> str | None:
    """The session cookie of this browser, if it has the form of ours."""
    value = request.cookies.get(_cookie_name(request), "")
    return value if _COOKIE_PATTERN.match(value) else None


def trusted_cookie(request: Request) -> str | None:
    """The cookie of a trusted browser, if it has the form of ours."""
    value = request.cookies.get(_cookie_name(request, TRUSTED), "")
    return value if _COOKIE_PATTERN.match(value) else None


def authorization_cookie(request: Request) -> str | None:
    """The cookie of a browser that applications ask for proofs, if it has the form of ours."""
    value = request.cookies.get(_cookie_name(request, AUTHORIZATION), "")
    return value if _COOKIE_PATTERN.match(value) else None


def asked_id(request: Request) -> str:
    """Which request of an application this tab is about; empty for none."""
    value = request.query_params.get(ASKED, "")
    return value if _ASKED_PATTERN.match(value) else ""


def authorization_key(request: Request) -> str | None:
    """The key of what an application asks this tab to prove."""
    cookie, id = authorization_cookie(request), asked_id(request)
    return f"{cookie} {id}" if cookie and id else None


async def authorization(request: Request) -> Authorization | None:
    """What an application asks this tab to prove, until it has its answer."""
    key, ctx = authorization_key(request), app_context(request)
    if key is None:
        return None
    asked = await ctx.openid.store.begun(key, now=ctx.verifier.clock.now())
    known = asked is not None and any(action.name == asked.action for action in ctx.verifier.policy.actions)
    return asked if known else None


def new_cookie(request: Request) -> str:
    return app_context(request).verifier.randomness(COOKIE_BYTES).hex()


def session_id(cookie: str) -> str:
    """The digest of a cookie, which is what the store keeps."""
    return sha256(cookie.encode()).hexdigest()


def trusted_id(request: Request) -> str | None:
    """The digest of the trusted browser's cookie."""
    cookie = trusted_cookie(request)
    return session_id(cookie) if cookie else None


def set_session_cookie(request: Request, response: Response, cookie: str) -> None:
    """Set it out of reach of scripts, of other sites' forms and, over https, of sibling hosts."""
    _set_cookie(
        request, response, _cookie_name(request), cookie, seconds=app_context(request).verifier.policy.session_lifetime
    )


def set_trusted_cookie(request: Request, response: Response, cookie: str) -> None:
    _set_cookie(
        request,
        response,
        _cookie_name(request, TRUSTED),
        cookie,
        seconds=app_context(request).verifier.policy.browser_trust_seconds,
    )


def set_authorization_cookie(request: Request, response: Response, cookie: str) -> None:
    _set_cookie(request, response, _cookie_name(request, AUTHORIZATION), cookie, seconds=REQUEST_LIFETIME)


def set_language_cookie(request: Request, response: Response, language: str, *, seconds: int | None) -> None:
    """The language of the page; without `seconds` until the browser is closed."""
    _set_cookie(request, response, LANGUAGE_COOKIE, language, seconds=seconds)


def _set_cookie(request: Request, response: Response, name: str, cookie: str, *, seconds: int | None) -> None:
    response.set_cookie(
        name,
        cookie,
        max_age=seconds,
        path="/",
        secure=app_context(request).urls.https,
        httponly=True,
        samesite="lax",
    )


def _cookie_name(request: Request, use: str = "") -> str:
    name = f"saycode-{use}" if use else "saycode"
    return f"__Host-{name}" if app_context(request).urls.https else name


def page_path(request: Request, *query: str, asked: str | None = None) -> str:
    """The path of this tab's page. `asked`: that of another request of an application."""
    return link(app_context(request).urls.paths["page"], *query, asked=asked_id(request) if asked is None else asked)


def link(path: str, *query: str, asked: str) -> str:
    """A path with its query, which keeps what the tab is asked for."""
    parts = [*query, *([f"{ASKED}={asked}"] if asked else [])]
    return f"{path}?{'&'.join(parts)}" if parts else path


def redirect_to_page(request: Request, *query: str) -> Response:
    return RedirectResponse(page_path(request, *query), status_code=303)


Handler = Callable[[Request], Awaitable[Response]]


class CrossSiteRequest(Exception):
    """A form that was sent from another site."""


def same_site(handler: Handler) -> Handler:
    """Accept forms from our own page only (Fetch Metadata, or the Origin header of browsers without it)."""

    async def answer(request: Request) -> Response:
        if looks_signed(request):
            raise Misplaced  # no browser sends it
        if not _is_same_site(request):
            raise CrossSiteRequest
        return await handler(request)

    return answer


def _is_same_site(request: Request) -> bool:
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in ("same-origin", "none")
    if origin == "null":
        # Safari before 16.4 hides the origin of forms on pages with no-referrer, as ours are. The cookie was set with
        # the form, and is not sent from other sites (SameSite).
        return session_cookie(request) is not None
    return origin is None or origin == _origin(app_context(request).urls.public_url)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
