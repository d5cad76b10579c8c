"""Webhooks of two accounts: each is checked with the keys of the account that it names, and with no others."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from saycode.config.twilio_settings import DIALECTS, Carrier
from tests.support.app import ACCOUNT, PHONE, SENDER, TOKEN, RunningApp, path_of, running_app
from tests.support.asgi_client import Answer, Twilio
from webhooks.app import create_app
from webhooks.signature import TWILIO_SIGNATURES, SignatureScheme, signature_validator

PUBLIC = "https://verify.example"
SIGNALWIRE = DIALECTS[Carrier.SIGNALWIRE]
PROJECT, KEY, NUMBER = "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab", "PSK_of_the_standby", "+14155550177"
SCHEMES = {"signalwire": SIGNALWIRE.signatures, "twilio": TWILIO_SIGNATURES}


@pytest.fixture(params=SCHEMES)
def scheme(request: pytest.FixtureRequest) -> SignatureScheme:
    """How the standby account's company signs."""
    return SCHEMES[request.param]


@dataclass(frozen=True, slots=True)
class Setup:
    """An application with two accounts, of which the second one signs with KEY."""

    running: RunningApp
    twilio: Twilio

    async def post(self, path: str, fields: list[tuple[str, str]], *, key: str, header: str) -> Answer:
        signature = str(RequestValidator(key).compute_signature(PUBLIC + path, FormData([*fields])))
        return await self.twilio.send(path, fields, headers=[(header.lower(), signature)])


@pytest.fixture
async def setup(tmp_path: Path, scheme: SignatureScheme) -> AsyncIterator[Setup]:
    async with running_app(tmp_path / "store.db") as running:
        own = replace(
            running.context,
            signatures=signature_validator(PUBLIC, (KEY,), scheme),
            account_sid=PROJECT,
            sender=NUMBER,
            google_voices=SIGNALWIRE.google_voices,
        )
        app = create_app(replace(running.context, standby=own))
        yield Setup(running, Twilio(app, PUBLIC, ACCOUNT, TOKEN))


def inbound(*accounts: str, caller: str = PHONE) -> list[tuple[str, str]]:
    return [*(("AccountSid", account) for account in accounts), ("CallSid", "CA1"), ("From", caller), ("To", SENDER)]


UNKNOWN = "AC" + "9" * 32


@pytest.mark.parametrize(
    ("accounts", "key", "of_the_standby", "status"),
    [
        ((ACCOUNT,), TOKEN, False, 200),
        ((PROJECT,), KEY, True, 200),
        ((ACCOUNT,), KEY, False, 403),
        ((ACCOUNT,), KEY, True, 403),
        ((PROJECT,), TOKEN, False, 403),
        ((PROJECT,), TOKEN, True, 403),
        ((UNKNOWN,), TOKEN, False, 404),
        ((UNKNOWN,), KEY, True, 403),
        ((), KEY, True, 403),
        ((PROJECT, ACCOUNT), KEY, True, 403),
        ((PROJECT, ACCOUNT), TOKEN, False, 404),
    ],
)
async def test_a_webhook_is_checked_with_the_keys_of_the_account_that_it_names(
    setup: Setup, scheme: SignatureScheme, accounts: tuple[str, ...], key: str, of_the_standby: bool, status: int
) -> None:
    header = scheme.header if of_the_standby else TWILIO_SIGNATURES.header
    sent = await setup.post(path_of("inbound_call"), inbound(*accounts), key=key, header=header)
    assert sent.status == status


async def test_a_call_is_from_the_number_of_its_account(setup: Setup, scheme: SignatureScheme) -> None:
    delivery = await setup.running.started(setup.running.browser(), channel="call")
    path = path_of("call_answered", delivery=delivery)
    for account, key, header, number, status in (
        (PROJECT, KEY, scheme.header, SENDER, 404),
        (ACCOUNT, TOKEN, TWILIO_SIGNATURES.header, NUMBER, 404),
        (PROJECT, KEY, scheme.header, NUMBER, 200),
    ):
        sid = f"CA{setup.running.provider.asked}"
        fields = [("AccountSid", account), ("CallSid", sid), ("From", number), ("To", PHONE)]
        assert (await setup.post(path, fields, key=key, header=header)).status == status, (account, number)


async def test_a_voice_of_googles_has_the_name_that_the_company_gives_it(setup: Setup, scheme: SignatureScheme) -> None:
    path = path_of("inbound_call")
    for account, key, header, voice in (
        (ACCOUNT, TOKEN, TWILIO_SIGNATURES.header, "Google.ro-RO"),
        (PROJECT, KEY, scheme.header, "gcloud.ro-RO"),
    ):
        answer = await setup.post(path, inbound(account, caller="+40721234567"), key=key, header=header)
        assert f'voice="{voice}' in answer.text


@pytest.mark.parametrize("path", ["/webhooks/nothing", path_of("start")])
async def test_a_misplaced_webhook_of_the_standby_is_recognized(
    setup: Setup, scheme: SignatureScheme, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    sent = await setup.post(path, inbound(PROJECT), key=KEY, header=scheme.header)
    assert sent.status == 404
    assert "at Twilio change that address to" in caplog.text
    caplog.clear()
    await setup.post(path, inbound(PROJECT), key=TOKEN, header=scheme.header)
    assert "change that address" not in caplog.text
