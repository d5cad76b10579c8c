"""Logs: one JSON object a line on standard output.

Any package logs with the standard library alone, an event and its facts:

    logging.getLogger(__name__).info("delivery placed", extra={"fields": {"delivery": sid, "carrier_sid": carrier_sid}})

The names that join lines up are `verification`, `delivery` and `carrier_sid`. `time` (UTC), `level`, `logger`, `event`,
`error` and `traceback` are this module's own. An exception gets an `error_id`; whoever shows one to a person makes it
and passes it in the fields.

No code, token or full number may be logged in the first place. Masking here is the last line of defence: anything
that looks like a number in E.164 keeps its last two digits, wherever in the line it stands.
"""

import json
import logging
import re
import secrets
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

# A plus sign, also as it stands in an encoded form or address, and at least seven digits.
_NUMBER = re.compile(r"(\+|%2[Bb])[0-9]{5,}([0-9]{2})(?![0-9])")

# At INFO or DEBUG these write addresses, queries or bodies, where phone numbers are.
_NOISY_LOGGERS = (
    "twilio.http_client",
    "twilio.async_http_client",
    "urllib3",
    "aiohttp",
    "python_multipart",
    "multipart",
)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON in ASCII, so that no text from outside can begin a line or steer a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        own: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        fields: dict[str, Any] = dict(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1] is not None:
            fields.setdefault("error_id", secrets.token_hex(8))
            own["error"] = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
            own["traceback"] = self.formatException(record.exc_info)
        return mask_numbers(json.dumps(own | fields | own, default=str))


def mask_numbers(text: str) -> str:
    """The text with every number in E.164 cut down to its last two digits."""
    return _NUMBER.sub(r"\1***\2", text)


def configure(level: str = "INFO", *, stream: TextIO | None = None) -> None:
    """Send everything that this process logs, warnings included, to `stream` (standard output) as JSON lines.

    Called once, before anything is served. uvicorn must be run with `log_config=None`, or it puts its own format back.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    for name in _NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It would write every path with its query.
    logging.getLogger("uvicorn.access").disabled = True
