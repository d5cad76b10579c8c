"""What holds at every door: methods, sizes, headers, strangers, and failures of our own."""

import json
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from tests.support.app import ACCOUNT, PHONE, SENDER, House, Phone, open_house, page_of, path_of
from tests.support.asgi_client import FORM, Answer, ask
from verification.errors import Unavailable
from verification.ports import Unclear
from webhooks.app import ROUTES
from webhooks.requests import LARGEST_BODY, LONGEST_VALUE
from webhooks.routes import PATHS, PublicUrls

ABOUT_A_DELIVERY = ["answered", "keys", "silence", "machine", "call_status", "message_status"]
SIGNED = [*ABOUT_A_DELIVERY, "called", "called_keys", "called_silence", "texted"]
FORMS = ["start", "code", "next"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db") as house:
        yield house


def fields(phone: Phone, **changed: str) -> dict[str, str]:
    """Fields that mean something at every door of Twilio's."""
    known = {
        "CallSid": phone.call_sid,
        "MessageSid": phone.call_sid,
        "From": SENDER,
        "To": PHONE,
        "Body": "hello",
        "CallStatus": "ringing",
        "MessageStatus": "sent",
        "Digits": "1",
        "AnsweredBy": "machine_start",
    }
    return known | changed


def test_these_are_all_doors_of_twilios() -> None:
    doctors = {"probed"}
    assert {name for name, path in PATHS.items() if path.startswith("/webhooks/")} == {*SIGNED, *doctors}


def test_every_path_has_a_door_and_every_door_a_path() -> None:
    doors = {route.name: route.path for route in ROUTES if isinstance(route, Route | Mount)}
    assert doors == PATHS


def test_an_address_is_the_public_one_and_the_path_of_the_door() -> None:
    here = PublicUrls("https://verify.example:8443")
    assert here.of("texted") == "https://verify.example:8443/webhooks/sms"
    assert here.of("keys", delivery="VL1") == "https://verify.example:8443/webhooks/calls/VL1/keys"
    assert (here.host, here.https) == ("verify.example", True)
    assert not PublicUrls("http://127.0.0.1:8000").https


async def test_twilio_comes_by_post_only(house: House) -> None:
    phone = await house.called()
    before = house.rows()
    for door in SIGNED:
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            path = path_of(door, delivery=phone.delivery)
            answer = await ask(house.app, method, f"{path}?Digits=9&CallSid={phone.call_sid}")
            assert (answer.status, answer.header("allow"), answer.body) == (405, "POST", b""), (door, method)
    assert house.rows() == before


async def test_forms_come_by_post_only(house: House) -> None:
    for door in FORMS:
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = await ask(house.app, method, path_of(door))
            assert (answer.status, answer.header("allow")) == (405, "POST"), (door, method)


async def test_the_page_is_only_read(house: House) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = await ask(house.app, method, "/")
        assert answer.status == 405
        assert set((answer.header("allow") or "").split(", ")) == {"GET", "HEAD"}


async def test_an_unknown_path_is_404_and_never_a_redirect(house: House) -> None:
    for path in ("/webhooks/voice/", "/webhooks/calls//answered", "/webhooks/calls/VL1/other", "/webhooks/", "//"):
        assert (await house.twilio.post(path, {"From": PHONE})).status == 404, path


async def test_an_unknown_page_says_so_in_a_sentence(house: House) -> None:
    for path in ("/docs", "/.env", "/static/../app.py", "/static/%2e%2e/app.py", "/static/none"):
        answer = await house.browser().get(path)
        assert (answer.status, page_of(answer).heading) == (404, "This page does not exist."), path


async def test_an_error_is_told_in_the_language_of_the_browser(house: House) -> None:
    page = page_of(await house.browser("de").get("/nothing"))
    assert (page.one("html").attributes["lang"], page.heading) == ("de", "Diese Seite gibt es nicht.")


async def test_an_unknown_delivery_is_404_without_effect(house: House) -> None:
    phone = await house.called()
    before = house.rows()
    for door in ABOUT_A_DELIVERY:
        for stranger in ("VL" + "f" * 32, "VE" + "0" * 32, "x", "%00", "%F0%9F%91%8B", "a" * 5000, "'%20or%20''='"):
            answer = await house.twilio.post(path_of(door, delivery=stranger), fields(phone))
            assert (answer.status, answer.body) == (404, b""), (door, stranger)
    assert house.rows() == before


async def test_somebody_elses_call_is_404_without_effect(house: House) -> None:
    phone = await house.called()
    before = house.rows()
    for door in ABOUT_A_DELIVERY:
        for sid in ("CA" + "f" * 32, "", "x" * 10_000, "\0", "\u202e"):
            strange = fields(phone, CallSid=sid, MessageSid=sid)
            answer = await house.twilio.post(path_of(door, delivery=phone.delivery), strange)
            assert (answer.status, answer.body) == (404, b""), (door, sid)
    assert house.rows() == before


async def test_a_webhook_that_names_no_call_never_claims_a_start_that_nobody_answered_for(house: House) -> None:
    house.provider.script.append(Unclear("time-out"))
    phone = await house.called()
    before, nameless = house.rows(), fields(phone, CallSid="", MessageSid="")
    for door in ABOUT_A_DELIVERY:
        answer = await house.twilio.post(path_of(door, delivery=phone.delivery), nameless)
        assert (answer.status, answer.body) == (404, b""), door
    assert house.rows() == before


async def test_another_account_of_twilios_is_404_without_effect(house: House) -> None:
    phone = await house.called()
    before = house.rows()
    for door in SIGNED:
        path, told = path_of(door, delivery=phone.delivery), list(fields(phone, Body="STOP", Digits="9").items())
        for accounts in (["AC" + "1" * 32], [], [ACCOUNT, ACCOUNT], [ACCOUNT, "AC" + "1" * 32], [""]):
            sent = [*told, *(("AccountSid", account) for account in accounts)]
            signature = [("x-twilio-signature", house.twilio.sign(path, sent))]
            answer = await house.twilio.send(path, sent, headers=signature)
            assert (answer.status, answer.body) == (404, b""), (door, accounts)
    assert house.rows() == before


async def test_a_doubled_field_that_matters_is_400_without_effect(house: House) -> None:
    phone = await house.called()
    before, known = house.rows(), fields(phone, Body="STOP", Digits="9")
    for door, names in {
        "called": ["From"],
        "called_keys": ["From", "Digits"],
        "called_silence": ["From"],
        "texted": ["From", "Body"],
        "answered": ["CallSid", "Digits"],
        "keys": ["CallSid", "Digits"],
        "silence": ["CallSid", "Digits"],
        "machine": ["CallSid", "AnsweredBy"],
        "call_status": ["CallSid", "CallStatus"],
        "message_status": ["MessageSid", "MessageStatus"],
    }.items():
        for name in names:
            doubled = [*known.items(), (name, known[name])]
            answer = await house.twilio.post(path_of(door, delivery=phone.delivery), doubled)
            assert (answer.status, answer.body) == (400, b""), (door, name)
    assert house.rows() == before


STRANGE = [
    "",
    "\0",
    "a\0b",
    "x" * 10_000,
    "\U0001f44b" * 1000,
    "\u202e\u200f",
    "'; drop table x; --",
    "\r\nX: y",
]


@pytest.mark.parametrize("door", SIGNED)
async def test_strange_values_never_break_a_door_of_twilios(house: House, door: str) -> None:
    phone = await house.called()
    path = path_of(door, delivery=phone.delivery)
    for name in ("From", "Body", "CallStatus", "MessageStatus", "Digits", "ErrorCode", "AnsweredBy", "Another"):
        for value in STRANGE:
            answer = await house.twilio.post(path, fields(phone, **{name: value}))
            assert answer.status < 500, (name, value)


async def test_missing_fields_never_break_a_door_of_twilios(house: House) -> None:
    phone = await house.called()
    for door in SIGNED:
        assert (await house.twilio.post(path_of(door, delivery=phone.delivery))).status < 500, door


async def test_a_body_of_a_megabyte_is_413_and_no_failure_of_ours(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await house.called()
    before, body = house.rows(), b"Body=" + b"x" * 1024 * 1024
    for door in (*SIGNED, *FORMS):
        path = path_of(door, delivery=phone.delivery)
        for length in (("content-length", str(len(body))), ("transfer-encoding", "chunked")):
            answer = await ask(house.app, "POST", path, headers=[("content-type", FORM), length], body=body)
            assert answer.status == 413, (door, length)
            assert_guarded(answer)
    assert house.rows() == before
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_body_of_the_largest_size_is_read(house: House) -> None:
    long = {f"Long{n}": "x" * LONGEST_VALUE for n in range(LARGEST_BODY // LONGEST_VALUE)}
    assert (await house.twilio.post(path_of("texted"), {"From": PHONE, "Body": "hello", **long})).status == 200


GUARDS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}


def assert_guarded(answer: Answer) -> None:
    """The headers that every answer carries, once."""
    assert {name: answer.header(name) for name in GUARDS} == GUARDS
    policy = dict(part.split(" ", 1) for part in (answer.header("content-security-policy") or "").split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in str(policy)
    assert "*" not in str(policy)
    assert not [name for name, _ in answer.headers if name.startswith("access-control-")]
    assert answer.header("server") is None


async def test_headers_guard_every_answer(house: House) -> None:
    browser, details = house.browser(), {"username": "ada", "phone": PHONE, "channel": "call"}
    answers = {
        200: await browser.get("/"),
        303: await browser.post(path_of("start"), details),
        400: await browser.post(path_of("start"), {}),
        403: await browser.post(path_of("start"), details, site="cross-site"),
        404: await browser.get("/nothing"),
        405: await browser.post("/"),
        415: await browser.post(path_of("start"), body=b"{}", kind="application/json"),
        429: await browser.post(path_of("next"), {"next": "sms"}),
    }
    assert {status: answer.status for status, answer in answers.items()} == {status: status for status in answers}
    others = [
        await browser.get(path_of("static") + "/page.css"),
        await browser.get(path_of("live"), headers=[("origin", "https://evil.example")]),
        await house.twilio.post(path_of("called"), {"From": PHONE}),
        await house.twilio.send(path_of("called"), headers=[]),
    ]
    for answer in (*answers.values(), *others):
        assert_guarded(answer)


@pytest.mark.parametrize("failure", [Unavailable("the disk is full"), RuntimeError("a secret detail")])
@pytest.mark.parametrize("path", ["/", "/health/ready"])
async def test_headers_guard_the_answer_to_a_failure_of_our_own(house: House, failure: Exception, path: str) -> None:
    browser = house.browser()
    await house.started(browser)
    house.store.failure = failure
    answer = await browser.get(path, failing=True)
    assert answer.status >= 500
    assert_guarded(answer)


async def test_over_plain_http_nothing_promises_tls(tmp_path: Path) -> None:
    async with open_house(tmp_path / "store.db", public_url="http://127.0.0.1:8000") as house:
        assert (await house.browser().get("/")).header("strict-transport-security") is None


async def test_when_the_table_is_away_pages_say_so_with_503_and_when_to_come_back(house: House) -> None:
    browser = house.browser()
    await house.started(browser)
    before = house.rows()
    house.store.failure = Unavailable("the disk is full")
    details = {"username": "ada", "phone": PHONE, "channel": "call"}
    for answer in (
        await browser.get("/"),
        await browser.post(path_of("start"), details),
        await browser.post(path_of("code"), {"code": "123456"}),
        await browser.post(path_of("next"), {"next": "repeat"}),
    ):
        assert (answer.status, answer.header("retry-after")) == (503, "5")
        assert page_of(answer).heading.startswith("Something went wrong on our side.")
        assert "disk" not in answer.text
    assert house.rows() == before


@pytest.mark.parametrize("failure", [Unavailable("the disk is full"), RuntimeError("a secret detail")])
async def test_an_error_id_leads_from_the_page_to_the_log(
    house: House, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    browser = house.browser()
    await house.started(browser)
    house.store.failure = failure
    answer = await browser.get("/", failing=True)
    for hidden in (str(failure), "Traceback", "Error", ".py", "sqlite"):
        assert hidden not in answer.text
    found = re.search(r"please mention ([0-9a-f]{8})\.", answer.text)
    assert found
    (record,) = [record for record in caplog.records if record.name == "saycode.http"]
    assert record.__dict__["fields"]["error_id"] == found[1]
    assert record.exc_info
    assert record.exc_info[1] is failure


@pytest.mark.parametrize("door", ["texted", "call_status", "message_status"])
async def test_when_the_table_is_away_twilio_gets_an_empty_503(house: House, door: str) -> None:
    phone = await house.called()
    house.store.failure = Unavailable("the disk is full")
    sent = fields(phone, Body="STOP")
    answer = await house.twilio.post(path_of(door, delivery=phone.delivery), sent)
    assert (answer.status, answer.body) == (503, b"")


async def test_the_log_of_a_forged_webhook_has_neither_its_number_nor_its_signature(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    forged = [("x-twilio-signature", "forged")]
    await house.twilio.send(path_of("texted"), {"From": PHONE, "Body": "STOP"}, headers=forged)
    (record,) = [record for record in caplog.records if record.name == "saycode.http"]
    assert record.__dict__["fields"] == {"path": "/webhooks/sms"}


async def test_live_answers_without_the_table_and_ready_only_with_it(house: House) -> None:
    browser = house.browser()
    for door in ("live", "ready"):
        answer = await browser.get(path_of(door))
        assert (answer.status, json.loads(answer.text)["status"]) == (200, "ok")
    house.store.failure = Unavailable("the disk is full")
    assert (await browser.get(path_of("live"))).status == 200
    assert (await browser.get(path_of("ready"))).status == 503
