"""What was counted: the questions that a rule may ask, and the lines that a decision writes.

Both happen in one transaction, so whatever a rule asks is still so when its answer is written.
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ..types import Scope
from ..values.phone_numbers import PhoneNumber
from .counter import Chunks, Counter, Failures
from .rules import LimitKey


class AddSend(NamedTuple):
    """One call or text, counted for somebody. `kept`: how many of theirs are remembered."""

    who: LimitKey
    at: float
    kept: int

    def enter(self, counted: Counter) -> Chunks:
        """Add it to what was counted about them."""
        return counted.send(self.at, self.kept)


class RemoveSend(NamedTuple):
    """A send of that moment that never left."""

    who: LimitKey
    at: float

    def enter(self, counted: Counter) -> Chunks:
        """Take it from what was counted about them."""
        return counted.remove_send(self.at)


class AddDistinct(NamedTuple):
    """They had to do with this other thing."""

    who: LimitKey
    other: str
    at: float

    def enter(self, counted: Counter) -> Chunks:
        """Remember when they last had."""
        return counted.add_distinct(self.other, self.at)


class RemoveDistinct(NamedTuple):
    """That they had to do with this other thing does not count any more."""

    who: LimitKey
    other: str
    at: float = 0

    def enter(self, counted: Counter) -> Chunks:
        """Forget it."""
        return counted.forget(self.other)


class AddToWindows(NamedTuple):
    """So much more was made, and so much of what was made at that moment is settled; for windows of these seconds."""

    who: LimitKey
    windows: tuple[int, ...]
    at: float
    made: int = 0
    settled: int = 0

    def enter(self, counted: Counter) -> Chunks:
        """Add it to the windows."""
        return counted.add_to_windows(self.windows, self.at, self.made, self.settled)


class SetFailures(NamedTuple):
    """So many wrong codes in a row for somebody by now; none forgets them."""

    who: LimitKey
    failures: Failures

    @property
    def at(self) -> float:
        """When the last one was."""
        return self.failures.at

    def enter(self, counted: Counter) -> Chunks:
        """Put it in the place of those before."""
        return counted.fail(self.failures)


@dataclass(frozen=True, slots=True)
class RecordAlert:
    """The operator was told of this rule."""

    who: LimitKey
    rule: str
    at: float


@dataclass(frozen=True, slots=True)
class TrustBrowser:
    """This browser has proven this account and number. `browser` is a digest of its cookie."""

    who: LimitKey
    browser: str
    number: PhoneNumber
    at: float


#: What changes what was counted about somebody.
CounterUpdate = AddSend | RemoveSend | AddDistinct | RemoveDistinct | AddToWindows | SetFailures
#: A line in the counts, written with the decision that made it.
Update = CounterUpdate | RecordAlert | TrustBrowser


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """How a rule stood: `count` of `bound`, and the seconds until it would have let this through; 0 when it did."""

    rule: str
    scope: Scope
    count: float
    bound: float
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """What was refused, or `watched` only: all rules at that moment. `reason` names what decided, in a word or two.

    A start that was refused has the sid that it would have had. `delivery` is the call or text that was not sent.
    """

    verification: str
    delivery: str = ""
    number: PhoneNumber
    at: float
    reason: str
    watched: bool
    rule_statuses: tuple[RuleStatus, ...]


class Counters(Protocol):
    """What was counted until now. A rule asks for what it needs; nothing else is read."""

    def of(self, *people: LimitKey) -> list[Counter]:
        """What was counted about each, in one question. To be looked at: it is changed by entries alone."""

    def alerted(self, who: LimitKey, rule: str, /) -> float:
        """When the operator was last told of this rule; 0 for never."""

    def known(self, who: LimitKey, browser: str, /) -> float:
        """When this browser last proved that account and number; 0 for never."""


class NoCounters:
    """Counts in which nobody was ever counted."""

    def of(self, *people: LimitKey) -> list[Counter]:
        return [Counter() for _ in people]

    def alerted(self, _who: LimitKey, _rule: str, /) -> float:
        return 0

    def known(self, _who: LimitKey, _browser: str, /) -> float:
        return 0


NO_COUNTERS: Counters = NoCounters()
