"""Every state of the page in a real Chromium, in both directions of writing: axe-core, 320 px, dark colors, targets."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import findings
from tests.support.browsers import PATIENCE
from tests.support.browsers import browser as open_browser
from tests.support.page_states import Walk, account_setup, state_setup
from twiml.words import LANGUAGES, words

RIGHT_TO_LEFT = [tag for tag in LANGUAGES if words(tag).direction == "rtl"]
LOCALES = ["en-US", "de-DE", "pl-PL", "ja-JP", *RIGHT_TO_LEFT]
#: As at 400 % zoom of a screen that is 1280 px wide.
NARROW = 320


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[[str], Page]]:
    contexts = []

    def open_in(locale: str, **settings: str) -> Page:
        context = chromium.new_context(
            locale=locale,
            viewport={"width": NARROW, "height": 640},
            reduced_motion="reduce",
            **settings,  # type: ignore[arg-type]  # of new_context
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        return page

    yield open_in
    for context in contexts:
        context.close()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_of_the_page_is_accessible_in_light_and_dark(
    tmp_path: Path, open_page: Callable[[str], Page], locale: str
) -> None:
    page = open_page(locale)
    with state_setup(tmp_path) as setup:
        seen = [look(page, state) for state in Walk(setup, page).states()]
    assert len(seen) == len(set(seen)) > 25


@pytest.mark.parametrize("locale", ["en-US", "de-DE", *RIGHT_TO_LEFT])
def test_every_state_of_accounts_mode_is_accessible_in_light_and_dark(
    tmp_path: Path, open_page: Callable[[str], Page], locale: str
) -> None:
    page = open_page(locale)
    with account_setup(tmp_path) as setup:
        assert len([look(page, state) for state in Walk(setup, page).in_accounts_mode()]) == 4


def look(page: Page, state: str) -> str:
    """Nothing that axe-core finds, nothing wider than the screen, no target under 24 px (WCAG 2.2, 2.5.8)."""
    assert findings(page) == [], state
    page.emulate_media(color_scheme="dark")
    assert findings(page, only=("color-contrast",)) == [], f"{state}, dark"
    page.emulate_media(color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW, f"{state} is wider than the screen"
    small = page.locator("button, input, summary, label.choice, main a").evaluate_all(SMALL)
    assert small == [], f"too small to press in {state}"
    language = page.evaluate("navigator.language")
    assert page.locator("html").get_attribute("dir") == ("rtl" if language in RIGHT_TO_LEFT else "ltr")
    solid = page.locator("main :is(button, a.button):not(.quiet, .link):visible").evaluate_all(SOLID)
    assert len(solid) <= 1, f"two main buttons in {state}: {solid}"
    return state


SMALL = """all => all.filter(one => one.closest(".choice") === null || one.matches(".choice"))
    .map(one => [one.outerHTML, one.getBoundingClientRect()])
    .filter(([_, box]) => box.height > 1 && (box.height < 24 || box.width < 24)).map(([html]) => html)"""
#: Buttons that are filled: after a failure the one of the code is not.
SOLID = """all => all.filter(one => getComputedStyle(one).backgroundColor !== "rgba(0, 0, 0, 0)")
    .map(one => one.textContent)"""


def test_in_forced_colors_buttons_and_messages_keep_an_edge(tmp_path: Path, open_page: Callable[..., Page]) -> None:
    page = open_page("en-US", forced_colors="active")
    with state_setup(tmp_path) as setup:
        for state in Walk(setup, page).call():
            edges = {"welcome": ["main"]}.get(state, ["main", "#progress", "#entry button"])
            for edge in edges:
                expect(page.locator(edge).first).to_have_css("border-top-style", "solid")
