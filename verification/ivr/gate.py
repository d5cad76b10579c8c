"""The gate of a call: the keys that a person presses before the call says or takes a code, or changes anything.

    the right keys -- opens
    wrong keys     -- new keys, `tries` times in all, then goodbye: each is a guess
    silence, or too few keys -- the same keys again, `silent_tries` prompts in all, then goodbye: no guess
    nothing but zeros, two or more -- asks whether to report the call

The keys never contain a 0 or one key twice, so no key that is lost or comes twice makes a report of right ones.
"""

from collections.abc import Callable
from enum import Enum

from msgspec.structs import replace

from ..models import CallStage, Delivery, Progress
from ..policy import Keypress
from ..types import Record
from .prompts import Announce, AskForAnyKey, AskForKeys, CallInput, Confirmation, End, Ending, KeysFor, MenuKey, Prompt

#: The stages in which a second key confirms what the first one asked for.
CONFIRMATIONS = {CallStage.CONFIRM_REPORT: Confirmation.REPORT, CallStage.CONFIRM_NEVER: Confirmation.NEVER}


class Effect(Enum):
    """What a key does beyond the next prompt."""

    NONE = "none"
    REPORT = "report"
    SUPPRESS = "suppress"
    LIFT = "lift"
    TEXT = "text"


class Turn(Record, frozen=True):
    """The next prompt, the delivery after it, and the effect that a key asked for."""

    prompt: Prompt
    delivery: Delivery
    effect: Effect = Effect.NONE


class Gate(Record, frozen=True):
    """`keys`: those of an attempt, counted from 0. It is called only where its result is used."""

    keypress: Keypress
    tries: int
    silent_tries: int
    keys: Callable[[int], str]
    to: KeysFor = KeysFor.HEARING

    def ask(self, delivery: Delivery, after: CallInput | None) -> Prompt:
        """The prompt for the delivery's attempt."""
        if self.keypress is Keypress.OFF:
            return Announce()
        if self.keypress is Keypress.ANY:
            return AskForAnyKey(after)
        return AskForKeys(self.keys(delivery.tries), after, self.to)

    def ask_again(self, delivery: Delivery, call_input: CallInput, digits: str) -> Prompt:
        """The prompt that answered this input, for a delivery that is at the gate."""
        if not (delivery.tries or delivery.silences):
            return self.ask(delivery, None)
        return self.ask(delivery, CallInput.KEYS if self._is_guess(call_input, digits) else CallInput.SILENCE)

    def opens(self, delivery: Delivery, call_input: CallInput, digits: str) -> bool:
        """Whether a person is on the line."""
        if self.keypress is Keypress.DIGITS:
            return call_input is CallInput.KEYS and digits == self.keys(delivery.tries)
        return self.keypress is Keypress.OFF or (call_input is CallInput.KEYS and len(digits) == 1)

    def reports(self, digits: str) -> bool:
        """Whether the keys can only mean a report, which is then to be confirmed."""
        if set(digits) != {MenuKey.REPORT.value}:
            return False
        return len(digits) > 1 or self.keypress is not Keypress.DIGITS

    def fail(self, delivery: Delivery, call_input: CallInput, digits: str) -> Turn:
        """The next try after keys that do not open, or the end."""
        answered = with_progress(delivery, Progress.ANSWERED)
        if self._is_guess(call_input, digits):
            failed = replace(answered, stage=CallStage.GATE, tries=answered.tries + 1)
        else:
            failed = replace(answered, stage=CallStage.GATE, silences=answered.silences + 1)
        if failed.tries >= self.tries or failed.tries + failed.silences >= self.silent_tries:
            return end_call(failed, failed_gate(call_input))
        return Turn(self.ask_again(failed, call_input, digits), failed)

    def _is_guess(self, call_input: CallInput, digits: str) -> bool:
        """Whether these keys could have opened it. Too few, or one lone 0, were a slip and are asked for again."""
        if call_input is not CallInput.KEYS:
            return False
        return len(digits) > 1 if self.keypress is not Keypress.DIGITS else len(digits) >= len(self.keys(0))


def failed_gate(call_input: CallInput) -> Ending:
    """The last sentence of a call whose gate did not open."""
    return Ending.WRONG_KEYS if call_input is CallInput.KEYS else Ending.NOTHING_PRESSED


def passed_gate(delivery: Delivery) -> bool:
    """Whether a person opened the gate of this call."""
    return delivery.progress >= Progress.PRESSED


def with_progress(delivery: Delivery, progress: Progress) -> Delivery:
    """The delivery with at least this progress."""
    return replace(delivery, progress=max(delivery.progress, progress))


def end_call(delivery: Delivery, ending: Ending, effect: Effect = Effect.NONE, *, key: str = "") -> Turn:
    """The last turn of a call. `key` is recorded as pressed."""
    return Turn(End(ending), replace(delivery, stage=CallStage.OVER, keys=delivery.keys + key), effect)
