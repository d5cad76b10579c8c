"""The OpenID provider with two workers, over real HTTP, on both stores: what works once works once over all of them."""

import base64
import json
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.support.openid import challenge_of
from tests.support.postgresql import Server
from tests.support.processes import Deployment, deploy

REDIRECT_URI = "https://shop.example/callback"
NUMBERS = iter(f"+1415555{n}" for n in range(3000, 4000))
#: Requests at once: more than there are workers and connections.
MANY = 24


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def answer(self) -> dict[str, str]:
        """The parameters at the redirect URI."""
        return {name: value for name, (value,) in parse_qs(urlsplit(self.headers.get("location", "")).query).items()}


@dataclass(slots=True)
class Shop:
    """A client with a secret, and its browser, which follows no redirect."""

    deployment: Deployment
    client: str
    secret: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Reply:
        return self._ask("GET", path, "", {"Cookie": self._cookies} | headers)

    def post(self, path: str, fields: dict[str, str], *, browser: bool = False) -> Reply:
        login = base64.b64encode(f"{self.client}:{self.secret}".encode()).decode()
        own = (
            {"Cookie": self._cookies, "Sec-Fetch-Site": "same-origin"}
            if browser
            else {"Authorization": f"Basic {login}"}
        )
        return self._ask("POST", path, urlencode(fields), own | {"Content-Type": "application/x-www-form-urlencoded"})

    def prove(self, asked: str) -> None:
        """Prove a number in the tab with this query."""
        number = next(NUMBERS)
        self.post(f"/start?{asked}", {"username": "ada", "phone": number, "channel": "sms"}, browser=True)
        phone = self.deployment.phone(number)
        phone.wait_for("text")
        code = next(word for word in phone.texts[-1].replace(".", " ").split() if word.isdigit())
        assert self.post(f"/code?{asked}", {"code": code}, browser=True).status == 303

    @property
    def _cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Reply:
        connection = HTTPConnection(urlsplit(self.deployment.address).netloc, timeout=30)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        reply = Reply(
            response.status, {name.lower(): value for name, value in response.headers.items()}, response.read().decode()
        )
        connection.close()
        return reply


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with ExitStack() as stack:
        url = "sqlite:///saycode.db"
        if request.param == "postgresql":
            server: Server = request.getfixturevalue("postgresql")
            url = stack.enter_context(server.database())
        folder = tmp_path_factory.mktemp("deployment")
        deployment = stack.enter_context(deploy(folder, workers=2, SAYCODE_DATABASE_URL=url))
        added = json.loads(deployment.command("clients", "add", "Leaf", "--redirect", REDIRECT_URI, "--json"))
        yield Shop(deployment, added["client_id"], added["client_secret"])


def at_once(ask: Callable[[], Reply]) -> list[Reply]:
    with ThreadPoolExecutor(MANY) as threads:
        return list(threads.map(lambda _: ask(), range(MANY)))


def test_what_works_once_works_once_over_all_workers(shop: Shop) -> None:
    verifier = secrets.token_urlsafe(48)
    asked = {
        "response_type": "code",
        "client_id": shop.client,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "acr_values": "change-billing",
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    pushed = shop.post("/authorize/push", asked)
    address = (
        f"/authorize?{urlencode({'client_id': shop.client, 'request_uri': json.loads(pushed.text)['request_uri']})}"
    )
    opened = at_once(lambda: shop.get(address))
    assert sorted(reply.status for reply in opened) == [303, *[400] * (MANY - 1)]
    (tab,) = [urlsplit(reply.headers["location"]).query for reply in opened if reply.status == 303]
    shop.prove(tab)
    finished = at_once(lambda: shop.get(f"/authorize/proceed?{tab}"))
    codes = [reply.answer["code"] for reply in finished]  # any of them may be the one that the browser follows
    fields = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code_verifier": verifier}
    with ThreadPoolExecutor(MANY) as threads:
        exchanged = list(threads.map(lambda code: shop.post("/token", fields | {"code": code}), codes))
    (won,) = [json.loads(reply.text) for reply in exchanged if reply.status == 200]
    assert all(reply.headers["cache-control"] == "no-store" for reply in exchanged)
    assert {json.loads(reply.text).get("error") for reply in exchanged} == {None, "invalid_grant"}
    (code,) = [code for code, reply in zip(codes, exchanged, strict=True) if reply.status == 200]
    assert shop.get("/userinfo", Authorization=f"Bearer {won['access_token']}").status == 200
    repeated = at_once(lambda: shop.post("/token", fields | {"code": code}))
    assert {json.loads(reply.text).get("error") for reply in repeated} == {"invalid_grant"}
    # The code was shown again: what it was exchanged for may have been stolen.
    assert shop.get("/userinfo", Authorization=f"Bearer {won['access_token']}").status == 401
