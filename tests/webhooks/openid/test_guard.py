"""Forward authentication: a guarded path opens for a proof of its action that is young enough, and for no other."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.support.app import RunningApp, page_of
from tests.support.asgi_client import Answer, Browser, send_request
from tests.support.openid import ISSUER, Application, application, followed, is_asked, proven
from webhooks.routes import PATHS

CALLBACK = "https://admin.example/.saycode/callback"


@pytest.fixture
async def site(app: RunningApp) -> Application:
    return await application(app, "Admin", public=True, redirect_uri=CALLBACK)


class Visitor:
    """A browser at the guarded host, whose cookies are not those at Saycode's host, which `page` has."""

    def __init__(self, app: RunningApp, site: Application) -> None:
        self.app, self.site, self.page = app, site, app.browser()
        self.here = Browser(app.app)

    async def check(self, action: str = "sign-in", *, path: str = "/admin?x=1", **more: str) -> Answer:
        query = "&".join(f"{name}={value}" for name, value in more.items() if not name.startswith("h_"))
        headers = [("x-forwarded-uri", path), *((n[2:].replace("_", "-"), v) for n, v in more.items() if n[:2] == "h_")]
        target = f"{PATHS['guard_check']}?client={self.site.client.id}&action={action}&{query}"
        return await self.here.get(target, headers=headers)

    async def log_in(self, action: str = "sign-in", *, path: str = "/admin?x=1") -> Answer:
        """Go where the check leads, prove the phone, and come back."""
        sent = await self.check(action, path=path)
        assert sent.status == 303
        begun = await followed(self.page, (sent.header("location") or "").removeprefix(ISSUER))
        if is_asked(begun):
            begun = await self.page.get(await proven(self.app, self.page))
        return await self.back(begun.header("location") or "")

    async def back(self, address: str) -> Answer:
        assert address.startswith(CALLBACK + "?"), address
        return await self.here.get(PATHS["guard_callback"] + "?" + urlsplit(address).query)


@pytest.fixture
def visitor(app: RunningApp, site: Application) -> Visitor:
    return Visitor(app, site)


async def test_a_guarded_page_opens_after_a_proof_and_for_as_long_as_the_proxy_says(visitor: Visitor) -> None:
    back = await visitor.log_in()
    assert (back.status, back.header("location")) == (303, "/admin?x=1")
    assert all("HttpOnly" in cookie and "Secure" in cookie for cookie in back.all("set-cookie"))
    checked = await visitor.check(max_age="600")
    assert checked.status == 200
    assert len(checked.header("remote-user") or "") == 32
    visitor.app.clock.advance(599)
    assert (await visitor.check(max_age="600")).status == 200
    visitor.app.clock.advance(1)
    assert (await visitor.check(max_age="600")).status == 303
    assert (await visitor.check(max_age="600", answer="status")).status == 401


async def test_a_proof_opens_it_at_a_node_whose_clock_is_behind(visitor: Visitor) -> None:
    """Refused there, it would lead to the login and back at once, until the browser gives up."""
    await visitor.log_in()
    visitor.app.clock.advance(-5)
    assert (await visitor.check(answer="status")).status == 200
    visitor.app.clock.advance(-3600)
    assert (await visitor.check(answer="status")).status == 401


async def test_a_proof_of_another_action_does_not_open_it(visitor: Visitor) -> None:
    await visitor.log_in()
    assert (await visitor.check("change-billing")).status == 303
    assert (await visitor.log_in("change-billing")).status == 303
    assert (await visitor.check("change-billing")).status == 200
    assert (await visitor.check("sign-in")).status == 200


async def test_a_proof_for_another_site_does_not_open_it(app: RunningApp, visitor: Visitor) -> None:
    await visitor.log_in()
    other = Visitor(app, await application(app, "Books", public=True, redirect_uri="https://books.example/cb"))
    other.here.cookies |= visitor.here.cookies
    assert (await other.check(answer="status")).status == 401


async def test_a_changed_proof_does_not_open_it(visitor: Visitor) -> None:
    await visitor.log_in("change-billing")
    name = "__Host-saycode-proof-change-billing"
    header, body, signature = visitor.here.cookies[name].split(".")
    claims = json.loads(urlsafe_b64decode(body + "=="))
    forged = urlsafe_b64encode(json.dumps(claims | {"sub": "admin"}).encode()).decode().rstrip("=")
    unsigned = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for cookie in (f"{header}.{forged}.{signature}", f"{unsigned}.{body}.", f"{header}.{body}.AAAA", "x", ""):
        visitor.here.cookies[name] = cookie
        assert (await visitor.check("change-billing", answer="status")).status == 401


async def test_a_proof_under_the_name_of_another_one_does_not_open_it(visitor: Visitor) -> None:
    await visitor.log_in()
    token = visitor.here.cookies["__Host-saycode-proof-sign-in"]
    visitor.here.cookies = {"__Host-saycode-proof-change-password": token}
    assert (await visitor.check("change-password", answer="status")).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "admin",
        "/" + "x" * 2001,
    ],
)
async def test_the_way_back_stays_at_the_guarded_host(visitor: Visitor, path: str) -> None:
    assert (await visitor.log_in(path=path)).header("location") == "/"


async def test_a_login_that_another_browser_began_is_not_finished(app: RunningApp, visitor: Visitor) -> None:
    sent = await visitor.check()
    begun = await followed(visitor.page, (sent.header("location") or "").removeprefix(ISSUER))
    assert begun.status == 303
    answer = await visitor.page.get(await proven(app, visitor.page))
    victim = Visitor(app, visitor.site)
    assert (await victim.back(answer.header("location") or "")).status == 400
    await victim.check()
    assert (await victim.back(answer.header("location") or "")).status == 400
    assert (await victim.check(answer="status")).status == 401
    assert (await visitor.back(answer.header("location") or "")).status == 303


async def test_a_login_that_a_sibling_host_has_written_is_not_finished(visitor: Visitor) -> None:
    """Any host of the domain can write a cookie without `__Host-`: it would log the visitor in as an attacker."""
    sent = await visitor.check()
    await followed(visitor.page, (sent.header("location") or "").removeprefix(ISSUER))
    answer = await visitor.page.get(await proven(visitor.app, visitor.page))
    victim = Visitor(visitor.app, visitor.site)
    victim.here.cookies["saycode-login"] = visitor.here.cookies["__Host-saycode-login"]
    assert (await victim.back(answer.header("location") or "")).status == 400
    assert (await victim.check(answer="status")).status == 401


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        ("access_denied", 403, "Wir haben diesen Code gesperrt"),
        ("temporarily_unavailable", 503, "Zu viele Anfragen. Bitte versuchen Sie es später noch einmal."),
        ("invalid_request", 400, "Diese Seite war zu lange geöffnet. Bitte versuchen Sie es noch einmal."),
        ("<b>", 400, "Diese Seite war zu lange geöffnet. Bitte versuchen Sie es noch einmal."),
    ],
)
async def test_a_person_who_comes_back_without_a_proof_is_told_why(
    visitor: Visitor, error: str, status: int, sentence: str
) -> None:
    sent = await visitor.check()
    state = parse_qs(urlsplit(sent.header("location") or "").query)["state"][0]
    visitor.here.language = "de"
    refused = await visitor.back(f"{CALLBACK}?error={quote(error)}&state={state}")
    assert (refused.status, page_of(refused).heading) == (status, sentence)


async def test_what_opens_no_page_gets_a_status_and_no_redirect(visitor: Visitor) -> None:
    assert (await visitor.check(h_x_forwarded_method="POST")).status == 401
    assert (await visitor.check(h_sec_fetch_mode="cors")).status == 401


@pytest.mark.parametrize(
    "query",
    [
        "",
        "client=OC1",
        "client={id}&action=unknown",
        *("client={id}&max_age=0", "client={id}&max_age=x", "client={id}&max_age=86401", "client={id}&max_age=%d9%a3"),
        "client={id}&max_age=000086400999",
        "client={id}&max_age=" + "0" * 8 + "9" * 5000,
    ],
)
async def test_a_check_that_is_set_up_wrongly_is_refused(app: RunningApp, site: Application, query: str) -> None:
    target = f"{PATHS['guard_check']}?{query.format(id=site.client.id)}"
    assert (await app.browser().get(target)).status == 400


@pytest.mark.parametrize("cookie", ["x", "e30", "W10", "bnVsbA", "\\udcff"])
async def test_an_odd_cookie_is_no_login(app: RunningApp, cookie: str) -> None:
    headers = [
        ("host", "admin.example"),
        ("cookie", f"__Host-saycode-login={cookie.encode('ascii', 'replace').decode()}"),
    ]
    answer = await send_request(app.app, "GET", PATHS["guard_callback"] + "?code=x&state=", headers=headers)
    assert answer.status == 400
    assert not SimpleCookie(answer.header("set-cookie") or "")
