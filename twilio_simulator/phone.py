"""A phone as its user operates it, from a test or from the page.

With a manual clock every action returns when everything it caused has finished. With a real clock, `answer` and `call`
return when the first document runs, and `listen` returns when the phone is quiet.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace

from .calls.calling import receive_call
from .core.clock import DAY
from .core.events import KeyPressed, SayBegan
from .core.phone_numbers import WHATSAPP
from .messages.conversation import receive_message
from .network.call import Call, CalleeAction, CallStatus, EndReason, Playback
from .network.exchange import Exchange
from .network.handset import Behaviour, Handset, ReceivedText
from .network.message import Message

KEY_INTERVAL = 0.2
"""Seconds between two keys in real time."""
MAX_DETECTION_SECONDS = 120.0
"""Longest time from the answer to the first document; machine detection comes between them."""


class PhoneError(Exception):
    """The phone is not in the state that an action needs, or the number does not belong to the account."""


class Phone:
    def __init__(self, exchange: Exchange, handset: Handset) -> None:
        self._exchange = exchange
        self.handset = handset

    @property
    def number(self) -> str:
        return self.handset.number

    @property
    def current_call(self) -> Call | None:
        """The call that is ringing or in progress."""
        return self.handset.call

    @property
    def has_queued_call(self) -> bool:
        """Whether a call to this phone is in Twilio's queue."""
        calls = self._exchange.calls.values()
        return any(call.to == self.number and call.status is CallStatus.QUEUED for call in calls)

    @property
    def calls(self) -> list[Call]:
        """All calls to and from this phone, oldest first, including those that never rang."""
        return self.handset.calls

    @property
    def heard(self) -> list[Playback]:
        """What the phone played in the current call, or else in the last one."""
        call = self.handset.call or (self.handset.calls[-1] if self.handset.calls else None)
        return call.heard if call else []

    @property
    def transcript(self) -> str:
        """Everything said in that call, as one text."""
        return " ".join(heard.spoken if heard.cut_off else heard.text for heard in self.heard if heard.kind == "say")

    @property
    def texts(self) -> list[ReceivedText]:
        return self.handset.texts

    def set_behaviour(self, behaviour: Behaviour | None = None, **changes: object) -> None:
        """Change how the phone reacts to calls and texts: a whole `Behaviour`, or some of its fields."""
        self.handset.behaviour = replace(behaviour or self.handset.behaviour, **changes)  # type: ignore[arg-type]  # the dataclass checks names

    async def answer(self) -> Call:
        """Pick up, after waiting for a call that is still queued. Returns when the first document runs."""
        clock = self._exchange.clock
        await clock.settle()
        if self.handset.call is None and self.has_queued_call:
            await clock.run_until(lambda: self.handset.call is not None)
        call = self._ringing_call()
        call.callee_action = CalleeAction.ANSWER
        call.changed.fire()
        await self._wait_for_first_document(call)
        return call

    async def decline(self) -> Call:
        call = self._ringing_call()
        call.callee_action = CalleeAction.DECLINE
        call.changed.fire()
        await self._wait_until_ended(call)
        return call

    async def hang_up(self) -> Call:
        """End the call in progress, or an outgoing call that is still ringing."""
        call = self._live_call()
        if call.status is CallStatus.RINGING and call.to == self.number:
            raise PhoneError(f"{self.number} is ringing: answer or decline")
        call.end_by(EndReason.PHONE)
        await self._wait_until_ended(call)
        return call

    async def press(self, keys: str) -> None:
        """Press keys one after the other. A key that no `<Gather>` waits for is lost, as on a real call."""
        if not re.fullmatch(r"[0-9*#A-D]+", keys):
            raise ValueError(f"not telephone keys: {keys!r}")
        clock = self._exchange.clock
        call = self._answered_call()
        for index, key in enumerate(keys):
            if index:
                await asyncio.sleep(clock.real_seconds(KEY_INTERVAL) or 0)
            if not call.is_live:
                raise PhoneError(f"the call ended before key {index + 1} of {keys!r}")
            is_gathered = call.listening
            self._exchange.stream.publish(KeyPressed(self.number, call.sid, key, is_gathered))
            if is_gathered:
                call.quiet = False
                call.keys.append(key)
                call.changed.fire()
            await clock.settle()

    async def speak(self, words: str) -> None:
        """Speak, for a `<Gather>` that takes speech, for a `<Record>`, or to the other side of a `<Dial>`."""
        call = self._answered_call()
        if call.partner is not None:
            _say_to(self._exchange, call.partner, words)
            return
        if not call.listening_for_speech:
            raise PhoneError("nothing is waiting for speech")
        call.quiet = False
        call.speech = words
        call.changed.fire()
        if call.verb_recording is not None:
            await self._exchange.clock.run_until(lambda: call.speech is None or not call.is_live)
        await self._exchange.clock.settle()

    async def listen(self, *, limit: float = DAY) -> list[Playback]:
        """Let time pass until the phone is quiet: a `<Gather>` waits for input, or the call has ended."""
        call = self._live_call()
        if call.status is CallStatus.RINGING and call.to == self.number:
            raise PhoneError(f"{self.number} is ringing: answer first")
        await self._exchange.clock.run_until(lambda: call.quiet or not call.is_live, limit=limit)
        return call.heard

    async def call(self, to: str) -> Call:
        """Call one of the account's numbers. Returns when the first document runs or the call has failed."""
        number = self._exchange.account.numbers.get(to)
        if number is None:
            raise PhoneError(f"{to} is not a number of the account: register it first")
        if self.handset.call is not None:
            raise PhoneError(f"{self.number} is already in a call")
        call = receive_call(self._exchange, number, caller=self.number)
        await self._wait_for_first_document(call)
        return call

    async def text(self, to: str, body: str, *, media: tuple[str, ...] = ()) -> Message:
        """Text one of the account's numbers, or write to its WhatsApp sender (`whatsapp:+1…`)."""
        number = self._exchange.own_number(to)
        if number is None:
            raise PhoneError(f"{to} is not a number of the account: register it first")
        sender = WHATSAPP + self.number if to.startswith(WHATSAPP) else self.number
        message = receive_message(self._exchange, number, sender=sender, body=body, media=media)
        await self._exchange.clock.settle()
        return message

    def _live_call(self) -> Call:
        call = self.handset.call
        if call is None:
            raise PhoneError(f"{self.number} is not in a call")
        return call

    def _ringing_call(self) -> Call:
        call = self.handset.call
        if call is None or call.status is not CallStatus.RINGING or call.to != self.number:
            raise PhoneError(f"{self.number} is not ringing")
        return call

    def _answered_call(self) -> Call:
        call = self.handset.call
        if call is None or call.status is not CallStatus.IN_PROGRESS:
            raise PhoneError(f"{self.number} has no answered call")
        return call

    async def _wait_for_first_document(self, call: Call) -> None:
        """Wait until the first document runs; machine detection comes before it."""
        clock = self._exchange.clock

        def has_started() -> bool:
            is_heard = any(heard.kind == "say" for heard in call.heard)
            return call.documents > 0 or call.is_ready or is_heard or not call.is_live

        await clock.run_until(has_started, limit=MAX_DETECTION_SECONDS)
        await clock.settle()

    async def _wait_until_ended(self, call: Call) -> None:
        await self._exchange.clock.run_until(lambda: not call.is_live)
        await self._exchange.clock.settle()

    def to_json(self) -> dict[str, object]:
        handset, behaviour = self.handset, self.handset.behaviour
        return {
            "number": self.number,
            "behaviour": behaviour.on_call.value,
            "after": behaviour.after,
            "drop_after": behaviour.drop_after,
            "texts_are": behaviour.on_text.value,
            "text_code": behaviour.text_code,
            "whatsapp_is": behaviour.on_whatsapp.value,
            "whatsapp_code": behaviour.whatsapp_code,
            "line_type": handset.line_type.value,
            "sim_swapped": handset.sim_swapped,
            "forwarded": handset.forwarded,
            "state": "idle" if handset.call is None else handset.call.status.value,
            "call": None if handset.call is None else call_json(handset.call),
            "heard": [heard.to_json() for heard in self.heard],
            "transcript": self.transcript,
            "texts": [text.to_json() for text in self.texts],
            "past_calls": [call_json(call) for call in self.calls if not call.is_live],
        }


def _say_to(exchange: Exchange, call: Call, words: str) -> None:
    """Let the other side of a connected call hear these words."""
    now = exchange.now()
    heard = Playback("say", words, "", "", 0.0, now)
    heard.end(now)
    call.heard.append(heard)
    exchange.stream.publish(SayBegan(call.phone_number, call.sid, words, "", "", 0.0))


def call_json(call: Call) -> dict[str, object]:
    """A call from the phone's point of view."""
    return {
        "sid": call.sid,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction.value,
        "status": call.status.value,
        "quiet": call.quiet,
        "listening": call.listening,
        "document_url": call.document_url,
        "answered_by": call.answered_by,
        "started": call.started,
        "answered": call.answered,
        "ended": call.ended,
        "seconds": call.seconds,
        "heard": [heard.to_json() for heard in call.heard],
    }
