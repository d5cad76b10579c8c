"""A login by OpenID Connect: what the application gets, and when the person is asked again."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.app import PHONE, RunningApp, open_page, page_of, running_app
from tests.support.openid import (
    AUTHORIZE,
    ISSUER,
    PROCEED,
    Application,
    answer_of,
    application,
    followed,
    is_asked,
    logged_in,
    opened,
    proven,
)
from verification.counters.rules import Limit
from verification.policy import DEFAULT_POLICY
from verification.types import Scope
from webhooks.routes import PATHS


async def test_a_login_ends_with_an_id_token_of_the_person_who_typed_the_code(
    app: RunningApp, shop: Application
) -> None:
    login = shop.login(scope="openid phone")
    answer = await logged_in(app, app.browser(), login)
    assert set(answer) == {"code"}
    exchanged = await shop.exchange(login, answer["code"])
    assert exchanged.header("cache-control") == "no-store"
    claims = shop.claims(exchanged, login)
    assert claims["acr"] == "sign-in"
    assert claims["amr"] == ["sms", "otp"]
    assert claims["auth_time"] == int(app.clock.now())
    assert (claims["phone_number"], claims["phone_number_verified"]) == (PHONE, True)
    info = await shop.user_info(json.loads(exchanged.text)["access_token"])
    assert json.loads(info.text) == {
        "sub": claims["sub"],
        "phone_number": PHONE,
        "phone_number_verified": True,
    }


async def test_the_subject_is_that_of_receipts_and_the_same_for_every_application(
    app: RunningApp, shop: Application
) -> None:
    other = await application(app, "Books", redirect_uri="https://books.example/cb")
    subjects = []
    for each in (shop, other):
        login = each.login(prompt="login")
        app.clock.advance(3600)
        code = (await logged_in(app, app.browser(), login))["code"]
        claims = each.claims(await each.exchange(login, code), login)
        assert "phone_number" not in claims
        subjects.append(claims["sub"])
    assert subjects[0] == subjects[1]
    assert "4155550100" not in subjects[0]


async def test_one_login_serves_several_applications_while_the_session_lasts(
    app: RunningApp, shop: Application
) -> None:
    browser, login = app.browser(), shop.login()
    await logged_in(app, browser, login)
    other = await application(app, "Books", redirect_uri="https://books.example/cb")
    app.clock.advance(600)
    second = other.login()
    answer = answer_of(await opened(app, browser, second), second)
    claims = other.claims(await other.exchange(second, answer["code"]), second)
    assert claims["auth_time"] == int(app.clock.now()) - 600
    app.clock.advance(1800)
    assert is_asked(await opened(app, browser, other.login()))


@pytest.mark.parametrize(
    "demands", [{"prompt": "login"}, {"max_age": "0"}, {"max_age": "599"}, {"acr_values": "change-billing"}]
)
async def test_a_person_is_asked_again_where_the_application_wants_more(
    app: RunningApp, shop: Application, demands: dict[str, str]
) -> None:
    browser = app.browser()
    await logged_in(app, browser, shop.login())
    app.clock.advance(600)
    login = shop.login(**demands)
    answer = await logged_in(app, browser, login)
    claims = shop.claims(await shop.exchange(login, answer["code"]), login)
    assert claims["auth_time"] == int(app.clock.now())
    assert claims["acr"] == demands.get("acr_values", "sign-in")


async def test_a_login_that_is_young_enough_serves_a_max_age(app: RunningApp, shop: Application) -> None:
    browser = app.browser()
    await logged_in(app, browser, shop.login())
    app.clock.advance(600)
    login = shop.login(max_age="600")
    assert "code" in answer_of(await opened(app, browser, login), login)


async def test_a_risky_action_is_proven_anew_for_each_request(app: RunningApp, shop: Application) -> None:
    browser = app.browser()
    for _ in range(2):
        login = shop.login(acr_values="urn:saycode:action:change-billing")
        answer = await logged_in(app, browser, login)
        claims = shop.claims(await shop.exchange(login, answer["code"]), login)
        assert claims["acr"] == "urn:saycode:action:change-billing"
        app.clock.advance(5)


async def test_the_call_or_text_says_what_the_code_is_for(app: RunningApp, shop: Application) -> None:
    browser = app.browser()
    await opened(app, browser, shop.login(acr_values="change-billing"))
    await app.started(browser)
    assert app.provider.texts[-1].action == "change-billing"


async def test_no_page_is_shown_where_the_application_forbids_it(app: RunningApp, shop: Application) -> None:
    browser, login = app.browser(), shop.login(prompt="none")
    assert answer_of(await opened(app, browser, login), login)["error"] == "login_required"
    await logged_in(app, browser, shop.login())
    again = shop.login(prompt="none")
    assert "code" in answer_of(await opened(app, browser, again), again)


async def test_the_page_names_the_application_and_begins_with_what_it_knows(app: RunningApp, shop: Application) -> None:
    for hint, name in ((PHONE, "phone"), ("ada", "username")):
        browser = app.browser()
        await opened(app, browser, shop.login(login_hint=hint, ui_locales="xx de"))
        page = await open_page(browser)
        assert page.state == "form"
        assert "Leaf and Kettle" in page.text
        assert page.fields[name] == hint
        assert page.one("html").attributes["lang"] == "de"


async def test_a_payment_is_said_in_the_text_and_named_in_the_token(app: RunningApp, shop: Application) -> None:
    amount = {"amount": "12.30", "currency": "EUR"}
    details = [{"type": "payment_initiation", "instructedAmount": amount, "creditorName": "Anna Berg"}]
    login, browser = shop.login(authorization_details=json.dumps(details)), app.browser()
    await opened(app, browser, login)
    assert "12.30 EUR" in (await open_page(browser)).text
    path = await proven(app, browser)
    assert app.provider.texts[-1].payment is not None
    assert app.provider.texts[-1].payment.payee == "Anna Berg"
    exchanged = await shop.exchange(login, answer_of(await browser.get(path), login)["code"])
    claims = shop.claims(exchanged, login)
    assert (claims["acr"], claims["payment"]) == ("payment", app.provider.texts[-1].payment.digest)
    assert json.loads(exchanged.text)["authorization_details"] == details


async def test_begin_again_keeps_the_payment(app: RunningApp, shop: Application) -> None:
    amount = {"amount": "12.30", "currency": "EUR"}
    details = [{"type": "payment_initiation", "instructedAmount": amount, "creditorName": "Anna Berg"}]
    login, browser = shop.login(authorization_details=json.dumps(details)), app.browser()
    await opened(app, browser, login)
    code = await app.started(browser)
    await browser.post(PATHS["check_code"], {"code": f"{(int(code) + 1) % 10**6:06}"})
    app.clock.advance(60)
    assert (await browser.post(PATHS["next_step"], {"next": "begin-again"})).status == 303
    assert app.provider.texts[-1].payment is not None
    checked = await browser.post(PATHS["check_code"], {"code": app.provider.texts[-1].code})
    assert checked.status == 303
    assert "code" in answer_of(await browser.get(PROCEED), login)


async def test_a_report_on_the_phone_comes_back_as_access_denied(app: RunningApp, shop: Application) -> None:
    browser, login = app.browser(), shop.login()
    await opened(app, browser, login)
    await app.started(browser)
    from_phone = {"From": PHONE, "To": "+14155550199", "Body": "REPORT", "MessageSid": "SM" + "1" * 32}
    assert (await app.twilio.post(PATHS["inbound_message"], from_phone)).status == 200
    page = await browser.get("/")
    assert f'content="0; url={PROCEED}?{browser.asked}"' in page.text
    assert answer_of(await browser.get(PROCEED), login)["error"] == "access_denied"


async def test_a_limit_comes_back_as_temporarily_unavailable(tmp_path: Path) -> None:
    limited = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=1, seconds=600),)),))
    async with running_app(tmp_path / "limited.db", policy=limited) as app:
        await app.started(app.browser())
        browser, login = app.browser(), (await application(app)).login()
        await opened(app, browser, login)
        sent = await browser.post(PATHS["start"], {"username": "bob", "phone": PHONE, "channel": "sms"})
        assert sent.status == 429
        assert page_of(sent).one("a", href=f"{PROCEED}?{browser.asked}").text == "Continue"
        assert answer_of(await browser.get(PROCEED), login) == {"error": "temporarily_unavailable"}


async def test_the_metadata_names_endpoints_that_exist(app: RunningApp) -> None:
    answer = await app.browser().get("/.well-known/openid-configuration")
    metadata = json.loads(answer.text)
    assert metadata["issuer"] == ISSUER
    assert metadata["authorization_endpoint"] == ISSUER + AUTHORIZE
    for name, address in metadata.items():
        if name.endswith(("_endpoint", "_uri")):
            path = address.removeprefix(ISSUER)
            assert path in PATHS.values()
    assert "urn:saycode:action:change-billing" in metadata["acr_values_supported"]
    assert "change-number" not in metadata["acr_values_supported"]


async def test_a_public_application_needs_no_secret(app: RunningApp) -> None:
    phone_app = await application(app, public=True)
    login = phone_app.login()
    answer = await logged_in(app, app.browser(), login)
    assert phone_app.claims(await phone_app.exchange(login, answer["code"]), login)["sub"]


async def test_a_pushed_request_leads_to_the_same_login(app: RunningApp, shop: Application) -> None:
    login = shop.login(acr_values="change-password", login_hint=PHONE)
    pushed = await shop.push(login)
    assert pushed.status == 201
    uri = json.loads(pushed.text)["request_uri"]
    browser = app.browser()
    begun = await followed(browser, f"{AUTHORIZE}?client_id={shop.client.id}&request_uri={uri}")
    assert is_asked(begun)
    answer = answer_of(await browser.get(await proven(app, browser)), login)
    assert shop.claims(await shop.exchange(login, answer["code"]), login)["acr"] == "change-password"
