"""What was counted about one of those who are counted: the questions of the rules, and what a decision adds.

    sends     when the newest were; older ones lie in rolls of ROLL each, so a limit of ten thousand stays exact and
              costs no more than one of five
    tallies   windows by their length in seconds: number, made and settled of each slot, the oldest first
    met       when they last had to do with which other thing
    failures  wrong codes in a row

What is older than any limit looks back goes with the next change.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

DAY = 86_400
#: No limit looks back further than 31 days.
MAX_WINDOW = 31 * DAY
#: Sends of a roll. The newest that are in none are as many, and up to as many again.
CHUNK_SIZE = 32
#: A window is cut into so many slots: the sum over it is a short walk, whatever it holds.
SLOTS_PER_WINDOW = 60


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong codes in a row, and when the last one was."""

    count: int = 0
    at: float = 0


@dataclass(frozen=True, slots=True)
class WindowTotal:
    """What a window holds. `settled` of it was confirmed, or given back; the first rest of it leaves at `leaves`."""

    made: int = 0
    settled: int = 0
    frees_at: float = 0

    @property
    def open(self) -> int:
        """What is neither confirmed nor given back."""
        return self.made - self.settled


#: Rolls that a change makes or changes, by their numbers; one that is empty is remembered no more.
Chunks = Mapping[int, Sequence[float]]
NO_FAILURES, EMPTY_WINDOW = Failures(), WindowTotal()
NO_CHUNKS: Chunks = MappingProxyType({})


def no_chunk(_number: int) -> Sequence[float]:
    """Rolls of somebody who has none."""
    return ()


@dataclass(slots=True)
class Counter:
    """What was counted about somebody. `at`: the latest moment that it tells of; `rolled`: rolls that were filled.

    `roll` finds one by its number from 0; it is empty when it is remembered no more. `name`: what a thing is called
    in `met`, where it may not stand as it is.
    """

    at: float = 0
    sends: list[float] = field(default_factory=list)
    chunk_count: int = 0
    window_slots: dict[int, list[int]] = field(default_factory=dict)
    met: dict[bytes, float] = field(default_factory=dict)
    failures: Failures = NO_FAILURES
    chunk: Callable[[int], Sequence[float]] = no_chunk
    name: Callable[[str], bytes] = str.encode

    @property
    def empty(self) -> bool:
        """Whether there is nothing to be remembered."""
        return not (self.sends or self.chunk_count or self.window_slots or self.met or self.failures.count)

    def has_at_least(self, count: float) -> bool:
        """Whether so many sends, or other things, are remembered at all."""
        return len(self.sends) + self.chunk_count * CHUNK_SIZE >= count or len(self.met) >= count

    def nth_last_send(self, count: int) -> float | None:
        """When their so-many-th last send was; None when there were fewer, or it is remembered no more."""
        if count <= len(self.sends):
            return self.sends[-count]
        back, place = divmod(count - len(self.sends) - 1, CHUNK_SIZE)
        times = self.chunk(self.chunk_count - 1 - back) if back < self.chunk_count else ()
        return times[-1 - place] if times else None

    def since(self, start: float) -> int:
        """How many of the sends that are remembered are later: rolls lie in their order, so halving finds the first."""
        found = _count_after(self.sends, start)
        if found < len(self.sends) or not self.chunk_count:
            return found
        first = bisect_right(range(self.chunk_count), start, key=self._last_of_chunk)
        if first == self.chunk_count:
            return found
        return found + _count_after(self.chunk(first), start) + (self.chunk_count - 1 - first) * CHUNK_SIZE

    def _last_of_chunk(self, number: int) -> float:
        times = self.chunk(number)
        return times[-1] if times else 0

    def last_distinct_at(self, other: str) -> float:
        """When they last had to do with it; 0 for never."""
        return self.met.get(self.name(other), 0) if self.met else 0

    def nth_last_distinct(self, other: str, count: int) -> float | None:
        """When they last had to do with the so-many-th of all other things, the latest first."""
        times = self._others(other)
        return times[-count] if len(times) >= count else None

    def distinct_since(self, other: str, start: float) -> int:
        """How many other things they had to do with after `start`."""
        return _count_after(self._others(other), start)

    def _others(self, other: str) -> list[float]:
        if not self.met:
            return []
        this = self.name(other)
        return sorted([at for thing, at in self.met.items() if thing != this])

    def tally(self, seconds: int, now: float) -> WindowTotal:
        """What the window of this length holds; a slot that is partly in it counts whole."""
        slots = self.window_slots.get(seconds)
        if slots is None:
            return EMPTY_WINDOW
        first, begin = _slot_number(now - seconds, seconds), 0
        while begin < len(slots) and slots[begin] < first:
            begin += 3
        made, settled = sum(slots[begin + 1 :: 3]), sum(slots[begin + 2 :: 3])
        if made <= settled:
            return WindowTotal(made, settled)
        open = next(place for place in range(begin, len(slots), 3) if slots[place + 1] > slots[place + 2])
        return WindowTotal(made, settled, frees_at=(slots[open] + 1) * seconds / SLOTS_PER_WINDOW + seconds)

    def send(self, at: float, kept: int) -> Chunks:
        """One send more, of `kept` that are remembered."""
        sends = self.sends
        sends.append(at)
        while sends[0] < at - MAX_WINDOW:
            del sends[0]
        if kept <= CHUNK_SIZE and not self.chunk_count:
            del sends[:-kept]
        elif len(sends) >= 2 * CHUNK_SIZE:
            number, self.sends, self.chunk_count = self.chunk_count, sends[CHUNK_SIZE:], self.chunk_count + 1
            beyond = number - -(-kept // CHUNK_SIZE)
            return {number: sends[:CHUNK_SIZE]} if beyond < 0 else {beyond: [], number: sends[:CHUNK_SIZE]}
        return NO_CHUNKS

    def remove_send(self, at: float) -> Chunks:
        """A send of that moment never left; those after it, a moment's worth, close up."""
        times, first = self.sends, self.chunk_count
        while at not in times and (older := self.chunk(first - 1)) and older[-1] >= at:
            times, first = [*older, *times], first - 1
        if at not in times:
            return NO_CHUNKS
        del times[len(times) - 1 - times[::-1].index(at)]
        changed = dict[int, list[float]]()
        for number in range(first, self.chunk_count):
            changed[number] = times[:CHUNK_SIZE] if len(times) >= CHUNK_SIZE else []
            times = times[len(changed[number]) :]
        self.chunk_count -= sum(not chunk for chunk in changed.values())
        self.sends = times
        return changed

    def add_distinct(self, other: str, at: float) -> Chunks:
        """They had to do with it."""
        thing = self.name(other)
        if thing not in self.met:
            self.met = {known: last for known, last in self.met.items() if last >= at - MAX_WINDOW}
        self.met[thing] = at
        return NO_CHUNKS

    def forget(self, other: str) -> Chunks:
        """That they had to do with it does not count any more."""
        self.met.pop(self.name(other), None)
        return NO_CHUNKS

    def add_to_windows(self, windows: Iterable[int], at: float, made: int, settled: int) -> Chunks:
        """So much more in the slots of that moment. What settles a slot that is gone already, settles nothing."""
        for seconds in windows:
            slots = self.window_slots.setdefault(seconds, []) if made > 0 else self.window_slots.get(seconds, [])
            number, place = _slot_number(at, seconds), len(slots) - 3
            while place >= 0 and slots[place] > number:
                place -= 3
            if place >= 0 and slots[place] == number:
                slots[place + 1] += made
                slots[place + 2] += settled
            elif made > 0:
                slots[place + 3 : place + 3] = number, made, settled
                while slots[0] < number - SLOTS_PER_WINDOW:
                    del slots[:3]
        return NO_CHUNKS

    def fail(self, failures: Failures) -> Chunks:
        """So many wrong codes in a row by now."""
        self.failures = failures
        return NO_CHUNKS


def _slot_number(at: float, seconds: int) -> int:
    """The number of the slot that a moment falls into, in a window of this length."""
    return int(at * SLOTS_PER_WINDOW // seconds)


def _count_after(times: Sequence[float], start: float) -> int:
    return len(times) - bisect_right(times, start)
