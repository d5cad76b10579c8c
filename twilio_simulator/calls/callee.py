"""The called phone: its ringing and its reaction, and the tones that are sent once it is answered."""

from __future__ import annotations

from ..core.events import PhoneRings, PlayBegan
from ..network.call import Call, CalleeAction, CallStatus, EndReason, Playback
from ..network.exchange import Exchange
from ..network.handset import VOICEMAIL_SECONDS, Handset, OnCall
from .progress import change_status, report_progress
from .speaking import tone_seconds


async def ring(exchange: Exchange, call: Call, handset: Handset) -> CallStatus | None:
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


def sip_code(exchange: Exchange, call: Call, handset: Handset, status: CallStatus) -> int | None:
    """The SIP code of a call that was not answered; None for the usual one."""
    if handset.behaviour.sip_code is not None:
        return handset.behaviour.sip_code
    if exchange.carrier_down:
        return 503
    return 603 if status is CallStatus.BUSY and call.callee_action is CalleeAction.DECLINE else None


def limit_answered(exchange: Exchange, call: Call, handset: Handset) -> None:
    """Let an answered call end where the phone's behavior ends it."""
    behaviour = handset.behaviour
    if behaviour.drop_after is not None:
        call.end_times.append((exchange.now() + behaviour.drop_after, EndReason.DROPPED))
    if behaviour.on_call is OnCall.VOICEMAIL and call.callee_action is CalleeAction.ANSWER:
        call.end_times.append((exchange.now() + VOICEMAIL_SECONDS, EndReason.PHONE))


async def send_digits(exchange: Exchange, call: Call) -> None:
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
