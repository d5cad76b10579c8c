"""Traces with OpenTelemetry's SDK: lines of the log have ids, and requests to Twilio are spans that name no person."""

import asyncio
import io
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from saycode.server.app import build_app, open_store
from saycode.server.logging import configure
from saycode.server.tracing import with_tracing
from saycode.storage.audit_chain import log_events
from saycode.twilio.client import TwilioClient, rest_client
from saycode.twilio.config import Timeouts, TwilioAccount, is_traced
from saycode.twilio.spans import template
from tests.saycode.server.test_app import lifespan, settings_for
from tests.support import engine
from tests.support.app import PHONE, path_of
from tests.support.asgi_client import Browser
from tests.support.store import SECRETS, event, put, verification
from verification.types import Channel

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
ACCOUNT, CALL = "AC" + "7" * 32, "CA" + "3" * 32
PROJECT = "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab"
BRIEF = Timeouts(connect=5, total=0.3, first_retry_delay=0.005)


@dataclass(slots=True)
class AnsweringTwilio:
    """A server with one answer; none for a status of 0."""

    status: int = 201
    body: dict[str, Any] = field(default_factory=lambda: {"sid": CALL, "status": "queued"})
    bodies: list[str] = field(default_factory=list)
    address: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.text())
        if not self.status:
            await asyncio.sleep(30)
        return web.json_response(self.body, status=self.status)


@pytest.fixture
async def twilio() -> AsyncIterator[AnsweringTwilio]:
    answering, app = AnsweringTwilio(), web.Application()
    app.router.add_route("*", "/{path:.*}", answering.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    answering.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield answering
    await runner.cleanup()


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What an SDK receives that is set up in this process."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)  # the API can set it only once in a process
    yield exporter
    provider.shutdown()


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The log as the service writes it."""
    root = logging.getLogger()
    before, stream = (root.handlers[:], root.level), io.StringIO()
    configure(stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], root.level = before
    logging.captureWarnings(False)


def ids(span: ReadableSpan) -> tuple[str, str]:
    context = span.get_span_context()
    assert context
    return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)


async def started(
    twilio: AnsweringTwilio, path: Path, *traceparents: str, channel: str = "sms"
) -> list[tuple[str, str]]:
    """Send the form from a browser for each traceparent, all at once. The address and number of each."""
    settings = settings_for(path, TWILIO_API_BASE_URL=twilio.address)
    numbers = [f"+1{area}5550100" for area in (415, 212, 312, 213)]
    async with lifespan(build_app(settings, open_store(settings))) as app:

        async def start(number: str, parent: str) -> None:
            fields = {"username": f"ann {number[2:5]}", "phone": number, "channel": channel}
            sent = await Browser(app).post(
                path_of("start"), fields, headers=[("traceparent", parent)] if parent else []
            )
            assert sent.status == 303, sent.text

        await asyncio.gather(*(start(*one) for one in zip(numbers, traceparents, strict=False)))
    return list(zip(numbers, traceparents, strict=False))


async def test_the_lines_of_a_traced_request_have_its_ids(
    tmp_path: Path, twilio: AnsweringTwilio, spans: InMemorySpanExporter, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    logging.getLogger("saycode").info("before")
    await started(twilio, tmp_path / "codes.db", PARENT)
    [server] = [span for span in spans.get_finished_spans() if span.kind is SpanKind.SERVER]
    assert ids(server)[0] == TRACE
    mine = [line for line in lines() if (line.get("trace_id"), line.get("span_id")) == ids(server)]
    assert {"started", "delivery", "delivery accepted"} <= {line["event"] for line in mine}
    assert "trace_id" not in next(line for line in lines() if line["event"] == "before")


async def test_requests_that_are_committed_together_keep_their_own_ids(
    tmp_path: Path, twilio: AnsweringTwilio, spans: InMemorySpanExporter, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    traces = [f"{n}" * 32 for n in (1, 2, 3)]
    await started(twilio, tmp_path / "codes.db", *(f"00-{one}-00f067aa0ba902b7-01" for one in traces), "")
    begun = [line for line in lines() if line["event"] in ("started", "delivery")]
    found: dict[str, set[str]] = {}
    for line in begun:
        found.setdefault(line["verification"], set()).add(line["trace_id"])
    assert len(found) == 4
    assert [one for one in found.values() if len(one) != 1] == []
    assert set(traces) < set.union(*found.values())


async def test_what_no_request_asks_for_has_no_ids(
    tmp_path: Path, spans: InMemorySpanExporter, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """Also when it is written between two that have some."""
    async with engine.open_store(tmp_path / "codes.db", secrets=SECRETS, on_events=log_events) as store:
        tracer = trace.get_tracer("test")

        async def write(n: int, *, traced: bool) -> None:
            rows = {"verifications": (verification(n),), "events": (event(n),)}
            if not traced:
                await put(store, **rows)
                return
            with tracer.start_as_current_span(f"request {n}"):
                await put(store, **rows)

        await asyncio.gather(*(write(n, traced=n != 2) for n in (1, 2, 3)))
        await write(4, traced=False)
    with_ids = {line["verification"]: line.get("trace_id") for line in lines() if line["event"] == "started"}
    assert [with_ids[verification(n).sid] is not None for n in (1, 2, 3, 4)] == [True, False, True, False]
    assert len(set(with_ids.values())) == 3


@pytest.mark.parametrize(("channel", "resource"), [("call", "Calls"), ("sms", "Messages")])
async def test_the_request_to_twilio_is_a_span_of_the_persons_request(
    tmp_path: Path, twilio: AnsweringTwilio, spans: InMemorySpanExporter, channel: str, resource: str
) -> None:
    await started(twilio, tmp_path / "codes.db", PARENT, channel=channel)
    found = {span.kind: span for span in spans.get_finished_spans()}
    client, server = found[SpanKind.CLIENT], found[SpanKind.SERVER]
    assert client.parent
    assert (ids(client)[0], trace.format_span_id(client.parent.span_id)) == ids(server)
    path = f"/2010-04-01/Accounts/AC***/{resource}.json"
    port = int(twilio.address.rpartition(":")[2])
    assert client.name == f"POST {path}"
    assert client.attributes == {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": port,
        "url.full": f"http://127.0.0.1:{port}{path}",
        "url.template": path,
        "http.response.status_code": 201,
    }
    assert client.status.status_code is StatusCode.UNSET


async def test_no_span_has_a_number_a_sid_or_a_code(
    tmp_path: Path, twilio: AnsweringTwilio, spans: InMemorySpanExporter
) -> None:
    await started(twilio, tmp_path / "codes.db", PARENT)
    twilio.body = {"sid": CALL, "calling_country_code": "1"}
    account = TwilioAccount(account_sid=ACCOUNT, key=(ACCOUNT, "token"), base_url=twilio.address)
    client = TwilioClient(account)
    await client.hang_up(CALL)
    await client.remove(CALL, Channel.CALL, whole=True)
    await rest_client(account, client._http, api="lookups").lookups.v2.phone_numbers(PHONE).fetch_async(fields="x")
    await client.close()
    told = "".join(span.to_json() for span in spans.get_finished_spans())
    [code] = [found for body in twilio.bodies if (found := re.search(r"%23(\d{6})", body))]
    assert "/Calls/CA***.json" in told
    assert "/PhoneNumbers/***" in told
    assert [
        secret for secret in (code[1], PHONE[1:], ACCOUNT[2:], CALL[2:], "0" * 32, "fields", "token") if secret in told
    ] == []


@pytest.mark.parametrize(("status", "kind"), [(400, "400"), (503, "503"), (0, "TimeoutError")])
async def test_a_failed_request_to_twilio_is_an_error(
    twilio: AnsweringTwilio, spans: InMemorySpanExporter, status: int, kind: str
) -> None:
    twilio.status = status
    client = TwilioClient(
        TwilioAccount(account_sid=ACCOUNT, key=(ACCOUNT, "token"), base_url=twilio.address), timeouts=BRIEF
    )
    await client.hang_up(CALL)
    await client.close()
    [span] = spans.get_finished_spans()
    assert span.attributes
    assert span.attributes["error.type"] == kind
    assert span.status.status_code is StatusCode.ERROR
    assert (span.status.description, span.events) == (None, ())


async def test_where_nothing_receives_spans_the_application_is_unchanged() -> None:
    assert not is_traced()
    assert with_tracing(unchanged) is unchanged


async def test_without_starlettes_middleware_the_application_is_unchanged(
    monkeypatch: pytest.MonkeyPatch, spans: InMemorySpanExporter
) -> None:
    assert with_tracing(unchanged) is not unchanged
    monkeypatch.setitem(sys.modules, "starlette.middleware.opentelemetry", None)
    assert with_tracing(unchanged) is unchanged
    assert spans.get_finished_spans() == ()


async def unchanged(*_: object) -> None: ...


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json", "/2010-04-01/Accounts/AC***/Calls/CA***.json"),
        ("/v2/PhoneNumbers/+14155550100", "/v2/PhoneNumbers/***"),
        ("/v2/PhoneNumbers/%2B14155550100", "/v2/PhoneNumbers/***"),
        ("/v2/PhoneNumbers/14155550100.json", "/v2/PhoneNumbers/***.json"),
        ("/v1/Services", "/v1/Services"),
        (f"/api/laml/2010-04-01/Accounts/{PROJECT}/Calls", "/api/laml/2010-04-01/Accounts/***/Calls"),
        (f"/Calls/{PROJECT}.json", "/Calls/***.json"),
    ],
)
def test_a_template_keeps_the_kind_of_record_and_no_more(path: str, shown: str) -> None:
    assert template(path) == shown
