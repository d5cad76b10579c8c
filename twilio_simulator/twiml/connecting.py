"""Voice TwiML that connects, queues or records a call: `<Dial>`, `<Enqueue>`, `<Leave>` and `<Record>`."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from ..core.wordlist import word_set
from .parser import Attributes, text_of
from .verbs import Dial, DialedNumber, Enqueue, Leave, Problem, Record

CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
RECORDING_EVENTS = frozenset({"in-progress", "completed", "absent"})
MAX_NUMBERS = 10
OTHER_NOUNS = word_set("Application Client Conference Queue Sim Sip WhatsApp AiAgent")
"""Of `<Dial>`: the simulator has only phones."""

_DIAL = word_set("action method timeout timeLimit callerId hangupOnStar answerOnBridge")
_DIAL_INEFFECTIVE = word_set(
    """
    record trim recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent recordingTrack
    recordingConfigurationId ringTone sequential referUrl referMethod callReason events
    """
)
_NUMBER = word_set("url method sendDigits statusCallback statusCallbackMethod statusCallbackEvent")
_NUMBER_INEFFECTIVE = word_set(
    """
    byoc machineDetection machineDetectionTimeout machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold
    machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod
    """
)
_RECORD = word_set(
    """
    action method timeout finishOnKey maxLength playBeep trim recordingStatusCallback recordingStatusCallbackMethod
    recordingStatusCallbackEvent
    """
)
_RECORD_INEFFECTIVE = word_set("transcribe transcribeCallback recordingConfigurationId")


def read_dial(element: Element, problems: list[Problem]) -> Dial | None:
    attributes = Attributes(element, _DIAL | _DIAL_INEFFECTIVE, problems)
    attributes.note_ineffective(_DIAL_INEFFECTIVE)
    numbers = _numbers(element, problems, attributes)
    if not numbers:
        return None
    return Dial(
        numbers=tuple(numbers[:MAX_NUMBERS]),
        action=attributes.text("action"),
        method=attributes.method("method", code=13210),
        timeout=attributes.integer("timeout", default=30, minimum=1, code=13212),
        time_limit=attributes.integer("timeLimit", default=14_400, minimum=1, code=13216),
        caller_id=attributes.text("callerId"),
        hangup_on_star=attributes.boolean("hangupOnStar", default=False, code=13213),
        answer_on_bridge=attributes.boolean("answerOnBridge", default=False, code=12200),
    )


def _numbers(element: Element, problems: list[Problem], attributes: Attributes) -> list[DialedNumber]:
    numbers = []
    for child in element:
        if child.tag == "Number":
            numbers.append(_number(child, problems))
        elif child.tag in OTHER_NOUNS:
            attributes.problem(None, f"with <{child.tag}>: the simulator does not do this, it has only phones")
        else:
            attributes.problem(13215, f"has <{child.tag}>")
    if not len(element):
        if text := text_of(element):
            numbers.append(DialedNumber(in_e164(text)))
        else:
            attributes.problem(12200, "has no number")
    if len(numbers) > MAX_NUMBERS:
        attributes.problem(12200, f"has more than {MAX_NUMBERS} numbers: the rest is not dialed")
    return numbers


def _number(element: Element, problems: list[Problem]) -> DialedNumber:
    attributes = Attributes(element, _NUMBER | _NUMBER_INEFFECTIVE, problems)
    attributes.note_ineffective(_NUMBER_INEFFECTIVE)
    digits = attributes.text("sendDigits") or ""
    if digits and not re.fullmatch(r"[0-9A-D*#wW]+", digits):
        attributes.invalid_value(13222, "sendDigits")
        digits = ""
    return DialedNumber(
        number=in_e164(text_of(element)),
        url=attributes.text("url"),
        method=attributes.method("method", code=13221),
        send_digits=digits,
        status_callback=attributes.text("statusCallback"),
        status_callback_method=attributes.method("statusCallbackMethod", code=12200),
        status_callback_events=attributes.words("statusCallbackEvent", CALL_EVENTS, default="completed", code=21626),
    )


def in_e164(text: str) -> str:
    """The number as it is called: Twilio also takes US numbers as people write them."""
    bare = re.sub(r"[\s().-]", "", text)
    if match := re.fullmatch(r"1?([2-9]\d{9})", bare, re.ASCII):
        return f"+1{match[1]}"
    return bare


def read_record(element: Element, problems: list[Problem]) -> Record:
    attributes = Attributes(element, _RECORD | _RECORD_INEFFECTIVE, problems)
    attributes.note_ineffective(_RECORD_INEFFECTIVE)
    keys = attributes.text("finishOnKey")
    if keys is not None and not re.fullmatch(r"[0-9*#]*", keys, re.ASCII):
        attributes.invalid_value(13613, "finishOnKey")
        keys = None
    return Record(
        action=attributes.text("action"),
        method=attributes.method("method", code=13610),
        timeout=attributes.integer("timeout", default=5, minimum=1, code=13611),
        finish_on_key="1234567890*#" if keys is None else keys,
        max_length=attributes.integer("maxLength", default=3600, minimum=1, code=13612),
        play_beep=attributes.boolean("playBeep", default=True, code=13616),
        callback=attributes.text("recordingStatusCallback"),
        callback_method=attributes.method("recordingStatusCallbackMethod", code=12200),
        callback_events=attributes.words(
            "recordingStatusCallbackEvent", RECORDING_EVENTS, default="completed", code=12200
        ),
    )


def read_enqueue(element: Element, problems: list[Problem]) -> Enqueue | None:
    attributes = Attributes(element, ("action", "method", "waitUrl", "waitUrlMethod", "workflowSid"), problems)
    if attributes.text("workflowSid") is not None:
        attributes.problem(None, "with workflowSid: the simulator does not do TaskRouter")
        return None
    name = text_of(element)
    if not 1 <= len(name) <= 64:
        attributes.problem(14204 if not name else 14205, f"has a name of {len(name)} characters")
        return None
    return Enqueue(
        name=name,
        action=attributes.text("action"),
        method=attributes.method("method", code=14201),
        wait_url=attributes.text("waitUrl") or None,
        wait_method=attributes.method("waitUrlMethod", code=14206),
    )


def read_leave(element: Element, problems: list[Problem]) -> Leave:
    Attributes(element, (), problems)
    return Leave()
