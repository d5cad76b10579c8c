"""One call: its parameters, its state, and the interruption of whatever waits in it.

    queued -> ringing -> in-progress -> completed
       |         |-> busy, no-answer, failed, canceled
       |-> canceled

`initiated` and `answered` are callback events, never a status. The task that runs a call waits only with `Call.until`,
which raises `CallEnded` or `DocumentReplaced` as soon as either side hangs up or a REST update replaces the document.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from ..core.clock import Clock, Signal
from ..core.request_log import Pairs
from ..http.callbacks import CallbackQueue
from ..http.client import WebhookContext
from .detection import Detection
from .recording import Recording, RecordingPlan


class CallStatus(StrEnum):
    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        return self not in (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS)


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_DIAL = "outbound-dial"


class EndReason(StrEnum):
    """What ended a call, if not the end of its document."""

    REST = "rest"
    PHONE = "hang-up"
    DROPPED = "dropped"
    TIME_LIMIT = "time-limit"
    TRIAL_LIMIT = "trial-limit"


class CallEnded(Exception):
    def __init__(self, reason: EndReason) -> None:
        self.reason = reason
        super().__init__(reason.value)


@dataclass(frozen=True, slots=True)
class FetchStep:
    """Fetch a document and run it."""

    url: str
    method: str = "POST"
    fields: Pairs = ()
    is_fallback: bool = False


@dataclass(frozen=True, slots=True)
class InlineStep:
    """Run a document from the `Twiml` parameter."""

    document: str


Step = FetchStep | InlineStep


class DocumentReplaced(Exception):
    """A REST update gave the call another document."""

    def __init__(self, step: Step) -> None:
        self.step = step
        super().__init__("another document")


@dataclass(frozen=True, slots=True)
class CallPlan:
    """The parameters of a call. Times in seconds."""

    first: Step | None = None
    fallback_url: str | None = None
    fallback_method: str = "POST"
    status_callback: str | None = None
    status_callback_method: str = "POST"
    status_callback_events: frozenset[str] = frozenset({"completed"})
    timeout: int = 60
    time_limit: int = 14_400
    send_digits: str = ""
    detection: Detection | None = None
    recording: RecordingPlan | None = None
    caller_name: str | None = None


@dataclass(slots=True)
class Playback:
    """Speech or audio played on the phone. `spoken`: the part that was heard before it was cut off."""

    kind: str
    text: str
    language: str
    voice: str
    seconds: float
    began: float
    ended: float | None = None
    cut_by: str | None = None
    spoken: str = ""

    @property
    def cut_off(self) -> bool:
        return self.cut_by is not None

    def end(self, now: float, cut_by: str | None = None) -> None:
        self.ended, self.cut_by = now, cut_by
        share = 1.0 if cut_by is None or not self.seconds else min((now - self.began) / self.seconds, 1.0)
        self.spoken = self.text[: round(len(self.text) * share)]

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "text": self.text,
            "language": self.language,
            "voice": self.voice,
            "seconds": round(self.seconds, 2),
            "began": round(self.began, 3),
            "ended": None if self.ended is None else round(self.ended, 3),
            "cut_off": self.cut_off,
            "cut_by": self.cut_by,
            "spoken": self.spoken,
        }


class CalleeAction(StrEnum):
    ANSWER = "answer"
    DECLINE = "decline"


@dataclass(slots=True, eq=False)
class Call:
    sid: str
    account_sid: str
    to: str
    from_: str
    direction: Direction
    plan: CallPlan
    clock: Clock
    created: float
    context: WebhookContext
    callback_queue: CallbackQueue
    changed: Signal
    status: CallStatus = CallStatus.QUEUED
    updated: float = 0.0
    queue_seconds: float = 0.0
    started: float | None = None
    answered: float | None = None
    ended: float | None = None
    answered_by: str | None = None
    detection_ms: int | None = None
    sip_code: int | None = None
    sequence: int = 0
    heard: list[Playback] = field(default_factory=list)
    keys: deque[str] = field(default_factory=deque)
    speech: str | None = None
    listening: bool = False
    """A `<Gather>` takes keys now."""
    listening_for_speech: bool = False
    quiet: bool = False
    """A `<Gather>` waits, with no prompt left to play."""
    documents: int = 0
    document_url: str | None = None
    callee_action: CalleeAction | None = None
    end_reason: EndReason | None = None
    replacement: Step | None = None
    end_times: list[tuple[float, EndReason]] = field(default_factory=list)
    parent_sid: str | None = None
    """Of the call whose `<Dial>` placed this one."""
    is_ready: bool = False
    """A dialed phone was answered, and its own document is over."""
    partner: Call | None = None
    """The other side, while a `<Dial>` connects the two."""
    recording: Recording | None = None
    """Of the whole call (`Record=true`)."""
    verb_recording: Recording | None = None
    """What a `<Record>` records now."""
    request_after_end: FetchStep | None = None
    """The `action` of the verb in which the caller hung up."""
    token: str = ""
    """`CallToken` of an inbound call."""

    @property
    def is_live(self) -> bool:
        return not self.status.is_final

    @property
    def phone_number(self) -> str:
        """The number of the phone, for calls in both directions."""
        return self.from_ if self.direction is Direction.INBOUND else self.to

    @property
    def own_number(self) -> str:
        return self.to if self.direction is Direction.INBOUND else self.from_

    @property
    def seconds(self) -> int | None:
        """Its duration; None unless it was answered and has ended."""
        if self.answered is None or self.ended is None:
            return None
        return round(self.ended - self.answered)

    def end_by(self, reason: EndReason) -> None:
        """End the call: whatever waits in it raises `CallEnded`."""
        if self.end_reason is None:
            self.end_reason = reason
            self.changed.fire()

    def replace_document(self, step: Step) -> None:
        self.replacement = step
        self.changed.fire()

    def check(self) -> None:
        """Raise `CallEnded` or `DocumentReplaced` if the call has been interrupted."""
        for moment, reason in self.end_times:
            if self.end_reason is None and self.clock.reached(moment):
                self.end_reason = reason
        if self.end_reason is not None:
            raise CallEnded(self.end_reason)
        if self.replacement is not None and self.status is CallStatus.IN_PROGRESS:
            step, self.replacement = self.replacement, None
            raise DocumentReplaced(step)

    def is_interrupted(self) -> bool:
        """Whether `check` would raise."""
        due = any(self.clock.reached(moment) for moment, _ in self.end_times)
        replaced = self.replacement is not None and self.status is CallStatus.IN_PROGRESS
        return self.end_reason is not None or due or replaced

    async def until(self, condition: Callable[[], bool], *, seconds: float | None) -> bool:
        """Wait for `condition`, at most `seconds`. Returns whether it holds. Raises like `check`."""
        deadline = None if seconds is None else self.clock.now() + seconds
        while True:
            self.check()
            if condition():
                return True
            if deadline is not None and self.clock.reached(deadline):
                return False
            moments = [moment for moment, _ in self.end_times] + ([] if deadline is None else [deadline])
            await self.clock.wait(min(moments) - self.clock.now() if moments else None, signal=self.changed)

    async def sleep(self, seconds: float) -> None:
        await self.until(lambda: False, seconds=seconds)
