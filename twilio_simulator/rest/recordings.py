"""`Recordings.json`, `Recordings/{Sid}.json` and the WAV file of a recording."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..core.errors import RestError
from ..core.formats import API_VERSION, rfc2822
from ..engine import Twilio
from ..network.recording import Recording
from .endpoint import ApiResponse, RestContext
from .paging import page_of


def list_recordings(request: RestContext) -> ApiResponse:
    """All recordings, or those of one call."""
    call_sid, sid = request.path.get("sid"), request.twilio.account.sid
    if call_sid is not None and call_sid not in request.twilio.calls:
        raise RestError(20404, f"Calls/{call_sid}/Recordings.json")
    wanted = call_sid or request.parameters.get("CallSid")
    matching = [
        recording
        for recording in reversed(request.twilio.exchange.recordings.values())
        if wanted in (None, recording.call_sid) and request.parameters.within("DateCreated", recording.started)
    ]
    middle = f"Calls/{call_sid}/" if call_sid else ""
    path = f"/{API_VERSION}/Accounts/{sid}/{middle}Recordings.json"
    return ApiResponse(page_of(matching, request.parameters, name="recordings", path=path, render=recording_body))


def fetch(request: RestContext) -> ApiResponse:
    recording = _find_in(request)
    return ApiResponse(recording_body(recording), sid=recording.sid)


def delete(request: RestContext) -> ApiResponse:
    recording = _find_in(request)
    if recording.seconds is None:
        raise RestError(20009)
    del request.twilio.exchange.recordings[recording.sid]
    return ApiResponse(None, 204, recording.sid)


async def send_sound(request: Request) -> Response:
    """The WAV file. As at Twilio, the address is enough: it needs no credentials."""
    try:
        recording = _find(request.app.state.twilio, request.path_params["recording"])
    except RestError as error:
        return JSONResponse(error.body(), error.status)
    return Response(recording.sound(), media_type="audio/x-wav")


def _find_in(request: RestContext) -> Recording:
    recording = _find(request.twilio, request.path["recording"])
    if request.path.get("sid", recording.call_sid) != recording.call_sid:
        raise RestError(20404, f"Recordings/{recording.sid}")
    return recording


def _find(twilio: Twilio, sid: str) -> Recording:
    recording = twilio.exchange.recordings.get(sid)
    if recording is None:
        raise RestError(20404, f"Recordings/{sid}")
    return recording


def recording_body(recording: Recording) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{recording.account_sid}/Recordings/{recording.sid}"
    seconds = recording.seconds
    return {
        "sid": recording.sid,
        "account_sid": recording.account_sid,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "status": "processing" if seconds is None else "completed",
        "source": recording.plan.source,
        "channels": recording.plan.channels,
        "duration": None if seconds is None else str(seconds),
        "start_time": rfc2822(recording.started),
        "date_created": rfc2822(recording.started),
        "date_updated": rfc2822(recording.started),
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "encryption_details": None,
        "api_version": API_VERSION,
        "media_url": recording.url,
        "uri": f"{uri}.json",
    }
