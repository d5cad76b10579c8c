"""The page's forms with every field of any length and content: 4xx at worst, never a failure of our own."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.account_cases import NUMBERS, POLICY, REAL, account
from tests.support.app import PHONE, RunningApp, path_of, running_app
from tests.support.asgi_client import Browser
from verification.accounts import Accounts
from verification.policy import DEFAULT_POLICY

T = TypeVar("T")
FORMS = ("start", "check_code", "next_step", "format_number", "choose_language")
FIELDS = ("username", "phone", "channel", "style", "code", "next", "number", "language")
#: What each field may be in earnest, so that the fuzzing gets behind the first check.
RIGHT = {
    "username": [REAL, "ada"],
    "phone": [PHONE, "(415) 555-0100"],
    "channel": ["sms", "call", "key"],
    "language": ["de-DE", "en-US"],
    "style": ["key", "say"],
    "code": ["123456", "000000"],
    "next": ["repeat", "call", "sms", "begin-again", "change"],
    "number": ["0", "1", "99"],
}
# 4,300 digits is where int() refuses a text.
LONG = st.sampled_from(["9" * 4301, "0" * 4301, "١" * 3000, "a" * 20_000, "+" * 20_000, "1" * 15_000, "\u0301" * 3000])
ODD = st.text(max_size=30) | LONG | st.sampled_from(["", " ", "²", "-1", "1e9", "0x1", "\0", "\ud7ff", "½", "٣", "1_0"])


def values(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(RIGHT[name]) | ODD


FORM = st.fixed_dictionaries({}, optional={name: values(name) for name in FIELDS})
STEPS = st.lists(st.tuples(st.sampled_from(FORMS), FORM), min_size=1, max_size=4)


class Service:
    """An application on a loop of its own: hypothesis calls a test many times, and not asynchronously."""

    def __init__(self, path: Path, *, accounts: bool) -> None:
        self._runner, self._stack = asyncio.Runner(), AsyncExitStack()
        policy = POLICY if accounts else DEFAULT_POLICY
        opening = running_app(path, policy=policy, accounts=accounts, step=0.0001)
        self.running: RunningApp = self._runner.run(self._stack.enter_async_context(opening))
        if accounts:
            self._runner.run(Accounts(self.running.verifier).put(account(REAL, NUMBERS[REAL][0])))

    def begin(self) -> Browser:
        """A browser with a verification of its own, whatever the limits say by now."""
        self.running.clock.advance(86_400)
        browser = self.running.browser()
        form = {"username": REAL, "phone": PHONE, "channel": "sms"}
        sent = self._runner.run(browser.post(path_of("start"), form))
        assert sent.status in (303, 429)
        return browser

    def post(self, browser: Browser, form: str, fields: dict[str, str]) -> int:
        return self._runner.run(browser.post(path_of(form), fields)).status

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()


@pytest.fixture(params=[False, True], ids=["typed", "accounts"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path / "store.db", accounts=request.param)
    yield service
    service.close()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_field_of_any_length_is_a_failure_of_our_own(
    service: Service, steps: list[tuple[str, dict[str, str]]]
) -> None:
    browser = service.begin()
    for form, fields in steps:
        assert service.post(browser, form, fields) < 500, (form, fields)


@pytest.mark.parametrize("number", ["9" * 4301, "1" * 4300, "x", "²", "-1", " 1"])
def test_a_position_that_is_none_is_400(service: Service, number: str) -> None:
    if service.running.context.accounts_mode:
        browser = service.begin()
        assert service.post(browser, "next_step", {"next": "begin-again", "number": number}) == 400
