"""The cookies of browsers: two that compete, answers that were lost, and forms of other sites."""

import asyncio
from pathlib import Path

import pytest

from tests.support.app import RunningApp, open_page, path_of, running_app
from tests.support.page import DETAILS, send, wrong
from verification.models import EventKind
from verification.policy import DEFAULT_POLICY
from verification.ports import BySession
from webhooks.page import session

COOKIE = "__Host-saycode"


async def test_another_browser_with_the_same_details_ends_the_older(running: RunningApp) -> None:
    first, second = running.browser(), running.browser()
    code = await running.started(first)
    newer = await running.started(second)
    page = await open_page(first)
    assert (page.state, page.next) == ("ended", ["begin-again", "change"])
    assert page.heading == "This code is no longer valid"
    assert "Only the most recent code works." in page.text
    await send(first, "check_code", code=code)
    await send(first, "check_code", code=newer)
    assert (await open_page(first)).state == "ended"
    await send(second, "check_code", code=newer)
    assert (await open_page(second)).state == "welcome"


async def test_a_code_opens_only_the_browser_that_asked_for_it(running: RunningApp) -> None:
    code = await running.started(running.browser())
    other_browser = running.browser()
    await send(other_browser, "check_code", code=code)
    assert (await open_page(other_browser)).state == "form"
    other_browser.cookies = {COOKIE: "0" * 64}
    await send(other_browser, "check_code", code=code)
    assert (await open_page(other_browser)).state == "form"


async def test_a_lost_answer_is_given_again_within_a_minute_and_approves_once(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    old = dict(browser.cookies)
    await send(browser, "check_code", code=code)
    verification = (await running.store.read(BySession(session.session_id(browser.cookies[COOKIE])))).verification
    browser.cookies = dict(old)
    running.clock.advance(60)
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).heading == "Welcome, ada"
    assert verification is not None
    story = [event.kind for event in await running.store.events(verification.sid)]
    assert story.count(EventKind.APPROVED) == 1


async def test_a_lost_answer_is_not_given_for_another_code_or_later(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    old = dict(browser.cookies)
    await send(browser, "check_code", code=code)
    for typed, seconds in ((wrong(code), 0), (code, 61)):
        browser.cookies = dict(old)
        running.clock.advance(seconds)
        await send(browser, "check_code", code=typed)
        assert (await open_page(browser)).state == "form"


async def test_the_session_is_renewed_at_approval_and_the_old_cookie_shows_the_form(running: RunningApp) -> None:
    browser, thief = running.browser(), running.browser()
    code = await running.started(browser)
    thief.cookies = dict(browser.cookies)
    await send(browser, "check_code", code=code)
    assert browser.cookies != thief.cookies
    assert (await open_page(thief)).state == "form"
    assert (await open_page(browser)).state == "welcome"


async def test_a_double_click_on_the_form_rings_once(running: RunningApp) -> None:
    browser = running.browser()
    await open_page(browser)
    details = DETAILS | {"channel": "call"}
    answers = await asyncio.gather(*(browser.post(path_of("start"), details) for _ in range(3)))
    assert [answer.status for answer in answers] == [303, 303, 303]
    assert len(running.provider.calls) == 1
    assert (await open_page(browser)).state == "code"


async def test_right_codes_sent_twice_at_once_are_one_approval_and_a_welcome(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    await asyncio.gather(*(send(browser, "check_code", code=code) for _ in range(5)))
    assert (await open_page(browser)).state == "welcome"


async def test_a_form_from_elsewhere_is_refused_and_changes_nothing(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    before = running.rows()
    for site in ("cross-site", "same-site", "", "Same-Origin", "something new"):
        for route, fields in (("start", DETAILS), ("check_code", {"code": code}), ("next_step", {"next": "change"})):
            answer = await browser.post(path_of(route), fields, site=site)
            assert (answer.status, answer.all("set-cookie")) == (403, []), (site, route)
    assert running.rows() == before
    assert running.provider.asked == 1


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://verify.example", 303),
        ("https://evil.example", 403),
        ("https://verify.example.evil.example", 403),
        ("http://verify.example", 403),
        ("https://verify.example:8443", 403),
        ("null", 403),
    ],
)
async def test_a_browser_without_fetch_metadata_is_judged_by_the_origin(
    running: RunningApp, origin: str, status: int
) -> None:
    answer = await running.browser().post(path_of("start"), DETAILS, site=None, headers=[("origin", origin)])
    assert answer.status == status
    assert running.provider.asked == (status == 303)


async def test_an_older_browser_that_hides_its_origin_is_known_by_its_cookie(running: RunningApp) -> None:
    """Under `no-referrer` browsers send `Origin: null` with our own form too; a form from elsewhere has no cookie."""
    browser = running.browser()
    await open_page(browser)
    answer = await browser.post(path_of("start"), DETAILS, site=None, headers=[("origin", "null")])
    assert answer.status == 303


async def test_a_browser_that_tells_nothing_is_trusted_as_the_cookie_is_lax(running: RunningApp) -> None:
    assert (await running.browser().post(path_of("start"), DETAILS, site=None)).status == 303


async def test_the_cookie_is_out_of_reach_for_scripts_other_sites_and_sibling_hosts(running: RunningApp) -> None:
    browser = running.browser()
    for answer in (await browser.get("/"), await browser.post(path_of("start"), DETAILS)):
        name, *flags = (answer.header("set-cookie") or "").lower().split("; ")
        assert name.startswith("__host-saycode=")
        assert sorted(flags) == ["httponly", "max-age=1800", "path=/", "samesite=lax", "secure"]
    assert len(browser.cookies[COOKIE]) == 64


async def test_over_plain_http_on_loopback_the_cookie_still_works(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", public_url="http://127.0.0.1:8000") as running:
        browser = running.browser()
        code = await running.started(browser)
        assert set(browser.cookies) == {"saycode"}
        await send(browser, "check_code", code=code)
        assert (await open_page(browser)).state == "welcome"


async def test_an_unknown_cookie_shows_the_form(running: RunningApp) -> None:
    browser = running.browser()
    for value in ("", "x", "0" * 63, "0" * 65, "G" * 64, "' or 1=1", "a" * 10_240, "\u00e9" * 64):
        browser.cookies = {COOKIE: value}
        assert (await open_page(browser)).state == "form", value
        browser.cookies = {COOKIE: value}
        assert (await send(browser, "check_code", code="123456")).status == 303, value


async def test_the_store_does_not_hold_the_cookie(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    assert browser.cookies[COOKIE] not in str(running.rows())


async def test_a_session_ends_after_its_time(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    await send(browser, "check_code", code=code)
    running.clock.advance(DEFAULT_POLICY.session_lifetime)
    assert (await open_page(browser)).state == "form"
