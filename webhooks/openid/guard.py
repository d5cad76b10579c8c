"""Forward authentication: a proxy asks, for each request to a path that it guards, whether a phone was proven.

    browser → proxy ── check ──→ proven in the last `max_age` seconds, for this action: 200, and the proxy goes on
                              └→ not: to the authorization endpoint of this service, and back by `callback`

The guarded site is a client of the provider like any other, with one redirect URI, at the guarded host. What was proven
is kept in a cookie of that host: the ID token, whose signature, audience, action and age each check verifies.

nginx knows only statuses: with `answer=status` a check without a proof is 401, and the same check without it, in
nginx's error page, leads on.
"""

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from verification.authorizations import Client

from ..context import app_context, request_words
from ..page import session
from ..page.rendering import render_error
from . import endpoints

#: Seconds that a proof counts where the proxy does not say, and at most.
USUAL_AGE, LONGEST_AGE = 900, 86400
#: Seconds for a login.
_LOGIN_LIFETIME = 1800
#: Seconds that the clock of the node that signed a proof may be ahead of this one's.
_CLOCK_SKEW = 60
_NO_STORE = {"Cache-Control": "no-store"}
_LONGEST_PATH = 2000
_AGE = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Guard:
    """What a proxy asks for: the client that the guarded site is, the action, and the age of its proof in seconds."""

    client: Client
    action: str
    max_age: int

    @property
    def callback(self) -> str:
        return self.client.redirect_uris[0]

    @property
    def https(self) -> bool:
        return self.callback.startswith("https://")

    def cookie(self, use: str) -> str:
        """A cookie's name; proofs of several actions are kept beside each other."""
        name = f"saycode-{use}-{self.action}"
        return f"__Host-{name}" if self.https else name


async def check(request: Request) -> Response:
    """Whether this browser has proven the action. The proxy sends the browser's cookies, and `X-Forwarded-Uri`."""
    guard = await _guard(request, request.query_params)
    if isinstance(guard, Response):
        return guard
    claims = _proof(request, guard)
    if claims is not None:
        known = {"Remote-User": quote(str(claims["sub"])), "Saycode-Auth-Time": str(claims["auth_time"])}
        return Response(status_code=200, headers=_NO_STORE | known)
    if request.query_params.get("answer") == "status" or not _navigates(request):
        return Response(status_code=401, headers=_NO_STORE)
    return _to_login(request, guard)


async def callback(request: Request) -> Response:
    """The browser is back at the guarded host, with a code."""
    from .records import Request as OAuthRequest

    https = _login_cookie(https=True) in request.cookies
    login, words = _login(request, https=https), request_words(request).page
    guard = await _guard(request, login)
    state = request.query_params.get("state", "")
    if isinstance(guard, Response) or guard.https != https or not _same(state, str(login.get("state", ""))):
        return render_error(request, words.errors.form_expired, status=400)
    if error := request.query_params.get("error", ""):
        sentence, status = {
            "access_denied": (words.outcome.reported_heading, 403),
            "temporarily_unavailable": (words.errors.too_many, 503),
        }.get(error, (words.errors.form_expired, 400))
        return _forget_login(render_error(request, sentence, status=status), guard)
    parameters = {
        "grant_type": "authorization_code",
        "client_id": guard.client.id,
        "code": request.query_params.get("code", ""),
        "redirect_uri": guard.callback,
        "code_verifier": str(login.get("verifier", "")),
    }
    oauth = OAuthRequest("POST", app_context(request).urls.public_url, parameters, {})
    reply = await endpoints.exchange(request, oauth, guard.client)
    if reply.status != 200:
        return _forget_login(render_error(request, words.errors.form_expired, status=400), guard)
    response = RedirectResponse(_local_path(str(login.get("to", ""))), status_code=303, headers=_NO_STORE)
    _set_cookie(response, guard, "proof", reply.body["id_token"], seconds=guard.max_age)
    return _forget_login(response, guard)


async def _guard(request: Request, values: Any) -> Guard | Response:
    """What the proxy asks for; an answer to what it must not ask."""
    ctx = app_context(request)
    action, age = str(values.get("action", "sign-in")), str(values.get("max_age", USUAL_AGE))
    max_age = int(age) if _AGE.fullmatch(age) else 0
    client = await ctx.openid.store.client(str(values.get("client", "")))
    known = any(declared.name == action for declared in ctx.verifier.policy.actions)
    if client is None or not known or not 0 < max_age <= LONGEST_AGE:
        return Response("Unknown client or action, or max_age out of bounds.", status_code=400, headers=_NO_STORE)
    return Guard(client, action, max_age)


def _proof(request: Request, guard: Guard) -> dict[str, Any] | None:
    """The claims of the proof in the guarded host's cookie, if it is one for this guard and not too old."""
    from .grants import own_claims  # imported after the start, with Authlib

    ctx, now = app_context(request), app_context(request).verifier.clock.now()
    cookie = request.cookies.get(guard.cookie("proof"), "")
    claims = own_claims(cookie, ctx.receipts.keys(now=now), issuer=ctx.urls.public_url, client=guard.client.id)
    if claims is None or claims.get("acr") != guard.action:
        return None
    return claims if -_CLOCK_SKEW <= now - int(claims["auth_time"]) < guard.max_age else None


def _navigates(request: Request) -> bool:
    """Whether the guarded request opens a page: a redirect is of no use to any other."""
    method = request.headers.get("x-forwarded-method", "GET")
    return method in ("GET", "HEAD") and request.headers.get("sec-fetch-mode", "navigate") == "navigate"


def _to_login(request: Request, guard: Guard) -> Response:
    state, verifier = session.new_cookie(request), session.new_cookie(request)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    parameters = {
        "response_type": "code",
        "scope": "openid",
        "client_id": guard.client.id,
        "redirect_uri": guard.callback,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "acr_values": guard.action,
        "max_age": str(guard.max_age),
    }
    address = f"{app_context(request).urls.of('openid_authorize')}?{urlencode(parameters)}"
    response = RedirectResponse(address, status_code=303, headers=_NO_STORE)
    login = {
        "client": guard.client.id,
        "action": guard.action,
        "max_age": guard.max_age,
        "state": state,
        "verifier": verifier,
        "to": _local_path(request.headers.get("x-forwarded-uri", "/")),
    }
    kept = urlsafe_b64encode(json.dumps(login).encode()).decode()
    response.set_cookie(_login_cookie(https=guard.https), kept, **_attributes(guard, seconds=_LOGIN_LIFETIME))
    return response


def _login_cookie(*, https: bool) -> str:
    return "__Host-saycode-login" if https else "saycode-login"


def _login(request: Request, *, https: bool) -> dict[str, Any]:
    """What this browser began with; nothing where the cookie is not one of ours. Its path is checked at its use.

    At a site with https it must be the cookie with `__Host-`: any other host of the domain could write one without.
    """
    try:
        login = json.loads(urlsafe_b64decode(request.cookies.get(_login_cookie(https=https), "").encode()))
    except (ValueError, RecursionError):
        return {}
    return login if isinstance(login, dict) else {}


def _same(state: str, begun: str) -> bool:
    return hmac.compare_digest(state.encode(), begun.encode())


def _local_path(text: str) -> str:
    """A path of the guarded host; `/` for anything that could lead elsewhere."""
    plain = text.isascii() and text.isprintable() and "\\" not in text and len(text) <= _LONGEST_PATH
    parts = urlsplit(text) if plain else None
    local = parts is not None and not parts.scheme and not parts.netloc
    return text if local and text.startswith("/") and not text.startswith("//") else "/"


def _set_cookie(response: Response, guard: Guard, use: str, value: str, *, seconds: int) -> None:
    response.set_cookie(guard.cookie(use), value, **_attributes(guard, seconds=seconds))


def _forget_login(response: Response, guard: Guard) -> Response:
    response.set_cookie(_login_cookie(https=guard.https), "", **_attributes(guard, seconds=0))
    return response


def _attributes(guard: Guard, *, seconds: int) -> dict[str, Any]:
    return {"max_age": seconds, "path": "/", "secure": guard.https, "httponly": True, "samesite": "lax"}
