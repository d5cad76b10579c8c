"""What was counted: the questions that a rule may ask, and the lines that a decision writes.

Both happen in one transaction, so whatever a rule asks is still so when its answer is written.
"""

from dataclasses import dataclass
from typing import Protocol

from .limits import Scope, Who
from .numbers import Number


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


@dataclass(frozen=True, slots=True)
class Sent:
    """One call or text, counted for somebody. `kept`: how many of theirs are remembered."""

    who: Who
    at: float
    kept: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A send of that moment that never left."""

    who: Who
    at: float


@dataclass(frozen=True, slots=True)
class Met:
    """They had to do with this other thing."""

    who: Who
    other: str
    at: float


@dataclass(frozen=True, slots=True)
class Forgotten:
    """That they had to do with this other thing does not count any more."""

    who: Who
    other: str


@dataclass(frozen=True, slots=True)
class Marked:
    """They were counted against a budget at that moment; None takes it back."""

    who: Who
    at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """So much more was made, and so much of what was made at that moment is settled; for the window of `seconds`."""

    who: Who
    seconds: int
    at: float
    made: int = 0
    settled: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """So many wrong codes in a row for somebody by now; none forgets them."""

    who: Who
    failures: Failures


@dataclass(frozen=True, slots=True)
class Alerted:
    """The operator was told of this rule."""

    who: Who
    rule: str
    at: float


@dataclass(frozen=True, slots=True)
class Known:
    """This browser has proven this account and number. `browser` is a digest of its cookie."""

    who: Who
    browser: str
    number: Number
    at: float


#: A line in the counts, written with the decision that made it.
Entry = Sent | TakenBack | Met | Forgotten | Marked | Tallied | Failed | Alerted | Known


@dataclass(frozen=True, slots=True)
class Ruling:
    """How a rule stood: `count` of `bound`, and the seconds until it would have let this through; 0 when it did."""

    rule: str
    scope: Scope
    count: float
    bound: float
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What was refused, or `watched` only: all rules at that moment. `reason` names what decided, in a word or two.

    A start that was refused has the sid that it would have had. `delivery` is the call or text that was not sent.
    """

    verification: str
    delivery: str = ""
    number: Number
    at: float
    reason: str
    watched: bool
    rulings: tuple[Ruling, ...]


class Counts(Protocol):
    """What was counted until now. A rule asks for what it needs; nothing else is read."""

    def nth_last(self, who: Who, count: int, /) -> float | None:
        """When their so-many-th last send was; None when there were fewer."""

    def since(self, who: Who, start: float, /) -> int:
        """How many sends of theirs are later than `start`, of those that are remembered."""

    def nth_other(self, who: Who, other: str, count: int, /) -> float | None:
        """When they last had to do with the so-many-th of all other things, the latest first."""

    def others_since(self, who: Who, other: str, start: float, /) -> int:
        """How many other things they had to do with after `start`."""

    def marked(self, who: Who, /) -> float:
        """When they were last counted against a budget; 0 for never."""

    def tally(self, who: Who, /, *, seconds: int, now: float) -> Tally:
        """What the window of this length holds."""

    def failures(self, *people: Who) -> list[Failures]:
        """The wrong codes in a row of each."""

    def alerted(self, who: Who, rule: str, /) -> float:
        """When the operator was last told of this rule; 0 for never."""

    def known(self, who: Who, browser: str, /) -> float:
        """When this browser last proved that account and number; 0 for never."""


class Nothing:
    """Counts in which nobody was ever counted."""

    def nth_last(self, _who: Who, _count: int, /) -> float | None:
        return None

    def since(self, _who: Who, _start: float, /) -> int:
        return 0

    def nth_other(self, _who: Who, _other: str, _count: int, /) -> float | None:
        return None

    def others_since(self, _who: Who, _other: str, _start: float, /) -> int:
        return 0

    def marked(self, _who: Who, /) -> float:
        return 0

    def tally(self, _who: Who, /, *, seconds: int, now: float) -> Tally:  # noqa: ARG002  # the names are the protocol's
        return Tally()

    def failures(self, *people: Who) -> list[Failures]:
        return [Failures() for _ in people]

    def alerted(self, _who: Who, _rule: str, /) -> float:
        return 0

    def known(self, _who: Who, _browser: str, /) -> float:
        return 0


NOTHING: Counts = Nothing()
