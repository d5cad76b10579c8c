"""`Messages.json`, `Messages/{Sid}.json` and `…/Feedback.json`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from ..core.errors import RestError
from ..core.formats import API_VERSION, rfc2822
from ..core.phone_numbers import masked
from ..core.wordlist import word_set
from ..messages.texting import change_status, deliver, register_message
from ..network.encoding import measure
from ..network.message import MAX_VALIDITY_SECONDS, Message, MessageDirection, MessageStatus, media_type_of
from .endpoint import ApiResponse, RestContext
from .message_parameters import MessageDraft, read_draft, read_send_at
from .paging import page_of

INTENTS = word_set(
    """
    otp notifications marketing fraud security customercare delivery education polling announcements events
    """
)
_KNOWN = word_set(
    """
    To From MessagingServiceSid Body MediaUrl StatusCallback ApplicationSid ValidityPeriod SmartEncoded
    ProvideFeedback RiskCheck MessageIntent ForceDelivery Attempt ContentRetention AddressRetention ScheduleType
    SendAt ShortenUrls SendAsMms ContentSid ContentVariables PersistentAction FallbackFrom TrafficType MaxPrice
    """
)
NOT_SIMULATED = word_set(
    """
    ShortenUrls SendAsMms PersistentAction FallbackFrom ContentRetention AddressRetention TrafficType
    Attempt
    """
)
"""Parameters of Twilio that have no effect in the simulator. Each is noted in the debugger."""
_ERROR_MESSAGES = {
    21610: "Attempt to send to unsubscribed recipient",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Carrier violation",
    30008: "Unknown error",
    30034: "Message from an unregistered number",
    30036: "Validity Period expired",
    30450: "Message delivery blocked",
    63016: "Outside the allowed window",
    63024: "Invalid message recipient",
}


def create(request: RestContext) -> ApiResponse:
    """Check the request as Twilio does, then queue the text. With test credentials only the checks run."""
    twilio = request.twilio
    draft = read_draft(request)
    message = _register(request, draft)
    if request.is_test:
        message.account_sid = request.path["account"]
        del twilio.messages[message.sid]
    else:
        twilio.clock.spawn(deliver(twilio.exchange, message, draft.service))
    return ApiResponse(message_body(message), 201, message.sid)


def _register(request: RestContext, draft: MessageDraft) -> Message:
    """Check the remaining parameters and register the message."""
    twilio, parameters = request.twilio, request.parameters
    validity = parameters.integer("ValidityPeriod", minimum=1, maximum=MAX_VALIDITY_SECONDS, code=21624)
    callback = parameters.url("StatusCallback", code=21609, longest=4000)
    if callback is None and (app := twilio.account.applications.get(parameters.get("ApplicationSid") or "")):
        callback = app.message_status_callback or None
    parameters.one_of("MessageIntent", INTENTS, code=20422)
    parameters.one_of("RiskCheck", ("enable", "disable"), code=20422)
    parameters.boolean("SmartEncoded", code=20422)
    send_at = read_send_at(request, draft)
    for name in parameters.unknown(_KNOWN):
        twilio.debugger.record(20001, name)
    parameters.note_ineffective(NOT_SIMULATED, twilio.debugger.notice)
    if draft.to in twilio.numbers:
        twilio.debugger.notice(f"The simulator does not text {masked(draft.to)} back into your application")
    message = register_message(
        twilio.exchange,
        to=draft.to,
        sender=draft.sender,
        body=draft.body,
        direction=MessageDirection.OUTBOUND_API,
        status=_first_status(draft, send_at),
        service=draft.service,
        media=draft.media,
        status_callback=callback,
        validity=validity or MAX_VALIDITY_SECONDS,
    )
    message.provide_feedback = parameters.boolean("ProvideFeedback", code=20422)
    message.send_at, message.template = send_at, draft.template
    return message


def fetch(request: RestContext) -> ApiResponse:
    message = _find(request)
    return ApiResponse(message_body(message), sid=message.sid)


def list_messages(request: RestContext) -> ApiResponse:
    parameters, twilio = request.parameters, request.twilio
    matching = [
        message
        for message in reversed(twilio.messages.values())
        if parameters.get("To") in (None, message.to)
        and parameters.get("From") in (None, message.from_)
        and parameters.within("DateSent", message.sent)
    ]
    path = f"/{API_VERSION}/Accounts/{twilio.account.sid}/Messages.json"
    return ApiResponse(page_of(matching, parameters, name="messages", path=path, render=message_body))


def update(request: RestContext) -> ApiResponse:
    """Redact the body (`Body=`, empty), or cancel a scheduled message."""
    message, parameters = _find(request), request.parameters
    status = parameters.one_of("Status", ("canceled",), code=20422)
    if status is not None:
        if message.status is not MessageStatus.SCHEDULED:
            raise RestError(30409, message.status.value)
        change_status(request.twilio.exchange, message, MessageStatus.CANCELED)
    body = parameters.raw("Body")
    if body:
        raise RestError(20422, "Body can only be emptied")
    if body == "":
        if not message.status.is_final and message.status is not MessageStatus.SENT:
            raise RestError(20009)
        message.body = ""
    return ApiResponse(message_body(message), sid=message.sid)


def delete(request: RestContext) -> ApiResponse:
    message = _find(request)
    if not message.status.is_final and message.status is not MessageStatus.SENT:
        raise RestError(20009)
    del request.twilio.messages[message.sid]
    return ApiResponse(None, 204, message.sid)


def feedback(request: RestContext) -> ApiResponse:
    """`Outcome=confirmed`: the recipient used the text. Needs `ProvideFeedback` at creation."""
    message = _find(request)
    outcome = request.parameters.one_of("Outcome", ("confirmed", "unconfirmed"), code=20422) or "confirmed"
    if not message.provide_feedback:
        raise RestError(20404, f"Messages/{message.sid}/Feedback.json")
    now = request.twilio.clock.now()
    message.feedback = outcome
    body = {
        "account_sid": message.account_sid,
        "message_sid": message.sid,
        "outcome": outcome,
        "date_created": rfc2822(now),
        "date_updated": rfc2822(now),
        "uri": f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}/Feedback.json",
    }
    return ApiResponse(body, sid=message.sid)


@dataclass(frozen=True, slots=True)
class _Media:
    sid: str
    url: str


def _media_of(message: Message) -> list[_Media]:
    """Derives each sid from the message's, so that sids are stable between requests."""
    return [
        _Media("ME" + hashlib.sha256(f"{message.sid} {index}".encode()).hexdigest()[:32], url)
        for index, url in enumerate(message.media)
    ]


def list_media(request: RestContext) -> ApiResponse:
    message = _find(request)
    path = f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}/Media.json"
    page = page_of(
        _media_of(message),
        request.parameters,
        name="media_list",
        path=path,
        render=lambda media: _media_body(message, media),
    )
    return ApiResponse(page)


def fetch_media(request: RestContext) -> ApiResponse:
    message, sid = _find(request), request.path["media"]
    media = next((media for media in _media_of(message) if media.sid == sid), None)
    if media is None:
        raise RestError(20404, f"Messages/{message.sid}/Media/{sid}.json")
    return ApiResponse(_media_body(message, media), sid=sid)


def _media_body(message: Message, media: _Media) -> dict[str, Any]:
    return {
        "sid": media.sid,
        "account_sid": message.account_sid,
        "parent_sid": message.sid,
        "content_type": media_type_of(media.url),
        "date_created": rfc2822(message.created),
        "date_updated": rfc2822(message.created),
        "uri": f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}/Media/{media.sid}.json",
    }


def _find(request: RestContext) -> Message:
    sid = request.path["sid"]
    message = request.twilio.messages.get(sid)
    if message is None:
        raise RestError(20404, f"/{API_VERSION}/Accounts/{request.twilio.account.sid}/Messages/{sid}.json")
    return message


def _first_status(draft: MessageDraft, send_at: float | None) -> MessageStatus:
    if send_at is not None:
        return MessageStatus.SCHEDULED
    return MessageStatus.QUEUED if draft.service is None else MessageStatus.ACCEPTED


def message_body(message: Message) -> dict[str, Any]:
    uri = f"/{API_VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}"
    subresources = {"media": f"{uri}/Media.json"}
    if message.feedback is not None:
        subresources["feedback"] = f"{uri}/Feedback.json"
    code = message.error_code
    sent = message.sent is not None
    return {
        "sid": message.sid,
        "account_sid": message.account_sid,
        "messaging_service_sid": message.service_sid,
        "to": message.to,
        "from": message.from_,
        "body": message.body,
        "status": message.status.value,
        "direction": message.direction.value,
        "num_segments": str(message.segments),
        "num_media": str(len(message.media)),
        "date_created": rfc2822(message.created),
        "date_sent": rfc2822(message.sent),
        "date_updated": rfc2822(message.updated),
        "price": f"-{0.0079 * measure(message.body).segments:.5f}" if sent else None,
        "price_unit": "USD",
        "error_code": code,
        "error_message": None if code is None else _ERROR_MESSAGES.get(code, f"Error {code}"),
        "api_version": API_VERSION,
        "uri": f"{uri}.json",
        "subresource_uris": subresources,
    }
