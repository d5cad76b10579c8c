"""Live updates of an open page. They are correct when webhooks are reordered, repeated, late or missing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from starlette.types import ASGIApp, Message

from tests.support.app import Phone, RunningApp, open_page, path_of, running_app
from tests.support.asgi_client import Answer, Browser, send_request
from tests.support.engine import another_program
from tests.support.html import Page
from verification.errors import Unavailable
from verification.policy import DEFAULT_POLICY, Fallback
from verification.ports import ByDelivery
from verification.types import CallStyle, DeliveryStatus
from webhooks.app import create_app
from webhooks.context import RefreshIntervals
from webhooks.page import live
from webhooks.page.live import MAX_OF_SESSION, STREAM

QUICK = RefreshIntervals(poll=0.002, heartbeat=15, longest=60)
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

    async def event(self) -> dict[str, Any]:
        """The next event."""
        line = await self.line()
        assert line.startswith("data: "), line
        event: dict[str, Any] = json.loads(line.removeprefix("data: "))
        return event


def served_at(running: RunningApp, refresh: RefreshIntervals) -> ASGIApp:
    """The same application with other refresh intervals."""
    return create_app(replace(running.context, refresh=refresh))


@dataclass(slots=True)
class TakenOver:
    """A connection that the server has handed over."""

    lines: "asyncio.Queue[str]"
    on_close: Callable[[], None]

    def write(self, data: bytes) -> None:
        self.lines.put_nowait(data.decode().removesuffix("\n\n"))

    def close(self) -> None:
        self.lines.put_nowait("")


@asynccontextmanager
async def watching(
    running: RunningApp, browser: Browser, *, refresh: RefreshIntervals = QUICK, app: ASGIApp | None = None
) -> AsyncIterator[Stream]:
    """A page that stays open while the block runs."""
    app, taken, started = app or served_at(running, refresh), list[TakenOver](), list[Message]()
    lines: asyncio.Queue[str] = asyncio.Queue()

    async def send(message: Message) -> None:
        started.append(message)

    def take_over(on_close: Callable[[], None]) -> TakenOver:
        taken.append(TakenOver(lines, on_close))
        return taken[0]

    await app({**_scope(browser), "extensions": {STREAM: take_over}}, _no_body, send)
    try:
        yield Stream(lines, *started)
    finally:
        taken[0].on_close()


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _scope(browser: Browser) -> dict[str, Any]:
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path_of("live_updates"),
        "raw_path": path_of("live_updates").encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"cookie", cookie.encode())],
        "client": ("192.0.2.1", 40000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


async def call_started(running: RunningApp, browser: Browser) -> Phone:
    delivery = await running.started(browser, channel="call")
    return Phone(running.twilio, delivery, f"CA{running.provider.asked}")


async def text_said(running: RunningApp, status: str, *, number: int = 0, **fields: str) -> Answer:
    """A status callback of one of the texts."""
    sent = {"MessageSid": f"SM{number + 1}", "MessageStatus": status, **fields}
    return await running.twilio.post(path_of("message_status", delivery=running.provider.texts[number].delivery), sent)


def buttons(live: str) -> list[str]:
    return Page(f"<html><body>{live}</body></html>").next


# Events.


async def test_a_call_is_shown_step_by_step(running: RunningApp) -> None:
    browser = running.browser()
    phone = await call_started(running, browser)
    async with watching(running, browser) as page:
        event = [(await page.event())["status"]]
        for step in (
            lambda: phone.status("ringing"),
            lambda: phone.status("in-progress"),
            phone.read_code,
            phone.wait,
        ):
            await step()
            event.append((await page.event())["status"])
        await phone.status("completed")
    assert event == [
        "The call is about to start.",
        "Your phone is ringing.",
        "You answered. Please press the keys you hear.",
        "We are reading out the code.",
        "You have heard the code. Please enter it here.",
    ]


async def test_a_text_that_does_not_arrive_brings_the_next_step_with_it(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    async with watching(running, browser) as page:
        first = await page.event()
        assert (buttons(first["live"]), first["failed"], first["unfolds"]) == (["repeat", "call"], False, False)
        await text_said(running, "undelivered", ErrorCode="30006")
        event = await page.event()
    assert (event["state"], event["status"]) == ("code", "The text message could not be delivered.")
    assert (buttons(event["live"]), event["failed"], event["unfolds"]) == (["call", "repeat"], True, True)
    assert (event["heading"], event["tone"]) == ("Let's try again", "problem")
    assert "30006" not in str(event)


async def test_an_end_is_sent_as_another_state(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    async with watching(running, browser) as page:
        assert (await page.event())["state"] == "code"
        await browser.post(path_of("check_code"), {"code": code[:-1] + str((int(code[-1]) + 1) % 10)})
        assert (await page.event())["state"] == "ended"


async def test_approval_in_this_browser_sends_its_other_tabs_to_the_page(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    async with watching(running, browser) as page:
        await page.event()
        await browser.post(path_of("check_code"), {"code": code})
        assert (await page.event())["state"] != "code"
    assert (await open_page(browser)).state == "welcome"


async def test_the_warning_and_the_end_come_by_time_alone(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    async with watching(running, browser) as page:
        assert (await page.event())["note"] == ""
        running.clock.advance(DEFAULT_POLICY.code_lifetime - 60)
        event = await page.event()
        assert event["note"] == "This code expires soon. You can ask for a new one at any time."
        assert buttons(event["live"])[0] == "begin-again"
        running.clock.advance(60)
        assert (await page.event())["state"] == "ended"


async def test_changes_of_other_verifications_are_not_sent(running: RunningApp) -> None:
    browser = running.browser()
    phone = await call_started(running, browser)
    async with watching(running, browser) as page:
        await page.event()
        await running.started(running.browser(), username="somebody else", phone="+14155550101")
        await text_said(running, "delivered")
        await phone.status("busy")
        assert (await page.event())["status"] == "The line was busy."
        assert page.lines.empty()


async def test_only_the_pages_concerned_read_again_however_many_are_open(running: RunningApp) -> None:
    browsers = [running.browser() for _ in range(20)]
    for n, browser in enumerate(browsers):
        await running.started(browser, username=f"ada {n}", phone=f"+14155550{n:03}")
    async with AsyncExitStack() as open_pages:
        app = served_at(running, QUICK)
        pages = [await open_pages.enter_async_context(watching(running, browser, app=app)) for browser in browsers]
        for page in pages:
            await page.event()
        await settled(running)
        views = running.store.session_reads
        await text_said(running, "delivered", number=7, To="+14155550007")
        assert (await pages[7].event())["status"] == "The text message has arrived."
        await settled(running)
        assert running.store.session_reads == views + 1
        assert all(page.lines.empty() for page in pages)


async def settled(running: RunningApp) -> None:
    """At least two polls of the store later."""
    looks = running.store.polls
    while running.store.polls < looks + 3:
        await asyncio.sleep(QUICK.poll)


async def test_the_store_is_not_polled_when_no_page_is_open(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    for _ in range(2):
        async with watching(running, browser) as page:
            await page.event()
            await settled(running)
        await asyncio.sleep(3 * QUICK.poll)
        looks = running.store.polls
        await asyncio.sleep(5 * QUICK.poll)
        assert running.store.polls == looks


async def test_a_browser_without_a_cookie_gets_no_stream_and_an_unknown_cookie_learns_nothing(
    running: RunningApp,
) -> None:
    await running.started(running.browser())
    answer = await send_request(running.app, "GET", path_of("live_updates"))
    assert (answer.status, answer.body) == (204, b"")
    other_browser = running.browser()
    await other_browser.get("/")
    answer = await progress(running, other_browser, running.app)
    event = json.loads(answer.text.removeprefix("data: "))
    assert (event["state"], event["status"], event["note"], buttons(event["live"])) == ("form", "", "", [])


async def test_the_stream_is_not_kept_by_caches_or_proxies(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    async with watching(running, browser) as page:
        headers = {name.decode(): value.decode() for name, value in page.start["headers"]}
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")


async def test_the_code_is_never_sent(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    async with watching(running, browser) as page:
        event = [await page.line()]
        await text_said(running, "delivered")
        event.append(await page.line())
    assert not any(code in line for line in event)


async def test_silence_is_broken_by_a_comment(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    async with watching(running, browser, refresh=RefreshIntervals(poll=0.002, heartbeat=0.01, longest=60)) as page:
        await page.event()
        assert await page.line() == ":"


async def test_a_stream_ends_after_its_time_and_the_next_one_begins_with_the_current_state(running: RunningApp) -> None:
    browser = running.browser()
    phone = await call_started(running, browser)
    async with watching(running, browser, refresh=RefreshIntervals(poll=0.002, heartbeat=15, longest=0.5)) as page:
        await page.event()
        assert await page.ended()
    await phone.status("ringing")
    async with watching(running, browser) as page:
        assert (await page.event())["status"] == "Your phone is ringing."


async def test_a_store_that_is_unavailable_for_a_moment_does_not_end_the_stream(running: RunningApp) -> None:
    browser = running.browser()
    phone = await call_started(running, browser)
    async with watching(running, browser) as page:
        await page.event()
        running.store.failure = Unavailable("the disk is full")
        await asyncio.sleep(0.01)
        running.store.failure = None
        await phone.status("ringing")
        assert (await page.event())["status"] == "Your phone is ringing."


# Statuses of deliveries.


async def test_every_order_of_the_four_callbacks_each_of_them_twice_shows_the_same_page(running: RunningApp) -> None:
    shown = set()
    for order in permutations(["initiated", "ringing", "in-progress", "completed"]):
        browser = running.browser()
        phone = await call_started(running, browser)
        for word in (*order, *order):
            assert (await phone.status(word)).status == 204
        page = await open_page(browser)
        shown.add((page.one("p", id="progress").text, tuple(page.next)))
    ended_early = "The call ended before we said the code: no keys were pressed. Was it voicemail?"
    assert shown == {(ended_early, ("change", "sms", "repeat"))}


@pytest.mark.parametrize("late", ["ringing", "busy", "no-answer", "failed", "completed"])
async def test_what_an_old_call_still_reports_does_not_disturb_the_text_that_followed(
    running: RunningApp, late: str
) -> None:
    browser = running.browser()
    phone = await call_started(running, browser)
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await browser.post(path_of("next_step"), {"next": "sms"})
    sent = {"MessageSid": "SM2", "MessageStatus": "delivered"}
    await running.twilio.post(path_of("message_status", delivery=running.provider.texts[0].delivery), sent)
    assert (await phone.status(late)).status == 204
    page = await open_page(browser)
    assert page.one("p", id="progress").text == "The text message has arrived."
    assert page.next == ["change", "repeat", *([] if late == "ringing" else ["call"])]
    await browser.post(path_of("check_code"), {"code": running.provider.texts[0].code})
    assert (await open_page(browser)).state == "welcome"


async def test_a_delivery_of_an_older_verification_does_not_disturb_the_newer_one(running: RunningApp) -> None:
    browser = running.browser()
    phone = await call_started(running, browser)
    await browser.post(path_of("next_step"), {"next": "change"})
    code = await running.started(browser)
    for word in ("in-progress", "failed"):
        await phone.status(word)
    page = await open_page(browser)
    assert (page.state, page.one("p", id="progress").text) == (
        "code",
        "The text message is about to be sent.",
    )
    await browser.post(path_of("check_code"), {"code": code})
    assert (await open_page(browser)).state == "welcome"


async def test_a_call_that_twilio_never_reports_on_is_asked_for_and_its_end_is_shown(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser, channel="call")
    running.clock.advance(DEFAULT_POLICY.quiet_timeout - 1)
    await running.verifier.reconcile()
    assert running.provider.looked_up == []
    running.clock.advance(1)
    running.provider.known["CA1"] = DeliveryStatus.NO_ANSWER
    async with watching(running, browser) as page:
        assert (await page.event())["status"] == "The call is about to start."
        await running.verifier.reconcile()
        assert (await page.event())["status"] == "Nobody answered the call."
    assert running.provider.looked_up == ["CA1"]


async def test_a_call_without_any_callback_is_unknown_once_it_must_be_over(running: RunningApp) -> None:
    browser = running.browser()
    delivery = await running.started(browser, channel="call")
    for _ in range(8):
        running.clock.advance(DEFAULT_POLICY.quiet_timeout)
        await running.verifier.reconcile()
    stored = (await running.store.read(ByDelivery(delivery))).delivery(delivery)
    assert stored is not None
    assert stored.status is DeliveryStatus.UNKNOWN
    assert "begin-again" in (await open_page(browser)).next


@pytest.mark.parametrize(("fallback", "calls"), [(Fallback.OFFER, 0), (Fallback.AUTO, 1)])
async def test_a_text_that_cannot_be_delivered_rings_once_where_the_operator_wants_it(
    tmp_path: Path, fallback: Fallback, calls: int
) -> None:
    async with running_app(tmp_path / "store.db", policy=replace(DEFAULT_POLICY, fallback=fallback)) as running:
        browser = running.browser()
        code = await running.started(browser)
        for _ in range(3):
            await text_said(running, "undelivered", ErrorCode="30006")
        assert len(running.provider.calls) == calls
        expected = "The call is about to start." if calls else "The text message could not be delivered."
        assert (await open_page(browser)).one("p", id="progress").text == expected
        await browser.post(path_of("check_code"), {"code": code})
        assert (await open_page(browser)).state == "welcome"


# A new code near the deadline.


@pytest.mark.parametrize("step", ["repeat", "call"])
async def test_near_the_end_every_other_button_brings_a_new_code_as_well(running: RunningApp, step: str) -> None:
    browser = running.browser("en-US")
    first = await running.started(browser)
    running.clock.advance(DEFAULT_POLICY.code_lifetime - 31)
    await text_said(running, "delivered")
    await browser.post(path_of("next_step"), {"next": step})
    assert (await open_page(browser)).one("p", id="time").text == "This code works for 5 more minutes"
    if step == "call":
        code = await Phone(running.twilio, running.provider.calls[-1][0], "CA2").read_code()
    else:
        code = running.provider.texts[-1].code
    assert code != first
    await browser.post(path_of("check_code"), {"code": code})
    assert (await open_page(browser)).state == "welcome"


async def test_near_the_end_one_press_brings_a_new_code_and_two_presses_only_one(running: RunningApp) -> None:
    browser = running.browser()
    first = await running.started(browser)
    running.clock.advance(DEFAULT_POLICY.code_lifetime - 31)
    await text_said(running, "delivered")
    await asyncio.gather(*(browser.post(path_of("next_step"), {"next": "begin-again"}) for _ in range(3)))
    codes = [order.code for order in running.provider.texts]
    assert codes[0] == first != codes[1]
    assert len(codes) == 2
    assert (await open_page(browser)).one("p", id="time").text == "This code works for 5 more minutes"
    await browser.post(path_of("check_code"), {"code": codes[1]})
    assert (await open_page(browser)).state == "welcome"


async def test_the_code_that_is_typed_on_the_phone_has_a_page_that_asks_again_without_scripts(
    tmp_path: Path,
) -> None:
    async with running_app(tmp_path / "typed.db", style=CallStyle.KEY) as running:
        browser = running.browser()
        await browser.post(
            path_of("start"), {"username": "ada", "phone": "+14155550100", "channel": "call", "style": "key"}
        )
        page = await open_page(browser)
    assert page.one("p", **{"class": "code shown"}).text.isdigit()
    assert page.all("meta", **{"http-equiv": "refresh"})
    assert page.all("input") == []


# Bounds.


async def progress(running: RunningApp, browser: Browser, app: ASGIApp, query: str = "") -> Answer:
    """A request for the stream that is refused, or ends by itself."""
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return await send_request(app, "GET", path_of("live_updates") + query, headers=[("cookie", cookie)])


async def refusal(app: ASGIApp, browser: Browser) -> tuple[int, str]:
    """The status and Retry-After of a request for a stream, from a server that can hand the connection over."""
    started: list[Message] = []

    async def send(message: Message) -> None:
        started.append(message)

    await app({**_scope(browser), "extensions": {STREAM: lambda _: None}}, _no_body, send)
    return started[0]["status"], dict(started[0]["headers"]).get(b"retry-after", b"").decode()


async def test_a_session_has_three_streams_and_a_page_beyond_asks_for_single_events(running: RunningApp) -> None:
    browser, app = running.browser(), served_at(running, QUICK)
    await running.started(browser)
    async with AsyncExitStack() as open_pages:
        for _ in range(MAX_OF_SESSION):
            await (await open_pages.enter_async_context(watching(running, browser, app=app))).event()
        assert await refusal(app, browser) == (503, "5")
        single = await progress(running, browser, app, "?once")
        assert (single.status, json.loads(single.text.removeprefix("data: "))["state"]) == (200, "code")
    async with watching(running, browser, app=app) as page:
        assert (await page.event())["state"] == "code"


@pytest.mark.parametrize("bound", ["MAX_OF_SOURCE", "MAX_STREAMS"])
async def test_a_source_and_the_process_have_a_bound(
    running: RunningApp, bound: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live, bound, 4)
    browsers, app = [running.browser() for _ in range(5)], served_at(running, QUICK)
    for n, browser in enumerate(browsers):
        await running.started(browser, username=f"ada {n}", phone=f"+14155550{n:03}")
    async with AsyncExitStack() as open_pages:
        for browser in browsers[:4]:
            await (await open_pages.enter_async_context(watching(running, browser, app=app))).event()
        assert await refusal(app, browsers[4]) == (503, "5")
        assert "no more event streams" in caplog.text
    async with watching(running, browsers[4], app=app) as page:
        assert (await page.event())["state"] == "code"


async def test_a_session_that_does_not_exist_gets_one_event_and_no_stream(running: RunningApp) -> None:
    browser = running.browser()
    await browser.get("/")
    answer = await asyncio.wait_for(progress(running, browser, running.app), PATIENCE)
    assert (answer.status, json.loads(answer.text.removeprefix("data: "))["state"]) == (200, "form")
    looks = running.store.polls
    await asyncio.sleep(5 * QUICK.poll)
    assert running.store.polls == looks


async def test_a_heartbeat_reads_nothing(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    async with watching(running, browser, refresh=RefreshIntervals(poll=0.002, heartbeat=0.01, longest=60)) as page:
        await page.event()
        await page.line()  # by now the first look at the changes is over, which wakes every page
        reads = running.store.session_reads
        assert [await page.line() for _ in range(5)] == [":"] * 5
        assert running.store.session_reads == reads


async def test_what_changes_with_time_alone_is_not_sent_again(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    async with watching(running, browser) as page:
        await page.event()
        running.clock.advance(5)
        with another_program(running.path) as other:
            newest = "(SELECT coalesce(max(n), 0) FROM changes)"
            other.execute(f"INSERT INTO changes (n, verification) SELECT {newest} + 1, sid FROM verifications")
        reads = running.store.session_reads
        async with asyncio.timeout(PATIENCE):
            while running.store.session_reads == reads:
                await asyncio.sleep(QUICK.poll)
        await settled(running)
        assert page.lines.empty()


async def test_an_open_page_keeps_no_task(running: RunningApp) -> None:
    browser, app = running.browser(), served_at(running, QUICK)
    await running.started(browser)
    before = {repr(task.get_coro()) for task in asyncio.all_tasks()}
    async with watching(running, browser, app=app) as page:
        await page.event()
        await settled(running)
        tasks = {repr(task.get_coro()) for task in asyncio.all_tasks()}
    assert [task for task in tasks - before if "PageNotifier._poll" not in task] == []


async def test_a_connection_that_is_closed_before_it_is_taken_over_keeps_no_place(running: RunningApp) -> None:
    browser, app = running.browser(), served_at(running, QUICK)
    await running.started(browser)

    async def send(_: Message) -> None:
        pass

    async def hang_up(_: Message) -> None:
        raise ConnectionResetError

    for _ in range(MAX_OF_SESSION):
        await app({**_scope(browser), "extensions": {STREAM: lambda _: None}}, _no_body, send)
        with pytest.raises(ConnectionResetError):
            await app({**_scope(browser), "extensions": {STREAM: lambda _: None}}, _no_body, hang_up)
    async with watching(running, browser, app=app) as page:
        assert (await page.event())["state"] == "code"


async def test_a_server_that_cannot_hand_a_connection_over_leaves_the_page_to_single_events(
    running: RunningApp,
) -> None:
    browser = running.browser()
    await running.started(browser)
    assert (await progress(running, browser, running.app)).status == 503
    assert (await progress(running, browser, running.app, "?once")).status == 200
