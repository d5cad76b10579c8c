"""The call that takes the code, with a browser that shows it: phone and page together."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.app import PHONE, open_page, path_of
from tests.support.asgi_client import Browser
from tests.support.call_setup import CallSetup, open_call_setup
from twiml.words import fill, words
from verification import errors
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY
from verification.ports import BySession
from verification.types import CallStyle, Channel
from webhooks.page import session

EN = words("en-US")


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[CallSetup]:
    """An operator who offers this on the page."""
    async with open_call_setup(tmp_path, style=CallStyle.KEY) as setup:
        yield setup


async def pick_up(setup: CallSetup) -> None:
    """Answer, and press the two keys that the call says."""
    await setup.phone.answer()
    await setup.press(setup.transcript.keys)


async def begin(setup: CallSetup, **fields: str) -> tuple[Browser, str]:
    """A browser that chose to type on the phone, and the code that it shows."""
    browser = setup.browser()
    form = {"username": "ada", "phone": PHONE, "channel": "call", "style": "key", **fields}
    await browser.post(path_of("start"), form)
    return browser, (await open_page(browser)).one("p", **{"class": "code shown"}).text


async def test_the_page_shows_the_code_and_the_phone_takes_it(setup: CallSetup) -> None:
    browser, code = await begin(setup)
    before = dict(browser.cookies)
    await pick_up(setup)
    await setup.press(code)
    assert setup.transcript.sentences == [EN.call.endings.typed_approved]
    page = await open_page(browser)
    assert (page.state, page.heading) == ("welcome", "Welcome, ada")
    assert browser.cookies != before, "the session is renewed at approval"
    assert (await open_page(browser)).state == "welcome"


async def test_a_lost_welcome_is_repeated_within_a_minute(setup: CallSetup) -> None:
    browser, code = await begin(setup)
    lost = dict(browser.cookies)
    await pick_up(setup)
    await setup.press(code)
    assert (await open_page(browser)).state == "welcome"
    browser.cookies = dict(lost)
    await setup.clock.advance(DEFAULT_POLICY.answer_repeat_seconds - 1)
    assert (await open_page(browser)).state == "welcome"
    assert browser.cookies != lost
    await setup.clock.advance(2)
    browser.cookies = lost
    assert (await open_page(browser)).state == "form"


async def test_two_tabs_that_load_at_the_same_instant_are_both_welcomed(setup: CallSetup) -> None:
    browser, code = await begin(setup)
    other = setup.browser()
    other.cookies = dict(browser.cookies)
    await pick_up(setup)
    await setup.press(code)
    pages = await asyncio.gather(open_page(browser), open_page(other))
    assert [page.state for page in pages] == ["welcome", "welcome"]


async def test_another_browser_is_not_welcomed(setup: CallSetup) -> None:
    _, code = await begin(setup)
    other = setup.browser()
    await other.get("/")
    await pick_up(setup)
    await setup.press(code)
    assert (await open_page(other)).state == "form"


async def test_wrong_keys_end_it_on_the_phone_and_on_the_page(setup: CallSetup) -> None:
    browser, code = await begin(setup)
    await pick_up(setup)
    await setup.press(code[::-1])
    assert setup.transcript.sentences == [EN.call.endings.typed_wrong]
    page = await open_page(browser)
    assert (page.state, page.heading) == ("ended", EN.page.code.wrong)
    assert code not in page.text


async def test_with_checks_left_the_phone_asks_again_and_the_page_counts(tmp_path: Path) -> None:
    async with open_call_setup(tmp_path, policy=LENIENT_POLICY, style=CallStyle.KEY) as setup:
        browser, code = await begin(setup)
        await pick_up(setup)
        await setup.press(code[::-1])
        assert setup.transcript.sentences[0] == EN.call.type_wrong
        assert fill(EN.page.code.tries_left, checks=4) in (await open_page(browser)).text
        await setup.press(code)
        assert (await open_page(browser)).state == "welcome"


async def test_the_call_never_says_the_code_and_no_text_can_carry_it(setup: CallSetup) -> None:
    browser, code = await begin(setup)
    await pick_up(setup)
    await setup.clock.run()
    verification = (await setup.verifier.store.read(await query(browser))).verification
    assert verification is not None
    said = {digits for transcript in setup.transcripts for digits in transcript.spaced}
    assert said == {setup.transcripts[0].keys, "00"}
    with pytest.raises(errors.WrongStyle):
        await setup.verifier.resend(verification.sid, Channel.SMS)
    assert not any(
        code in request.path or code in str(request.parameters) for request in setup.twilio.request_log.requests
    )


async def test_typing_the_shown_code_into_the_page_does_not_approve(setup: CallSetup) -> None:
    browser, code = await begin(setup)
    await browser.post(path_of("check_code"), {"code": code})
    assert (await open_page(browser)).state == "code"


async def test_a_text_instead_is_another_code_that_the_page_does_not_show(setup: CallSetup) -> None:
    browser, code = await begin(setup)
    await setup.clock.run()
    await browser.post(path_of("next_step"), {"next": "sms"})
    await setup.clock.settle()
    (text,) = setup.twilio.messages.values()
    page = await open_page(browser)
    assert code not in text.body
    assert not page.all("p", **{"class": "code shown"})
    assert text.body.split("#")[-1] not in page.text


async def test_the_page_offers_it_only_where_the_operator_says_so(tmp_path: Path) -> None:
    """20.10: also to a request that asks for it without having been offered it."""
    async with open_call_setup(tmp_path) as setup:
        browser = setup.browser()
        assert not (await open_page(browser)).all("input", value="key")
        await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call", "style": "key"})
        assert not (await open_page(browser)).all("p", **{"class": "code shown"})
        await setup.phone.answer()
        await setup.press(setup.transcript.keys)
        assert len(setup.transcript.codes) == 1


async def test_the_operator_can_make_it_the_default_and_the_person_can_decline(tmp_path: Path) -> None:
    async with open_call_setup(tmp_path, style=CallStyle.KEY) as setup:
        browser = setup.browser()
        assert (await open_page(browser)).fields["channel"] == "key"
        await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
        await setup.phone.answer()
        await setup.press(setup.transcript.keys)
        assert len(setup.transcript.codes) == 1


async def query(browser: Browser) -> BySession:
    (cookie,) = browser.cookies.values()
    return BySession(session.session_id(cookie))
