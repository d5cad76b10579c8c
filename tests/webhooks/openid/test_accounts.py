"""OpenID Connect in accounts mode: the number is the account's, and the public learns nothing about it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.account_cases import NUMBERS, REAL, account
from tests.support.app import RunningApp, open_page, running_app
from tests.support.asgi_client import Browser
from tests.support.openid import PROCEED, Application, Login, answer_of, application, opened
from verification.accounts import Accounts
from verification.models import BUILT_IN_SERVICE
from verification.policy import DEFAULT_POLICY
from webhooks.routes import PATHS


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "accounts.db", accounts=True) as running:
        yield running


async def start(app: RunningApp, acr: str) -> int:
    """Begin with a browser of its own; how many texts were sent."""
    browser, shop = app.browser(), await application(app)
    await opened(app, browser, shop.login(acr_values=acr))
    sent = await browser.post(PATHS["start"], {"username": REAL, "channel": "sms"})
    assert sent.status == 303
    assert (await open_page(browser)).state == "code"
    return len(app.provider.texts)


async def test_the_subject_is_the_accounts_user_name(app: RunningApp) -> None:
    await Accounts(app.verifier).put(account(REAL, *NUMBERS[REAL]))
    shop, browser = await application(app), app.browser()
    login = shop.login(acr_values="change-billing", login_hint=REAL)
    await opened(app, browser, login)
    assert (await open_page(browser)).fields["username"] == REAL
    await browser.post(PATHS["start"], {"username": REAL, "channel": "sms"})
    await browser.post(PATHS["check_code"], {"code": app.provider.texts[-1].code})
    answer = answer_of(await browser.get(PROCEED), login)
    claims = shop.claims(await shop.exchange(login, answer["code"]), login)
    assert (claims["sub"], claims["acr"]) == (REAL, "change-billing")


async def test_a_number_that_an_application_knows_is_not_taken_for_a_user_name(app: RunningApp) -> None:
    shop, browser = await application(app), app.browser()
    await opened(app, browser, shop.login(login_hint="+14155550100"))
    page = await open_page(browser)
    assert (page.state, page.fields["username"]) == ("form", "")


async def test_a_new_number_approves_nothing_risky_and_the_page_does_not_tell(app: RunningApp) -> None:
    accounts = Accounts(app.verifier)
    await accounts.put(account(REAL, NUMBERS["dot"][0]))
    await accounts.replace_number(BUILT_IN_SERVICE, REAL, old=NUMBERS["dot"][0], new=NUMBERS[REAL][0])
    assert await start(app, "change-billing") == 0
    assert await start(app, "sign-in") == 1
    app.clock.advance(DEFAULT_POLICY.new_number_cooldown)
    assert await start(app, "change-billing") == 2


async def logged_in(app: RunningApp, shop: Application, browser: Browser, *, typed: str = REAL) -> tuple[Login, str]:
    """The whole way of a person who types this user name, to the code."""
    login = shop.login()
    await opened(app, browser, login)
    await browser.post(PATHS["start"], {"username": typed, "channel": "sms"})
    await browser.post(PATHS["check_code"], {"code": app.provider.texts[-1].code})
    return login, answer_of(await browser.get(PROCEED), login)["code"]


@pytest.mark.parametrize("typed", ["ada", "Ada", "\uff21\uff24\uff21", " ada "])
async def test_the_subject_is_one_however_the_user_name_is_typed(app: RunningApp, typed: str) -> None:
    """An application would take another spelling for another person (OpenID Connect Core, 2)."""
    await Accounts(app.verifier).put(account(REAL, *NUMBERS[REAL]))
    shop = await application(app)
    login, code = await logged_in(app, shop, app.browser(), typed=typed)
    exchanged = await shop.exchange(login, code)
    assert shop.claims(exchanged, login)["sub"] == REAL
    assert json.loads((await shop.user_info(json.loads(exchanged.text)["access_token"])).text)["sub"] == REAL


async def test_an_account_that_is_asked_for_may_be_typed_in_another_spelling(app: RunningApp) -> None:
    await Accounts(app.verifier).put(account(REAL, *NUMBERS[REAL]))
    shop, browser = await application(app), app.browser()
    login = shop.login(claims=json.dumps({"id_token": {"sub": {"value": REAL}}}))
    await opened(app, browser, login)
    await browser.post(PATHS["start"], {"username": "ADA", "channel": "sms"})
    await browser.post(PATHS["check_code"], {"code": app.provider.texts[-1].code})
    assert "code" in answer_of(await browser.get(PROCEED), login)


@pytest.mark.parametrize("gone", ["account", "number"])
async def test_a_login_ends_with_its_account_or_number(app: RunningApp, gone: str) -> None:
    accounts = Accounts(app.verifier)
    await accounts.put(account(REAL, *NUMBERS[REAL]))
    shop, browser = await application(app), app.browser()
    login, code = await logged_in(app, shop, browser)
    token = json.loads((await shop.exchange(login, code)).text)["access_token"]
    silent = shop.login(prompt="none")
    unused = answer_of(await opened(app, browser, silent), silent)["code"]
    if gone == "account":
        await accounts.remove(BUILT_IN_SERVICE, REAL)
    else:
        await accounts.put(account(REAL, NUMBERS["dot"][0]))
    assert (await shop.user_info(token)).status == 401
    assert json.loads((await shop.exchange(silent, unused)).text)["error"] == "invalid_grant"
    again = shop.login(prompt="none")
    assert answer_of(await opened(app, browser, again), again)["error"] == "login_required"
    asking = shop.login()
    await opened(app, browser, asking)
    assert answer_of(await browser.get(PROCEED), asking)["error"] == "access_denied"
