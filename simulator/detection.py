"""Answering machine detection: what Twilio would decide about who picked up, and when (facts 6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GREETING = 6.0
"""Seconds that the simulated voicemail speaks before its beep."""
HELLO = 1.0
"""Seconds that a simulated person speaks after picking up."""


class DetectionMode(StrEnum):
    ENABLE = "Enable"
    DETECT_MESSAGE_END = "DetectMessageEnd"


class Listener(StrEnum):
    """What is at the other end of an answered call."""

    PERSON = "person"
    MACHINE = "machine"
    FAX = "fax"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Detection:
    """Parameters in seconds; the defaults are Twilio's."""

    mode: DetectionMode
    timeout: float = 30.0
    speech_threshold: float = 2.4
    speech_end_threshold: float = 1.2
    silence_timeout: float = 5.0
    is_async: bool = False
    callback: str | None = None
    callback_method: str = "POST"

    def verdict(self, listener: Listener) -> tuple[str, float]:
        """`AnsweredBy`, and the seconds after the pick-up at which it is known."""
        answered_by, seconds = self._unlimited(listener)
        return (answered_by, seconds) if seconds <= self.timeout else ("unknown", self.timeout)

    def _unlimited(self, listener: Listener) -> tuple[str, float]:
        if listener is Listener.FAX:
            return "fax", 2.0
        if listener is Listener.SILENCE:
            return "unknown", self.silence_timeout
        greeting = HELLO if listener is Listener.PERSON else GREETING
        if greeting < self.speech_threshold:
            return "human", greeting + self.speech_end_threshold
        if self.mode is DetectionMode.ENABLE:
            return "machine_start", self.speech_threshold
        return "machine_end_beep", greeting + 0.5
