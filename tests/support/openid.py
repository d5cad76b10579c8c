"""A client of OpenID Connect for tests, as an application is one: it checks what the standards tell it to check."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt

from saycode.storage.api.authorizations import SqliteAuthorizations
from tests.support.app import RunningApp
from tests.support.asgi_client import FORM, Answer, Browser, send_request
from verification.authorizations import Client, new_client
from verification.models import OPERATOR
from webhooks.routes import PATHS

ISSUER = "https://verify.example"
REDIRECT_URI = "https://shop.example/callback"
AUTHORIZE, PROCEED, TOKEN = PATHS["openid_authorize"], PATHS["openid_proceed"], PATHS["openid_token"]
PUSH, USERINFO = PATHS["openid_push"], PATHS["openid_userinfo"]


@dataclass(slots=True)
class Login:
    """One login that the application has begun: what it must find again in the answer."""

    parameters: dict[str, str]
    verifier: str = field(repr=False)

    @property
    def address(self) -> str:
        return f"{AUTHORIZE}?{urlencode(self.parameters)}"


@dataclass(frozen=True, slots=True)
class Application:
    """An application that is registered with this Saycode."""

    app: RunningApp
    client: Client
    secret: str | None

    def login(self, **parameters: str) -> Login:
        """A new request. `parameters` replace or add to it; an empty one is left out."""
        verifier = secrets.token_urlsafe(48)
        usual = {
            "response_type": "code",
            "client_id": self.client.id,
            "redirect_uri": self.client.redirect_uris[0],
            "scope": "openid",
            "state": secrets.token_hex(8),
            "nonce": secrets.token_hex(8),
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        return Login({name: value for name, value in (usual | parameters).items() if value}, verifier)

    async def exchange(self, login: Login, code: str, **changes: str) -> Answer:
        """Send a code to the token endpoint."""
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": login.parameters["redirect_uri"],
            "code_verifier": login.verifier,
        }
        return await self.post(TOKEN, fields | changes)

    async def push(self, login: Login, **changes: str) -> Answer:
        """Push the request (RFC 9126)."""
        return await self.post(PUSH, login.parameters | changes)

    async def post(self, target: str, fields: Mapping[str, str]) -> Answer:
        """A request of the application's server, with its secret if it has one."""
        headers = [("host", "verify.example"), ("content-type", FORM)]
        sent = {name: value for name, value in fields.items() if value}
        if self.secret is None:
            sent = {"client_id": self.client.id} | sent
        else:
            headers.append(("authorization", basic(self.client.id, self.secret)))
        return await send_request(self.app.app, "POST", target, headers=headers, body=urlencode(sent).encode())

    async def user_info(self, token: str) -> Answer:
        headers = [("host", "verify.example"), ("authorization", f"Bearer {token}")]
        return await send_request(self.app.app, "GET", USERINFO, headers=headers)

    def claims(self, answer: Answer, login: Login) -> dict[str, Any]:
        """The ID token of an answer, checked as OpenID Connect Core, 3.1.3.7, says; but for the time, which is the
        test's.
        """
        assert answer.status == 200, answer.text
        token = json.loads(answer.text)["id_token"]
        keys = self.app.context.receipts.keys(now=self.app.clock.now())
        (key,) = [key for key in keys["keys"] if key["kid"] == jwt.get_unverified_header(token)["kid"]]
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(key),
            algorithms=["ES256"],
            audience=self.client.id,
            issuer=ISSUER,
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "sub", "auth_time"]},
        )
        assert claims["iat"] <= self.app.clock.now() < claims["exp"]
        assert claims.get("nonce", "") == login.parameters.get("nonce", "")
        return claims


async def application(
    app: RunningApp, name: str = "Leaf and Kettle", *, public: bool = False, redirect_uri: str = REDIRECT_URI
) -> Application:
    """Register an application."""
    store = app.context.openid.store
    assert isinstance(store, SqliteAuthorizations)
    client, secret = new_client(
        name, (redirect_uri,), public=public, now=app.clock.now(), randomness=app.verifier.randomness
    )
    await store.add_client(client, actor=OPERATOR)
    return Application(app, client, secret)


async def opened(app: RunningApp, browser: Browser, login: Login) -> Answer:
    """The browser follows the application to the authorization endpoint."""
    return await followed(browser, login.address)


async def followed(browser: Browser, address: str) -> Answer:
    """The browser opens this address of the authorization endpoint, in a new tab."""
    answer = await browser.get(address, headers=[("sec-fetch-site", "cross-site")])
    if is_asked(answer):
        browser.asked = (answer.header("location") or "").removeprefix("/?")
    return answer


def stays(browser: Browser, answer: Answer) -> bool:
    """Whether the answer leads back to the page of this tab."""
    return (answer.status, answer.header("location")) == (303, f"/?{browser.asked}")


def is_asked(answer: Answer) -> bool:
    """Whether the answer leads to the page, which asks for the proof."""
    return (
        answer.status == 303 and re.fullmatch(r"/\?request=[0-9a-f]{32}", answer.header("location") or "") is not None
    )


async def proven(app: RunningApp, browser: Browser, *, phone: str = "+14155550100", username: str = "ada") -> str:
    """The person fills the form and types the code of the text. Returns the path that the page leads to."""
    code = await app.started(browser, phone=phone, username=username)
    checked = await browser.post(PATHS["check_code"], {"code": code})
    assert checked.status == 303
    page = await browser.get("/")
    assert f'content="0; url={PROCEED}?{browser.asked}"' in page.text, page.text
    return PROCEED


async def logged_in(app: RunningApp, browser: Browser, login: Login) -> dict[str, str]:
    """The whole way of a browser that has proven nothing before, to the answer at the redirect URI."""
    begun = await opened(app, browser, login)
    assert is_asked(begun), begun.text
    return answer_of(await browser.get(await proven(app, browser)), login)


def answer_of(response: Answer, login: Login) -> dict[str, str]:
    """The parameters of an answer at the redirect URI, checked as RFC 9207 and RFC 6749, 10.12, say."""
    assert response.status == 303, response.text
    location = response.header("location") or ""
    address, _, query = location.partition("?")
    assert address == login.parameters["redirect_uri"], location
    parameters = {name: value for name, (value,) in parse_qs(query).items()}
    assert parameters.pop("iss") == ISSUER
    assert parameters.pop("state", "") == login.parameters.get("state", "")
    return parameters


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
