"""What was counted: the questions that a rule may ask, and the lines that a decision writes.

Both happen in one transaction, so whatever a rule asks is still so when its answer is written.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from .counted import Counted, Failures, Rolls
from .limits import Scope, Who
from .numbers import Number


class Sent(NamedTuple):
    """One call or text, counted for somebody. `kept`: how many of theirs are remembered."""

    who: Who
    at: float
    kept: int

    def enter(self, counted: Counted) -> Rolls:
        """Add it to what was counted about them."""
        return counted.send(self.at, self.kept)


class TakenBack(NamedTuple):
    """A send of that moment that never left."""

    who: Who
    at: float

    def enter(self, counted: Counted) -> Rolls:
        """Take it from what was counted about them."""
        return counted.take_back(self.at)


class Met(NamedTuple):
    """They had to do with this other thing."""

    who: Who
    other: str
    at: float

    def enter(self, counted: Counted) -> Rolls:
        """Remember when they last had."""
        return counted.meet(self.other, self.at)


class Forgotten(NamedTuple):
    """That they had to do with this other thing does not count any more."""

    who: Who
    other: str
    at: float = 0

    def enter(self, counted: Counted) -> Rolls:
        """Forget it."""
        return counted.forget(self.other)


class Tallied(NamedTuple):
    """So much more was made, and so much of what was made at that moment is settled; for windows of these seconds."""

    who: Who
    windows: tuple[int, ...]
    at: float
    made: int = 0
    settled: int = 0

    def enter(self, counted: Counted) -> Rolls:
        """Add it to the windows."""
        return counted.tally_up(self.windows, self.at, self.made, self.settled)


class Failed(NamedTuple):
    """So many wrong codes in a row for somebody by now; none forgets them."""

    who: Who
    failures: Failures

    @property
    def at(self) -> float:
        """When the last one was."""
        return self.failures.at

    def enter(self, counted: Counted) -> Rolls:
        """Put it in the place of those before."""
        return counted.fail(self.failures)


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


#: What changes what was counted about somebody.
Change = Sent | TakenBack | Met | Forgotten | Tallied | Failed
#: A line in the counts, written with the decision that made it.
Entry = Change | Alerted | Known


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

    def of(self, *people: Who) -> list[Counted]:
        """What was counted about each, in one question. To be looked at: it is changed by entries alone."""

    def alerted(self, who: Who, rule: str, /) -> float:
        """When the operator was last told of this rule; 0 for never."""

    def known(self, who: Who, browser: str, /) -> float:
        """When this browser last proved that account and number; 0 for never."""


class Nothing:
    """Counts in which nobody was ever counted."""

    def of(self, *people: Who) -> list[Counted]:
        return [Counted() for _ in people]

    def alerted(self, _who: Who, _rule: str, /) -> float:
        return 0

    def known(self, _who: Who, _browser: str, /) -> float:
        return 0


NOTHING: Counts = Nothing()
