"""The dialogue of a call that says the code, as a table of stages. The next prompt follows from it alone.

    gate     -- the right keys -->   reading   the code, twice
             -- 0 0 0 -->            confirm the report
             -- others, silence -->  the gate again, then goodbye (see `gate`)
    reading, slowly -- silence -->   menu
             -- any key -->          menu, which first says where the code is entered: it may be the code, typed
             -- 1, 2, 3, 0 or 9, once the menu was used --> as in the menu
    menu     -- 1 --> reading   -- 2 --> slowly   -- 3 --> one by one   -- 4 --> a text, goodbye
             -- 0 --> confirm the report           -- 9 --> confirm the suppression
             -- other keys --> the menu again, MAX_MENUS times in a row     -- silence --> goodbye
    one by one -- any key --> the next character; after the last one, in silence too, the menu
    confirm  -- * --> reported, the code is void; or never called again
             -- 9, after 0 --> confirm the suppression
             -- another key, silence --> menu, or the gate

Nothing that cannot be undone follows from one key, or from a key that a code contains.
"""

from collections.abc import Callable

from msgspec.structs import replace

from ..models import CallStage, Delivery, Progress
from ..types import Record
from .gate import CONFIRMATIONS, Effect, Gate, Turn, end_call, failed_gate, passed_gate, with_progress
from .prompts import (
    CONFIRM,
    AskToConfirm,
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
MAX_MENUS = 3
#: Only the last keys of a call are recorded.
MAX_RECORDED_KEYS = 32
_KEYS = frozenset("0123456789*#")
_READINGS = (CallStage.READING, CallStage.SLOWLY)


class Dialogue(Record, frozen=True):
    """What does not change during a call. Callables are called only where their result is used.

    `may_text`: whether a text message may be sent now. `code`: the code, which must not be computed before it may be
    said.
    """

    gate: Gate
    may_text: Callable[[], bool]
    code: Callable[[], str]

    def take(self, delivery: Delivery, call_input: CallInput, digits: str = "") -> Turn:
        """The next turn. `digits` are what Gather collected; more digits than were asked for are wrong."""
        stage = delivery.stage
        if stage is CallStage.OVER:
            return Turn(End(Ending.NO_LONGER_NEEDED), delivery)
        if call_input is CallInput.ANSWERED:
            return self._open(delivery)
        if stage is CallStage.GATE:
            return self._gate(delivery, call_input, digits)
        if stage is CallStage.ONE_BY_ONE:
            return self._one_by_one(delivery, call_input)
        if stage in CONFIRMATIONS:
            return self._confirm(delivery, call_input, digits)
        if call_input is CallInput.KEYS:
            return self._key(delivery, digits)
        if stage in _READINGS:
            return self._menu(with_progress(delivery, Progress.HEARD), silences=0)
        return end_call(delivery, Ending.GOODBYE)

    def repeat(self, delivery: Delivery, call_input: CallInput, digits: str) -> Prompt:
        """The prompt that answered the webhook that led to this stage. The call must not be over."""
        if delivery.stage is CallStage.GATE:
            return self.gate.ask_again(delivery, call_input, digits)
        if delivery.stage is CallStage.READING:
            return ReadCode(self.code(), opening=not delivery.keys)
        if delivery.stage is CallStage.SLOWLY:
            return ReadSlowly(self.code())
        if delivery.stage is CallStage.ONE_BY_ONE:
            return ReadCharacter(self.code(), delivery.position)
        if delivery.stage in CONFIRMATIONS:
            return AskToConfirm(CONFIRMATIONS[delivery.stage])
        return self._offer(delivery, call_input, digits)

    def _open(self, delivery: Delivery) -> Turn:
        """The first document, which Twilio may fetch again."""
        if passed_gate(delivery):  # a person who is past the gate goes on from the menu
            return self._menu(delivery, silences=delivery.silences + 1)
        return Turn(self.gate.ask_again(delivery, CallInput.ANSWERED, ""), replace(delivery, stage=CallStage.GATE))

    def _gate(self, delivery: Delivery, call_input: CallInput, digits: str) -> Turn:
        if self.gate.reports(digits):
            return _ask_to_confirm(with_progress(delivery, Progress.ANSWERED), CallStage.CONFIRM_REPORT)
        if self.gate.opens(delivery, call_input, digits):
            return self._read(delivery, opening=True)
        return self.gate.fail(delivery, call_input, digits)

    def _read(self, delivery: Delivery, *, opening: bool) -> Turn:
        after = replace(with_progress(delivery, Progress.READING), stage=CallStage.READING, silences=0)
        return Turn(ReadCode(self.code(), opening), after)

    def _menu(
        self, delivery: Delivery, call_input: CallInput = CallInput.SILENCE, digits: str = "", *, silences: int
    ) -> Turn:
        if silences >= MAX_MENUS:
            return end_call(delivery, Ending.GOODBYE)
        after = replace(delivery, stage=CallStage.MENU, silences=silences)
        return Turn(self._offer(after, call_input, digits), after)

    def _offer(self, delivery: Delivery, call_input: CallInput, digits: str) -> Prompt:
        """The menu after this input. After a key it first says where the code is entered."""
        refused = _single_key(digits) == MenuKey.TEXT and delivery.keys.endswith(MenuKey.TEXT)
        slowly_heard = MenuKey.SLOWER in delivery.keys
        typed = call_input is CallInput.KEYS and not refused
        return OfferMenu(self.may_text(), text_refused=refused, slowly_heard=slowly_heard, typed=typed)

    def _key(self, delivery: Delivery, digits: str) -> Turn:
        """A key in the menu or during a reading, where it may also be the first digit of a code that is typed."""
        key, reading = _single_key(digits), delivery.stage in _READINGS
        if reading and (key == MenuKey.TEXT or not delivery.keys):
            return self._menu(delivery, CallInput.KEYS, digits, silences=0)
        if key == MenuKey.REPORT:
            return _ask_to_confirm(delivery, CallStage.CONFIRM_REPORT)
        if key == MenuKey.NEVER:
            return _ask_to_confirm(delivery, CallStage.CONFIRM_NEVER)
        used = replace(delivery, keys=(delivery.keys + key)[-MAX_RECORDED_KEYS:])
        if key == MenuKey.AGAIN:
            return self._read(used, opening=False)
        if key == MenuKey.SLOWER:
            return Turn(ReadSlowly(self.code()), replace(used, stage=CallStage.SLOWLY, silences=0))
        if key == MenuKey.ONE_AT_A_TIME:
            after = replace(used, stage=CallStage.ONE_BY_ONE, position=0, silences=0)
            return Turn(ReadCharacter(self.code(), 0), after)
        if key == MenuKey.TEXT and self.may_text():
            return end_call(used, Ending.TEXT_SENT, Effect.TEXT)
        return self._menu(used, CallInput.KEYS, digits, silences=0 if reading else used.silences + 1)

    def _confirm(self, delivery: Delivery, call_input: CallInput, digits: str) -> Turn:
        report = delivery.stage is CallStage.CONFIRM_REPORT
        if call_input is CallInput.KEYS and digits == CONFIRM:
            if report:
                return end_call(delivery, Ending.REPORTED, Effect.REPORT, key=MenuKey.REPORT + CONFIRM)
            return end_call(delivery, Ending.SUPPRESSED, Effect.SUPPRESS, key=MenuKey.NEVER + CONFIRM)
        if report and _single_key(digits) == MenuKey.NEVER:
            return _ask_to_confirm(delivery, CallStage.CONFIRM_NEVER)
        if passed_gate(delivery):
            return self._menu(delivery, call_input, digits, silences=delivery.silences + 1)
        return self.gate.fail(delivery, call_input, digits)

    def _one_by_one(self, delivery: Delivery, call_input: CallInput) -> Turn:
        code, position = self.code(), delivery.position + 1
        if position >= len(code):
            return self._menu(with_progress(delivery, Progress.HEARD), call_input, silences=0)
        if call_input is CallInput.SILENCE and delivery.silences:
            return self._menu(delivery, silences=0)
        if call_input is CallInput.SILENCE:
            return Turn(ReadCharacter(code, delivery.position), replace(delivery, silences=1))
        return Turn(ReadCharacter(code, position), replace(delivery, position=position, silences=0))


def _ask_to_confirm(delivery: Delivery, stage: CallStage) -> Turn:
    return Turn(AskToConfirm(CONFIRMATIONS[stage]), replace(delivery, stage=stage))


def _single_key(digits: str) -> str:
    """The key that was pressed alone; a doubled key counts once. Empty for several keys, such as a code."""
    alone = digits[:1] if len(digits) == 2 and digits[0] == digits[1] else digits
    return alone if alone in _KEYS else ""


def repeat_ending(delivery: Delivery, call_input: CallInput, digits: str, *, texted: bool) -> Ending:
    """The last sentence of a call that is over, again. `texted`: a text message was sent after the call."""
    if digits == CONFIRM and delivery.keys.endswith(MenuKey.REPORT + CONFIRM):
        return Ending.REPORTED
    if digits == CONFIRM and delivery.keys.endswith(MenuKey.NEVER + CONFIRM):
        return Ending.SUPPRESSED
    if not passed_gate(delivery):
        return failed_gate(call_input)
    return Ending.TEXT_SENT if _single_key(digits) == MenuKey.TEXT and texted else Ending.GOODBYE
