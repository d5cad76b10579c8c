"""Leads a page in a real browser through all of its states: for the tests of accessibility and for the pictures."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace
from playwright.sync_api import Page, expect

from saycode.storage.sqlite.store import SqliteStore
from tests.support.account_cases import account
from tests.support.browsers import BrowserSetup, browser_setup
from tests.support.keys import KEY
from tests.support.processes import Phone
from twilio_simulator.core.clock import ManualClock
from twilio_simulator.core.faults import Fault, FaultKind
from twiml.sentences import PageWords, ProgressWords
from twiml.words import from_accept_language, words
from verification.flow import accounts
from verification.models import BUILT_IN_SERVICE
from verification.ports import ByEnrolled
from verification.values.phone_numbers import PhoneNumber

#: Room for many starts from one place that confirm nothing.
ROOM = "200/20%/1h"
SETTINGS = {
    "SAYCODE_LIMITS": "enforce",
    "SAYCODE_UNCONFIRMED_SOURCE": ROOM,
    "SAYCODE_UNCONFIRMED_PREFIX": ROOM,
    "SAYCODE_UNCONFIRMED_COUNTRY": ROOM,
    "SAYCODE_LIMIT_NEIGHBORS": "200/1h",
    "SAYCODE_LIMIT_SOURCE": "500/5m",
    "SAYCODE_LOCKOUT_ACCOUNT": "1/50",
    "SAYCODE_MAX_CHECKS": "3",
    "SAYCODE_CALL_STYLE": "key",
    "SAYCODE_BRAND": "Acme Bank",
}
#: A user name with two numbers, for accounts mode.
NAME, NUMBERS = "ann", (PhoneNumber("+14155550121", "US"), PhoneNumber("+14155550177", "US"))
KEYS, CODE = re.compile(r"([1-9], [1-9], [1-9])$"), re.compile(r"[:：]\s?(\d(?:, \d){5})$")
#: Seconds that a code works.
LIFE = 300
#: Sends the text again before it may be, as a browser without scripts does.
TOO_EARLY = """() => {
    const form = document.getElementById("resend").cloneNode();
    form.append(Object.assign(document.createElement("input"), { name: "next", value: "repeat" }));
    document.body.append(form);
    form.submit();
}"""


@contextmanager
def state_setup(folder: Path, **settings: str) -> Iterator[BrowserSetup]:
    """A service whose page can get into every state but those of accounts mode."""
    with browser_setup(folder, clock=ManualClock(), **(SETTINGS | settings)) as setup:
        yield setup


@contextmanager
def account_setup(folder: Path, **settings: str) -> Iterator[BrowserSetup]:
    """A service in accounts mode, with an account that has two numbers."""
    ann = replace(account(NAME, *NUMBERS), language="")

    async def enroll() -> None:
        async with SqliteStore.open(folder / "saycode.db", secrets=(KEY.encode(),)) as store:
            await store.apply(ByEnrolled(BUILT_IN_SERVICE, NAME), lambda state: accounts.put_account(state, ann, now=1))

    with ThreadPoolExecutor(1) as thread:  # Playwright runs a loop in this one
        thread.submit(asyncio.run, enroll()).result()
    mode = {"SAYCODE_PHONES": "accounts", "SAYCODE_SECRET_KEY": KEY}
    with browser_setup(folder, clock=ManualClock(), **(SETTINGS | mode | settings)) as setup:
        yield setup


@dataclass(slots=True)
class Walk:
    """A page on its way through the states. Each method goes on from one state to the next ones, and names each."""

    setup: BrowserSetup
    page: Page
    _numbers: Iterator[str] = field(default_factory=lambda: iter(f"+1415555{n:04}" for n in range(100, 200)))

    @property
    def words(self) -> PageWords:
        language = from_accept_language(str(self.page.evaluate("navigator.language")))
        return words(language or "en-US").page

    @property
    def progress(self) -> ProgressWords:
        return self.words.progress

    def states(self) -> Iterator[str]:
        """All of them, in an order that a person could go. The names are those of the pictures."""
        for part in (self.form, self.call, self.failures, self.text, self.typed, self.refused, self.nothing):
            yield from part()

    def form(self) -> Iterator[str]:
        self._goto("/")
        yield "form"
        self.page.locator(".languages summary").click()
        yield "languages"
        self._fill("", "12", "sms")
        self._submit()
        expect(self.page.locator(".summary li")).to_have_count(2)
        yield "errors"
        self._fill(NAME, "+49 30 901820", "sms")
        self._submit()
        expect(self.page.locator(".summary li")).to_have_count(1)
        yield "another-country"

    def call(self) -> Iterator[str]:
        phone = self._start("call")
        phone.wait_for("ringing")
        self._expect_status(self.progress.call_ringing)
        yield "ringing"
        self.page.locator("#more summary").click()
        yield "other-ways"
        phone.do("answer")
        self._expect_status(self.progress.call_answered)
        yield "answered"
        phone.do("listen")
        phone.do("press", digits=_said(phone, KEYS))
        phone.until_over()
        self._expect_status(self.progress.call_heard)
        yield "heard"
        self._submit_code(_said(phone, CODE))
        self._expect_state("welcome")
        yield "welcome"

    def failures(self) -> Iterator[str]:
        busy = self._phone(behaviour="busy")
        self._start("call", busy)
        self._expect_failed(self.progress.call_busy)
        self._goto("/")  # the field stayed open if it had the focus when the line was busy
        yield "busy"
        self.page.locator("#entry summary").click()
        yield "busy-with-a-code"
        self._start("call", phone := self._phone(behaviour="voicemail"))
        phone.until_over()
        self._expect_failed(self.progress.call_no_keys)
        yield "voicemail"
        self._start("sms", phone := self._phone(texts="undelivered", text_code=30006))
        phone.until_over()
        self._expect_failed(self.progress.text_undelivered)
        self._goto("/")
        yield "not-delivered"
        self.setup.twilio.faults.add(Fault(FaultKind.STATUS, status=400, code=21211, path="Calls.json"))
        self._start("call", state="ended")
        yield "not-reached"

    def text(self) -> Iterator[str]:
        phone = self._start("sms")
        phone.until_over()
        self._expect_status(self.progress.text_delivered)
        yield "text"
        with self.page.expect_navigation():
            self.page.evaluate(TOO_EARLY)
        expect(self.page.locator("#pause")).to_be_visible()
        yield "too-early"
        self._goto("/")
        self._submit_code("1234")
        expect(self.page.locator("#code-problem")).to_be_visible()
        yield "incomplete-code"
        for count, pause in enumerate((30, 60, 120), start=1):
            self._submit_code(_other(phone.texts[-1][-6:]))
            if count == 1:
                expect(self.page.locator(".summary")).to_be_visible()
                yield "wrong-code"
                self._submit_code("000000")
                expect(self.page.locator("#held")).to_be_visible()
                yield "checks-paused"
                self._goto("/")
                yield "tries-left"
            self.setup.time.passed += pause
        self._expect_state("ended")
        yield "wrong"
        self._start("sms").until_over()
        self._expect_status(self.progress.text_delivered)
        self.setup.time.passed += LIFE - 55
        expect(self.page.locator("#note")).not_to_be_empty()
        yield "expires-soon"
        self.setup.time.passed += 60
        self._expect_state("ended")
        yield "expired"

    def typed(self) -> Iterator[str]:
        phone = self._start("key")
        phone.wait_for("ringing")
        self._expect_status(self.progress.call_ringing)
        yield "typed"
        phone.do("answer")
        self._expect_status(self.progress.call_answered_typed)
        yield "typed-answered"
        phone.do("hang-up")
        self._expect_failed(self.progress.call_not_typed)
        yield "not-typed"

    def refused(self) -> Iterator[str]:
        for keys, name in (("*", "reported"), ("9*", "never-again")):
            phone = self._start("call")
            phone.do("answer")
            for pressed in ("000", *keys):
                phone.do("listen")
                phone.do("press", digits=pressed)
            self._expect_state("ended")
            yield name
            self._goto("/?edit")
            self._fill(f"eve {name}", phone.number, "sms")
            self._submit()
            expect(self.page.get_by_role("alert")).to_be_visible()
            yield f"form-{name}"

    def nothing(self) -> Iterator[str]:
        self._goto("/nothing")
        yield "not-found"

    def in_accounts_mode(self) -> Iterator[str]:
        """The states that only accounts mode has."""
        self._goto("/")
        yield "accounts-form"
        self.page.locator("#username").fill(NAME)
        self.page.locator("[name=channel][value=call]").check()
        self._submit()
        self._expect_state("code")
        self.page.locator("#more summary").click()
        yield "accounts-call"
        self._submit_code("000000")
        expect(self.page.locator(".summary")).to_be_visible()
        yield "accounts-wrong-code"
        self.setup.time.passed += LIFE
        self._expect_state("ended")
        yield "accounts-expired"

    def _goto(self, path: str) -> None:
        self.page.goto(self.setup.address + path)

    def _phone(self, **behaviour: object) -> Phone:
        phone = self.setup.phone(next(self._numbers))
        if behaviour:
            phone.behave(**behaviour)
        return phone

    def _start(self, way: str, phone: Phone | None = None, *, state: str = "code") -> Phone:
        phone = phone or self._phone()
        self._goto("/?edit")
        self._fill(f"{NAME} {phone.number[-3:]}", phone.number, way)
        self._submit()
        self._expect_state(state)
        self.page.evaluate("document.activeElement.blur()")
        return phone

    def _fill(self, name: str, phone: str, way: str) -> None:
        self.page.locator("#username").fill(name)
        self.page.locator("#phone").fill(phone)
        self.page.locator(f"[name=channel][value={way}]").check()

    def _submit(self) -> None:
        with self.page.expect_navigation():
            self.page.locator("form[action^='/start'] button").click()

    def _submit_code(self, code: str) -> None:
        self.page.locator("#code").fill(code)
        self.page.locator("#code").press("Enter")

    def _expect_state(self, state: str) -> None:
        expect(self.page.locator("body")).to_have_attribute("data-state", state)

    def _expect_status(self, sentence: str) -> None:
        expect(self.page.locator("#progress")).to_have_text(sentence)

    def _expect_failed(self, sentence: str) -> None:
        self._expect_status(sentence)
        expect(self.page.locator("body[data-failed]")).to_be_visible()


def _said(phone: Phone, pattern: re.Pattern[str]) -> str:
    """The digits that end the last sentence of this kind."""
    hits = [hit[1] for sentence in phone.sentences if (hit := pattern.search(sentence))]
    assert hits, phone.sentences
    return hits[-1].replace(", ", "")


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"
