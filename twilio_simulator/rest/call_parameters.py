"""The parameters of a call, from the REST request to a `CallPlan`."""

from __future__ import annotations

import re
from dataclasses import replace

from ..core.account import Account
from ..core.errors import RestError
from ..core.wordlist import word_set
from ..network.call import Call, CallPlan, EndReason, FetchStep, InlineStep, Step
from ..network.detection import Detection, DetectionMode
from ..network.recording import RecordingPlan
from ..twiml.connecting import RECORDING_EVENTS
from .parameters import Parameters

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
MAX_INLINE_LENGTH = 4000
MAX_CALLBACK_URL_LENGTH = 4000
NOT_SIMULATED = word_set(
    """
    CallReason CallToken CallerId SipAuthUsername SipAuthPassword Byoc Passports ClientNotificationUrl
    RecordingConfigurationId RecordingTrack Trim
    """
)
"""Parameters of Twilio that have no effect in the simulator. Each is noted in the debugger."""


def read_plan(account: Account, parameters: Parameters) -> CallPlan:
    """Read every parameter but `To` and `From`. `ApplicationSid` overrides all URLs."""
    plan = CallPlan(
        first=first_step(parameters),
        fallback_url=parameters.url("FallbackUrl", code=21205),
        fallback_method=parameters.method("FallbackMethod", code=21209),
        status_callback=parameters.url("StatusCallback", code=21609, longest=MAX_CALLBACK_URL_LENGTH),
        status_callback_method=parameters.method("StatusCallbackMethod", code=21209),
        status_callback_events=_events(parameters),
        timeout=parameters.integer("Timeout", minimum=1, maximum=600, code=21208) or 60,
        time_limit=parameters.integer("TimeLimit", minimum=1, maximum=86_400, code=20422) or 14_400,
        send_digits=_send_digits(parameters),
        detection=_detection(parameters),
        recording=_recording(parameters),
    )
    sid = parameters.get("ApplicationSid")
    if sid is None:
        if plan.first is None:
            raise RestError(21205)
        return plan
    app = account.applications.get(sid)
    if app is None or not app.voice_url:
        raise RestError(21218, sid)
    return replace(
        plan,
        first=FetchStep(app.voice_url, app.voice_method),
        fallback_url=app.voice_fallback_url or None,
        fallback_method=app.voice_fallback_method,
        status_callback=app.status_callback or None,
        status_callback_method=app.status_callback_method,
    )


def first_step(parameters: Parameters) -> Step | None:
    """The document of a create or update: `Url`, else `Twiml`, else none."""
    url, twiml = parameters.url("Url", code=21205), parameters.get("Twiml")
    method = parameters.method("Method", code=21209)
    if twiml is not None and len(twiml) > MAX_INLINE_LENGTH:
        raise RestError(32018, str(len(twiml)))
    if url is not None:
        return FetchStep(url, method)
    return InlineStep(twiml) if twiml is not None else None


def _events(parameters: Parameters) -> frozenset[str]:
    events = parameters.all("StatusCallbackEvent")
    for event in events:
        if event not in EVENTS:
            raise RestError(21626, event)
    return frozenset(events) or frozenset({"completed"})


def _send_digits(parameters: Parameters) -> str:
    digits = parameters.get("SendDigits") or ""
    if digits and not re.fullmatch(r"[0-9A-D*#wW]{1,32}", digits):
        raise RestError(21206, digits)
    return digits


def _recording(parameters: Parameters) -> RecordingPlan | None:
    """The recording of the whole call, from its answer to its end."""
    channels = parameters.one_of("RecordingChannels", ("mono", "dual"), code=20422)
    events = frozenset(" ".join(parameters.all("RecordingStatusCallbackEvent")).split())
    if not events <= RECORDING_EVENTS:
        raise RestError(20422, f"RecordingStatusCallbackEvent={' '.join(sorted(events))}")
    plan = RecordingPlan(
        "OutboundAPI",
        channels=2 if channels == "dual" else 1,
        callback=parameters.url("RecordingStatusCallback", code=21609, longest=MAX_CALLBACK_URL_LENGTH),
        callback_method=parameters.method("RecordingStatusCallbackMethod", code=21209),
        events=events or frozenset({"completed"}),
    )
    return plan if parameters.boolean("Record", code=20422) else None


def _detection(parameters: Parameters) -> Detection | None:
    """Machine detection, which `SendDigits` disables. Twilio documents two ranges of its timeout; the narrower."""
    mode = parameters.one_of("MachineDetection", list(DetectionMode), code=21234)

    def seconds(name: str, minimum: int, maximum: int, default: float, unit: float) -> float:
        value = parameters.integer(name, minimum=minimum, maximum=maximum, code=21234)
        return default if value is None else value * unit

    detection = Detection(
        mode=DetectionMode(mode or "Enable"),
        timeout=seconds("MachineDetectionTimeout", 3, 59, 30.0, 1.0),
        speech_threshold=seconds("MachineDetectionSpeechThreshold", 1000, 6000, 2.4, 0.001),
        speech_end_threshold=seconds("MachineDetectionSpeechEndThreshold", 500, 5000, 1.2, 0.001),
        silence_timeout=seconds("MachineDetectionSilenceTimeout", 2000, 10_000, 5.0, 0.001),
        is_async=parameters.boolean("AsyncAmd", code=21234),
        callback=parameters.url("AsyncAmdStatusCallback", code=21609),
        callback_method=parameters.method("AsyncAmdStatusCallbackMethod", code=21209),
    )
    return None if mode is None or parameters.get("SendDigits") else detection


def change_plan(call: Call, parameters: Parameters) -> None:
    """Apply the parameters of an update, apart from the document."""
    plan = call.plan
    limit = parameters.integer("TimeLimit", minimum=1, maximum=86_400, code=20422)
    call.plan = replace(
        plan,
        fallback_url=parameters.url("FallbackUrl", code=21205) or plan.fallback_url,
        fallback_method=parameters.method("FallbackMethod", code=21209),
        status_callback=parameters.url("StatusCallback", code=21609, longest=MAX_CALLBACK_URL_LENGTH)
        or plan.status_callback,
        status_callback_method=parameters.method("StatusCallbackMethod", code=21209),
        time_limit=limit or plan.time_limit,
    )
    if limit is not None and call.answered is not None:
        call.end_times.append((call.answered + limit, EndReason.TIME_LIMIT))
        call.changed.fire()
