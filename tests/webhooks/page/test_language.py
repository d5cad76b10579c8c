"""The language of the page: what the browser asks for, or what is chosen at its foot."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.app import PHONE, Phone, RunningApp, open_page, path_of, running_app
from tests.support.asgi_client import Browser
from twiml.words import LANGUAGES, words
from verification.accounts import Accounts
from verification.models import BUILT_IN_SERVICE, Account, EnrolledNumber
from verification.policy import DEFAULT_POLICY
from verification.values.phone_numbers import PhoneNumber


async def choose(browser: Browser, language: str, query: str = "") -> None:
    answer = await browser.post(path_of("choose_language") + query, {"language": language})
    assert (answer.status, answer.header("location")) == (303, "/" + query)


async def language_of(browser: Browser, target: str = "/") -> str:
    return (await open_page(browser, target)).one("html").attributes["lang"]


async def test_every_language_can_be_chosen_under_its_own_name(running: RunningApp) -> None:
    page = await open_page(running.browser("de"))
    buttons = page.all("button", name="language")
    assert [button.attributes["value"] for button in buttons] == list(LANGUAGES)
    for button in buttons:
        spoken = words(button.attributes["value"])
        assert (button.text, button.attributes["lang"]) == (spoken.native_name, spoken.html_language)
    (current,) = page.all("button", name="language", **{"aria-current": "true"})
    assert current.text == "Deutsch"


async def test_the_form_the_text_and_the_call_are_in_the_chosen_language(running: RunningApp) -> None:
    browser = running.browser("en-US")
    await choose(browser, "de-DE", "?edit")
    assert await language_of(browser, "/?edit") == "de"
    await running.started(browser)
    assert running.provider.texts[-1].language == "de-DE"
    assert await language_of(browser) == "de"
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await choose(browser, "fr-FR")
    assert await language_of(browser) == "fr"
    await browser.post(path_of("next_step"), {"next": "call"})
    heard = await Phone(running.twilio, running.provider.calls[-1][0], f"CA{running.provider.asked}").answer()
    assert words("fr-FR").call.press_keys.split("{")[0] in heard.said


async def test_a_call_goes_on_in_the_language_that_is_chosen_meanwhile(running: RunningApp) -> None:
    browser = running.browser("en-US")
    delivery = await running.started(browser, channel="call")
    phone = Phone(running.twilio, delivery, "CA1")
    asked = await phone.answer()
    await choose(browser, "de-DE")
    assert words("de-DE").call.code.split("{")[0] in (await phone.press(asked.asked_for)).said


async def test_an_ended_verification_is_shown_and_begun_again_in_the_chosen_language(running: RunningApp) -> None:
    browser = running.browser("en-US")
    await running.started(browser)
    await browser.post(path_of("check_code"), {"code": "000000"})
    await choose(browser, "de-DE")
    page = await open_page(browser)
    assert (page.state, page.heading) == ("ended", "Dieser Code ist falsch")
    await browser.post(path_of("next_step"), {"next": "begin-again"})
    assert running.provider.texts[-1].language == "de-DE"


async def test_in_accounts_mode_it_comes_before_the_language_of_the_account(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", accounts=True) as running:
        number = EnrolledNumber(PhoneNumber(PHONE, "US"))
        ada = Account(service=BUILT_IN_SERVICE, name="ada", username="ada", numbers=(number,), language="fr-FR")
        await Accounts(running.verifier).put(ada)
        browser = running.browser()
        await choose(browser, "de-DE", "?edit")
        await browser.post(path_of("start"), {"username": "ada", "channel": "sms"})
        assert running.provider.texts[-1].language == "de-DE"
        assert await language_of(browser) == "de"


@pytest.mark.parametrize("language", ["", "xx", "de", "../../etc", "DE-de", "en-US\0", "x" * 10_000])
async def test_an_unknown_language_is_refused_and_an_unknown_cookie_ignored(running: RunningApp, language: str) -> None:
    browser = running.browser("fr")
    before = running.rows()
    answer = await browser.post(path_of("choose_language"), {"language": language})
    assert (answer.status, answer.all("set-cookie"), running.rows()) == (400, [], before)
    if language.isprintable():
        browser.cookies = {"saycode-language": language}
        assert await language_of(browser) == "fr"


async def test_another_site_cannot_choose_it_and_no_other_browser_is_concerned(running: RunningApp) -> None:
    browser, other_browser = running.browser("en-US"), running.browser("en-US")
    await running.started(browser)
    forged = await browser.post(path_of("choose_language"), {"language": "de-DE"}, site="cross-site")
    assert (forged.status, forged.all("set-cookie")) == (403, [])
    assert await language_of(browser) == "en-US"
    await choose(other_browser, "de-DE")
    assert await language_of(browser) == "en-US"


async def test_the_cookie_holds_the_language_only_and_is_out_of_reach_for_scripts(running: RunningApp) -> None:
    answer = await running.browser().post(path_of("choose_language"), {"language": "de-DE"})
    (cookie,) = answer.all("set-cookie")
    name, *flags = cookie.lower().split("; ")
    assert name == "saycode-language=de-de"
    assert sorted(flags) == ["httponly", "max-age=31536000", "path=/", "samesite=lax", "secure"]


async def test_a_session_that_is_over_changes_no_verification(running: RunningApp) -> None:
    browser = running.browser("en-US")
    await running.started(browser)
    running.clock.advance(DEFAULT_POLICY.session_lifetime)
    before = running.rows()
    await choose(browser, "de-DE")
    assert running.rows() == before


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
