"""Starting calls: queueing them at the account's calls per second, and spawning their tasks."""

from __future__ import annotations

from dataclasses import replace

from ..core.account import IncomingPhoneNumber
from ..core.events import CallStatusChanged
from ..network.call import Call, CallPlan, CallStatus, Direction, FetchStep
from ..network.exchange import Exchange
from ..network.voice_fields import new_call_token
from .progress import finish
from .registration import register_call
from .ringing import run_inbound, run_outbound


def place_call(exchange: Exchange, *, to: str, sender: str, plan: CallPlan) -> Call:
    """Queue an outbound call. It is dialed at the account's calls per second."""
    call = register_call(exchange, to=to, sender=sender, direction=Direction.OUTBOUND_API, plan=plan)
    rate, now = exchange.account.calls_per_second, exchange.now()
    if rate is not None:
        turn = max(now, exchange.next_call_at)
        exchange.next_call_at = turn + 1 / rate
        call.queue_seconds = turn - now
    exchange.stream.publish(CallStatusChanged(call.sid, to, CallStatus.QUEUED.value, call.direction.value))
    exchange.clock.spawn(run_outbound(exchange, call))
    return call


def receive_call(exchange: Exchange, number: IncomingPhoneNumber, *, caller: str) -> Call:
    """Start an inbound call from a phone. Without a voice URL it fails at once and reports nothing, as at Twilio."""
    account = exchange.account
    app = account.applications.get(number.voice_application_sid)
    url, method = (app.voice_url, app.voice_method) if app else (number.voice_url, number.voice_method)
    source = app or number
    plan = CallPlan(
        first=FetchStep(url, method),
        fallback_url=source.voice_fallback_url or None,
        fallback_method=source.voice_fallback_method,
        status_callback=source.status_callback or None,
        status_callback_method=source.status_callback_method,
        caller_name="SIMULATED CALLER" if number.voice_caller_id_lookup else None,
    )
    call = register_call(exchange, to=number.phone_number, sender=caller, direction=Direction.INBOUND, plan=plan)
    call.token = new_call_token()
    exchange.handset(caller).calls.append(call)
    if not url:
        call.plan = replace(plan, status_callback=None)
        finish(exchange, call, CallStatus.FAILED)
        return call
    exchange.clock.spawn(run_inbound(exchange, call, FetchStep(url, method)))
    return call
