"""Changes of a call's status, and their reports: to the phone, the event stream and the status callback."""

from __future__ import annotations

from ..core.events import CallStatusChanged, PhoneQuiet
from ..http.callbacks import Callback
from ..network.call import Call, CallStatus, Direction, EndReason
from ..network.exchange import Exchange
from ..network.voice_fields import callback_fields

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
    fields = callback_fields(call, status, now=exchange.now())
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
    if call.direction is Direction.OUTBOUND_API:
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
    if not silent:
        report_progress(exchange, call, "completed", status.value)
        call.callback_queue.flush()
        exchange.stream.publish(PhoneQuiet(call.phone_number, call.sid, "nothing: the call is over"))
