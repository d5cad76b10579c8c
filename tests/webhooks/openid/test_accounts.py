"""OpenID Connect in accounts mode: the number is the account's, and the public learns nothing about it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.account_cases import NUMBERS, REAL, account
from tests.support.app import RunningApp, open_page, running_app
from tests.support.openid import PROCEED, answer_of, application, opened
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


async def test_a_new_number_approves_nothing_risky_and_the_page_does_not_tell(app: RunningApp) -> None:
    accounts = Accounts(app.verifier)
    await accounts.put(account(REAL, NUMBERS["dot"][0]))
    await accounts.replace_number(BUILT_IN_SERVICE, REAL, old=NUMBERS["dot"][0], new=NUMBERS[REAL][0])
    assert await start(app, "change-billing") == 0
    assert await start(app, "sign-in") == 1
    app.clock.advance(DEFAULT_POLICY.new_number_cooldown)
    assert await start(app, "change-billing") == 2
