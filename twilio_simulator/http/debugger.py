"""Twilio's debugger: every error and warning about webhooks, TwiML and REST parameters.

The level *notice*, without a code, is the simulator's own, for mistakes that Twilio silently ignores. Rejected REST
requests are recorded too, injected faults are not. A correct application leaves the debugger empty, so a test can
assert that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from ..core.errors import RestError
from ..core.events import EventStream, Warned
from ..twiml.verbs import Problem


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


ERRORS: dict[int, str] = {
    11100: "The URL is not valid",
    11200: "The webhook could not be fetched",
    11201: "Connecting to the webhook timed out",
    11202: "The webhook refused the connection",
    11203: "The webhook took longer than its total time",
    11205: "Cannot connect to the webhook",
    11206: "The webhook broke the HTTP protocol",
    11210: "The webhook's host name does not resolve",
    11215: "The webhook redirected more than 10 times",
    11220: "TLS handshake with the webhook failed",
    11235: "The webhook's certificate has another name",
    11236: "The webhook's certificate has expired",
    11237: "The webhook's certificate is from an unknown authority",
    11240: "Connection override is not valid",
    11241: "Connection override has a value out of range",
    11243: "Connection override is unknown",
    11750: "The TwiML answer is larger than 64 kB",
    11770: "The answer is chunked and empty",
    12100: "The document cannot be parsed",
    12102: "The root element is not Response",
    12300: "The content type of the answer cannot be used",
    12400: "Fault inside Twilio",
    13201: "Dial: a dialed phone cannot dial",
    13214: "Dial: callerId is not a number of this account, nor verified by it, nor the caller's",
    13223: "Dial: the number is not in E.164",
    13224: "Dial: the number is not valid",
    13338: "Gather: actionOnEmptyResult or its action is not valid",
    14101: "Message: to is not valid",
    14102: "Message: from is not valid",
    14103: "Message: body is not valid",
    14104: "Message: method is not valid",
    14105: "Message: statusCallback is not valid",
    14106: "More than 50 documents in one messaging session",
    14107: "More than 15 replies between two numbers within 30 seconds",
    14108: "Message: from cannot send SMS",
    14109: "More than 10 replies to one message",
    14110: "The verb is not for messaging",
    14111: "Message: to is not verified (trial)",
    15004: "Relative URL in an inline document",
    21610: "The recipient has opted out",
    32015: "The call reached its maximum duration",
}

WARNINGS: dict[int, str] = {
    12101: "The version attribute is not valid",
    12200: "Schema warning",
    13210: "Dial: method is not valid",
    13212: "Dial: timeout is not valid",
    13213: "Dial: hangupOnStar is not valid",
    13215: "Dial: this element cannot be nested",
    13216: "Dial: timeLimit is not valid",
    13221: "Dial: method of a Number is not valid",
    13222: "Dial: sendDigits of a Number is not valid",
    13310: "Gather: finishOnKey is not valid",
    13311: "Gather: finishOnKey must be one key",
    13312: "Gather: method is not valid",
    13313: "Gather: timeout is not valid",
    13314: "Gather: numDigits is not valid",
    13320: "Gather: this verb cannot be nested",
    13321: "Gather: voice of a nested Say is not valid",
    13322: "Gather: loop of a nested Say is not valid",
    13325: "Gather: content type of a nested Play cannot be played",
    13326: "Gather: input is not valid",
    13327: "Gather: speechTimeout is not valid",
    13328: "Gather: maxSpeechTime is not valid",
    13329: "Gather: partialResultCallbackMethod is not valid",
    13330: "Gather: hints are not valid",
    13331: "Gather: language is not valid",
    13332: "Gather: bargeIn is not valid",
    13333: "Gather: profanityFilter is not valid",
    13334: "Gather: speechModel is not valid",
    13335: "Gather: speechTimeout auto is not allowed with a speechModel",
    13410: "Play: loop is not valid",
    13420: "Play: the content type cannot be played",
    13510: "Say: loop is not valid",
    13511: "Say: voice is not valid",
    13512: "Say: language is not valid",
    13520: "Say: the text is empty or cannot be said",
    13521: "Say: the text is too long",
    13610: "Record: method is not valid",
    13611: "Record: timeout is not valid",
    13612: "Record: maxLength is not valid",
    13613: "Record: finishOnKey is not valid",
    13616: "Record: playBeep is not valid",
    13710: "Redirect: method is not valid",
    13805: "The trial call was longer than 10 minutes",
    13910: "Pause: length is not valid",
    14201: "Enqueue: method is not valid",
    14204: "Enqueue: the name of the queue is too short",
    14205: "Enqueue: the name of the queue is too long",
    14206: "Enqueue: waitUrlMethod is not valid",
    15003: "The status callback was not answered as Twilio expects",
    20001: "Unknown parameter",
    21626: "Dial: statusCallbackEvent of a Number is not valid",
    32019: "Twiml and Url are both set: Url is used",
}


@dataclass(frozen=True, slots=True)
class DebuggerEntry:
    """`sid`: of the call or the message; empty before there is one."""

    at: float
    level: Level
    code: int | None
    message: str
    sid: str = ""
    url: str | None = None
    method: str | None = None

    @property
    def call_sid(self) -> str | None:
        return self.sid if self.sid.startswith("CA") else None

    @property
    def message_sid(self) -> str | None:
        return self.sid if self.sid.startswith(("SM", "MM")) else None

    def to_json(self) -> dict[str, object]:
        return {
            "at": round(self.at, 3),
            "level": self.level.value,
            "code": self.code,
            "message": self.message,
            "call_sid": self.call_sid,
            "message_sid": self.message_sid,
            "url": self.url,
            "method": self.method,
        }


class Debugger:
    """The entries, oldest first. Iterable, with a length."""

    def __init__(self, *, stream: EventStream, now: Callable[[], float]) -> None:
        self._stream = stream
        self._now = now
        self.entries: deque[DebuggerEntry] = deque(maxlen=10_000)

    def __iter__(self) -> Iterator[DebuggerEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def codes(self) -> list[int | None]:
        return [entry.code for entry in self.entries]

    def record(
        self, code: int, detail: str = "", *, sid: str = "", url: str | None = None, method: str | None = None
    ) -> None:
        """Record an entry under one of Twilio's codes."""
        level, meaning = (Level.ERROR, ERRORS[code]) if code in ERRORS else (Level.WARNING, WARNINGS[code])
        self._add(level, code, f"{meaning}: {detail}" if detail else meaning, sid, url, method)

    def record_rest_error(self, error: RestError, *, method: str, url: str) -> None:
        self._add(Level.ERROR, error.code, error.message, "", url, method)

    def notice(self, message: str, *, sid: str = "", url: str | None = None) -> None:
        """Record something that Twilio silently ignores."""
        self._add(Level.NOTICE, None, message, sid, url, None)

    def record_problems(self, problems: Iterable[Problem], *, sid: str, url: str | None) -> None:
        """Record the problems of a document."""
        for problem in problems:
            if problem.code is None:
                self.notice(problem.detail, sid=sid, url=url)
            else:
                self.record(problem.code, problem.detail, sid=sid, url=url)

    def clear(self) -> None:
        self.entries.clear()

    def _add(self, level: Level, code: int | None, message: str, sid: str, url: str | None, method: str | None) -> None:
        entry = DebuggerEntry(self._now(), level, code, message, sid, url, method)
        self.entries.append(entry)
        self._stream.publish(Warned(code=code, level=level.value, message=message, sid=sid, url=url))
