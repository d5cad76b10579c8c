"""A model of a call, with what must hold after every step: random steps in it, and every step from everywhere.

The code is never said before a person passed the gate and never after the end; it is never two different codes; and a
call in which nothing more is pressed comes to its end.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.records import CODE, KEYS, LIFETIME, NOW, PENDING, WRONG, after, planned
from verification.errors import NotFound
from verification.flow.check import CheckResult, check
from verification.flow.delivery import expire_changes, record_status
from verification.flow.start import cancel
from verification.ivr.dialogue import AskForKeys, CallInput, End, ReadCode, ReadOne, ReadSlowly
from verification.ivr.turn import CallEvent, NextPrompt, next_turn
from verification.models import CallStage, EventKind, Progress, State
from verification.policy import Keypress, Policy
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus

CARRIER_SID = "CA1"
START = State(verification=PENDING, deliveries=(planned(sid="VL1"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One call. `gate_open` and `over` are worked out here, not read from the record; `pair` was asked for last."""

    policy: Policy
    state: State = START
    now: float = NOW
    pair: str = ""
    gate_open: bool = False
    over: bool = False
    reports: int = 0

    def hear(self, heard: CallInput, digits: str = "", *, provider_sid: str = CARRIER_SID) -> "Line":
        """One webhook of the call, and everything that must hold about its answer."""
        opens = {
            Keypress.DIGITS: heard is CallInput.KEYS and digits == self.pair,
            Keypress.ANY: heard is CallInput.KEYS and len(digits) == 1 and digits != "0",
            Keypress.OFF: heard is not CallInput.ANSWERED and digits not in ("0", "00"),
        }[self.policy.keypress]
        asked = self.state.deliveries[0].stage is CallStage.GATE and not self.over
        decided = next_turn(self.state, self._moment(heard, digits, provider_sid), keys=KEYS, policy=self.policy)
        assert not (self.over and decided.deliveries), "something happened after the end"
        gate_open = self.gate_open or (asked and opens)
        self._listen(decided.result, gate_open=gate_open)
        said = decided.result.line
        pair, over = said.keys if isinstance(said, AskForKeys) else "", self.over or isinstance(said, End)
        return self.saved(decided, gate_open=gate_open, pair=pair, over=over)

    def _listen(self, said: NextPrompt, *, gate_open: bool) -> None:
        line = said.line
        if isinstance(line, ReadCode | ReadSlowly | ReadOne):
            assert line.code == CODE, "another code"
        assert isinstance(line, End) or not self.over, "more than a goodbye after the end"
        assert isinstance(line, AskForKeys | End) or gate_open, "a code or a menu before the gate"
        if said.dispatch is not None:
            assert gate_open, "a text before the gate"
            assert not self.state.suppressed, "a text for somebody who asked us to stop"

    def _moment(self, heard: CallInput, digits: str, provider_sid: str) -> CallEvent:
        follow_up = planned(Channel.SMS, sid=f"VL{len(self.state.deliveries) + 1}", at=self.now)
        return CallEvent(
            delivery="VL1",
            provider_sid=provider_sid,
            heard=heard,
            digits=digits,
            follow_up=lambda: follow_up,
            now=self.now,
        )

    def reported(self, status: DeliveryStatus) -> "Line":
        """A status callback."""
        decided = record_status(self.state, "VL1", provider_sid=CARRIER_SID, status=status, error=None, now=self.now)
        return self.saved(decided, over=self.over or status.final)

    def typed(self, submitted: str) -> "Line":
        """A code on the page: right once, and only while the verification lives."""
        assert self.state.verification is not None
        alive = not self.state.verification.status.final and self.now < NOW + LIFETIME
        decided = check(self.state, submitted=submitted, keys=KEYS, renewed=None, now=self.now, policy=self.policy)
        assert isinstance(decided.result, CheckResult)
        assert decided.result.valid == (alive and submitted == CODE)
        return self.saved(decided, over=self.over or decided.result.verification.status.final)

    def canceled(self) -> "Line":
        """Cancelled on the page."""
        return self.saved(cancel(self.state, now=self.now, policy=self.policy), over=True)

    def stopped(self) -> "Line":
        """STOP by text, from the same number."""
        return replace(self, state=replace(self.state, suppressed=True))

    def later(self, seconds: float) -> "Line":
        """Time passes, and perhaps the deadline with it."""
        return replace(self, now=self.now + seconds, over=self.over or self.now + seconds >= NOW + LIFETIME)

    def saved(self, decided: Changes[Any], **changes: Any) -> "Line":
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
        line = self
        for _ in range(7):
            line = line.hear(CallInput.SILENCE)
        assert line.over


Step = Callable[[Line], Line]
ENDINGS: tuple[Step, ...] = (
    lambda line: line.reported(DeliveryStatus.COMPLETED),
    lambda line: line.later(NOW + LIFETIME - line.now),
    lambda line: line.saved(expire_changes(line.state, now=line.now)),
    lambda line: line.typed(CODE),
    lambda line: line.typed(WRONG),
    Line.canceled,
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
        line = Line(policy=Policy(keypress=keypress, keypress_tries=tries, max_deliveries=deliveries))
        self.line = (line.stopped() if stopped else line).hear(CallInput.ANSWERED)

    @rule()
    def fetch_the_first_document_again(self) -> None:
        self.line = self.line.hear(CallInput.ANSWERED)

    @rule(digits=st.sampled_from("1234") | st.text(alphabet="0123456789*#", min_size=1, max_size=12))
    def press(self, digits: str) -> None:
        self.line = self.line.hear(CallInput.KEYS, digits)

    @precondition(lambda self: self.line.pair)
    @rule()
    def press_what_was_asked_for(self) -> None:
        self.line = self.line.hear(CallInput.KEYS, self.line.pair)

    @precondition(lambda self: self.line.pair)
    @rule(noise=st.sampled_from(["{}1", "1{}", "{}{}", "{}#", "*{}"]))
    def press_it_among_other_keys(self, noise: str) -> None:
        self.line = self.line.hear(CallInput.KEYS, noise.format(self.line.pair, self.line.pair))

    @rule()
    def say_nothing(self) -> None:
        self.line = self.line.hear(CallInput.SILENCE)

    @rule(heard=st.sampled_from(CallInput), digits=st.sampled_from(["", "1", "47"]), sid=st.sampled_from(["CA2", ""]))
    def come_from_another_call(self, heard: CallInput, digits: str, sid: str) -> None:
        if self.line.state.deliveries[0].provider_sid is not None:
            with pytest.raises(NotFound):
                self.line.hear(heard, digits, provider_sid=sid)

    @rule(how=st.sampled_from(ENDINGS))
    def end_in_another_way(self, how: Step) -> None:
        self.line = how(self.line)

    @invariant()
    def it_ends_when_nothing_more_is_pressed(self) -> None:
        self.line.runs_out()


PhoneCall.TestCase.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, derandomize=True, database=None
)
TestPhoneCall = PhoneCall.TestCase


STEPS: tuple[Step, ...] = (
    lambda line: line.hear(CallInput.ANSWERED),
    lambda line: line.hear(CallInput.SILENCE),
    *(lambda line, key=key: line.hear(CallInput.KEYS, key) for key in [*"0123459", "00", "1" * 50]),
    *(lambda line, more=more: line.hear(CallInput.KEYS, more.format(line.pair)) for more in ["{}", "{}1", "1{}"]),
    Line.stopped,
    *ENDINGS,
)


@pytest.mark.parametrize("keypress", Keypress)
def test_every_step_from_every_state_that_can_be_reached_keeps_the_rules(keypress: Keypress) -> None:
    waiting = [Line(policy=Policy(keypress=keypress))]
    seen = set(waiting)
    while waiting:
        line = waiting.pop()
        if not line.over:
            line.runs_out()
        for step in STEPS:
            found = step(line)
            past_the_gate = line.gate_open and keypress is not Keypress.DIGITS  # where all three are alike
            if not (line.over or past_the_gate) and (found := _without_history(found)) not in seen:
                seen.add(found)
                waiting.append(found)
    assert {line.state.deliveries[0].stage for line in seen} >= {CallStage.GATE, CallStage.READING, CallStage.OVER}


def _without_history(line: Line) -> Line:
    """The state without what led to it: there is no end of ways, and nothing is decided by them."""
    first, *others = line.state.deliveries
    first = replace(first, keys="", progress=Progress.NOTHING, updated_at=NOW)
    return replace(line, state=replace(line.state, deliveries=(first, *others)))
