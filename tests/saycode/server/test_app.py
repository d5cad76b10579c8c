"""The application of the settings: it answers, uses Twilio's API, and closes the store."""

import asyncio
import logging
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Message
from twilio.request_validator import RequestValidator

from saycode.config.loader import load
from saycode.config.settings import Settings
from saycode.server.app import build_app, open_store, worker
from tests.support.app import open_page, path_of
from tests.support.asgi_client import Browser, Twilio
from tests.support.keys import NEW_KEY, OLD_KEY
from verification.errors import Unavailable
from verification.ports import ByNumber
from verification.values.phone_numbers import PhoneNumber

ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "the-new-token",
    "TWILIO_AUTH_TOKEN_PREVIOUS": "the-old-token",
    "TWILIO_FROM_NUMBER": "+14155550199",
    "TWILIO_API_BASE_URL": "http://127.0.0.1:9",  # a port without a server
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": f"{NEW_KEY},{OLD_KEY}",
    "SAYCODE_BRAND": "Acme",
}
PHONE = PhoneNumber("+14155550100", "US")


def settings_for(path: Path, **changed: str) -> Settings:
    return load(ENVIRONMENT | {"SAYCODE_DATABASE_URL": f"sqlite:///{path}"} | changed)


@asynccontextmanager
async def lifespan(app: ASGIApp) -> AsyncIterator[ASGIApp]:
    """The application between its startup and its shutdown, as a server runs it."""
    received: asyncio.Queue[Message] = asyncio.Queue()
    sent: asyncio.Queue[Message] = asyncio.Queue()
    serving = asyncio.create_task(_serve_lifespan(app, received, sent))
    await received.put({"type": "lifespan.startup"})
    assert (await sent.get())["type"] == "lifespan.startup.complete"
    yield app
    await received.put({"type": "lifespan.shutdown"})
    assert (await sent.get())["type"] == "lifespan.shutdown.complete"
    await serving


async def _serve_lifespan(app: ASGIApp, received: "asyncio.Queue[Message]", sent: "asyncio.Queue[Message]") -> None:
    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, received.get, sent.put)


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    logging.captureWarnings(False)
    logging.getLogger("uvicorn.access").disabled = False


async def test_settings_become_an_application_that_answers(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "store.db")
    async with lifespan(build_app(settings, open_store(settings))) as app:
        page = await open_page(Browser(app))
        assert page.heading == "Confirm your phone number"
        twilio = Twilio(app, settings.public_url, settings.account_sid, "the-new-token")
        for token in ("the-new-token", "the-old-token"):
            assert (await twilio.post(path_of("inbound_call"), {"From": "anonymous"}, signed_with=token)).status == 200


async def test_a_shared_key_of_the_settings_signs_webhooks_with_sha256(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "store.db", TWILIO_WEBHOOK_SECRET="the-shared-key")
    fields = {"AccountSid": settings.account_sid, "From": "anonymous"}
    address = settings.public_url + path_of("inbound_call")
    signature = RequestValidator("the-shared-key").compute_signature(address, fields, "HMAC_SHA256")
    async with lifespan(build_app(settings, open_store(settings))) as app:
        twilio = Twilio(app, settings.public_url, settings.account_sid, "the-new-token")
        headers = [
            ("x-twilio-signature", signature),
            ("x-twilio-webhooks-signature-settings", "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"),
        ]
        assert (await twilio.send(path_of("inbound_call"), fields, headers=headers)).status == 200


async def test_the_application_uses_twilios_api(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "store.db")
    async with lifespan(build_app(settings, open_store(settings))) as app:
        browser = Browser(app)
        details = {"username": "ada", "phone": "+14155550100", "channel": "call"}
        assert (await browser.post(path_of("start"), details)).status == 303
        page = await open_page(browser)
        assert (page.state, page.heading) == ("ended", "We could not reach this phone")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({}, ("AC" + "0" * 32, "the-new-token")),
        ({"TWILIO_API_KEY": "SK" + "1" * 32, "TWILIO_API_SECRET": "a-secret"}, ("SK" + "1" * 32, "a-secret")),
    ],
)
async def test_an_api_key_replaces_the_token_for_requests(
    tmp_path: Path, changed: dict[str, str], key: tuple[str, str]
) -> None:
    requests: list[bytes] = []

    async def record(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(record, "127.0.0.1", 0)
    changed = changed | {"TWILIO_API_BASE_URL": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}
    settings = settings_for(tmp_path / "store.db", **changed)
    async with lifespan(build_app(settings, open_store(settings))) as app:
        details = {"username": "ada", "phone": "+14155550100", "channel": "call"}
        await Browser(app).post(path_of("start"), details)
    server.close()
    assert b"Authorization: Basic " + b64encode(":".join(key).encode()) in requests[0]


async def test_the_shutdown_of_the_application_closes_the_store(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "store.db")
    store = open_store(settings)
    async with lifespan(build_app(settings, store)):
        await store.read(ByNumber(PHONE))
    with pytest.raises(Unavailable):
        await store.read(ByNumber(PHONE))


async def test_a_worker_reads_the_environment_of_its_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, restored_logging: None
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SAYCODE_", "TWILIO_"))]:
        monkeypatch.delenv(name)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in ENVIRONMENT.items()))
    async with lifespan(worker()) as app:
        assert (await open_page(Browser(app))).state == "form"
    assert (tmp_path / "saycode.db").exists()


@pytest.mark.parametrize(("countries", "example"), [("DE", "+49 "), ("DE,AT", "+43 ")])
async def test_the_example_on_the_page_is_a_number_that_may_be_called(
    tmp_path: Path, countries: str, example: str
) -> None:
    settings = settings_for(tmp_path / "store.db", SAYCODE_COUNTRIES=countries)
    async with lifespan(build_app(settings, open_store(settings))) as app:
        assert f"for example {example}" in (await open_page(Browser(app))).text


async def test_a_verification_is_logged_without_number_or_code(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_for(tmp_path / "store.db")
    with caplog.at_level("DEBUG"):
        async with lifespan(build_app(settings, open_store(settings))) as app:
            details = {"username": "ada", "phone": "+14155550100", "channel": "sms"}
            await Browser(app).post(path_of("start"), details)
    events = [record.getMessage() for record in caplog.records if record.name == "saycode.events"]
    assert events == ["started", "delivery", "delivery", "failed"]
    written = " ".join(f"{record.getMessage()} {record.__dict__.get('fields')}" for record in caplog.records)
    assert "4155550100" not in written
    assert "the-new-token" not in written


def test_twilios_client_is_not_imported_before_the_service_starts() -> None:
    check = "import sys, saycode.cli; assert 'starlette' not in sys.modules; import saycode.server.serve"
    loaded = "print([name for name in ('twilio.rest', 'aiohttp', 'twilio_simulator') if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", f"{check}; {loaded}"], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"
