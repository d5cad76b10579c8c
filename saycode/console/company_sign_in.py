"""Signing in at the company's provider: to it, and back.

The way back begins at another site, so the browser leaves out the session's cookie (SameSite=Strict) until a page of
ours leads on. The cookie of the login itself is Lax: it has to come along.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from webhooks import requests

from .operators import SECRET_BYTES
from .provider_requests import ProviderAway
from .rendering import render
from .sign_in import WrongTries, set_cookie, show_form
from .visit import Console

if TYPE_CHECKING:
    from .company import Provider

log = logging.getLogger("saycode.console")
BEGIN, CALLBACK = "/sign-in/openid", "/sign-in/openid/callback"
#: Seconds in which a person signs in at the provider.
LOGIN_SECONDS = 600
_SECRET = re.compile(r"[0-9a-f]{64}")
_AWAY = "Your company's sign-in does not answer. Try again in a moment, or use an operator key."
_REFUSED = "Your company's sign-in could not be completed. Sign in again."
_NO_ROLE = "You are signed in at your company, and have no role here. Ask an administrator of Saycode for one."


def routes(console: Console, provider: "Provider") -> list[Route]:
    """The two addresses. The provider must know the second one as a redirect URI."""
    return [
        Route(console.root + BEGIN, _begin(console, provider), methods=["GET"]),
        Route(console.root + CALLBACK, _callback(console, provider), methods=["GET"]),
    ]


def _begin(console: Console, provider: "Provider") -> Callable[[Request], Awaitable[Response]]:
    from .company import Login

    async def answer(_: Request) -> Response:
        login = Login(console.operators.randomness(SECRET_BYTES).hex())
        try:
            response = RedirectResponse(await provider.address(login), status_code=303)
        except ProviderAway as problem:
            log.warning("console: the company's provider is away: %s", problem)
            return show_form(console, _AWAY, status=503)
        _set_login(console, response, login.secret)
        return response

    return answer


def _callback(console: Console, provider: "Provider") -> Callable[[Request], Awaitable[Response]]:
    from .company import Login, SignInRefused

    wrong = WrongTries()

    async def answer(request: Request) -> Response:
        source, now = requests.client_source(request, console.trusted_proxies), console.now()
        secret = request.cookies.get(_cookie(console), "")
        if wrong.too_many(source, now):
            return show_form(console, "Too many tries. Wait a minute.", status=429)
        try:
            if not _SECRET.fullmatch(secret):
                raise SignInRefused("begun in another browser, or too long ago")
            response = await _signed_in(console, provider, await provider.claims(Login(secret), _answer_of(request)))
        except ProviderAway as problem:
            log.warning("console: the company's provider is away: %s", problem)
            response = show_form(console, _AWAY, status=503)
        except SignInRefused as problem:
            wrong.add(source, now)
            log.warning("console: a sign-in at the company's provider is refused: %s", problem)
            response = show_form(console, _REFUSED, status=403)
        _set_login(console, response, "")
        return response

    return answer


def _answer_of(request: Request) -> Mapping[str, str]:
    """The parameters that the address has once (RFC 6749, 3.1)."""
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}


async def _signed_in(console: Console, provider: "Provider", claims: Mapping[str, object]) -> Response:
    from .company import name_of

    role = provider.company.role_of(claims)
    if role is None:
        log.warning("console: a person of the company without a role was refused")
        return show_form(console, _NO_ROLE, status=403)
    cookie = await console.operators.begin_session(
        operator=provider.company.origin, name=name_of(claims), role=role, now=console.now()
    )
    response = HTMLResponse(render("signed_in.html", root=console.root, session=None, token="", path=""))
    set_cookie(console, response, cookie)
    return response


def _cookie(console: Console) -> str:
    return f"{console.cookie}-login"


def _set_login(console: Console, response: Response, secret: str) -> None:
    response.set_cookie(
        _cookie(console),
        secret,
        max_age=LOGIN_SECONDS if secret else 0,
        path="/",
        secure=console.https,
        httponly=True,
        samesite="lax",
    )
