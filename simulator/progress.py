"""How a call moves from one status to the next, and who is told: the phone, the event stream, the status callbacks."""

from __future__ import annotations

from simulator.call import Call, CallStatus, Direction, Ending
from simulator.callbacks import Callback
from simulator.events import CallStatusChanged, PhoneQuiet
from simulator.exchange import Exchange
from simulator.voice_fields import callback_fields

SIP = {
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


def report(exchange: Exchange, call: Call, event: str, status: str) -> None:
    """Fire a call progress event. Unsubscribed events count in `SequenceNumber` too, but nothing is sent for them."""
    fields = callback_fields(call, status, now=exchange.now())
    call.sequence += 1
    plan = call.plan
    if plan.status_callback and event in plan.status_callback_events:
        callback = Callback(
            plan.status_callback, plan.status_callback_method, tuple(fields), status, final=event == "completed"
        )
        call.row.add(callback)


def begin_talk(exchange: Exchange, call: Call) -> None:
    """The call is picked up, by whichever side was called."""
    call.answered = exchange.now()
    call.end_times.append((call.answered + call.plan.time_limit, Ending.TIME_LIMIT))
    change_status(exchange, call, CallStatus.IN_PROGRESS)
    if call.direction is Direction.OUTBOUND_API:
        report(exchange, call, "answered", "in-progress")


def finish(exchange: Exchange, call: Call, status: CallStatus, *, sip: int | None = None, silent: bool = False) -> None:
    """The call is over. `silent`: it never left the queue, so nobody is told."""
    call.ended = exchange.now()
    call.sip_code = SIP[status] if sip is None else sip
    call.listening = False
    handset = exchange.handset(call.phone_number)
    if handset.call is call:
        handset.call = None
    change_status(exchange, call, status)
    if not silent:
        report(exchange, call, "completed", status.value)
        call.row.flush()
        exchange.stream.publish(PhoneQuiet(call.phone_number, call.sid, "nothing: the call is over"))
