"""What is limited and what is counted for it, as plain values; and the questions that a rule may ask of the counts.

    sends       so many in any so many seconds: the sends of whoever is counted are numbered, so a limit of five looks
                at one thing only, when the fifth last one was
    met         the same for different things, such as the countries that one source asks for
    tallies     sums over a sliding window that is cut into sixty, for shares: how much of it was confirmed
    failures    wrong codes in a row

Exact, and as quick with ten million rows as with ten. Whatever a rule asks is read in the transaction that writes the
answer; whoever is counted is known to the table by a keyed hash only.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Scope(StrEnum):
    """Who is counted."""

    NUMBER = "number"
    ACCOUNT = "account"
    SOURCE = "source"
    PREFIX = "prefix"
    COUNTRY = "country"
    SERVICE = "service"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is counted."""

    scope: Scope
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` within any `seconds`."""

    count: int
    seconds: int


Limits = tuple[tuple[Scope, tuple[Limit, ...]], ...]

#: Wrong codes in a row that nobody may go beyond (NIST SP 800-63B-4, section 3.2.2).
MOST_GUESSES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """Wrong codes in a row: from `pause_from` on each one brings a longer pause, after `stop_at` no more is compared.

    Without `stop_at` the pauses stay at the longest. Raises ValueError when out of bounds.
    """

    pause_from: int
    stop_at: int | None

    def __post_init__(self) -> None:
        if not 1 <= self.pause_from <= (self.stop_at or MOST_GUESSES) <= MOST_GUESSES:
            raise ValueError(f"wrong codes in a row must be between 1 and {MOST_GUESSES}")


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong codes in a row, and when the last one was."""

    count: int = 0
    at: float = 0


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
class Failed:
    """So many wrong codes in a row for somebody by now; none forgets them."""

    who: Who
    failures: Failures


#: A line in the counts, written with the decision that made it.
Entry = Sent | TakenBack | Failed


class Counts(Protocol):
    """What was counted until now. A rule asks for what it needs; nothing else is read."""

    def nth_last(self, who: Who, count: int, /) -> float | None:
        """When their so-many-th last send was; None when there were fewer."""

    def failures(self, who: Who, /) -> Failures:
        """Their wrong codes in a row."""


class _Nothing:
    def nth_last(self, _who: Who, _count: int, /) -> float | None:
        return None

    def failures(self, _who: Who, /) -> Failures:
        return Failures()


#: Nobody was ever counted.
NOTHING: Counts = _Nothing()
