"""How old a proof may be, whose it must be, and what an older verification of the browser says about a new request."""

import json
from pathlib import Path

import pytest

from tests.support.account_cases import NUMBERS, REAL, account
from tests.support.app import PHONE, Phone, RunningApp, open_page, running_app
from tests.support.openid import PROCEED, Application, answer_of, application, logged_in, opened, proven, stays
from verification.accounts import Accounts
from verification.types import CallStyle
from webhooks.routes import PATHS

OTHER_PHONE = "+14155550101"


@pytest.mark.parametrize("seconds", ["0", "1"])
async def test_a_proof_that_began_after_the_request_serves_the_shortest_max_age(
    app: RunningApp, shop: Application, seconds: str
) -> None:
    """A redirect takes longer than that: the person would be asked for ever (OpenID Connect Core, 3.1.2.1)."""
    browser, login = app.browser(), shop.login(max_age=seconds)
    await opened(app, browser, login)
    code = await app.started(browser)
    await browser.post(PATHS["check_code"], {"code": code})
    app.clock.advance(2)
    assert PROCEED in (await browser.get("/")).text
    assert "code" in answer_of(await browser.get(PROCEED), login)


async def test_a_code_typed_on_the_phone_leads_back_in_accounts_mode(tmp_path: Path) -> None:
    async with running_app(tmp_path / "typed.db", accounts=True, style=CallStyle.KEY) as app:
        await Accounts(app.verifier).put(account(REAL, *NUMBERS[REAL]))
        shop, browser = await application(app), app.browser()
        login = shop.login()
        await opened(app, browser, login)
        await browser.post(PATHS["start"], {"username": REAL, "channel": "key"})
        code = (await open_page(browser)).one("p", **{"class": "code shown"}).text
        phone = Phone(app.twilio, app.provider.calls[-1][0], f"CA{app.provider.asked}")
        await phone.press((await phone.answer()).asked_for)
        await phone.press(code)
        assert PROCEED in (await browser.get("/")).text
        assert "code" in answer_of(await browser.get(PROCEED), login)


async def test_another_persons_older_login_does_not_answer_for_the_one_that_is_asked_for(
    app: RunningApp, shop: Application
) -> None:
    """The browser is shared: whose proof is asked for can log in, and the other one is not refused in their place."""
    mine, theirs = app.browser(), shop.login()
    subject = shop.claims(await shop.exchange(theirs, (await logged_in(app, mine, theirs))["code"]), theirs)["sub"]
    app.clock.advance(60)
    shared = app.browser()
    await opened(app, shared, shop.login())
    await proven(app, shared, phone=OTHER_PHONE, username="bob")
    app.clock.advance(60)
    login = shop.login(claims=json.dumps({"id_token": {"sub": {"value": subject}}}))
    await opened(app, shared, login)
    assert (await open_page(shared)).state == "form"
    assert stays(shared, await shared.get(PROCEED))
    answer = answer_of(await shared.get(await proven(app, shared)), login)
    assert shop.claims(await shop.exchange(login, answer["code"]), login)["sub"] == subject


async def test_a_report_before_the_request_does_not_answer_it(app: RunningApp, shop: Application) -> None:
    """A mistyped number rang a stranger's phone. The next login of this browser begins with the form."""
    browser = app.browser()
    await opened(app, browser, shop.login())
    await app.started(browser)
    from_phone = {"From": PHONE, "To": "+14155550199", "Body": "REPORT", "MessageSid": "SM" + "1" * 32}
    await app.twilio.post(PATHS["inbound_message"], from_phone)
    await browser.get(PROCEED)
    app.clock.advance(5)
    login = shop.login()
    await opened(app, browser, login)
    assert (await open_page(browser)).state == "form"
    assert stays(browser, await browser.get(PROCEED))
    assert "code" in answer_of(await browser.get(await proven(app, browser, phone=OTHER_PHONE)), login)


async def test_a_login_that_is_answered_at_once_leaves_another_applications_request_open(
    app: RunningApp, shop: Application
) -> None:
    browser, other = app.browser(), await application(app, "Books", redirect_uri="https://books.example/cb")
    await logged_in(app, browser, shop.login())
    app.clock.advance(60)
    billing, silent = shop.login(acr_values="change-billing"), other.login(prompt="none")
    await opened(app, browser, billing)
    assert "code" in answer_of(await opened(app, browser, silent), silent)
    assert "code" in answer_of(await browser.get(await proven(app, browser)), billing)
