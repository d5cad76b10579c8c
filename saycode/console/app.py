"""The operator's console as an ASGI application: its routes, who may use each, and what guards all of them.

Every page but the sign-in wants a session. A form is taken from the console's own pages only: the cookie is never sent
by another site (SameSite=Strict), the browser must not say that another site sent it (Fetch Metadata, Origin), and it
has the session's token.
"""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount
from starlette.routing import Route as HttpRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from verification.errors import Unavailable
from webhooks import requests
from webhooks.middleware import RequestLimits, SecurityHeaders

from . import oversight, people, sign_in, stories
from .operators import Role
from .rendering import render
from .visit import Console, Route, Visit, is_from_own_site, is_own_form

log = logging.getLogger("saycode.console")
_STATIC = Path(__file__).parent / "static"


async def _search(visit: Visit) -> Response:
    return visit.page("search.html", asked="", problem="", rows=())


async def _now(visit: Visit) -> Response:
    part = visit.request.headers.get("X-Part") == "moment"
    return visit.page("moment.html" if part else "now.html", **await visit.console.traffic.moment())


async def _charts(visit: Visit) -> Response:
    return visit.page("charts.html", **await visit.console.traffic.charts(dict(visit.request.query_params)))


ROUTES: tuple[Route, ...] = (
    Route("/", "GET", Role.HELP_DESK, _search),
    Route("/search", "POST", Role.HELP_DESK, people.search),
    Route("/people/{sealed}", "GET", Role.HELP_DESK, people.show),
    Route("/people/{sealed}/unlock", "POST", Role.HELP_DESK, people.unlock),
    Route("/people/{sealed}/suppress", "POST", Role.HELP_DESK, people.suppress),
    Route("/people/{sealed}/lift", "POST", Role.HELP_DESK, people.lift),
    Route("/people/{sealed}/erase", "GET", Role.ADMINISTRATOR, people.confirm_erasure),
    Route("/people/{sealed}/erase", "POST", Role.ADMINISTRATOR, people.erase),
    Route("/verifications/{sid}", "GET", Role.HELP_DESK, stories.show),
    Route("/verifications/{sid}/send", "POST", Role.HELP_DESK, stories.send),
    Route("/verifications/{sid}/number", "POST", Role.HELP_DESK, stories.number),
    Route("/now", "GET", Role.HELP_DESK, _now),
    Route("/charts", "GET", Role.HELP_DESK, _charts),
    Route("/audit-log", "GET", Role.ADMINISTRATOR, oversight.audit_log),
    Route("/keys", "GET", Role.ADMINISTRATOR, oversight.keys),
    Route("/settings", "GET", Role.ADMINISTRATOR, oversight.settings),
    Route("/sign-out", "POST", Role.HELP_DESK, sign_in.sign_out),
)


def build_console(console: Console) -> ASGIApp:
    """The console, at `console.root`."""
    app = Starlette(
        routes=[
            Mount(f"{console.root}/static", StaticFiles(directory=_STATIC)),
            *_company_routes(console),
            HttpRoute(f"{console.root}/sign-in", sign_in.endpoint(console), methods=["GET", "POST"]),
            *(HttpRoute(console.root + path, _endpoint(console, path), methods=_methods(path)) for path in _paths()),
        ],
        exception_handlers={
            HTTPException: lambda _, error: _error(console, error),
            requests.FormMalformed: lambda _, error: _error(console, error),
            Unavailable: lambda _, error: _error(console, error),
            Exception: lambda _, error: _error(console, error),
        },
        max_body_size=requests.LARGEST_BODY,
    )

    async def refuse_body(scope: Scope, receive: Receive, send: Send) -> None:
        response = _error(console, HTTPException(413, "The form is too large."))
        await response(scope, receive, send)

    limited = RequestLimits(app, largest_body=requests.LARGEST_BODY, refuse_body=refuse_body)
    return SecurityHeaders(limited, https=console.https)


def mounted(service: ASGIApp, console: ASGIApp, root: str) -> ASGIApp:
    """The service, with the console at a path of its own."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_console = scope["type"] == "http" and (path == root or path.startswith(f"{root}/"))
        await (console if is_console else service)(scope, receive, send)

    return app


def _company_routes(console: Console) -> list[HttpRoute]:
    if console.provider is None:
        return []
    from . import company_sign_in  # with its libraries

    return company_sign_in.routes(console, console.provider)


def _paths() -> list[str]:
    return list(dict.fromkeys(route.path for route in ROUTES))


def _methods(path: str) -> list[str]:
    return [route.method for route in ROUTES if route.path == path]


def _endpoint(console: Console, path: str) -> Callable[[Request], Awaitable[Response]]:
    by_method = {route.method: route for route in ROUTES if route.path == path}

    async def answer(request: Request) -> Response:
        route = by_method["GET" if request.method == "HEAD" else request.method]
        session = await console.operators.session(request.cookies.get(console.cookie, ""), now=console.now())
        if session is None:
            return RedirectResponse(f"{console.root}/sign-in", status_code=303)
        if not session.role.includes(route.role):
            raise HTTPException(403, "Your role does not allow this.")
        form = await requests.read_form(request) if request.method == "POST" else {}
        fields = {name: values[-1] for name, values in form.items()}
        visit = Visit(request=request, console=console, session=session, fields=fields)
        if request.method == "POST" and not (is_from_own_site(request) and is_own_form(visit)):
            raise HTTPException(403, "This form did not come from the console. Go back, and send it again.")
        return await route.page(visit)

    return answer


def _error(console: Console, error: Exception) -> Response:
    status, sentence, headers = 500, "Something went wrong. The log has the reason.", None
    if isinstance(error, HTTPException):
        status, sentence, headers = error.status_code, error.detail, error.headers
        sentence = "There is no such page." if status == 404 else sentence
    elif isinstance(error, requests.FormMalformed):
        status, sentence = error.status, error.message
    elif isinstance(error, Unavailable):
        status, sentence, headers = 503, "The database does not answer. Try again in a moment.", {"Retry-After": "5"}
        log.error("console: the database does not answer: %s", error)
    else:
        log.error("console: unexpected error", exc_info=error)
    html = render("error.html", root=console.root, session=None, token="", path="", sentence=sentence)
    return HTMLResponse(html, status_code=status, headers=headers)
