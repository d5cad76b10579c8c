"""Changes of a call's status, and their reports: to the phone, the event stream and the status callback."""

from __future__ import annotations

from ..core.events import CallStatusChanged, PhoneQuiet
from ..http.callbacks import Callback
from ..http.client import FetchCanceled, FetchFailed, WebhookContext
from ..http.signing import Product
from ..network.call import Call, CallStatus, Direction, EndReason, FetchStep
from ..network.exchange import Exchange
from ..network.voice_fields import call_fields, callback_fields
from .recording import finish_recording

SIP_CODES = {
    CallStatus.COMPLETED: 200,
    CallStatus.BUSY: 486,
    CallStatus.NO_ANSWER: 487,
    CallStatus.CANCELED: 487,
    CallStatus.FAILED: 404,
}


def change_status(exchange: Exchange, call: Call, status: CallStatus) -> None:
    call.status = status
    call.updated = exchange.now()
    exchange.stream.publish(CallStatusChanged(call.sid, call.phone_number, status.value, call.direction.value))


def report_progress(exchange: Exchange, call: Call, event: str, status: str) -> None:
    """Report a call progress event. `SequenceNumber` also counts the events that the call did not subscribe to."""
    fields = callback_fields(call, status, now=exchange.now(), recording=call.recording)
    call.sequence += 1
    plan = call.plan
    if plan.status_callback and event in plan.status_callback_events:
        callback = Callback(
            plan.status_callback, plan.status_callback_method, tuple(fields), status, final=event == "completed"
        )
        call.callback_queue.add(callback)


def mark_answered(exchange: Exchange, call: Call) -> None:
    call.answered = exchange.now()
    call.end_times.append((call.answered + call.plan.time_limit, EndReason.TIME_LIMIT))
    change_status(exchange, call, CallStatus.IN_PROGRESS)
    if call.direction is not Direction.INBOUND:
        report_progress(exchange, call, "answered", "in-progress")


def finish(exchange: Exchange, call: Call, status: CallStatus, *, sip: int | None = None, silent: bool = False) -> None:
    """End the call. `silent`: without a callback, for a call that never left the queue."""
    call.ended = exchange.now()
    call.sip_code = SIP_CODES[status] if sip is None else sip
    call.listening = False
    handset = exchange.handset(call.phone_number)
    if handset.call is call:
        handset.call = None
    change_status(exchange, call, status)
    if call.recording is not None:
        finish_recording(exchange, call, call.recording)
        call.recording = call.recording if call.recording.seconds else None
    if call.request_after_end is not None:
        exchange.clock.spawn(_request_after_end(exchange, call, call.request_after_end))
    if not silent:
        report_progress(exchange, call, "completed", status.value)
        call.callback_queue.flush()
        exchange.stream.publish(PhoneQuiet(call.phone_number, call.sid, "nothing: the call is over"))


async def _request_after_end(exchange: Exchange, call: Call, step: FetchStep) -> None:
    """Request the `action` of the verb in which the caller hung up. Its document is ignored."""
    context = WebhookContext(call.sid, Product.VOICE, call.context.jar)
    fields = (*call_fields(call), *step.fields)
    try:
        await exchange.webhooks.fetch(step.url, method=step.method, fields=fields, context=context, purpose="twiml")
    except FetchFailed as failure:
        exchange.debugger.record(failure.code, failure.detail, sid=call.sid, url=step.url)
    except FetchCanceled:
        return


def finish_ended(exchange: Exchange, call: Call, reason: EndReason) -> None:
    """End a call that a side or a limit ended."""
    if reason is EndReason.TIME_LIMIT:
        exchange.debugger.record(32015, f"{call.plan.time_limit} s", sid=call.sid)
    if reason is EndReason.TRIAL_LIMIT:
        exchange.debugger.record(13805, sid=call.sid)
    if call.answered is not None:
        finish(exchange, call, CallStatus.COMPLETED)
    else:
        finish(exchange, call, CallStatus.NO_ANSWER if reason is EndReason.PHONE else CallStatus.CANCELED)
