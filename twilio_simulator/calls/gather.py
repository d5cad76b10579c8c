"""`<Gather>`: prompts that a key interrupts, then a wait for more keys.

| input | result |
|---|---|
| `numDigits` keys | `action` at once |
| finish key after a digit | `action`; the key is not in `Digits` |
| `timeout` seconds without a key, after a digit | `action` with the digits so far |
| finish key first, or no key at all | falls through to the next verb; with `actionOnEmptyResult`, `action` without
`Digits` |
"""

from __future__ import annotations

from dataclasses import dataclass

from ..core.events import PhoneQuiet
from ..core.request_log import Pairs
from ..network.call import Call
from ..network.exchange import Exchange
from ..twiml.parser import absolute
from ..twiml.verbs import Gather, Pause, Say
from .speaking import Speaker


@dataclass(frozen=True, slots=True)
class GatherInput:
    digits: str = ""
    finished_on: str = ""
    speech: str | None = None

    @property
    def is_empty(self) -> bool:
        return not self.digits and self.speech is None


class GatherRun:
    """One execution of a `<Gather>` verb."""

    def __init__(self, exchange: Exchange, call: Call, speaker: Speaker, base: str | None) -> None:
        self._exchange = exchange
        self._call = call
        self._speaker = speaker
        self._base = base

    async def run(self, verb: Gather) -> Pairs | None:
        """Run the verb. Returns the fields for `action`, or None when execution falls through to the next verb."""
        call = self._call
        call.keys.clear()
        call.speech = None
        call.listening = verb.dtmf
        call.listening_for_speech = verb.speech
        try:
            await self._prompt(verb)
            gathered = await self._collect(verb)
        finally:
            call.listening = call.listening_for_speech = call.quiet = False
        if gathered.is_empty and not verb.action_on_empty_result:
            return None
        return _fields(gathered)

    def _has_input(self) -> bool:
        return bool(self._call.keys) or self._call.speech is not None

    async def _prompt(self, verb: Gather) -> None:
        for prompt in verb.prompts:
            match prompt:
                case Say():
                    cut = await self._speaker.say(prompt, stop=self._has_input)
                case Pause():
                    cut = await self._speaker.pause(prompt, stop=self._has_input)
                case _:
                    address = absolute(prompt.url, self._base)
                    cut = await self._speaker.play(prompt, address, stop=self._has_input, wrong_type=13325)
            if cut or self._has_input():
                return

    async def _collect(self, verb: Gather) -> GatherInput:
        call, digits = self._call, ""
        while True:
            while call.keys:
                key = call.keys.popleft()
                if key == verb.finish_on_key:
                    return GatherInput(digits, key)
                digits += key
                if len(digits) == verb.num_digits:
                    return GatherInput(digits)
            if call.speech is not None and not digits:
                return GatherInput(speech=call.speech)
            self._mark_quiet()
            if not await call.until(self._has_input, seconds=verb.timeout):
                return GatherInput(digits)

    def _mark_quiet(self) -> None:
        call = self._call
        call.quiet = True
        self._exchange.stream.publish(PhoneQuiet(call.phone_number, call.sid, "keys" if call.listening else "speech"))


def _fields(gathered: GatherInput) -> Pairs:
    """The fields for `action`. Without input Twilio sends `Digits` empty or not at all; the stricter case is none."""
    fields = [("msg", "Gather End"), ("FinishedOnKey", gathered.finished_on)]
    if gathered.digits:
        fields.append(("Digits", gathered.digits))
    if gathered.speech is not None:
        fields += [("SpeechResult", gathered.speech), ("Confidence", "0.95")]
    return tuple(fields)
