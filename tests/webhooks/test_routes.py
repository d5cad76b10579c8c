"""What holds for every route: methods, sizes, headers, unknown deliveries, and failures of our own."""

import json
import logging
import re
from pathlib import Path

import pytest
from starlette.types import Message

from saycode.server.log_repeats import RepeatFilter
from tests.support.app import ACCOUNT, PHONE, SENDER, Phone, RunningApp, page_of, path_of, running_app
from tests.support.asgi_client import FORM, Answer, send_request
from verification.errors import Unavailable
from verification.ports import Unclear
from webhooks.middleware import LateModule, load_late
from webhooks.requests import LARGEST_BODY, LONGEST_VALUE
from webhooks.routes import PATHS, ROUTES, public_urls

IN_A_CALL = [
    "call_answered",
    "call_keys",
    "call_silence",
    "call_fallback",
    "call_fallback_keys",
    "call_fallback_silence",
]
ABOUT_A_DELIVERY = [*IN_A_CALL, "machine_detected", "call_status", "message_status"]
SIGNED = [*ABOUT_A_DELIVERY, "inbound_call", "inbound_keys", "inbound_silence", "call_notice", "inbound_message"]
FORMS = ["start", "check_code", "next_step"]


def fields(phone: Phone, **changed: str) -> dict[str, str]:
    """Fields that have a meaning for every webhook."""
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
        "ErrorCode": "13511",
        "ErrorUrl": "https://verify.example/webhooks/calls/VL1/answered",
    }
    return known | changed


def test_these_are_all_webhook_routes() -> None:
    webhooks = {name for name, path in PATHS.items() if path.startswith("/webhooks/")}
    assert webhooks == {*SIGNED, "probe"}  # the probe is the doctor's


def test_no_two_routes_share_a_name_or_a_path() -> None:
    assert len(PATHS) == len(set(PATHS.values())) == len(ROUTES)


def test_an_address_is_the_public_url_and_the_path_of_the_route() -> None:
    urls = public_urls("https://verify.example:8443")
    assert urls.of("inbound_message") == "https://verify.example:8443/webhooks/sms"
    assert urls.of("call_keys", delivery="VL1") == "https://verify.example:8443/webhooks/calls/VL1/keys"
    assert (urls.host, urls.https) == ("verify.example", True)
    assert not public_urls("http://127.0.0.1:8000").https


async def test_twilio_comes_by_post_only(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    before = running.rows()
    for route in SIGNED:
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            path = path_of(route, delivery=phone.delivery)
            answer = await send_request(running.app, method, f"{path}?Digits=9&CallSid={phone.call_sid}")
            assert (answer.status, answer.header("allow"), answer.body) == (405, "POST", b""), (route, method)
    assert running.rows() == before


async def test_forms_come_by_post_only(running: RunningApp) -> None:
    for route in FORMS:
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = await send_request(running.app, method, path_of(route))
            assert (answer.status, answer.header("allow")) == (405, "POST"), (route, method)


async def test_the_page_is_only_read(running: RunningApp) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = await send_request(running.app, method, "/")
        assert answer.status == 405
        assert set((answer.header("allow") or "").split(", ")) == {"GET", "HEAD"}


async def test_an_unknown_path_is_404_and_never_a_redirect(running: RunningApp) -> None:
    for path in ("/webhooks/voice/", "/webhooks/calls//answered", "/webhooks/calls/VL1/other", "/webhooks/", "//"):
        assert (await running.twilio.post(path, {"From": PHONE})).status == 404, path


async def test_an_unknown_page_says_so_in_a_sentence(running: RunningApp) -> None:
    for path in ("/docs", "/.env", "/static/../app.py", "/static/%2e%2e/app.py", "/static/none"):
        answer = await running.browser().get(path)
        assert (answer.status, page_of(answer).heading) == (404, "Page not found"), path


async def test_an_error_is_in_the_language_of_the_browser(running: RunningApp) -> None:
    page = page_of(await running.browser("de").get("/nothing"))
    assert (page.one("html").attributes["lang"], page.heading) == ("de", "Seite nicht gefunden")


async def test_an_unknown_delivery_is_404_without_effect(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    before = running.rows()
    for route in ABOUT_A_DELIVERY:
        for unknown in ("VL" + "f" * 32, "VE" + "0" * 32, "x", "%00", "%F0%9F%91%8B", "a" * 5000, "'%20or%20''='"):
            answer = await running.twilio.post(path_of(route, delivery=unknown), fields(phone))
            assert (answer.status, answer.body) == (404, b""), (route, unknown)
    assert running.rows() == before


async def test_another_call_is_404_without_effect(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    before = running.rows()
    for route in ABOUT_A_DELIVERY:
        for sid in ("CA" + "f" * 32, "", "x" * 10_000, "\0", "\u202e"):
            strange = fields(phone, CallSid=sid, MessageSid=sid)
            answer = await running.twilio.post(path_of(route, delivery=phone.delivery), strange)
            assert (answer.status, answer.body) == (404, b""), (route, sid)
    assert running.rows() == before


async def test_a_webhook_without_a_call_sid_never_settles_a_start_without_an_answer(running: RunningApp) -> None:
    running.provider.script.append(Unclear("time-out"))
    phone = await running.ringing_phone()
    before, nameless = running.rows(), fields(phone, CallSid="", MessageSid="")
    for route in ABOUT_A_DELIVERY:
        answer = await running.twilio.post(path_of(route, delivery=phone.delivery), nameless)
        assert (answer.status, answer.body) == (404, b""), route
    assert running.rows() == before


async def test_another_account_of_twilios_is_404_without_effect(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    before = running.rows()
    for route in SIGNED:
        path, pairs = path_of(route, delivery=phone.delivery), list(fields(phone, Body="STOP", Digits="9").items())
        for accounts in (["AC" + "1" * 32], [], [ACCOUNT, ACCOUNT], [ACCOUNT, "AC" + "1" * 32], [""]):
            sent = [*pairs, *(("AccountSid", account) for account in accounts)]
            signature = [("x-twilio-signature", running.twilio.sign(path, sent))]
            answer = await running.twilio.send(path, sent, headers=signature)
            assert (answer.status, answer.body) == (404, b""), (route, accounts)
    assert running.rows() == before


async def test_a_doubled_field_that_matters_is_400_without_effect(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    before, known = running.rows(), fields(phone, Body="STOP", Digits="9")
    for route, names in {
        "inbound_call": ["From"],
        "inbound_keys": ["From", "Digits"],
        "inbound_silence": ["From"],
        "inbound_message": ["From", "Body"],
        "call_answered": ["CallSid", "Digits"],
        "call_keys": ["CallSid", "Digits"],
        "call_silence": ["CallSid", "Digits"],
        "call_fallback": ["CallSid", "ErrorCode", "ErrorUrl"],
        "call_fallback_keys": ["CallSid", "Digits"],
        "machine_detected": ["CallSid", "AnsweredBy"],
        "call_status": ["CallSid", "CallStatus"],
        "message_status": ["MessageSid", "MessageStatus"],
    }.items():
        for name in names:
            doubled = [*known.items(), (name, known[name])]
            answer = await running.twilio.post(path_of(route, delivery=phone.delivery), doubled)
            assert (answer.status, answer.body) == (400, b""), (route, name)
    assert running.rows() == before


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


@pytest.mark.parametrize("route", SIGNED)
async def test_odd_values_never_break_a_webhook(running: RunningApp, route: str) -> None:
    phone = await running.ringing_phone()
    path = path_of(route, delivery=phone.delivery)
    for name in ("From", "Body", "CallStatus", "MessageStatus", "Digits", "ErrorCode", "AnsweredBy", "Another"):
        for value in STRANGE:
            answer = await running.twilio.post(path, fields(phone, **{name: value}))
            assert answer.status < 500, (name, value)


async def test_missing_fields_never_break_a_webhook(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    for route in SIGNED:
        assert (await running.twilio.post(path_of(route, delivery=phone.delivery))).status < 500, route


async def test_a_body_of_a_megabyte_is_413_and_no_server_error(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await running.ringing_phone()
    before, body = running.rows(), b"Body=" + b"x" * 1024 * 1024
    for route in (*SIGNED, *FORMS):
        path = path_of(route, delivery=phone.delivery)
        for length in (("content-length", str(len(body))), ("transfer-encoding", "chunked")):
            answer = await send_request(running.app, "POST", path, headers=[("content-type", FORM), length], body=body)
            assert answer.status == 413, (route, length)
            assert_guarded(answer)
    assert running.rows() == before
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_body_of_the_largest_size_is_read(running: RunningApp) -> None:
    long = {f"Long{n}": "x" * LONGEST_VALUE for n in range(LARGEST_BODY // LONGEST_VALUE)}
    assert (
        await running.twilio.post(path_of("inbound_message"), {"From": PHONE, "Body": "hello", **long})
    ).status == 200


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


async def test_headers_guard_every_answer(running: RunningApp) -> None:
    browser, details = running.browser(), {"username": "ada", "phone": PHONE, "channel": "call"}
    answers = {
        200: await browser.get("/"),
        303: await browser.post(path_of("start"), details),
        400: await browser.post(path_of("start"), {}),
        403: await browser.post(path_of("start"), details, site="cross-site"),
        404: await browser.get("/nothing"),
        405: await browser.post("/"),
        415: await browser.post(path_of("start"), body=b"{}", kind="application/json"),
        429: await browser.post(path_of("next_step"), {"next": "sms"}),
    }
    assert {status: answer.status for status, answer in answers.items()} == {status: status for status in answers}
    others = [
        await browser.get(path_of("static") + "/page.css"),
        await browser.get(path_of("health_live"), headers=[("origin", "https://evil.example")]),
        await running.twilio.post(path_of("inbound_call"), {"From": PHONE}),
        await running.twilio.send(path_of("inbound_call"), headers=[]),
    ]
    for answer in (*answers.values(), *others):
        assert_guarded(answer)


@pytest.mark.parametrize("failure", [Unavailable("the disk is full"), RuntimeError("a secret detail")])
@pytest.mark.parametrize("path", ["/", "/health/ready"])
async def test_headers_guard_the_answer_to_a_failure_of_our_own(
    running: RunningApp, failure: Exception, path: str
) -> None:
    browser = running.browser()
    await running.started(browser)
    running.store.failure = failure
    answer = await browser.get(path, failing=True)
    assert answer.status >= 500
    assert_guarded(answer)


async def test_over_plain_http_nothing_promises_tls(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", public_url="http://127.0.0.1:8000") as running:
        assert (await running.browser().get("/")).header("strict-transport-security") is None


async def test_when_the_store_is_unavailable_pages_are_503_with_a_retry_after(running: RunningApp) -> None:
    browser = running.browser()
    await running.started(browser)
    before = running.rows()
    running.store.failure = Unavailable("the disk is full")
    details = {"username": "ada", "phone": PHONE, "channel": "call"}
    for answer in (
        await browser.get("/"),
        await browser.post(path_of("start"), details),
        await browser.post(path_of("check_code"), {"code": "123456"}),
        await browser.post(path_of("next_step"), {"next": "repeat"}),
    ):
        assert (answer.status, answer.header("retry-after")) == (503, "5")
        assert page_of(answer).heading.startswith("Something went wrong on our side.")
        assert "disk" not in answer.text
    assert running.rows() == before


@pytest.mark.parametrize("failure", [Unavailable("the disk is full"), RuntimeError("a secret detail")])
async def test_an_error_id_leads_from_the_page_to_the_log(
    running: RunningApp, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    browser = running.browser()
    await running.started(browser)
    running.store.failure = failure
    answer = await browser.get("/", failing=True)
    for hidden in (str(failure), "Traceback", "Error", ".py", "sqlite"):
        assert hidden not in answer.text
    match = re.search(r"please quote ([0-9a-f]{8})\.", answer.text)
    assert match
    (record,) = [record for record in caplog.records if record.name == "saycode.http"]
    assert record.__dict__["fields"]["error_id"] == match[1]
    assert record.exc_info
    assert record.exc_info[1] is failure


@pytest.mark.parametrize("route", ["inbound_message", "call_status", "message_status"])
async def test_when_the_store_is_unavailable_twilio_gets_an_empty_503(running: RunningApp, route: str) -> None:
    phone = await running.ringing_phone()
    running.store.failure = Unavailable("the disk is full")
    sent = fields(phone, Body="STOP")
    answer = await running.twilio.post(path_of(route, delivery=phone.delivery), sent)
    assert (answer.status, answer.body) == (503, b"")


async def test_the_log_of_a_forged_webhook_has_neither_its_number_nor_its_signature(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    forged = [("x-twilio-signature", "forged")]
    await running.twilio.send(path_of("inbound_message"), {"From": PHONE, "Body": "STOP"}, headers=forged)
    (record,) = [record for record in caplog.records if record.name == "saycode.http"]
    assert record.__dict__["fields"] == {"path": "/webhooks/sms"}


async def test_live_answers_without_the_store_and_ready_only_with_it(running: RunningApp) -> None:
    browser = running.browser()
    for route in ("health_live", "health_ready"):
        answer = await browser.get(path_of(route))
        assert (answer.status, json.loads(answer.text)["status"]) == (200, "ok")
    running.store.failure = Unavailable("the disk is full")
    assert (await browser.get(path_of("health_live"))).status == 200
    assert (await browser.get(path_of("health_ready"))).status == 503


@pytest.mark.parametrize("route", ["start", "check_code", "inbound_call", "inbound_message"])
async def test_a_client_that_hangs_up_is_no_error(
    running: RunningApp, caplog: pytest.LogCaptureFixture, route: str
) -> None:
    path, sent = path_of(route), list[Message]()
    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"100")]

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("192.0.2.1", 40000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    await running.app(scope, receive, send)
    assert [message["status"] for message in sent if message["type"] == "http.response.start"] == [400]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_repeats_of_a_forged_webhook_are_one_line_for_the_source(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    repeats, written = RepeatFilter(), 0
    for _ in range(30):
        await running.twilio.send(path_of("inbound_call"), {"From": PHONE}, headers=[])
    for record in caplog.records:
        written += repeats.filter(record)
    assert (len(caplog.records), written) == (30, 1)


def test_every_endpoint_of_the_table_is_there() -> None:
    load_late()
    misspelled = LateModule("twilio.voice")
    LateModule.known.remove(misspelled)  # of this test alone
    assert misspelled.answred is not None
    with pytest.raises(AttributeError, match="answred"):
        misspelled.load()
