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
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import msgspec

from verification.models import Event, EventKind

from ..storage.audit_chain import EventWriter
from .log_repeats import REPEATS

_ENCODER = msgspec.json.Encoder(enc_hook=str)
_NO_FIELDS: Mapping[str, Any] = {}
#: Types of values that stay as they are and can be encoded.
_PLAIN = frozenset({str, int, float, bool, type(None)})

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
        return mask_numbers(_ascii_json(self.values(record)))

    def values(self, record: logging.LogRecord) -> "dict[str, Any] | msgspec.Raw":
        """What the line says, cut and not yet masked; already encoded if it holds what could change or fail later."""
        values: dict[str, Any] = {
            "time": _timestamp(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _message(record),
        }
        if ids := _trace_ids():
            values["trace_id"], values["span_id"] = ids
        error = record.exc_info and record.exc_info[1]
        if record.exc_info and error is not None:
            values["error"] = cut(f"{type(error).__name__}: {error}")
            values["traceback"] = cut(self.formatException(record.exc_info), LONGEST_TRACEBACK)
        plain = True
        for name, value in getattr(record, "fields", _NO_FIELDS).items():
            if type(value) is not str or len(value) > LONGEST_VALUE:
                value = cut(value)
                plain = plain and type(value) in _PLAIN
            values.setdefault(name, value)
        if error is not None:
            values.setdefault("error_id", secrets.token_hex(8))
        return values if plain else msgspec.Raw(_ascii_json(values).encode())


class _EventLine(msgspec.Struct, omit_defaults=True):
    """The line of an event of the audit log. Names and order are those of the line."""

    time: str
    level: str
    logger: str
    event: str
    trace_id: str = ""
    span_id: str = ""
    verification: str = ""
    delivery: str = ""
    detail: str = ""
    actor: str = ""


def _trace_ids() -> tuple[str, str] | None:
    """`trace_id` and `span_id` of the span that is current.

    Without OpenTelemetry's SDK its API is not loaded. The names are those of
    https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/.
    """
    trace: Any = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return None
    span = trace.get_current_span().get_span_context()
    return (trace.format_trace_id(span.trace_id), trace.format_span_id(span.span_id)) if span.is_valid else None


def _timestamp(seconds: float) -> str:
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _ascii_json(values: Any) -> str:
    with suppress(TypeError, ValueError):  # such as a lone surrogate
        line = _ENCODER.encode(values)
        if line.isascii():
            return line.decode()
    return json.dumps(msgspec.to_builtins(values) if isinstance(values, _EventLine) else values, default=str)


def _message(record: logging.LogRecord) -> str:
    """The event with its values cut. A message without values is our own."""
    args = record.args
    if not args:
        return str(record.msg)
    if isinstance(args, tuple):
        record = copy(record)
        record.args = tuple(cut(value, LONGEST_PART) for value in args)
    return record.getMessage()


def cut(value: Any, longest: int = LONGEST_VALUE) -> Any:
    """The value, if it is short or no text."""
    text = str(value) if isinstance(value, str | BaseException) else None
    return value if text is None or len(text) <= longest else text[:longest] + "…"


def mask_numbers(text: str) -> str:
    """The text with only the last two digits of every number in E.164."""
    return _NUMBER.sub(r"\1***\2", text) if "+" in text or "%2" in text else text


class LineHandler(logging.StreamHandler[TextIO], EventWriter):
    """Encodes, masks and writes the lines of one turn of the event loop together: a group of decisions has dozens.

    Without a loop, each at once.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._format = JsonFormatter()
        self.setFormatter(self._format)
        self.addFilter(REPEATS)
        self._lines: list[Any] = []
        self._loop: asyncio.AbstractEventLoop | None = None  # that will write what waits

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.append(self._format.values(record))
            self._write_soon()
        except Exception:
            self.handleError(record)

    @property
    def takes_events(self) -> bool:
        return self.filters == [REPEATS] and not self.level

    def write_events(self, events: Sequence[Event], logger: str) -> None:
        now = _timestamp(time.time())
        trace_id, span_id = _trace_ids() or ("", "")
        lines = []
        for event in events:
            facts = event.verification, event.delivery, event.detail, event.actor
            if sum(map(len, facts)) > LONGEST_VALUE:
                facts = cut(facts[0]), cut(facts[1]), cut(facts[2]), cut(facts[3])
            level = "warning" if event.kind is EventKind.ALERT else "info"
            lines.append(_EventLine(now, level, logger, event.kind, trace_id, span_id, *facts))
        self.acquire()
        try:
            self._lines += lines
            self._write_soon()
        except Exception:
            self.handleError(logging.makeLogRecord({"msg": "lines of events"}))
        finally:
            self.release()

    def _write_soon(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.flush()
            return
        if self._loop is not loop:
            self._loop = loop
            loop.call_soon(self._write)

    def _write(self) -> None:
        try:
            self.flush()
        except Exception:  # to the loop it would be one more line to write
            self.handleError(logging.makeLogRecord({"msg": "lines of the log"}))

    def flush(self) -> None:
        self.acquire()
        try:
            lines, self._lines, self._loop = self._lines, [], None
            if lines:
                self.stream.write(mask_numbers(_text(lines)))
            super().flush()
        finally:
            self.release()


def _text(lines: list[Any]) -> str:
    with suppress(TypeError, ValueError):
        encoded = _ENCODER.encode_lines(lines)
        if encoded.isascii():
            return encoded.decode()
    return "".join(f"{_ascii_json(line)}\n" for line in lines)


def configure(level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Log everything of this process, warnings included, to `stream` (standard output) as JSON lines.

    Call it once, before anything is served. uvicorn must run with `log_config=None`, or it restores its own format.
    """
    root = logging.getLogger()
    root.handlers[:] = [LineHandler(stream or sys.stdout)]
    root.setLevel(level)
    logging.captureWarnings(True)
    # Lines name no thread, process or line of code, so nothing looks for them (logging HOWTO, "Optimization").
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It logs every path with its query.
    logging.getLogger("uvicorn.access").disabled = True
