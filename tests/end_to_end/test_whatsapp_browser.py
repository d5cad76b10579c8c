"""WhatsApp on the page in a real Chromium, with and without scripts, and a phone in a hand."""

import re
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import whatsapp
from tests.support.axe import findings
from tests.support.browsers import PATIENCE
from tests.support.browsers import browser as open_browser
from tests.support.processes import Deployment, Phone, deploy

NUMBERS = iter(f"+1415555{number:04}" for number in range(300, 399))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    settings: Any = whatsapp.SETTINGS
    with deploy(tmp_path_factory.mktemp("page"), **settings) as started:
        whatsapp.set_up(started.simulator, started.address)
        yield started


@pytest.fixture
def phone(deployment: Deployment) -> Phone:
    return deployment.phone(next(NUMBERS))


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(scripts: bool, chromium: Browser, deployment: Deployment) -> Iterator[Page]:
    with closing(chromium.new_context(locale="en-US", java_script_enabled=scripts)) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(deployment.address)
        yield page


def start(page: Page, phone: Phone) -> None:
    page.locator("#username").fill(f"ann {phone.number[-4:]}")
    page.locator("#phone").fill(phone.number)
    page.get_by_label("Send me a WhatsApp message").check()
    page.locator("form[action^='/start'] button").click()
    expect(page.locator("body")).to_have_attribute("data-state", "code")


def submit(page: Page, phone: Phone) -> None:
    hit = re.search(r"[0-9]{6}", phone.texts[-1])
    assert hit, phone.texts
    page.locator("#code").fill(hit[0])
    page.locator("form[action^='/code'] button").click()
    expect(page.locator("body")).to_have_attribute("data-state", "welcome")


def until_it_says(page: Page, sentence: str, *, scripts: bool) -> None:
    """Wait for a status of the message. A page without scripts is loaded again, as its link does."""
    until = time.monotonic() + PATIENCE
    while not scripts and page.locator("#progress").inner_text() != sentence and time.monotonic() < until:
        page.goto(page.url)
    expect(page.locator("#progress")).to_have_text(sentence)


def test_the_third_way_brings_the_code_and_the_page_tells_that_it_arrived_and_not_that_it_was_read(
    page: Page, phone: Phone, scripts: bool
) -> None:
    phone.behave(whatsapp="read")
    ways = page.locator("[name=channel]").evaluate_all("all => all.map(one => one.value)")
    assert ways == ["call", "sms", "whatsapp"]
    start(page, phone)
    phone.wait_for("text")
    until_it_says(page, "The WhatsApp message has arrived.", scripts=scripts)
    assert "read" not in page.locator("#progress").inner_text()
    assert phone.texts[-1].endswith("is your verification code.")
    submit(page, phone)


def test_a_phone_without_whatsapp_is_texted_at_the_press_of_the_first_button(
    page: Page, phone: Phone, scripts: bool
) -> None:
    phone.behave(whatsapp="absent")
    start(page, phone)
    until_it_says(page, "The WhatsApp message could not be delivered.", scripts=scripts)
    assert "63024" not in page.content()
    buttons = page.locator(".next button")
    assert buttons.evaluate_all("all => all.map(one => one.value)") == ["sms", "call", "repeat"]
    buttons.first.click()
    phone.wait_for("text")
    page.goto(page.url)
    submit_after_unfolding(page, phone)


def submit_after_unfolding(page: Page, phone: Phone) -> None:
    if not page.locator("#code").is_visible():
        page.locator("#entry summary").click()
    submit(page, phone)


def test_the_form_with_three_ways_is_accessible_and_fits_a_small_phone(
    chromium: Browser, deployment: Deployment
) -> None:
    viewport: Any = {"width": 320, "height": 640}
    for locale in ("en-US", "de-DE", "ar", "ja-JP"):
        with closing(chromium.new_context(locale=locale, viewport=viewport)) as context:
            page = context.new_page()
            page.goto(deployment.address)
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            assert page.locator("label.choice").count() == 3


def test_the_phone_in_the_browser_shows_the_message_and_writes_back_on_whatsapp(
    chromium: Browser, deployment: Deployment, phone: Phone
) -> None:
    with closing(chromium.new_context(locale="en-US")) as context:
        desk = context.new_page()
        desk.set_default_timeout(PATIENCE * 1000)
        desk.goto(f"{deployment.simulator}/#{phone.number}")
        desk.get_by_label("When a WhatsApp message comes").select_option("read")
        desk.locator("#tab-texts").click()
        desk.get_by_label("To", exact=True).select_option(f"whatsapp:{whatsapp.SENDER}")
        desk.get_by_label("Your text").fill("HELP")
        desk.get_by_role("button", name="Send").click()
        expect(desk.locator("#thread .theirs")).to_contain_text("from WhatsApp +1 415 555 0177")
        expect(desk.locator("#phones li[data-number^=whatsapp]")).to_have_count(0)
        expect(desk.locator("#controls-heading")).to_have_text("What goes wrong 1 set")
