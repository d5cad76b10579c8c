"""The page in accounts mode, in a real Chromium: for an enrolled user name and for an unknown one."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from saycode.storage.sqlite.store import SqliteStore
from tests.end_to_end.test_whole_flow import texted_code
from tests.support.account_cases import account
from tests.support.axe import findings
from tests.support.browsers import PATIENCE, BrowserSetup, browser_setup
from tests.support.browsers import browser as open_browser
from tests.support.keys import KEY
from twilio_simulator.core.clock import ManualClock
from verification.flow import accounts
from verification.models import BUILT_IN_SERVICE
from verification.ports import ByEnrolled
from verification.values.phone_numbers import PhoneNumber

FIRST, SECOND = PhoneNumber("+14155550121", "US"), PhoneNumber("+14155550177", "US")
NAME, UNKNOWN = "ann", "unknown user"


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserSetup]:
    folder = tmp_path_factory.mktemp("accounts")
    ann = replace(account(NAME, FIRST, SECOND), language="")

    async def enrol() -> None:
        async with SqliteStore.open(folder / "saycode.db", secrets=(KEY.encode(),)) as store:
            await store.apply(ByEnrolled(BUILT_IN_SERVICE, NAME), lambda state: accounts.put_account(state, ann, now=1))

    asyncio.run(enrol())
    with browser_setup(folder, clock=ManualClock(), SAYCODE_PHONES="accounts", SAYCODE_SECRET_KEY=KEY) as started:
        yield started


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def page(setup: BrowserSetup, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="en-US")
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE * 1000)
    opened.goto(setup.address)
    yield opened
    context.close()


def start(page: Page, name: str) -> None:
    expect(page.locator("#phone")).to_have_count(0)
    page.locator("#username").fill(name)
    page.locator("[name=channel][value=sms]").check()
    page.locator("form[action^='/start'] button").click()
    expect_state(page, "code")


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("body")).to_have_attribute("data-state", state)
    assert findings(page) == []


def submit(page: Page, code: str) -> None:
    page.locator("#code").fill(code)
    page.locator("#code").press("Enter")


def test_a_user_signs_in_with_the_name_alone_on_a_chosen_number(page: Page, setup: BrowserSetup) -> None:
    first, second = setup.phone(FIRST.e164), setup.phone(SECOND.e164)
    start(page, "ANN")
    first_code = texted_code(first)
    expect(page.locator("#progress")).to_have_text(re.compile("If this username is registered.*ending in 21"))
    page.get_by_text("Didn't get the code?").click()
    page.get_by_label("Number ending in 77").check()
    page.locator("button[value=repeat]").click()
    expect(page.locator("#progress")).to_have_text(re.compile("ending in 77"))
    code = texted_code(second)
    assert first_code != code
    submit(page, code)
    expect_state(page, "welcome")


def test_nobody_sees_the_same_page_and_no_code_is_right(page: Page) -> None:
    start(page, UNKNOWN)
    expect(page.locator("#progress")).to_have_text(re.compile("If this username is registered.*ending in [0-9][0-9]"))
    submit(page, "123456")
    expect_state(page, "ended")
    page.locator("button[value=begin-again]").first.click()
    expect_state(page, "code")
    page.locator("button[value=change]").click()
    expect_state(page, "form")
    expect(page.locator("#username")).to_have_value(UNKNOWN)
