"""The dialogue of a call that says the code, as a table of stages. The next prompt follows from it alone.

    gate     -- the right pair -->    reading   the code, twice
             -- wrong or silence -->  gate once more with a new pair, then goodbye
    reading, slowly -- silence -->    menu      (heard to the end)
    menu     -- 1 --> reading   -- 2 --> slowly   -- 3 --> one by one   -- 4 --> a text, goodbye
             -- silence or another key --> menu once more, then goodbye
    one by one -- any key --> the next character; after the last one, in silence too, the menu
    all but one by one -- 0 --> reported, dead     menu, reading, slowly -- 9 --> never called again

At the gate 0 is pressed twice, because two digits are collected there. A single 0 reports as well.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from ..models import CallStage, Delivery, Progress
from ..policy import Keypress
from .prompts import (
    REPORT_PAIR,
    Announce,
    AskForAnyKey,
    AskForKeys,
    CallInput,
    End,
    Ending,
    MenuKey,
    OfferMenu,
    Prompt,
    ReadCharacter,
    ReadCode,
    ReadSlowly,
)

#: Menus in a row without a key that means something, before the call ends.
MAX_MENUS = 2
#: Only the last keys of a call are recorded.
MAX_RECORDED_KEYS = 32
_KEYS = frozenset("0123456789*#")
_REPORT = (MenuKey.REPORT.value, REPORT_PAIR)


class Effect(Enum):
    """What a key does beyond the next prompt."""

    NONE = "none"
    REPORT = "report"
    SUPPRESS = "suppress"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Turn:
    """The next prompt, the delivery after it, and the effect that a key asked for."""

    prompt: Prompt
    delivery: Delivery
    effect: Effect = Effect.NONE


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What does not change during a call. Callables are called only where their result is used.

    `may_text`: whether a text message may be sent now. `pair`: the keys of an attempt, counted from 0. `code`: the
    code, which must not be computed before it may be said.
    """

    keypress: Keypress
    tries: int
    may_text: Callable[[], bool]
    pair: Callable[[int], str]
    code: Callable[[], str]

    def take(self, delivery: Delivery, call_input: CallInput, digits: str = "") -> Turn:
        """The next turn. `digits` are what Gather collected; more digits than were asked for are wrong."""
        if delivery.stage is CallStage.OVER:
            return Turn(End(Ending.NO_LONGER_NEEDED), delivery)
        if call_input is CallInput.ANSWERED:
            return self._open(delivery)
        if delivery.stage is CallStage.GATE:
            return self._gate(delivery, call_input, digits)
        if delivery.stage is CallStage.ONE_BY_ONE:
            return self._one_by_one(delivery, call_input)
        if call_input is CallInput.SILENCE and delivery.stage in (CallStage.READING, CallStage.SLOWLY):
            return self._menu(with_progress(delivery, Progress.HEARD), silences=0)
        if call_input is CallInput.SILENCE:
            return self._menu(delivery, silences=delivery.silences + 1)
        return self._key(delivery, digits)

    def repeat(self, delivery: Delivery, call_input: CallInput, digits: str) -> Prompt:
        """The prompt that answered the webhook that led to this stage. The call must not be over."""
        if delivery.stage is CallStage.GATE:
            after = CallInput.SILENCE if call_input is CallInput.ANSWERED else call_input
            return self._ask(delivery.tries, after if delivery.tries else None)
        if delivery.stage is CallStage.READING:
            return ReadCode(self.code(), opening=not delivery.keys)
        if delivery.stage is CallStage.SLOWLY:
            return ReadSlowly(self.code())
        if delivery.stage is CallStage.ONE_BY_ONE:
            return ReadCharacter(self.code(), delivery.position)
        refused = digits == MenuKey.TEXT and delivery.keys.endswith(MenuKey.TEXT)
        return OfferMenu(self.may_text(), text_refused=refused)

    def _open(self, delivery: Delivery) -> Turn:
        if delivery.stage is not CallStage.GATE:
            # Twilio fetched the first document again; a person who is past the gate goes on from the menu.
            return self._menu(delivery, silences=delivery.silences + 1)
        return Turn(self._ask(delivery.tries, CallInput.SILENCE if delivery.tries else None), delivery)

    def _ask(self, attempt: int, after: CallInput | None) -> Prompt:
        """The prompt of the gate for this attempt, counted from 0."""
        if self.keypress is Keypress.OFF:
            return Announce()
        if self.keypress is Keypress.ANY:
            return AskForAnyKey(after)
        return AskForKeys(self.pair(attempt), after)

    def _gate(self, delivery: Delivery, call_input: CallInput, digits: str) -> Turn:
        if digits in _REPORT:
            return end_call(delivery, Ending.REPORTED, Effect.REPORT, key=MenuKey.REPORT)
        if self._opens(delivery, call_input, digits):
            return self._read(with_progress(delivery, Progress.PRESSED if digits else Progress.ANSWERED), opening=True)
        tried = replace(with_progress(delivery, Progress.ANSWERED), tries=delivery.tries + 1)
        if tried.tries >= self.tries:
            return end_call(tried, _failed_gate(call_input))
        return Turn(self._ask(tried.tries, call_input), tried)

    def _opens(self, delivery: Delivery, call_input: CallInput, digits: str) -> bool:
        if self.keypress is Keypress.DIGITS:
            return call_input is CallInput.KEYS and digits == self.pair(delivery.tries)
        return self.keypress is Keypress.OFF or (call_input is CallInput.KEYS and len(digits) == 1)

    def _read(self, delivery: Delivery, *, opening: bool) -> Turn:
        after = replace(with_progress(delivery, Progress.READING), stage=CallStage.READING, silences=0)
        return Turn(ReadCode(self.code(), opening), after)

    def _menu(self, delivery: Delivery, *, silences: int, text_refused: bool = False) -> Turn:
        if silences >= MAX_MENUS:
            return end_call(delivery, Ending.GOODBYE)
        after = replace(delivery, stage=CallStage.MENU, silences=silences)
        return Turn(OfferMenu(self.may_text(), text_refused), after)

    def _key(self, delivery: Delivery, digits: str) -> Turn:
        used = replace(delivery, keys=(delivery.keys + digits)[-MAX_RECORDED_KEYS:]) if digits in _KEYS else delivery
        if digits == MenuKey.AGAIN:
            return self._read(used, opening=False)
        if digits == MenuKey.SLOWER:
            return Turn(ReadSlowly(self.code()), replace(used, stage=CallStage.SLOWLY, silences=0))
        if digits == MenuKey.ONE_AT_A_TIME:
            after = replace(used, stage=CallStage.ONE_BY_ONE, position=0, silences=0)
            return Turn(ReadCharacter(self.code(), 0), after)
        if digits == MenuKey.TEXT and self.may_text():
            return end_call(used, Ending.TEXT_SENT, Effect.TEXT)
        if digits == MenuKey.REPORT:
            return end_call(used, Ending.REPORTED, Effect.REPORT)
        if digits == MenuKey.NEVER:
            return end_call(used, Ending.SUPPRESSED, Effect.SUPPRESS)
        silences = used.silences + 1 if used.stage is CallStage.MENU else 0
        return self._menu(used, silences=silences, text_refused=digits == MenuKey.TEXT)

    def _one_by_one(self, delivery: Delivery, call_input: CallInput) -> Turn:
        code, position = self.code(), delivery.position + 1
        if position >= len(code):
            return self._menu(with_progress(delivery, Progress.HEARD), silences=0)
        if call_input is CallInput.SILENCE and delivery.silences:
            return self._menu(delivery, silences=0)
        if call_input is CallInput.SILENCE:
            return Turn(ReadCharacter(code, delivery.position), replace(delivery, silences=1))
        return Turn(ReadCharacter(code, position), replace(delivery, position=position, silences=0))


def repeat_ending(delivery: Delivery, call_input: CallInput, digits: str, *, texted: bool) -> Ending:
    """The last sentence of a call that is over, again. `texted`: a text message was sent after the call."""
    if digits in _REPORT and delivery.keys.endswith(MenuKey.REPORT):
        return Ending.REPORTED
    if delivery.progress < Progress.PRESSED and not delivery.keys:
        return _failed_gate(call_input)
    if digits == MenuKey.NEVER:
        return Ending.SUPPRESSED
    return Ending.TEXT_SENT if digits == MenuKey.TEXT and texted else Ending.GOODBYE


def with_progress(delivery: Delivery, progress: Progress) -> Delivery:
    """The delivery with at least this progress."""
    return replace(delivery, progress=max(delivery.progress, progress))


def end_call(delivery: Delivery, ending: Ending, effect: Effect = Effect.NONE, *, key: str = "") -> Turn:
    """The last turn of a call. `key` is recorded as pressed."""
    return Turn(End(ending), replace(delivery, stage=CallStage.OVER, keys=delivery.keys + key), effect)


def _failed_gate(call_input: CallInput) -> Ending:
    return Ending.WRONG_KEYS if call_input is CallInput.KEYS else Ending.NOTHING_PRESSED
