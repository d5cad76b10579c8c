"""What following links and trying doors finds: no code anywhere, guarded answers, and nothing that is not there."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from tests.support.app import PHONE, RunningApp, path_of, running_app
from tests.support.asgi_client import FORM, Answer, Browser, send_request
from tests.support.html import Page
from tests.webhooks.test_routes import assert_guarded
from verification.policy import LENIENT_POLICY
from webhooks.routes import CROSS_ORIGIN_PATHS, PATHS, ROUTES

DETAILS = {"username": "ada", "phone": PHONE, "channel": "sms"}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"]
EVIL = [("origin", "https://evil.example"), ("access-control-request-method", "POST")]
PARTS = {"delivery": "VL" + "0" * 32, "service": "VA" + "0" * 32, "verification": "VE" + "0" * 32, "attempt": "VL1"}
ADDRESSES = {name: re.sub(r"\{(\w+)\}", lambda part: PARTS.get(part[1], "x"), path) for name, path in PATHS.items()}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "table.db", policy=LENIENT_POLICY) as running:
        yield running


async def crawl(browser: Browser, start: str) -> dict[str, Answer]:
    """Every address that can be reached from one, by links, forms, scripts and style sheets; forms are not sent."""
    found: dict[str, Answer] = {}
    forms = {PATHS["start"], PATHS["check_code"], PATHS["next_step"]}
    waiting = [start]
    while waiting:
        address = waiting.pop()
        if address in found or address in forms or not address.startswith("/"):
            continue
        found[address] = await browser.get(address)
        if (found[address].header("content-type") or "").startswith("text/html"):
            page = Page(found[address].text)
            for element in page.elements:
                waiting += [element.attributes[name] for name in ("href", "src") if name in element.attributes]
    return found


def assert_no_code(answer: Answer, code: str) -> None:
    """Neither in a header nor in an address; nor on the page, where this browser is to type it."""
    assert code not in str(answer.headers)
    assert code not in answer.text


async def test_no_link_form_or_header_holds_a_code_in_any_state_of_the_page(running: RunningApp) -> None:
    browser = running.browser()
    await crawl(browser, "/")
    code = await running.started(browser)
    seen = await crawl(browser, "/")
    wrong = await browser.post(path_of("check_code"), {"code": f"{(int(code) + 1) % 10**6:06}"})
    seen |= {f"again {name}": answer for name, answer in (await crawl(browser, "/")).items()}
    right = await browser.post(path_of("check_code"), {"code": code})
    seen |= {f"welcome {name}": answer for name, answer in (await crawl(browser, "/")).items()}
    assert len(seen) >= 9
    for answer in (*seen.values(), wrong, right):
        assert_no_code(answer, code)
    assert (right.header("location"), wrong.header("location")) == ("/", "/?wrong")


async def test_a_code_in_an_address_has_no_effect_on_any_route(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    before = running.rows()
    for address in ("/", path_of("check_code"), path_of("next_step"), path_of("live_updates"), path_of("health_live")):
        for query in (f"?code={code}", f"?code={code}&next=call", f"?Code={code}", f"#{code}"):
            if address != path_of("live_updates"):
                answer = await browser.get(address + query)
                assert code not in answer.text
    assert running.rows() == before
    assert (await browser.post(f"{path_of('check_code')}?code={code}", {"code": ""})).status == 400
    page = Page((await browser.get("/")).text)
    assert page.state == "code", "the code in the address of a POST does not count either"


async def test_headers_guard_every_answer_that_a_crawl_finds(running: RunningApp) -> None:
    browser = running.browser()
    answers = list((await crawl(browser, "/")).values())
    await running.started(browser)
    answers += (await crawl(browser, "/")).values()
    answers += [
        await send_request(running.app, method, address)
        for address in set(ADDRESSES.values())
        for method in METHODS[:8]
        if address != path_of("live_updates")
    ]
    assert len(answers) > 200
    for answer in answers:
        if answer.header("cache-control") != "public, max-age=3600":  # the public keys of receipts
            assert_guarded(answer)


async def test_cookies_are_out_of_reach_wherever_they_are_given(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    for address in set(ADDRESSES.values()) - {path_of("live_updates")}:
        for cookie in (await Browser(running.app).get(address)).all("set-cookie"):
            assert cookie.startswith("__Host-")
            parts = {part.strip().lower() for part in cookie.split(";")[1:]}
            assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
            assert not any(part.startswith("domain") for part in parts)


async def test_only_the_methods_of_a_route_are_answered_and_no_other_site_is_allowed(running: RunningApp) -> None:
    before = running.rows()
    for route in ROUTES:
        if isinstance(route, Mount):
            continue
        assert isinstance(route, Route)
        for method in METHODS:
            if route.path == PATHS["live_updates"] and method == "GET":
                continue
            answer = await send_request(running.app, method, ADDRESSES[route.name], headers=EVIL)
            readable = route.path in CROSS_ORIGIN_PATHS
            assert answer.header("access-control-allow-origin") == ("*" if readable else None), route.name
            assert answer.header("access-control-allow-credentials") is None
            if readable and method == "OPTIONS":
                continue
            allowed = answer.header("allow")
            if method in ("OPTIONS", "TRACE", "CONNECT", "BREW") and not route.path.startswith("/v2/"):
                assert answer.status == 405, (route.name, method)
                assert allowed
                assert method not in allowed
    assert running.rows() == before


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/swagger", "/admin", "/.git/config", "/.env", "/debug", "/static/", "/webhooks"]
)
async def test_what_is_not_there_is_404_with_every_method(running: RunningApp, path: str) -> None:
    for method in METHODS:
        assert (await send_request(running.app, method, path, headers=EVIL)).status in (404, 405), method


# ------------------------------------------------------------------------------------------------ when we fail

HIDDEN = re.compile(r"Traceback|\.py\b|sqlite|SELECT|a secret detail|12345|RuntimeError|site-packages", re.IGNORECASE)


async def test_a_failure_on_any_route_shows_nothing_but_an_id(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    """The store fails in the middle of a verification with an exception that no handler expects."""
    phone = await running.ringing_phone()
    browser = running.browser()
    await running.started(browser, username="bob", phone="+14155550101")
    running.store.failure = RuntimeError("a secret detail")
    told: list[str] = []
    fields = {"CallSid": phone.call_sid, "MessageSid": phone.call_sid, "From": "+14155550199", "To": PHONE}
    fields |= {"Digits": "9", "CallStatus": "busy", "MessageStatus": "failed", "Body": "stop", "AnsweredBy": "fax"}
    for door, path in PATHS.items():
        if path.startswith("/webhooks/") and door != "probe":
            answer = await running.twilio.post(path_of(door, delivery=phone.delivery), fields, failing=True)
            assert answer.status in (200, 500), door
        elif door in ("page", "health_ready"):
            answer = await browser.get(path, failing=True)
            assert answer.status >= 500, door
        elif door in ("start", "check_code", "next_step"):
            form = DETAILS | {"code": "123456", "next": "repeat"}
            answer = await browser.post(path, form, failing=True)
            assert answer.status >= 500, door
        else:
            continue
        assert not HIDDEN.search(answer.text), (door, answer.text)
        told += re.findall(r"please quote ([0-9a-f]{8})\.", answer.text)
    logged = [str(record.__dict__.get("fields", {}).get("error_id")) for record in caplog.records]
    assert len(told) >= 4
    assert set(told) <= set(logged)


async def test_a_failure_on_the_phone_is_an_apology_and_a_hang_up(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    code = await phone.read_code()
    running.store.failure = RuntimeError("a secret detail")
    sorry = await phone.press("1")
    assert sorry.over
    assert ", ".join(code) not in sorry.text


# ------------------------------------------------------------------------------------------------ nothing is waited for


async def test_no_webhook_waits_for_twilio(running: RunningApp) -> None:
    """Twilio gives up after fifteen seconds, so whatever has to be asked of it is asked after the answer."""
    phone = await running.ringing_phone()
    await phone.read_code()
    await phone.wait()
    answered: list[str] = []
    asked: list[str] = []

    async def note(delivery: str) -> None:
        asked.append(f"{len(answered)} answers before {delivery}")

    running.provider.meanwhile = note
    before = running.provider.asked
    assert await _first_words(running, phone.delivery, phone.call_sid, answered) == 200
    assert running.provider.asked == before + 1, "the text that was asked for"
    assert asked[0].startswith("1 answers"), asked


async def _first_words(running: RunningApp, delivery: str, call_sid: str, answered: list[str]) -> int:
    """Press 4 for a text, and note when the answer is complete."""
    path = path_of("call_keys", delivery=delivery)
    running.clock.advance(60)
    pairs = [
        ("AccountSid", running.twilio.account_sid),
        ("CallSid", call_sid),
        ("From", "+14155550199"),
        ("To", PHONE),
        ("Digits", "4"),
    ]
    signature = running.twilio.sign(path, pairs)
    statuses: list[int] = []
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in pairs).encode()

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]  # three of starlette's types
        async def noting(message):  # type: ignore[no-untyped-def]  # as above
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            elif not message.get("more_body"):
                answered.append("complete")
            await send(message)

        await running.app(scope, receive, noting)

    headers = [("content-type", FORM), ("x-twilio-signature", signature)]
    await send_request(app, "POST", path, headers=headers, body=body)
    return statuses[0]
