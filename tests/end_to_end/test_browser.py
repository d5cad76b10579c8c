"""The whole flow as a person has it, in a real browser: the page in one tab, the phone in the other.

Time on the phone stands still until a test lets it run. A call in running time would go on, and end, while a loaded
machine is still busy with the press of a button.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, WebError, expect

from tests.support.axe import findings
from tests.support.browsers import PATIENCE, SENDER, BrowserSetup, browser_setup
from tests.support.browsers import browser as open_browser
from tests.support.processes import Phone
from twilio_simulator.core.clock import ManualClock, RealClock
from twilio_simulator.http.callbacks import CallbackFaults

NUMBERS = iter(f"+1415555{number:04}" for number in range(100, 199))
#: What the browser was asked to say; machines that run tests have no voice.
LISTEN = """
    window.spoken = [];
    speechSynthesis.speak = (words) => spoken.push([words.text, words.lang]);
    speechSynthesis.cancel = () => spoken.push(["", ""]);
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserSetup]:
    with browser_setup(tmp_path_factory.mktemp("setup"), clock=ManualClock()) as started:
        yield started


@dataclass(frozen=True, slots=True)
class Desk:
    """What stands before the person: a page, a phone, and how they are used."""

    setup: BrowserSetup
    number: str
    page: Page
    phone: Page

    def ask_for_a_code(self, channel: str = "call") -> None:
        self.page.goto(self.setup.address)
        self.page.locator("#username").fill(f"ann {self.number[-4:]}")
        self.page.locator("#phone").fill(self.number)
        self.page.locator(f"[name=channel][value={channel}]").check()
        self.page.locator("form[action^='/start'] button").click()
        self.expect_page("code")

    def enter(self, code: str) -> None:
        self.page.locator("#code").fill(code)
        self.page.locator("#code").press("Enter")

    def expect_page(self, state: str) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-state", state)

    def expect_phone(self, state: str) -> None:
        expect(self.phone.locator("#handset")).to_have_attribute("data-state", state)

    def button(self, name: str) -> Locator:
        return self.phone.get_by_role("button", name=name, exact=True)

    def answer(self) -> None:
        self.expect_phone("ringing")
        self.button("Answer").click()
        self.expect_phone("talking")

    def expect_pressed(self, keys: str) -> None:
        """Time runs on the line; until they have arrived there, it must not."""
        expect(self.tape.locator(".keys")).to_have_text(f"you pressed {' '.join(keys)}")

    def hear(self, pattern: str) -> str:
        """Let time run until this is said; what the group of the pattern stands for, without its commas."""
        heard = self.line.until_said(pattern)
        expect(self.tape).to_have_text(re.compile(pattern))
        return heard

    @property
    def line(self) -> Phone:
        """The same phone, for letting time run."""
        return self.setup.phone(self.number)

    @property
    def tape(self) -> Locator:
        return self.phone.locator("#tape")

    def row(self, **what: Any) -> Locator:
        """A row of what happened behind this phone's calls."""
        return self.phone.locator("#log > li:visible").filter(**what)

    @property
    def wire(self) -> Locator:
        return self.phone.locator("#log")


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(reduced_motion="reduce", locale="en-US")
    context.set_default_timeout(PATIENCE * 1000)
    context.add_init_script(LISTEN)
    yield context
    context.close()


@pytest.fixture(scope="module")
def tabs(context: BrowserContext) -> tuple[Page, Page]:
    """For all tests, because each new one takes a while."""
    return context.new_page(), context.new_page()


@pytest.fixture
def desk(context: BrowserContext, tabs: tuple[Page, Page], setup: BrowserSetup) -> Iterator[Desk]:
    """A phone, before the page is opened. Any error on the console of a tab fails the test."""
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    def fail(error: WebError) -> None:
        complaints.append(str(error.error))

    context.clear_cookies()
    page, phone = tabs
    desk = Desk(setup, next(NUMBERS), page, phone)
    for tab in tabs:
        tab.on("console", complain)
    context.on("weberror", fail)
    phone.set_viewport_size({"width": 800, "height": 700})
    phone.emulate_media(color_scheme="light")
    phone.goto(setup.desk(desk.number))
    # Behavior that is set before the phone has loaded is lost.
    expect(phone.locator("#plate")).to_have_text(re.compile(f"{desk.number[-4:]}$"))
    yield desk
    for tab in tabs:
        tab.remove_listener("console", complain)
    context.remove_listener("weberror", fail)
    setup.twilio.carrier_down, setup.twilio.callbacks = False, CallbackFaults()
    setup.twilio.faults.clear()
    desk.line.until_over()
    assert complaints == []


CODE = r"Your code is: (\d(?:, \d)+)"
KEYS = r"press these three keys: (\d, \d, \d)"


def test_the_phone_rings_two_keys_are_pressed_and_the_code_that_is_heard_leads_to_the_welcome(desk: Desk) -> None:
    desk.ask_for_a_code()
    desk.expect_phone("ringing")
    expect(desk.phone).to_have_title("☎ +1 415 555 0199 is calling")
    expect(desk.phone.get_by_role("alert")).to_contain_text("+1 415 555 0199 is calling")
    desk.answer()
    expect(desk.phone).to_have_title("Telephones")
    keys = desk.hear(KEYS)
    for key in keys:
        desk.button(key).click()
    desk.expect_pressed(keys)
    code = desk.hear(CODE)
    desk.enter(code)
    desk.expect_page("welcome")
    desk.button("Hang up").click()
    desk.expect_phone("idle")
    spoken = desk.phone.evaluate("spoken")
    assert ["This is an automated call from Saycode, with the code to sign in.", "en-US"] in spoken
    assert spoken[-1] == ["", ""], "a caller who hangs up hears nothing more"


def test_a_declined_call_is_busy_on_the_page(desk: Desk) -> None:
    desk.ask_for_a_code()
    desk.expect_phone("ringing")
    desk.button("Decline").click()
    expect(desk.page.locator("#progress")).to_have_text("The line was busy.")
    expect(desk.phone.locator("#state")).to_have_text("Declined")
    expect(desk.page.locator("button[value=sms]")).to_be_visible()


def test_voicemail_hears_no_code_and_the_page_offers_what_may_work(desk: Desk) -> None:
    desk.phone.get_by_label("When it is called").select_option("voicemail")
    expect(desk.phone.locator("#controls-heading")).to_have_text("What goes wrong 1 set")
    desk.ask_for_a_code()
    desk.line.until_over()
    expect(desk.phone.locator("#state")).to_contain_text("Call ended")
    expect(desk.tape).to_contain_text("You didn't press any keys. Goodbye.")
    expect(desk.tape).not_to_contain_text("code is")
    expect(desk.page.locator("#progress")).to_have_text(re.compile("voicemail|Voicemail"))
    expect(desk.page.locator("button[value=sms]")).to_be_visible()


def test_the_code_of_a_text_leads_to_the_welcome_and_the_text_can_be_answered(desk: Desk) -> None:
    desk.ask_for_a_code("sms")
    desk.phone.get_by_role("tab", name="Texts").click()
    thread = desk.phone.locator("#thread")
    expect(thread).to_contain_text("your code is")
    found = re.search(r"your code is (\d+)", thread.inner_text())
    assert found
    desk.enter(found[1])
    desk.expect_page("welcome")
    desk.phone.get_by_label("Your text").fill("Help")
    desk.phone.keyboard.press("Enter")
    expect(thread.locator(".mine")).to_have_text("Helpto +1 415 555 0199")
    expect(thread.locator(".theirs").nth(1)).to_contain_text("STOP")


def test_by_keyboard_alone_a_call_is_answered_and_a_key_cuts_the_sentence_off(desk: Desk) -> None:
    desk.ask_for_a_code()
    desk.expect_phone("ringing")
    desk.button("Answer").focus()
    desk.phone.keyboard.press("Enter")
    desk.expect_phone("talking")
    keys = desk.hear(KEYS)
    desk.phone.keyboard.type(keys)
    desk.expect_pressed(keys)
    desk.hear(CODE)
    cut = desk.tape.locator("p", has_text="cut off by a key")
    expect(cut.locator(".rest")).not_to_be_empty()
    expect(desk.phone.get_by_role("log", name="What was said")).to_be_visible()


def test_the_phone_calls_the_service_and_a_muted_one_writes_down_what_it_does_not_say(desk: Desk) -> None:
    desk.button("Call").click()
    desk.expect_phone("talking")
    desk.hear(r"(Hello), you've reached the automated line of Saycode")
    expect(desk.phone.locator("#who")).to_have_text("+1 415 555 0199")
    desk.button("Mute").click()
    expect(desk.button("Mute")).to_have_attribute("aria-pressed", "true")
    before = desk.phone.evaluate("spoken.length")
    desk.hear("(To stop our calls)")
    assert desk.phone.evaluate("spoken.length") == before
    desk.button("Mute").click()
    desk.button("Hang up").click()
    expect(desk.phone.locator("#state")).to_contain_text("Call ended")


def test_a_browser_without_a_voice_or_sound_takes_calls_all_the_same(desk: Desk) -> None:
    desk.phone.evaluate("delete window.speechSynthesis; delete window.AudioContext;")
    assert desk.phone.evaluate("typeof speechSynthesis + typeof AudioContext") == "undefined" * 2
    desk.ask_for_a_code()
    desk.answer()
    desk.hear(KEYS)
    desk.button("Hang up").click()
    desk.expect_phone("idle")
    desk.phone.reload()


def test_what_happens_behind_a_call_is_listed_and_can_be_opened(desk: Desk) -> None:
    desk.ask_for_a_code()
    desk.answer()
    desk.hear(KEYS)
    desk.button("Hang up").click()
    expect(desk.row(has_text="Status callback: completed")).to_contain_text("204")
    desk.row(has_text="POST Calls.json").locator("summary").click()
    expect(desk.row(has_text="POST Calls.json")).to_contain_text(f"To{desk.number}From{SENDER}")
    row = desk.row(has=desk.phone.locator("summary", has_text="/answered"))
    expect(row).to_contain_text("Say · Gather (Say ×3, Pause) · Redirect")
    row.locator("summary").click()
    expect(row).to_contain_text(re.compile(r"Signature[A-Za-z0-9+/]{27}="))
    document = row.locator("pre").inner_text()
    assert document.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Say ')
    assert re.search(
        r"\n  <Gather [^>]+>\n    <Say [^>]+>To hear it, press these three keys: \d, \d, \d</Say>\n", document
    )
    expect(desk.phone.locator("#warning-count")).to_be_hidden()


def test_a_warning_of_the_debugger_is_shown_with_its_code(desk: Desk) -> None:
    number = desk.setup.twilio.numbers[SENDER]
    kept, number.voice_url = number.voice_url, desk.setup.address + "/nowhere"
    try:
        desk.button("Call").click()
        expect(desk.row(has_text="The webhook could not be fetched")).to_contain_text("11200")
    finally:
        number.voice_url = kept
    expect(desk.phone.locator("#warning-count")).to_have_text("1 warning")


def test_what_goes_wrong_on_purpose_is_shown_and_all_of_it_mended_by_one_press(desk: Desk) -> None:
    def expect_set(count: int) -> None:
        expect(desk.phone.locator("#controls-heading")).to_have_text(f"What goes wrong {count} set")

    desk.phone.get_by_label("When a text comes").select_option("undelivered")
    expect_set(1)
    desk.phone.get_by_label("With the code").select_option("30006")
    expect_set(2)
    desk.phone.get_by_label("Status callbacks").select_option(label="arrive twice")
    expect_set(3)
    desk.phone.get_by_label("Drops after").fill("30")
    desk.phone.get_by_label("Drops after").press("Tab")
    expect_set(4)
    desk.phone.get_by_label("The carrier is down").check()
    expect_set(5)
    desk.button("Refuse").click()
    expect(desk.phone.locator("#waiting")).to_have_text("1 request will be refused.")
    expect_set(6)
    twilio = desk.setup.twilio
    behaviour = twilio.phone(desk.number).handset.behaviour
    assert (behaviour.on_text, behaviour.text_code, behaviour.drop_after) == ("undelivered", 30006, 30)
    assert (twilio.callbacks.double, twilio.carrier_down, len(twilio.faults.waiting)) == (True, True, 1)
    desk.button("Everything works again").click()
    expect(desk.phone.locator("#wrong-count")).to_be_hidden()
    assert twilio.phone(desk.number).handset.behaviour.on_text == "delivered"
    assert (twilio.callbacks.double, twilio.carrier_down, len(twilio.faults.waiting)) == (False, False, 0)


def test_a_text_that_is_not_delivered_is_told_on_the_page(desk: Desk) -> None:
    desk.phone.get_by_label("When a text comes").select_option("undelivered")
    desk.ask_for_a_code("sms")
    expect(desk.page.locator("#progress")).to_contain_text("could not be delivered")
    expect(desk.row(has_text="Text undelivered")).to_contain_text("30003")


def test_a_phone_that_rings_comes_to_the_front_and_one_can_be_added(desk: Desk) -> None:
    added = next(NUMBERS)
    desk.phone.get_by_label("Another number").fill(f"{added[:2]} ({added[2:5]}) {added[5:8]}-{added[8:]}")
    desk.phone.keyboard.press("Enter")
    expect(desk.phone).to_have_url(desk.setup.desk(added))
    desk.ask_for_a_code()
    desk.expect_phone("ringing")
    expect(desk.phone).to_have_url(desk.setup.desk(desk.number))
    expect(desk.phone.locator("#phones [aria-current]")).to_contain_text("Ringing")
    desk.button("Decline").click()
    desk.expect_phone("idle")


def test_whoever_opens_the_page_in_mid_call_finds_it_as_it_is(desk: Desk) -> None:
    desk.ask_for_a_code()
    desk.answer()
    desk.hear(KEYS)
    desk.button("5").click()
    expect(desk.tape.locator("kbd")).to_have_text("5")
    desk.phone.reload()
    desk.expect_phone("talking")
    expect(desk.tape).to_have_text(re.compile(KEYS))
    expect(desk.tape.locator("kbd")).to_have_text("5")
    expect(desk.wire).to_contain_text("/answered")


def test_no_state_of_the_phone_keeps_anybody_out(desk: Desk) -> None:
    desk.ask_for_a_code()
    desk.expect_phone("ringing")
    found = look(desk.phone, scheme="light", width=1280)
    desk.answer()
    desk.phone.keyboard.press("1")
    expect(desk.tape.locator("kbd")).to_have_text("1")
    desk.wire.locator("summary:visible").nth(1).click()
    found += look(desk.phone, scheme="dark", width=1280)
    desk.button("Hang up").click()
    desk.phone.get_by_role("tab", name="Texts").click()
    desk.phone.get_by_label("Your text").fill("Help")
    desk.phone.keyboard.press("Enter")
    expect(desk.phone.locator("#thread .theirs")).to_be_visible()
    found += look(desk.phone, scheme="light", width=390)
    assert found == []


def look(page: Page, *, scheme: Literal["light", "dark"], width: int) -> list[str]:
    """What keeps people out of a page in these colours and this width."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    found = findings(page) + list(page.evaluate(SMALL))
    return found if page.evaluate("document.documentElement.scrollWidth") == width else [*found, "it scrolls sideways"]


#: What can be pressed and is under 24 pixels wide or high (WCAG 2.2, 2.5.8); of a box to tick, its label counts.
SMALL = """
    [...document.querySelectorAll("button, select, textarea, summary, a:not(.skip), input")]
        .map((one) => one.type === "checkbox" ? one.closest("label") : one)
        .filter((one) => one.offsetParent && Math.min(one.offsetWidth, one.offsetHeight) < 24)
        .map((one) => one.outerHTML)
"""


def test_the_phone_page_sends_requests_only_to_the_simulator(context: BrowserContext, setup: BrowserSetup) -> None:
    asked: list[Request] = []
    context.on("request", lambda request: asked.append(request))
    phone = context.new_page()
    phone.goto(setup.desk(next(NUMBERS)))
    expect(phone.locator("#link")).to_have_text("Connected, time stands still")
    assert len(asked) > 4
    assert [request.url for request in asked if not request.url.startswith(f"{setup.phones}/")] == []


def test_in_time_that_runs_a_call_is_heard_to_its_end_by_itself(context: BrowserContext, tmp_path: Path) -> None:
    phone = context.new_page()
    with browser_setup(tmp_path, clock=RealClock(speed=20)) as running:
        phone.goto(running.desk(next(NUMBERS)))
        expect(phone.locator("#link")).to_have_text("Connected")
        expect(phone.locator("#time")).to_be_hidden()
        phone.locator("#call").click()
        expect(phone.locator("#state")).to_have_text(re.compile(r"^Call ended, [0-2]:[0-5]\d$"))
        expect(phone.locator("#tape")).to_have_text(re.compile(r"^Hello, .+Goodbye\.$"))
        expect(phone.locator("#tape .now")).to_have_count(0)
        phone.close()
