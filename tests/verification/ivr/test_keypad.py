"""The call turned round: the rules alone, then the whole of it with a browser beside the phone."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.app import PHONE, open_page, path_of
from tests.support.asgi_client import Browser
from tests.support.call_setup import Village, open_village
from tests.support.records import CALL, CODE, KEYS, NOW, PENDING, WRONG
from twiml.words import fill, words
from verification import errors
from verification.ivr.dialogue import AskForCode, CallInput, End, Ending
from verification.ivr.keypad import MAX_EMPTY_TRIES, KeypadTurn, take_keypad_turn
from verification.models import CallStage, Delivery, EventKind, Progress, State, Verification
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY
from verification.ports import BySession
from verification.types import CallStyle, Channel, VerificationStatus
from webhooks.page import session

EN = words("en-US")
TYPED = replace(PENDING, style=CallStyle.KEY)
ASKED = replace(CALL, stage=CallStage.GATE)


def hear(
    digits: str = "", *, verification: Verification = TYPED, delivery: Delivery = ASKED, heard: CallInput | None = None
) -> KeypadTurn:
    happened = heard or (CallInput.KEYS if digits else CallInput.SILENCE)
    return take_keypad_turn(
        State(), verification, delivery, happened, digits, keys=KEYS, now=NOW, policy=DEFAULT_POLICY
    )


# The rules.


@pytest.mark.parametrize("length", [6, 10])
def test_the_call_asks_for_as_many_keys_as_the_code_has(length: int) -> None:
    asked = hear(verification=replace(TYPED, code_length=length), heard=CallInput.ANSWERED)
    assert asked.line == AskForCode(length)
    assert (asked.verification.status, asked.delivery, asked.events) == (VerificationStatus.PENDING, ASKED, ())


def test_the_right_keys_approve_and_end_the_call() -> None:
    typed = hear(CODE)
    assert typed.line == End(Ending.TYPED_APPROVED)
    assert (typed.verification.status, typed.verification.checks) == (VerificationStatus.APPROVED, 1)
    assert (typed.verification.seed, typed.verification.ended_at) == (None, NOW)
    assert (typed.delivery.stage, typed.delivery.progress) == (CallStage.OVER, Progress.HEARD)
    assert [event.kind for event in typed.events] == [EventKind.APPROVED]


def test_wrong_keys_are_a_check_and_the_last_one_ends_it() -> None:
    typed = hear(WRONG)
    assert typed.line == End(Ending.TYPED_WRONG)
    assert (typed.verification.status, typed.verification.checks) == (VerificationStatus.MAX_ATTEMPTS_REACHED, 1)
    assert (typed.delivery.stage, typed.delivery.progress) == (CallStage.OVER, Progress.PRESSED)
    assert [event.kind for event in typed.events] == [EventKind.CHECK_FAILED]


def test_wrong_keys_are_asked_for_again_while_checks_are_left() -> None:
    verification, lines = replace(TYPED, max_checks=3), []
    for _ in range(3):
        typed = hear(WRONG, verification=verification)
        verification = typed.verification
        lines.append(typed.line)
    assert lines == [AskForCode(6, wrong=True), AskForCode(6, wrong=True), End(Ending.TYPED_WRONG)]
    assert verification.checks == 3


@pytest.mark.parametrize(
    "digits", ["", "0", "00", CODE[:-1], CODE + "0", CODE[:3] + "#" + CODE[4:], "1" * 500, "\u0661" * 6, CODE + " "]
)
def test_what_cannot_be_the_code_is_not_compared_and_asked_for_once_more(digits: str) -> None:
    first = hear(digits)
    assert (first.line, first.verification, first.events) == (AskForCode(6, wrong=False), TYPED, ())
    assert first.delivery.progress is Progress.ANSWERED
    second = hear(digits, delivery=first.delivery)
    assert second.line == End(Ending.WRONG_KEYS if digits else Ending.NO_KEYS)
    assert (second.verification, second.delivery.stage) == (TYPED, CallStage.OVER)


@pytest.mark.parametrize("digits", ["*", "*1", "*" + CODE, "*" * 6])
def test_a_star_first_reports(digits: str) -> None:
    reported = hear(digits)
    assert reported.line == End(Ending.REPORTED)
    assert reported.reported
    assert (reported.delivery.stage, reported.delivery.keys) == (CallStage.OVER, "*")


def test_a_star_among_other_keys_is_only_a_wrong_key() -> None:
    assert not hear(f"1*{CODE[2:]}").reported
    assert hear(f"1*{CODE[2:]}").line == AskForCode(6, wrong=False)


@pytest.mark.parametrize("heard", CallInput)
@pytest.mark.parametrize("digits", ["", CODE, WRONG, "*"])
def test_a_call_that_is_over_stays_over(heard: CallInput, digits: str) -> None:
    over = replace(ASKED, stage=CallStage.OVER)
    assert hear(digits, delivery=over, heard=heard) == KeypadTurn(End(Ending.NOT_NEEDED), TYPED, over)


@given(st.lists(st.text("0123456789*#", max_size=7) | st.just(CODE) | st.just(WRONG), max_size=12))
def test_every_call_ends_and_approves_only_by_the_code(pressed: list[str]) -> None:
    verification, delivery = replace(TYPED, max_checks=5), ASKED
    for digits in [*pressed, *[""] * MAX_EMPTY_TRIES]:
        typed = hear(digits, verification=verification, delivery=delivery)
        verification, delivery = typed.verification, typed.delivery
        if isinstance(typed.line, End):
            assert (verification.status is VerificationStatus.APPROVED) == (digits == CODE)
            assert verification.checks <= verification.max_checks
            return
    raise AssertionError("it never ended")


# With a browser beside the phone.


@pytest.fixture
async def village(tmp_path: Path) -> AsyncIterator[Village]:
    async with open_village(tmp_path) as village:
        yield village


async def begin(village: Village, **fields: str) -> tuple[Browser, str]:
    """A browser that chose to type on the phone, and the code that it shows."""
    browser = village.browser()
    form = {"username": "ada", "phone": PHONE, "channel": "call", "style": "key", **fields}
    await browser.post(path_of("start"), form)
    return browser, (await open_page(browser)).one("p", **{"class": "code shown"}).text


async def test_the_page_shows_the_code_and_the_phone_takes_it_and_the_page_welcomes(village: Village) -> None:
    browser, code = await begin(village)
    before = dict(browser.cookies)
    await village.phone.answer()
    await village.press(code)
    assert village.script.said == [EN.call.endings.typed_approved]
    page = await open_page(browser)
    assert (page.state, page.heading) == ("welcome", "Welcome, ada")
    assert browser.cookies != before, "the session is renewed at approval"
    assert (await open_page(browser)).state == "welcome"


async def test_a_welcome_that_was_lost_on_the_way_is_given_again_within_a_minute(village: Village) -> None:
    browser, code = await begin(village)
    lost = dict(browser.cookies)
    await village.phone.answer()
    await village.press(code)
    assert (await open_page(browser)).state == "welcome"
    browser.cookies = dict(lost)
    await village.clock.advance(DEFAULT_POLICY.answer_repeat_seconds - 1)
    assert (await open_page(browser)).state == "welcome"
    assert browser.cookies != lost
    await village.clock.advance(2)
    browser.cookies = lost
    assert (await open_page(browser)).state == "form"


async def test_two_tabs_that_ask_at_the_same_instant_are_both_welcomed(village: Village) -> None:
    browser, code = await begin(village)
    other = village.browser()
    other.cookies = dict(browser.cookies)
    await village.phone.answer()
    await village.press(code)
    pages = await asyncio.gather(open_page(browser), open_page(other))
    assert [page.state for page in pages] == ["welcome", "welcome"]


async def test_another_browser_is_not_welcomed_by_what_was_typed(village: Village) -> None:
    _, code = await begin(village)
    other = village.browser()
    await other.get("/")
    await village.phone.answer()
    await village.press(code)
    assert (await open_page(other)).state == "form"


async def test_wrong_keys_end_it_on_the_phone_and_on_the_page(village: Village) -> None:
    browser, code = await begin(village)
    await village.phone.answer()
    await village.press(code[::-1])
    assert village.script.said == [EN.call.endings.typed_wrong]
    page = await open_page(browser)
    assert (page.state, page.heading) == ("ended", EN.page.code.wrong)
    assert code not in page.text


async def test_with_checks_left_the_phone_asks_again_and_the_page_counts(tmp_path: Path) -> None:
    async with open_village(tmp_path, policy=LENIENT_POLICY) as village:
        browser, code = await begin(village)
        await village.phone.answer()
        await village.press(code[::-1])
        assert village.script.said[0] == EN.call.type_wrong
        assert fill(EN.page.code.checks_left, checks=4) in (await open_page(browser)).text
        await village.press(code)
        assert (await open_page(browser)).state == "welcome"


async def test_the_call_never_says_the_code_and_no_text_can_carry_it(village: Village) -> None:
    browser, code = await begin(village)
    await village.phone.answer()
    await village.clock.run()
    verification = (await village.verifier.store.read(await query(browser))).verification
    assert verification is not None
    assert not re.search("[0-9]", " ".join(sentence for script in village.scripts for sentence in script.said))
    with pytest.raises(errors.WrongStyle):
        await village.verifier.resend(verification.sid, Channel.SMS)
    assert not any(
        code in request.path or code in str(request.parameters) for request in village.twilio.request_log.requests
    )


async def test_what_is_typed_into_the_page_proves_nothing(village: Village) -> None:
    browser, code = await begin(village)
    await browser.post(path_of("code"), {"code": code})
    assert (await open_page(browser)).state == "code"


async def test_a_text_instead_is_another_code_that_the_page_does_not_show(village: Village) -> None:
    browser, code = await begin(village)
    await village.clock.run()
    await browser.post(path_of("next"), {"next": "sms"})
    await village.clock.settle()
    (text,) = village.twilio.messages.values()
    page = await open_page(browser)
    assert code not in text.body
    assert not page.all("p", **{"class": "code shown"})
    assert text.body.split("#")[-1] not in page.text


async def test_the_operator_may_propose_it_and_the_person_may_decline(tmp_path: Path) -> None:
    async with open_village(tmp_path, style=CallStyle.KEY) as village:
        browser = village.browser()
        assert (await open_page(browser)).fields["style"] == "key"
        await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
        await village.phone.answer()
        await village.press(village.script.pair)
        assert len(village.script.codes) == 1


async def query(browser: Browser) -> BySession:
    (cookie,) = browser.cookies.values()
    return BySession(session.session_id(cookie))
