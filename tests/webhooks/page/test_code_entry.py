"""The code in a browser without scripts: right, wrong, late and malformed."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.app import PHONE, RunningApp, open_page, page_of, running_app
from tests.support.asgi_client import Browser
from tests.support.html import Page
from tests.support.page import press, send, wrong
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY
from webhooks.app import create_app


async def test_the_right_code_is_welcomed_by_name(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    answer = await send(browser, "check_code", code=code)
    assert (answer.status, answer.header("location"), answer.body) == (303, "/", b"")
    page = await open_page(browser)
    assert (page.state, page.heading) == ("welcome", "Welcome, ada")


async def test_the_welcome_leads_on_where_the_operator_says_and_says_that_it_is_over_where_not(
    running: RunningApp,
) -> None:
    browser = running.browser()
    await send(browser, "check_code", code=await running.started(browser))
    page = await open_page(browser)
    assert "You can close this page." in page.one("main").text
    assert page.all("a", **{"class": "button"}) == []
    assert page.one("a", href="/?edit").text == "Confirm another number"
    welcome_url = "https://example.com/?a=1&b=2"
    app = create_app(replace(running.context, welcome_url=welcome_url))
    page = Page((await Browser(app, cookies=browser.cookies).get("/")).text)
    link = page.one("a", **{"class": "button"})
    assert (link.text, link.attributes["href"]) == ("Continue", welcome_url)
    assert "close this page" not in page.one("main").text


async def test_the_code_may_be_typed_with_spaces_dashes_and_other_digits(running: RunningApp) -> None:
    for spelled in (" {0}{1}{2} {3}{4}{5} ", "{0}-{1}-{2}-{3}-{4}-{5}", "{0}{1}{2}\u2013{3}{4}{5}", "ARABIC"):
        browser = running.browser()
        code = await running.started(browser)
        typed = spelled.format(*code)
        if spelled == "ARABIC":
            typed = "".join(chr(0x0660 + int(digit)) for digit in code)
        await send(browser, "check_code", code=typed)
        assert (await open_page(browser)).state == "welcome", spelled


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the code."),
        ("   ", "Enter the code."),
        ("1" * 10_240, "The code has 6 digits. Check it and try again."),
        ("12345\0", "The code has 6 digits. Check it and try again."),
        ("1.5e10", "The code has only numbers."),
        ("12345O", "The code has only numbers."),
        ("abcdef", "The code has only numbers."),
        ("x" * 10_240, "The code has only numbers."),
    ],
)
async def test_a_malformed_code_is_reported_and_not_counted_as_a_check(
    running: RunningApp, typed: str, sentence: str
) -> None:
    browser = running.browser()
    code = await running.started(browser)
    before = running.rows()
    answer = await send(browser, "check_code", code=typed)
    page = page_of(answer)
    assert (answer.status, page.state, page.problems) == (400, "code", {"code": sentence})
    assert page.fields == {"code": ""}
    assert running.rows() == before
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).state == "welcome"


@pytest.mark.parametrize("typed", ["12345", "1234567", "0"])
async def test_fewer_or_more_digits_are_a_wrong_code_and_cost_the_try(running: RunningApp, typed: str) -> None:
    """1.2 Leading zeros survive: 123 is no other spelling of 000123."""
    browser = running.browser()
    code = await running.started(browser)
    assert (await send(browser, "check_code", code=typed)).status == 303
    assert (await open_page(browser)).state == "ended"
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).state == "ended"


async def test_a_code_without_its_field_is_not_counted(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    assert page_of(await send(browser, "check_code")).problems == {"code": "Enter the code."}


async def test_a_wrong_code_ends_it_and_the_right_one_comes_too_late(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    assert (await send(browser, "check_code", code=wrong(code))).status == 303
    page = await open_page(browser)
    assert page.state == "ended"
    assert page.heading == "That code isn't right"
    assert page.next == ["begin-again", "change"]
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).state == "ended"


async def test_a_wrong_code_hangs_up_the_call_that_still_says_it(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser, channel="call")
    await send(browser, "check_code", code="000000")
    assert running.provider.hung_up == ["CA1"]


async def test_one_press_begins_again_with_the_same_details_and_a_new_code(running: RunningApp) -> None:
    browser = running.browser()
    first = await running.started(browser, username="Ada L.")
    await send(browser, "check_code", code=wrong(first))
    assert "+1 415-555-0100" in (await open_page(browser)).text
    page = await press(browser, "begin-again")
    assert page.state == "code"
    second = running.provider.texts[1]
    assert (second.to, second.code != first) == (running.provider.texts[0].to, True)
    await send(browser, "check_code", code=second.code)
    assert (await open_page(browser)).heading == "Welcome, Ada L."


async def test_begin_again_uses_the_same_channel(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser, channel="call")
    await send(browser, "check_code", code="000000")
    await press(browser, "begin-again")
    assert (len(running.provider.calls), len(running.provider.texts)) == (2, 0)


async def test_more_checks_are_counted_down_in_words(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", policy=LENIENT_POLICY) as running:
        browser = running.browser()
        code = await running.started(browser)
        for left in (4, 3, 2, 1):
            answer = await send(browser, "check_code", code=wrong(code))
            assert answer.status == 303
            page = await open_page(browser, answer.header("location") or "")
            assert page.problems == {"code": f"That code isn't right. Tries left: {left}"}
            assert page.one("title").text.startswith("Error: ")
            later = await open_page(browser)
            assert (later.problems, f"Tries left: {left}" in later.text) == ({}, True)
        await send(browser, "check_code", code=wrong(code))
        assert (await open_page(browser)).state == "ended"


async def test_a_code_does_not_outlive_its_deadline(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    running.clock.advance(DEFAULT_POLICY.code_lifetime)
    for _ in range(2):
        page = await open_page(browser)
        assert (page.state, page.heading, page.next) == ("ended", "The code has expired", ["begin-again", "change"])
        await send(browser, "check_code", code=code)


async def test_the_time_left_is_shown_in_words_with_a_warning_before_the_end(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    shown_times = []
    for seconds in (0, 60, 150, 60):
        running.clock.advance(seconds)
        page = await open_page(browser)
        shown_times.append((page.one("p", **{"class": "time"}).text, page.one("div", id="note").text))
    assert shown_times == [
        ("This code works for 5 more minutes", ""),
        ("This code works for 4 more minutes", ""),
        ("This code works for one more minute", ""),
        ("This code works for less than a minute", "This code expires soon. You can ask for a new one at any time."),
    ]


async def test_a_code_in_an_address_is_ignored(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    before = running.rows()
    for target in (f"/?code={code}", f"/?username=ada&phone={PHONE}&code={code}"):
        assert (await open_page(browser, target)).state == "code"
    assert page_of(await browser.post(f"/code?code={code}", {})).problems == {"code": "Enter the code."}
    assert running.rows() == before


async def test_the_code_is_on_no_page_and_in_no_header(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    answers = [await browser.get("/"), await send(browser, "check_code", code=code + "7"), await browser.get("/?edit")]
    answers += [await send(browser, "check_code", code=code), await browser.get("/")]
    for answer in answers:
        assert code not in answer.text
        assert code not in str(answer.headers)
