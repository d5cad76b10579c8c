"""Twilio sends a webhook again when its answer was lost: the same sentence, and nothing moves or counts twice."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.records import CODE, KEYS, NOW, NUMBER, PENDING, WRONG, after, planned
from tests.support.verifier import Home, open_home
from verification.ivr.dialogue import AskForCode, AskForKeys, CallInput, End, Ending, ReadOne
from verification.ivr.turn import CallEvent, NextPrompt, next_turn
from verification.models import EventKind, State
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY, Keypress, Policy
from verification.ports import Changes
from verification.types import CallStyle, Channel, VerificationStatus

SPARE = replace(planned(Channel.SMS, sid="VL7"), verification="")
FIRST = State(verification=PENDING, deliveries=(planned(sid="VL1"),))
TYPED = replace(FIRST, verification=replace(PENDING, style=CallStyle.KEY, max_checks=5))


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


def hear(
    state: State, heard: CallInput, digits: str, webhook: str, *, policy: Policy = DEFAULT_POLICY, now: float = NOW
) -> Changes[NextPrompt]:
    moment = CallEvent(
        delivery="VL1",
        provider_sid="CA1",
        to=NUMBER.e164,
        heard=heard,
        digits=digits,
        follow_up=lambda: SPARE,
        now=now,
        webhook=webhook,
    )
    return next_turn(state, moment, keys=KEYS, policy=policy)


def right_pair(state: State) -> str:
    """The keys that open the gate now."""
    line = hear(state, CallInput.ANSWERED, "", "").result.line
    return line.keys if isinstance(line, AskForKeys) else ""


WEBHOOKS = st.lists(
    st.sampled_from(["answered", "silence", "right", "wrong", *"01234569*#", "00", "12", CODE, WRONG]), max_size=14
)


@settings(max_examples=300)
@given(WEBHOOKS, st.sampled_from([FIRST, TYPED]), st.sampled_from(Keypress))
def test_every_webhook_that_comes_twice_is_answered_the_same_and_has_one_effect(
    walk: list[str], start: State, keypress: Keypress
) -> None:
    policy = replace(DEFAULT_POLICY, keypress=keypress)
    state = start
    for number, step in enumerate(walk):
        heard = {"answered": CallInput.ANSWERED, "silence": CallInput.SILENCE}.get(step, CallInput.KEYS)
        pair = right_pair(state)
        digits = {"answered": "", "silence": "", "right": pair, "wrong": "77" if pair == "99" else "99"}.get(step, step)
        first = hear(state, heard, digits, f"w{number}", policy=policy)
        state = after(state, first)
        again = hear(state, heard, digits, f"w{number}", policy=policy)
        if first.deliveries or first.verifications:
            assert again == Changes(result=replace(again.result, dispatch=None)), "nothing is written"
            assert again.result.line == first.result.line
        else:
            assert again == first, "what changes nothing may happen twice"


def test_a_character_is_not_skipped_when_the_key_for_it_comes_twice() -> None:
    state = FIRST
    for webhook, digits in (("w1", right_pair(state)), ("w2", "3"), ("w3", "5")):
        state = after(state, hear(state, CallInput.KEYS, digits, webhook))
    again = hear(state, CallInput.KEYS, "5", "w3")
    assert again == Changes(result=again.result)
    assert again.result.line == ReadOne(CODE, 1)
    assert hear(state, CallInput.KEYS, "5", "w4").result.line == ReadOne(CODE, 2), (
        "another press of the same key counts"
    )


def test_a_try_at_the_gate_is_counted_once() -> None:
    tried = after(FIRST, hear(FIRST, CallInput.KEYS, "123", "w1"))
    same = after(tried, hear(tried, CallInput.KEYS, "123", "w1"))
    assert same.deliveries[0].tries == 1
    assert isinstance(hear(same, CallInput.KEYS, "123", "w2").result.line, End), "another try is the last one"


def test_a_typed_code_is_counted_once() -> None:
    state = TYPED
    for webhook in ("w1", "w1", "w1", "w2", "w2"):
        decided = hear(state, CallInput.KEYS, WRONG, webhook)
        assert decided.result.line == AskForCode(6, wrong=True)
        state = after(state, decided)
    assert state.verification is not None
    assert state.verification.checks == 2


def test_without_a_name_every_webhook_counts() -> None:
    state = TYPED
    for _ in range(3):
        state = after(state, hear(state, CallInput.KEYS, WRONG, ""))
    assert state.verification is not None
    assert state.verification.checks == 3


def test_the_end_of_a_call_is_told_again_although_the_verification_has_ended() -> None:
    over = after(TYPED, hear(TYPED, CallInput.KEYS, CODE, "w1"))
    assert over.verification is not None
    assert over.verification.status is VerificationStatus.APPROVED
    assert hear(over, CallInput.KEYS, CODE, "w1").result.line == End(Ending.TYPED_APPROVED)
    assert hear(over, CallInput.KEYS, CODE, "w2").result.line == End(Ending.NOT_NEEDED)


async def test_a_repeat_is_known_after_a_restart_and_on_another_worker(home: Home) -> None:
    home.under(LENIENT_POLICY)
    await home.start(Channel.CALL)
    delivery = home.provider.calls[-1][0]
    code = await home.pass_the_gate(delivery)
    await home.verifier.handle_call_event(delivery, provider_sid="CA1", heard=CallInput.KEYS, digits="3", webhook="a")
    first = await home.verifier.handle_call_event(
        delivery, provider_sid="CA1", heard=CallInput.KEYS, digits="5", webhook="b"
    )
    other = await home.open()
    again = await other.handle_call_event(delivery, provider_sid="CA1", heard=CallInput.KEYS, digits="5", webhook="b")
    assert first.line == again.line == ReadOne(code, 1)
    reported = [
        await other.handle_call_event(delivery, provider_sid="CA1", heard=CallInput.SILENCE, webhook=w) for w in "cc"
    ]
    assert reported[0] == reported[1]


@pytest.mark.parametrize("key", ["0", "4"])
async def test_a_report_and_a_wish_for_a_text_happen_once(home: Home, key: str) -> None:
    sid = (await home.start(Channel.CALL)).verification.sid
    delivery = home.provider.calls[-1][0]
    await home.pass_the_gate(delivery)
    for _ in range(2):
        await home.verifier.handle_call_event(delivery, provider_sid="CA1", heard=CallInput.SILENCE, webhook="a")
    home.clock.advance(30)
    press = {"provider_sid": "CA1", "heard": CallInput.KEYS, "digits": key, "webhook": "b"}
    said = [await home.verifier.handle_call_event(delivery, **press) for _ in range(2)]  # type: ignore[arg-type]  # its keywords
    assert said[0].line == said[1].line
    assert said[1].dispatch is None
    assert (await home.story(sid)).count(EventKind.REPORTED) == (key == "0")
    assert len(await home.deliveries(sid)) == (2 if key == "4" else 1)
