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
from ..core.request_log import Pairs
from ..http.client import FetchCanceled, FetchFailed
from ..network.call import Call, CallEnded, CallStatus, EndReason, FetchStep
from ..network.detection import Detection
from ..network.exchange import Exchange
from ..network.handset import Handset
from ..network.voice_fields import call_fields
from ..twiml.verbs import RejectReason
from .callee import limit_answered, ring, send_digits, sip_code
from .interpreter import CallRejected, Interpreter
from .progress import change_status, finish, finish_ended, mark_answered, report_progress
from .recording import start_recording
from .speaking import Speaker
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
        failure = await ring(exchange, call, handset)
        if failure is not None:
            finish(exchange, call, failure, sip=sip_code(exchange, call, handset, failure))
            return
        await _run_answered(exchange, call, handset)
    except CallEnded as ended:
        finish_ended(exchange, call, ended.reason)
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
        finish_ended(exchange, call, ended.reason)
    else:
        finish(exchange, call, CallStatus.COMPLETED)


async def _run_answered(exchange: Exchange, call: Call, handset: Handset) -> None:
    mark_answered(exchange, call)
    if call.plan.recording is not None:
        call.recording = start_recording(exchange, call, call.plan.recording)
    limit_answered(exchange, call, handset)
    if exchange.account.kind is AccountKind.CLASSIC_TRIAL:
        call.end_times.append((exchange.now() + TRIAL_SECONDS, EndReason.TRIAL_LIMIT))
        if not await _play_trial_notice(exchange, call):
            return
    await send_digits(exchange, call)
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
