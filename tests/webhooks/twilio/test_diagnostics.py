"""The doctor's door, and what the log says about webhooks that are not signed."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saycode.server.logging import JsonFormatter
from tests.support.app import ACCOUNT, PHONE, SECRET, TOKEN, House, open_house, path_of
from tests.support.asgi_client import FORM, Answer
from verification.values.codes import key_id
from webhooks.twilio.diagnostics import Side, proof

NONCE = "0123456789abcdef" * 2
HEADER = "x-twilio-signature"
PATH = path_of("probed")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db") as house:
        yield house


def asked(nonce: str = NONCE, *, token: str = TOKEN, side: Side = Side.DOCTOR, **changed: str) -> dict[str, str]:
    return {"AccountSid": ACCOUNT, "Nonce": nonce, "Proof": proof(token.encode(), side, nonce), **changed}


async def send(house: House, fields: dict[str, str], *headers: tuple[str, str]) -> Answer:
    return await house.twilio.send(PATH, fields, headers=headers)


async def signed(house: House, fields: dict[str, str], *headers: tuple[str, str]) -> Answer:
    return await send(house, fields, (HEADER, house.twilio.sign(PATH, fields)), *headers)


# The door


async def test_the_service_proves_itself_and_tells_how_a_signed_request_arrived(house: House) -> None:
    answer = await signed(house, asked(), ("x-forwarded-proto", "http"))
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
async def test_a_flaw_of_the_signature_is_told_to_whoever_holds_the_token(
    house: House, headers: list[tuple[str, str]], flaw: str
) -> None:
    answer = await send(house, asked(), *headers)
    assert (answer.status, json.loads(answer.text)["signature"]) == (200, flaw)


STRANGERS = {
    "no proof": {"Nonce": NONCE},
    "an empty proof": asked(Proof=""),
    "another token": asked(token="another"),
    "an empty token": asked(token=""),
    "the service's own proof": asked(side=Side.SERVICE),
    "the proof of another number": asked(Nonce="f" * 32),
    "a proof beyond ASCII": asked(Proof="é" * 64),
    "a number of one's own make": asked("saycode service\nx"),
    "a short number": asked("0" * 31),
}


@pytest.mark.parametrize("fields", STRANGERS.values(), ids=STRANGERS)
async def test_whoever_cannot_prove_it_gets_an_empty_403_even_when_signed(house: House, fields: dict[str, str]) -> None:
    for answer in (await send(house, fields), await signed(house, fields)):
        assert (answer.status, answer.body) == (403, b"")


async def test_the_two_proofs_of_one_number_differ() -> None:
    assert proof(b"token", Side.DOCTOR, NONCE) != proof(b"token", Side.SERVICE, NONCE)


async def test_during_a_rotation_the_service_answers_with_the_token_that_was_asked_for(tmp_path: Path) -> None:
    async with open_house(tmp_path / "table.db", tokens=("the new one", "the old one")) as house:
        for token in ("the new one", "the old one"):
            answer = await send(house, asked(token=token))
            assert json.loads(answer.text)["proof"] == proof(token.encode(), Side.SERVICE, NONCE)


async def test_a_probe_touches_nothing(house: House) -> None:
    before = house.rows()
    await signed(house, asked(From=PHONE, Body="STOP", Digits="9"))
    assert (house.rows(), house.provider.asked) == (before, 0)


async def test_a_doubled_or_strange_body_is_refused(house: House) -> None:
    doubled = await house.twilio.send(PATH, [*asked().items(), ("Nonce", NONCE)], headers=[])
    strange = await house.twilio.send(PATH, headers=[], body=b"{}", kind="application/json")
    assert [(answer.status, answer.body) for answer in (doubled, strange)] == [(400, b""), (415, b"")]


# The log


async def logged(
    house: House,
    caplog: pytest.LogCaptureFixture,
    *headers: tuple[str, str],
    target: str = "/webhooks/sms",
    kind: str = FORM,
) -> str:
    """The line in the log after a webhook with these headers."""
    caplog.clear()
    await house.twilio.send(target, {"From": PHONE, "Body": "STOP"}, headers=headers, kind=kind)
    (record,) = [record for record in caplog.records if record.name == "saycode.http"]
    assert record.levelno == logging.WARNING
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return str(json.loads(line)["event"])


async def test_the_log_tells_a_missing_a_doubled_and_a_wrong_signature_apart(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = (HEADER, "c2VjcmV0IHNpZ25hdHVyZQ==")
    assert "(missing)" in await logged(house, caplog)
    assert "(wrong)" in await logged(house, caplog, wrong)
    assert "(doubled)" in await logged(house, caplog, wrong, wrong)
    assert "(for no form)" in await logged(house, caplog, wrong, kind="application/json")


async def test_the_log_names_the_address_that_was_checked_and_the_headers_that_differ(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    told = await logged(house, caplog, ("x-forwarded-host", "new.example"), ("x-forwarded-port", "443"))
    assert told.endswith(
        "checked for https://verify.example/webhooks/sms; Host says localhost:8000; X-Forwarded-Host says new.example"
    )


async def test_the_log_keeps_queries_signatures_and_long_paths_to_itself(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    target = f"/webhooks/calls/{'x' * 5000}/keys?From=%2B14155550100&token=hidden"
    told = await logged(house, caplog, (HEADER, "hidden"), ("x-forwarded-host", "y" * 5000), target=target)
    assert "/keys" not in told
    assert "?…" in told
    assert "hidden" not in told
    assert "14155550100" not in told
    assert len(told) < 500
