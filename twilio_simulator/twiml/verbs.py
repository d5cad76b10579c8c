"""TwiML as values: a document after its checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_LOOPS = 1000
"""`loop="0"` repeats until hang-up, at most this often."""


class Method(StrEnum):
    GET = "GET"
    POST = "POST"


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    seconds: float
    language: str
    voice: str
    loop: int = 1


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: int = 1


@dataclass(frozen=True, slots=True)
class Play:
    url: str
    loop: int = 1


@dataclass(frozen=True, slots=True)
class PlayKeys:
    digits: str


@dataclass(frozen=True, slots=True)
class Gather:
    """`action` None: the document's own URL. `finish_on_key` empty: none. `num_digits` None: unlimited."""

    prompts: tuple[Say | Play | Pause, ...] = ()
    action: str | None = None
    method: Method = Method.POST
    timeout: int = 5
    finish_on_key: str = "#"
    num_digits: int | None = None
    action_on_empty_result: bool = False
    dtmf: bool = True
    speech: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    url: str
    method: Method = Method.POST


@dataclass(frozen=True, slots=True)
class Hangup:
    pass


class RejectReason(StrEnum):
    REJECTED = "rejected"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Reject:
    reason: RejectReason = RejectReason.REJECTED


@dataclass(frozen=True, slots=True)
class DialedNumber:
    """One `<Number>` of a `<Dial>`. `url`: a document that runs on the dialed phone before it is connected."""

    number: str
    url: str | None = None
    method: Method = Method.POST
    send_digits: str = ""
    status_callback: str | None = None
    status_callback_method: Method = Method.POST
    status_callback_events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Dial:
    """All numbers ring at once. `timeout`: seconds of ringing. `caller_id` None: the caller's."""

    numbers: tuple[DialedNumber, ...]
    action: str | None = None
    method: Method = Method.POST
    timeout: int = 30
    time_limit: int = 14_400
    caller_id: str | None = None
    hangup_on_star: bool = False
    answer_on_bridge: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """`action` None: the document's own URL. `timeout`: seconds of silence that end it."""

    action: str | None = None
    method: Method = Method.POST
    timeout: int = 5
    finish_on_key: str = "1234567890*#"
    max_length: int = 3600
    play_beep: bool = True
    callback: str | None = None
    callback_method: Method = Method.POST
    callback_events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Enqueue:
    """`wait_url`: the document that runs while the call waits."""

    name: str
    action: str | None = None
    method: Method = Method.POST
    wait_url: str | None = None
    wait_method: Method = Method.POST


@dataclass(frozen=True, slots=True)
class Leave:
    pass


VoiceVerb = Say | Pause | Play | PlayKeys | Gather | Redirect | Hangup | Reject | Dial | Record | Enqueue | Leave


@dataclass(frozen=True, slots=True)
class Message:
    """`to` None: the sender of the inbound text. `sender` None: the number it was sent to."""

    body: str
    media: tuple[str, ...] = ()
    to: str | None = None
    sender: str | None = None
    action: str | None = None
    status_callback: str | None = None
    method: Method = Method.POST


MessagingVerb = Message | Redirect


@dataclass(frozen=True, slots=True)
class Problem:
    """An entry for the debugger. `code` None: Twilio silently ignores it."""

    code: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class VoiceDocument:
    verbs: tuple[VoiceVerb, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class MessagingDocument:
    verbs: tuple[MessagingVerb, ...]
    problems: tuple[Problem, ...] = ()
