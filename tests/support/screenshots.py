"""Makes docs/pictures from the real pages: `make pictures`."""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.support.browsers import BrowserSetup, browser, browser_setup
from twilio_simulator.core.clock import RealClock

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
NUMBER = "+14155550100"
PERSON = "ann"
FORM = ViewportSize(width=440, height=300)
DESK = ViewportSize(width=1300, height=850)


def main() -> int:
    """Make all of them; the exit code."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        browser_setup(
            Path(folder), clock=RealClock(speed=3), SAYCODE_WELCOME_URL="https://example.com/account"
        ) as setup,
        browser() as chromium,
    ):
        for scene, size, sharpness in ((_by_text, FORM, 1.5), (_by_call, DESK, 1)):
            context = chromium.new_context(
                viewport=size, device_scale_factor=sharpness, reduced_motion="reduce", locale="en-US"
            )
            scene(context.new_page(), context.new_page(), setup)
            context.close()
    for picture in sorted(PICTURES.glob("*.png")):
        print(f"{picture.relative_to(PICTURES.parent.parent)}  {picture.stat().st_size // 1000} kB")
    return 0


def _by_text(page: Page, phone: Page, setup: BrowserSetup) -> None:
    """The four faces of the page."""
    phone.goto(setup.desk(NUMBER))
    _fill(page, setup)
    _take(page, "page-form")
    page.locator("[name=channel][value=sms]").check()
    _send(page)
    _take(page, "page-code")
    page.locator("#code").fill("000000")
    page.locator("#code").press("Enter")
    expect(page.locator("body")).to_have_attribute("data-state", "ended")
    _take(page, "page-ended")
    page.locator("button[value=begin-again]").click()
    expect(phone.locator("#thread .theirs")).to_have_count(2)
    page.locator("#code").fill(_found(phone.locator("#thread .theirs").last, r"code is (\d+)"))
    page.locator("#code").press("Enter")
    expect(page.locator("body")).to_have_attribute("data-state", "welcome")
    _take(page, "page-welcome")


def _by_call(page: Page, phone: Page, setup: BrowserSetup) -> None:
    """The phone rings, and then says the code."""
    phone.goto(setup.desk(NUMBER))
    phone.locator("#clear").click()
    _fill(page, setup)
    _send(page)
    expect(phone.locator("#handset")).to_have_attribute("data-state", "ringing")
    expect(phone.locator("#log")).to_contain_text("Status callback: ringing")
    phone.locator("h1").click()
    _take(phone, "phone-ringing")
    phone.locator("#answer").click()
    keys = _found(phone.locator("#tape"), r"three keys: (\d, \d, \d)")
    for key in keys.split(", "):
        phone.keyboard.press(key)
    _found(phone.locator("#tape"), r"(Once more)")
    phone.locator("#log li", has_text="/answered").locator("summary").click()
    expect(phone.locator("#log .inside pre")).to_be_visible()
    phone.evaluate("wire.scrollTop = wire.querySelector('details[open]').offsetTop - wire.offsetTop - 36")
    _take(phone, "phone-call")


def _fill(page: Page, setup: BrowserSetup) -> None:
    page.goto(setup.address)
    page.locator("#username").fill(PERSON)
    page.locator("#phone").fill(NUMBER)
    expect(page.locator("#phone")).to_have_value("+1 415-555-0100")


def _send(page: Page) -> None:
    page.locator("main button").click()
    expect(page.locator("body")).to_have_attribute("data-state", "code")


def _found(box: Locator, pattern: str) -> str:
    expect(box).to_have_text(re.compile(pattern), timeout=10_000)
    found = re.search(pattern, box.inner_text())
    assert found
    return found[1]


def _take(page: Page, name: str) -> None:
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=PICTURES / f"{name}.png", full_page=name.startswith("page"))


if __name__ == "__main__":
    sys.exit(main())
