"""Webhooks in SignalWire's dialect: its header, its signature, its voices, and the notice that a call fetches."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace
from twilio.request_validator import HMAC_SHA256, RequestValidator

from saycode.config.twilio_settings import DIALECTS, Carrier
from tests.support.app import ACCOUNT, PHONE, SENDER, TOKEN, Document, RunningApp, path_of, running_app
from webhooks.api.schemas import ACCOUNT_SID

PUBLIC = "https://verify.example"
SIGNALWIRE = DIALECTS[Carrier.SIGNALWIRE]
HEADER, TWILIOS = "x-signalwire-signature", "x-twilio-signature"
FIELDS = {"AccountSid": ACCOUNT, "CallSid": "3f6c", "From": PHONE, "To": SENDER}


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "store.db", signature_scheme=SIGNALWIRE.signatures) as started:
        yield started


def signature(path: str, fields: dict[str, str], *, key: str = TOKEN, algorithm: str = "HMAC_SHA1") -> str:
    return str(RequestValidator(key).compute_signature(PUBLIC + path, fields, algorithm))


async def test_the_signature_is_in_signalwires_header_and_no_other(running: RunningApp) -> None:
    path = path_of("inbound_call")
    right = signature(path, FIELDS)
    for headers, status in (
        ([(HEADER, right)], 200),
        ([(TWILIOS, right)], 403),
        ([(HEADER, signature(path, FIELDS, key="another key"))], 403),
        ([(HEADER, right), (HEADER, right)], 403),
        ([(HEADER, signature(path, FIELDS | {"From": SENDER}))], 403),
        ([(HEADER, signature(path + "/keys", FIELDS))], 403),
        ([], 403),
    ):
        assert (await running.twilio.send(path, FIELDS, headers=headers)).status == status, headers


async def test_no_second_header_names_another_algorithm(running: RunningApp) -> None:
    path = path_of("inbound_call")
    named = ("x-twilio-webhooks-signature-settings", "key=k,algorithm=HMAC_SHA256")
    sha256 = signature(path, FIELDS, algorithm=HMAC_SHA256)
    assert (await running.twilio.send(path, FIELDS, headers=[(HEADER, sha256), named])).status == 403
    assert (await running.twilio.send(path, FIELDS, headers=[(HEADER, signature(path, FIELDS)), named])).status == 200


async def test_a_signature_of_twilios_is_never_right_here_nor_one_of_signalwires_at_twilio(tmp_path: Path) -> None:
    path = path_of("inbound_call")
    async with running_app(tmp_path / "store.db") as twilio:
        for header, status in ((TWILIOS, 200), (HEADER, 403)):
            sent = await twilio.twilio.send(path, FIELDS, headers=[(header, signature(path, FIELDS))])
            assert sent.status == status


@pytest.mark.parametrize(
    ("language", "voice", "fallback"),
    [("ro-RO", "gcloud.ro-RO-Wavenet-B", ""), ("en-US", "Polly.Joanna-Neural", "")],
)
async def test_a_voice_of_googles_has_signalwires_name(
    running: RunningApp, language: str, voice: str, fallback: str
) -> None:
    context = replace(running.context, google_voices=SIGNALWIRE.google_voices)
    assert (context.words(language).voice, context.fallback_words(language).voice) == (voice, fallback)
    assert running.context.words(language).voice == voice.replace("gcloud.", "Google.")
    own = {"ro-RO": "Google.ro-RO-Standard-A"}
    assert replace(context, voices=own).words("ro-RO").voice == "gcloud.ro-RO-Standard-A"
    assert replace(context, fallback_voices=own).fallback_words("ro-RO").voice == "gcloud.ro-RO-Standard-A"


# The notice that a call fetches


async def noticed(running: RunningApp, **changed: str) -> "tuple[int, str]":
    path = f"{path_of('call_notice')}?{urlencode({'language': 'de-DE', 'brand': 'Acme Bank'})}"
    fields = FIELDS | {"From": SENDER, "To": PHONE} | changed
    answer = await running.twilio.send(path, fields, headers=[(HEADER, signature(path, fields))])
    said = Document(path, answer).said if answer.status == 200 else ""
    return answer.status, said


async def test_a_notice_is_said_in_the_brand_and_language_of_its_address(running: RunningApp) -> None:
    status, said = await noticed(running)
    assert status == 200
    assert "Acme Bank" in said
    assert said.count("Telefonnummer") == 2


async def test_a_notice_in_a_call_that_is_not_ours_is_not_said(running: RunningApp) -> None:
    assert (await noticed(running, From="+14155550177"))[0] == 404
    assert (await noticed(running, AccountSid="AC" + "9" * 32))[0] == 404


async def test_a_notice_with_another_brand_than_was_signed_is_refused(running: RunningApp) -> None:
    path = path_of("call_notice")
    fields = FIELDS | {"From": SENDER}
    signed = signature(f"{path}?brand=Acme", fields)
    answer = await running.twilio.send(f"{path}?brand=Evil", fields, headers=[(HEADER, signed)])
    assert answer.status == 403


@pytest.mark.parametrize(
    ("account", "described"),
    [
        ("AC" + "0" * 32, True),
        ("0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab", True),
        ("0a1b2c3d4e5f4a6b8c7d0123456789ab", False),
        ("CA" + "0" * 32, False),
        ("", False),
    ],
)
def test_the_account_in_answers_of_the_api_is_described(account: str, described: bool) -> None:
    assert bool(re.search(str(ACCOUNT_SID["pattern"]), account)) is described
