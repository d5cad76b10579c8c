"""What following links and trying doors finds: no code anywhere, guarded answers, and nothing that is not there."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from tests.support.app import PHONE, House, open_house, path_of
from tests.support.asgi_client import FORM, Answer, Browser, ask
from tests.support.html import Page
from tests.webhooks.test_routes import assert_guarded
from verification.policy import LENIENT_POLICY
from webhooks.app import ROUTES
from webhooks.routes import PATHS

DETAILS = {"username": "ada", "phone": PHONE, "channel": "sms"}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW"]
EVIL = [("origin", "https://evil.example"), ("access-control-request-method", "POST")]
PARTS = {"delivery": "VL" + "0" * 32, "service": "VA" + "0" * 32, "verification": "VE" + "0" * 32, "attempt": "VL1"}
ADDRESSES = {name: re.sub(r"\{(\w+)\}", lambda part: PARTS.get(part[1], "x"), path) for name, path in PATHS.items()}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db", policy=LENIENT_POLICY) as house:
        yield house


async def crawl(browser: Browser, start: str) -> dict[str, Answer]:
    """Every address that can be reached from one, by links, forms, scripts and style sheets; forms are not sent."""
    found: dict[str, Answer] = {}
    waiting = [start]
    while waiting:
        address = waiting.pop()
        if address in found or not address.startswith("/") or address in (PATHS["start"], PATHS["code"], PATHS["next"]):
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


async def test_no_link_form_or_header_holds_a_code_in_any_state_of_the_page(house: House) -> None:
    browser = house.browser()
    await crawl(browser, "/")
    code = await house.started(browser)
    seen = await crawl(browser, "/")
    wrong = await browser.post(path_of("code"), {"code": f"{(int(code) + 1) % 10**6:06}"})
    seen |= {f"again {name}": answer for name, answer in (await crawl(browser, "/")).items()}
    right = await browser.post(path_of("code"), {"code": code})
    seen |= {f"welcome {name}": answer for name, answer in (await crawl(browser, "/")).items()}
    assert len(seen) >= 9
    for answer in (*seen.values(), wrong, right):
        assert_no_code(answer, code)
    assert {right.header("location"), wrong.header("location")} == {"/"}


async def test_a_code_in_an_address_has_no_effect_at_any_door(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    before = house.rows()
    for address in ("/", path_of("code"), path_of("next"), path_of("progress"), path_of("live")):
        for query in (f"?code={code}", f"?code={code}&next=call", f"?Code={code}", f"#{code}"):
            if address != path_of("progress"):
                answer = await browser.get(address + query)
                assert code not in answer.text
    assert house.rows() == before
    assert (await browser.post(f"{path_of('code')}?code={code}", {"code": ""})).status == 400
    page = Page((await browser.get("/")).text)
    assert page.state == "code", "the code in the address of a POST does not count either"


async def test_headers_guard_every_answer_that_a_crawl_finds(house: House) -> None:
    browser = house.browser()
    answers = list((await crawl(browser, "/")).values())
    await house.started(browser)
    answers += (await crawl(browser, "/")).values()
    answers += [
        await ask(house.app, method, address)
        for address in set(ADDRESSES.values())
        for method in METHODS[:8]
        if address != path_of("progress")
    ]
    assert len(answers) > 200
    for answer in answers:
        if answer.header("cache-control") != "public, max-age=3600":  # the public keys of receipts
            assert_guarded(answer)


async def test_cookies_are_out_of_reach_wherever_they_are_given(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    for address in set(ADDRESSES.values()) - {path_of("progress")}:
        for cookie in (await Browser(house.app).get(address)).all("set-cookie"):
            assert cookie.startswith("__Host-")
            parts = {part.strip().lower() for part in cookie.split(";")[1:]}
            assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
            assert not any(part.startswith("domain") for part in parts)


async def test_only_the_methods_of_a_door_are_answered_and_nobody_elses_site_is_let_in(house: House) -> None:
    before = house.rows()
    for route in ROUTES:
        if isinstance(route, Mount):
            continue
        assert isinstance(route, Route)
        for method in METHODS:
            if route.path == PATHS["progress"] and method == "GET":
                continue
            answer = await ask(house.app, method, ADDRESSES[route.name], headers=EVIL)
            assert not [name for name, _ in answer.headers if name.startswith("access-control-")], route.name
            allowed = answer.header("allow")
            if method in ("OPTIONS", "TRACE", "CONNECT", "BREW") and not route.path.startswith("/v2/"):
                assert answer.status == 405, (route.name, method)
                assert allowed
                assert method not in allowed
    assert house.rows() == before


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/swagger", "/admin", "/.git/config", "/.env", "/debug", "/static/", "/webhooks"]
)
async def test_what_is_not_there_is_404_with_every_method(house: House, path: str) -> None:
    for method in METHODS:
        assert (await ask(house.app, method, path, headers=EVIL)).status in (404, 405), method


# ------------------------------------------------------------------------------------------------ when we fail

HIDDEN = re.compile(r"Traceback|\.py\b|sqlite|SELECT|a secret detail|12345|RuntimeError|site-packages", re.IGNORECASE)


async def test_a_failure_at_any_door_tells_nothing_but_an_id(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The table breaks in the middle of everything, in a way that nobody has foreseen."""
    phone = await house.called()
    browser = house.browser()
    await house.started(browser, username="bob", phone="+14155550101")
    house.store.failure = RuntimeError("a secret detail")
    told: list[str] = []
    fields = {"CallSid": phone.call_sid, "MessageSid": phone.call_sid, "From": "+14155550199", "To": PHONE}
    fields |= {"Digits": "9", "CallStatus": "busy", "MessageStatus": "failed", "Body": "stop", "AnsweredBy": "fax"}
    for door, path in PATHS.items():
        if path.startswith("/webhooks/") and door != "probed":
            answer = await house.twilio.post(path_of(door, delivery=phone.delivery), fields, failing=True)
            assert answer.status in (200, 500), door
        elif door in ("page", "ready"):
            answer = await browser.get(path, failing=True)
            assert answer.status >= 500, door
        elif door in ("start", "code", "next"):
            form = DETAILS | {"code": "123456", "next": "repeat"}
            answer = await browser.post(path, form, failing=True)
            assert answer.status >= 500, door
        else:
            continue
        assert not HIDDEN.search(answer.text), (door, answer.text)
        told += re.findall(r"please mention ([0-9a-f]{8})\.", answer.text)
    logged = [str(record.__dict__.get("fields", {}).get("error_id")) for record in caplog.records]
    assert len(told) >= 4
    assert set(told) <= set(logged)


async def test_a_failure_on_the_phone_is_an_apology_and_a_hang_up(house: House) -> None:
    phone = await house.called()
    code = await phone.read_code()
    house.store.failure = RuntimeError("a secret detail")
    sorry = await phone.press("1")
    assert sorry.over
    assert ", ".join(code) not in sorry.text


# ------------------------------------------------------------------------------------------------ nothing is waited for


async def test_no_webhook_waits_for_twilio(house: House) -> None:
    """Twilio gives up after fifteen seconds, so whatever has to be asked of it is asked after the answer."""
    phone = await house.called()
    await phone.read_code()
    answered: list[str] = []
    asked: list[str] = []

    async def note(delivery: str) -> None:
        asked.append(f"{len(answered)} answers before {delivery}")

    house.provider.meanwhile = note
    before = house.provider.asked
    assert await _first_words(house, phone.delivery, phone.call_sid, answered) == 200
    assert house.provider.asked == before + 1, "the text that was asked for"
    assert asked[0].startswith("1 answers"), asked


async def _first_words(house: House, delivery: str, call_sid: str, answered: list[str]) -> int:
    """Press 4 for a text, and note when the answer is complete."""
    path = path_of("keys", delivery=delivery)
    house.clock.advance(60)
    pairs = [
        ("AccountSid", house.twilio.account_sid),
        ("CallSid", call_sid),
        ("From", "+14155550199"),
        ("To", PHONE),
        ("Digits", "4"),
    ]
    signature = house.twilio.sign(path, pairs)
    statuses: list[int] = []
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in pairs).encode()

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]  # three of starlette's types
        async def noting(message):  # type: ignore[no-untyped-def]  # as above
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
            elif not message.get("more_body"):
                answered.append("complete")
            await send(message)

        await house.app(scope, receive, noting)

    headers = [("content-type", FORM), ("x-twilio-signature", signature)]
    await ask(app, "POST", path, headers=headers, body=body)
    return statuses[0]
