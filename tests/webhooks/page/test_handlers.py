"""The page in a browser without scripts: the form, the code, the end, the welcome."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette

from tests.support.app import PHONE, SENDER, House, open_house, open_page, page_of, path_of
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


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db") as house:
        yield house


async def send(browser: Browser, door: str, **fields: str) -> Answer:
    return await browser.post(path_of(door), fields)


async def press(browser: Browser, value: str) -> Page:
    """Press one of the buttons named `next`; the page after it."""
    assert value in (await open_page(browser)).next
    answer = await send(browser, "next", next=value)
    assert (answer.status, answer.header("location")) == (303, "/")
    return await open_page(browser)


async def text_arrives(house: House) -> None:
    """The last text is on the phone."""
    sent = {"MessageSid": f"SM{house.provider.asked}", "MessageStatus": "delivered"}
    await house.twilio.post(path_of("message_status", delivery=house.provider.texts[-1].delivery), sent)


def wrong(code: str) -> str:
    """Another code of the same length."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


# The form.


async def test_a_new_browser_sees_the_form(house: House) -> None:
    page = await open_page(house.browser())
    assert page.state == "form"
    assert page.fields == {"username": "", "phone": "", "channel": "call"}
    assert page.one("form").attributes == {"method": "post", "action": "/start"}
    assert page.problems == {}


async def test_the_form_is_announced_with_labels_and_filled_by_browsers(house: House) -> None:
    page = await open_page(house.browser())
    for name, kind in (("username", "username"), ("phone", "tel")):
        field = page.one("input", name=name)
        assert field.attributes["autocomplete"] == kind
        assert page.one("label", **{"for": field.attributes["id"]}).text
    assert page.one("legend").text == "How shall we reach you?"
    assert page.one("html").attributes == {"lang": "en-US", "dir": "ltr"}


async def test_a_sent_form_goes_straight_back_to_the_page_which_asks_for_the_code(house: House) -> None:
    browser = house.browser()
    answer = await browser.post(path_of("start"), DETAILS)
    assert (answer.status, answer.header("location"), answer.body) == (303, "/", b"")
    page = await open_page(browser)
    assert (page.state, page.fields) == ("code", {"code": ""})
    assert [order.to.e164 for order in house.provider.texts] == [PHONE]


async def test_the_code_field_takes_a_pasted_code_and_offers_the_one_from_the_text(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    field = (await open_page(browser)).one("input", name="code").attributes
    assert (field["type"], field["inputmode"], field["autocomplete"]) == ("text", "numeric", "one-time-code")
    assert int(field["maxlength"]) >= len("1-2-3-4-5-6")


async def test_the_page_shows_the_number_masked_and_never_whole(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    page = await open_page(browser)
    assert "•••• 00" in page.text
    for whole in (PHONE, "4155550100", "415) 555-0100"):
        assert whole not in (await browser.get("/")).text


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        ({"username": ""}, {"username": "Please enter your user name."}),
        ({"username": "  "}, {"username": "Please enter your user name."}),
        ({"username": "x" * 65}, {"username": "A user name has at most 64 characters."}),
        ({"username": "x" * 10_240}, {"username": "A user name has at most 64 characters."}),
        ({"username": "a\0b"}, {"username": "The user name contains characters that are not allowed."}),
        ({"username": "a\nb"}, {"username": "The user name contains characters that are not allowed."}),
        ({"username": "\u202eada"}, {"username": "The user name contains characters that are not allowed."}),
        ({"phone": ""}, {"phone": "Please enter your phone number."}),
        ({"phone": "my phone"}, {"phone": "This is not a valid phone number."}),
        ({"phone": "415555010O"}, {"phone": "This is not a valid phone number."}),
        ({"phone": "+1 415 555 01"}, {"phone": "This is not a valid phone number."}),
        ({"phone": "+1415\x005550100"}, {"phone": "This is not a valid phone number."}),
        ({"phone": "+14155550100\0"}, {"phone": "This is not a valid phone number."}),
        ({"phone": "4" * 10_240}, {"phone": "This is not a valid phone number."}),
        ({"phone": "911"}, {"phone": "This is not a valid phone number."}),
        ({"phone": "+4930901820"}, {"phone": "We do not call numbers in this country."}),
        ({"phone": "+1 876 555 0101"}, {"phone": "We do not call numbers in this country."}),
        ({"phone": "+1 900 555 0100"}, {"phone": "We do not call numbers in this country."}),
        ({"phone": "+800 1234 5678"}, {"phone": "We do not call numbers in this country."}),
        ({"channel": ""}, {"channel": "Please choose how we shall reach you."}),
        ({"channel": "pigeon"}, {"channel": "Please choose how we shall reach you."}),
        ({"channel": "CALL"}, {"channel": "Please choose how we shall reach you."}),
    ],
)
async def test_what_is_wrong_stands_beside_its_field_and_everything_is_kept(
    house: House, changed: dict[str, str], problems: dict[str, str]
) -> None:
    browser, typed = house.browser(), DETAILS | changed
    answer = await browser.post(path_of("start"), typed)
    assert answer.status == 400
    page = page_of(answer)
    assert (page.state, page.problems) == ("form", problems)
    assert page.one("p", role="alert").text == "Something needs to be corrected"
    assert page.fields | {"channel": ""} == typed | {"channel": ""}
    if "channel" not in changed:
        assert page.fields["channel"] == typed["channel"]
    (first,) = (element for element in page.elements if "autofocus" in element.attributes)
    assert first.attributes["name"] in problems
    assert house.provider.asked == 0
    assert (await open_page(browser)).state == "form"


async def test_an_empty_form_is_told_everything_at_once(house: House) -> None:
    page = page_of(await house.browser().post(path_of("start"), {}))
    assert set(page.problems) == {"username", "phone", "channel"}


async def test_numbers_are_read_as_people_write_them(house: House) -> None:
    for written in ("4155550100", "+1 (415) 555-0100", "1-415-555-0100", "\u202a+1 415\u00a0555 0100\u202c"):
        await house.started(house.browser(), username=f"ada {len(written)}", phone=written)
        assert house.provider.texts[-1].to.e164 == PHONE


@pytest.mark.parametrize("door", ["start", "code", "next"])
async def test_what_is_no_form_is_refused_in_a_sentence_and_nothing_is_lost(house: House, door: str) -> None:
    browser = house.browser()
    code = await house.started(browser)
    before = house.rows()
    for status, answer in [
        (415, await browser.post(path_of(door), body=b'{"code": "1"}', kind="application/json")),
        (415, await browser.post(path_of(door), body=b"code=1", kind="text/plain")),
        (415, await browser.post(path_of(door), body=b"--x--", kind="multipart/form-data; boundary=x")),
        (400, await browser.post(path_of(door), body=b"code=%FF&next=%FF")),
        (400, await browser.post(path_of(door), body=b"code=\xff")),
        (400, await browser.post(path_of(door), [("code", code)] * 2 + [("next", "sms")] * 2 + [("phone", PHONE)] * 2)),
        (400, await browser.post(path_of(door), [(f"field{n}", "") for n in range(300)])),
    ]:
        assert answer.status == status
        assert page_of(answer).heading.endswith(".")
        assert not answer.all("set-cookie")
    assert house.rows() == before
    await send(browser, "code", code=code)
    assert (await open_page(browser)).state == "welcome"


async def test_a_suppressed_number_is_told_how_to_allow_us_again(house: House) -> None:
    await house.twilio.post(path_of("texted"), {"From": PHONE, "Body": "STOP"})
    answer = await house.browser().post(path_of("start"), DETAILS)
    assert answer.status == 403
    assert SENDER in page_of(answer).problems["phone"]
    assert page_of(answer).fields == DETAILS
    assert house.provider.asked == 0


# The code.


async def test_the_right_code_is_welcomed_by_name(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    answer = await send(browser, "code", code=code)
    assert (answer.status, answer.header("location"), answer.body) == (303, "/", b"")
    page = await open_page(browser)
    assert (page.state, page.heading) == ("welcome", "Welcome, ada")


async def test_the_welcome_leads_on_where_the_operator_says_and_says_that_it_is_over_where_not(house: House) -> None:
    browser = house.browser()
    await send(browser, "code", code=await house.started(browser))
    page = await open_page(browser)
    assert "You can close this page." in page.one("main").text
    assert page.all("a", **{"class": "onward"}) == []
    assert isinstance(house.app, Starlette)
    onward = "https://example.com/?a=1&b=2"
    app = create_app(replace(house.app.state.doorway, onward=onward))
    page = Page((await Browser(app, cookies=browser.cookies).get("/")).text)
    link = page.one("a", **{"class": "onward"})
    assert (link.text, link.attributes["href"]) == ("Continue", onward)
    assert "close this page" not in page.one("main").text


async def test_the_code_may_be_typed_with_spaces_dashes_and_other_digits(house: House) -> None:
    for spelled in (" {0}{1}{2} {3}{4}{5} ", "{0}-{1}-{2}-{3}-{4}-{5}", "{0}{1}{2}\u2013{3}{4}{5}", "ARABIC"):
        browser = house.browser()
        code = await house.started(browser)
        typed = spelled.format(*code)
        if spelled == "ARABIC":
            typed = "".join(chr(0x0660 + int(digit)) for digit in code)
        await send(browser, "code", code=typed)
        assert (await open_page(browser)).state == "welcome", spelled


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Please enter the code."),
        ("   ", "Please enter the code."),
        ("1" * 10_240, "The code has 6 digits."),
        ("12345\0", "The code has 6 digits."),
        ("1.5e10", "The code contains digits only."),
        ("12345O", "The code contains digits only."),
        ("abcdef", "The code contains digits only."),
        ("x" * 10_240, "The code contains digits only."),
    ],
)
async def test_what_cannot_be_a_code_is_told_and_not_counted_as_a_check(
    house: House, typed: str, sentence: str
) -> None:
    browser = house.browser()
    code = await house.started(browser)
    before = house.rows()
    answer = await send(browser, "code", code=typed)
    page = page_of(answer)
    assert (answer.status, page.state, page.problems) == (400, "code", {"code": sentence})
    assert page.fields == {"code": ""}
    assert house.rows() == before
    await send(browser, "code", code=code)
    assert (await open_page(browser)).state == "welcome"


@pytest.mark.parametrize("typed", ["12345", "1234567", "0"])
async def test_fewer_or_more_digits_are_a_wrong_code_and_cost_the_try(house: House, typed: str) -> None:
    """1.2 Leading zeros survive: 123 is no other spelling of 000123."""
    browser = house.browser()
    code = await house.started(browser)
    assert (await send(browser, "code", code=typed)).status == 303
    assert (await open_page(browser)).state == "ended"
    await send(browser, "code", code=code)
    assert (await open_page(browser)).state == "ended"


async def test_a_code_without_its_field_is_not_counted(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    assert page_of(await send(browser, "code")).problems == {"code": "Please enter the code."}


async def test_a_wrong_code_ends_it_and_the_right_one_comes_too_late(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    assert (await send(browser, "code", code=wrong(code))).status == 303
    page = await open_page(browser)
    assert (page.state, page.heading) == ("ended", "That code is not valid. It cannot be used again.")
    assert page.next == ["begin-again", "change"]
    await send(browser, "code", code=code)
    assert (await open_page(browser)).state == "ended"


async def test_a_wrong_code_hangs_up_the_call_that_still_says_it(house: House) -> None:
    browser = house.browser()
    await house.started(browser, channel="call")
    await send(browser, "code", code="000000")
    assert house.provider.hung_up == ["CA1"]


async def test_one_press_begins_again_with_the_same_details_and_a_new_code(house: House) -> None:
    browser = house.browser()
    first = await house.started(browser, username="Ada L.")
    await send(browser, "code", code=wrong(first))
    assert "•••• 00" in (await open_page(browser)).text
    page = await press(browser, "begin-again")
    assert page.state == "code"
    second = house.provider.texts[1]
    assert (second.to, second.code != first) == (house.provider.texts[0].to, True)
    await send(browser, "code", code=second.code)
    assert (await open_page(browser)).heading == "Welcome, Ada L."


async def test_begin_again_uses_the_same_channel(house: House) -> None:
    browser = house.browser()
    await house.started(browser, channel="call")
    await send(browser, "code", code="000000")
    await press(browser, "begin-again")
    assert (len(house.provider.calls), len(house.provider.texts)) == (2, 0)


async def test_more_checks_are_counted_down_in_words(tmp_path: Path) -> None:
    async with open_house(tmp_path / "table.db", policy=LENIENT_POLICY) as house:
        browser = house.browser()
        code = await house.started(browser)
        for left in (4, 3, 2, 1):
            await send(browser, "code", code=wrong(code))
            page = await open_page(browser)
            assert page.problems == {"code": f"That code is not valid. Tries left: {left}"}
        await send(browser, "code", code=wrong(code))
        assert (await open_page(browser)).state == "ended"


async def test_a_code_does_not_outlive_its_deadline(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    house.clock.advance(DEFAULT_POLICY.code_lifetime)
    for _ in range(2):
        page = await open_page(browser)
        assert (page.state, page.heading, page.next) == ("ended", "The code has expired.", ["begin-again", "change"])
        await send(browser, "code", code=code)


async def test_the_time_left_is_told_in_words_with_a_warning_before_the_end(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    told = []
    for seconds in (0, 60, 150, 60):
        house.clock.advance(seconds)
        page = await open_page(browser)
        told.append((page.one("p", **{"class": "time"}).text, page.one("div", id="note").text))
    assert told == [
        ("5 minutes left", ""),
        ("4 minutes left", ""),
        ("One minute left", ""),
        ("Less than a minute left", "This code expires soon. You can ask for a new one at any time."),
    ]


async def test_a_code_in_an_address_is_ignored(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    before = house.rows()
    for target in (f"/?code={code}", f"/?username=ada&phone={PHONE}&code={code}"):
        assert (await open_page(browser, target)).state == "code"
    assert page_of(await browser.post(f"/code?code={code}", {})).problems == {"code": "Please enter the code."}
    assert house.rows() == before


async def test_the_code_is_on_no_page_and_in_no_header(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    answers = [await browser.get("/"), await send(browser, "code", code=code + "7"), await browser.get("/?edit")]
    answers += [await send(browser, "code", code=code), await browser.get("/")]
    for answer in answers:
        assert code not in answer.text
        assert code not in str(answer.headers)


# Two browsers, and answers that were lost.


async def test_another_browser_with_the_same_details_ends_the_older(house: House) -> None:
    first, second = house.browser(), house.browser()
    code = await house.started(first)
    newer = await house.started(second)
    page = await open_page(first)
    assert (page.state, page.next) == ("ended", ["begin-again", "change"])
    assert page.heading == "This code is no longer valid. Only the latest code counts."
    await send(first, "code", code=code)
    await send(first, "code", code=newer)
    assert (await open_page(first)).state == "ended"
    await send(second, "code", code=newer)
    assert (await open_page(second)).state == "welcome"


async def test_a_code_opens_only_the_browser_that_asked_for_it(house: House) -> None:
    code = await house.started(house.browser())
    stranger = house.browser()
    await send(stranger, "code", code=code)
    assert (await open_page(stranger)).state == "form"
    stranger.cookies = {COOKIE: "0" * 64}
    await send(stranger, "code", code=code)
    assert (await open_page(stranger)).state == "form"


async def test_a_lost_answer_is_given_again_within_a_minute_and_approves_once(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    old = dict(browser.cookies)
    await send(browser, "code", code=code)
    verification = (await house.store.read(BySession(session.session_id(browser.cookies[COOKIE])))).verification
    browser.cookies = dict(old)
    house.clock.advance(60)
    await send(browser, "code", code=code)
    assert (await open_page(browser)).heading == "Welcome, ada"
    assert verification is not None
    story = [event.kind for event in await house.store.events(verification.sid)]
    assert story.count(EventKind.APPROVED) == 1


async def test_a_lost_answer_is_not_given_for_another_code_or_later(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    old = dict(browser.cookies)
    await send(browser, "code", code=code)
    for typed, seconds in ((wrong(code), 0), (code, 61)):
        browser.cookies = dict(old)
        house.clock.advance(seconds)
        await send(browser, "code", code=typed)
        assert (await open_page(browser)).state == "form"


async def test_the_session_is_renewed_at_approval_and_the_old_cookie_shows_the_form(house: House) -> None:
    browser, thief = house.browser(), house.browser()
    code = await house.started(browser)
    thief.cookies = dict(browser.cookies)
    await send(browser, "code", code=code)
    assert browser.cookies != thief.cookies
    assert (await open_page(thief)).state == "form"
    assert (await open_page(browser)).state == "welcome"


async def test_a_double_click_on_the_form_rings_once(house: House) -> None:
    browser = house.browser()
    await open_page(browser)
    details = DETAILS | {"channel": "call"}
    answers = await asyncio.gather(*(browser.post(path_of("start"), details) for _ in range(3)))
    assert [answer.status for answer in answers] == [303, 303, 303]
    assert len(house.provider.calls) == 1
    assert (await open_page(browser)).state == "code"


async def test_right_codes_sent_twice_at_once_are_one_approval_and_a_welcome(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    await asyncio.gather(*(send(browser, "code", code=code) for _ in range(5)))
    assert (await open_page(browser)).state == "welcome"


# Buttons.


async def test_repeat_sends_the_same_code_again_after_the_pause(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    await text_arrives(house)
    house.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    assert (await press(browser, "repeat")).state == "code"
    assert [order.code for order in house.provider.texts] == [code, code]


async def test_before_the_pause_is_over_the_page_says_how_long_it_lasts(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    await text_arrives(house)
    house.clock.advance(10.5)
    answer = await send(browser, "next", next="repeat")
    assert (answer.status, answer.header("retry-after")) == (429, "20")
    page = page_of(answer)
    assert (page.state, page.one("p", role="alert").text) == ("code", "Please wait 20 seconds before you try again.")
    assert house.provider.asked == 1


async def test_a_pause_of_checks_is_told_in_words_and_the_button_stays(tmp_path: Path) -> None:
    policy = replace(LENIENT_POLICY, guesses=((Scope.ACCOUNT, LockoutPolicy(pause_from=1, stop_at=2)),))
    async with open_house(tmp_path / "store.db", policy=policy) as house:
        browser = house.browser()
        code = await house.started(browser)
        await send(browser, "code", code=wrong(code))
        house.clock.advance(10.5)
        answer = await send(browser, "code", code=code)
        assert (answer.status, answer.header("retry-after")) == (429, "20")
        page = page_of(answer)
        told = page.one("p", role="alert")
        assert (page.state, told.text) == ("code", "Please wait 20 seconds before you try again.")
        assert told.attributes["data-wait"] == "20"
        assert "aria-disabled" not in page.one("button", **{"aria-describedby": "held"}).attributes
        house.clock.advance(20)
        await send(browser, "code", code=wrong(code))
        stopped = page_of(await send(browser, "code", code=code)).one("p", role="alert")
        assert "data-wait" not in stopped.attributes, "no waiting helps then"


async def test_the_other_channel_carries_the_same_code(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    house.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    page = await press(browser, "call")
    assert page.next == ["repeat", "sms", "change"]
    ((delivery, number),) = house.provider.calls
    assert number.e164 == PHONE
    assert delivery != house.provider.texts[0].delivery
    await send(browser, "code", code=code)
    assert (await open_page(browser)).state == "welcome"


async def test_after_the_last_delivery_the_page_says_it_was_too_many(tmp_path: Path) -> None:
    async with open_house(tmp_path / "store.db", policy=replace(DEFAULT_POLICY, repeat_spacing=(0,))) as house:
        browser = house.browser()
        await house.started(browser)
        for _ in range(1, DEFAULT_POLICY.max_deliveries):
            await text_arrives(house)
            await press(browser, "repeat")
        await text_arrives(house)
        answer = await send(browser, "next", next="repeat")
        assert (answer.status, page_of(answer).state) == (429, "code")
        assert "too many" in page_of(answer).one("p", role="alert").text
        assert house.provider.asked == DEFAULT_POLICY.max_deliveries


async def test_change_ends_it_and_shows_the_form_with_the_user_name(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser, channel="call")
    answer = await send(browser, "next", next="change")
    assert (answer.status, answer.header("location")) == (303, "/?edit")
    page = await open_page(browser, "/?edit")
    assert (page.state, page.fields["username"], page.fields["phone"]) == ("form", "ada", "")
    assert house.provider.hung_up == ["CA1"]
    await send(browser, "code", code=code[-6:])
    assert (await open_page(browser)).state == "ended"


async def test_a_button_that_does_not_exist_is_400(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    before = house.rows()
    for value in ("", "repeat ", "REPEAT", "approve", "x" * 10_240, "\0"):
        assert (await send(browser, "next", next=value)).status == 400, value
    assert house.rows() == before


async def test_buttons_of_a_browser_without_a_verification_lead_to_the_form(house: House) -> None:
    for value in ("repeat", "call", "sms", "begin-again", "change"):
        answer = await send(house.browser(), "next", next=value)
        assert (answer.status, answer.header("location")) == (303, "/"), value
    assert house.provider.asked == 0


async def test_begin_again_is_refused_for_a_number_suppressed_since(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    await send(browser, "code", code="000000")
    await house.twilio.post(path_of("texted"), {"From": PHONE, "Body": "STOP"})
    answer = await send(browser, "next", next="begin-again")
    assert (answer.status, page_of(answer).state) == (403, "ended")
    assert SENDER in page_of(answer).one("p", role="alert").text


async def test_begin_again_is_refused_for_a_country_that_is_no_longer_called(tmp_path: Path) -> None:
    async with open_house(tmp_path / "store.db") as house:
        browser = house.browser()
        await house.started(browser)
        await send(browser, "code", code="000000")
    async with open_house(tmp_path / "store.db", policy=replace(DEFAULT_POLICY, countries=frozenset({"CA"}))) as house:
        browser.app = house.app
        answer = await send(browser, "next", next="begin-again")
        assert (answer.status, page_of(answer).state) == (403, "ended")
        assert page_of(answer).one("p", role="alert").text == "We do not call numbers in this country."


# Twilio was not reached.


async def test_a_refused_delivery_is_told_and_the_other_channel_is_offered(house: House) -> None:
    browser = house.browser()
    house.provider.script.append(Rejected(permanent=True, code=21211))
    answer = await browser.post(path_of("start"), DETAILS | {"channel": "call"})
    assert answer.status == 303
    page = await open_page(browser)
    assert (page.state, page.heading) == ("ended", "We could not reach this phone.")
    assert page.next == ["sms", "begin-again", "change"]
    assert "21211" not in page.text
    assert (await press(browser, "sms")).state == "code"
    assert len(house.provider.texts) == 1


async def test_a_refused_repeat_leaves_the_code_alive(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    house.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    house.provider.script.append(Rejected(permanent=False, code=20429))
    assert (await press(browser, "call")).state == "code"
    await send(browser, "code", code=code)
    assert (await open_page(browser)).state == "welcome"


async def test_an_unclear_start_says_that_the_phone_may_be_ringing_and_is_not_repeated(house: House) -> None:
    browser = house.browser()
    house.provider.script.append(Unclear("time-out"))
    await house.started(browser, channel="call")
    page = await open_page(browser)
    assert (page.state, page.one("p", role="status").text) == (
        "code",
        "Your phone may be ringing. Please wait a moment.",
    )
    await press(browser, "repeat")
    assert house.provider.asked == 1


# Whose form is it?


async def test_a_form_from_elsewhere_is_refused_and_changes_nothing(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    before = house.rows()
    for site in ("cross-site", "same-site", "", "Same-Origin", "something new"):
        for door, fields in (("start", DETAILS), ("code", {"code": code}), ("next", {"next": "change"})):
            answer = await browser.post(path_of(door), fields, site=site)
            assert (answer.status, answer.all("set-cookie")) == (403, []), (site, door)
    assert house.rows() == before
    assert house.provider.asked == 1


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
async def test_a_browser_without_fetch_metadata_is_judged_by_the_origin(house: House, origin: str, status: int) -> None:
    answer = await house.browser().post(path_of("start"), DETAILS, site=None, headers=[("origin", origin)])
    assert answer.status == status
    assert house.provider.asked == (status == 303)


async def test_an_older_browser_that_hides_its_origin_is_known_by_its_cookie(house: House) -> None:
    """Under `no-referrer` browsers send `Origin: null` with our own form too; a form from elsewhere has no cookie."""
    browser = house.browser()
    await open_page(browser)
    answer = await browser.post(path_of("start"), DETAILS, site=None, headers=[("origin", "null")])
    assert answer.status == 303


async def test_a_browser_that_tells_nothing_is_trusted_as_the_cookie_is_lax(house: House) -> None:
    assert (await house.browser().post(path_of("start"), DETAILS, site=None)).status == 303


async def test_the_cookie_is_out_of_reach_for_scripts_other_sites_and_sibling_hosts(house: House) -> None:
    browser = house.browser()
    for answer in (await browser.get("/"), await browser.post(path_of("start"), DETAILS)):
        name, *flags = (answer.header("set-cookie") or "").lower().split("; ")
        assert name.startswith("__host-saycode=")
        assert sorted(flags) == ["httponly", "max-age=1800", "path=/", "samesite=lax", "secure"]
    assert len(browser.cookies[COOKIE]) == 64


async def test_over_plain_http_on_loopback_the_cookie_still_works(tmp_path: Path) -> None:
    async with open_house(tmp_path / "store.db", public_url="http://127.0.0.1:8000") as house:
        browser = house.browser()
        code = await house.started(browser)
        assert set(browser.cookies) == {"saycode"}
        await send(browser, "code", code=code)
        assert (await open_page(browser)).state == "welcome"


async def test_a_cookie_that_is_none_of_ours_shows_the_form(house: House) -> None:
    browser = house.browser()
    for value in ("", "x", "0" * 63, "0" * 65, "G" * 64, "' or 1=1", "a" * 10_240, "\u00e9" * 64):
        browser.cookies = {COOKIE: value}
        assert (await open_page(browser)).state == "form", value
        browser.cookies = {COOKIE: value}
        assert (await send(browser, "code", code="123456")).status == 303, value


async def test_the_table_does_not_hold_the_cookie(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    assert browser.cookies[COOKIE] not in str(house.rows())


async def test_a_session_ends_after_its_time(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    await send(browser, "code", code=code)
    house.clock.advance(DEFAULT_POLICY.session_lifetime)
    assert (await open_page(browser)).state == "form"


# Text is text.

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


async def test_a_hostile_user_name_is_shown_as_text(house: House) -> None:
    welcomes, refusals = [], []
    for name in ("ada", *HOSTILE):
        browser = house.browser()
        code = await house.started(browser, username=name)
        await send(browser, "code", code=code)
        page = await open_page(browser)
        assert page.heading == f"Welcome, {name}"
        welcomes.append([element.tag for element in page.elements])
        refused = page_of(await browser.post(path_of("start"), {"username": name, "phone": name, "channel": "sms"}))
        assert (refused.fields["username"], refused.fields["phone"]) == (name, name)
        refusals.append([element.tag for element in refused.elements])
    assert all(tags == welcomes[0] for tags in welcomes)
    assert all(tags == refusals[0] for tags in refusals)


async def test_a_brand_is_shown_as_text(tmp_path: Path) -> None:
    async with open_house(tmp_path / "store.db", brand="<b>{{7*7}}") as house:
        page = await open_page(house.browser())
        assert page.one("title").text == "<b>{{7*7}}: confirm your phone"
        assert page.all("b") == []


async def test_no_page_has_a_script_or_style_of_its_own(house: House) -> None:
    browser = house.browser()
    pages = [await open_page(browser)]
    code = await house.started(browser)
    pages.append(await open_page(browser))
    await send(browser, "code", code=wrong(code))
    pages.append(await open_page(browser))
    await press(browser, "begin-again")
    await send(browser, "code", code=house.provider.texts[-1].code)
    pages.append(await open_page(browser))
    assert [page.state for page in pages] == ["form", "code", "ended", "welcome"]
    for page in pages:
        assert not page.all("style")
        assert all("src" in script.attributes for script in page.all("script"))
        for element in page.elements:
            assert not [name for name in element.attributes if name == "style" or name.startswith("on")]


# Languages.


@pytest.mark.parametrize(
    ("asked", "shown"),
    [("de", "de"), ("fr;q=0.5, de;q=0.9", "de"), ("xx, *;q=0.1", "en-US"), ("", "en-US"), ("\u00e9;;;,,", "en-US")],
)
async def test_the_page_is_in_a_language_that_the_browser_asks_for(house: House, asked: str, shown: str) -> None:
    browser = house.browser(asked)
    assert (await open_page(browser)).one("html").attributes["lang"] == shown
    await house.started(browser)
    assert (await open_page(browser)).one("html").attributes["lang"] == shown
    assert house.provider.texts[0].language.startswith(shown)


async def test_the_operators_language_is_the_last_resort(tmp_path: Path) -> None:
    async with open_house(tmp_path / "store.db", language="de-DE") as house:
        assert (await open_page(house.browser())).one("html").attributes["lang"] == "de"


async def test_the_language_of_the_numbers_country_counts_when_the_browser_asks_for_none(tmp_path: Path) -> None:
    policy = replace(DEFAULT_POLICY, countries=frozenset({"DE"}))
    async with open_house(tmp_path / "store.db", policy=policy) as house:
        await house.started(house.browser(), phone="+4930901820")
        assert house.provider.texts[0].language == "de-DE"


async def test_a_language_from_right_to_left_keeps_numbers_from_left_to_right(house: House) -> None:
    browser = house.browser("ar")
    page = await open_page(browser)
    assert page.one("html").attributes == {"lang": "ar", "dir": "rtl"}
    assert page.one("input", name="phone").attributes["dir"] == "ltr"
    await house.started(browser)
    page = await open_page(browser)
    assert page.one("input", name="code").attributes["dir"] == "ltr"
    assert "\u2066••••\u00a000\u2069" in page.one("p", role="status").text
