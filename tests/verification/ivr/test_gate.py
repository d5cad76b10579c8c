"""How often a mailbox that sends tones opens the gate of a call: in one call, and over a day."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from tests.support.records import CALL, NOW, NUMBER, PENDING, SECRET
from verification.context import Context
from verification.counters.counter import AddSend, Counter, LimitKey
from verification.counters.rules import NoCounters
from verification.flow.lockout import MAX_WRONG_KEYS, count_wrong_keys, gates_wait
from verification.flow.rate_limits import LimitKeys, Send
from verification.ivr.gate import Gate
from verification.ivr.prompts import AskForKeys, CallInput
from verification.models import CallStage
from verification.policy import DEFAULT_POLICY, Keypress
from verification.types import Channel
from verification.values.codes import SAY_KEYS, KeyRing, draw_keys

AT_GATE = replace(CALL, stage=CallStage.GATE)
DAY = 86400
#: What mailboxes send in three tones: any digits, different digits, or always the same ones, as a recorded greeting.
GREETINGS: dict[str, Callable[[random.Random], str]] = {
    "any digits": lambda chance: f"{chance.randrange(1000):03}",
    "different digits": lambda chance: "".join(chance.sample("123456789", 3)),
    "a fixed greeting": lambda chance: "471",
}


@dataclass
class Counted(NoCounters):
    """Counters in memory."""

    counters: dict[LimitKey, Counter] = field(default_factory=dict)

    def of(self, *keys: LimitKey) -> list[Counter]:
        return [self.counters.setdefault(key, Counter()) for key in keys]


def call_gate(chance: random.Random, greeting: str) -> tuple[bool, int]:
    """One call to a mailbox that never stops sending tones: whether the gate opened, and the wrong entries."""
    seed = chance.randbytes(16)
    gate = Gate(
        keypress=Keypress.DIGITS,
        tries=DEFAULT_POLICY.keypress_tries,
        silent_tries=DEFAULT_POLICY.silent_tries,
        keys=lambda attempt: draw_keys(SECRET, seed=seed, sid="VL1", attempt=attempt),
    )
    delivery = AT_GATE
    while True:
        digits = GREETINGS[greeting](chance)
        if gate.opens(delivery, CallInput.KEYS, digits):
            return True, delivery.tries
        if gate.reports(digits):
            return False, delivery.tries  # then it asks for the star, which no tone of a greeting is
        turn = gate.fail(delivery, CallInput.KEYS, digits)
        delivery = turn.delivery
        if not isinstance(turn.prompt, AskForKeys):
            return False, delivery.tries


@pytest.mark.parametrize("greeting", GREETINGS)
def test_a_mailbox_with_tones_gets_the_code_in_at_most_one_of_200_calls(greeting: str) -> None:
    """16.1c, seeded: 0.4 % of 100,000 calls; with two keys of 99 it was 2 %."""
    chance = random.Random(16)
    opened = sum(call_gate(chance, greeting)[0] for _ in range(100_000))
    assert opened / 100_000 <= 0.005


@pytest.mark.parametrize("greeting", GREETINGS)
def test_over_a_day_of_ten_calls_it_gets_the_code_on_at_most_one_of_100_days(greeting: str) -> None:
    """16.1c, 20.10, seeded: 0.8 % of 20,000 days of ten attempts; it was 18 %."""
    chance, context = random.Random(17), Context(NOW, DEFAULT_POLICY, KeyRing((SECRET,)))
    days = 20_000
    heard = sum(_day(chance, greeting, context) for _ in range(days))
    assert heard / days <= 0.01


def _day(chance: random.Random, greeting: str, context: Context) -> bool:
    """Ten attempts, half an hour apart."""
    counters = Counted()
    for attempt in range(10):
        now = NOW + attempt * 1800
        keys = LimitKeys(PENDING, counters)
        if gates_wait(Send(keys=keys, channel=Channel.CALL, at=now)) > 0:
            continue
        opened, wrong = call_gate(chance, greeting)
        for update in count_wrong_keys(keys, replace(context, now=now)) * wrong:
            assert isinstance(update, AddSend)
            update.apply_to(keys.of(update.key))
        if opened:
            return True
    return False


def test_the_rule_is_about_calls_to_one_number_for_one_day() -> None:
    counters, context = Counted(), Context(NOW, DEFAULT_POLICY, KeyRing((SECRET,)))
    keys = LimitKeys(PENDING, counters)
    (update,) = count_wrong_keys(keys, context)
    waits = []
    for _ in range(MAX_WRONG_KEYS):
        waits.append(gates_wait(Send(keys=keys, channel=Channel.CALL, at=NOW)))
        assert isinstance(update, AddSend)
        update.apply_to(keys.of(update.key))
    assert waits == [0] * MAX_WRONG_KEYS
    assert gates_wait(Send(keys=keys, channel=Channel.CALL, at=NOW)) == DAY
    assert gates_wait(Send(keys=keys, channel=Channel.CALL, at=NOW + DAY)) == 0
    assert gates_wait(Send(keys=keys, channel=Channel.SMS, at=NOW)) == 0
    other = replace(PENDING, number=replace(NUMBER, e164="+14155550123"), account="another")
    assert gates_wait(Send(keys=LimitKeys(other, counters), channel=Channel.CALL, at=NOW)) == 0
    same = replace(PENDING, account="another", service="VA2")
    assert gates_wait(Send(keys=LimitKeys(same, counters), channel=Channel.CALL, at=NOW)) == DAY


def test_the_gate_asks_for_three_keys() -> None:
    assert SAY_KEYS == 3
