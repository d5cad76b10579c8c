"""Twilio sends a webhook again when its answer was lost: the same sentence, and nothing moves or counts twice."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import CODE, KEYS, NOW, NUMBER, PENDING, WRONG, after, planned
from tests.home import Home, open_home
from verification.call import AskForCode, AskForKeys, End, Ending, Heard, ReadOne
from verification.calling import Moment, Said, turn
from verification.policy import PATIENT, SEED, Keypress, Policy
from verification.ports import Decision
from verification.records import CallStyle, Case, EventKind
from verification.states import Channel, VerificationStatus

SPARE = replace(planned(Channel.SMS, sid="VL7"), verification="")
FIRST = Case(verification=PENDING, deliveries=(planned(sid="VL1"),))
TYPED = replace(FIRST, verification=replace(PENDING, style=CallStyle.KEY, max_checks=5))


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


def hear(
    case: Case, heard: Heard, digits: str, webhook: str, *, policy: Policy = SEED, now: float = NOW
) -> Decision[Said]:
    moment = Moment(
        delivery="VL1",
        carrier_sid="CA1",
        to=NUMBER.e164,
        heard=heard,
        digits=digits,
        spare=lambda: SPARE,
        now=now,
        webhook=webhook,
    )
    return turn(case, moment, keys=KEYS, policy=policy)


def right_pair(case: Case) -> str:
    """The keys that open the gate now."""
    line = hear(case, Heard.ANSWERED, "", "").verdict.line
    return line.keys if isinstance(line, AskForKeys) else ""


WEBHOOKS = st.lists(
    st.sampled_from(["answered", "silence", "right", "wrong", *"01234569*#", "00", "12", CODE, WRONG]), max_size=14
)


@settings(max_examples=300)
@given(WEBHOOKS, st.sampled_from([FIRST, TYPED]), st.sampled_from(Keypress))
def test_every_webhook_that_comes_twice_is_answered_the_same_and_has_one_effect(
    walk: list[str], start: Case, keypress: Keypress
) -> None:
    policy = replace(SEED, keypress=keypress)
    case = start
    for number, step in enumerate(walk):
        heard = {"answered": Heard.ANSWERED, "silence": Heard.SILENCE}.get(step, Heard.KEYS)
        pair = right_pair(case)
        digits = {"answered": "", "silence": "", "right": pair, "wrong": "77" if pair == "99" else "99"}.get(step, step)
        first = hear(case, heard, digits, f"w{number}", policy=policy)
        case = after(case, first)
        again = hear(case, heard, digits, f"w{number}", policy=policy)
        if first.deliveries or first.verifications:
            assert again == Decision(verdict=replace(again.verdict, dispatch=None)), "nothing is written"
            assert again.verdict.line == first.verdict.line
        else:
            assert again == first, "what changes nothing may happen twice"


def test_a_character_is_not_skipped_when_the_key_for_it_comes_twice() -> None:
    case = FIRST
    for webhook, digits in (("w1", right_pair(case)), ("w2", "3"), ("w3", "5")):
        case = after(case, hear(case, Heard.KEYS, digits, webhook))
    again = hear(case, Heard.KEYS, "5", "w3")
    assert again == Decision(verdict=again.verdict)
    assert again.verdict.line == ReadOne(CODE, 1)
    assert hear(case, Heard.KEYS, "5", "w4").verdict.line == ReadOne(CODE, 2), "another press of the same key counts"


def test_a_try_at_the_gate_is_counted_once() -> None:
    tried = after(FIRST, hear(FIRST, Heard.KEYS, "123", "w1"))
    same = after(tried, hear(tried, Heard.KEYS, "123", "w1"))
    assert same.deliveries[0].tries == 1
    assert isinstance(hear(same, Heard.KEYS, "123", "w2").verdict.line, End), "another try is the last one"


def test_a_typed_code_is_counted_once() -> None:
    case = TYPED
    for webhook in ("w1", "w1", "w1", "w2", "w2"):
        decided = hear(case, Heard.KEYS, WRONG, webhook)
        assert decided.verdict.line == AskForCode(6, wrong=True)
        case = after(case, decided)
    assert case.verification is not None
    assert case.verification.checks == 2


def test_without_a_name_every_webhook_counts() -> None:
    case = TYPED
    for _ in range(3):
        case = after(case, hear(case, Heard.KEYS, WRONG, ""))
    assert case.verification is not None
    assert case.verification.checks == 3


def test_the_end_of_a_call_is_told_again_although_the_verification_has_ended() -> None:
    over = after(TYPED, hear(TYPED, Heard.KEYS, CODE, "w1"))
    assert over.verification is not None
    assert over.verification.status is VerificationStatus.APPROVED
    assert hear(over, Heard.KEYS, CODE, "w1").verdict.line == End(Ending.TYPED_APPROVED)
    assert hear(over, Heard.KEYS, CODE, "w2").verdict.line == End(Ending.NOT_NEEDED)


async def test_a_repeat_is_known_after_a_restart_and_on_another_worker(home: Home) -> None:
    home.under(PATIENT)
    await home.start(Channel.CALL)
    delivery = home.carrier.calls[-1][0]
    code = await home.pass_the_gate(delivery)
    await home.service.hear(delivery, carrier_sid="CA1", heard=Heard.KEYS, digits="3", webhook="a")
    first = await home.service.hear(delivery, carrier_sid="CA1", heard=Heard.KEYS, digits="5", webhook="b")
    other = await home.open()
    again = await other.hear(delivery, carrier_sid="CA1", heard=Heard.KEYS, digits="5", webhook="b")
    assert first.line == again.line == ReadOne(code, 1)
    reported = [await other.hear(delivery, carrier_sid="CA1", heard=Heard.SILENCE, webhook=w) for w in "cc"]
    assert reported[0] == reported[1]


@pytest.mark.parametrize("key", ["0", "4"])
async def test_a_report_and_a_wish_for_a_text_happen_once(home: Home, key: str) -> None:
    sid = (await home.start(Channel.CALL)).verification.sid
    delivery = home.carrier.calls[-1][0]
    await home.pass_the_gate(delivery)
    for _ in range(2):
        await home.service.hear(delivery, carrier_sid="CA1", heard=Heard.SILENCE, webhook="a")
    home.clock.advance(30)
    press = {"carrier_sid": "CA1", "heard": Heard.KEYS, "digits": key, "webhook": "b"}
    said = [await home.service.hear(delivery, **press) for _ in range(2)]  # type: ignore[arg-type]  # its keywords
    assert said[0].line == said[1].line
    assert said[1].dispatch is None
    assert (await home.story(sid)).count(EventKind.REPORTED) == (key == "0")
    assert len(await home.deliveries(sid)) == (2 if key == "4" else 1)
