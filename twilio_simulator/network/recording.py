"""Recordings: their parameters, and what they contain.

The simulator has no sound, so a recording has a length, the words that were said on the phone, and a silent WAV file.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass, field

from ..core.formats import API_VERSION, rfc2822

FRAMES_PER_SECOND = 8000


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """`source`: `RecordVerb` or `OutboundAPI`. `events`: of `in-progress`, `completed` and `absent`."""

    source: str
    channels: int = 1
    callback: str | None = None
    callback_method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(slots=True, eq=False)
class Recording:
    """`seconds` None: still being recorded."""

    sid: str
    call_sid: str
    account_sid: str
    plan: RecordingPlan
    host: str
    started: float
    seconds: int | None = None
    words: list[str] = field(default_factory=list)
    """What was said, as far as the phone's `speak` said it."""

    @property
    def url(self) -> str:
        """Of the WAV file."""
        return f"{self.host}/{API_VERSION}/Accounts/{self.account_sid}/Recordings/{self.sid}"

    def sound(self) -> bytes:
        """A WAV file of this length: silence."""
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as file:
            file.setnchannels(self.plan.channels)
            file.setsampwidth(1)
            file.setframerate(FRAMES_PER_SECOND)
            file.writeframes(b"\x80" * (FRAMES_PER_SECOND * self.plan.channels * (self.seconds or 0)))
        return buffer.getvalue()

    def fields(self) -> list[tuple[str, str]]:
        """The fields that name a finished recording in a webhook."""
        return [
            ("RecordingUrl", self.url),
            ("RecordingSid", self.sid),
            ("RecordingDuration", str(self.seconds or 0)),
        ]

    def callback_fields(self, status: str) -> list[tuple[str, str]]:
        fields = [
            ("AccountSid", self.account_sid),
            ("CallSid", self.call_sid),
            ("RecordingSid", self.sid),
            ("RecordingStatus", status),
            ("RecordingChannels", str(self.plan.channels)),
            ("RecordingStartTime", rfc2822(self.started) or ""),
            ("RecordingSource", self.plan.source),
            ("RecordingTrack", "both"),
        ]
        if status != "in-progress":
            fields += [("RecordingUrl", self.url), ("RecordingDuration", str(self.seconds or 0))]
        return fields
