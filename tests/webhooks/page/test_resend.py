"""The buttons named `next`, and deliveries that Twilio rejects."""

from pathlib import Path

from msgspec.structs import replace

from tests.support.app import PHONE, RunningApp, open_page, page_of, path_of, running_app
from tests.support.page import DETAILS, press, send, text_arrives, wrong
from verification.counters.rules import LockoutPolicy
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY
from verification.ports import Rejected, Unclear
from verification.types import Scope

SENDER_IN_GROUPS = "+1\u00a0415-\u2060555-\u20600199"


async def test_repeat_sends_the_same_code_again_after_the_pause(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    await text_arrives(running)
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    assert (await press(browser, "repeat")).state == "code"
    assert [order.code for order in running.provider.texts] == [code, code]


async def test_before_the_pause_is_over_the_page_says_how_long_it_lasts(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    await text_arrives(running)
    running.clock.advance(10.5)
    answer = await send(browser, "next_step", next="repeat")
    assert (answer.status, answer.header("retry-after")) == (429, "20")
    page = page_of(answer)
    assert (page.state, page.one("p", role="alert").text) == ("code", "You can ask again in 20 seconds.")
    assert page.one("button", value="repeat").attributes["aria-describedby"] == "pause"
    assert "open" in page.one("details", id="more").attributes
    assert running.provider.asked == 1


async def test_a_pause_of_checks_is_shown_in_words_and_the_button_stays(tmp_path: Path) -> None:
    policy = replace(LENIENT_POLICY, lockouts=((Scope.ACCOUNT, LockoutPolicy(pause_from=1, stop_at=2)),))
    async with running_app(tmp_path / "store.db", policy=policy) as running:
        browser = running.browser()
        code = await running.started(browser)
        await send(browser, "check_code", code=wrong(code))
        running.clock.advance(10.5)
        answer = await send(browser, "check_code", code=code)
        assert (answer.status, answer.header("retry-after")) == (429, "20")
        page = page_of(answer)
        alert = page.one("p", role="alert")
        assert (page.state, alert.text) == ("code", "Please wait 20 seconds before you try again.")
        assert alert.attributes["data-wait"] == "20"
        assert "aria-disabled" not in page.one("button", **{"aria-describedby": "held"}).attributes
        running.clock.advance(20)
        await send(browser, "check_code", code=wrong(code))
        stopped = page_of(await send(browser, "check_code", code=code)).one("p", role="alert")
        assert "data-wait" not in stopped.attributes, "no waiting helps then"


async def test_the_other_channel_carries_the_same_code(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    page = await press(browser, "call")
    assert page.next == ["change", "sms"]
    ((delivery, number),) = running.provider.calls
    assert number.e164 == PHONE
    assert delivery != running.provider.texts[0].delivery
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).state == "welcome"


async def test_after_the_last_delivery_the_page_says_it_was_too_many(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", policy=replace(DEFAULT_POLICY, repeat_spacing=(0,))) as running:
        browser = running.browser()
        await running.started(browser)
        for _ in range(1, DEFAULT_POLICY.max_deliveries):
            await text_arrives(running)
            await press(browser, "repeat")
        await text_arrives(running)
        answer = await send(browser, "next_step", next="repeat")
        assert (answer.status, page_of(answer).state) == (429, "code")
        assert "Too many requests." in page_of(answer).one("p", role="alert").text
        assert running.provider.asked == DEFAULT_POLICY.max_deliveries


async def test_change_ends_it_and_shows_the_form_with_the_user_name(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser, channel="call")
    answer = await send(browser, "next_step", next="change")
    assert (answer.status, answer.header("location")) == (303, "/?edit")
    page = await open_page(browser, "/?edit")
    assert (page.state, page.fields) == ("form", {"username": "ada", "phone": "+1 415-555-0100", "channel": "call"})
    assert running.provider.hung_up == ["CA1"]
    await send(browser, "check_code", code=code[-6:])
    assert (await open_page(browser)).state == "ended"


async def test_a_button_that_does_not_exist_is_400(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    before = running.rows()
    for value in ("", "repeat ", "REPEAT", "approve", "x" * 10_240, "\0"):
        assert (await send(browser, "next_step", next=value)).status == 400, value
    assert running.rows() == before


async def test_buttons_of_a_browser_without_a_verification_lead_to_the_form(running: RunningApp) -> None:
    for value in ("repeat", "call", "sms", "begin-again", "change"):
        answer = await send(running.browser(), "next_step", next=value)
        assert (answer.status, answer.header("location")) == (303, "/"), value
    assert running.provider.asked == 0


async def test_begin_again_is_refused_for_a_number_suppressed_since(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    await send(browser, "check_code", code="000000")
    await running.twilio.post(path_of("inbound_message"), {"From": PHONE, "Body": "STOP"})
    answer = await send(browser, "next_step", next="begin-again")
    assert (answer.status, page_of(answer).state) == (403, "ended")
    assert SENDER_IN_GROUPS in page_of(answer).one("p", role="alert").text


async def test_begin_again_is_refused_for_a_country_that_is_no_longer_called(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db") as running:
        browser = running.browser()
        await running.started(browser)
        await send(browser, "check_code", code="000000")
    async with running_app(
        tmp_path / "store.db", policy=replace(DEFAULT_POLICY, countries=frozenset({"CA"}))
    ) as running:
        browser.app = running.app
        answer = await send(browser, "next_step", next="begin-again")
        assert (answer.status, page_of(answer).state) == (403, "ended")
        assert page_of(answer).one("p", role="alert").text == "We can only reach numbers in: CA\u00a0(+1)"


async def test_a_rejected_delivery_is_reported_and_the_other_channel_is_offered(running: RunningApp) -> None:
    browser = running.browser()
    running.provider.script.append(Rejected(permanent=True, code=21211))
    answer = await browser.post(path_of("start"), DETAILS | {"channel": "call"})
    assert answer.status == 303
    page = await open_page(browser)
    assert (page.state, page.heading) == ("ended", "We could not reach this phone")
    assert page.next == ["sms", "begin-again", "change"]
    assert "21211" not in page.text
    assert (await press(browser, "sms")).state == "code"
    assert len(running.provider.texts) == 1


async def test_a_refused_repeat_leaves_the_code_alive(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    running.provider.script.append(Rejected(permanent=False, code=20429))
    assert (await press(browser, "call")).state == "code"
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).state == "welcome"


async def test_an_unclear_start_says_that_the_phone_may_be_ringing_and_is_not_repeated(running: RunningApp) -> None:
    browser = running.browser()
    running.provider.script.append(Unclear("time-out"))
    await running.started(browser, channel="call")
    page = await open_page(browser)
    assert (page.state, page.one("p", role="status").text) == (
        "code",
        "Your phone may be ringing. Please wait a moment.",
    )
    assert page.next == ["change", "sms"], "a second call would change nothing"
    await send(browser, "next_step", next="repeat")
    assert running.provider.asked == 1
