"""The form fields of voice webhooks and call status callbacks."""

from __future__ import annotations

import math
import secrets

from ..core.formats import API_VERSION, rfc2822
from .call import Call, Direction
from .exchange import location_fields
from .recording import Recording


def call_fields(call: Call, status: str | None = None) -> list[tuple[str, str]]:
    """The fields of every request about a call. `status` overrides the call's own, for callbacks."""
    fields = [
        ("CallSid", call.sid),
        ("AccountSid", call.account_sid),
        ("ApiVersion", API_VERSION),
        ("From", call.from_),
        ("To", call.to),
        ("Caller", call.from_),
        ("Called", call.to),
        ("CallStatus", status or call.status.value),
        ("Direction", call.direction.value),
        *location_fields(call.from_, "From"),
        *location_fields(call.to, "To"),
        *location_fields(call.from_, "Caller"),
        *location_fields(call.to, "Called"),
    ]
    if call.parent_sid is not None:
        fields.append(("ParentCallSid", call.parent_sid))
    if call.direction is Direction.INBOUND:
        fields.append(("CallToken", call.token))
        fields.append(("StirVerstat", "TN-Validation-Passed-A"))
        if call.plan.caller_name is not None:
            fields.append(("CallerName", call.plan.caller_name))
    return fields


def callback_fields(
    call: Call, status: str, *, now: float, recording: Recording | None = None
) -> list[tuple[str, str]]:
    """The fields of one status callback. The caller counts `SequenceNumber`. `recording`: of the whole call."""
    fields = [
        *call_fields(call, status),
        ("Timestamp", rfc2822(now) or ""),
        ("SequenceNumber", str(call.sequence)),
        ("CallbackSource", "call-progress-events"),
    ]
    if call.answered_by is not None:
        fields.append(("AnsweredBy", call.answered_by))
    if status in ("ringing", "in-progress"):
        fields.append(("StirStatus", "A"))
    if call.status.is_final and status == call.status.value:
        seconds = call.seconds or 0
        fields.append(("CallDuration", str(seconds)))
        fields.append(("Duration", str(math.ceil(seconds / 60))))
        fields.append(("SipResponseCode", str(call.sip_code or 200)))
        if recording is not None:
            fields += recording.fields()
    return fields


def new_call_token() -> str:
    """The opaque `CallToken` of an inbound call."""
    return secrets.token_urlsafe(180)
