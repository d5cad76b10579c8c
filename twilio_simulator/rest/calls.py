"""`Calls.json` and `Calls/{Sid}.json`: create, fetch, list, update and delete calls."""

from __future__ import annotations

from typing import Any

from ..calls.calling import place_call
from ..calls.registration import register_call
from ..core.account import AccountKind, AccountStatus
from ..core.errors import RestError
from ..core.formats import API_VERSION, rfc2822
from ..core.phone_numbers import CHANNEL, formatted, is_e164, masked, validation_errors
from ..core.wordlist import word_list, word_set
from ..engine import Twilio
from ..network.call import Call, CallStatus, Direction, EndReason, FetchStep
from . import magic_numbers
from .call_parameters import NOT_SIMULATED, change_plan, first_step, read_plan
from .endpoint import ApiResponse, RestContext
from .paging import page_of
from .parameters import Parameters

DELETABLE_AFTER = 60.0
"""A call can be deleted this many seconds after its end. Twilio only documents "very recent"."""

_KNOWN = word_set(
    """
    To From Url Method Twiml ApplicationSid FallbackUrl FallbackMethod StatusCallback StatusCallbackEvent
    StatusCallbackMethod Timeout TimeLimit SendDigits MachineDetection MachineDetectionTimeout
    MachineDetectionSpeechThreshold MachineDetectionSpeechEndThreshold MachineDetectionSilenceTimeout AsyncAmd
    AsyncAmdStatusCallback AsyncAmdStatusCallbackMethod CallReason CallToken CallerId Record RecordingChannels
    RecordingTrack RecordingStatusCallback RecordingStatusCallbackMethod RecordingStatusCallbackEvent
    RecordingConfigurationId Trim SipAuthUsername SipAuthPassword Byoc Passports ClientNotificationUrl
    """
)
_UPDATES = word_set("Status Url Method Twiml FallbackUrl FallbackMethod StatusCallback StatusCallbackMethod TimeLimit")
_SUBRESOURCES = word_list(
    """
    notifications recordings payments events siprec streams transcriptions user_defined_messages
    user_defined_message_subscriptions
    """
)


def create(request: RestContext) -> ApiResponse:
    """Check the request as Twilio does, then queue the call. With test credentials only the checks run."""
    twilio, parameters = request.twilio, request.parameters
    to, sender = _ends(request)
    plan = read_plan(twilio.account, parameters)
    _check_account(twilio, to, sender)
    for name in parameters.unknown(_KNOWN):
        twilio.debugger.record(20001, name)
    parameters.note_ineffective(NOT_SIMULATED, twilio.debugger.notice)
    if to in twilio.numbers:
        twilio.debugger.notice(f"The simulator does not call {masked(to)} back into your application: a phone rings")
    if request.is_test:
        call = register_call(twilio.exchange, to=to, sender=sender, direction=Direction.OUTBOUND_API, plan=plan)
        call.account_sid = request.path["account"]
        del twilio.calls[call.sid]
    else:
        call = place_call(twilio.exchange, to=to, sender=sender, plan=plan)
    if isinstance(plan.first, FetchStep) and parameters.get("Twiml"):
        twilio.debugger.record(32019, sid=call.sid, url=plan.first.url)
    return ApiResponse(call_body(call, twilio, is_new=True), 201, call.sid)


def fetch(request: RestContext) -> ApiResponse:
    call = _find(request)
    return ApiResponse(call_body(call, request.twilio), sid=call.sid)


def list_calls(request: RestContext) -> ApiResponse:
    parameters, twilio = request.parameters, request.twilio
    calls = [call for call in reversed(twilio.calls.values()) if _matches(call, parameters)]
    path = f"/{API_VERSION}/Accounts/{twilio.account.sid}/Calls.json"
    return ApiResponse(page_of(calls, parameters, name="calls", path=path, render=lambda call: call_body(call, twilio)))


def update(request: RestContext) -> ApiResponse:
    """Cancel the call, hang up, or replace its document."""
    call, parameters, twilio = _find(request), request.parameters, request.twilio
    for name in parameters.unknown(_UPDATES):
        twilio.debugger.record(20001, name, sid=call.sid)
    if not call.is_live:
        raise RestError(21220, call.status.value)
    status = parameters.one_of("Status", ("canceled", "completed"), code=20422)
    if parameters.get("Url") and parameters.get("Twiml"):
        raise RestError(20422, "Url and Twiml")
    step = first_step(parameters)
    change_plan(call, parameters)
    if status == "canceled" and call.status is CallStatus.IN_PROGRESS:
        twilio.debugger.notice("Status=canceled has no effect on a call in progress", sid=call.sid)
    elif status is not None:
        call.end_by(EndReason.REST)
    elif step is not None and call.status is not CallStatus.IN_PROGRESS:
        # Twilio does not document this for a call that has not been answered: the stricter reading.
        raise RestError(21220, call.status.value)
    elif step is not None:
        call.replace_document(step)
    return ApiResponse(call_body(call, twilio), sid=call.sid)


def delete(request: RestContext) -> ApiResponse:
    call = _find(request)
    if call.ended is None or request.twilio.clock.now() - call.ended < DELETABLE_AFTER:
        raise RestError(20009)
    del request.twilio.calls[call.sid]
    return ApiResponse(None, 204, call.sid)


def _find(request: RestContext) -> Call:
    sid = request.path["sid"]
    call = request.twilio.calls.get(sid)
    if call is None:
        raise RestError(20404, f"/{API_VERSION}/Accounts/{request.twilio.account.sid}/Calls/{sid}.json")
    return call


def _ends(request: RestContext) -> tuple[str, str]:
    """`To` and `From`, checked. The simulator has only phones: it says so for SIP addresses, clients and WhatsApp."""
    parameters = request.parameters
    to, sender = parameters.get("To"), parameters.get("From")
    if to is None:
        raise RestError(21201)
    if sender is None:
        raise RestError(21213)
    if not is_e164(sender) or validation_errors(sender):
        raise RestError(21212, masked(sender))
    magic_numbers.check_call(to=to, sender=sender, is_test=request.is_test)
    if CHANNEL.fullmatch(to):
        raise RestError(20422, f"To={to}: the simulator has only phones, no SIP addresses, clients or WhatsApp")
    if not is_e164(to) or to == sender:
        raise RestError(21211, masked(to))
    if validation_errors(to):
        raise RestError(21217, masked(to))
    if not request.is_test and not request.twilio.account.may_call_from(sender):
        raise RestError(21210, masked(sender))
    return to, sender


def _check_account(twilio: Twilio, to: str, sender: str) -> None:
    account = twilio.account
    if account.status is not AccountStatus.ACTIVE:
        raise RestError(10001)
    if account.concurrent_calls is not None:
        live = sum(1 for call in twilio.calls.values() if call.is_live)
        if live >= account.concurrent_calls:
            raise RestError(10004)
    if account.kind is not AccountKind.FULL and to not in account.caller_ids:
        raise RestError(21219 if account.kind is AccountKind.CLASSIC_TRIAL else 573005, masked(to))
    if account.kind is AccountKind.TRIAL and sender not in account.numbers:
        raise RestError(573002, masked(sender))


def _matches(call: Call, parameters: Parameters) -> bool:
    fields = (("To", call.to), ("From", call.from_), ("Status", call.status.value), ("ParentCallSid", call.parent_sid))
    if any(parameters.get(name) not in (None, value) for name, value in fields):
        return False
    return all(
        parameters.within(name, moment) for name, moment in (("StartTime", call.started), ("EndTime", call.ended))
    )


def call_body(call: Call, twilio: Twilio, *, is_new: bool = False) -> dict[str, Any]:
    """A call as JSON. Its dates are null in the response to the create request."""
    uri = f"/{API_VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}"
    own = twilio.numbers.get(call.own_number)
    seconds = call.seconds
    priced = seconds is not None and call.ended is not None and twilio.clock.now() - call.ended >= DELETABLE_AFTER
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "parent_call_sid": call.parent_sid,
        "phone_number_sid": own.sid if own else None,
        "group_sid": None,
        "trunk_sid": None,
        "to": call.to,
        "to_formatted": formatted(call.to),
        "from": call.from_,
        "from_formatted": formatted(call.from_),
        "status": call.status.value,
        "direction": call.direction.value,
        "start_time": rfc2822(call.started),
        "end_time": rfc2822(call.ended),
        "date_created": None if is_new else rfc2822(call.created),
        "date_updated": None if is_new else rfc2822(call.updated),
        "duration": None if seconds is None else str(seconds),
        "price": f"-{0.014 * (-(-seconds // 60)):.5f}" if priced and seconds is not None else None,
        "price_unit": "USD",
        "answered_by": call.answered_by,
        "queue_time": str(round(call.queue_seconds * 1000)),
        "forwarded_from": None,
        "caller_name": call.plan.caller_name,
        "stir_verstat": "TN-Validation-Passed-A" if call.direction is Direction.INBOUND else None,
        "annotation": None,
        "api_version": API_VERSION,
        "uri": f"{uri}.json",
        "subresource_uris": {
            name: f"{uri}/{''.join(word.capitalize() for word in name.split('_'))}.json" for name in _SUBRESOURCES
        },
    }
