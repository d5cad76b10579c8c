"""A webhook that Twilio repeats because the answer was lost: the same prompt, and nothing changes or counts twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.records import CODE, NOW, NUMBER, PENDING, WRONG, after, context, planned
from tests.support.verifier import VerifierSetup
from verification.ivr.prompts import AskForCode, AskForKeys, CallInput, End, Ending, ReadCharacter
from verification.ivr.turn import CallEvent, NextPrompt, next_turn
from verification.models import EventKind, State
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY, Keypress, Policy
from verification.ports import Changes
from verification.types import CallStyle, Channel, VerificationStatus

FOLLOW_UP = replace(planned(Channel.SMS, sid="VL7"), verification="")
FIRST = State(verification=PENDING, deliveries=(planned(sid="VL1"),))
TYPED = replace(FIRST, verification=replace(PENDING, style=CallStyle.KEY, max_checks=5))


def hear(
    state: State, call_input: CallInput, digits: str, webhook: str, *, policy: Policy = DEFAULT_POLICY, now: float = NOW
) -> Changes[NextPrompt]:
    call_event = CallEvent(
        delivery="VL1",
        provider_sid="CA1",
        to=NUMBER.e164,
        input=call_input,
        digits=digits,
        follow_up=lambda: FOLLOW_UP,
        webhook=webhook,
    )
    return next_turn(state, call_event, context(now, policy))


def right_keys(state: State) -> str:
    """The keys that open the gate now."""
    prompt = hear(state, CallInput.ANSWERED, "", "").result.prompt
    return prompt.keys if isinstance(prompt, AskForKeys) else ""


WEBHOOKS = st.lists(
    st.sampled_from(["answered", "silence", "right", "wrong", *"01234569*#", "00", "000", "12", CODE, WRONG]),
    max_size=14,
)


@settings(max_examples=300)
@given(WEBHOOKS, st.sampled_from([FIRST, TYPED]), st.sampled_from(Keypress))
def test_every_webhook_that_comes_twice_is_answered_the_same_and_has_one_effect(
    walk: list[str], start: State, keypress: Keypress
) -> None:
    policy = replace(DEFAULT_POLICY, keypress=keypress)
    state = start
    for number, step in enumerate(walk):
        call_input = {"answered": CallInput.ANSWERED, "silence": CallInput.SILENCE}.get(step, CallInput.KEYS)
        pair = right_keys(state)
        digits = {"answered": "", "silence": "", "right": pair, "wrong": "112"}.get(step, step)
        first = hear(state, call_input, digits, f"w{number}", policy=policy)
        state = after(state, first)
        again = hear(state, call_input, digits, f"w{number}", policy=policy)
        if first.deliveries or first.verifications:
            assert again == Changes(result=replace(again.result, dispatch=None)), "nothing is written"
            assert again.result.prompt == first.result.prompt
        else:
            assert again == first, "what changes nothing may happen twice"


def test_a_character_is_not_skipped_when_the_key_for_it_comes_twice() -> None:
    state = FIRST
    for webhook, digits in (("w1", right_keys(state)), ("w1b", ""), ("w2", "3"), ("w3", "5")):
        call_input = CallInput.KEYS if digits else CallInput.SILENCE
        state = after(state, hear(state, call_input, digits, webhook))
    again = hear(state, CallInput.KEYS, "5", "w3")
    assert again == Changes(result=again.result)
    assert again.result.prompt == ReadCharacter(CODE, 1)
    assert hear(state, CallInput.KEYS, "5", "w4").result.prompt == ReadCharacter(CODE, 2), (
        "another press of the same key counts"
    )


def test_a_try_at_the_gate_is_counted_once() -> None:
    tried = after(FIRST, hear(FIRST, CallInput.KEYS, "123", "w1"))
    same = after(tried, hear(tried, CallInput.KEYS, "123", "w1"))
    assert same.deliveries[0].tries == 1
    assert isinstance(hear(same, CallInput.KEYS, "123", "w2").result.prompt, End), "another try is the last one"


def past_the_gate() -> State:
    return after(TYPED, hear(TYPED, CallInput.KEYS, right_keys(TYPED), "w0"))


def test_a_typed_code_is_counted_once() -> None:
    state = past_the_gate()
    for webhook in ("w1", "w1", "w1", "w2", "w2"):
        decided = hear(state, CallInput.KEYS, WRONG, webhook)
        assert decided.result.prompt == AskForCode(6, wrong=True)
        state = after(state, decided)
    assert state.verification is not None
    assert state.verification.checks == 2


def test_every_webhook_without_a_token_counts() -> None:
    state = past_the_gate()
    for _ in range(3):
        state = after(state, hear(state, CallInput.KEYS, WRONG, ""))
    assert state.verification is not None
    assert state.verification.checks == 3


def test_the_ending_of_a_call_is_repeated_although_the_verification_has_ended() -> None:
    opened = past_the_gate()
    over = after(opened, hear(opened, CallInput.KEYS, CODE, "w1"))
    assert over.verification is not None
    assert over.verification.status is VerificationStatus.APPROVED
    assert hear(over, CallInput.KEYS, CODE, "w1").result.prompt == End(Ending.TYPED_APPROVED)
    assert hear(over, CallInput.KEYS, CODE, "w2").result.prompt == End(Ending.NO_LONGER_NEEDED)


async def test_a_repetition_is_recognized_after_a_restart_and_on_another_worker(setup: VerifierSetup) -> None:
    setup.use_policy(LENIENT_POLICY)
    await setup.start(Channel.CALL)
    delivery = setup.provider.calls[-1][0]
    code = await setup.pass_gate(delivery)
    await setup.call_webhook(delivery, "")
    await setup.verifier.handle_call_event(
        delivery, provider_sid="CA1", call_input=CallInput.KEYS, digits="3", webhook="a"
    )
    first = await setup.verifier.handle_call_event(
        delivery, provider_sid="CA1", call_input=CallInput.KEYS, digits="5", webhook="b"
    )
    other = await setup.open()
    again = await other.handle_call_event(
        delivery, provider_sid="CA1", call_input=CallInput.KEYS, digits="5", webhook="b"
    )
    assert first.prompt == again.prompt == ReadCharacter(code, 1)
    reported = [
        await other.handle_call_event(delivery, provider_sid="CA1", call_input=CallInput.SILENCE, webhook=w)
        for w in "cc"
    ]
    assert reported[0] == reported[1]


@pytest.mark.parametrize("key", ["*", "4"])
async def test_a_report_and_a_text_message_happen_once(setup: VerifierSetup, key: str) -> None:
    sid = (await setup.start(Channel.CALL)).verification.sid
    delivery = setup.provider.calls[-1][0]
    await setup.pass_gate(delivery)
    for _ in range(2):
        await setup.verifier.handle_call_event(delivery, provider_sid="CA1", call_input=CallInput.SILENCE, webhook="a")
    if key == "*":
        await setup.call_webhook(delivery, "0")
    press = {"provider_sid": "CA1", "call_input": CallInput.KEYS, "digits": key, "webhook": "b"}
    answers = [await setup.verifier.handle_call_event(delivery, **press) for _ in range(2)]  # type: ignore[arg-type]  # its keywords
    assert answers[0].prompt == answers[1].prompt
    assert answers[1].dispatch is None
    assert (await setup.event_kinds(sid)).count(EventKind.REPORTED) == (key == "*")
    assert len(await setup.deliveries(sid)) == (2 if key == "4" else 1)
