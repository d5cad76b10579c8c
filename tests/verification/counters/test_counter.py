"""What was counted about somebody: every question is answered as by a plain list of what happened."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from verification.counters.counter import CHUNK_SIZE, MAX_WINDOW, SLOTS_PER_WINDOW, Counter, Failures

NOW = 1_800_000_000.0


@dataclass
class Somebody:
    """Their counts, with the rolls beside them as a table keeps them."""

    kept: int
    chunks: dict[int, Sequence[float]] = field(default_factory=dict)
    counted: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.counted.chunk = lambda number: self.chunks.get(number, ())

    def send(self, at: float) -> None:
        self.chunks.update(self.counted.send(at, self.kept))

    def remove_send(self, at: float) -> None:
        self.chunks.update(self.counted.remove_send(at))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([1, 10, CHUNK_SIZE, CHUNK_SIZE + 1, 100]),
    st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 40)), max_size=400),
)
def test_sends_are_remembered_as_in_a_plain_list(kept: int, steps: list[tuple[int, bool, int]]) -> None:
    """Exact however many they are, also after one of them never left."""
    somebody, plain, known, now = Somebody(kept), list[float](), 0, NOW
    for pause, back, which in steps:
        now += pause
        if back and which < known:
            at = plain[-1 - which]
            somebody.remove_send(at)
            del plain[len(plain) - 1 - plain[::-1].index(at)]
            known -= 1  # what was forgotten does not come back
        elif not back:
            somebody.send(now)
            plain.append(now)
            known = min(known + 1, kept)
    counted, newest = somebody.counted, plain[len(plain) - known :]
    assert [counted.nth_last_send(n) for n in range(1, known + 1)] == newest[::-1]
    start = now - 100
    assert sum(at > start for at in newest) <= counted.since(start) <= sum(at > start for at in plain)


def test_no_more_than_asked_for_is_kept_and_a_roll_of_thirty_two() -> None:
    few, many = Somebody(5), Somebody(100)
    for n in range(1000):
        few.send(NOW + n)
        many.send(NOW + n)
    assert (few.counted.sends, few.chunks) == ([NOW + n for n in range(995, 1000)], {})
    left = sum(map(len, many.chunks.values())) + len(many.counted.sends)
    assert 100 <= left < 100 + 3 * CHUNK_SIZE
    assert many.counted.nth_last_send(100) == NOW + 900
    assert many.counted.nth_last_send(10_000) is None


def test_what_no_limit_looks_back_to_is_forgotten_with_the_next_send() -> None:
    somebody = Somebody(5)
    somebody.send(NOW)
    somebody.counted.add_distinct("US", NOW)
    later = NOW + MAX_WINDOW + 1
    somebody.send(later)
    somebody.counted.add_distinct("NL", later)
    assert somebody.counted.sends == [later]
    assert [somebody.counted.last_distinct_at(thing) for thing in ("US", "NL")] == [0, later]


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 5)), max_size=40), st.integers(1, 7), st.integers(1, 4000)
)
def test_other_things_are_counted_once_each(steps: list[tuple[int, int]], count: int, seconds: int) -> None:
    counted, met, now = Counter(), dict[str, float](), NOW
    for pause, which in steps:
        now += pause
        counted.add_distinct(f"thing {which}", now)
        met[f"thing {which}"] = now
    others = sorted((at for thing, at in met.items() if thing != "thing 0"), reverse=True)
    assert counted.nth_last_distinct("thing 0", count) == (others[count - 1] if len(others) >= count else None)
    assert counted.distinct_since("thing 0", now - seconds) == sum(at > now - seconds for at in others)
    counted.forget("thing 1")
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
    tally = counted.tally(seconds, now)
    inside = [one for one in made if one[0] > now - seconds]
    near = [one for one in made if one[0] > now - seconds - seconds / SLOTS_PER_WINDOW - 1e-3]
    assert sum(not settled for _, settled in inside) <= tally.open <= sum(not settled for _, settled in near)
    assert len(inside) <= tally.made <= len(near)
    assert counted.tally(60, now).made == 0
    if tally.open:
        assert counted.tally(seconds, tally.frees_at).open < tally.open
        assert now < tally.frees_at <= now + seconds + seconds / SLOTS_PER_WINDOW
    assert len(counted.window_slots.get(seconds, ())) <= 3 * (SLOTS_PER_WINDOW + 1)


def test_what_was_taken_back_or_ended_leaves_nothing() -> None:
    somebody = Somebody(5)
    empty = [somebody.counted.empty]
    somebody.send(NOW)
    somebody.counted.fail(Failures(1, NOW))
    empty.append(somebody.counted.empty)
    somebody.remove_send(NOW)
    empty.append(somebody.counted.empty)
    somebody.counted.fail(Failures())
    empty.append(somebody.counted.empty)
    assert empty == [True, False, False, True]
