"""The webhooks of a call: which call they are about, what the call may say, and what a key causes."""

from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.records import CALL, CODE, KEYS, LIFETIME, NOW, NUMBER, PENDING, TEXT, after, context, ended, planned
from verification.counters.counter import Counter, LimitKey
from verification.counters.rules import Limit, NoCounters
from verification.errors import NotFound
from verification.ivr.prompts import (
    Announce,
    AskForAnyKey,
    AskForKeys,
    AskToConfirm,
    CallInput,
    Confirmation,
    End,
    Ending,
    OfferMenu,
    ReadCode,
)
from verification.ivr.turn import CallEvent, NextPrompt, next_turn
from verification.models import CallStage, EventKind, NumberPause, Progress, State
from verification.policy import DEFAULT_POLICY, Keypress, Policy
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus, Scope, VerificationStatus
from verification.values.codes import KeyRing

MENU = replace(CALL, stage=CallStage.MENU, progress=Progress.READING)
REPORTING = replace(MENU, stage=CallStage.CONFIRM_REPORT)
STOPPING = replace(MENU, stage=CallStage.CONFIRM_NEVER)
FOLLOW_UP = replace(planned(Channel.SMS, sid="VL7"), verification="")
FINAL = [status for status in VerificationStatus if status.final]
LATER = NOW + 30


def hear(
    state: State,
    call_input: CallInput = CallInput.KEYS,
    digits: str = "",
    *,
    delivery: str = "VL1",
    provider_sid: str = "CA1",
    now: float = LATER,
    policy: Policy = DEFAULT_POLICY,
    keys: KeyRing = KEYS,
) -> Changes[NextPrompt]:
    call_event = CallEvent(
        delivery=delivery,
        provider_sid=provider_sid,
        input=call_input,
        digits=digits,
        follow_up=lambda: FOLLOW_UP,
    )
    return next_turn(state, call_event, context(now, policy, keys=keys))


class Full(NoCounters):
    """Counters in which every limit key has just sent."""

    def of(self, *keys: LimitKey) -> list[Counter]:
        return [Counter(sends=[NOW]) for _ in keys]


def in_the_menu(**changes: Any) -> State:
    return replace(State(verification=PENDING, deliveries=(MENU,)), **changes)


def nothing_written(decided: Changes[NextPrompt]) -> bool:
    return decided == Changes(result=decided.result)


# whose call it is


@pytest.mark.parametrize("call_input", CallInput)
@pytest.mark.parametrize(
    ("state", "delivery", "provider_sid"),
    [
        (State(), "VL1", "CA1"),
        (in_the_menu(), "VL8", "CA1"),
        (in_the_menu(), "VL1", "CA2"),
        (in_the_menu(), "VL1", ""),
        (in_the_menu(deliveries=(replace(MENU, provider_sid=None),)), "VL1", ""),
        (in_the_menu(deliveries=(MENU, TEXT)), "VL2", "SM1"),
    ],
    ids=["unknown", "another delivery", "another call", "no call", "no call, first", "a text"],
)
def test_a_webhook_of_another_call_is_not_found(
    state: State, delivery: str, provider_sid: str, call_input: CallInput
) -> None:
    with pytest.raises(NotFound):
        hear(state, call_input, "1", delivery=delivery, provider_sid=provider_sid)


def test_the_first_webhook_sets_the_sid_of_a_call_whose_start_was_unclear() -> None:
    state = in_the_menu(deliveries=(planned(sid="VL1"),))
    decided = hear(state, CallInput.ANSWERED, provider_sid="CA5")
    (answered,) = decided.deliveries
    assert (answered.provider_sid, answered.status, answered.updated_at) == ("CA5", DeliveryStatus.ANSWERED, LATER)
    with pytest.raises(NotFound):
        hear(after(state, decided), CallInput.ANSWERED, provider_sid="CA6")


# late and strange


@pytest.mark.parametrize("status", FINAL)
def test_after_the_end_of_the_verification_the_call_is_no_longer_needed(status: VerificationStatus) -> None:
    for stage, (call_input, digits) in product(
        CallStage, [(CallInput.ANSWERED, ""), (CallInput.KEYS, "1"), (CallInput.SILENCE, "")]
    ):
        decided = hear(State(verification=ended(status), deliveries=(replace(MENU, stage=stage),)), call_input, digits)
        assert decided.result.prompt == End(Ending.NO_LONGER_NEEDED)
        assert nothing_written(decided)


def test_the_code_is_said_until_the_deadline_and_not_at_it() -> None:
    assert hear(in_the_menu(), digits="1", now=NOW + LIFETIME - 0.001).result.prompt == ReadCode(CODE, opening=False)
    assert hear(in_the_menu(), digits="1", now=NOW + LIFETIME).result.prompt == End(Ending.NO_LONGER_NEEDED)


@pytest.mark.parametrize("status", [status for status in DeliveryStatus if status.final])
def test_a_key_press_replayed_after_the_call_gets_no_code(status: DeliveryStatus) -> None:
    for stage in CallStage:
        call = replace(MENU, status=status, stage=stage)
        decided = hear(in_the_menu(deliveries=(call,)), digits="1")
        assert decided.result.prompt == End(Ending.NO_LONGER_NEEDED)
        assert nothing_written(decided)


def test_a_call_that_said_goodbye_cannot_be_answered_again() -> None:
    """Its last callback may be late or lost: the dialogue itself is over."""
    state = in_the_menu(deliveries=(replace(MENU, stage=CallStage.OVER, status=DeliveryStatus.ANSWERED),))
    for call_input, digits in (
        (CallInput.ANSWERED, ""),
        (CallInput.SILENCE, ""),
        (CallInput.KEYS, "1"),
        (CallInput.KEYS, "4"),
    ):
        decided = hear(state, call_input, digits)
        assert decided.result.prompt == End(Ending.NO_LONGER_NEEDED)
        assert nothing_written(decided)


def test_a_webhook_that_changes_nothing_writes_nothing() -> None:
    state = in_the_menu(deliveries=(replace(CALL, stage=CallStage.GATE),))
    decided = hear(state, CallInput.ANSWERED)
    assert isinstance(decided.result.prompt, AskForKeys)
    assert nothing_written(decided)


def test_a_change_is_written_with_its_time() -> None:
    (delivery,) = hear(in_the_menu(), digits="1").deliveries
    assert (delivery.stage, delivery.keys, delivery.updated_at) == (CallStage.READING, "1", LATER)


# two secrets


def test_a_second_call_has_its_own_keys_and_the_same_code() -> None:
    calls = [replace(CALL, sid=f"VL{number}", stage=CallStage.GATE) for number in range(40)]
    state = State(verification=PENDING, deliveries=tuple(calls))
    all_keys, codes = set(), set()
    for call in calls:
        asked = hear(state, CallInput.ANSWERED, delivery=call.sid).result.prompt
        assert isinstance(asked, AskForKeys)
        all_keys.add(asked.keys)
        read = hear(state, digits=asked.keys, delivery=call.sid).result.prompt
        assert isinstance(read, ReadCode)
        codes.add(read.code)
    assert len(all_keys) > 30
    assert codes == {CODE}


def test_a_changed_key_does_not_change_the_code_of_a_call_that_is_up() -> None:
    ring = KeyRing((b"a newer key of the tests, 32 bytes and more", *KEYS.secrets))
    assert hear(in_the_menu(), digits="1", keys=ring).result.prompt == ReadCode(CODE, opening=False)


@pytest.mark.parametrize("keypress", Keypress)
def test_the_policy_says_what_opens_the_gate(keypress: Keypress) -> None:
    state = in_the_menu(deliveries=(replace(CALL, stage=CallStage.GATE),))
    prompt = hear(state, CallInput.ANSWERED, policy=Policy(keypress=keypress)).result.prompt
    expected = {Keypress.DIGITS: AskForKeys, Keypress.ANY: AskForAnyKey, Keypress.OFF: Announce}
    assert isinstance(prompt, expected[keypress])


# 0 and 9, confirmed


def test_a_confirmed_zero_cancels_the_verification_and_is_reported_once() -> None:
    asked = hear(in_the_menu(), digits="0")
    assert asked.result.prompt == AskToConfirm(Confirmation.REPORT)
    assert (asked.verifications, asked.pauses, asked.events) == ((), (), ())
    state = after(in_the_menu(), asked)
    decided = hear(state, digits="*")
    assert decided.result.prompt == End(Ending.REPORTED)
    (dead,) = decided.verifications
    assert (dead.status, dead.seed, dead.ended_at) == (VerificationStatus.CANCELED, None, LATER)
    (event,) = decided.events
    assert (event.kind, event.verification, event.delivery) == (EventKind.REPORTED, "VE1", "VL1")
    assert decided.pauses == (NumberPause(number=PENDING.number, until=LATER + DEFAULT_POLICY.report_pause),)
    assert decided.suppress == ()
    replayed = hear(after(state, decided), digits="*")
    assert replayed.result.prompt == End(Ending.NO_LONGER_NEEDED)
    assert nothing_written(replayed)


def test_a_confirmed_nine_cancels_the_verification_and_suppresses_the_number() -> None:
    asked = hear(in_the_menu(), digits="9")
    assert (asked.result.prompt, asked.suppress) == (AskToConfirm(Confirmation.NEVER), ())
    decided = hear(after(in_the_menu(), asked), digits="*")
    assert decided.result.prompt == End(Ending.SUPPRESSED)
    assert decided.suppress == (NUMBER,)
    assert [(dead.status, dead.seed) for dead in decided.verifications] == [(VerificationStatus.CANCELED, None)]
    assert [event.kind for event in decided.events] == [EventKind.SUPPRESSED]
    assert NUMBER.e164 not in repr(decided)


# 4


def test_four_plans_a_text_of_the_same_verification_and_ends_the_call() -> None:
    decided = hear(in_the_menu(), digits="4")
    assert decided.result.prompt == End(Ending.TEXT_SENT)
    assert decided.result.dispatch == "VL7"
    assert [(d.sid, d.stage) for d in decided.deliveries] == [("VL1", CallStage.OVER), ("VL7", CallStage.GATE)]
    text = decided.deliveries[1]
    assert (text.verification, text.channel, text.status) == ("VE1", Channel.SMS, DeliveryStatus.PLANNED)
    assert decided.verifications == ()
    assert [(event.kind, event.delivery) for event in decided.events] == [(EventKind.DELIVERY, "VL7")]


def test_four_again_plans_no_second_text() -> None:
    state = after(in_the_menu(), hear(in_the_menu(), digits="4"))
    again = hear(state, digits="4")
    assert (again.result.prompt, again.result.dispatch) == (End(Ending.NO_LONGER_NEEDED), None)
    assert nothing_written(again)


@pytest.mark.parametrize("sent", [4, 5])
def test_a_text_is_offered_only_while_the_verification_may_send_more(sent: int) -> None:
    others = tuple(replace(TEXT, sid=f"VL{number}") for number in range(2, sent + 1))
    decided = hear(
        in_the_menu(deliveries=(MENU, *others)), digits="4", policy=replace(DEFAULT_POLICY, repeat_spacing=())
    )
    if sent < DEFAULT_POLICY.max_deliveries:
        assert decided.result.dispatch == "VL7"
    else:
        assert decided.result == NextPrompt(OfferMenu(text=False, text_refused=True), PENDING)


def test_a_person_who_passed_the_gate_gets_the_text_at_once() -> None:
    """The person is there and waits for it: the spacing keeps a phone from ringing twice, and nothing else."""
    assert hear(in_the_menu(), digits="4", now=NOW + 1).result.dispatch == "VL7"


def test_a_text_from_a_call_keeps_every_limit() -> None:
    """3.6 No bombing: one rule for everything that sends."""
    limits = ((Scope.NUMBER, (Limit(count=1, seconds=600),)),)
    full = hear(in_the_menu(counters=Full()), digits="4", policy=replace(DEFAULT_POLICY, limits=limits))
    assert (full.result.dispatch, full.result.prompt) == (None, OfferMenu(text=False, text_refused=True))
    paused = hear(in_the_menu(paused_until=NOW + 600), digits="4")
    assert paused.result.dispatch is None


def test_where_limits_are_only_watched_the_text_is_sent_and_the_limit_recorded() -> None:
    limits = ((Scope.NUMBER, (Limit(count=1, seconds=600),)),)
    watching = replace(DEFAULT_POLICY, enforce=False, limits=limits)
    decided = hear(in_the_menu(counters=Full()), digits="4", policy=watching)
    assert decided.result.dispatch == "VL7"
    assert [event.kind for event in decided.events] == [EventKind.LIMIT_WATCHED, EventKind.DELIVERY]


def test_no_text_is_offered_to_a_suppressed_number() -> None:
    decided = hear(in_the_menu(suppressed=True), digits="4")
    assert decided.result == NextPrompt(OfferMenu(text=False, text_refused=True), PENDING)
    assert [delivery.sid for delivery in decided.deliveries] == ["VL1"]
