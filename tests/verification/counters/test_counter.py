"""Counters: every query is answered as by a plain list."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from verification.counters.counter import CHUNK_SIZE, MAX_WINDOW, SLOTS_PER_WINDOW, Counter, Failures

NOW = 1_800_000_000.0


@dataclass
class StoredCounter:
    """A counter with its chunks, as a store keeps them."""

    kept: int
    chunks: dict[int, Sequence[float]] = field(default_factory=dict)
    counter: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.counter.chunk = lambda number: self.chunks.get(number, ())

    def send(self, at: float) -> None:
        self.chunks.update(self.counter.add_send(at, self.kept))

    def remove_send(self, at: float) -> None:
        self.chunks.update(self.counter.remove_send(at))


@settings(max_examples=150)
@given(
    st.sampled_from([1, 10, CHUNK_SIZE, CHUNK_SIZE + 1, 100]),
    st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 40)), max_size=400),
)
def test_sends_are_stored_as_in_a_plain_list(kept: int, steps: list[tuple[int, bool, int]]) -> None:
    """Exact however many they are, also after one of them never left."""
    stored, plain, known, now = StoredCounter(kept), list[float](), 0, NOW
    for pause, back, which in steps:
        now += pause
        if back and which < known:
            at = plain[-1 - which]
            stored.remove_send(at)
            del plain[len(plain) - 1 - plain[::-1].index(at)]
            known -= 1  # what was forgotten does not come back
        elif not back:
            stored.send(now)
            plain.append(now)
            known = min(known + 1, kept)
    counted, newest = stored.counter, plain[len(plain) - known :]
    assert [counted.nth_last_send(n) for n in range(1, known + 1)] == newest[::-1]
    start = now - 100
    assert sum(at > start for at in newest) <= counted.sends_since(start) <= sum(at > start for at in plain)


def test_no_more_is_kept_than_asked_for_and_a_chunk_of_thirty_two() -> None:
    few, many = StoredCounter(5), StoredCounter(100)
    for n in range(1000):
        few.send(NOW + n)
        many.send(NOW + n)
    assert (few.counter.sends, few.chunks) == ([NOW + n for n in range(995, 1000)], {})
    left = sum(map(len, many.chunks.values())) + len(many.counter.sends)
    assert 100 <= left < 100 + 3 * CHUNK_SIZE
    assert many.counter.nth_last_send(100) == NOW + 900
    assert many.counter.nth_last_send(10_000) is None


def test_what_no_limit_looks_back_to_is_deleted_with_the_next_send() -> None:
    stored = StoredCounter(5)
    stored.send(NOW)
    stored.counter.add_distinct("US", NOW)
    later = NOW + MAX_WINDOW + 1
    stored.send(later)
    stored.counter.add_distinct("NL", later)
    assert stored.counter.sends == [later]
    assert [stored.counter.last_distinct_at(thing) for thing in ("US", "NL")] == [0, later]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 5)), max_size=40), st.integers(1, 7), st.integers(1, 4000)
)
def test_distinct_values_are_counted_once_each(steps: list[tuple[int, int]], count: int, seconds: int) -> None:
    counted, met, now = Counter(), dict[str, float](), NOW
    for pause, which in steps:
        now += pause
        counted.add_distinct(f"thing {which}", now)
        met[f"thing {which}"] = now
    others = sorted((at for thing, at in met.items() if thing != "thing 0"), reverse=True)
    assert counted.nth_last_distinct("thing 0", count) == (others[count - 1] if len(others) >= count else None)
    assert counted.distinct_since("thing 0", now - seconds) == sum(at > now - seconds for at in others)
    counted.remove_distinct("thing 1")
    assert counted.last_distinct_at("thing 1") == 0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 300), st.integers(0, 5)), max_size=60), st.integers(61, 4000))
def test_a_window_holds_what_is_in_it_and_at_most_a_sixtieth_more(
    steps: list[tuple[bool, int, int]], seconds: int
) -> None:
    counted, made, now = Counter(), list[list[float]](), NOW
    for settle, pause, which in steps:
        now += pause
        if not settle:
            counted.add_to_windows((seconds, 86_400), now, 1, 0)
            made.append([now, 0])
        elif made and not made[-1 - which % len(made)][1]:
            one = made[-1 - which % len(made)]
            counted.add_to_windows((seconds, 86_400), one[0], 0, 1)
            one[1] = 1
    tally = counted.window_total(seconds, now)
    inside = [one for one in made if one[0] > now - seconds]
    near = [one for one in made if one[0] > now - seconds - seconds / SLOTS_PER_WINDOW - 1e-3]
    assert sum(not settled for _, settled in inside) <= tally.open <= sum(not settled for _, settled in near)
    assert len(inside) <= tally.made <= len(near)
    assert counted.window_total(60, now).made == 0
    if tally.open:
        assert counted.window_total(seconds, tally.frees_at).open < tally.open
        assert now < tally.frees_at <= now + seconds + seconds / SLOTS_PER_WINDOW
    assert len(counted.window_slots.get(seconds, ())) <= 3 * (SLOTS_PER_WINDOW + 1)


def test_what_was_removed_or_reset_leaves_nothing() -> None:
    stored = StoredCounter(5)
    empty = [stored.counter.empty]
    stored.send(NOW)
    stored.counter.set_failures(Failures(1, NOW))
    empty.append(stored.counter.empty)
    stored.remove_send(NOW)
    empty.append(stored.counter.empty)
    stored.counter.set_failures(Failures())
    empty.append(stored.counter.empty)
    assert empty == [True, False, False, True]
