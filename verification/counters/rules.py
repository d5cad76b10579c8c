"""What is limited, as plain values. Exact, and as quick with ten million rows as with ten.

limit       at most so many in any so many seconds: sends are numbered for everybody who is counted, so a limit of
            five looks at one thing only, when the fifth last one was. The same for different things: the countries
            that one source asks for, the different numbers of one hundred
budget      at most so many unconfirmed, or a share of what was confirmed; the window is cut into sixty slots
ceiling     at most so much spent: minutes, money
guesses     wrong codes in a row
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from ..types import Scope
from .counter import Counter

#: What a known browser has of its own, which is a reserve and no limit.
TRUSTED_BROWSER_SCOPES = frozenset({Scope.KNOWN, Scope.SEND_ALLOWANCE, Scope.CHECK_ALLOWANCE})


class LimitKey(NamedTuple):
    """Somebody who is counted. The table knows a keyed hash of it only."""

    scope: Scope
    key: str

    def __repr__(self) -> str:
        return f"Who({self.scope.value})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` within any `seconds`."""

    count: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{format_duration(self.seconds)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Within any `seconds` at most `count` unconfirmed, or `percent` of what was confirmed, whichever is more.

    Numbers are counted, or an impatient person would be taken for a crowd: however much is sent to one within the
    shortest of the windows, it is one.
    The window moves on in sixtieths of its length, and never counts less than its length.
    """

    count: int
    percent: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{self.percent}%/{format_duration(self.seconds)}"

    def bound(self, confirmed: int) -> int:
        """How many may be unconfirmed."""
        return max(self.count, confirmed * self.percent // 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """At most `amount` spent within any `seconds`: minutes, or ten-thousandths of the operator's currency."""

    amount: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.amount}/{format_duration(self.seconds)}"


Rule = Limit | Budget | Ceiling
Limits = tuple[tuple[Scope, tuple[Rule, ...]], ...]

#: Sends that are kept beyond the largest count, so that a limit can be raised a little without forgetting.
EXTRA_KEPT = 8


class ScopeRules:
    """The rules of a scope, sorted by their kind once: every send is held against all of them.

    `kept`: sends that are remembered for its limits; `fewest`: the smallest count of these; `windows`: seconds of its
    budgets; `spans`: of its ceilings.
    """

    __slots__ = ("budgets", "ceilings", "fewest", "kept", "limits", "scope", "spans", "windows")

    def __init__(self, scope: Scope, rules: tuple[Rule, ...]) -> None:
        self.scope = scope
        self.limits = tuple(rule for rule in rules if isinstance(rule, Limit))
        self.budgets = tuple(rule for rule in rules if isinstance(rule, Budget))
        self.ceilings = tuple(rule for rule in rules if isinstance(rule, Ceiling))
        self.kept = max(limit.count for limit in self.limits) + EXTRA_KEPT if self.limits else 0
        self.fewest = min((limit.count for limit in self.limits), default=inf)
        self.windows = tuple(budget.seconds for budget in self.budgets)
        self.spans = tuple(ceiling.seconds for ceiling in self.ceilings)

    def may_be_exceeded(self, counted: Counter) -> bool:
        """Whether any of them can stand against a send to somebody of whom so much was counted."""
        return bool(self.ceilings or (self.budgets and counted.window_slots) or counted.has_at_least(self.fewest))


#: Wrong codes in a row that nobody may go beyond (NIST SP 800-63B-4, section 3.2.2).
MOST_FAILURES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LockoutPolicy:
    """Wrong codes in a row: from `pause_from` on each one brings a longer pause, after `stop_at` no more is compared.

    Without `stop_at` the pauses stay at the longest. Raises ValueError when out of bounds.
    """

    pause_from: int
    stop_at: int | None

    def __post_init__(self) -> None:
        if not 1 <= self.pause_from <= (self.stop_at or MOST_FAILURES) <= MOST_FAILURES:
            raise ValueError(f"wrong codes in a row must be between 1 and {MOST_FAILURES}")


@dataclass(frozen=True, slots=True)
class Price:
    """What a minute of a call and a text cost, in ten-thousandths of the operator's currency."""

    minute: int
    text: int


#: Prices by country; `*` for all the others. A country without a price is counted by minutes and messages only.
Prices = Mapping[str, Price]


def format_duration(seconds: int) -> str:
    """A time as settings write it: 90s, 10m, 1h, 1d."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
