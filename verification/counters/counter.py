"""Sliding-window counters for one rate-limit key: what rules read, and the updates that decisions write.

    sends         times of the newest sends; older ones are stored in chunks, so a limit of ten thousand is exact and
                  costs no more than a limit of five
    window_slots  windows by their length in seconds: number, made and settled of each slot, oldest first
    distinct      the last time of each distinct value, such as the countries of a source
    failures      failed checks in a row

What is older than any limit looks back is deleted with the next update. Reading and writing happen in one transaction,
so a decision's answer is still true when it is written.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import final

from msgspec import Struct, field

from ..types import Record, Scope
from ..values.phone_numbers import PhoneNumber

DAY = 86_400
#: No limit looks back further than 31 days.
MAX_WINDOW = 31 * DAY
#: Sends in a chunk. Between one and two chunks' worth of the newest sends is outside the chunks.
CHUNK_SIZE = 32
#: Slots of a window: its total is a short sum, however much was counted.
SLOTS_PER_WINDOW = 60
#: The window of what is in progress, in seconds: longer than the longest code, and the length of no budget.
IN_PROGRESS_WINDOW = 601
#: Seconds that a time may be in the future of a decision, because decisions wait. Beyond it, the clock was ahead.
CLOCK_TOLERANCE = 300
#: Distinct values of one key; a limit that counts them is far below this.
MAX_DISTINCT = 300


class LimitKey(Record, frozen=True):
    """Whose requests are counted: a scope and a key in it. The store has a keyed hash of it only."""

    scope: Scope
    key: str

    def __repr__(self) -> str:
        return f"LimitKey({self.scope.value})"


class Failures(Record, frozen=True):
    """Failed checks in a row, and the time of the last one."""

    count: int = 0
    at: float = 0


class WindowTotal(Record, frozen=True):
    """The total of a window. `settled`: confirmed or refunded; the first open slot leaves the window at `frees_at`."""

    made: int = 0
    settled: int = 0
    frees_at: float = 0

    @property
    def open(self) -> int:
        """Neither confirmed nor refunded."""
        return self.made - self.settled


#: Chunks that an update writes, by number; an empty one is deleted.
Chunks = Mapping[int, Sequence[float]]
NO_FAILURES, EMPTY_WINDOW = Failures(), WindowTotal()
NO_CHUNKS: Chunks = MappingProxyType({})


def no_chunk(_number: int) -> Sequence[float]:
    return ()


class Counter(Struct):
    """Everything counted for one key. `at` is the latest time in it, `chunk_count` the number of chunks ever filled.

    `chunk` loads a chunk by its number from 0; it is empty when it was deleted. `name` encodes a value for `distinct`,
    where it may be stored only as a hash.
    """

    at: float = 0
    sends: list[float] = field(default_factory=list)
    chunk_count: int = 0
    window_slots: dict[int, list[int]] = field(default_factory=dict)
    distinct: dict[bytes, float] = field(default_factory=dict)
    failures: Failures = NO_FAILURES
    chunk: Callable[[int], Sequence[float]] = no_chunk
    name: Callable[[str], bytes] = str.encode

    def cut(self, now: float) -> None:
        """Move times in the future to now: the clock was ahead, and was set right. Chunks are cut at the start."""
        self.at = min(self.at, now)
        self.sends = [min(at, now) for at in self.sends]
        self.distinct = {value: min(at, now) for value, at in self.distinct.items()}
        self.failures = Failures(self.failures.count, min(self.failures.at, now))
        for seconds, slots in self.window_slots.items():
            number, begin = _slot_number(now, seconds), len(slots)
            while begin and slots[begin - 3] >= number:
                begin -= 3
            ahead = slots[begin:]
            if ahead:
                slots[begin:] = number, sum(ahead[1::3]), sum(ahead[2::3])

    @property
    def empty(self) -> bool:
        return not (self.sends or self.chunk_count or self.window_slots or self.distinct or self.failures.count)

    def nth_last_send(self, count: int) -> float | None:
        """The time of the nth last send; None when there were fewer, or it was deleted."""
        if count <= len(self.sends):
            return self.sends[-count]
        back, place = divmod(count - len(self.sends) - 1, CHUNK_SIZE)
        times = self.chunk(self.chunk_count - 1 - back) if back < self.chunk_count else ()
        return times[-1 - place] if times else None

    def sends_since(self, start: float) -> int:
        """The number of stored sends after `start`: a binary search over the chunks."""
        count = _count_after(self.sends, start)
        if count < len(self.sends) or not self.chunk_count:
            return count
        first = bisect_right(range(self.chunk_count), start, key=self._last_of_chunk)
        if first == self.chunk_count:
            return count
        return count + _count_after(self.chunk(first), start) + (self.chunk_count - 1 - first) * CHUNK_SIZE

    def _last_of_chunk(self, number: int) -> float:
        times = self.chunk(number)
        return times[-1] if times else 0

    def last_distinct_at(self, value: str) -> float:
        """The last time of this value; 0 for never."""
        return self.distinct.get(self.name(value), 0) if self.distinct else 0

    def nth_last_distinct(self, value: str, count: int) -> float | None:
        """The nth last time of all other values."""
        times = self._others(value)
        return times[-count] if len(times) >= count else None

    def distinct_since(self, value: str, start: float) -> int:
        """The number of other values after `start`."""
        return _count_after(self._others(value), start)

    def _others(self, value: str) -> list[float]:
        if not self.distinct:
            return []
        name = self.name(value)
        return sorted([at for other, at in self.distinct.items() if other != name])

    def window_total(self, seconds: int, now: float) -> WindowTotal:
        """The total of the window of this length; a slot that is partly inside counts as a whole."""
        slots = self.window_slots.get(seconds)
        if slots is None:
            return EMPTY_WINDOW
        first, begin = _slot_number(now - seconds, seconds), 0
        while begin < len(slots) and slots[begin] < first:
            begin += 3
        made, settled = sum(slots[begin + 1 :: 3]), sum(slots[begin + 2 :: 3])
        if made <= settled:
            return WindowTotal(made, settled)
        while slots[begin + 1] <= slots[begin + 2]:
            begin += 3
        return WindowTotal(made, settled, frees_at=(slots[begin] + 1) * seconds / SLOTS_PER_WINDOW + seconds)

    def add_send(self, at: float, kept: int) -> Chunks:
        """Count a send, when the last `kept` sends are to be stored. Returns the changed chunks."""
        sends = self.sends
        sends.append(at)
        while sends[0] < at - MAX_WINDOW:
            del sends[0]
        if kept <= CHUNK_SIZE and not self.chunk_count:
            if len(sends) > kept:
                del sends[:-kept]
        elif len(sends) >= 2 * CHUNK_SIZE:
            number, self.sends, self.chunk_count = self.chunk_count, sends[CHUNK_SIZE:], self.chunk_count + 1
            beyond = number - -(-kept // CHUNK_SIZE)
            return {number: sends[:CHUNK_SIZE]} if beyond < 0 else {beyond: [], number: sends[:CHUNK_SIZE]}
        return NO_CHUNKS

    def remove_send(self, at: float) -> Chunks:
        """Remove a send that never left; later sends, of a moment at most, close up."""
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

    def add_distinct(self, value: str, at: float) -> Chunks:
        name = self.name(value)
        if name not in self.distinct:
            known = sorted(self.distinct.items(), key=lambda item: item[1])[-(MAX_DISTINCT - 1) :]
            self.distinct = {value: last for value, last in known if last >= at - MAX_WINDOW}
        self.distinct[name] = at
        return NO_CHUNKS

    def remove_distinct(self, value: str) -> Chunks:
        self.distinct.pop(self.name(value), None)
        return NO_CHUNKS

    def add_to_windows(self, windows: Iterable[int], at: float, made: int, settled: int) -> Chunks:
        """Add to the slots of that time. Settling a slot that was deleted has no effect."""
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

    def set_failures(self, failures: Failures) -> Chunks:
        self.failures = failures
        return NO_CHUNKS


def _slot_number(at: float, seconds: int) -> int:
    """The number of the slot of this time, in a window of this length."""
    return int(at * SLOTS_PER_WINDOW // seconds)


def _count_after(times: Sequence[float], start: float) -> int:
    return len(times) - bisect_right(times, start)


class AddSend(Record, frozen=True):
    """Count one call or text. `kept`: the number of sends to store for this key."""

    key: LimitKey
    at: float
    kept: int

    def apply_to(self, counter: Counter) -> Chunks:
        return counter.add_send(self.at, self.kept)


class RemoveSend(Record, frozen=True):
    """Remove a send of this time, which never left."""

    key: LimitKey
    at: float

    def apply_to(self, counter: Counter) -> Chunks:
        return counter.remove_send(self.at)


class AddDistinct(Record, frozen=True):
    """Count a distinct value."""

    key: LimitKey
    value: str
    at: float

    def apply_to(self, counter: Counter) -> Chunks:
        return counter.add_distinct(self.value, self.at)


class RemoveDistinct(Record, frozen=True):
    """Remove a distinct value."""

    key: LimitKey
    value: str
    at: float = 0

    def apply_to(self, counter: Counter) -> Chunks:
        return counter.remove_distinct(self.value)


class AddToWindows(Record, frozen=True):
    """Add `made`, and settle `settled` of what was made at that time, in the windows of these lengths in seconds."""

    key: LimitKey
    windows: tuple[int, ...]
    at: float
    made: int = 0
    settled: int = 0

    def apply_to(self, counter: Counter) -> Chunks:
        return counter.add_to_windows(self.windows, self.at, self.made, self.settled)


class SetFailures(Record, frozen=True):
    """Set the failed checks in a row; a count of 0 resets them."""

    key: LimitKey
    failures: Failures

    @property
    def at(self) -> float:
        return self.failures.at

    def apply_to(self, counter: Counter) -> Chunks:
        return counter.set_failures(self.failures)


@final
class RecordAlert(Record, frozen=True):
    """The operator was alerted about this rule."""

    key: LimitKey
    rule: str
    at: float


@final
class TrustBrowser(Record, frozen=True):
    """This browser has proven this account and number. `browser` is a digest of its cookie."""

    key: LimitKey
    browser: str
    number: PhoneNumber
    at: float


#: Changes the counter of its key.
CounterUpdate = AddSend | RemoveSend | AddDistinct | RemoveDistinct | AddToWindows | SetFailures
#: Written with the decision that made it.
Update = CounterUpdate | RecordAlert | TrustBrowser
