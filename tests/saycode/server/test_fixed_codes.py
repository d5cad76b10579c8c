"""A test number through the whole service: nothing is sent, its code is right, and every answer says so."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
from msgspec.structs import replace

from saycode.config.loader import load
from saycode.doctor.local import check_test_numbers
from saycode.server.app import build_app, open_store
from tests.support.api_client import client
from tests.support.app import RunningApp, open_page, path_of, running_app
from tests.support.asgi_client import Browser
from tests.support.asgi_lifespan import running
from tests.support.fakes import ManualClock
from tests.support.openid import answer_of, application, opened
from verification.policy import DEFAULT_POLICY
from verification.values.fixed_codes import FixedCode
from verification.values.phone_numbers import PhoneNumber

PHONE, CODE = "+14155550123", "04242424"
UNTIL = 1_800_000_000.0 + 86400
FIXED = FixedCode(number=PhoneNumber(PHONE, "US"), code=CODE, until=UNTIL)
POLICY = replace(DEFAULT_POLICY, fixed_codes=(FIXED,))
SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "1" * 32,
    "TWILIO_FROM_NUMBER": "+14155550199",
    "TWILIO_API_BASE_URL": "http://127.0.0.1:9",  # nothing answers there
    "SAYCODE_PUBLIC_URL": "http://127.0.0.1:8000",
    "SAYCODE_SECRET_KEY": "0" * 32,
    "SAYCODE_TEST_NUMBERS": f"{PHONE} {CODE} 2999-12-31",
}


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "fixed.db", policy=POLICY) as started:
        yield started


async def test_nothing_is_sent_and_the_fixed_code_opens_the_page(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load(SETTINGS | {"SAYCODE_DATABASE_URL": f"sqlite:///{tmp_path}/fixed.db"})
    with caplog.at_level(logging.WARNING):
        app = build_app(settings, open_store(settings), clock=ManualClock())
    assert "until the end of 2999-12-31" in caplog.text
    async with running(app):
        for channel in ("sms", "call"):
            browser = Browser(app)
            form = {"username": channel, "phone": PHONE, "channel": channel}
            await browser.post(path_of("start"), form)
            assert (await open_page(browser)).state == "code"
            await browser.post(path_of("check_code"), {"code": CODE})
            assert (await open_page(browser)).state == "welcome"
    assert CODE not in caplog.text
    assert CODE.encode() not in (tmp_path / "fixed.db").read_bytes()


async def test_another_number_and_another_code_are_wrong(app: RunningApp) -> None:
    for phone, code in (("+14155550124", CODE[:6]), (PHONE, "00000000")):
        browser = app.browser()
        await app.started(browser, phone=phone, username=phone)
        await browser.post(path_of("check_code"), {"code": code})
        assert (await open_page(browser)).state == "ended"


async def test_after_its_last_day_no_code_is_right(app: RunningApp) -> None:
    app.clock.advance(86400)
    browser = app.browser()
    await app.started(browser, phone=PHONE)
    await browser.post(path_of("check_code"), {"code": CODE})
    assert (await open_page(browser)).state == "ended"


async def test_the_api_and_receipts_say_that_it_is_a_test(app: RunningApp) -> None:
    shop = await client(app)
    started = await shop.post_json("Verifications", {"To": PHONE, "Channel": "sms"})
    assert started.body["test_number"] is True
    checked = await shop.check(CODE, To=PHONE)
    assert (checked.body["status"], checked.body["test_number"]) == ("approved", True)
    claims = jwt.decode(str(checked.body["receipt"]), options={"verify_signature": False})
    assert claims["amr"] == ["test", "otp"]
    other = await shop.post_json("Verifications", {"To": "+14155550124", "Channel": "sms"})
    assert other.body["test_number"] is False


async def test_an_id_token_says_that_it_is_a_test(app: RunningApp) -> None:
    shop, browser = await application(app), app.browser()
    login = shop.login()
    await opened(app, browser, login)
    await app.started(browser, phone=PHONE)
    await browser.post(path_of("check_code"), {"code": CODE})
    answer = answer_of(await browser.get(path_of("openid_proceed")), login)
    exchanged = await shop.exchange(login, answer["code"])
    assert shop.claims(exchanged, login)["amr"] == ["test", "otp"]
    assert json.loads(exchanged.text)["id_token"]


@pytest.mark.parametrize(
    ("days", "fix"),
    [(1, "when the test is over"), (367, "more than a year away"), (0, "Take it out of SAYCODE_TEST_NUMBERS.")],
)
def test_the_doctor_names_each_and_says_when_it_never_ends_or_has_ended(days: int, fix: str) -> None:
    settings = load(SETTINGS)
    until = settings.test_numbers[0].until
    (finding,) = check_test_numbers(settings, lambda: until - days * 86400)
    assert "until the end of 2999-12-31" in finding.message
    assert fix in finding.fix
    assert CODE not in finding.message + finding.fix
    assert PHONE not in finding.message + finding.fix
