"""The doctor's probe, and the log of webhooks with an invalid signature."""

import json
import logging
from pathlib import Path
from urllib.parse import urlencode

import pytest

from saycode.server.log_repeats import RepeatFilter
from saycode.server.logging import JsonFormatter
from tests.support.app import ACCOUNT, PHONE, SECRET, TOKEN, RunningApp, path_of, running_app
from tests.support.asgi_client import FORM, Answer, send_request
from verification.ports import ByNumber
from verification.values.codes import key_id
from verification.values.phone_numbers import parse
from webhooks.twilio.diagnostics import Side, proof

NONCE = "0123456789abcdef" * 2
HEADER = "x-twilio-signature"
PATH = path_of("probe")


def probe_fields(nonce: str = NONCE, *, token: str = TOKEN, side: Side = Side.DOCTOR, **changed: str) -> dict[str, str]:
    return {"AccountSid": ACCOUNT, "Nonce": nonce, "Proof": proof(token.encode(), side, nonce), **changed}


async def send(running: RunningApp, fields: dict[str, str], *headers: tuple[str, str]) -> Answer:
    return await running.twilio.send(PATH, fields, headers=headers)


async def signed(running: RunningApp, fields: dict[str, str], *headers: tuple[str, str]) -> Answer:
    return await send(running, fields, (HEADER, running.twilio.sign(PATH, fields)), *headers)


# The probe


async def test_the_service_proves_itself_and_tells_how_a_signed_request_arrived(running: RunningApp) -> None:
    answer = await signed(running, probe_fields(), ("x-forwarded-proto", "http"))
    assert answer.status == 200
    assert json.loads(answer.text) == {
        "proof": proof(TOKEN.encode(), Side.SERVICE, NONCE),
        "signature": "right",
        "checked": "https://verify.example/webhooks/probe",
        "hearsay": {"Host": "localhost:8000", "X-Forwarded-Proto": "http"},
        "key": key_id(SECRET),
        "database": running.context.database_id,
        "clients": {"requests": 0, "only": None, "proxy": None},
    }


@pytest.mark.parametrize(
    ("headers", "flaw"),
    [([], "missing"), ([(HEADER, "x")], "wrong"), ([(HEADER, "x"), (HEADER, "x")], "doubled")],
)
async def test_a_problem_of_the_signature_is_reported_to_a_holder_of_the_token(
    running: RunningApp, headers: list[tuple[str, str]], flaw: str
) -> None:
    answer = await send(running, probe_fields(), *headers)
    assert (answer.status, json.loads(answer.text)["signature"]) == (200, flaw)


STRANGERS = {
    "no proof": {"Nonce": NONCE},
    "an empty proof": probe_fields(Proof=""),
    "another token": probe_fields(token="another"),
    "an empty token": probe_fields(token=""),
    "the service's own proof": probe_fields(side=Side.SERVICE),
    "the proof of another number": probe_fields(Nonce="f" * 32),
    "a proof beyond ASCII": probe_fields(Proof="é" * 64),
    "a number of one's own make": probe_fields("saycode service\nx"),
    "a short number": probe_fields("0" * 31),
}


@pytest.mark.parametrize("fields", STRANGERS.values(), ids=STRANGERS)
async def test_a_probe_without_a_proof_gets_an_empty_403_even_when_signed(
    running: RunningApp, fields: dict[str, str]
) -> None:
    for answer in (await send(running, fields), await signed(running, fields)):
        assert (answer.status, answer.body) == (403, b"")


async def test_the_two_proofs_of_one_number_differ() -> None:
    assert proof(b"token", Side.DOCTOR, NONCE) != proof(b"token", Side.SERVICE, NONCE)


async def test_during_a_rotation_the_service_answers_with_the_token_that_was_asked_for(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", tokens=("the new one", "the old one")) as running:
        for token in ("the new one", "the old one"):
            answer = await send(running, probe_fields(token=token))
            assert json.loads(answer.text)["proof"] == proof(token.encode(), Side.SERVICE, NONCE)


async def test_a_probe_touches_nothing(running: RunningApp) -> None:
    before = running.rows()
    await signed(running, probe_fields(From=PHONE, Body="STOP", Digits="9"))
    assert (running.rows(), running.provider.asked) == (before, 0)


async def test_a_repeated_field_or_an_odd_body_is_rejected(running: RunningApp) -> None:
    doubled = await running.twilio.send(PATH, [*probe_fields().items(), ("Nonce", NONCE)], headers=[])
    strange = await running.twilio.send(PATH, headers=[], body=b"{}", kind="application/json")
    assert [(answer.status, answer.body) for answer in (doubled, strange)] == [(400, b""), (415, b"")]


# The log.


async def logged(
    running: RunningApp,
    caplog: pytest.LogCaptureFixture,
    *headers: tuple[str, str],
    target: str = "/webhooks/sms",
    kind: str = FORM,
) -> str:
    """The line in the log after a webhook with these headers."""
    caplog.clear()
    await running.twilio.send(target, {"From": PHONE, "Body": "STOP"}, headers=headers, kind=kind)
    (record,) = [record for record in caplog.records if record.name == "saycode.http"]
    assert record.levelno == logging.WARNING
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return str(json.loads(line)["event"])


async def test_the_log_tells_a_missing_a_doubled_and_a_wrong_signature_apart(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = (HEADER, "c2VjcmV0IHNpZ25hdHVyZQ==")
    assert "(missing)" in await logged(running, caplog)
    assert "(wrong)" in await logged(running, caplog, wrong)
    assert "(doubled)" in await logged(running, caplog, wrong, wrong)
    assert "(for no form)" in await logged(running, caplog, wrong, kind="application/json")


async def test_the_log_names_the_address_that_was_checked_and_the_headers_that_differ(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    logged_line = await logged(running, caplog, ("x-forwarded-host", "new.example"), ("x-forwarded-port", "443"))
    assert logged_line.endswith(
        "checked for https://verify.example/webhooks/sms; Host says localhost:8000; X-Forwarded-Host says new.example"
    )


async def test_the_log_keeps_queries_signatures_and_long_paths_to_itself(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    target = f"/webhooks/calls/{'x' * 5000}/keys?From=%2B14155550100&token=hidden"
    logged_line = await logged(running, caplog, (HEADER, "hidden"), ("x-forwarded-host", "y" * 5000), target=target)
    assert "/keys" not in logged_line
    assert "hidden" not in logged_line
    assert "14155550100" not in logged_line
    assert len(logged_line) < 500


# Webhooks where no endpoint is

API = "/v2/Services/VA" + "0" * 32
VOICE, SMS = "https://verify.example/webhooks/voice", "https://verify.example/webhooks/sms"
A_CALL = {"CallSid": "CA7", "From": PHONE}
A_TEXT = {"MessageSid": "SM7", "From": PHONE, "Body": "STOP"}


async def misplaced(
    running: RunningApp, method: str, target: str, fields: dict[str, str], *, token: str = TOKEN
) -> Answer:
    """A signed webhook as Twilio sends it: by GET its fields are in the address, which is what it signs."""
    fields = {"AccountSid": ACCOUNT, **fields}
    if method == "GET":
        target += ("&" if "?" in target else "?") + urlencode(fields)
        fields = {}
    headers = [(HEADER, running.twilio.sign(target, fields, token=token)), ("content-type", FORM)]
    return await send_request(running.app, method, target, headers=headers, body=urlencode(fields).encode())


@pytest.mark.parametrize(
    ("method", "target", "fields", "shown", "right"),
    [
        ("GET", "/webhooks/voice", A_CALL, "https://verify.example/webhooks/voice?… by GET", VOICE),
        ("GET", "/webhooks/sms", A_TEXT, "https://verify.example/webhooks/sms?… by GET", SMS),
        ("GET", "/", A_CALL, "https://verify.example/?… by GET", VOICE),
        ("GET", "/health/live", A_TEXT, "https://verify.example/health/live?… by GET", SMS),
        ("GET", "/v2/Services", A_CALL, "https://verify.example/v2/Services?… by GET", VOICE),
        ("POST", "/webhooks/voice/", A_CALL, "https://verify.example/webhooks/voice/ by POST", VOICE),
        ("POST", "/webhooks/sms/?src=console", A_TEXT, "https://verify.example/webhooks/sms/?… by POST", SMS),
        ("POST", "/twilio/sms", A_TEXT, "https://verify.example/twilio/sms by POST", SMS),
        ("POST", "/", A_CALL, "https://verify.example/ by POST", VOICE),
        ("POST", "/start", A_TEXT, "https://verify.example/start by POST", SMS),
        ("POST", "/code", A_CALL, "https://verify.example/code by POST", VOICE),
        ("POST", "/next", A_TEXT, "https://verify.example/next by POST", SMS),
        ("POST", "/typed", A_TEXT, "https://verify.example/typed by POST", SMS),
        ("POST", "/webhooks/voice", A_TEXT, f"{VOICE} by POST", SMS),
        ("POST", "/webhooks/sms", A_CALL, f"{SMS} by POST", VOICE),
        ("POST", "/webhooks/probe", A_TEXT, "https://verify.example/webhooks/probe by POST", SMS),
        ("POST", "/v2/Services", A_CALL, "https://verify.example/v2/Services by POST", VOICE),
        ("POST", f"{API}/Verifications", A_TEXT, f"https://verify.example{API}/Verifications by POST", SMS),
        ("POST", f"{API}?a=1", A_CALL, f"https://verify.example{API}?… by POST", VOICE),
        ("POST", "/v2/nothing", A_CALL, "https://verify.example/v2/nothing by POST", VOICE),
        ("POST", "/voice", {}, "https://verify.example/voice by POST", f"{VOICE} or {SMS}"),
    ],
)
async def test_a_signed_webhook_where_no_endpoint_is_leaves_one_warning_with_what_to_change_at_twilio(
    running: RunningApp,
    caplog: pytest.LogCaptureFixture,
    method: str,
    target: str,
    fields: dict[str, str],
    shown: str,
    right: str,
) -> None:
    before = running.rows()
    answer = await misplaced(running, method, target, fields)
    assert (answer.status in (401, 404, 405), answer.body) == (True, b"")
    (warning,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warning == (
        f"Twilio sends webhooks to {shown}, where no endpoint for them is: "
        f"at Twilio change that address to {right}, by POST"
    )
    assert running.rows() == before


async def test_repeats_of_a_misplaced_webhook_are_counted_and_not_written(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    repeats = RepeatFilter(clock=lambda: 0)
    for _ in range(3):
        await misplaced(running, "POST", "/v2/Services", A_CALL)
        await misplaced(running, "POST", "/voice", A_CALL)
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [repeats.filter(record) for record in warnings] == [True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/webhooks/voice"),
        ("POST", "/webhooks/voice/"),
        ("POST", "/v2/Services"),
        ("POST", f"{API}/Verifications"),
        ("POST", "/start"),
        ("POST", "/typed"),
    ],
)
async def test_a_forged_webhook_where_no_endpoint_is_leaves_no_warning(
    running: RunningApp, caplog: pytest.LogCaptureFixture, method: str, target: str
) -> None:
    assert (await misplaced(running, method, target, A_CALL, token="another token")).status in (401, 404, 405)
    unsigned = await send_request(running.app, method, target, headers=[("content-type", FORM)])
    large = [(HEADER, "x"), ("content-type", FORM)]
    assert (
        await send_request(running.app, "POST", target + "/", headers=large, body=b"a=" + b"x" * 10**6)
    ).status < 500
    assert unsigned.status in (200, 400, 401, 404, 405), "what anyone else gets there"
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("query", ["?src=console", "?a=%2F+b&a=1", "?x", "?Body=HELP"])
async def test_a_signed_query_at_a_configured_webhook_is_accepted_and_has_no_meaning(
    running: RunningApp, query: str
) -> None:
    assert "<Response" in (await running.twilio.post(path_of("inbound_call") + query, A_CALL)).text
    assert (await running.twilio.post(path_of("inbound_message") + query, A_TEXT)).status == 200
    assert (await running.verifier.store.read(ByNumber(parse(PHONE)))).suppressed


async def test_a_query_that_was_not_signed_is_refused(running: RunningApp) -> None:
    signature = running.twilio.sign(path_of("inbound_message"), {"AccountSid": ACCOUNT, **A_TEXT})
    answer = await running.twilio.send(
        path_of("inbound_message") + "?a=1", {"AccountSid": ACCOUNT, **A_TEXT}, headers=[(HEADER, signature)]
    )
    assert answer.status == 403
    assert not (await running.verifier.store.read(ByNumber(parse(PHONE)))).suppressed


@pytest.mark.parametrize(
    "unknown",
    [{"ChannelMetadata": "{" + "x" * 50_000}, {"CarrierToken": "é" * 8_000}],
)
async def test_one_long_unknown_field_does_not_lose_a_stop(running: RunningApp, unknown: dict[str, str]) -> None:
    assert (await running.twilio.post(path_of("inbound_message"), {**A_TEXT, **unknown})).status == 200
    assert (await running.verifier.store.read(ByNumber(parse(PHONE)))).suppressed
