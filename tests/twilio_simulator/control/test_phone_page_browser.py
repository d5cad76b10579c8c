"""The page of phones in a browser, with nothing but the simulator: the list, paths, media, two connected phones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.browsers import browser as open_browser
from tests.support.simulator import UNTIL_HUNG_UP, served, twiml
from twilio_simulator.app import create_app
from twilio_simulator.core.clock import ManualClock
from twilio_simulator.testing import TestTwilio

SHOP = "+14155550199"
PHONES = [f"+141555501{index:02}" for index in range(14)]
LONG_PATH = "/webhooks/conversations/0123456789abcdef/continued/answered"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


async def shop(request: Request) -> Response:
    forward = twiml(f"<Dial>{PHONES[1]}</Dial>")
    return Response(forward if request.url.path == "/forward" else UNTIL_HUNG_UP, media_type="text/xml")


@pytest.fixture
def twilio() -> Iterator[TestTwilio]:
    """A simulator with as many phones as a day of tests leaves, and a number that forwards its calls."""
    app = create_app(account_sid="AC" + "1" * 32, auth_token="t" * 32, clock=ManualClock(), calls_per_second=None)
    with served(app) as server, served(Starlette(routes=[Route("/{path:path}", shop, methods=["POST"])])) as customer:
        twilio = TestTwilio(server, app.state.twilio)
        for number in PHONES:
            twilio.phone(number)
        twilio.add_number(SHOP, voice_url=f"{customer.url}/forward")
        twilio.customer = customer.url  # type: ignore[attr-defined]  # for the tests below
        yield twilio


@pytest.fixture
def page(chromium: Browser, twilio: TestTwilio) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 1300, "height": 800}, reduced_motion="reduce")
    page.goto(f"{twilio.url}/#{PHONES[0]}")
    expect(page.locator("#link")).to_contain_text("Connected")
    yield page
    page.close()


def place(page: Page, number: str) -> int:
    """The place of a phone in the list."""
    return [item.get_attribute("data-number") for item in page.locator("#phones li").all()].index(number)


def test_a_phone_that_rings_is_first_in_the_list_and_stays_ahead_of_older_ones(page: Page, twilio: TestTwilio) -> None:
    expect(page.locator("#phones li")).to_have_count(len(PHONES))
    twilio.phone(PHONES[3]).text(SHOP, "Hello")
    expect(page.locator("#phones li").first).to_have_attribute("data-number", PHONES[3])
    twilio.advance(5)
    twilio.phone(PHONES[0]).call(SHOP)
    expect(page.locator("#phones li").first).to_have_attribute("data-number", PHONES[1])
    expect(page.locator("#phones li").first).to_contain_text("Ringing")
    twilio.phone(PHONES[1]).decline()
    expect(page.locator(f"#phones [data-number='{PHONES[1]}']")).not_to_contain_text("Ringing")
    assert place(page, PHONES[3]) == 2
    page.reload()
    expect(page.locator("#phones li")).to_have_count(len(PHONES))
    assert {place(page, PHONES[0]), place(page, PHONES[1])} == {0, 1}
    assert place(page, PHONES[3]) == 2


def test_what_goes_wrong_stays_in_view_however_many_phones_there_are(page: Page) -> None:
    box = page.locator("#phones").bounding_box()
    assert box is not None
    assert box["height"] < 500


def test_the_focus_stays_on_its_phone_when_the_list_changes(page: Page, twilio: TestTwilio) -> None:
    button = page.locator(f"#phones [data-number='{PHONES[5]}'] button")
    button.focus()
    twilio.phone(PHONES[7]).text(SHOP, "Hello")
    expect(page.locator("#phones li").first).to_have_attribute("data-number", PHONES[7])
    expect(button).to_be_focused()


def test_a_path_breaks_after_a_slash_and_not_inside_a_word(page: Page, twilio: TestTwilio) -> None:
    page.set_viewport_size({"width": 1000, "height": 800})
    page.get_by_label("Only this phone").uncheck()
    twilio.add_number(SHOP, voice_url=twilio.customer + LONG_PATH)  # type: ignore[attr-defined]
    twilio.phone(PHONES[0]).call(SHOP)
    row = page.locator("#log .what", has_text="answered")
    expect(row).to_be_visible()
    row.evaluate("row => { row.style.width = '12rem'; row.style.display = 'block'; }")
    lines: list[str] = row.evaluate(
        """row => {
            const lines = [];
            const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                if (node.parentNode !== row) continue;
                const range = document.createRange();
                range.selectNodeContents(node);
                lines.push([node.data, new Set([...range.getClientRects()].map((box) => box.top)).size]);
            }
            return lines.filter(([, count]) => count > 1).map(([text]) => text);
        }"""
    )
    assert lines == []


def test_the_media_of_a_text_are_shown_by_their_addresses(page: Page, twilio: TestTwilio) -> None:
    twilio.phone(PHONES[0]).text(SHOP, "A picture", media=("https://media.example/cat.jpg",))
    page.locator("#tab-texts").click()
    expect(page.locator("#thread a")).to_have_attribute("href", "https://media.example/cat.jpg")


def test_a_forwarded_call_rings_on_the_other_phone_and_both_are_connected(page: Page, twilio: TestTwilio) -> None:
    twilio.phone(PHONES[0]).call(SHOP)
    page.locator(f"#phones [data-number='{PHONES[1]}'] button").click()
    expect(page.locator("#who")).to_have_text("+1 415 555 0100")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator("#state")).to_have_text("Connected")
    twilio.phone(PHONES[0]).speak("Is this the shop?")
    expect(page.locator("#tape")).to_contain_text("Is this the shop?")
    page.get_by_role("button", name="Hang up", exact=True).click()
    expect(page.locator("#state")).to_contain_text("Call ended")
