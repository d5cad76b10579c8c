"""The page in a browser without scripts: the form, the code, the end, the welcome."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.app import PHONE, RunningApp, open_page, page_of, path_of, running_app
from tests.support.asgi_client import Answer, Browser
from tests.support.html import Page
from verification.counters.rules import LockoutPolicy
from verification.models import EventKind
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY
from verification.ports import BySession, Rejected, Unclear
from verification.types import Scope
from webhooks.app import create_app
from webhooks.page import session

DETAILS = {"username": "ada", "phone": "(415) 555-0100", "channel": "sms"}
COOKIE = "__Host-saycode"
SENDER_IN_GROUPS = "+1\u00a0415-\u2060555-\u20600199"
NOT_A_NUMBER = "Enter a phone number with the country code, like +1\u00a0201-\u2060555-\u20600123"


async def send(browser: Browser, route: str, **fields: str) -> Answer:
    return await browser.post(path_of(route), fields)


async def press(browser: Browser, value: str) -> Page:
    """Press one of the buttons named `next`; the page after it."""
    assert value in (await open_page(browser)).next
    answer = await send(browser, "next_step", next=value)
    assert (answer.status, answer.header("location")) == (303, "/")
    return await open_page(browser)


async def text_arrives(running: RunningApp) -> None:
    """The last text is on the phone."""
    sent = {"MessageSid": f"SM{running.provider.asked}", "MessageStatus": "delivered"}
    await running.twilio.post(path_of("message_status", delivery=running.provider.texts[-1].delivery), sent)


def wrong(code: str) -> str:
    """Another code of the same length."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


# The form.


async def test_a_new_browser_sees_the_form(running: RunningApp) -> None:
    page = await open_page(running.browser())
    assert page.state == "form"
    assert page.fields == {"username": "", "phone": "", "channel": "call"}
    assert page.one("form", action="/start").attributes == {"method": "post", "action": "/start", "novalidate": ""}
    assert page.problems == {}


async def test_the_form_is_announced_with_labels_and_filled_by_browsers(running: RunningApp) -> None:
    page = await open_page(running.browser())
    for name, kind in (("username", "username"), ("phone", "tel")):
        field = page.one("input", name=name)
        assert field.attributes["autocomplete"] == kind
        assert page.one("label", **{"for": field.attributes["id"]}).text
    assert page.one("legend").text == "How should we send your code?"
    assert page.one("html").attributes == {"lang": "en-US", "dir": "ltr"}


async def test_a_sent_form_goes_straight_back_to_the_page_which_asks_for_the_code(running: RunningApp) -> None:
    browser = running.browser()
    answer = await browser.post(path_of("start"), DETAILS)
    assert (answer.status, answer.header("location"), answer.body) == (303, "/", b"")
    page = await open_page(browser)
    assert (page.state, page.fields) == ("code", {"code": ""})
    assert [order.to.e164 for order in running.provider.texts] == [PHONE]


async def test_the_code_field_takes_a_pasted_code_and_offers_the_one_from_the_text(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    field = (await open_page(browser)).one("input", name="code").attributes
    assert (field["type"], field["inputmode"], field["autocomplete"]) == ("text", "numeric", "one-time-code")
    assert int(field["maxlength"]) >= len("1-2-3-4-5-6")


async def test_the_number_is_on_the_page_of_the_browser_that_typed_it_until_it_is_proven(running: RunningApp) -> None:
    """8.2, B3"""
    browser, other_browser = running.browser(), running.browser()
    code = await running.started(browser)
    page = await open_page(browser)
    assert page.one("bdi", id="sent-to").text == "+1 415-555-0100"
    await send(browser, "check_code", code=code)
    written = ("4155550100", "415-555-0100", "415) 555-0100")
    for answer in (await browser.get("/"), await browser.get("/?edit"), await other_browser.get("/")):
        assert not [number for number in written if number in answer.text]


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({"username": ""}, {"username": "Enter your username."}),
        ({"username": "  "}, {"username": "Enter your username."}),
        ({"username": "x" * 65}, {"username": "Username must be 64 characters or fewer."}),
        ({"username": "x" * 10_240}, {"username": "Username must be 64 characters or fewer."}),
        ({"username": "a\0b"}, {"username": "Use letters and digits of one alphabet."}),
        ({"username": "a\nb"}, {"username": "Use letters and digits of one alphabet."}),
        ({"username": "\u202eada"}, {"username": "Use letters and digits of one alphabet."}),
        ({"phone": ""}, {"phone": "Enter your phone number."}),
        ({"phone": "my phone"}, {"phone": NOT_A_NUMBER}),
        ({"phone": "415555010O"}, {"phone": NOT_A_NUMBER}),
        ({"phone": "+1 415 555 01"}, {"phone": NOT_A_NUMBER}),
        ({"phone": "+1415\x005550100"}, {"phone": NOT_A_NUMBER}),
        ({"phone": "+14155550100\0"}, {"phone": NOT_A_NUMBER}),
        ({"phone": "4" * 10_240}, {"phone": NOT_A_NUMBER}),
        ({"phone": "911"}, {"phone": NOT_A_NUMBER}),
        ({"phone": "+4930901820"}, {"phone": "We can only reach numbers in: US\u00a0(+1)"}),
        ({"phone": "+1 876 555 0101"}, {"phone": "We can only reach numbers in: US\u00a0(+1)"}),
        ({"phone": "+1 900 555 0100"}, {"phone": "We do not send codes to numbers of this kind."}),
        ({"phone": "+1 212 976 0100"}, {"phone": "We do not send codes to numbers of this kind."}),
        ({"phone": "+1 800 555 0100"}, {"phone": "We do not send codes to numbers of this kind."}),
        ({"phone": "+1 500 234 5678"}, {"phone": "We do not send codes to numbers of this kind."}),
        (
            {"phone": "+1 415 555 0100 ext."},
            {"phone": NOT_A_NUMBER},
        ),
        (
            {"phone": "+1 415 555 0100 ext. 1234567"},
            {"phone": NOT_A_NUMBER},
        ),
        (
            {"phone": "+1 415 555 0100 ext. 911"},
            {"phone": NOT_A_NUMBER},
        ),
        (
            {"phone": "+1 415 555 0100 ext. 0"},
            {"phone": NOT_A_NUMBER},
        ),
        (
            {"phone": "+1 415 555 0100,,,123"},
            {"phone": NOT_A_NUMBER},
        ),
        (
            {"phone": "+1 415 555 0100,,9#00491"},
            {"phone": NOT_A_NUMBER},
        ),
        ({"phone": "+1 415 555 0100 x12", "channel": "sms"}, {"channel": "This phone cannot receive text messages."}),
        ({"phone": "+800 1234 5678"}, {"phone": "We can only reach numbers in: US\u00a0(+1)"}),
        ({"channel": ""}, {"channel": "Choose how we should send your code."}),
        ({"channel": "pigeon"}, {"channel": "Choose how we should send your code."}),
        ({"channel": "CALL"}, {"channel": "Choose how we should send your code."}),
    ],
)
async def test_errors_are_beside_their_fields_and_values_are_kept(
    running: RunningApp, changed: dict[str, str], problems: dict[str, str]
) -> None:
    browser, typed = running.browser(), DETAILS | changed
    answer = await browser.post(path_of("start"), typed)
    assert answer.status == 400
    page = page_of(answer)
    assert (page.state, page.problems) == ("form", problems)
    assert page.one("title").text == "Error: Confirm your phone number · Acme"
    summary = page.one("div", role="alert")
    assert "autofocus" in summary.attributes
    assert summary.text.split("\n")[1] == "There is a problem"
    links = {
        link.attributes["href"].removeprefix("#"): link.text
        for link in page.all("a")
        if "#main" not in link.attributes["href"]
    }
    assert links == {"way-call" if name == "channel" else name: sentence for name, sentence in problems.items()}
    assert links.keys() <= {element.attributes["id"] for element in page.all("input") if "id" in element.attributes}
    seen = {name: "".join(c for c in value if c not in "\0\n\u202e\u200b") for name, value in typed.items()}
    assert page.fields | {"channel": ""} == seen | {"channel": ""}
    if "channel" not in changed:
        assert page.fields["channel"] == typed["channel"]
    assert running.provider.asked == 0
    assert (await open_page(browser)).state == "form"


@pytest.mark.parametrize("invisible", ["\u200b", "\u202e", "\u2060", "\ufe0f", "\u3164", "\0", "\u2028"], ids=ascii)
async def test_invisible_characters_are_refused_once_and_gone_when_the_form_is_sent_again(
    running: RunningApp, invisible: str
) -> None:
    """They came with a paste: the form that is shown again cannot show them."""
    browser = running.browser()
    refused = await browser.post(path_of("start"), DETAILS | {"username": f"a{invisible}da"})
    assert refused.status == 400
    again = page_of(refused).fields
    assert again["username"] == "ada"
    assert (await browser.post(path_of("start"), again)).status == 303
    assert running.provider.asked == 1


async def test_an_empty_form_gets_all_errors_at_once(running: RunningApp) -> None:
    page = page_of(await running.browser().post(path_of("start"), {}))
    assert set(page.problems) == {"username", "phone", "channel"}


async def test_numbers_are_read_as_people_write_them(running: RunningApp) -> None:
    for written in ("4155550100", "+1 (415) 555-0100", "1-415-555-0100", "\u202a+1 415\u00a0555 0100\u202c"):
        await running.started(running.browser(), username=f"ada {len(written)}", phone=written)
        assert running.provider.texts[-1].to.e164 == PHONE


@pytest.mark.parametrize("route", ["start", "check_code", "next_step"])
async def test_a_malformed_form_is_rejected_with_a_sentence_and_without_effect(running: RunningApp, route: str) -> None:
    browser = running.browser()
    code = await running.started(browser)
    before = running.rows()
    for status, answer in [
        (415, await browser.post(path_of(route), body=b'{"code": "1"}', kind="application/json")),
        (415, await browser.post(path_of(route), body=b"code=1", kind="text/plain")),
        (415, await browser.post(path_of(route), body=b"--x--", kind="multipart/form-data; boundary=x")),
        (400, await browser.post(path_of(route), body=b"code=%FF&next=%FF")),
        (400, await browser.post(path_of(route), body=b"code=\xff")),
        (
            400,
            await browser.post(path_of(route), [("code", code)] * 2 + [("next", "sms")] * 2 + [("phone", PHONE)] * 2),
        ),
        (400, await browser.post(path_of(route), [(f"field{n}", "") for n in range(300)])),
    ]:
        assert answer.status == status
        assert page_of(answer).heading.endswith(".")
        assert not answer.all("set-cookie")
    assert running.rows() == before
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).state == "welcome"


async def test_a_suppressed_number_sees_how_to_allow_us_again(running: RunningApp) -> None:
    await running.twilio.post(path_of("inbound_message"), {"From": PHONE, "Body": "STOP"})
    answer = await running.browser().post(path_of("start"), DETAILS)
    assert answer.status == 403
    assert SENDER_IN_GROUPS in page_of(answer).one("p", role="alert").text
    assert (page_of(answer).fields, page_of(answer).problems) == (DETAILS, {})
    assert running.provider.asked == 0


# The code.


async def test_the_right_code_is_welcomed_by_name(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    answer = await send(browser, "check_code", code=code)
    assert (answer.status, answer.header("location"), answer.body) == (303, "/", b"")
    page = await open_page(browser)
    assert (page.state, page.heading) == ("welcome", "Welcome, ada")


async def test_the_welcome_leads_on_where_the_operator_says_and_says_that_it_is_over_where_not(
    running: RunningApp,
) -> None:
    browser = running.browser()
    await send(browser, "check_code", code=await running.started(browser))
    page = await open_page(browser)
    assert "You can close this page." in page.one("main").text
    assert page.all("a", **{"class": "button"}) == []
    assert page.one("a", href="/?edit").text == "Confirm another number"
    welcome_url = "https://example.com/?a=1&b=2"
    app = create_app(replace(running.context, welcome_url=welcome_url))
    page = Page((await Browser(app, cookies=browser.cookies).get("/")).text)
    link = page.one("a", **{"class": "button"})
    assert (link.text, link.attributes["href"]) == ("Continue", welcome_url)
    assert "close this page" not in page.one("main").text


async def test_the_code_may_be_typed_with_spaces_dashes_and_other_digits(running: RunningApp) -> None:
    for spelled in (" {0}{1}{2} {3}{4}{5} ", "{0}-{1}-{2}-{3}-{4}-{5}", "{0}{1}{2}\u2013{3}{4}{5}", "ARABIC"):
        browser = running.browser()
        code = await running.started(browser)
        typed = spelled.format(*code)
        if spelled == "ARABIC":
            typed = "".join(chr(0x0660 + int(digit)) for digit in code)
        await send(browser, "check_code", code=typed)
        assert (await open_page(browser)).state == "welcome", spelled


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the code."),
        ("   ", "Enter the code."),
        ("1" * 10_240, "The code has 6 digits. Check it and try again."),
        ("12345\0", "The code has 6 digits. Check it and try again."),
        ("1.5e10", "The code has only numbers."),
        ("12345O", "The code has only numbers."),
        ("abcdef", "The code has only numbers."),
        ("x" * 10_240, "The code has only numbers."),
    ],
)
async def test_a_malformed_code_is_reported_and_not_counted_as_a_check(
    running: RunningApp, typed: str, sentence: str
) -> None:
    browser = running.browser()
    code = await running.started(browser)
    before = running.rows()
    answer = await send(browser, "check_code", code=typed)
    page = page_of(answer)
    assert (answer.status, page.state, page.problems) == (400, "code", {"code": sentence})
    assert page.fields == {"code": ""}
    assert running.rows() == before
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).state == "welcome"


@pytest.mark.parametrize("typed", ["12345", "1234567", "0"])
async def test_fewer_or_more_digits_are_a_wrong_code_and_cost_the_try(running: RunningApp, typed: str) -> None:
    """1.2 Leading zeros survive: 123 is no other spelling of 000123."""
    browser = running.browser()
    code = await running.started(browser)
    assert (await send(browser, "check_code", code=typed)).status == 303
    assert (await open_page(browser)).state == "ended"
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).state == "ended"


async def test_a_code_without_its_field_is_not_counted(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    assert page_of(await send(browser, "check_code")).problems == {"code": "Enter the code."}


async def test_a_wrong_code_ends_it_and_the_right_one_comes_too_late(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    assert (await send(browser, "check_code", code=wrong(code))).status == 303
    page = await open_page(browser)
    assert page.state == "ended"
    assert page.heading == "That code isn't right"
    assert page.next == ["begin-again", "change"]
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).state == "ended"


async def test_a_wrong_code_hangs_up_the_call_that_still_says_it(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser, channel="call")
    await send(browser, "check_code", code="000000")
    assert running.provider.hung_up == ["CA1"]


async def test_one_press_begins_again_with_the_same_details_and_a_new_code(running: RunningApp) -> None:
    browser = running.browser()
    first = await running.started(browser, username="Ada L.")
    await send(browser, "check_code", code=wrong(first))
    assert "+1 415-555-0100" in (await open_page(browser)).text
    page = await press(browser, "begin-again")
    assert page.state == "code"
    second = running.provider.texts[1]
    assert (second.to, second.code != first) == (running.provider.texts[0].to, True)
    await send(browser, "check_code", code=second.code)
    assert (await open_page(browser)).heading == "Welcome, Ada L."


async def test_begin_again_uses_the_same_channel(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser, channel="call")
    await send(browser, "check_code", code="000000")
    await press(browser, "begin-again")
    assert (len(running.provider.calls), len(running.provider.texts)) == (2, 0)


async def test_more_checks_are_counted_down_in_words(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", policy=LENIENT_POLICY) as running:
        browser = running.browser()
        code = await running.started(browser)
        for left in (4, 3, 2, 1):
            answer = await send(browser, "check_code", code=wrong(code))
            assert answer.status == 303
            page = await open_page(browser, answer.header("location") or "")
            assert page.problems == {"code": f"That code isn't right. Tries left: {left}"}
            assert page.one("title").text.startswith("Error: ")
            later = await open_page(browser)
            assert (later.problems, f"Tries left: {left}" in later.text) == ({}, True)
        await send(browser, "check_code", code=wrong(code))
        assert (await open_page(browser)).state == "ended"


async def test_a_code_does_not_outlive_its_deadline(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    running.clock.advance(DEFAULT_POLICY.code_lifetime)
    for _ in range(2):
        page = await open_page(browser)
        assert (page.state, page.heading, page.next) == ("ended", "The code has expired", ["begin-again", "change"])
        await send(browser, "check_code", code=code)


async def test_the_time_left_is_shown_in_words_with_a_warning_before_the_end(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    shown_times = []
    for seconds in (0, 60, 150, 60):
        running.clock.advance(seconds)
        page = await open_page(browser)
        shown_times.append((page.one("p", **{"class": "time"}).text, page.one("div", id="note").text))
    assert shown_times == [
        ("This code works for 5 more minutes", ""),
        ("This code works for 4 more minutes", ""),
        ("This code works for one more minute", ""),
        ("This code works for less than a minute", "This code expires soon. You can ask for a new one at any time."),
    ]


async def test_a_code_in_an_address_is_ignored(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    before = running.rows()
    for target in (f"/?code={code}", f"/?username=ada&phone={PHONE}&code={code}"):
        assert (await open_page(browser, target)).state == "code"
    assert page_of(await browser.post(f"/code?code={code}", {})).problems == {"code": "Enter the code."}
    assert running.rows() == before


async def test_the_code_is_on_no_page_and_in_no_header(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    answers = [await browser.get("/"), await send(browser, "check_code", code=code + "7"), await browser.get("/?edit")]
    answers += [await send(browser, "check_code", code=code), await browser.get("/")]
    for answer in answers:
        assert code not in answer.text
        assert code not in str(answer.headers)


# Two browsers, and lost answers.


async def test_another_browser_with_the_same_details_ends_the_older(running: RunningApp) -> None:
    first, second = running.browser(), running.browser()
    code = await running.started(first)
    newer = await running.started(second)
    page = await open_page(first)
    assert (page.state, page.next) == ("ended", ["begin-again", "change"])
    assert page.heading == "This code is no longer valid"
    assert "Only the most recent code works." in page.text
    await send(first, "check_code", code=code)
    await send(first, "check_code", code=newer)
    assert (await open_page(first)).state == "ended"
    await send(second, "check_code", code=newer)
    assert (await open_page(second)).state == "welcome"


async def test_a_code_opens_only_the_browser_that_asked_for_it(running: RunningApp) -> None:
    code = await running.started(running.browser())
    other_browser = running.browser()
    await send(other_browser, "check_code", code=code)
    assert (await open_page(other_browser)).state == "form"
    other_browser.cookies = {COOKIE: "0" * 64}
    await send(other_browser, "check_code", code=code)
    assert (await open_page(other_browser)).state == "form"


async def test_a_lost_answer_is_given_again_within_a_minute_and_approves_once(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    old = dict(browser.cookies)
    await send(browser, "check_code", code=code)
    verification = (await running.store.read(BySession(session.session_id(browser.cookies[COOKIE])))).verification
    browser.cookies = dict(old)
    running.clock.advance(60)
    await send(browser, "check_code", code=code)
    assert (await open_page(browser)).heading == "Welcome, ada"
    assert verification is not None
    story = [event.kind for event in await running.store.events(verification.sid)]
    assert story.count(EventKind.APPROVED) == 1


async def test_a_lost_answer_is_not_given_for_another_code_or_later(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    old = dict(browser.cookies)
    await send(browser, "check_code", code=code)
    for typed, seconds in ((wrong(code), 0), (code, 61)):
        browser.cookies = dict(old)
        running.clock.advance(seconds)
        await send(browser, "check_code", code=typed)
        assert (await open_page(browser)).state == "form"


async def test_the_session_is_renewed_at_approval_and_the_old_cookie_shows_the_form(running: RunningApp) -> None:
    browser, thief = running.browser(), running.browser()
    code = await running.started(browser)
    thief.cookies = dict(browser.cookies)
    await send(browser, "check_code", code=code)
    assert browser.cookies != thief.cookies
    assert (await open_page(thief)).state == "form"
    assert (await open_page(browser)).state == "welcome"


async def test_a_double_click_on_the_form_rings_once(running: RunningApp) -> None:
    browser = running.browser()
    await open_page(browser)
    details = DETAILS | {"channel": "call"}
    answers = await asyncio.gather(*(browser.post(path_of("start"), details) for _ in range(3)))
    assert [answer.status for answer in answers] == [303, 303, 303]
    assert len(running.provider.calls) == 1
    assert (await open_page(browser)).state == "code"


async def test_right_codes_sent_twice_at_once_are_one_approval_and_a_welcome(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    await asyncio.gather(*(send(browser, "check_code", code=code) for _ in range(5)))
    assert (await open_page(browser)).state == "welcome"


# Buttons.


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


# Rejected deliveries.


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


# Cross-site requests and cookies.


async def test_a_form_from_elsewhere_is_refused_and_changes_nothing(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    before = running.rows()
    for site in ("cross-site", "same-site", "", "Same-Origin", "something new"):
        for route, fields in (("start", DETAILS), ("check_code", {"code": code}), ("next_step", {"next": "change"})):
            answer = await browser.post(path_of(route), fields, site=site)
            assert (answer.status, answer.all("set-cookie")) == (403, []), (site, route)
    assert running.rows() == before
    assert running.provider.asked == 1


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://verify.example", 303),
        ("https://evil.example", 403),
        ("https://verify.example.evil.example", 403),
        ("http://verify.example", 403),
        ("https://verify.example:8443", 403),
        ("null", 403),
    ],
)
async def test_a_browser_without_fetch_metadata_is_judged_by_the_origin(
    running: RunningApp, origin: str, status: int
) -> None:
    answer = await running.browser().post(path_of("start"), DETAILS, site=None, headers=[("origin", origin)])
    assert answer.status == status
    assert running.provider.asked == (status == 303)


async def test_an_older_browser_that_hides_its_origin_is_known_by_its_cookie(running: RunningApp) -> None:
    """Under `no-referrer` browsers send `Origin: null` with our own form too; a form from elsewhere has no cookie."""
    browser = running.browser()
    await open_page(browser)
    answer = await browser.post(path_of("start"), DETAILS, site=None, headers=[("origin", "null")])
    assert answer.status == 303


async def test_a_browser_that_tells_nothing_is_trusted_as_the_cookie_is_lax(running: RunningApp) -> None:
    assert (await running.browser().post(path_of("start"), DETAILS, site=None)).status == 303


async def test_the_cookie_is_out_of_reach_for_scripts_other_sites_and_sibling_hosts(running: RunningApp) -> None:
    browser = running.browser()
    for answer in (await browser.get("/"), await browser.post(path_of("start"), DETAILS)):
        name, *flags = (answer.header("set-cookie") or "").lower().split("; ")
        assert name.startswith("__host-saycode=")
        assert sorted(flags) == ["httponly", "max-age=1800", "path=/", "samesite=lax", "secure"]
    assert len(browser.cookies[COOKIE]) == 64


async def test_over_plain_http_on_loopback_the_cookie_still_works(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", public_url="http://127.0.0.1:8000") as running:
        browser = running.browser()
        code = await running.started(browser)
        assert set(browser.cookies) == {"saycode"}
        await send(browser, "check_code", code=code)
        assert (await open_page(browser)).state == "welcome"


async def test_an_unknown_cookie_shows_the_form(running: RunningApp) -> None:
    browser = running.browser()
    for value in ("", "x", "0" * 63, "0" * 65, "G" * 64, "' or 1=1", "a" * 10_240, "\u00e9" * 64):
        browser.cookies = {COOKIE: value}
        assert (await open_page(browser)).state == "form", value
        browser.cookies = {COOKIE: value}
        assert (await send(browser, "check_code", code="123456")).status == 303, value


async def test_the_store_does_not_hold_the_cookie(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    assert browser.cookies[COOKIE] not in str(running.rows())


async def test_a_session_ends_after_its_time(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    await send(browser, "check_code", code=code)
    running.clock.advance(DEFAULT_POLICY.session_lifetime)
    assert (await open_page(browser)).state == "form"


# Escaping.

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "{{7*7}}",
    "{% raw %}",
    "${7*7}",
    "&lt;b&gt;",
    "</title><b>",
    "{username}",
    "ada\u00a0l",
]


async def test_a_hostile_user_name_is_shown_as_text(running: RunningApp) -> None:
    welcomes, refusals = [], []
    for name in ("ada", *HOSTILE):
        browser = running.browser()
        code = await running.started(browser, username=name)
        await send(browser, "check_code", code=code)
        page = await open_page(browser)
        assert page.heading == f"Welcome, {name}"
        welcomes.append([element.tag for element in page.elements])
        refused = page_of(await browser.post(path_of("start"), {"username": name, "phone": name, "channel": "sms"}))
        assert (refused.fields["username"], refused.fields["phone"]) == (name, name)
        refusals.append([element.tag for element in refused.elements])
    assert all(tags == welcomes[0] for tags in welcomes)
    assert all(tags == refusals[0] for tags in refusals)


async def test_a_brand_is_shown_as_text(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", brand="<b>{{7*7}}") as running:
        page = await open_page(running.browser())
        assert page.one("title").text == "Confirm your phone number · <b>{{7*7}}"
        assert page.all("b") == []


async def test_no_page_has_a_script_or_style_of_its_own(running: RunningApp) -> None:
    browser = running.browser()
    pages = [await open_page(browser)]
    code = await running.started(browser)
    pages.append(await open_page(browser))
    await send(browser, "check_code", code=wrong(code))
    pages.append(await open_page(browser))
    await press(browser, "begin-again")
    await send(browser, "check_code", code=running.provider.texts[-1].code)
    pages.append(await open_page(browser))
    assert [page.state for page in pages] == ["form", "code", "ended", "welcome"]
    for page in pages:
        assert not page.all("style")
        assert all("src" in script.attributes for script in page.all("script"))
        for element in page.elements:
            assert not [name for name in element.attributes if name == "style" or name.startswith("on")]


# Languages.


@pytest.mark.parametrize(
    ("language", "shown"),
    [("de", "de"), ("fr;q=0.5, de;q=0.9", "de"), ("xx, *;q=0.1", "en-US"), ("", "en-US"), ("\u00e9;;;,,", "en-US")],
)
async def test_the_page_is_in_a_language_that_the_browser_asks_for(
    running: RunningApp, language: str, shown: str
) -> None:
    browser = running.browser(language)
    assert (await open_page(browser)).one("html").attributes["lang"] == shown
    await running.started(browser)
    assert (await open_page(browser)).one("html").attributes["lang"] == shown
    assert running.provider.texts[0].language.startswith(shown)


async def test_the_operators_language_is_the_last_resort(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", language="de-DE") as running:
        assert (await open_page(running.browser())).one("html").attributes["lang"] == "de"


async def test_the_language_of_the_numbers_country_counts_when_the_browser_asks_for_none(tmp_path: Path) -> None:
    policy = replace(DEFAULT_POLICY, countries=frozenset({"DE"}))
    async with running_app(tmp_path / "store.db", policy=policy) as running:
        await running.started(running.browser(), phone="+4930901820")
        assert running.provider.texts[0].language == "de-DE"


async def test_a_language_from_right_to_left_keeps_numbers_from_left_to_right(running: RunningApp) -> None:
    browser = running.browser("ar")
    page = await open_page(browser)
    assert page.one("html").attributes == {"lang": "ar", "dir": "rtl"}
    assert page.one("input", name="phone").attributes["dir"] == "ltr"
    await running.started(browser)
    page = await open_page(browser)
    assert page.one("input", name="code").attributes["dir"] == "ltr"
    assert page.one("bdi", id="sent-to").attributes["dir"] == "ltr"
