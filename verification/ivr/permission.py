"""The call back to a person who called us to stop our calls, or to allow them again.

    gate    -- the right keys --> what changes
    changes -- * --> stopped, or allowed again        -- another key, silence --> goodbye

A caller ID proves nothing, and this call went to the number itself. It has no code.
"""

from msgspec.structs import replace

from ..models import CallStage, Delivery, Progress
from ..types import Record
from .gate import Effect, Gate, Turn, end_call, failed_gate, passed_gate, with_progress
from .prompts import CONFIRM, AskToConfirm, CallInput, Confirmation, End, Ending, Prompt


class PermissionDialogue(Record, frozen=True):
    """`suppressed`: the number gets no calls and texts, so what changes is that it does again."""

    gate: Gate
    suppressed: bool

    def take(self, delivery: Delivery, call_input: CallInput, digits: str = "") -> Turn:
        """The next turn."""
        if delivery.stage is CallStage.OVER:
            return Turn(End(Ending.NO_LONGER_NEEDED), delivery)
        if passed_gate(delivery):
            return self._confirm(delivery, call_input, digits)
        if call_input is CallInput.ANSWERED:
            return Turn(self.gate.ask_again(delivery, call_input, ""), delivery)
        if self.gate.opens(delivery, call_input, digits):
            opened = replace(with_progress(delivery, Progress.PRESSED), stage=CallStage.CONFIRM_NEVER, silences=0)
            return Turn(self._ask(), opened)
        return self.gate.fail(delivery, call_input, digits)

    def repeat(self, delivery: Delivery, call_input: CallInput, digits: str) -> Prompt:
        """The prompt that answered the webhook that led to this stage. The call must not be over."""
        return self._ask() if passed_gate(delivery) else self.gate.ask_again(delivery, call_input, digits)

    def repeat_ending(self, delivery: Delivery, call_input: CallInput, digits: str) -> Ending:
        """The last sentence of a call that is over, again."""
        if delivery.keys == CONFIRM and digits == CONFIRM:
            return Ending.SUPPRESSED if self.suppressed else Ending.LIFTED  # as it is now
        return Ending.GOODBYE if passed_gate(delivery) else failed_gate(call_input)

    def _ask(self) -> Prompt:
        return AskToConfirm(Confirmation.ALLOW if self.suppressed else Confirmation.NEVER)

    def _confirm(self, delivery: Delivery, call_input: CallInput, digits: str) -> Turn:
        if call_input is CallInput.ANSWERED:
            return Turn(self._ask(), delivery)
        if digits != CONFIRM:
            return end_call(delivery, Ending.GOODBYE)
        if self.suppressed:
            return end_call(delivery, Ending.LIFTED, Effect.LIFT, key=CONFIRM)
        return end_call(delivery, Ending.SUPPRESSED, Effect.SUPPRESS, key=CONFIRM)
