"""The provider over a scripted HTTP server: the requests that it sends, and what each answer means."""

import asyncio
import json
import re
import socket
from base64 import b64encode
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

import pytest
from aiohttp import web
from msgspec.structs import replace

from saycode.config.twilio_settings import DIALECTS, Carrier
from saycode.twilio.client import TwilioClient
from saycode.twilio.config import Timeouts, TwilioConfig, WhatsApp
from saycode.twilio.provider import TwilioProvider
from twiml.words import words
from verification.models import Delivery, Notice
from verification.policy import DEFAULT_POLICY
from verification.ports import Accepted, DeliveryReport, Outcome, Provider, Rejected, TextMessage, Unclear
from verification.types import Channel, CountrySender, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber, parse
from webhooks.routes import public_urls

ACCOUNT, TOKEN = "AC" + "0" * 32, "the auth token"
PHONE = PhoneNumber("+14155550100", "US")
ORDER = TextMessage(delivery="VL2", channel=Channel.SMS, to=PHONE, code="012345", language="en-US", lifetime=300)
CALLS, MESSAGES = (f"/2010-04-01/Accounts/{ACCOUNT}/{resource}.json" for resource in ("Calls", "Messages"))
CONFIG = TwilioConfig(
    account_sid=ACCOUNT,
    key=(ACCOUNT, TOKEN),
    sender="+14155550199",
    messaging_service=None,
    base_url=None,
    brand="Acme",
)
CALM = Timeouts(connect=5, total=5, first_retry_delay=0.005)
#: Where a test waits until the time-out.
BRIEF = Timeouts(connect=0.1, total=0.1, first_retry_delay=0.005)
#: Far more than any time-out of these tests, and far less than the server's silence.
SOON = 5


@dataclass(slots=True)
class ReceivedRequest:
    method: str
    path: str
    query: str
    fields: list[tuple[str, str]]
    authorization: str

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]


@dataclass(slots=True)
class ScriptedServer:
    """Records requests and answers in turn: a status and a body, or silence for None. After the script: 201."""

    answers: deque[tuple[int, str] | None] = field(default_factory=deque)
    requests: list[ReceivedRequest] = field(default_factory=list)
    port: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        form = [(name, str(value)) for name, value in (await request.post()).items()]
        self.requests.append(
            ReceivedRequest(
                request.method,
                request.path,
                request.query_string,
                form,
                request.headers.get("Authorization", ""),
            )
        )
        scripted = self.answers.popleft() if self.answers else accepted()
        if scripted is None:
            await asyncio.sleep(30)  # longer than any client waits; cancelled when it goes
            raise AssertionError("the client did not give up")
        status, text = scripted
        location = {"Location": "/elsewhere"} if 300 <= status < 400 else None
        return web.Response(status=status, text=text, content_type="application/json", headers=location)


def accepted(**changed: object) -> tuple[int, str]:
    """Twilio's answer to a start that it accepts."""
    return 201, json.dumps({"sid": "CA1", "status": "queued"} | changed)


def rejected(status: int, code: int | None) -> tuple[int, str]:
    """Twilio's answer to a start that it rejects."""
    codes = {} if code is None else {"code": code}
    return status, json.dumps({"message": "No.", "more_info": "https://example.com", "status": status} | codes)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedServer]:
    server, app = ScriptedServer(), web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    yield server
    await runner.cleanup()


def provider_at(
    port: int, *, config: TwilioConfig = CONFIG, public_url: str = "https://verify.example", timeouts: Timeouts = CALM
) -> TwilioProvider:
    def connect(config: TwilioConfig) -> TwilioClient:
        return TwilioClient(config, timeouts=timeouts, jitter=lambda: 0)

    config = replace(config, base_url=f"http://127.0.0.1:{port}")
    return TwilioProvider(config, urls=public_urls(public_url), words=words, connect=connect)


@pytest.fixture
async def provider(server: ScriptedServer) -> AsyncIterator[Provider]:
    provider = provider_at(server.port)
    yield provider
    await provider.close()


@pytest.fixture
async def hurried(server: ScriptedServer) -> AsyncIterator[Provider]:
    provider = provider_at(server.port, timeouts=BRIEF)
    yield provider
    await provider.close()


async def call(provider: Provider) -> Outcome:
    return await provider.call("VL1", PHONE)


def delivery(channel: Channel, provider_sid: str | None) -> Delivery:
    return Delivery(
        sid="VL1",
        verification="VE1",
        channel=channel,
        status=DeliveryStatus.QUEUED,
        created_at=0,
        updated_at=0,
        provider_sid=provider_sid,
    )


# Requests


async def test_a_call_goes_out_with_addresses_that_carry_only_the_delivery(
    provider: Provider, server: ScriptedServer
) -> None:
    await call(provider)
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", CALLS, "")
    assert sorted(request.fields) == [
        ("FallbackUrl", "https://verify.example/webhooks/calls/VL1/fallback"),
        ("From", "+14155550199"),
        ("StatusCallback", "https://verify.example/webhooks/calls/VL1/status"),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
        ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "ringing"),
        ("TimeLimit", "300"),
        ("Timeout", "25"),
        ("To", "+14155550100"),
        ("Url", "https://verify.example/webhooks/calls/VL1/answered"),
    ]


async def test_a_notice_of_a_changed_number_expects_no_answer(provider: Provider, server: ScriptedServer) -> None:
    notice = Notice(sid="NT1", number=PHONE, channel=Channel.SMS, language="de-DE", at=0)
    await provider.notify(notice)
    await provider.notify(replace(notice, channel=Channel.CALL, language="", brand="Other"))
    text, call = server.requests
    assert dict(text.fields) == {
        "From": "+14155550199",
        "To": "+14155550100",
        "Body": "Acme: Die Telefonnummer Ihres Kontos wurde geändert. "
        "Wenn Sie das nicht waren, melden Sie sich bitte sofort bei uns.",
    }
    (document,) = call.values("Twiml")
    assert document.count("Other: the phone number on your account was changed.") == 2
    assert document.endswith("<Hangup /></Response>")
    assert not call.values("Url")


async def test_a_text_for_an_android_app_ends_with_its_hash(provider: Provider, server: ScriptedServer) -> None:
    await provider.text(replace(ORDER, app_hash="FA+9qCX9VSu"))
    (request,) = server.requests
    (body,) = request.values("Body")
    assert body.splitlines()[-1] == "FA+9qCX9VSu"
    assert "@verify.example" not in body


async def test_a_text_carries_the_code_in_its_body_and_nowhere_else(provider: Provider, server: ScriptedServer) -> None:
    await provider.text(ORDER)
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", MESSAGES, "")
    fields = dict(request.fields)
    body = fields.pop("Body")
    assert body.startswith("Acme: your code is 012345. It expires in 5 min.")
    assert body.endswith("\n\n@verify.example #012345")
    assert fields == {
        "From": "+14155550199",
        "MessageIntent": "otp",
        "StatusCallback": "https://verify.example/webhooks/messages/VL2/status",
        "To": "+14155550100",
        "ValidityPeriod": "300",
    }


@pytest.mark.parametrize(
    ("lifetime", "period", "phrase"), [(59, "59", "less than a minute"), (1, "6", "less than a minute")]
)
async def test_a_text_lives_no_longer_than_its_code_and_never_less_than_twilio_allows(
    provider: Provider, server: ScriptedServer, lifetime: int, period: str, phrase: str
) -> None:
    await provider.text(replace(ORDER, lifetime=lifetime))
    assert server.requests[0].values("ValidityPeriod") == [period]
    assert phrase in server.requests[0].values("Body")[0]


async def test_a_messaging_service_replaces_the_number_for_texts_only(server: ScriptedServer) -> None:
    provider = provider_at(server.port, config=replace(CONFIG, messaging_service="MG1"))
    await provider.text(ORDER)
    await call(provider)
    await provider.close()
    text, placed_call = server.requests
    assert (text.values("MessagingServiceSid"), text.values("From")) == (["MG1"], [])
    assert placed_call.values("From") == ["+14155550199"]


SENDERS = {
    "GB": CountrySender(number="+442079460018", brand="Acme UK"),
    "FR": CountrySender(messaging_service="MG2"),
    "DE": CountrySender(number="+493023125018", messaging_service="MG3", brand="Acme Deutschland"),
    "IT": CountrySender(brand="Acme Italia"),
}


@pytest.mark.parametrize(
    ("phone", "number", "text_from", "brand"),
    [
        ("+447400123456", "+442079460018", "+442079460018", "Acme UK"),
        ("+33612345678", "+14155550199", "MG2", "Acme"),
        ("+4915112345678", "+493023125018", "MG3", "Acme Deutschland"),
        ("+393123456789", "+14155550199", "MG1", "Acme Italia"),
        ("+14155550100", "+14155550199", "MG1", "Acme"),
    ],
)
async def test_calls_texts_and_notices_to_a_country_come_from_its_sender(
    server: ScriptedServer, phone: str, number: str, text_from: str, brand: str
) -> None:
    to = parse(phone)
    provider = provider_at(server.port, config=replace(CONFIG, messaging_service="MG1", senders=SENDERS))
    await provider.call("VL1", to)
    await provider.text(replace(ORDER, to=to))
    await provider.text(replace(ORDER, to=to, brand="Of a Service"))
    notices = [
        Notice(sid="NT1", number=to, channel=channel, language="", at=0) for channel in (Channel.CALL, Channel.SMS)
    ]
    for notice in notices:
        await provider.notify(notice)
    await provider.close()
    placed, text, of_service, called, texted = server.requests
    for request in (placed, called):
        assert request.values("From") == [number]
    for request in (text, of_service, texted):
        assert request.values("From") + request.values("MessagingServiceSid") == [text_from]
    for spoken in (text.values("Body"), called.values("Twiml"), texted.values("Body")):
        assert re.search(rf"\b{brand}(?! [UDI])", spoken[0])
    assert "Of a Service" in of_service.values("Body")[0]
    assert brand not in of_service.values("Body")[0]


SIGNALWIRE = DIALECTS[Carrier.SIGNALWIRE]


async def test_a_start_has_no_parameter_that_the_company_does_not_have(server: ScriptedServer) -> None:
    config = replace(CONFIG, left_out=SIGNALWIRE.left_out)
    provider = provider_at(server.port, config=config)
    await provider.text(ORDER)
    await provider.close()
    (text,) = server.requests
    assert text.values("Body")
    assert text.values("MessageIntent") == []


async def test_a_notice_is_fetched_where_a_call_brings_no_document_along(server: ScriptedServer) -> None:
    provider = provider_at(server.port, config=replace(CONFIG, inline_documents=False))
    to = parse("+4915112345678")
    await provider.notify(Notice(sid="NT1", number=to, channel=Channel.CALL, language="", at=0))
    await provider.close()
    (call,) = server.requests
    assert call.values("Twiml") == []
    (address,) = call.values("Url")
    assert address.endswith("/webhooks/voice/notice?language=de-DE&brand=Acme")


@pytest.mark.parametrize("host", ["http://[::1]:8000", "https://" + "a" * 63 + "." + "b" * 63 + ".example"])
async def test_a_host_that_does_not_fit_into_a_text_is_left_out(server: ScriptedServer, host: str) -> None:
    provider = provider_at(server.port, public_url=host)
    assert await provider.text(ORDER) == Accepted("CA1")
    await provider.close()
    assert "@" not in server.requests[0].values("Body")[0]


@pytest.mark.parametrize("key", [(ACCOUNT, TOKEN), ("SK" + "1" * 32, "the secret of the key")])
async def test_requests_are_authorized_by_the_key_and_name_the_account(
    server: ScriptedServer, key: tuple[str, str]
) -> None:
    provider = provider_at(server.port, config=replace(CONFIG, key=key))
    await call(provider)
    await provider.close()
    assert server.requests[0].path == CALLS
    assert server.requests[0].authorization == "Basic " + b64encode(":".join(key).encode()).decode()


async def test_settings_of_other_programs_do_not_move_the_address(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("TWILIO_REGION", "ie1"), ("TWILIO_EDGE", "dublin"), ("TWILIO_ACCOUNT_SID", "AC9")):
        monkeypatch.setenv(name, value)
    provider = provider_at(server.port)
    assert await call(provider) == Accepted("CA1")
    await provider.close()
    assert server.requests[0].path == CALLS


# Answers


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", DeliveryStatus.QUEUED),
        ("ringing", DeliveryStatus.RINGING),
        ("failed", DeliveryStatus.FAILED),
        ("a word that Twilio has added", DeliveryStatus.QUEUED),
        (None, DeliveryStatus.QUEUED),
    ],
)
async def test_a_sid_means_accepted(
    provider: Provider, server: ScriptedServer, word: str | None, status: DeliveryStatus
) -> None:
    server.answers.append(accepted(status=word))
    assert await call(provider) == Accepted("CA1", status)


async def test_a_text_that_a_messaging_service_will_send_is_accepted(
    provider: Provider, server: ScriptedServer
) -> None:
    server.answers.append(accepted(sid="SM1", status="accepted"))
    assert await provider.text(ORDER) == Accepted("SM1", DeliveryStatus.QUEUED)


@pytest.mark.parametrize(
    ("status", "code", "permanent"),
    [
        (400, 21211, True),
        (400, 21215, True),
        (400, 21408, True),
        (400, 13227, True),
        (401, 20003, True),
        (403, 20005, True),
        (404, 20404, True),
        (400, 10004, False),
        (400, 21611, False),
        (400, 30001, False),
        (400, 20429, False),
    ],
)
async def test_an_error_of_twilios_is_a_rejection_with_its_code(
    provider: Provider, server: ScriptedServer, status: int, code: int, permanent: bool
) -> None:
    server.answers.append(rejected(status, code))
    assert await call(provider) == Rejected(permanent=permanent, code=code)
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", ["<html>Forbidden</html>", "", '{"message": "No."}'])
async def test_a_rejection_without_a_code_has_none(provider: Provider, server: ScriptedServer, body: str) -> None:
    server.answers.append((403, body))
    assert await call(provider) == Rejected(permanent=True, code=None)


@pytest.mark.parametrize(
    ("code", "read"), [("21211", 21211), ("", None), ("2121\u0661", None), ("-1", None), ([21211], None), (None, None)]
)
async def test_a_code_may_be_text_as_at_signalwire(
    provider: Provider, server: ScriptedServer, code: object, read: int | None
) -> None:
    server.answers.append((422, json.dumps({"code": code, "status": 422})))
    assert await call(provider) == Rejected(permanent=True, code=read)


async def test_an_error_of_the_newer_shape_is_a_rejection_too(provider: Provider, server: ScriptedServer) -> None:
    problem = {"type": "https://example.com", "title": "No", "status": 400, "code": 21211, "detail": "no"}
    server.answers.append((400, json.dumps(problem)))
    assert await call(provider) == Rejected(permanent=True, code=21211)


async def test_an_opted_out_number_is_recognized(provider: Provider, server: ScriptedServer) -> None:
    server.answers.append(rejected(400, 21610))
    assert await provider.text(ORDER) == Rejected(permanent=True, code=21610, opted_out=True)


async def test_too_many_requests_are_repeated_until_accepted(provider: Provider, server: ScriptedServer) -> None:
    server.answers.extend([rejected(429, 20429), rejected(429, None), accepted()])
    assert await call(provider) == Accepted("CA1")
    assert len(server.requests) == 3


@pytest.mark.parametrize("code", [20429, None])
async def test_too_many_requests_to_the_end_are_a_temporary_rejection_in_time(
    server: ScriptedServer, code: int | None
) -> None:
    server.answers.extend([rejected(429, code)] * 50)
    # Asked at 0, 0.05, 0.15 and 0.35; one more pause would end after the limit.
    provider = provider_at(server.port, timeouts=Timeouts(total=0.7, first_retry_delay=0.05))
    assert await call(provider) == Rejected(permanent=False, code=code)
    assert len(server.requests) == 4
    await provider.close()


@pytest.mark.parametrize(
    "answer",
    [
        (500, "{}"),
        rejected(503, 20503),
        rejected(500, 20500),
        (502, "<html>Bad gateway</html>"),
        (201, "<html>Welcome to this hotel</html>"),
        (201, ""),
        (201, "[]"),
        (201, "null"),
        (201, "{}"),
        (201, '{"sid": "CA1", "stat'),
        (200, '{"sid": null}'),
    ],
)
async def test_any_other_answer_is_unclear_and_never_repeated(
    provider: Provider, server: ScriptedServer, answer: tuple[int, str]
) -> None:
    server.answers.extend([answer] * 3)
    assert isinstance(await call(provider), Unclear)
    server.answers.extend([answer] * 3)
    assert isinstance(await provider.text(ORDER), Unclear)
    assert [request.path for request in server.requests] == [CALLS, MESSAGES]


async def test_a_redirect_is_not_followed_with_the_code(provider: Provider, server: ScriptedServer) -> None:
    server.answers.append((307, ""))
    assert not isinstance(await provider.text(ORDER), Accepted)
    assert len(server.requests) == 1


async def test_silence_is_unclear_within_the_limit_and_never_repeated(
    hurried: Provider, server: ScriptedServer
) -> None:
    server.answers.append(None)
    async with asyncio.timeout(SOON):
        assert isinstance(await call(hurried), Unclear)
    assert len(server.requests) == 1


async def test_silence_after_too_many_requests_is_unclear_within_the_limit(server: ScriptedServer) -> None:
    server.answers.extend([rejected(429, 20429), None])
    provider = provider_at(server.port, timeouts=Timeouts(total=0.3, first_retry_delay=0.01))
    async with asyncio.timeout(SOON):
        assert isinstance(await call(provider), Unclear)
    assert len(server.requests) == 2
    await provider.close()


async def test_a_connection_that_breaks_after_the_request_is_unclear() -> None:
    requests = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal requests
        await reader.readuntil(b"\r\n\r\n")
        requests += 1
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    provider = provider_at(server.sockets[0].getsockname()[1])
    assert isinstance(await call(provider), Unclear)
    assert requests == 1
    await provider.close()
    server.close()


async def test_no_connection_is_a_temporary_rejection() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound, but not listening
        provider = provider_at(closed.getsockname()[1])
        assert await call(provider) == Rejected(permanent=False, code=None)
        assert await provider.text(ORDER) == Rejected(permanent=False, code=None)
        await provider.close()


async def test_a_host_that_accepts_no_connection_is_a_temporary_rejection_in_time() -> None:
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        provider = provider_at(full.getsockname()[1], timeouts=Timeouts(connect=0.1, total=60))
        async with asyncio.timeout(SOON):
            assert await call(provider) == Rejected(permanent=False, code=None)
        await provider.close()


# Hanging up and looking up


async def test_hanging_up_completes_the_call(provider: Provider, server: ScriptedServer) -> None:
    server.answers.append((200, '{"sid": "CA1", "status": "completed"}'))
    await provider.hang_up("CA1")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", CALLS.replace(".json", "/CA1.json"))
    assert request.fields == [("Status", "completed")]


@pytest.mark.parametrize("answer", [rejected(400, 21220), rejected(404, 20404), (500, ""), (200, "<html>")])
async def test_a_failed_hang_up_is_only_logged(
    provider: Provider, server: ScriptedServer, answer: tuple[int, str]
) -> None:
    server.answers.append(answer)
    await provider.hang_up("CA1")
    assert len(server.requests) == 1


async def test_hanging_up_and_looking_up_wait_no_longer_than_the_limit(
    hurried: Provider, server: ScriptedServer
) -> None:
    server.answers.extend([None, None])
    async with asyncio.timeout(SOON):
        await hurried.hang_up("CA1")
        assert await hurried.fetch_status(delivery(Channel.CALL, "CA1"), PHONE) is None
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("channel", "word", "status", "path"),
    [
        (Channel.CALL, "no-answer", DeliveryStatus.NO_ANSWER, CALLS),
        (Channel.CALL, "in-progress", DeliveryStatus.ANSWERED, CALLS),
        (Channel.CALL, "something new", None, CALLS),
        (Channel.SMS, "delivered", DeliveryStatus.DELIVERED, MESSAGES),
        (Channel.SMS, "undelivered", DeliveryStatus.UNDELIVERED, MESSAGES),
        (Channel.SMS, "something new", None, MESSAGES),
    ],
)
async def test_a_status_lookup_reports_the_delivery(
    provider: Provider, server: ScriptedServer, channel: Channel, word: str, status: DeliveryStatus | None, path: str
) -> None:
    server.answers.append((200, json.dumps({"sid": "XX1", "status": word})))
    report = await provider.fetch_status(delivery(channel, "XX1"), PHONE)
    assert report == (DeliveryReport("XX1", status) if status else None)
    (request,) = server.requests
    assert (request.method, request.path) == ("GET", path.replace(".json", "/XX1.json"))


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("answer", [rejected(404, 20404), (500, ""), (200, "<html>"), (200, "[]"), (302, "")])
async def test_a_failed_status_lookup_reports_nothing(
    provider: Provider, server: ScriptedServer, channel: Channel, answer: tuple[int, str]
) -> None:
    server.answers.append(answer)
    assert await provider.fetch_status(delivery(channel, "XX1"), PHONE) is None


def listed(channel: Channel, *started: float) -> tuple[int, str]:
    """Twilio's list for a number: each record began so many seconds after our delivery was created."""
    made = delivery(channel, None).created_at
    records = [
        {"sid": f"XX{n}", "status": "completed" if channel is Channel.CALL else "delivered", "date_created": stamp}
        for n, stamp in enumerate(format_datetime(datetime.fromtimestamp(made + at, UTC)) for at in started)
    ]
    return 200, json.dumps({"calls" if channel is Channel.CALL else "messages": records, "page_size": 20})


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("late", [1, DEFAULT_POLICY.plan_lifetime + 10])
async def test_a_start_without_a_clear_answer_is_found_by_its_number_and_time(
    provider: Provider, server: ScriptedServer, channel: Channel, late: int
) -> None:
    server.answers.append(listed(channel, late, -1000))
    report = await provider.fetch_status(delivery(channel, None), PHONE)
    over = DeliveryStatus.COMPLETED if channel is Channel.CALL else DeliveryStatus.DELIVERED
    assert report == DeliveryReport("XX0", over)
    (request,) = server.requests
    path = CALLS if channel is Channel.CALL else MESSAGES
    assert (request.method, request.path) == ("GET", path)
    assert request.query == f"To={quote(channel.address(PHONE.e164), safe=':')}&PageSize=20"


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("started", [(), (-1000,), (-301, 301)])
async def test_a_start_without_a_record_at_twilio_never_reached_it(
    provider: Provider, server: ScriptedServer, channel: Channel, started: tuple[float, ...]
) -> None:
    server.answers.append(listed(channel, *started))
    assert await provider.fetch_status(delivery(channel, None), PHONE) == Rejected(permanent=False, code=None)


@pytest.mark.parametrize("started", [(1, 2), (-20,), (60,), (1, 60)])
async def test_a_list_that_fits_several_starts_or_only_nearly_leaves_it_unclear(
    provider: Provider, server: ScriptedServer, started: tuple[float, ...]
) -> None:
    server.answers.append(listed(Channel.CALL, *started))
    assert await provider.fetch_status(delivery(Channel.CALL, None), PHONE) is None


async def test_a_whatsapp_message_is_a_template_whose_one_variable_is_the_code(server: ScriptedServer) -> None:
    whatsapp = WhatsApp(sender="+14155550177", templates={"es-ES": "HX5", "en-US": "HXe"})
    provider = provider_at(server.port, config=replace(CONFIG, whatsapp=whatsapp))
    order = replace(ORDER, channel=Channel.WHATSAPP, language="es-MX")
    assert isinstance(await provider.text(order), Accepted)
    await provider.close()
    (request,) = server.requests
    assert request.path == MESSAGES
    assert sorted(request.fields) == [
        ("ContentSid", "HX5"),
        ("ContentVariables", '{"1": "012345"}'),
        ("From", "whatsapp:+14155550177"),
        ("StatusCallback", "https://verify.example/webhooks/messages/VL2/status"),
        ("To", f"whatsapp:{PHONE.e164}"),
        ("ValidityPeriod", "300"),
    ]


async def test_a_message_of_a_channel_that_was_switched_off_since_asks_twilio_for_nothing(
    provider: Provider, server: ScriptedServer
) -> None:
    outcome = await provider.text(replace(ORDER, channel=Channel.WHATSAPP))
    assert outcome == Rejected(permanent=True, code=63007)
    assert server.requests == []


@pytest.mark.parametrize(
    ("language", "sid"),
    [("es-ES", "HX5"), ("es-MX", "HX5"), ("en-GB", "HXe"), ("de-DE", "HX5"), ("ja-JP", "HX5"), ("", "HX5")],
)
def test_the_template_is_the_nearest_in_language_else_the_first(language: str, sid: str) -> None:
    assert WhatsApp(sender="", templates={"es-ES": "HX5", "en-US": "HXe"}).template(language) == sid


async def test_an_answer_to_a_text_of_the_person_is_no_candidate(provider: Provider, server: ScriptedServer) -> None:
    status, body = listed(Channel.SMS, 1, 2)
    messages = json.loads(body)
    for message, direction in zip(messages["messages"], ("outbound-api", "outbound-reply"), strict=True):
        message["direction"] = direction
    server.answers.append((status, json.dumps(messages)))
    assert await provider.fetch_status(delivery(Channel.SMS, None), PHONE) == DeliveryReport(
        "XX0", DeliveryStatus.DELIVERED
    )


@pytest.mark.parametrize("channel", Channel)
async def test_a_record_of_another_delivery_is_no_candidate(
    provider: Provider, server: ScriptedServer, channel: Channel
) -> None:
    over = DeliveryStatus.COMPLETED if channel is Channel.CALL else DeliveryStatus.DELIVERED
    server.answers += [listed(channel, 1, 2), listed(channel, 1, 2)]
    assert await provider.fetch_status(delivery(channel, None), PHONE, ["XX0"]) == DeliveryReport("XX1", over)
    never_sent = Rejected(permanent=False, code=None)
    assert await provider.fetch_status(delivery(channel, None), PHONE, ["XX0", "XX1"]) == never_sent


# Secrets


async def test_neither_numbers_nor_codes_nor_tokens_are_logged(
    provider: Provider, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers.extend([rejected(400, 21211), (500, ""), accepted(), rejected(404, 20404)])
    with caplog.at_level("DEBUG"):
        await call(provider)
        await provider.text(ORDER)
        await call(provider)
        await provider.hang_up("CA1")
    written = " ".join(f"{record.getMessage()} {record.__dict__.get('fields')}" for record in caplog.records)
    assert "21211" in written
    for secret in (PHONE.e164[1:], ORDER.code, TOKEN):
        assert secret not in written


def test_the_config_hides_its_secrets_in_repr() -> None:
    assert TOKEN not in repr(CONFIG)
    assert ACCOUNT not in repr(CONFIG)


# Removing records


@pytest.mark.parametrize(
    ("channel", "whole", "expected"),
    [
        (Channel.CALL, False, ("DELETE", CALLS.replace(".json", "/CA1.json"), [])),
        (Channel.SMS, False, ("POST", MESSAGES.replace(".json", "/CA1.json"), [("Body", "")])),
        (Channel.SMS, True, ("DELETE", MESSAGES.replace(".json", "/CA1.json"), [])),
    ],
)
async def test_a_record_is_removed_or_only_its_body(
    server: ScriptedServer, channel: Channel, whole: bool, expected: tuple[str, str, list[tuple[str, str]]]
) -> None:
    server.answers.append((204, "") if expected[0] == "DELETE" else accepted(status="delivered", body=""))
    provider = provider_at(server.port)
    assert await provider.remove("CA1", channel, whole=whole) is None
    await provider.close()
    (request,) = server.requests
    assert (request.method, request.path, request.fields) == expected


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (rejected(404, 20404), None),
        (rejected(400, 20009), "HTTP 400, code 20009"),
        (rejected(500, 20500), "HTTP 500, code 20500"),
        ((200, "no record"), "a success without a sid, and no list"),
    ],
)
async def test_a_record_that_no_longer_exists_counts_as_removed_and_other_errors_are_reported(
    server: ScriptedServer, answer: tuple[int, str], why: str | None
) -> None:
    server.answers.append(answer)
    provider = provider_at(server.port)
    assert await provider.remove("CA1", Channel.CALL, whole=False) == why
    await provider.close()
