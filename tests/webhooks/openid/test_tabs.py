"""Each tab has a request of its own, a browser that lost an answer gets it again, and a person can cancel."""

import json
from pathlib import Path

import pytest

from tests.support.account_cases import NUMBERS, REAL, account
from tests.support.app import RunningApp, open_page, path_of, running_app
from tests.support.asgi_client import Browser
from tests.support.openid import (
    PROCEED,
    Application,
    answer_of,
    application,
    logged_in,
    opened,
    proven,
    stays,
)
from verification.accounts import Accounts
from verification.authorizations import ANSWER_LIFETIME
from verification.models import State
from verification.ports import ByDelivery
from verification.types import VerificationStatus


async def books(app: RunningApp) -> Application:
    return await application(app, "Books", redirect_uri="https://books.example/cb")


# Tabs.


async def test_two_tabs_of_two_applications_each_lead_back_to_their_own(app: RunningApp, shop: Application) -> None:
    browser, other = app.browser(), await books(app)
    first, second = shop.login(), other.login()
    await opened(app, browser, first)
    of_first = browser.asked
    await opened(app, browser, second)
    of_second = browser.asked
    browser.asked = of_first
    assert (await open_page(browser)).one("p", **{"class": "asked"}).text == "Leaf and Kettle"
    code = answer_of(await browser.get(await proven(app, browser)), first)["code"]
    assert shop.claims(await shop.exchange(first, code), first)["sub"]
    browser.asked = of_second
    assert f'content="0; url={PROCEED}?{of_second}"' in (await browser.get("/")).text, "one proof serves both"
    code = answer_of(await browser.get(PROCEED), second)["code"]
    assert other.claims(await other.exchange(second, code), second)["sub"]


async def test_each_tab_proves_what_its_own_application_asks_for(app: RunningApp, shop: Application) -> None:
    browser, other = app.browser(), await books(app)
    first, second = shop.login(acr_values="change-billing"), other.login()
    await opened(app, browser, first)
    of_first = browser.asked
    await opened(app, browser, second)
    await proven(app, browser)
    assert app.provider.texts[-1].action == "sign-in"
    assert "code" in answer_of(await browser.get(PROCEED), second)
    browser.asked = of_first
    assert (await open_page(browser)).state == "form"
    assert stays(browser, await browser.get(PROCEED))
    app.clock.advance(60)
    answer = answer_of(await browser.get(await proven(app, browser)), first)
    assert app.provider.texts[-1].action == "change-billing"
    assert shop.claims(await shop.exchange(first, answer["code"]), first)["acr"] == "change-billing"


async def test_every_link_and_form_of_a_tab_keeps_its_request(app: RunningApp, shop: Application) -> None:
    browser = app.browser()
    await opened(app, browser, shop.login())
    code = ""
    for expected in ("form", "code", "ended"):
        page = await open_page(browser)
        assert page.state == expected
        addresses = [form.attributes["action"] for form in page.all("form")]
        addresses += [link.attributes["href"] for link in page.all("a") if not link.attributes["href"].startswith("#")]
        addresses += [
            page.one("body").attributes[name] for name in ("data-page", "data-progress") if expected == "code"
        ]
        assert addresses
        assert all(address.endswith(browser.asked) for address in addresses), addresses
        if expected == "code":
            live = await browser.get(f"/progress?once&{browser.asked}")
            assert f"/next?{browser.asked}" in live.text
            assert (await browser.post("/code", {"code": f"{(int(code) + 1) % 10**6:06}"})).status == 303
        elif expected == "form":
            code = await app.started(browser)


async def test_a_tab_without_an_application_offers_no_way_to_one(app: RunningApp, shop: Application) -> None:
    browser = app.browser()
    await opened(app, browser, shop.login())
    browser.asked = ""
    page = await open_page(browser)
    assert "Leaf and Kettle" not in page.text
    assert "Cancel" not in page.text


@pytest.mark.parametrize(
    "odd", ["https://evil.example", "//evil.example", "0" * 31, "0" * 33, "A" * 32, '"><script>', "%0d%0aX:1", ""]
)
async def test_an_id_that_is_none_of_ours_is_ignored_and_not_repeated(app: RunningApp, odd: str) -> None:
    browser = app.browser()
    for target in (f"/?request={odd}", f"{PROCEED}?request={odd}", f"{PROCEED}?cancel&request={odd}"):
        answer = await browser.get(target)
        assert (answer.status, answer.header("location")) in ((200, None), (303, "/"))
        assert "evil.example" not in answer.text
        assert "<script>" not in answer.text
        assert "request=" not in answer.text


# Lost answers.


async def test_a_browser_that_lost_the_answer_is_led_on_again_until_the_application_has_it(
    app: RunningApp, shop: Application
) -> None:
    browser, login = app.browser(), shop.login(acr_values="change-billing")
    await logged_in(app, browser, login)  # and the connection breaks
    app.clock.advance(30)
    page = await browser.get("/")
    assert f'content="0; url={PROCEED}?{browser.asked}"' in page.text
    code = answer_of(await browser.get(PROCEED), login)["code"]
    assert shop.claims(await shop.exchange(login, code), login)["acr"] == "change-billing"
    page = await browser.get("/")
    assert PROCEED not in page.text
    assert stays(browser, await browser.get(PROCEED))


async def test_of_several_answers_only_one_can_be_exchanged(app: RunningApp, shop: Application) -> None:
    browser, login = app.browser(), shop.login()
    first = (await logged_in(app, browser, login))["code"]
    second = answer_of(await browser.get(PROCEED), login)["code"]
    assert first != second
    assert (await shop.exchange(login, first)).status == 200
    refused = await shop.exchange(login, second)
    assert (refused.status, json.loads(refused.text)["error"]) == (400, "invalid_grant")


async def test_a_lost_answer_can_be_had_again_for_five_minutes(app: RunningApp, shop: Application) -> None:
    browser, login = app.browser(), shop.login()
    await logged_in(app, browser, login)
    app.clock.advance(ANSWER_LIFETIME - 1)
    assert "code" in answer_of(await browser.get(PROCEED), login)
    app.clock.advance(ANSWER_LIFETIME + 1)
    assert stays(browser, await browser.get(PROCEED))


async def test_a_nonce_of_an_answer_that_was_lost_serves_no_other_request(app: RunningApp, shop: Application) -> None:
    browser = app.browser()
    await logged_in(app, browser, shop.login(nonce="n"))
    again = shop.login(nonce="n")
    assert answer_of(await opened(app, browser, again), again)["error"] == "invalid_request"


# Cancel.


async def canceled(browser: Browser, page_state: str) -> str:
    """The path of the page's link "Cancel"."""
    page = await open_page(browser)
    assert page.state == page_state
    (link,) = [link for link in page.all("a") if link.text == "Cancel"]
    return link.attributes["href"]


async def test_cancel_is_access_denied_in_every_state(app: RunningApp, shop: Application) -> None:
    for state, code in (("form", ""), ("code", ""), ("ended", "")):
        browser, login = app.browser(), shop.login()
        await opened(app, browser, login)
        if state != "form":
            code = await app.started(browser)
        if state == "ended":
            await browser.post("/code", {"code": f"{(int(code) + 1) % 10**6:06}"})
        path = await canceled(browser, state)
        assert answer_of(await browser.get(path), login) == {"error": "access_denied"}
        assert f'content="0; url={PROCEED}?{browser.asked}"' in (await browser.get("/")).text, "the answer may be lost"
        assert answer_of(await browser.get(PROCEED), login) == {"error": "access_denied"}
        app.clock.advance(120)


async def test_cancel_hangs_up_and_ends_the_code(app: RunningApp, shop: Application) -> None:
    browser, login = app.browser(), shop.login()
    await opened(app, browser, login)
    delivery = await app.started(browser, channel="call")
    assert answer_of(await browser.get(await canceled(browser, "code")), login) == {"error": "access_denied"}
    state: State = await app.verifier.get(ByDelivery(delivery))
    assert state.verification is not None
    assert state.verification.status is VerificationStatus.CANCELED
    assert app.provider.hung_up == [state.deliveries[0].provider_sid]


async def test_cancel_in_one_tab_leaves_the_other_ones_request(app: RunningApp, shop: Application) -> None:
    browser, login = app.browser(), shop.login()
    await opened(app, browser, login)
    kept = browser.asked
    await opened(app, browser, other := (await books(app)).login())
    assert answer_of(await browser.get(await canceled(browser, "form")), other) == {"error": "access_denied"}
    browser.asked = kept
    assert "code" in answer_of(await browser.get(await proven(app, browser)), login)


async def test_another_browser_cannot_cancel(app: RunningApp, shop: Application) -> None:
    browser, login = app.browser(), shop.login()
    await opened(app, browser, login)
    path = await canceled(browser, "form")
    stranger = app.browser()
    await opened(app, stranger, shop.login())
    answer = await stranger.get(path)
    assert (answer.status, answer.header("location")) == (303, f"/?{browser.asked}")
    assert "code" in answer_of(await browser.get(await proven(app, browser)), login)


async def test_cancel_looks_the_same_for_every_user_name(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", accounts=True, step=0.0001) as app:
        await Accounts(app.verifier).put(account(REAL, *NUMBERS[REAL]))
        shop, seen = await application(app), []
        for name in (REAL, "bob"):
            browser, login = app.browser(), shop.login()
            await opened(app, browser, login)
            await browser.post(path_of("start"), {"username": name, "channel": "sms"})
            answer = await browser.get(await canceled(browser, "code"))
            assert answer_of(answer, login) == {"error": "access_denied"}
            after = await open_page(browser)
            seen.append((after.state, after.heading))
        assert seen[0] == seen[1]
