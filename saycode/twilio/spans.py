"""Spans for requests to Twilio, by OpenTelemetry's conventions for HTTP clients
(https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client).

An address at Twilio has the account's sid, often that of a call, and in a number look-up the number. A span has none of
them, and no query: only which kind of record was asked for.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import SplitResult

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

#: A path segment that is a sid, or could be a number or a code. Of a sid its kind remains.
_SID = re.compile(r"(?<=/[A-Z]{2})[0-9a-f]{32}(?=[/.]|$)")
#: SignalWire's sids.
_UUID = re.compile(r"(?<=/)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=[/.]|$)")
_DIGITS = re.compile(r"(?<=/)(?:\+|%2[Bb])?[0-9]{4,}(?=[/.]|$)")


def template(path: str) -> str:
    """A path without what tells of one person or record."""
    return _DIGITS.sub("***", _UUID.sub("***", _SID.sub("***", path)))


@contextmanager
def request_span(method: str, address: SplitResult) -> Iterator[Callable[[int], None]]:
    """The span of a request. Its value is called with the status of the answer; what is raised instead is an error."""
    path = template(address.path)
    attributes: dict[str, str | int] = {
        "http.request.method": method,
        "server.address": address.hostname or "",
        "server.port": address.port or (443 if address.scheme == "https" else 80),
        "url.full": f"{address.scheme}://{address.netloc}{path}",
        "url.template": path,
    }
    tracer = trace.get_tracer("saycode")
    span = tracer.start_span(f"{method} {path}", kind=SpanKind.CLIENT, attributes=attributes)

    def note_status(status: int) -> None:
        span.set_attribute("http.response.status_code", status)
        if status >= 400:
            _set_error(span, str(status))

    try:
        yield note_status
    except BaseException as problem:
        _set_error(span, type(problem).__qualname__)  # its message may have the address
        raise
    finally:
        span.end()


def _set_error(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))
