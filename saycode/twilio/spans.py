"""Spans for requests to Twilio, by OpenTelemetry's conventions for HTTP clients
(https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client).

An address at Twilio has the account's sid, often that of a call, and in a number look-up the number. A span has none of
them, and no query: only which kind of record was asked for.
"""

import re
from types import SimpleNamespace

import aiohttp
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

#: A path segment that is a sid, or could be a number or a code. Of a sid its kind remains.
_SID = re.compile(r"(?<=/[A-Z]{2})[0-9a-f]{32}(?=[/.]|$)")
#: SignalWire's sids.
_UUID = re.compile(r"(?<=/)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=[/.]|$)")
_DIGITS = re.compile(r"(?<=/)(?:\+|%2[Bb])?[0-9]{4,}(?=[/.]|$)")


def traces() -> list[aiohttp.TraceConfig]:
    """What tells aiohttp to make a span of each request."""
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_begin)
    config.on_request_end.append(_end)
    config.on_request_exception.append(_fail)
    return [config]


def template(path: str) -> str:
    """A path without what tells of one person or record."""
    return _DIGITS.sub("***", _UUID.sub("***", _SID.sub("***", path)))


async def _begin(_: aiohttp.ClientSession, request: SimpleNamespace, start: aiohttp.TraceRequestStartParams) -> None:
    url, path = start.url, template(start.url.raw_path)
    attributes: dict[str, str | int] = {
        "http.request.method": start.method,
        "server.address": url.host or "",
        "server.port": url.port or 0,
        "url.full": f"{url.origin()}{path}",
        "url.template": path,
    }
    tracer = trace.get_tracer("saycode")
    request.span = tracer.start_span(f"{start.method} {path}", kind=SpanKind.CLIENT, attributes=attributes)


async def _end(_: aiohttp.ClientSession, request: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
    span: Span = request.span
    span.set_attribute("http.response.status_code", end.response.status)
    if end.response.status >= 400:
        _set_error(span, str(end.response.status))
    span.end()


async def _fail(_: aiohttp.ClientSession, request: SimpleNamespace, end: aiohttp.TraceRequestExceptionParams) -> None:
    # Its message may have the address.
    _set_error(request.span, type(end.exception).__qualname__)
    request.span.end()


def _set_error(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))
