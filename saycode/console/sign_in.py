"""Signing in and out.

A wrong key costs its source a try. The tries are counted in this process: a key has 256 random bits, so the limit keeps
the log readable, and guessing is hopeless without it.
"""

import logging
from collections import deque
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from webhooks import requests

from .operators import SESSION_SECONDS
from .rendering import render
from .visit import Console, Visit, is_from_own_site

log = logging.getLogger("saycode.console")
#: Wrong keys of a source, in so many seconds.
MOST_WRONG, WRONG_SECONDS = 10, 60
_MOST_SOURCES = 1000


class WrongTries:
    """The times of wrong keys, or of other tries that failed, by source."""

    def __init__(self) -> None:
        self._at: dict[str, deque[float]] = {}

    def too_many(self, source: str, now: float) -> bool:
        times = self._at.get(source, deque())
        while times and times[0] <= now - WRONG_SECONDS:
            times.popleft()
        return len(times) >= MOST_WRONG

    def add(self, source: str, now: float) -> None:
        if len(self._at) >= _MOST_SOURCES:
            self._at.clear()
        self._at.setdefault(source, deque(maxlen=MOST_WRONG)).append(now)


def endpoint(console: Console) -> Callable[[Request], Awaitable[Response]]:
    """The form for an operator's key, and its answer."""
    wrong = WrongTries()

    async def answer(request: Request) -> Response:
        if request.method != "POST":
            return show_form(console)
        if not is_from_own_site(request):
            raise HTTPException(403, "This form did not come from the console. Go back, and send it again.")
        source, now = requests.client_source(request, console.trusted_proxies), console.now()
        if wrong.too_many(source, now):
            return show_form(console, "Too many wrong keys. Wait a minute.", status=429)
        form = await requests.read_form(request)
        operator = await console.operators.of_key((form.get("key") or [""])[-1])
        if operator is None:
            wrong.add(source, now)
            log.warning("console: wrong operator key", extra={"source": source})
            return show_form(console, "This key is not known. Enter the whole key, from OP to its end.", status=403)
        cookie = await console.operators.begin_session(
            operator=operator.sid, name=operator.name, role=operator.role, now=now
        )
        response = RedirectResponse(f"{console.root}/", status_code=303)
        set_cookie(console, response, cookie)
        return response

    return answer


def set_cookie(console: Console, response: Response, cookie: str) -> None:
    """Out of reach of scripts and of other sites; an empty one ends it."""
    response.set_cookie(
        console.cookie,
        cookie,
        max_age=SESSION_SECONDS if cookie else 0,
        path="/",
        secure=console.https,
        httponly=True,
        samesite="strict",
    )


async def sign_out(visit: Visit) -> Response:
    await visit.console.operators.end_session(visit.session)
    response = visit.to("/sign-in")
    set_cookie(visit.console, response, "")
    return response


def show_form(console: Console, problem: str = "", *, status: int = 200) -> Response:
    """The page to sign in."""
    by_company = console.provider is not None
    html = render(
        "sign_in.html", root=console.root, session=None, token="", path="", problem=problem, by_company=by_company
    )
    return HTMLResponse(html, status_code=status)
