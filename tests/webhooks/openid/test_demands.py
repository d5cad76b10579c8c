"""What a request demands: a demand that cannot be read is refused, and never taken for none."""

import json

import jwt
import pytest

from tests.support.app import PHONE, RunningApp
from tests.support.openid import Application, answer_of, application, logged_in, opened, proven

OTHER_PHONE = "+14155550101"


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": {"value": 1234}},
        {"sub": {"value": ""}},
        {"sub": {"value": None}},
        {"sub": {"values": ["ada", "bob"]}},
        {"sub": {"value": "ada", "values": ["bob"]}},
        {"sub": "ada"},
        {"acr": "change-billing"},
        {"acr": {"value": ["change-billing"]}},
        {"acr": {"values": "change-billing"}},
        {"acr": {"values": []}},
        {"acr": {"values": ["change-billing", 1]}},
        {"acr": ["change-billing"]},
    ],
)
async def test_a_claim_that_cannot_be_read_is_refused_and_not_left_out(
    app: RunningApp, shop: Application, claims: dict[str, object]
) -> None:
    """Left out, any person's proof of any action would be the answer to it."""
    browser = app.browser()
    await logged_in(app, browser, shop.login())
    login = shop.login(claims=json.dumps({"id_token": claims}))
    assert answer_of(await opened(app, browser, login), login)["error"] == "invalid_request"


@pytest.mark.parametrize("claims", [{"sub": None, "acr": {"essential": True}}, {"acr": {"values": ["sign-in"]}}])
async def test_a_claim_without_a_value_demands_nothing(
    app: RunningApp, shop: Application, claims: dict[str, object]
) -> None:
    browser = app.browser()
    await logged_in(app, browser, shop.login())
    login = shop.login(claims=json.dumps({"id_token": claims}))
    assert "code" in answer_of(await opened(app, browser, login), login)


async def id_token(app: RunningApp, shop: Application, *, phone: str = PHONE) -> str:
    """The ID token of a login in a browser of its own."""
    browser, login = app.browser(), shop.login()
    await opened(app, browser, login)
    code = answer_of(await browser.get(await proven(app, browser, phone=phone, username=phone)), login)["code"]
    return str(json.loads((await shop.exchange(login, code)).text)["id_token"])


async def test_an_id_token_as_a_hint_asks_for_the_proof_of_its_person(app: RunningApp, shop: Application) -> None:
    """OpenID Connect Core, 3.1.2.1: any other person's login must be answered with an error."""
    token = await id_token(app, shop)
    app.clock.advance(60)
    browser = app.browser()
    await logged_in(app, browser, shop.login())
    same = shop.login(id_token_hint=token, prompt="none")
    assert "code" in answer_of(await opened(app, browser, same), same)
    app.clock.advance(60)
    other = await id_token(app, shop, phone=OTHER_PHONE)
    silent = shop.login(id_token_hint=other, prompt="none")
    assert answer_of(await opened(app, browser, silent), silent)["error"] == "login_required"
    login = shop.login(id_token_hint=other, prompt="login")
    await opened(app, browser, login)
    assert answer_of(await browser.get(await proven(app, browser)), login)["error"] == "access_denied"


async def test_a_hint_that_is_no_id_token_of_this_application_is_refused(app: RunningApp, shop: Application) -> None:
    other = await application(app, "Books")
    token = await id_token(app, shop)
    claims = jwt.decode(token, options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none")
    named = json.dumps({"id_token": {"sub": {"value": "another"}}})
    for hint, asking, more in (
        ("x", shop, {}),
        (unsigned, shop, {}),
        (token, other, {}),
        (token, shop, {"claims": named}),
    ):
        login = asking.login(id_token_hint=hint, **more)
        assert answer_of(await opened(app, app.browser(), login), login)["error"] == "invalid_request"


async def test_an_expired_id_token_is_a_hint_as_long_as_its_key_is_published(
    app: RunningApp, shop: Application
) -> None:
    token = await id_token(app, shop)
    for days, error in ((20, "login_required"), (80, "invalid_request")):
        app.clock.advance(days * 86400)
        login = shop.login(id_token_hint=token, prompt="none")
        assert answer_of(await opened(app, app.browser(), login), login)["error"] == error
