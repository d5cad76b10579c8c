"""Answering machine detection: Twilio's result, and the time it takes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

VOICEMAIL_GREETING_SECONDS = 6.0
"""Length of the simulated voicemail greeting before the beep."""
PERSON_GREETING_SECONDS = 1.0
"""Length of a simulated person's greeting."""


class DetectionMode(StrEnum):
    ENABLE = "Enable"
    DETECT_MESSAGE_END = "DetectMessageEnd"


class CalleeType(StrEnum):
    """What answered the call."""

    PERSON = "person"
    MACHINE = "machine"
    FAX = "fax"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Detection:
    """Parameters, in seconds. The defaults are Twilio's."""

    mode: DetectionMode
    timeout: float = 30.0
    speech_threshold: float = 2.4
    speech_end_threshold: float = 1.2
    silence_timeout: float = 5.0
    is_async: bool = False
    callback: str | None = None
    callback_method: str = "POST"

    def result(self, callee_type: CalleeType) -> tuple[str, float]:
        """`AnsweredBy`, and the seconds from the answer to the result."""
        answered_by, seconds = self._without_timeout(callee_type)
        return (answered_by, seconds) if seconds <= self.timeout else ("unknown", self.timeout)

    def _without_timeout(self, callee_type: CalleeType) -> tuple[str, float]:
        if callee_type is CalleeType.FAX:
            return "fax", 2.0
        if callee_type is CalleeType.SILENCE:
            return "unknown", self.silence_timeout
        greeting = PERSON_GREETING_SECONDS if callee_type is CalleeType.PERSON else VOICEMAIL_GREETING_SECONDS
        if greeting < self.speech_threshold:
            return "human", greeting + self.speech_end_threshold
        if self.mode is DetectionMode.ENABLE:
            return "machine_start", self.speech_threshold
        return "machine_end_beep", greeting + 0.5
