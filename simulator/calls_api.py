"""`Calls.json` and `Calls/{Sid}.json`: create, fetch, list, update, delete, and a call's notifications (facts,
section 2)."""

from __future__ import annotations

from typing import Any

from simulator import magic
from simulator.account import Kind, Status
from simulator.call import Call, CallStatus, Direction, Ending, FetchStep
from simulator.call_parameters import change_plan, first_step, read_plan
from simulator.calling import make_call, place_call
from simulator.errors import Refusal
from simulator.numbering import faults_of, formatted, is_e164, masked
from simulator.paging import page_of
from simulator.parameters import Parameters
from simulator.rest import Asked, Reply
from simulator.texting import rfc2822
from simulator.twilio import Twilio
from simulator.voice_fields import API_VERSION
from simulator.wordlist import word_list, word_set

DELETABLE_AFTER = 60.0
"""Seconds after its end at which a call may be deleted; Twilio only says "very recent"."""

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


def create(asked: Asked) -> Reply:
    """Check everything as Twilio does, then put the call into the queue. Test credentials stop after the checks."""
    twilio, parameters = asked.twilio, asked.parameters
    to, sender = _ends(asked)
    plan = read_plan(twilio.account, parameters)
    _check_account(twilio, to, sender)
    for name in parameters.unknown(_KNOWN):
        twilio.debugger.record(20001, name)
    if asked.is_test:
        call = make_call(twilio.exchange, to=to, sender=sender, direction=Direction.OUTBOUND_API, plan=plan)
        call.account_sid = asked.path["account"]
        del twilio.calls[call.sid]
    else:
        call = place_call(twilio.exchange, to=to, sender=sender, plan=plan)
    if isinstance(plan.first, FetchStep) and parameters.get("Twiml"):
        twilio.debugger.record(32019, sid=call.sid, url=plan.first.url)
    return Reply(call_body(call, twilio, fresh=True), 201, call.sid)


def fetch(asked: Asked) -> Reply:
    call = _find(asked)
    return Reply(call_body(call, asked.twilio), sid=call.sid)


def listing(asked: Asked) -> Reply:
    parameters, twilio = asked.parameters, asked.twilio
    calls = [call for call in reversed(twilio.calls.values()) if _matches(call, parameters)]
    path = f"/{API_VERSION}/Accounts/{twilio.account.sid}/Calls.json"
    return Reply(page_of(calls, parameters, name="calls", path=path, render=lambda call: call_body(call, twilio)))


def update(asked: Asked) -> Reply:
    """Cancel, hang up, or run another document in the middle of the call."""
    call, parameters, twilio = _find(asked), asked.parameters, asked.twilio
    for name in parameters.unknown(_UPDATES):
        twilio.debugger.record(20001, name, sid=call.sid)
    if not call.is_live:
        raise Refusal(21220, call.status.value)
    status = parameters.one_of("Status", ("canceled", "completed"), code=20422)
    if parameters.get("Url") and parameters.get("Twiml"):
        raise Refusal(20422, "Url and Twiml")
    step = first_step(parameters)
    change_plan(call, parameters)
    if status == "canceled" and call.status is CallStatus.IN_PROGRESS:
        twilio.debugger.notice("Status=canceled has no effect on a call in progress", sid=call.sid)
    elif status is not None:
        call.end_by(Ending.REST)
    elif step is not None and call.status is not CallStatus.IN_PROGRESS:
        # Twilio is silent about a call that has not been answered: refused, to be on the strict side.
        raise Refusal(21220, call.status.value)
    elif step is not None:
        call.replace_document(step)
    return Reply(call_body(call, twilio), sid=call.sid)


def delete(asked: Asked) -> Reply:
    call = _find(asked)
    if call.ended is None or asked.twilio.clock.now() - call.ended < DELETABLE_AFTER:
        raise Refusal(20009)
    del asked.twilio.calls[call.sid]
    return Reply(None, 204, call.sid)


def _find(asked: Asked) -> Call:
    sid = asked.path["sid"]
    call = asked.twilio.calls.get(sid)
    if call is None:
        raise Refusal(20404, f"/{API_VERSION}/Accounts/{asked.twilio.account.sid}/Calls/{sid}.json")
    return call


def _ends(asked: Asked) -> tuple[str, str]:
    """`To` and `From`, checked. SIP addresses and clients are refused: the simulator has telephones only."""
    parameters = asked.parameters
    to, sender = parameters.get("To"), parameters.get("From")
    if to is None:
        raise Refusal(21201)
    if sender is None:
        raise Refusal(21213)
    if not is_e164(sender) or faults_of(sender):
        raise Refusal(21212, masked(sender))
    magic.check_call(to=to, sender=sender, is_test=asked.is_test)
    if not is_e164(to) or to == sender:
        raise Refusal(21211, masked(to))
    if faults_of(to):
        raise Refusal(21217, masked(to))
    if not asked.is_test and not asked.twilio.account.may_call_from(sender):
        raise Refusal(21210, masked(sender))
    return to, sender


def _check_account(twilio: Twilio, to: str, sender: str) -> None:
    account = twilio.account
    if account.status is not Status.ACTIVE:
        raise Refusal(10001)
    if account.concurrent_calls is not None:
        live = sum(1 for call in twilio.calls.values() if call.is_live)
        if live >= account.concurrent_calls:
            raise Refusal(10004)
    if account.kind is not Kind.FULL and to not in account.caller_ids:
        raise Refusal(21219 if account.kind is Kind.CLASSIC_TRIAL else 573005, masked(to))
    if account.kind is Kind.TRIAL and sender not in account.numbers:
        raise Refusal(573002, masked(sender))


def _matches(call: Call, parameters: Parameters) -> bool:
    wanted = (("To", call.to), ("From", call.from_), ("Status", call.status.value), ("ParentCallSid", None))
    if any(parameters.get(name) not in (None, value) for name, value in wanted):
        return False
    return all(
        parameters.within(name, moment) for name, moment in (("StartTime", call.started), ("EndTime", call.ended))
    )


def call_body(call: Call, twilio: Twilio, *, fresh: bool = False) -> dict[str, Any]:
    """The JSON of a call. In the answer to the creation the dates are null."""
    uri = f"/{API_VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}"
    own = twilio.numbers.get(call.own_number)
    seconds = call.seconds
    priced = seconds is not None and call.ended is not None and twilio.clock.now() - call.ended >= DELETABLE_AFTER
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "parent_call_sid": None,
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
        "date_created": None if fresh else rfc2822(call.created),
        "date_updated": None if fresh else rfc2822(call.updated),
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
