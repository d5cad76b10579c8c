"""The form in a browser without scripts: what it asks, and what it says of each field."""

import pytest

from tests.support.app import PHONE, RunningApp, open_page, page_of, path_of
from tests.support.page import DETAILS, send

SENDER_IN_GROUPS = "+1\u00a0415-\u2060555-\u20600199"


NOT_A_NUMBER = "Enter a phone number with the country code, like +1\u00a0201-\u2060555-\u20600123"


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
