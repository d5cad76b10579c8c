"""A model of a call with invariants that hold after every step: random steps, and every step from every state.

The code is never said before a person passed the gate or after the end, a call never says two codes, and a call in
which nothing more is pressed ends.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import Struct
from msgspec.structs import replace

from tests.support.records import CODE, LIFETIME, NOW, PENDING, WRONG, after, context, planned
from verification.errors import NotFound
from verification.flow.check import CheckResult, check
from verification.flow.delivery import record_status
from verification.flow.ending import cancel, expire_changes
from verification.ivr.prompts import (
    Announce,
    AskForAnyKey,
    AskForKeys,
    AskToConfirm,
    CallInput,
    End,
    ReadCharacter,
    ReadCode,
    ReadSlowly,
)
from verification.ivr.turn import CallEvent, NextPrompt, next_turn
from verification.models import CallStage, EventKind, Progress, State
from verification.policy import Keypress, Policy
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus

CALL_SID = "CA1"
START = State(verification=PENDING, deliveries=(planned(sid="VL1"),))


class ModelCall(Struct, frozen=True, kw_only=True):
    """One call. The model computes `gate_open` and `over`, it does not read them. `keys`: those to press."""

    policy: Policy
    state: State = START
    now: float = NOW
    keys: str = ""
    gate_open: bool = False
    over: bool = False
    reports: int = 0

    def hear(self, call_input: CallInput, digits: str = "", *, provider_sid: str = CALL_SID) -> "ModelCall":
        """One webhook of the call, and everything that must hold about its answer."""
        opens = {
            Keypress.DIGITS: call_input is CallInput.KEYS and digits == self.keys,
            Keypress.ANY: call_input is CallInput.KEYS and len(digits) == 1 and digits != "0",
            Keypress.OFF: call_input is not CallInput.ANSWERED and (set(digits) != {"0"}),
        }[self.policy.keypress]
        asked = self.state.deliveries[0].stage is CallStage.GATE and not self.over
        decided = next_turn(
            self.state, self._call_event(call_input, digits, provider_sid), context(self.now, self.policy)
        )
        assert not (self.over and decided.deliveries), "something happened after the end"
        gate_open = self.gate_open or (asked and opens)
        self._listen(decided.result, gate_open=gate_open)
        prompt = decided.result.prompt
        keys = prompt.keys if isinstance(prompt, AskForKeys) else ""
        over = self.over or isinstance(prompt, End)
        return self.saved(decided, gate_open=gate_open, keys=keys, over=over)

    def _listen(self, answer: NextPrompt, *, gate_open: bool) -> None:
        prompt = answer.prompt
        if isinstance(prompt, ReadCode | ReadSlowly | ReadCharacter):
            assert prompt.code == CODE, "another code"
        assert isinstance(prompt, End) or not self.over, "more than a goodbye after the end"
        gate = isinstance(prompt, Announce | AskForAnyKey | AskForKeys | AskToConfirm)
        assert gate or isinstance(prompt, End) or gate_open, "a code or a menu before the gate"
        if answer.dispatch is not None:
            assert gate_open, "a text before the gate"
            assert not self.state.suppressed, "a text to a suppressed number"

    def _call_event(self, call_input: CallInput, digits: str, provider_sid: str) -> CallEvent:
        follow_up = planned(Channel.SMS, sid=f"VL{len(self.state.deliveries) + 1}", at=self.now)
        return CallEvent(
            delivery="VL1",
            provider_sid=provider_sid,
            input=call_input,
            digits=digits,
            follow_up=lambda: follow_up,
        )

    def reported(self, status: DeliveryStatus) -> "ModelCall":
        """A status callback."""
        decided = record_status(self.state, "VL1", context(self.now), provider_sid=CALL_SID, status=status, error=None)
        return self.saved(decided, over=self.over or status.final)

    def typed(self, submitted: str) -> "ModelCall":
        """A code on the page: right once, and only while the verification lives."""
        assert self.state.verification is not None
        alive = not self.state.verification.status.final and self.now < NOW + LIFETIME
        decided = check(self.state, context(self.now, self.policy), submitted=submitted, renewed=None)
        assert isinstance(decided.result, CheckResult)
        assert decided.result.valid == (alive and submitted == CODE)
        return self.saved(decided, over=self.over or decided.result.verification.status.final)

    def canceled(self) -> "ModelCall":
        """Cancelled on the page."""
        return self.saved(cancel(self.state, context(self.now, self.policy)), over=True)

    def stopped(self) -> "ModelCall":
        """STOP by text, from the same number."""
        return replace(self, state=replace(self.state, suppressed=True))

    def later(self, seconds: float) -> "ModelCall":
        """Time passes, and perhaps the deadline with it."""
        return replace(self, now=self.now + seconds, over=self.over or self.now + seconds >= NOW + LIFETIME)

    def saved(self, decided: Changes[Any], **changes: Any) -> "ModelCall":
        """After a decision, with what holds for every one of them."""
        reports = self.reports + sum(event.kind is EventKind.REPORTED for event in decided.events)
        state = after(self.state, decided)
        assert reports <= 1, "reported twice"
        assert state.verification is not None
        assert (state.verification.seed is None) == state.verification.status.final, "a seed and an end"
        assert len(state.deliveries) <= min(2, self.policy.max_deliveries), "more texts than one"
        return replace(self, state=state, reports=reports, **changes)

    def runs_out(self) -> None:
        """Nothing more is pressed."""
        call = self
        for _ in range(8):
            call = call.hear(CallInput.SILENCE)
        assert call.over


Step = Callable[[ModelCall], ModelCall]
ENDINGS: tuple[Step, ...] = (
    lambda call: call.reported(DeliveryStatus.COMPLETED),
    lambda call: call.later(NOW + LIFETIME - call.now),
    lambda call: call.saved(expire_changes(call.state, context(call.now, call.policy))),
    lambda call: call.typed(CODE),
    lambda call: call.typed(WRONG),
    ModelCall.canceled,
)


class PhoneCall(RuleBasedStateMachine):
    """Random steps."""

    @initialize(
        keypress=st.sampled_from([Keypress.DIGITS, *Keypress]),
        tries=st.integers(1, 3),
        deliveries=st.sampled_from([1, 5]),
        stopped=st.booleans(),
    )
    def ring(self, keypress: Keypress, tries: int, deliveries: int, stopped: bool) -> None:
        call = ModelCall(policy=Policy(keypress=keypress, keypress_tries=tries, max_deliveries=deliveries))
        self.call = (call.stopped() if stopped else call).hear(CallInput.ANSWERED)

    @rule()
    def fetch_the_first_document_again(self) -> None:
        self.call = self.call.hear(CallInput.ANSWERED)

    @rule(
        digits=st.sampled_from(["1", "2", "3", "4", "0", "9", "*", "000"])
        | st.text(alphabet="0123456789*#", min_size=1, max_size=12)
    )
    def press(self, digits: str) -> None:
        self.call = self.call.hear(CallInput.KEYS, digits)

    @precondition(lambda self: self.call.keys)
    @rule()
    def press_the_keys(self) -> None:
        self.call = self.call.hear(CallInput.KEYS, self.call.keys)

    @precondition(lambda self: self.call.keys)
    @rule(noise=st.sampled_from(["{}1", "1{}", "{}{}", "{}#", "*{}"]))
    def press_the_keys_among_other_keys(self, noise: str) -> None:
        self.call = self.call.hear(CallInput.KEYS, noise.format(self.call.keys, self.call.keys))

    @rule()
    def press_nothing(self) -> None:
        self.call = self.call.hear(CallInput.SILENCE)

    @rule(
        call_input=st.sampled_from(CallInput), digits=st.sampled_from(["", "1", "47"]), sid=st.sampled_from(["CA2", ""])
    )
    def send_a_webhook_of_another_call(self, call_input: CallInput, digits: str, sid: str) -> None:
        if self.call.state.deliveries[0].provider_sid is not None:
            with pytest.raises(NotFound):
                self.call.hear(call_input, digits, provider_sid=sid)

    @rule(how=st.sampled_from(ENDINGS))
    def end_outside_the_dialogue(self, how: Step) -> None:
        self.call = how(self.call)

    @invariant()
    def it_ends_when_nothing_more_is_pressed(self) -> None:
        self.call.runs_out()


PhoneCall.TestCase.settings = settings(max_examples=40, stateful_step_count=20, derandomize=True, database=None)
TestPhoneCall = PhoneCall.TestCase


STEPS: tuple[Step, ...] = (
    lambda call: call.hear(CallInput.ANSWERED),
    lambda call: call.hear(CallInput.SILENCE),
    *(lambda call, key=key: call.hear(CallInput.KEYS, key) for key in [*"0123459*", "000", "1" * 50]),
    *(lambda call, more=more: call.hear(CallInput.KEYS, more.format(call.keys)) for more in ["{}", "{}1", "1{}"]),
    ModelCall.stopped,
    *ENDINGS,
)


@pytest.mark.parametrize("keypress", Keypress)
def test_every_step_from_every_state_that_can_be_reached_keeps_the_rules(keypress: Keypress) -> None:
    waiting = [ModelCall(policy=Policy(keypress=keypress))]
    seen = set(waiting)
    while waiting:
        call = waiting.pop()
        if not call.over:
            call.runs_out()
        for step in STEPS:
            state = step(call)
            past_the_gate = call.gate_open and keypress is not Keypress.DIGITS  # where all three are alike
            if not (call.over or past_the_gate) and (state := _without_history(state)) not in seen:
                seen.add(state)
                waiting.append(state)
    assert {call.state.deliveries[0].stage for call in seen} >= {CallStage.GATE, CallStage.READING, CallStage.OVER}


def _without_history(call: ModelCall) -> ModelCall:
    """The state without its history, which decides nothing and would make the states infinite."""
    first, *others = call.state.deliveries
    first = replace(first, keys="", progress=Progress.NOTHING, updated_at=NOW)
    return replace(call, state=replace(call.state, deliveries=(first, *others)))
