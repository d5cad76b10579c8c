"""The operator's console: an application of its own, which is served on the loopback address only.

Every page but the sign-in needs a session. A form of another site is refused by its Sec-Fetch-Site, and by the cookie,
which is SameSite=Strict. A page of another name that leads here (DNS rebinding) is refused by its Host.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from verification.errors import Unavailable
from webhooks.middleware import SecurityHeaders
from webhooks.requests import FormMalformed, read_form

from .sessions import LONGEST_SECONDS, Sessions
from .traffic_pages import TrafficPages

if TYPE_CHECKING:
    from jinja2 import Template

COOKIE = "saycode_console"
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
Handler = Callable[[Request], Awaitable[Response]]


@cache
def _template(name: str) -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("saycode.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def build_console(pages: TrafficPages, sessions: Sessions) -> Starlette:
    """The console. What it shows comes from `pages`."""
    routes = [
        Route("/", _signed_in(_home)),
        Route("/now", _signed_in(_now), name="now"),
        Route("/charts", _signed_in(_charts), name="charts"),
        Route("/sign-in", _show_sign_in, name="sign-in"),
        Route("/sign-in", _from_here(_sign_in), methods=["POST"]),
        Route("/sign-out", _from_here(_sign_out), methods=["POST"], name="sign-out"),
        Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static"),
    ]
    middleware = [
        Middleware(SecurityHeaders, https=False),
        Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK, www_redirect=False),
    ]
    app = Starlette(routes=routes, middleware=middleware, exception_handlers={Unavailable: _unavailable})
    app.state.pages, app.state.sessions = pages, sessions
    return app


def _signed_in(handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        if not _sessions(request).recognizes(request.cookies.get(COOKIE, "")):
            return RedirectResponse(request.url_for("sign-in").path, status_code=303)
        return await handler(request)

    return guarded


def _from_here(handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return _render(request, "sign_in.html", status=403, problem="The form came from another site.")
        return await handler(request)

    return guarded


def _sessions(request: Request) -> Sessions:
    sessions: Sessions = request.app.state.sessions
    return sessions


def _pages(request: Request) -> TrafficPages:
    pages: TrafficPages = request.app.state.pages
    return pages


def _render(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    html = _template(template).render(path=request.url.path, **context)
    return HTMLResponse(html, status_code=status)


async def _home(_: Request) -> Response:
    return RedirectResponse("/now", status_code=303)


async def _now(request: Request) -> Response:
    part = request.headers.get("x-part") == "moment"
    return _render(request, "moment.html" if part else "now.html", **await _pages(request).moment())


async def _charts(request: Request) -> Response:
    return _render(request, "charts.html", **await _pages(request).charts(request.query_params))


async def _show_sign_in(request: Request) -> Response:
    return _render(request, "sign_in.html", problem="")


async def _sign_in(request: Request) -> Response:
    try:
        key = (await read_form(request)).text("key")
    except FormMalformed as problem:
        return _render(request, "sign_in.html", status=problem.status, problem="That is no key.")
    cookie = _sessions(request).sign_in(key.strip())
    if cookie is None:
        return _render(request, "sign_in.html", status=403, problem="That is not the key, or it was wrong too often.")
    answer = RedirectResponse("/now", status_code=303)
    answer.set_cookie(COOKIE, cookie, max_age=LONGEST_SECONDS, httponly=True, samesite="strict")
    return answer


async def _sign_out(request: Request) -> Response:
    _sessions(request).sign_out(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


async def _unavailable(request: Request, _: Exception) -> Response:
    return _render(request, "unavailable.html", status=503)
