"""Nothing that is counted grows with the attacker: 5,000 sources on one name leave small rows and few updates."""

from collections.abc import Iterable

from msgspec.structs import replace

from saycode.config.sizes import Size
from saycode.storage.counters import encode_counter
from tests.simulation.limits import SERVICES, Memory, Person, Tally, World, policy_of
from verification.counters.counter import MAX_DISTINCT, Counter, Update
from verification.values.phone_numbers import PhoneNumber

SOURCES = 5000


class Measured(Memory):
    """Counters in memory, the largest row of them, and the updates of each decision."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 0
        self.most_updates = 0

    def apply(self, updates: Iterable[Update]) -> None:
        updates = tuple(updates)
        super().apply(updates)
        self.most_updates = max(self.most_updates, len(updates))
        counters = self.of(*(update.key for update in updates))
        self.largest = max([self.largest, *(len(encode_counter(counter)[3]) for counter in counters)])


def test_five_thousand_sources_on_one_name_leave_rows_of_less_than_8_kb() -> None:
    """2.6 The row of a name does not grow with the sources that start for it."""
    counters = Measured()
    world = World(1, replace(policy_of(Size.MEDIUM), enforce=False))
    world.counters = counters
    measured = []
    for n in range(SOURCES):
        world.start(Person(PhoneNumber("+14155550100", "US"), f"source {n}", SERVICES[0][0], Tally()))
        world.now += 1
        if n + 1 in (SOURCES // 10, SOURCES):
            measured.append((counters.largest, counters.most_updates))
    (early, few), (late, many) = measured
    assert late < 8192
    assert late - early < 2048, "flat"
    assert few <= many < 40


def test_distinct_values_are_bounded_and_the_newest_stay() -> None:
    counter = Counter()
    for n in range(SOURCES):
        counter.add_distinct(f"source {n}", 1_800_000_000.0 + n)
    assert len(counter.distinct) == MAX_DISTINCT
    assert counter.last_distinct_at(f"source {SOURCES - 1}") > 0
