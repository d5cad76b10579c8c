"""`<Dial>`: other phones ring, and the first to answer is connected with the caller.

| the dialed phone | `DialCallStatus` |
|---|---|
| answers | completed, when one of the two hangs up |
| is busy, or declines | busy |
| rings out | no-answer |
| cannot be reached, or the number or `callerId` is not valid | failed |
| the caller hangs up while it rings | canceled |
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..core.events import PhoneQuiet
from ..core.phone_numbers import is_e164, masked, validation_errors
from ..core.request_log import Pairs
from ..network.call import Call, CallEnded, CallPlan, CallStatus, Direction, EndReason, FetchStep
from ..network.exchange import Exchange
from ..twiml.parser import absolute
from ..twiml.verbs import Dial, DialedNumber
from .callee import limit_answered, ring, send_digits, sip_code
from .progress import finish, finish_ended, mark_answered, report_progress
from .registration import register_call

Whisper = Callable[[Call, FetchStep], Awaitable[bool]]
"""Runs the document of a `<Number>` on the dialed phone. Returns whether it hung up."""


class DialRun:
    """One execution of a `<Dial>` verb. `pick_up` answers the caller's own call; `base`: the document's URL."""

    def __init__(
        self, exchange: Exchange, call: Call, base: str | None, *, pick_up: Callable[[], None], whisper: Whisper
    ) -> None:
        self._exchange = exchange
        self._call = call
        self._base = base
        self._pick_up = pick_up
        self._whisper = whisper
        self._legs: list[Call] = []

    async def run(self, verb: Dial) -> Pairs | None:
        """Dial, and wait for the end. Returns the fields for `action`."""
        call = self._call
        self._legs = [leg for number in verb.numbers if (leg := self._dial(verb, number)) is not None]
        try:
            await call.until(lambda: self._connected() is not None or not self._is_live(), seconds=None)
            connected = self._connected()
            if connected is not None:
                await self._connect(verb, connected)
        finally:
            call.partner = None
            call.listening = call.quiet = False
            for leg in self._legs:
                leg.end_by(EndReason.REST)
        await call.until(lambda: not self._is_live(), seconds=None)
        return self._fields(connected)

    def fields_at_end(self) -> Pairs | None:
        """The fields for `action` after the caller hung up."""
        return self._fields(next((leg for leg in self._legs if leg.answered is not None), None), is_over=True)

    def _is_live(self) -> bool:
        return any(leg.is_live for leg in self._legs)

    def _connected(self) -> Call | None:
        return next((leg for leg in self._legs if leg.is_ready and leg.is_live), None)

    async def _connect(self, verb: Dial, leg: Call) -> None:
        """Let the two talk until one of them hangs up."""
        call = self._call
        self._pick_up()
        for other in self._legs:
            if other is not leg:
                other.end_by(EndReason.REST)
        call.partner, leg.partner = leg, call
        call.keys.clear()
        call.listening = verb.hangup_on_star
        for one in (call, leg):
            one.quiet = True
            self._exchange.stream.publish(PhoneQuiet(one.phone_number, one.sid, "the other phone"))
        await call.until(lambda: not leg.is_live or "*" in call.keys, seconds=verb.time_limit)

    def _dial(self, verb: Dial, number: DialedNumber) -> Call | None:
        """Call one number. None, with an error in the debugger, when it cannot be called."""
        call, exchange = self._call, self._exchange
        sender = verb.caller_id or call.from_
        code = None
        if not is_e164(number.number):
            code = 13223
        elif validation_errors(number.number):
            code = 13224
        elif sender not in (call.from_, call.to) and not exchange.account.may_call_from(sender):
            code = 13214
        if code is not None:
            about = sender if code == 13214 else number.number
            exchange.debugger.record(code, masked(about), sid=call.sid, url=self._base)
            return None
        if exchange.own_number(number.number) is not None:
            message = f"The simulator does not call {masked(number.number)} back into your application: a phone rings"
            exchange.debugger.notice(message, sid=call.sid, url=self._base)
        callback = absolute(number.status_callback, self._base) if number.status_callback else None
        plan = CallPlan(
            first=FetchStep(absolute(number.url, self._base), number.method.value) if number.url else None,
            status_callback=callback,
            status_callback_method=number.status_callback_method.value,
            status_callback_events=number.status_callback_events,
            timeout=verb.timeout,
            send_digits=number.send_digits,
        )
        leg = register_call(exchange, to=number.number, sender=sender, direction=Direction.OUTBOUND_DIAL, plan=plan)
        leg.parent_sid = call.sid
        exchange.clock.spawn(self._run_leg(leg))
        return leg

    async def _run_leg(self, leg: Call) -> None:
        exchange, call = self._exchange, self._call
        leg.started = exchange.now()
        report_progress(exchange, leg, "initiated", "initiated")
        handset = exchange.handset(leg.to)
        try:
            failure = await ring(exchange, leg, handset)
            if failure is not None:
                finish(exchange, leg, failure, sip=sip_code(exchange, leg, handset, failure))
                return
            mark_answered(exchange, leg)
            limit_answered(exchange, leg, handset)
            await send_digits(exchange, leg)
            if not isinstance(leg.plan.first, FetchStep) or not await self._whisper(leg, leg.plan.first):
                leg.is_ready = True
                call.changed.fire()
                await leg.until(lambda: False, seconds=None)
            finish(exchange, leg, CallStatus.COMPLETED)
        except CallEnded as ended:
            finish_ended(exchange, leg, ended.reason)
        finally:
            leg.partner = None
            call.changed.fire()

    def _fields(self, connected: Call | None, *, is_over: bool = False) -> Pairs:
        """`is_over`: the caller hung up, and the dialed phones are about to end."""
        leg = connected or (self._legs[-1] if self._legs else None)
        if leg is None:
            return (("DialCallStatus", CallStatus.FAILED.value), ("DialBridged", "false"))
        status = leg.status
        if is_over and leg.is_live:
            status = CallStatus.COMPLETED if leg.answered is not None else CallStatus.CANCELED
        fields = [("DialCallSid", leg.sid), ("DialCallStatus", status.value)]
        fields.append(("DialBridged", "true" if connected is not None else "false"))
        if connected is not None and leg.answered is not None:
            end = self._exchange.now() if leg.ended is None else leg.ended
            fields.append(("DialCallDuration", str(round(end - leg.answered))))
        return tuple(fields)
