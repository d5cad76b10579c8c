"""The course of a call: queue, ringing, answer, end, in both directions.

| outcome | events | SIP |
|---|---|---|
| answered | initiated, ringing, in-progress, completed | 200 |
| busy | initiated, ringing, busy | 486 |
| declined | initiated, ringing, busy | 603 |
| rings out | initiated, ringing, no-answer | 487 |
| unreachable | initiated, failed | 404 |
| canceled while it rings | initiated, ringing, canceled | 487 |
| canceled in the queue | none | |
"""

from __future__ import annotations

from ..core.account import AccountKind
from ..core.events import PhoneRings, PlayBegan
from ..core.request_log import Pairs
from ..http.client import FetchCanceled, FetchFailed
from ..network.call import Call, CalleeAction, CallEnded, CallStatus, EndReason, FetchStep, Playback
from ..network.detection import Detection
from ..network.exchange import Exchange
from ..network.handset import VOICEMAIL_SECONDS, Handset, OnCall
from ..network.voice_fields import call_fields
from ..twiml.verbs import RejectReason
from .interpreter import CallRejected, Interpreter
from .progress import change_status, finish, mark_answered, report_progress
from .speaking import Speaker, tone_seconds
from .webhook_response import plain_say

TRIAL_SECONDS = 600.0
TRIAL_KEY_TIMEOUT = 10.0
TRIAL_NOTICE = plain_say("You have a trial account. Press any key to continue.")
"""Twilio documents only that a key must be pressed; wording and time limit are the simulator's."""


async def run_outbound(exchange: Exchange, call: Call) -> None:
    """Run a call that was created over REST, from the queue to its end."""
    try:
        await call.sleep(call.queue_seconds)
    except CallEnded:
        finish(exchange, call, CallStatus.CANCELED, silent=True)
        return
    call.started = exchange.now()
    report_progress(exchange, call, "initiated", "initiated")
    handset = exchange.handset(call.to)
    try:
        failure = await _ring(exchange, call, handset)
        if failure is not None:
            finish(exchange, call, failure, sip=_sip(exchange, call, handset, failure))
            return
        await _run_answered(exchange, call, handset)
    except CallEnded as ended:
        _finish_ended(exchange, call, ended.reason)
    else:
        finish(exchange, call, CallStatus.COMPLETED)


async def run_inbound(exchange: Exchange, call: Call, first: FetchStep) -> None:
    """Run a call from a phone to one of the account's numbers. Its document decides whether it is answered."""
    call.started = exchange.now()
    handset = exchange.handset(call.from_)
    handset.call = call
    change_status(exchange, call, CallStatus.RINGING)
    interpreter = Interpreter(exchange, call, pick_up=lambda: mark_answered(exchange, call))
    try:
        await interpreter.run(first)
    except CallRejected as rejected:
        busy = rejected.reason is RejectReason.BUSY
        finish(exchange, call, CallStatus.BUSY if busy else CallStatus.NO_ANSWER)
    except CallEnded as ended:
        _finish_ended(exchange, call, ended.reason)
    else:
        finish(exchange, call, CallStatus.COMPLETED)


def _finish_ended(exchange: Exchange, call: Call, reason: EndReason) -> None:
    if reason is EndReason.TIME_LIMIT:
        exchange.debugger.record(32015, f"{call.plan.time_limit} s", sid=call.sid)
    if reason is EndReason.TRIAL_LIMIT:
        exchange.debugger.record(13805, sid=call.sid)
    if call.answered is not None:
        finish(exchange, call, CallStatus.COMPLETED)
    else:
        finish(exchange, call, CallStatus.NO_ANSWER if reason is EndReason.PHONE else CallStatus.CANCELED)


async def _ring(exchange: Exchange, call: Call, handset: Handset) -> CallStatus | None:
    """Ring the phone. Returns None when it is picked up, else the status that ends the call."""
    behaviour = handset.behaviour
    handset.calls.append(call)
    if behaviour.on_call is OnCall.FAILED or exchange.carrier_down:
        return CallStatus.FAILED
    change_status(exchange, call, CallStatus.RINGING)
    report_progress(exchange, call, "ringing", "ringing")
    if behaviour.on_call is OnCall.BUSY or handset.call is not None:
        return CallStatus.BUSY  # a phone takes one call at a time
    handset.call = call
    exchange.stream.publish(PhoneRings(handset.number, call.sid, call.from_))
    reacts = behaviour.on_call.picks_up or behaviour.on_call is OnCall.DECLINE
    if reacts and behaviour.after < call.plan.timeout:
        if not await call.until(lambda: call.callee_action is not None, seconds=behaviour.after):
            call.callee_action = CalleeAction.ANSWER if behaviour.on_call.picks_up else CalleeAction.DECLINE
    else:
        await call.until(lambda: call.callee_action is not None, seconds=call.plan.timeout)
    if call.callee_action is None:
        return CallStatus.NO_ANSWER
    return CallStatus.BUSY if call.callee_action is CalleeAction.DECLINE else None


def _sip(exchange: Exchange, call: Call, handset: Handset, status: CallStatus) -> int | None:
    if handset.behaviour.sip_code is not None:
        return handset.behaviour.sip_code
    if exchange.carrier_down:
        return 503
    return 603 if status is CallStatus.BUSY and call.callee_action is CalleeAction.DECLINE else None


async def _run_answered(exchange: Exchange, call: Call, handset: Handset) -> None:
    mark_answered(exchange, call)
    behaviour = handset.behaviour
    if behaviour.drop_after is not None:
        call.end_times.append((exchange.now() + behaviour.drop_after, EndReason.DROPPED))
    if behaviour.on_call is OnCall.VOICEMAIL and call.callee_action is CalleeAction.ANSWER:
        call.end_times.append((exchange.now() + VOICEMAIL_SECONDS, EndReason.PHONE))
    if exchange.account.kind is AccountKind.CLASSIC_TRIAL:
        call.end_times.append((exchange.now() + TRIAL_SECONDS, EndReason.TRIAL_LIMIT))
        if not await _play_trial_notice(exchange, call):
            return
    await _send_digits(exchange, call)
    extra: Pairs = ()
    detection = call.plan.detection
    if detection is not None and detection.is_async:
        exchange.clock.spawn(_detect_later(exchange, call, handset, detection))
    elif detection is not None:
        await _detect(call, handset, detection)
        extra = (("AnsweredBy", call.answered_by or ""), ("MachineDetectionDuration", str(call.detection_ms)))
    first = call.plan.first
    if isinstance(first, FetchStep):
        first = FetchStep(first.url, first.method, extra)
    if first is not None:
        await Interpreter(exchange, call, pick_up=lambda: None).run(first)


async def _play_trial_notice(exchange: Exchange, call: Call) -> bool:
    """Play the notice of a classic trial account. Returns whether a key was pressed; without one the call ends."""
    call.listening = True
    try:
        await Speaker(exchange, call).say(TRIAL_NOTICE, stop=lambda: bool(call.keys))
        call.quiet = not call.keys
        return await call.until(lambda: bool(call.keys), seconds=TRIAL_KEY_TIMEOUT)
    finally:
        call.keys.clear()
        call.listening = call.quiet = False


async def _send_digits(exchange: Exchange, call: Call) -> None:
    """Send the call's `SendDigits` before the document starts."""
    digits = call.plan.send_digits
    if not digits:
        return
    seconds = tone_seconds(digits)
    heard = Playback("keys", digits, "", "", seconds, exchange.now())
    call.heard.append(heard)
    exchange.stream.publish(PlayBegan(call.phone_number, call.sid, digits, seconds))
    await call.sleep(seconds)
    heard.end(exchange.now())


async def _detect(call: Call, handset: Handset, detection: Detection) -> None:
    answered_by, seconds = detection.result(handset.behaviour.on_call.callee_type)
    await call.sleep(seconds)
    call.answered_by = handset.behaviour.answered_by or answered_by
    call.detection_ms = round(seconds * 1000)


async def _detect_later(exchange: Exchange, call: Call, handset: Handset, detection: Detection) -> None:
    """Asynchronous detection: the document already runs, and the result goes to a callback of its own."""
    answered_by, seconds = detection.result(handset.behaviour.on_call.callee_type)
    due = exchange.now() + seconds
    while call.is_live and not exchange.clock.reached(due):
        await exchange.clock.wait(due - exchange.now(), signal=call.changed)
    if not call.is_live:
        return
    call.answered_by = handset.behaviour.answered_by or answered_by
    call.detection_ms = round(seconds * 1000)
    if detection.callback is None:
        return
    names = ("CallSid", "AccountSid")
    fields = [field for field in call_fields(call) if field[0] in names]
    fields += [("AnsweredBy", call.answered_by), ("MachineDetectionDuration", str(call.detection_ms))]
    try:
        await exchange.webhooks.fetch(
            detection.callback,
            method=detection.callback_method,
            fields=tuple(fields),
            context=call.context,
            purpose="amd-callback",
        )
    except FetchFailed as failure:
        exchange.debugger.record(failure.code, failure.detail, sid=call.sid, url=detection.callback)
    except FetchCanceled:
        return
