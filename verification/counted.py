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

from .keeping import LONGEST_LOOK_BACK

#: Sends of a roll. The newest that are in none are as many, and up to as many again.
ROLL = 32
#: A window is cut into so many slots: the sum over it is a short walk, whatever it holds.
SLOTS = 60


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong codes in a row, and when the last one was."""

    count: int = 0
    at: float = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """What a window holds. `settled` of it was confirmed, or given back; the first rest of it leaves at `leaves`."""

    made: int = 0
    settled: int = 0
    leaves: float = 0

    @property
    def open(self) -> int:
        """What is neither confirmed nor given back."""
        return self.made - self.settled


#: Rolls that a change makes or changes, by their numbers; one that is empty is remembered no more.
Rolls = Mapping[int, Sequence[float]]
NO_FAILURES, NO_TALLY = Failures(), Tally()
NO_ROLLS: Rolls = MappingProxyType({})


def no_roll(_number: int) -> Sequence[float]:
    """Rolls of somebody who has none."""
    return ()


@dataclass(slots=True)
class Counted:
    """What was counted about somebody. `at`: the latest moment that it tells of; `rolled`: rolls that were filled.

    `roll` finds one by its number from 0; it is empty when it is remembered no more. `name`: what a thing is called
    in `met`, where it may not stand as it is.
    """

    at: float = 0
    sends: list[float] = field(default_factory=list)
    rolled: int = 0
    tallies: dict[int, list[int]] = field(default_factory=dict)
    met: dict[bytes, float] = field(default_factory=dict)
    failures: Failures = NO_FAILURES
    roll: Callable[[int], Sequence[float]] = no_roll
    name: Callable[[str], bytes] = str.encode

    @property
    def empty(self) -> bool:
        """Whether there is nothing to be remembered."""
        return not (self.sends or self.rolled or self.tallies or self.met or self.failures.count)

    def reaches(self, count: float) -> bool:
        """Whether so many sends, or other things, are remembered at all."""
        return len(self.sends) + self.rolled * ROLL >= count or len(self.met) >= count

    def nth_last(self, count: int) -> float | None:
        """When their so-many-th last send was; None when there were fewer, or it is remembered no more."""
        if count <= len(self.sends):
            return self.sends[-count]
        back, place = divmod(count - len(self.sends) - 1, ROLL)
        times = self.roll(self.rolled - 1 - back) if back < self.rolled else ()
        return times[-1 - place] if times else None

    def since(self, start: float) -> int:
        """How many of the sends that are remembered are later: rolls lie in their order, so halving finds the first."""
        found = _later(self.sends, start)
        if found < len(self.sends) or not self.rolled:
            return found
        first = bisect_right(range(self.rolled), start, key=self._end_of_roll)
        if first == self.rolled:
            return found
        return found + _later(self.roll(first), start) + (self.rolled - 1 - first) * ROLL

    def _end_of_roll(self, number: int) -> float:
        times = self.roll(number)
        return times[-1] if times else 0

    def last_met(self, other: str) -> float:
        """When they last had to do with it; 0 for never."""
        return self.met.get(self.name(other), 0) if self.met else 0

    def nth_other(self, other: str, count: int) -> float | None:
        """When they last had to do with the so-many-th of all other things, the latest first."""
        times = self._others(other)
        return times[-count] if len(times) >= count else None

    def others_since(self, other: str, start: float) -> int:
        """How many other things they had to do with after `start`."""
        return _later(self._others(other), start)

    def _others(self, other: str) -> list[float]:
        if not self.met:
            return []
        this = self.name(other)
        return sorted([at for thing, at in self.met.items() if thing != this])

    def tally(self, seconds: int, now: float) -> Tally:
        """What the window of this length holds; a slot that is partly in it counts whole."""
        slots = self.tallies.get(seconds)
        if slots is None:
            return NO_TALLY
        first, begin = _slot(now - seconds, seconds), 0
        while begin < len(slots) and slots[begin] < first:
            begin += 3
        made, settled = sum(slots[begin + 1 :: 3]), sum(slots[begin + 2 :: 3])
        if made <= settled:
            return Tally(made, settled)
        open = next(place for place in range(begin, len(slots), 3) if slots[place + 1] > slots[place + 2])
        return Tally(made, settled, leaves=(slots[open] + 1) * seconds / SLOTS + seconds)

    def send(self, at: float, kept: int) -> Rolls:
        """One send more, of `kept` that are remembered."""
        sends = self.sends
        sends.append(at)
        while sends[0] < at - LONGEST_LOOK_BACK:
            del sends[0]
        if kept <= ROLL and not self.rolled:
            del sends[:-kept]
        elif len(sends) >= 2 * ROLL:
            number, self.sends, self.rolled = self.rolled, sends[ROLL:], self.rolled + 1
            beyond = number - -(-kept // ROLL)
            return {number: sends[:ROLL]} if beyond < 0 else {beyond: [], number: sends[:ROLL]}
        return NO_ROLLS

    def take_back(self, at: float) -> Rolls:
        """A send of that moment never left; those after it, a moment's worth, close up."""
        times, first = self.sends, self.rolled
        while at not in times and (older := self.roll(first - 1)) and older[-1] >= at:
            times, first = [*older, *times], first - 1
        if at not in times:
            return NO_ROLLS
        del times[len(times) - 1 - times[::-1].index(at)]
        changed = dict[int, list[float]]()
        for number in range(first, self.rolled):
            changed[number] = times[:ROLL] if len(times) >= ROLL else []
            times = times[len(changed[number]) :]
        self.rolled -= sum(not roll for roll in changed.values())
        self.sends = times
        return changed

    def meet(self, other: str, at: float) -> Rolls:
        """They had to do with it."""
        thing = self.name(other)
        if thing not in self.met:
            self.met = {known: last for known, last in self.met.items() if last >= at - LONGEST_LOOK_BACK}
        self.met[thing] = at
        return NO_ROLLS

    def forget(self, other: str) -> Rolls:
        """That they had to do with it does not count any more."""
        self.met.pop(self.name(other), None)
        return NO_ROLLS

    def tally_up(self, windows: Iterable[int], at: float, made: int, settled: int) -> Rolls:
        """So much more in the slots of that moment. What settles a slot that is gone already, settles nothing."""
        for seconds in windows:
            slots = self.tallies.setdefault(seconds, []) if made > 0 else self.tallies.get(seconds, [])
            number, place = _slot(at, seconds), len(slots) - 3
            while place >= 0 and slots[place] > number:
                place -= 3
            if place >= 0 and slots[place] == number:
                slots[place + 1] += made
                slots[place + 2] += settled
            elif made > 0:
                slots[place + 3 : place + 3] = number, made, settled
                while slots[0] < number - SLOTS:
                    del slots[:3]
        return NO_ROLLS

    def fail(self, failures: Failures) -> Rolls:
        """So many wrong codes in a row by now."""
        self.failures = failures
        return NO_ROLLS


def _slot(at: float, seconds: int) -> int:
    """The number of the slot that a moment falls into, in a window of this length."""
    return int(at * SLOTS // seconds)


def _later(times: Sequence[float], start: float) -> int:
    return len(times) - bisect_right(times, start)
