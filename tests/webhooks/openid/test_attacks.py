"""Attacks on OpenID Connect (RFC 9700, RFC 6819): each is refused, and changes nothing."""

import asyncio
import dataclasses
import json
import logging
from urllib.parse import quote, urlencode

import pytest
from msgspec.structs import replace

from saycode.maintenance.erasure import erase_number
from saycode.maintenance.retention import RetentionJob
from saycode.server.logging import JsonFormatter
from saycode.storage.api.authorizations import SqliteAuthorizations
from tests.support.app import PHONE, RunningApp, page_of
from tests.support.asgi_client import FORM, send_request
from tests.support.openid import (
    AUTHORIZE,
    PROCEED,
    TOKEN,
    Application,
    Login,
    answer_of,
    application,
    basic,
    followed,
    is_asked,
    logged_in,
    opened,
    proven,
    stays,
)
from verification.authorizations import (
    ANSWER_LIFETIME,
    CODE_LIFETIME,
    PUSHED_LIFETIME,
    REQUEST_LIFETIME,
    TOKEN_LIFETIME,
)
from verification.models import EventKind
from verification.policy import Retention
from verification.values.phone_numbers import parse
from webhooks.app import create_app
from webhooks.routes import PATHS

REDIRECT_URI = "https://shop.example/callback"


async def code_for(app: RunningApp, shop: Application, **parameters: str) -> tuple[Login, str]:
    login = shop.login(**parameters)
    app.clock.advance(60)
    return login, (await logged_in(app, app.browser(), login))["code"]


def error_of(text: str) -> str:
    return str(json.loads(text)["error"])


async def test_a_code_of_another_login_is_refused(app: RunningApp, shop: Application) -> None:
    """Code injection: an attacker puts a stolen code into a login of their own."""
    login, code = await code_for(app, shop)
    injected = await shop.exchange(shop.login(), code)
    assert (injected.status, error_of(injected.text)) == (400, "invalid_grant")
    assert (await shop.exchange(login, code)).status == 200


async def test_a_code_of_another_application_is_refused(app: RunningApp, shop: Application) -> None:
    login, code = await code_for(app, shop)
    other = await application(app, "Books")
    assert error_of((await other.exchange(login, code)).text) == "invalid_grant"
    assert (await shop.exchange(login, code)).status == 200


async def test_a_code_is_refused_for_another_redirect_uri(app: RunningApp, shop: Application) -> None:
    login, code = await code_for(app, shop)
    for other in ("https://shop.example/other", ""):
        assert error_of((await shop.exchange(login, code, redirect_uri=other)).text) == "invalid_grant"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/callback",
        "https://shop.example.evil.example/callback",
        "https://shop.example/callback/",
        "https://shop.example/callback?next=https://evil.example",
        "https://shop.example/callback#x",
        "https://shop.example/callback/../redirect",
        "https://shop.example:8443/callback",
        "https://shop.example@evil.example/callback",
        "HTTPS://shop.example/callback",
        "http://shop.example/callback",
        "//evil.example",
        "javascript:alert(1)",
        'https://shop.example/\u00e9"',
        "",
    ],
)
@pytest.mark.parametrize("broken", [{}, {"scope": "phone"}, {"response_type": "token"}, {"code_challenge": ""}])
async def test_no_answer_goes_to_an_address_that_is_not_registered(
    app: RunningApp, shop: Application, address: str, broken: dict[str, str]
) -> None:
    answer = await opened(app, app.browser(), shop.login(redirect_uri=address, **broken))
    assert answer.status == 400
    assert answer.header("location") is None
    assert "evil.example" not in answer.text or "http-equiv" not in answer.text


async def test_an_unknown_or_removed_application_gets_no_answer(app: RunningApp, shop: Application) -> None:
    browser, login = app.browser(), shop.login()
    assert (await opened(app, browser, shop.login(client_id="OC" + "0" * 32))).status == 400
    await opened(app, browser, login)
    await app.context.openid.store.remove_client(shop.client.id, now=0, actor="operator")  # type: ignore[attr-defined]
    path = await proven(app, browser)
    assert (await browser.get(path)).status == 400
    assert (await shop.post(TOKEN, {"grant_type": "authorization_code", "code": "x"})).status in (400, 401)


async def test_every_answer_names_its_issuer(app: RunningApp, shop: Application) -> None:
    """Mix-up (RFC 9207): an application that has several providers learns which one answered, also of an error."""
    for broken in ({"scope": "phone"}, {"prompt": "none"}, {"max_age": "soon"}, {"acr_values": "unknown"}):
        login = shop.login(**broken)
        assert "error" in answer_of(await opened(app, app.browser(), login), login)


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"code_challenge": "short"},
        {"code_challenge": "", "code_challenge_method": ""},
    ],
)
async def test_a_request_without_pkce_is_refused(app: RunningApp, shop: Application, changes: dict[str, str]) -> None:
    login = shop.login(**changes)
    assert answer_of(await opened(app, app.browser(), login), login)["error"] == "invalid_request"
    pushed = await shop.push(login)
    assert (pushed.status, error_of(pushed.text)) == (400, "invalid_request")


@pytest.mark.parametrize("verifier", ["", "x" * 43, "short"])
async def test_a_code_is_refused_without_its_verifier(app: RunningApp, shop: Application, verifier: str) -> None:
    login, code = await code_for(app, shop)
    refused = await shop.exchange(login, code, code_verifier=verifier)
    assert (refused.status, "id_token" in refused.text) == (400, False)
    sent_as_plain = await shop.exchange(login, code, code_verifier=login.parameters["code_challenge"])
    assert error_of(sent_as_plain.text) == "invalid_grant"


async def test_a_code_that_is_shown_again_revokes_its_token(app: RunningApp, shop: Application) -> None:
    login, code = await code_for(app, shop)
    token = json.loads((await shop.exchange(login, code)).text)["access_token"]
    assert (await shop.user_info(token)).status == 200
    assert error_of((await shop.exchange(login, code)).text) == "invalid_grant"
    refused = await shop.user_info(token)
    assert (refused.status, "www-authenticate" in dict(refused.headers)) == (401, True)
    events = [row for row in app.rows()["events"] if EventKind.LOGIN_CODE_REUSED in row]
    assert len(events) == 1


async def test_a_code_whose_proof_was_erased_is_refused_and_revoked(app: RunningApp, shop: Application) -> None:
    login, code = await code_for(app, shop)
    token = json.loads((await shop.exchange(login, code)).text)["access_token"]
    store = app.context.openid.store
    assert isinstance(store, SqliteAuthorizations)
    await erase_number(store.store, parse(PHONE), now=app.clock.now())
    assert (await shop.user_info(token)).status == 401
    assert error_of((await shop.exchange(login, code)).text) == "invalid_grant"
    assert len([row for row in app.rows()["events"] if EventKind.LOGIN_CODE_REUSED in row]) == 1
    other, unused = await code_for(app, shop)
    await erase_number(store.store, parse(PHONE), now=app.clock.now())
    assert error_of((await shop.exchange(other, unused)).text) == "invalid_grant"


async def test_of_parallel_exchanges_one_succeeds_and_its_token_is_revoked(app: RunningApp, shop: Application) -> None:
    login, code = await code_for(app, shop)
    answers = await asyncio.gather(*(shop.exchange(login, code) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200, *[400] * 7]
    (won,) = [answer for answer in answers if answer.status == 200]
    assert (await shop.user_info(json.loads(won.text)["access_token"])).status == 401


async def test_codes_pushed_requests_and_tokens_expire(app: RunningApp, shop: Application) -> None:
    login, code = await code_for(app, shop)
    app.clock.advance(CODE_LIFETIME)
    assert error_of((await shop.exchange(login, code)).text) == "invalid_grant"
    login, code = await code_for(app, shop)
    token = json.loads((await shop.exchange(login, code)).text)["access_token"]
    app.clock.advance(TOKEN_LIFETIME)
    assert (await shop.user_info(token)).status == 401
    uri = json.loads((await shop.push(shop.login())).text)["request_uri"]
    app.clock.advance(PUSHED_LIFETIME)
    assert (await app.browser().get(f"{AUTHORIZE}?client_id={shop.client.id}&request_uri={uri}")).status == 400


async def test_a_nonce_is_not_used_twice(app: RunningApp, shop: Application) -> None:
    browser, login = app.browser(), shop.login()
    await logged_in(app, browser, login)
    replayed = answer_of(await opened(app, browser, login), login)
    assert replayed["error"] == "invalid_request"
    other = await application(app, "Books")
    same = other.login(nonce=login.parameters["nonce"])
    assert "code" in answer_of(await opened(app, browser, same), same)


async def test_a_nonce_that_two_browsers_began_with_is_used_once(app: RunningApp, shop: Application) -> None:
    login, first, second = shop.login(), app.browser(), app.browser()
    for browser in (first, second):
        await opened(app, browser, login)
        await proven(app, browser, phone=PHONE if browser is first else "+14155550101", username=str(id(browser)))
    responses = await asyncio.gather(*(browser.get(PROCEED) for browser in (first, second)))
    answers = [answer_of(response, login) for response in responses]
    assert sorted("code" in answer for answer in answers) == [False, True]
    assert [answer["error"] for answer in answers if "error" in answer] == ["invalid_request"]


async def test_a_pushed_request_serves_its_own_application_once(app: RunningApp, shop: Application) -> None:
    other = await application(app, "Books")
    uri = json.loads((await shop.push(shop.login())).text)["request_uri"]
    stolen = await app.browser().get(f"{AUTHORIZE}?client_id={other.client.id}&request_uri={uri}")
    assert (stolen.status, stolen.header("location")) == (400, None)
    own = f"{AUTHORIZE}?client_id={shop.client.id}&request_uri={uri}"
    assert (await app.browser().get(own)).status == 303
    reloaded = await app.browser("de").get(own)  # by a person, who went back
    assert (reloaded.status, page_of(reloaded).heading) == (
        400,
        "Diese Seite war zu lange geöffnet. Bitte versuchen Sie es noch einmal.",
    )


async def test_a_pushed_request_cannot_be_changed_in_the_address(app: RunningApp, shop: Application) -> None:
    login = shop.login(acr_values="change-billing")
    uri = json.loads((await shop.push(login)).text)["request_uri"]
    weaker = urlencode({"client_id": shop.client.id, "request_uri": uri, "acr_values": "sign-in", "state": "evil"})
    browser = app.browser()
    await followed(browser, f"{AUTHORIZE}?{weaker}")
    answer = answer_of(await browser.get(await proven(app, browser)), login)
    assert shop.claims(await shop.exchange(login, answer["code"]), login)["acr"] == "change-billing"


async def test_an_application_pushes_as_itself_only(app: RunningApp, shop: Application) -> None:
    other = await application(app, "Books")
    assert error_of((await other.push(shop.login())).text) == "invalid_client"
    for fields in ({"client_id": shop.client.id}, {"client_id": shop.client.id, "client_secret": "wrong"}):
        body = shop.login().parameters | fields
        stranger = Application(app, shop.client, None)
        assert error_of((await stranger.post(PATHS["openid_push"], body)).text) == "invalid_client"


@pytest.mark.parametrize("name", ["request", "request_uri"])
async def test_other_request_objects_are_not_fetched(app: RunningApp, shop: Application, name: str) -> None:
    login = shop.login(**{name: "https://evil.example/request.jwt"})
    answer = answer_of(await opened(app, app.browser(), login), login)
    assert answer["error"] == f"{name}_not_supported"


async def test_no_parameter_sets_a_claim(app: RunningApp, shop: Application) -> None:
    wanted = {
        "sub": "admin",
        "amr": '["hwk"]',
        "acr": "change-billing",
        "auth_time": "1",
        "phone_number": "+14155559999",
        "phone_number_verified": "true",
        "iss": "https://evil.example",
        "aud": "other",
        "exp": "9999999999",
        "payment": "0" * 64,
        "claims": json.dumps(
            {
                "id_token": {
                    "amr": {"value": ["hwk"]},
                    "auth_time": {"value": 1},
                    "phone_number": {"value": "+14155559999"},
                    "admin": {"value": True},
                },
                "userinfo": {"phone_number": None},
            }
        ),
    }
    login, code = await code_for(app, shop, **wanted)
    exchanged = await shop.exchange(login, code, scope="openid phone", sub="admin", acr="change-billing")
    claims = shop.claims(exchanged, login)
    names = {"iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "acr", "amr", "at_hash"}
    assert set(claims) == names
    assert (claims["acr"], claims["amr"]) == ("sign-in", ["sms", "otp"])
    assert claims["sub"] != "admin"


async def test_another_persons_proof_is_refused_where_one_is_asked_for(app: RunningApp, shop: Application) -> None:
    claims = json.dumps({"id_token": {"sub": {"value": "another"}}})
    login = shop.login(claims=claims)
    assert (await logged_in(app, app.browser(), login)) == {"error": "access_denied"}


async def test_a_login_that_one_browser_began_is_not_finished_in_another(app: RunningApp, shop: Application) -> None:
    attacker, victim, login = app.browser(), app.browser(), shop.login()
    await opened(app, attacker, login)
    code = await app.started(victim)
    await victim.post(PATHS["check_code"], {"code": code})
    victim.asked = attacker.asked  # a link of the attacker's leads there
    for browser in (attacker, victim):
        assert stays(browser, await browser.get(PROCEED))
        assert stays(browser, await browser.get(f"{PROCEED}?cancel&{browser.asked}")) == (browser is victim)
    assert PROCEED not in (await victim.get("/")).text


async def test_a_proof_that_is_older_than_the_request_does_not_serve_a_risky_action(
    app: RunningApp, shop: Application
) -> None:
    browser = app.browser()
    first = shop.login(acr_values="change-billing")
    await logged_in(app, browser, first)
    app.clock.advance(1)
    second = shop.login(acr_values="change-billing")
    assert is_asked(await opened(app, browser, second))
    assert stays(browser, await browser.get(PROCEED))


async def test_a_risky_proof_serves_one_of_two_requests_of_one_browser(app: RunningApp, shop: Application) -> None:
    browser = app.browser()
    requests = []
    for _ in range(2):
        login = shop.login(acr_values="change-billing")
        await opened(app, browser, login)
        requests.append((login, browser.asked))
    await proven(app, browser)
    answers = []
    for _, browser.asked in requests:
        answers.append(await browser.get(PROCEED))
    assert "code" in answer_of(answers[0], requests[0][0])
    assert answers[1].header("location") == f"/?edit&{browser.asked}"


@pytest.mark.parametrize("nonce", ["", "n"])
async def test_of_parallel_finishes_each_gets_a_code_and_one_can_be_exchanged(
    app: RunningApp, shop: Application, nonce: str
) -> None:
    """The page leads on by itself, and has a button. The browser follows one of the answers: it is not known which."""
    browser, login = app.browser(), shop.login(nonce=nonce)
    await opened(app, browser, login)
    path = await proven(app, browser)
    answers = await asyncio.gather(*(browser.get(path) for _ in range(12)))
    codes = {answer_of(answer, login)["code"] for answer in answers}
    assert len(codes) == 12
    exchanged = await asyncio.gather(*(shop.exchange(login, code) for code in codes))
    assert sorted(answer.status for answer in exchanged) == [200] + [400] * 11
    assert stays(browser, await browser.get(path)), "there are no more"


@pytest.mark.parametrize("secret", ["wrong", "", "\u00e9", "0" * 64])
async def test_a_wrong_secret_is_refused(app: RunningApp, shop: Application, secret: str) -> None:
    login, code = await code_for(app, shop)
    refused = await Application(app, shop.client, secret).exchange(login, code)
    assert (refused.status, error_of(refused.text)) == (401, "invalid_client")
    posted = await Application(app, shop.client, None).exchange(login, code, client_secret=secret)
    assert error_of(posted.text) == "invalid_client"
    assert (await shop.exchange(login, code)).status == 200


@pytest.mark.parametrize(
    "query",
    [
        "client_id={id}&client_id={id}",
        "client_id=%ff",
        "client_id=%00",
        "client_id={id}&redirect_uri={uri}&response_type=%22",
        "client_id={id}&redirect_uri={uri}&response_type=code&scope=openid&claims=[",
        "client_id={id}&redirect_uri={uri}&response_type=code&scope=openid%22&claims=%7B%7D",
        "client_id={id}&redirect_uri={uri}&response_type=code&state=%22%C3%A9&scope=openid",
        "client_id={id}&redirect_uri={uri}&response_type=code&authorization_details=%5B%5D&scope=openid",
        "",
    ],
)
async def test_odd_requests_are_answered_with_an_error(app: RunningApp, shop: Application, query: str) -> None:
    target = f"{AUTHORIZE}?" + query.format(id=shop.client.id, uri=quote(REDIRECT_URI, safe=""))
    assert (await app.browser().get(target)).status in (303, 400)


@pytest.mark.parametrize(
    "details",
    [
        "x",
        "{}",
        "[]",
        '[{"type": "account_information"}]',
        '[{"type": "payment_initiation", "instructedAmount": {"amount": "1", "currency": "XXX"}, "creditorName": "A"}]',
        '[{"type": "payment_initiation", "instructedAmount": {"amount": 1, "currency": "EUR"}, "creditorName": "A"}]',
        '[{"type": "payment_initiation", "instructedAmount": "1 EUR", "creditorName": "Anna"}]',
        '[{"type": "payment_initiation", "instructedAmount": {"amount": "1", "currency": "EUR"}, '
        '"creditorName": "Anna Berg", "iban": "DE1"}]',
    ],
)
async def test_details_that_a_call_cannot_say_are_refused(app: RunningApp, shop: Application, details: str) -> None:
    login = shop.login(authorization_details=details)
    answer = answer_of(await opened(app, app.browser(), login), login)
    assert answer["error"] == "invalid_authorization_details"


async def test_no_secret_code_or_token_is_in_the_database_or_the_log(
    app: RunningApp, shop: Application, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = app.browser()
    login = shop.login(scope="openid phone", login_hint="+14155550123", acr_values="change-billing")
    uri = json.loads((await shop.push(login)).text)["request_uri"]
    await followed(browser, f"{AUTHORIZE}?client_id={shop.client.id}&request_uri={uri}")
    asked = [value for name, value in browser.cookies.items() if "authorization" in name]
    path = await proven(app, browser)
    code = answer_of(await browser.get(path), login)["code"]
    token = json.loads((await shop.exchange(login, code)).text)["access_token"]
    await shop.exchange(login, code)
    assert path == PROCEED
    secrets = [code, token, shop.secret, login.verifier, *asked, uri.rpartition(":")[2], "4155550123", "4155550100"]
    written = "".join(JsonFormatter().format(record) + record.getMessage() for record in caplog.records)
    files = [app.path, app.path.with_name(app.path.name + "-wal")]  # none on PostgreSQL
    stored = repr(app.rows()).encode() + b"".join(file.read_bytes() for file in files if file.exists())
    for secret in secrets:
        assert secret
        assert secret not in written
        assert secret.encode() not in stored


async def test_a_number_that_an_application_named_is_erased_with_its_number(app: RunningApp, shop: Application) -> None:
    await opened(app, app.browser(), shop.login(login_hint="+14155550123"))
    await opened(app, app.browser(), shop.login(login_hint="ada"))
    store = app.context.openid.store
    assert isinstance(store, SqliteAuthorizations)
    await erase_number(store.store, parse("+14155550123"), now=app.clock.now())
    assert len(app.rows()["openid_requests"]) == 1


async def test_requests_are_removed_soon_after_their_answer_and_all_of_them_with_the_codes_after_a_day(
    app: RunningApp, shop: Application
) -> None:
    await code_for(app, shop)
    app.clock.advance(ANSWER_LIFETIME + 1)
    await opened(app, app.browser(), shop.login())
    assert len(app.rows()["openid_requests"]) == 1
    await opened(app, app.browser(), shop.login())
    store = app.context.openid.store
    assert isinstance(store, SqliteAuthorizations)
    app.clock.advance(2 * 86400)
    removed = await RetentionJob(store.store, Retention(), app.clock.now).run()
    assert (removed["openid_requests"], removed["openid_grants"]) == (2, 1)


def bounded(app: RunningApp, **bounds: int) -> RunningApp:
    """The same application, with other bounds for open requests."""
    store, ctx = app.context.openid.store, app.context
    assert isinstance(store, SqliteAuthorizations)
    limited = replace(ctx, openid=replace(ctx.openid, store=SqliteAuthorizations(store.store, **bounds)))
    return dataclasses.replace(app, app=create_app(limited), context=limited)


async def test_one_source_cannot_open_requests_without_end(app: RunningApp, shop: Application) -> None:
    app = bounded(app, most_of_source=2)
    answers = [await opened(app, app.browser(), login := shop.login()) for _ in range(3)]
    assert all(is_asked(answer) for answer in answers[:2])
    assert answer_of(answers[2], login) == {"error": "temporarily_unavailable"}
    app.clock.advance(REQUEST_LIFETIME + 1)
    assert is_asked(await opened(app, app.browser(), shop.login()))


async def test_one_source_cannot_push_requests_of_a_public_application_without_end(app: RunningApp) -> None:
    """Anyone can push in its name: without a bound of theirs they would use up everyone's."""
    app = bounded(app, most_of_source=2, most_open=5)
    public, secret = await application(app, public=True), await application(app, "Books")
    assert [(await public.push(public.login())).status for _ in range(3)] == [201, 201, 503]
    assert [(await secret.push(secret.login())).status for _ in range(4)] == [201, 201, 201, 503]


async def test_an_answered_request_is_no_longer_open(app: RunningApp, shop: Application) -> None:
    """A thousand people behind one address log in in half an hour."""
    app, logins = bounded(app, most_of_source=1), [shop.login() for _ in range(3)]
    for number, login in enumerate(logins):
        browser = app.browser()
        await opened(app, browser, login)
        path = await proven(app, browser, phone=f"+1415555010{number}", username=f"user{number}")
        assert "code" in answer_of(await browser.get(path), login)


async def test_basic_credentials_that_cannot_be_read_are_refused(app: RunningApp, shop: Application) -> None:
    for header in ("Basic", "Basic !", "Basic /w==", basic("", ""), "Bearer x"):
        headers = [("host", "verify.example"), ("content-type", FORM), ("authorization", header)]
        answer = await send_request(app.app, "POST", TOKEN, headers=headers, body=b"grant_type=authorization_code")
        assert answer.status in (400, 401)
        assert "error" in json.loads(answer.text)
    assert shop.secret
