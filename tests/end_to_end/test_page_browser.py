"""The page in a real Chromium, with the service and the simulator as processes of their own, and a phone in a hand."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

from tests.end_to_end.test_whole_flow import found, other, spoken_code, texted_code
from tests.support.axe import findings
from tests.support.browsers import PATIENCE, BrowserSetup, browser_setup
from tests.support.browsers import browser as open_browser
from tests.support.processes import SENDER, Deployment, Phone, add_number, asked, deploy, free_port, running
from twilio_simulator.core.clock import ManualClock

NUMBERS = iter(f"+1415555{number:04}" for number in range(100, 199))
WEIGHT = 40_000
REQUESTS = 5
ONWARD = "https://example.com/account?from=phone"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(tmp_path_factory.mktemp("here")) as started:
        yield started


@pytest.fixture(scope="module")
def typing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A service that offers to show the code, to be typed on the phone."""
    with deploy(tmp_path_factory.mktemp("typing"), SAYCODE_CALL_STYLE="key") as started:
        yield started


@pytest.fixture(scope="module")
def twofold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Two workers, and a switch of the channel by itself."""
    with deploy(tmp_path_factory.mktemp("twofold"), workers=2, SAYCODE_FALLBACK="auto") as started:
        yield started


@pytest.fixture(scope="module")
def timed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserSetup]:
    """A service whose time passes when a test lets it, with the usual pauses between deliveries, and one after every
    wrong code.
    """
    with browser_setup(
        tmp_path_factory.mktemp("timed"),
        clock=ManualClock(),
        SAYCODE_LIMITS="enforce",
        SAYCODE_LOCKOUT_ACCOUNT="1/50",
        SAYCODE_WELCOME_URL=ONWARD,
    ) as started:
        yield started


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Open]:
    """Opens a page in a browser of its own. Anything that it writes to the console fails the test."""
    complaints: list[str] = []
    with closing(_Contexts(chromium)) as contexts:

        def open_page(at: Deployment | BrowserSetup, **settings: Any) -> Page:
            page = contexts.new(**({"locale": "en-US"} | settings))
            page.on("console", lambda message: complaints.append(message.text) if complains(message) else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(at.address)
            return page

        yield open_page
    assert complaints == []


def complains(message: ConsoleMessage) -> bool:
    """Anything but the line with which Chromium notes an answer such as 400."""
    return message.type == "error" and not message.text.startswith("Failed to load resource: the server responded")


class _Contexts:
    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._opened: list[Page] = []

    def new(self, **settings: Any) -> Page:
        page = self._browser.new_context(**settings).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        self._opened.append(page)
        return page

    def close(self) -> None:
        for page in self._opened:
            page.context.close()


def phone_of(at: Deployment | BrowserSetup, **behaviour: Any) -> Phone:
    phone = at.phone(next(NUMBERS))
    if behaviour:
        phone.behave(**behaviour)
    return phone


def start(page: Page, phone: Phone, channel: str = "call") -> None:
    page.locator("#username").fill(f"ann {phone.number[-4:]}")
    page.locator("#phone").fill(phone.number)
    page.locator(f"[name=channel][value={channel}]").check()
    submit_form(page)
    expect_state(page, "code")


def submit_form(page: Page) -> None:
    page.locator("form[action^='/start'] button").click()


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("body")).to_have_attribute("data-state", state)
    page.wait_for_load_state()  # until its script runs, the browser's own messages stand in for ours


def expect_status(page: Page, sentence: str) -> None:
    expect(page.locator("#progress")).to_have_text(sentence)


def expect_heading(page: Page, heading: str) -> None:
    expect(page.locator("h1")).to_have_text(heading)
    expect(page).to_have_title(f"{heading} · Saycode")


def button(page: Page, value: str) -> Locator:
    return page.locator(f"button[value={value}]")


def unfold(page: Page) -> None:
    """Open the part with the other ways to get the code."""
    page.get_by_text("Didn't get the code?").click()


def submit_code(page: Page, code: str) -> None:
    page.locator("#code").fill(code)
    page.locator("#code").press("Enter")


def calls_to(phone: Phone) -> int:
    requests = [request for request in asked(phone.simulator, "/Calls.json") if request["method"] == "POST"]
    return sum(phone.number in str(request) for request in requests)


# Whole flows.


@pytest.mark.parametrize("workers", ["one worker", "two workers"])
def test_the_page_shows_each_step_of_a_call_until_the_welcome(
    deployment: Deployment, twofold: Deployment, tab: Open, workers: str
) -> None:
    at = deployment if workers == "one worker" else twofold
    page, phone = tab(at), phone_of(at)
    start(page, phone)
    page.evaluate("document.getElementById('progress').marked = true")
    phone.wait_for("ringing")
    expect_status(page, "Your phone is ringing.")
    expect_heading(page, "Answer your phone")
    phone.do("answer")
    expect_status(page, "You answered. Please press the keys you hear.")
    expect_heading(page, "Enter the 6-\u2060digit code")
    expect(page.get_by_role("link", name="Refresh this page")).to_have_count(0)
    phone.do("listen")
    phone.do("press", digits=found(r"press these three keys: (\d, \d, \d)$", phone))
    expect_status(page, "We are reading out the code.")
    phone.until_over()
    expect_status(page, "You have heard the code. Please enter it here.")
    assert page.evaluate("document.getElementById('progress').marked"), "a screen reader lost the node it listens to"
    submit_code(page, found(r"code is: (\d(?:, \d)+)$", phone))
    expect_state(page, "welcome")
    expect(page.locator("h1")).to_have_text(f"Welcome, ann {phone.number[-4:]}")


def test_the_page_shows_a_text_until_the_welcome(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment), phone_of(deployment)
    start(page, phone, "sms")
    code = texted_code(phone)
    phone.until_over()
    expect_status(page, "The text message has arrived.")
    submit_code(page, code)
    expect_state(page, "welcome")


def test_a_wrong_code_ends_the_verification_and_one_press_begins_again(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment), phone_of(deployment)
    start(page, phone, "sms")
    submit_code(page, other(texted_code(phone)))
    expect_state(page, "ended")
    expect(page.locator("#sent-to")).to_have_text(f"+1 415-555-{phone.number[-4:]}")
    button(page, "begin-again").click()
    expect_state(page, "code")
    phone.until_over()
    submit_code(page, texted_code(phone))
    expect_state(page, "welcome")


def test_the_reference_that_the_page_shows_finds_its_verification(deployment: Deployment, tab: Open) -> None:
    """By the command that a help desk uses, while a code is pending and when it has ended; a new one has another."""
    page, phone = tab(deployment), phone_of(deployment)
    start(page, phone, "sms")
    shown, code = page.locator(".reference"), texted_code(phone)
    expect(shown).to_be_hidden()
    unfold(page)
    expect(shown).to_have_text(re.compile(r"^Reference: \d{4}\u00a0\d{4}$"))
    first = shown.inner_text().removeprefix("Reference: ")
    assert "It is still open." in deployment.command("show", first)
    submit_code(page, other(code))
    expect_state(page, "ended")
    expect(shown).to_have_text(f"Reference: {first}")
    assert "It ended with a wrong code" in deployment.command("show", f"{first[:4]}-{first[5:]}")
    assert findings(page) == []
    button(page, "begin-again").click()
    expect_state(page, "code")
    unfold(page)
    expect(shown).not_to_have_text(f"Reference: {first}")


def test_an_open_page_shows_the_reference_of_what_another_tab_began(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment), phone_of(deployment)
    start(page, phone, "sms")
    unfold(page)
    first = page.locator(".reference").inner_text()
    second = page.context.new_page()
    second.goto(f"{deployment.address}/?edit")
    start(second, phone_of(deployment), "sms")
    unfold(second)
    expect(second.locator(".reference")).not_to_have_text(first)
    expect(page.locator(".reference")).to_have_text(second.locator(".reference").inner_text())


# The next step.


@pytest.mark.parametrize(
    ("behaviour", "sentence", "first"),
    [
        ("busy", "The line was busy.", "sms"),
        ("no-answer", "Nobody answered the call.", "sms"),
        ("failed", "The call didn't go through.", "sms"),
    ],
)
def test_a_call_that_does_not_get_through_offers_what_may_work(
    deployment: Deployment, tab: Open, behaviour: str, sentence: str, first: str
) -> None:
    page, phone = tab(deployment), phone_of(deployment, behaviour=behaviour)
    start(page, phone)
    phone.until_over()
    expect_status(page, sentence)
    expect_heading(page, "Let's try again")
    expect(page.locator(".next button:not(.quiet)")).to_have_attribute("value", first)
    phone.behave(behaviour="wait")
    button(page, first).click()
    submit_code(page, texted_code(phone))
    expect_state(page, "welcome")


def test_a_landline_is_called_instead_and_nothing_says_that_it_is_one(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment), phone_of(deployment, texts="undelivered", text_code=30006)
    start(page, phone, "sms")
    phone.until_over()
    expect_status(page, "The text message could not be delivered.")
    assert page.locator(".next button").evaluate_all("all => all.map(one => one.value)") == ["call", "repeat"]
    assert "30006" not in page.content()
    button(page, "call").click()
    submit_code(page, spoken_code(phone))
    expect_state(page, "welcome")


def test_with_automatic_fallback_the_phone_rings_when_a_text_does_not_arrive(twofold: Deployment, tab: Open) -> None:
    page, phone = tab(twofold), phone_of(twofold, texts="undelivered", text_code=30003)
    start(page, phone, "sms")
    phone.wait_for("ringing")
    expect_status(page, "Your phone is ringing.")
    submit_code(page, spoken_code(phone))
    expect_state(page, "welcome")


# Time.


def test_the_page_counts_down_and_the_button_works_when_it_says_so(timed: BrowserSetup, tab: Open) -> None:
    page, phone = tab(timed), phone_of(timed, behaviour="busy")
    page.clock.install()
    start(page, phone)
    expect_status(page, "The line was busy.")
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    repeat, pause = button(page, "repeat"), page.locator("#pause")
    expect(button(page, "sms")).not_to_have_attribute("aria-disabled", "true")
    told = []
    while pause.is_visible():
        told.append(pause.inner_text())
        repeat.evaluate("one => one.click()")  # too early, and so it is not sent
        page.clock.run_for(1000)
    seconds = [int(re.sub(r"You can ask again in (\d+) seconds.", r"\1", sentence)) for sentence in told]
    assert seconds == [*range(seconds[0], 1, -1), 2]
    assert 2 < seconds[0] <= 30
    timed.time.passed += 30
    assert calls_to(phone) == 1, "a press that came too early was sent"
    expect(repeat).not_to_have_attribute("aria-disabled", "true")
    with page.expect_navigation():
        repeat.click()
    expect_state(page, "code")
    assert calls_to(phone) == 2


def test_the_page_counts_a_pause_of_checks_down_and_the_button_works_when_it_says_so(
    timed: BrowserSetup, tab: Open
) -> None:
    page, phone = tab(timed), phone_of(timed)
    page.clock.install()
    start(page, phone, "sms")
    submit_code(page, other(texted_code(phone)))
    expect_state(page, "ended")
    button(page, "begin-again").click()
    expect_state(page, "code")
    phone.until_over()
    code = found_codes(phone)[-1]
    with page.expect_response("**/code") as early:
        submit_code(page, code)
    assert early.value.status == 429
    assert 25 < int(early.value.header_value("retry-after") or 0) <= 30
    submit, held, checks = page.locator("form:has(#code) button"), page.locator("#held"), list[Request]()
    page.on("request", lambda request: checks.append(request) if request.method == "POST" else None)
    expect(submit).to_have_accessible_description(re.compile("^Please wait"))
    expect(submit).to_have_attribute("aria-disabled", "true")
    assert (page.get_by_role("alert").count(), findings(page)) == (0, []), "every second would be announced"
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    page.locator("#code").fill(code)
    told: list[str] = []
    while held.is_visible() and len(told) < 40:
        told.append(held.inner_text())
        page.locator("#code").press("Enter")  # too early, and so it is not sent
        page.clock.run_for(1000)
    seconds = [int(re.sub(r"Please wait (\d+) seconds before.*", r"\1", sentence)) for sentence in told]
    assert seconds == [*range(seconds[0], 1, -1), 2]
    assert (2 < seconds[0] <= 30, checks) == (True, []), "a press that came too early was sent"
    expect(submit).to_have_accessible_description("")
    page.clock.resume()
    assert findings(page) == []
    timed.time.passed += 30
    submit.click()
    expect_state(page, "welcome")


def test_near_the_end_the_page_warns_and_then_says_that_the_code_has_expired(timed: BrowserSetup, tab: Open) -> None:
    left_alone, page = tab(timed), tab(timed)
    start(left_alone, phone_of(timed))
    phone = phone_of(timed)
    start(page, phone, "sms")
    first = texted_code(phone)
    phone.until_over()
    expect_status(page, "The text message has arrived.")
    expect(page.locator("#note")).to_be_empty()
    expect(button(page, "begin-again")).to_have_count(0)
    page.locator("#code").press_sequentially("12")
    timed.time.passed += 300 - 60
    expect(page.locator("#note[role=status]")).to_have_text(re.compile("^This code expires soon"))
    assert (page.locator("#code").input_value(), findings(page)) == ("12", [])
    button(page, "begin-again").click()
    expect(button(page, "begin-again")).to_have_count(0)
    phone.until_over()
    second = found_codes(phone)[-1]
    assert second != first
    submit_code(page, second)
    expect_state(page, "welcome")
    expect(page.get_by_role("link", name="Continue")).to_have_attribute("href", ONWARD)
    assert findings(page) == []
    expect_state(left_alone, "code")
    timed.time.passed += 60
    expect_state(left_alone, "ended")
    expect(left_alone.locator("h1")).to_have_text("The code has expired")


def test_the_page_says_until_when_the_code_works_and_asks_for_the_status_then(timed: BrowserSetup, tab: Open) -> None:
    page = tab(timed, timezone_id="America/New_York")
    page.clock.install(time="2026-03-02T20:09:30-05:00")
    page.reload()
    start(page, phone_of(timed), "sms")
    expect(page.locator("#time")).to_have_text(re.compile("^This code works until 8:1[34]\\sPM$"))
    page.wait_for_load_state()
    page.clock.fast_forward("04:10")
    expect(page.locator("#time")).to_have_text("This code works for less than a minute")
    with page.expect_navigation():
        page.clock.fast_forward("01:30")
    expect_state(page, "code")  # the clock of the page was wrong: only the server's counts


def found_codes(phone: Phone) -> list[str]:
    return [hit[1] for text in phone.texts if (hit := re.search(r"#(\d+)$", text))]


# Tabs, presses, keys and scripts.


def test_a_second_tab_follows_what_is_done_in_the_first(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment), phone_of(deployment)
    start(page, phone, "sms")
    second = page.context.new_page()
    second.goto(deployment.address)
    expect_state(second, "code")
    submit_code(second, texted_code(phone))
    expect_state(second, "welcome")
    expect_state(page, "welcome")


def test_a_tab_waits_for_the_session_that_another_one_is_just_given(deployment: Deployment, tab: Open) -> None:
    """It hears of the approval before the browser has the answer with the new session, here from another browser."""
    page, phone = tab(deployment), phone_of(deployment)
    page.clock.install()
    start(page, phone, "sms")
    second = tab(deployment)
    second.context.add_cookies(as_set(page))
    second.goto(deployment.address)
    submit_code(second, texted_code(phone))
    expect_state(second, "welcome")
    page.context.add_cookies(as_set(second))
    welcome = page.locator("body[data-state=welcome]")
    for _ in range(20):
        page.clock.run_for(1000)
        page.wait_for_timeout(100)
        if welcome.count():
            break
    expect_state(page, "welcome")


def as_set(page: Page) -> list[Any]:
    """The cookies of its browser, for another one."""
    return list(page.context.cookies())


def test_a_double_press_reload_and_the_back_button_ring_once(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment), phone_of(deployment)
    page.locator("#username").fill("ann")
    page.locator("#phone").fill(phone.number)
    page.locator("form[action^='/start'] button").dblclick()
    expect_state(page, "code")
    phone.wait_for("ringing")
    page.reload()
    page.go_back()
    page.goto(deployment.address)
    expect_state(page, "code")
    assert calls_to(phone) == 1


def test_without_scripts_a_link_asks_for_the_status(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment, java_script_enabled=False), phone_of(deployment)
    start(page, phone)
    phone.wait_for("ringing")
    page.get_by_role("link", name="Refresh this page").click()
    expect_status(page, "Your phone is ringing.")
    phone.do("decline")
    page.get_by_role("link", name="Refresh this page").click()
    expect_status(page, "The line was busy.")
    button(page, "sms").click()
    submit_code(page, texted_code(phone))
    expect_state(page, "welcome")


def test_everything_works_by_keyboard_alone(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment), phone_of(deployment)
    keys = page.keyboard
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    keys.press("Enter")
    for word, key in (("ann", "Tab"), (phone.number, "Tab")):
        keys.press(key)
        keys.type(word)
    keys.press("Tab")
    keys.press("ArrowDown")
    expect(page.get_by_label("Send me a text message")).to_be_checked()
    keys.press("Tab")
    expect(page.get_by_role("button", name="Send me a code")).to_be_focused()
    keys.press("Enter")
    expect_state(page, "code")
    expect(page.get_by_label("6-\u2060digit code")).to_be_focused()
    keys.type(texted_code(phone))
    keys.press("Enter")
    expect_state(page, "welcome")


def test_updates_take_neither_the_focus_nor_the_typed_text(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment), phone_of(deployment)
    start(page, phone)
    page.locator("#code").press_sequentially("12")
    phone.wait_for("ringing")
    expect_status(page, "Your phone is ringing.")
    expect(page.locator("#code")).to_be_focused()
    assert page.locator("#code").input_value() == "12"
    unfold(page)
    button(page, "sms").focus()
    phone.do("decline")
    expect_status(page, "The line was busy.")
    expect(button(page, "sms")).to_be_focused()
    assert page.locator("#code").input_value() == "12", "the field is not folded while it is in use"
    expect(page.locator("#code")).to_be_visible()


def test_after_a_failure_what_may_work_comes_first_and_the_field_is_folded(deployment: Deployment, tab: Open) -> None:
    """B6"""
    page, phone = tab(deployment), phone_of(deployment)
    start(page, phone)
    phone.wait_for("ringing")
    expect_status(page, "Your phone is ringing.")
    expect(page.locator("#more .next")).to_be_hidden()
    page.evaluate("document.activeElement.blur()")
    phone.do("decline")
    expect_status(page, "The line was busy.")
    for look in ("as it is updated", "as it is loaded"):
        expect(page.locator("#code")).to_be_hidden()
        parts = page.locator(".part").evaluate_all("all => all.map(one => one.id)")
        assert parts == ["more", "entry"], look
        solid = page.locator("main button:not(.quiet, .link):visible")
        expect(solid).to_have_attribute("value", "sms")
        page.get_by_text("I have a code").click()
        expect(page.locator("#code")).to_be_visible()
        assert findings(page) == [], look
        page.reload()


@pytest.mark.parametrize("scripts", [True, False])
def test_errors_are_listed_at_the_top_which_has_the_focus_and_leads_to_the_fields(
    deployment: Deployment, tab: Open, *, scripts: bool
) -> None:
    """B12, B23"""
    page, sentence = (
        tab(deployment, java_script_enabled=scripts),
        re.compile("Enter a phone number with the country code"),
    )
    page.locator("#username").fill("ann")
    page.locator("#phone").fill("12")
    submit_form(page)
    expect(page).to_have_title("Error: Confirm your phone number · Saycode")
    summary, field = page.get_by_role("alert"), page.locator("#phone")
    expect(summary).to_be_focused()
    expect(summary).to_have_accessible_name("There is a problem")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=sentence)).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(sentence)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "Enter the code."), ("12345", "The code has 6 digits."), ("12345O", "The code has only numbers.")],
)
def test_an_incomplete_code_is_not_sent_and_the_page_says_why(
    deployment: Deployment, tab: Open, typed: str, sentence: str
) -> None:
    """B23"""
    page, phone, sent = tab(deployment), phone_of(deployment), list[Request]()
    start(page, phone, "sms")
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    submit_code(page, typed)
    field = page.locator("#code")
    expect(field).to_have_accessible_description(re.compile(re.escape(sentence)))
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    assert (sent, findings(page)) == ([], [])
    submit_code(page, texted_code(phone))
    expect_state(page, "welcome")


def test_the_language_can_be_chosen_and_the_call_follows(deployment: Deployment, tab: Open) -> None:
    """B21"""
    page, phone = tab(deployment), phone_of(deployment)
    page.locator(".languages summary").click()
    page.get_by_role("button", name="Deutsch", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("h1")).to_have_text("Telefonnummer bestätigen")
    start(page, phone)
    phone.do("answer")
    phone.do("listen")
    keys = found(r"drücken Sie diese drei Tasten: (\d, \d, \d)$", phone)
    page.locator(".languages summary").click()
    page.get_by_role("button", name="Français", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect_state(page, "code")
    phone.do("press", digits=keys)
    phone.do("listen")
    found("Votre (code) est", phone)


def test_a_number_is_grouped_while_it_is_typed_and_edits_are_respected(deployment: Deployment, tab: Open) -> None:
    page = tab(deployment)
    field, keys = page.locator("#phone"), page.keyboard
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.method == "POST" else None)
    field.press_sequentially("4155550100")
    expect(field).to_have_value("(415) 555-0100")
    for key in ("Backspace", "Backspace", "ArrowLeft", "7"):
        keys.press(key)
    quiet(page, asked)
    expect(field).to_have_value("(415) 555-071")
    field.fill("")
    keys.insert_text("+4917612345678")
    expect(field).to_have_value("+49 176 12345678")
    keys.type(" ext. 12")
    quiet(page, asked)
    expect(field).to_have_value("+49 176 12345678 ext. 12")
    assert {request.url for request in asked} == {f"{deployment.address}/typed"}


def quiet(page: Page, asked: list[Request]) -> None:
    """Longer than the page waits before it asks, and until it has asked nothing more."""
    before = -1
    while before != len(asked):
        before = len(asked)
        page.wait_for_timeout(400)


def test_a_pasted_code_may_have_spaces_and_dashes(deployment: Deployment, tab: Open) -> None:
    page, phone = tab(deployment), phone_of(deployment)
    start(page, phone, "sms")
    code = texted_code(phone)
    page.locator("#code").focus()
    page.keyboard.insert_text(f" {code[:3]}-{code[3:]} ")
    page.keyboard.press("Enter")
    expect_state(page, "welcome")


def test_a_browser_that_reads_texts_fills_the_code_in_and_leaves_the_press_to_the_person(
    deployment: Deployment, tab: Open
) -> None:
    page = tab(deployment)
    page.add_init_script(
        """window.OTPCredential = class {};
        navigator.credentials.get = async ({otp, signal}) => {
            window.asked = otp.transport[0];
            signal.addEventListener("abort", () => sessionStorage.setItem("aborted", "yes"));
            return {code: "123456"};
        };"""
    )
    start(page, phone_of(deployment), "sms")
    expect(page.locator("#code")).to_have_value("123456")
    assert page.evaluate("window.asked") == "sms"
    expect_state(page, "code")
    page.locator("#code").press("Enter")
    expect_state(page, "ended")
    assert page.evaluate("sessionStorage.getItem('aborted')") == "yes"


# The service goes away for a moment.


def test_a_page_that_is_open_goes_on_after_a_restart_of_the_service(tmp_path: Path, chromium: Browser) -> None:
    port, twilio = free_port(), free_port()
    address, simulator = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{twilio}"
    account = {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    environ = account | {
        "TWILIO_FROM_NUMBER": SENDER,
        "TWILIO_API_BASE_URL": simulator,
        "SAYCODE_PUBLIC_URL": address,
        "SAYCODE_SECRET_KEY": secrets.token_hex(32),
    }

    def serving(name: str) -> AbstractContextManager[Path]:
        return running(["serve", "--port", str(port)], environ, tmp_path, name=name, address=f"{address}/health/ready")

    simulate = ["simulate", "--told", "--port", str(twilio)]
    with (
        running(simulate, account, tmp_path, name="simulator", address=f"{simulator}/simulator/clock"),
        in_context(chromium) as page,
    ):
        add_number(simulator, SENDER)
        phone = Phone(simulator, next(NUMBERS))
        with serving("first"):
            page.goto(address)
            start(page, phone)
            phone.wait_for("ringing")
            expect_status(page, "Your phone is ringing.")
            page.locator("#code").press_sequentially("12")
        with serving("second"):
            phone.do("answer")
            expect(page.locator("#progress")).to_have_text(re.compile("^You answered"))
            assert page.locator("#code").input_value() == "12"


@contextmanager
def in_context(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en-US")
    try:
        yield context.new_page()
    finally:
        context.close()


# Weight.


def test_the_page_is_light_and_asks_for_little(deployment: Deployment, chromium: Browser) -> None:
    context = chromium.new_context(locale="en-US")
    page = context.new_page()
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    page.goto(deployment.address, wait_until="networkidle")
    bodies = {request.url: len(request.response().body()) for request in requests}  # type: ignore[union-attr]
    # The icon is fetched outside of the page, and is not counted.
    bodies[f"{deployment.address}/static/icon.svg"] = len(
        page.request.get(f"{deployment.address}/static/icon.svg").body()
    )
    requests.clear()
    phone = phone_of(deployment)
    start(page, phone)
    phone.wait_for("ringing")
    expect_status(page, "Your phone is ringing.")
    streams = [request.url for request in requests if request.resource_type == "eventsource"]
    context.close()
    assert len(bodies) <= REQUESTS, sorted(bodies)
    assert sum(bodies.values()) < WEIGHT
    assert streams == [f"{deployment.address}/progress"]
