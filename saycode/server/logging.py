"""Logs: one JSON object a line on standard output.

Any package logs with the standard library alone, an event and its facts:

    logging.getLogger(__name__).info("delivery placed", extra={"fields": {"delivery": sid, "carrier_sid": carrier_sid}})

The fields that join lines are `verification`, `delivery` and `carrier_sid`. This module sets `time` (UTC), `level`,
`logger`, `event`, `error` and `traceback`, and in a traced request `trace_id` and `span_id`. An exception gets an
`error_id`; code that shows the id to a user makes it and passes it in the fields.

No code, token or full number may be logged in the first place. Masking is the last line of defense: of anything that
looks like a number in E.164 only the last two digits remain, anywhere in the line.

Values may come from outside: each is cut at 100 characters. A record that anyone can cause has a `source` (see
`log_repeats`), which is not written.
"""

import asyncio
import json
import logging
import re
import secrets
import sys
from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import msgspec

from .log_repeats import REPEATS

_encode = msgspec.json.Encoder(enc_hook=str).encode

# A plus sign, also form- or URL-encoded, and at least seven digits.
_NUMBER = re.compile(r"(\+|%2[Bb])[0-9]{5,}([0-9]{2})(?![0-9])")

# At INFO or DEBUG these write addresses, queries or bodies, where phone numbers are.
#: Characters of a value; of a part of a message, which may hold several values; of a traceback.
LONGEST_VALUE, LONGEST_PART, LONGEST_TRACEBACK = 100, 500, 10_000
_NOISY_LOGGERS = (
    "twilio.http_client",
    "twilio.async_http_client",
    "urllib3",
    "aiohttp",
    "python_multipart",
    "multipart",
)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON in ASCII, so that no text from outside can begin a line or control a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        second, part = divmod(record.created, 1)
        own: dict[str, Any] = {
            "time": f"{_second(second)}.{int(part * 1000):03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _message(record),
            **_trace_ids(),
        }
        fields: dict[str, Any] = {name: cut(value) for name, value in getattr(record, "fields", {}).items()}
        if record.exc_info and record.exc_info[1] is not None:
            fields.setdefault("error_id", secrets.token_hex(8))
            own["error"] = cut(f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}")
            own["traceback"] = cut(self.formatException(record.exc_info), LONGEST_TRACEBACK)
        return mask_numbers(_ascii_json(own | fields | own))


def _trace_ids() -> Mapping[str, str]:
    """The ids of the span that is current, for a line of the log; empty outside of one.

    Without OpenTelemetry's SDK its API is not loaded. The names are those of
    https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/.
    """
    trace: Any = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return {}
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return {}
    return {"trace_id": trace.format_trace_id(span.trace_id), "span_id": trace.format_span_id(span.span_id)}


@lru_cache(maxsize=2)
def _second(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _ascii_json(values: dict[str, Any]) -> str:
    try:
        line = _encode(values)
    except (TypeError, ValueError):  # such as a lone surrogate
        return json.dumps(values, default=str)
    return line.decode() if line.isascii() else json.dumps(values, default=str)


def _message(record: logging.LogRecord) -> str:
    """The event with its values cut. A message without values is our own."""
    args = record.args
    if args and isinstance(args, tuple):
        record = copy(record)
        record.args = tuple(cut(value, LONGEST_PART) for value in args)
    return record.getMessage()


def cut(value: Any, longest: int = LONGEST_VALUE) -> Any:
    """The value, if it is short or no text."""
    text = str(value) if isinstance(value, str | BaseException) else None
    return value if text is None or len(text) <= longest else text[:longest] + "…"


def mask_numbers(text: str) -> str:
    """The text with only the last two digits of every number in E.164."""
    return _NUMBER.sub(r"\1***\2", text)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes the lines of one turn of the event loop together: a group of decisions has dozens of them."""

    _waiting = False

    def flush(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            super().flush()
            return
        if not self._waiting:
            self._waiting = True
            loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._waiting = False
        super().flush()


def configure(level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Log everything of this process, warnings included, to `stream` (standard output) as JSON lines.

    Call it once, before anything is served. uvicorn must run with `log_config=None`, or it restores its own format.
    """
    handler = LineHandler(stream or sys.stdout)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(REPEATS)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    # Lines name no thread, process or line of code, so nothing looks for them (logging HOWTO, "Optimization").
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It logs every path with its query.
    logging.getLogger("uvicorn.access").disabled = True
