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


VoiceVerb = Say | Pause | Play | PlayKeys | Gather | Redirect | Hangup | Reject


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
