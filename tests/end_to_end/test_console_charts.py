"""The pages Now and Charts in a real Chromium: what yesterday cost, axe-core, 320 px, dark colors, no script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.axe import findings
from tests.support.browsers import PATIENCE
from tests.support.browsers import browser as open_browser
from tests.support.console import ServedConsole, served_console

PAGES = ("/now", "/charts", "/charts?span=week", "/charts?span=month")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedConsole]:
    with served_console(tmp_path_factory.mktemp("console")) as served:
        yield served


@pytest.fixture
def page(chromium: Browser, console: ServedConsole) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    console.sign_in(page)
    yield page
    context.close()


def test_what_yesterday_cost_is_seen_at_one_glance(page: Page) -> None:
    page.get_by_role("link", name="Charts").click()
    cost = page.get_by_role("region", name="What yesterday cost")
    expect(cost).to_contain_text("Tuesday, Jan 12")
    expect(cost).to_contain_text("% of the ceiling of a day")
    box = cost.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900  # without scrolling
    shown = float((cost.locator(".sum").text_content() or "").strip())
    money = page.get_by_role("region", name="Money", exact=True)
    money.locator("summary").click()
    rows = money.locator("tbody tr").all()
    hours = [float((row.locator("td").first.text_content() or "").strip()) for row in rows]
    assert len(hours) == 24
    assert shown > 0
    assert sum(hours) == pytest.approx(shown, abs=0.13)  # each is rounded


def test_earlier_and_later_days_are_a_link_away(page: Page) -> None:
    page.get_by_role("link", name="Charts").click()
    expect(page.locator(".period")).to_contain_text("Tuesday, Jan 12, 2027")
    page.get_by_role("link", name="Later").click()
    expect(page.locator(".period")).to_contain_text("Wednesday, Jan 13, 2027")
    expect(page.get_by_role("link", name="Later")).to_have_count(0)
    page.get_by_role("link", name="Week").click()
    expect(page.locator(".period")).to_contain_text("Jan 7 to Jan 13")
    page.get_by_role("link", name="Earlier").click()
    expect(page.locator(".period")).to_contain_text("Dec 31 to Jan 6")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_and_fit_a_narrow_screen(page: Page, console: ServedConsole, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    for width in (1200, 320):
        page.set_viewport_size({"width": width, "height": 800})
        for path in PAGES:
            page.goto(console.url.rstrip("/") + path)
            for details in page.locator("details").all():
                details.evaluate("element => { element.open = true; }")
            assert findings(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_sign_in_page_is_accessible_and_says_what_is_wrong(chromium: Browser, console: ServedConsole) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    page.goto(console.url)
    assert findings(page) == []
    page.get_by_label("Key").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This key is not known")
    assert findings(page) == []
    context.close()


def test_nothing_that_the_policy_forbids_is_on_the_pages(page: Page, console: ServedConsole) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    for path in PAGES:
        page.goto(console.url.rstrip("/") + path)
        page.wait_for_load_state()
    assert problems == []


def test_now_updates_by_itself_until_it_is_told_not_to(page: Page) -> None:
    expect(page.get_by_role("listitem").filter(has_text="call ringing")).to_be_visible()
    page.locator("#now").evaluate("element => { element.dataset.seen = '1'; element.textContent = 'old'; }")
    expect(page.get_by_role("listitem").filter(has_text="call ringing")).to_be_visible()
    page.get_by_label("Update every 5 seconds").uncheck()
    page.locator("#now").evaluate("element => { element.textContent = 'old'; }")
    page.wait_for_timeout(6000)
    expect(page.locator("#now")).to_have_text("old")


def test_everything_works_without_scripts(chromium: Browser, console: ServedConsole) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    console.sign_in(page)
    expect(page.get_by_role("listitem").filter(has_text="call ringing")).to_be_visible()
    expect(page.get_by_label("Update every 5 seconds")).to_be_hidden()
    page.get_by_role("link", name="Reload").click()
    expect(page.get_by_role("listitem").filter(has_text="call ringing")).to_be_visible()
    page.get_by_role("link", name="Charts").click()
    starts = page.get_by_role("region", name="Starts", exact=True)
    starts.locator("summary").click()
    expect(starts.get_by_role("row", name="15:00")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Key")).to_be_visible()
    context.close()
