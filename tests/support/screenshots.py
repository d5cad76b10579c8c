"""Makes docs/pictures from the real pages: `make pictures`. The fonts are those of the machine."""

import base64
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.support.browsers import BrowserSetup, browser, browser_setup
from tests.support.console import served_console
from tests.support.page_states import Walk, account_setup, state_setup
from twilio_simulator.core.clock import RealClock

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
NUMBER = "+14155550100"
DESK = ViewportSize(width=1300, height=850)
WIDE, NARROW = 400, 320
#: Of the WebP files.
QUALITY = 0.7
SHEET_SCALE = 0.6
#: The pictures of docs/page.md, each of a row of states.
FIRST = ("form", "ringing", "welcome")
ROWS = {
    "page-form": ("form", "errors", "another-country", "languages"),
    "page-call": ("ringing", "other-ways", "answered", "heard"),
    "page-failures": ("busy", "voicemail", "not-delivered", "not-reached"),
    "page-text": ("text", "wrong-code", "tries-left", "expires-soon"),
    "page-typed": ("typed", "typed-answered", "not-typed"),
    "page-ended": ("wrong", "expired", "reported", "never-again"),
    "page-accounts": ("accounts-form", "accounts-call", "accounts-wrong-code", "accounts-expired"),
}
#: All states at once: language, color scheme, width.
SHEETS: dict[str, tuple[str, Literal["light", "dark"], int]] = {
    "page-dark": ("en-US", "dark", WIDE),
    "page-right-to-left": ("ar", "light", WIDE),
    "page-narrow": ("de-DE", "light", NARROW),
}
States = dict[str, bytes]


def main() -> int:
    """Make all of them; the exit code."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        pictures = _phone(chromium) | _console(chromium)
        pictures |= {name: _in_rows([states], chromium) for name, states in _rows(chromium)}
        for name, (language, scheme, width) in SHEETS.items():
            taken = list(_states(chromium, language, scheme, width, scale=SHEET_SCALE).items())
            pictures[name] = _in_rows([dict(taken[at : at + 6]) for at in range(0, len(taken), 6)], chromium)
        for name, picture in pictures.items():
            (PICTURES / f"{name}.webp").write_bytes(picture)
    for file in sorted(PICTURES.iterdir()):
        print(f"{file.relative_to(PICTURES.parent.parent)}  {file.stat().st_size // 1000} kB")
    return 0


def _rows(chromium: Browser) -> Iterator[tuple[str, States]]:
    yield "page", {state: png for state, png in _as_set_up(chromium).items() if state in FIRST}
    states = _states(chromium, "en-US", "light", WIDE)
    for name, row in ROWS.items():
        yield name, {state: states[state] for state in row}


def _states(
    chromium: Browser, language: str, scheme: Literal["light", "dark"], width: int, *, scale: float = 1
) -> States:
    """A picture of each state of the page."""
    taken: States = {}
    setups = ((state_setup, Walk.states), (account_setup, Walk.in_accounts_mode))
    for make, walk in setups:
        with (
            tempfile.TemporaryDirectory() as folder,
            make(Path(folder)) as setup,
            _page(
                chromium,
                locale=language,
                color_scheme=scheme,
                viewport=ViewportSize(width=width, height=600),
                device_scale_factor=scale,
            ) as page,
        ):
            for state in walk(Walk(setup, page)):
                taken[state] = page.screenshot(full_page=True)
    return taken


def _as_set_up(chromium: Browser) -> States:
    """The page of an operator who has changed nothing but the name and the address that the welcome leads to."""
    settings = {"SAYCODE_CALL_STYLE": "say", "SAYCODE_WELCOME_URL": "https://example.com/account"}
    size = ViewportSize(width=WIDE, height=660)
    with (
        tempfile.TemporaryDirectory() as folder,
        state_setup(Path(folder), **settings) as setup,
        _page(chromium, locale="en-US", viewport=size, device_scale_factor=1.5) as page,
    ):
        walk = Walk(setup, page)
        return {state: page.screenshot(full_page=True) for part in (walk.form, walk.call) for state in part()}


@contextmanager
def _page(chromium: Browser, **settings: Any) -> Iterator[Page]:
    context = chromium.new_context(reduced_motion="reduce", **settings)
    yield context.new_page()
    context.close()


def _in_rows(rows: Iterable[States], chromium: Browser) -> bytes:
    """One picture of many, with their names."""
    figures = "".join(
        f"<section>{''.join(_figure(state, png) for state, png in row.items())}</section>" for row in rows
    )
    style = """
        body { margin: 0; padding: 24px; width: max-content; background: #8a8f92; font: 600 20px sans-serif; }
        section { display: flex; gap: 24px; align-items: start; } section + section { margin-top: 24px }
        figure { margin: 0; } img { display: block; border-radius: 12px; } figcaption { padding: 8px 4px; color: #fff; }
    """
    with _page(chromium, viewport=ViewportSize(width=800, height=600)) as page:
        page.set_content(f"<!doctype html><style>{style}</style>{figures}")
        page.wait_for_function("[...document.images].every((image) => image.complete)")
        return _webp(page, page.locator("body").screenshot())


def _figure(state: str, png: bytes) -> str:
    return f"<figure><img src='{_address(png)}' alt=''><figcaption>{state.replace('-', ' ')}</figcaption></figure>"


def _address(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _webp(page: Page, png: bytes) -> bytes:
    """The same picture in a fifth of the size."""
    encoded = page.evaluate(
        """async ([address, quality]) => {
            const image = await createImageBitmap(await (await fetch(address)).blob());
            const { width, height } = image;
            const canvas = Object.assign(document.createElement("canvas"), { width, height });
            canvas.getContext("2d").drawImage(image, 0, 0);
            return canvas.toDataURL("image/webp", quality).split(",")[1];
        }""",
        [_address(png), QUALITY],
    )
    return base64.b64decode(encoded)


def _phone(chromium: Browser) -> States:
    """The phone rings, and then says the code."""
    with (
        tempfile.TemporaryDirectory() as folder,
        browser_setup(Path(folder), clock=RealClock(speed=3)) as setup,
        _page(chromium, viewport=DESK, locale="en-US") as page,
        _page(chromium, viewport=DESK, locale="en-US") as phone,
    ):
        phone.goto(setup.desk(NUMBER))
        phone.locator("#clear").click()
        _ask_for_a_call(page, setup)
        expect(phone.locator("#handset")).to_have_attribute("data-state", "ringing")
        expect(phone.locator("#log")).to_contain_text("Status callback: ringing")
        phone.locator("h1").click()
        ringing = _webp(page, phone.screenshot())
        phone.locator("#answer").click()
        for key in _found(phone.locator("#tape"), r"three keys: (\d, \d, \d)").split(", "):
            phone.keyboard.press(key)
        _found(phone.locator("#tape"), r"(Once more)")
        phone.locator("#log li", has_text="/answered").locator("summary").click()
        expect(phone.locator("#log .inside pre")).to_be_visible()
        phone.evaluate("log.scrollTop = log.querySelector('details[open]').offsetTop - log.offsetTop - 36")
        phone.evaluate("document.activeElement.blur()")
        return {"phone-ringing": ringing, "phone-call": _webp(page, phone.screenshot())}


def _console(chromium: Browser) -> States:
    """A story, the page of its number, the page Now, and the charts of a day."""
    with (
        tempfile.TemporaryDirectory() as folder,
        served_console(Path(folder)) as console,
        _page(chromium, viewport=DESK, locale="en-US") as page,
        _page(chromium, viewport=DESK, locale="en-US") as drawn,
    ):
        console.sign_in(page)
        now = _webp(drawn, page.screenshot(full_page=True))
        page.locator("main a[href*='/verifications/']").first.click()
        story = _webp(drawn, page.screenshot())
        page.get_by_role("button", name="All about this number").click()
        person = _webp(drawn, page.screenshot())
        page.get_by_role("link", name="Charts").click()
        charts = _webp(drawn, page.screenshot())
        return {"console-story": story, "console-person": person, "console-now": now, "console-charts": charts}


def _ask_for_a_call(page: Page, setup: BrowserSetup) -> None:
    page.goto(setup.address)
    page.locator("#username").fill("ann")
    page.locator("#phone").fill(NUMBER)
    page.locator("form[action^='/start'] button").click()
    expect(page.locator("body")).to_have_attribute("data-state", "code")
    page.goto("about:blank")  # where pictures may be drawn


def _found(box: Locator, pattern: str) -> str:
    expect(box).to_have_text(re.compile(pattern), timeout=10_000)
    found = re.search(pattern, box.inner_text())
    assert found
    return found[1]


if __name__ == "__main__":
    sys.exit(main())
