"""The doctor's probe, and the log of webhooks with an invalid signature."""

import json
import logging
from pathlib import Path

import pytest

from saycode.server.logging import JsonFormatter
from tests.support.app import ACCOUNT, PHONE, SECRET, TOKEN, RunningApp, path_of, running_app
from tests.support.asgi_client import FORM, Answer
from verification.values.codes import key_id
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
    assert "?…" in logged_line
    assert "hidden" not in logged_line
    assert "14155550100" not in logged_line
    assert len(logged_line) < 500
