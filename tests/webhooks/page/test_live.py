"""What an open page is told as it happens, and that it is the truth: in any order, doubled, late, or never."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

from tests.support.app import House, Phone, open_house, open_page, path_of
from tests.support.asgi_client import Answer, Browser, ask
from tests.support.html import Page
from verification.errors import Unavailable
from verification.policy import DEFAULT_POLICY, Fallback
from verification.ports import ByDelivery
from verification.types import DeliveryStatus
from webhooks.app import create_app
from webhooks.context import RefreshIntervals

QUICK = RefreshIntervals(look=0.002, heartbeat=15, longest=60)
PATIENCE = 10


@dataclass(slots=True)
class Stream:
    """The lines of one open page."""

    lines: "asyncio.Queue[str]"
    start: Message

    async def line(self) -> str:
        return await asyncio.wait_for(self.lines.get(), PATIENCE)

    async def ended(self) -> bool:
        """Whether the service closes it."""
        return await self.line() == ""

    async def told(self) -> dict[str, Any]:
        """The next event."""
        line = await self.line()
        assert line.startswith("data: "), line
        told: dict[str, Any] = json.loads(line.removeprefix("data: "))
        return told


def served_at(house: House, pace: RefreshIntervals) -> ASGIApp:
    """The same doors, at another pace."""
    assert isinstance(house.app, Starlette)
    return create_app(replace(house.app.state.doorway, pace=pace))


@asynccontextmanager
async def watching(
    house: House, browser: Browser, *, pace: RefreshIntervals = QUICK, app: ASGIApp | None = None
) -> AsyncIterator[Stream]:
    """A page that stays open while the block runs."""
    app = app or served_at(house, pace)
    start: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
    stream_lines: asyncio.Queue[str] = asyncio.Queue()
    gone = asyncio.Event()
    request: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if request:
            return request.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.set_result(message)
        else:
            stream_lines.put_nowait(message.get("body", b"").decode().removesuffix("\n\n"))

    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path_of("progress"),
        "raw_path": path_of("progress").encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"cookie", cookie.encode())],
        "client": ("192.0.2.1", 40000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    page = asyncio.create_task(_serve(app, scope, receive, send))
    try:
        yield Stream(stream_lines, await asyncio.wait_for(start, PATIENCE))
    finally:
        gone.set()
        await asyncio.wait_for(page, PATIENCE)


async def _serve(
    app: ASGIApp,
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    await app(scope, receive, send)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db") as house:
        yield house


async def call_started(house: House, browser: Browser) -> Phone:
    delivery = await house.started(browser, channel="call")
    return Phone(house.twilio, delivery, f"CA{house.provider.asked}")


async def text_said(house: House, status: str, *, number: int = 0, **fields: str) -> Answer:
    """A status callback of one of the texts."""
    sent = {"MessageSid": f"SM{number + 1}", "MessageStatus": status, **fields}
    return await house.twilio.post(path_of("message_status", delivery=house.provider.texts[number].delivery), sent)


def buttons(live: str) -> list[str]:
    return Page(f"<html><body>{live}</body></html>").next


# What is told.


async def test_a_call_is_told_step_by_step(house: House) -> None:
    browser = house.browser()
    phone = await call_started(house, browser)
    async with watching(house, browser) as page:
        told = [(await page.told())["status"]]
        for step in (
            lambda: phone.status("ringing"),
            lambda: phone.status("in-progress"),
            phone.read_code,
            phone.wait,
        ):
            await step()
            told.append((await page.told())["status"])
        await phone.status("completed")
    assert told == [
        "We are calling ••••\u00a000.",
        "Your phone is ringing.",
        "You have answered. Please press the keys that you hear.",
        "We are saying the code.",
        "You have heard the code. Please enter it here.",
    ]


async def test_a_text_that_does_not_arrive_brings_the_next_step_with_it(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    async with watching(house, browser) as page:
        assert buttons((await page.told())["live"]) == ["repeat", "call", "change"]
        await text_said(house, "undelivered", ErrorCode="30006")
        told = await page.told()
    assert (told["state"], told["status"]) == ("code", "This phone cannot receive text messages.")
    assert buttons(told["live"]) == ["call", "change"]
    assert "30006" not in str(told)


async def test_an_end_is_told_as_another_state(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    async with watching(house, browser) as page:
        assert (await page.told())["state"] == "code"
        await browser.post(path_of("code"), {"code": code[:-1] + str((int(code[-1]) + 1) % 10)})
        assert (await page.told())["state"] == "ended"


async def test_approval_in_this_browser_sends_its_other_tabs_to_the_page(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    async with watching(house, browser) as page:
        await page.told()
        await browser.post(path_of("code"), {"code": code})
        assert (await page.told())["state"] != "code"
    assert (await open_page(browser)).state == "welcome"


async def test_the_warning_and_the_end_come_by_time_alone(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    async with watching(house, browser) as page:
        assert (await page.told())["note"] == ""
        house.clock.advance(DEFAULT_POLICY.code_lifetime - 60)
        told = await page.told()
        assert told["note"] == "This code expires soon. You can ask for a new one at any time."
        assert buttons(told["live"])[0] == "begin-again"
        house.clock.advance(60)
        assert (await page.told())["state"] == "ended"


async def test_what_happens_elsewhere_is_not_told_here(house: House) -> None:
    browser = house.browser()
    phone = await call_started(house, browser)
    async with watching(house, browser) as page:
        await page.told()
        await house.started(house.browser(), username="somebody else", phone="+14155550101")
        await text_said(house, "delivered")
        await phone.status("busy")
        assert (await page.told())["status"] == "The line was busy."
        assert page.lines.empty()


async def test_only_the_pages_concerned_read_again_however_many_are_open(house: House) -> None:
    browsers = [house.browser() for _ in range(20)]
    for n, browser in enumerate(browsers):
        await house.started(browser, username=f"ada {n}", phone=f"+14155550{n:03}")
    async with AsyncExitStack() as open_pages:
        app = served_at(house, QUICK)
        pages = [await open_pages.enter_async_context(watching(house, browser, app=app)) for browser in browsers]
        for page in pages:
            await page.told()
        await settled(house)
        views = house.store.views
        await text_said(house, "delivered", number=7, To="+14155550007")
        assert (await pages[7].told())["status"] == "The text message has arrived."
        await settled(house)
        assert house.store.views == views + 1
        assert all(page.lines.empty() for page in pages)


async def settled(house: House) -> None:
    """Two looks at the table later, at least."""
    looks = house.store.looks
    while house.store.looks < looks + 3:
        await asyncio.sleep(QUICK.look)


async def test_nobody_looks_when_no_page_is_open(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    for _ in range(2):
        async with watching(house, browser) as page:
            await page.told()
            await settled(house)
        await asyncio.sleep(3 * QUICK.look)
        looks = house.store.looks
        await asyncio.sleep(5 * QUICK.look)
        assert house.store.looks == looks


async def test_nobody_without_a_cookie_is_watched_and_a_foreign_one_learns_nothing(house: House) -> None:
    await house.started(house.browser())
    answer = await ask(house.app, "GET", path_of("progress"))
    assert (answer.status, answer.body) == (204, b"")
    stranger = house.browser()
    await stranger.get("/")
    async with watching(house, stranger) as page:
        told = await page.told()
    assert (told["state"], told["status"], told["note"], buttons(told["live"])) == ("form", "", "", [])


async def test_the_stream_is_not_kept_by_caches_or_proxies(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    async with watching(house, browser) as page:
        headers = {name.decode(): value.decode() for name, value in page.start["headers"]}
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")


async def test_the_code_is_never_told(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    async with watching(house, browser) as page:
        told = [await page.line()]
        await text_said(house, "delivered")
        told.append(await page.line())
    assert not any(code in line for line in told)


async def test_silence_is_broken_by_a_comment(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    async with watching(house, browser, pace=RefreshIntervals(look=0.002, heartbeat=0.01, longest=60)) as page:
        await page.told()
        assert await page.line() == ":"


async def test_a_stream_ends_after_its_time_and_the_next_one_begins_with_how_it_stands(house: House) -> None:
    browser = house.browser()
    phone = await call_started(house, browser)
    async with watching(house, browser, pace=RefreshIntervals(look=0.002, heartbeat=15, longest=0.004)) as page:
        await page.told()
        assert await page.ended()
    await phone.status("ringing")
    async with watching(house, browser) as page:
        assert (await page.told())["status"] == "Your phone is ringing."


async def test_a_service_that_is_told_to_stop_lets_go_of_the_page(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    assert isinstance(house.app, Starlette)
    async with watching(house, browser) as page:
        await page.told()
        house.app.state.doorway.leaving.set()
        assert await page.ended()


async def test_a_table_that_is_away_for_a_moment_does_not_end_the_stream(house: House) -> None:
    browser = house.browser()
    phone = await call_started(house, browser)
    async with watching(house, browser) as page:
        await page.told()
        house.store.failure = Unavailable("the disk is full")
        await asyncio.sleep(0.01)
        house.store.failure = None
        await phone.status("ringing")
        assert (await page.told())["status"] == "Your phone is ringing."


# Truth about deliveries, at the door.


async def test_every_order_of_the_four_callbacks_each_of_them_twice_shows_the_same_page(house: House) -> None:
    shown = set()
    for order in permutations(["initiated", "ringing", "in-progress", "completed"]):
        browser = house.browser()
        phone = await call_started(house, browser)
        for word in (*order, *order):
            assert (await phone.status(word)).status == 204
        page = await open_page(browser)
        shown.add((page.one("p", id="progress").text, tuple(page.next)))
    assert shown == {("The call has ended.", ("repeat", "sms", "change"))}


@pytest.mark.parametrize("late", ["ringing", "busy", "no-answer", "failed", "completed"])
async def test_what_an_old_call_still_reports_does_not_disturb_the_text_that_followed(house: House, late: str) -> None:
    browser = house.browser()
    phone = await call_started(house, browser)
    house.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await browser.post(path_of("next"), {"next": "sms"})
    sent = {"MessageSid": "SM2", "MessageStatus": "delivered"}
    await house.twilio.post(path_of("message_status", delivery=house.provider.texts[0].delivery), sent)
    assert (await phone.status(late)).status == 204
    page = await open_page(browser)
    assert page.one("p", id="progress").text == "The text message has arrived."
    assert page.next == ["repeat", "call", "change"]
    await browser.post(path_of("code"), {"code": house.provider.texts[0].code})
    assert (await open_page(browser)).state == "welcome"


async def test_a_delivery_of_an_older_verification_does_not_disturb_the_newer_one(house: House) -> None:
    browser = house.browser()
    phone = await call_started(house, browser)
    await browser.post(path_of("next"), {"next": "change"})
    code = await house.started(browser)
    for word in ("in-progress", "failed"):
        await phone.status(word)
    page = await open_page(browser)
    assert (page.state, page.one("p", id="progress").text) == (
        "code",
        "We are sending a text message to ••••\u00a000.",
    )
    await browser.post(path_of("code"), {"code": code})
    assert (await open_page(browser)).state == "welcome"


async def test_a_call_that_twilio_never_reports_on_is_asked_for_and_its_end_is_shown(house: House) -> None:
    browser = house.browser()
    await house.started(browser, channel="call")
    house.clock.advance(DEFAULT_POLICY.quiet_timeout - 1)
    await house.verifier.settle()
    assert house.provider.looked_up == []
    house.clock.advance(1)
    house.provider.known["CA1"] = DeliveryStatus.NO_ANSWER
    async with watching(house, browser) as page:
        assert (await page.told())["status"] == "We are calling ••••\u00a000."
        await house.verifier.settle()
        assert (await page.told())["status"] == "Nobody answered the call."
    assert house.provider.looked_up == ["CA1"]


async def test_a_call_that_nobody_knows_anything_about_is_unknown_once_it_must_be_over(house: House) -> None:
    browser = house.browser()
    delivery = await house.started(browser, channel="call")
    for _ in range(4):
        house.clock.advance(DEFAULT_POLICY.quiet_timeout)
        await house.verifier.settle()
    found = (await house.store.read(ByDelivery(delivery))).delivery(delivery)
    assert found is not None
    assert found.status is DeliveryStatus.UNKNOWN
    assert "repeat" in (await open_page(browser)).next


@pytest.mark.parametrize(("fallback", "calls"), [(Fallback.OFFER, 0), (Fallback.AUTO, 1)])
async def test_a_text_that_cannot_be_delivered_rings_once_where_the_operator_wants_it(
    tmp_path: Path, fallback: Fallback, calls: int
) -> None:
    async with open_house(tmp_path / "store.db", policy=replace(DEFAULT_POLICY, fallback=fallback)) as house:
        browser = house.browser()
        code = await house.started(browser)
        for _ in range(3):
            await text_said(house, "undelivered", ErrorCode="30006")
        assert len(house.provider.calls) == calls
        expected = "We are calling ••••\u00a000." if calls else "This phone cannot receive text messages."
        assert (await open_page(browser)).one("p", id="progress").text == expected
        await browser.post(path_of("code"), {"code": code})
        assert (await open_page(browser)).state == "welcome"


# A new code near the end.


async def test_near_the_end_one_press_brings_a_new_code_and_two_presses_only_one(house: House) -> None:
    browser = house.browser()
    first = await house.started(browser)
    house.clock.advance(DEFAULT_POLICY.code_lifetime - 31)
    await text_said(house, "delivered")
    await browser.post(path_of("next"), {"next": "repeat"})
    house.clock.advance(1)
    await asyncio.gather(*(browser.post(path_of("next"), {"next": "begin-again"}) for _ in range(3)))
    codes = [order.code for order in house.provider.texts]
    assert codes[:2] == [first, first]
    assert len(codes) == 3
    assert (await open_page(browser)).one("p", id="time").text == "5 minutes left"
    await browser.post(path_of("code"), {"code": codes[2]})
    assert (await open_page(browser)).state == "welcome"


async def test_the_code_that_is_typed_on_the_phone_has_a_page_that_asks_again_without_scripts(house: House) -> None:
    browser = house.browser()
    await browser.post(
        path_of("start"), {"username": "ada", "phone": "+14155550100", "channel": "call", "style": "key"}
    )
    page = await open_page(browser)
    assert page.one("p", **{"class": "code shown"}).text.isdigit()
    assert page.all("meta", **{"http-equiv": "refresh"})
    assert page.all("input") == []
