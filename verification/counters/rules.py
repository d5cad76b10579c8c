"""The rules of rate limiting, as plain values. Exact, and as fast with ten million rows as with ten.

limit       at most this many sends within a time: sends are numbered for each key, so a limit of five reads one value
            only, the time of the fifth last send. Or this many distinct values: countries of a source, numbers of a
            range
budget      at most this many unconfirmed numbers, and a share of the confirmed ones; the window has sixty slots
ceiling     at most this much spent: minutes, money
lockout     failed checks in a row
"""

from collections.abc import Mapping
from math import inf
from typing import Protocol

from ..types import Record, Scope
from ..values.phone_numbers import PhoneNumber
from .counter import CHUNK_SIZE, Counter, LimitKey

#: A trusted browser's own allowances, which are not limits.
TRUSTED_BROWSER_SCOPES = frozenset({Scope.TRUSTED_BROWSER, Scope.SEND_ALLOWANCE, Scope.CHECK_ALLOWANCE})


#: Answers to texts, which are no sends; their limits are fixed.
ANSWER_SCOPES = frozenset({Scope.ANSWERS, Scope.PASSIVE_ANSWERS})


class Limit(Record, frozen=True, kw_only=True):
    count: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{format_duration(self.seconds)}"


class Budget(Record, frozen=True, kw_only=True):
    """Within any `seconds`, at most `count` unconfirmed numbers, and `percent` of the confirmed ones on top.

    A number is unconfirmed when its code has ended without an approval, and counts once within the shortest window, or
    one impatient person would look like an attack. The window advances by a sixtieth of its length, and is never
    shorter than its length.
    """

    count: int
    percent: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{self.percent}%/{format_duration(self.seconds)}"

    def bound(self, confirmed: int) -> int:
        """How many may be unconfirmed."""
        return self.count + confirmed * self.percent // 100

    @property
    def spacing(self) -> float:
        """Seconds between the sends of strangers, once half of the budget is spent."""
        return self.seconds / (2 * self.count)

    def slow(self, left: int) -> bool:
        """Whether so few are left that strangers wait for each other."""
        return left <= self.count // 2

    def strict(self, left: int) -> bool:
        """Whether so few are left that strangers are refused."""
        return left <= self.count // 4


class Alarm(Budget, frozen=True, kw_only=True):
    """The larger of `count` and `percent` of the successful ones."""

    def bound(self, confirmed: int) -> int:
        return max(self.count, confirmed * self.percent // 100)


class Ceiling(Record, frozen=True, kw_only=True):
    """At most `amount` within any `seconds`: minutes, or ten-thousandths of the operator's currency."""

    amount: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.amount}/{format_duration(self.seconds)}"


Rule = Limit | Budget | Ceiling
Limits = tuple[tuple[Scope, tuple[Rule, ...]], ...]

#: Sends stored beyond the largest count, so that a limit can be raised a little without a loss of history.
EXTRA_KEPT = 8


class ScopeRules(Record, frozen=True):
    """The rules of one scope, sorted by kind once, because every send evaluates all of them.

    `kept`: the number of sends to store; `fewest`: the smallest count of its limits; `windows`: lengths of its budgets
    in seconds; `spans`: of its ceilings.
    """

    scope: Scope
    limits: tuple[Limit, ...]
    budgets: tuple[Budget, ...]
    ceilings: tuple[Ceiling, ...]
    kept: int
    fewest: float
    windows: tuple[int, ...]
    spans: tuple[int, ...]

    def may_be_exceeded(self, counter: Counter) -> bool:
        """Whether any rule could deny a send with this counter."""
        sends = len(counter.sends) + counter.chunk_count * CHUNK_SIZE
        reached = sends >= self.fewest or len(counter.distinct) >= self.fewest
        return bool(reached or self.ceilings or (self.budgets and counter.window_slots))


def rules_of_scope(scope: Scope, rules: tuple[Rule, ...]) -> ScopeRules:
    """The rules of one scope by their kinds."""
    limits = tuple(rule for rule in rules if isinstance(rule, Limit))
    budgets = tuple(rule for rule in rules if isinstance(rule, Budget))
    ceilings = tuple(rule for rule in rules if isinstance(rule, Ceiling))
    most = max((limit.count for limit in limits), default=1 if budgets else 0)
    return ScopeRules(
        scope,
        limits,
        budgets,
        ceilings,
        kept=most + EXTRA_KEPT if most else 0,
        fewest=min((limit.count for limit in limits), default=inf),
        windows=tuple(budget.seconds for budget in budgets),
        spans=tuple(ceiling.seconds for ceiling in ceilings),
    )


#: The maximum of failed checks in a row (NIST SP 800-63B-4, section 3.2.2).
MOST_FAILURES = 100


class LockoutPolicy(Record, frozen=True, kw_only=True):
    """From `pause_from` failed checks in a row on, each brings a longer pause; after `stop_at` no more is compared.

    Without `stop_at` the pauses stay at the longest. Raises ValueError when out of bounds.
    """

    pause_from: int
    stop_at: int | None

    def __post_init__(self) -> None:
        if not 1 <= self.pause_from <= (self.stop_at or MOST_FAILURES) <= MOST_FAILURES:
            raise ValueError(f"failed checks in a row must be between 1 and {MOST_FAILURES}")


class Price(Record, frozen=True):
    """The price of a minute of a call, of a text, and of a message from a template, which costs as much as a text where
    it has no price of its own; in ten-thousandths of the operator's currency.
    """

    minute: int
    text: int
    template: int | None = None


#: Prices by country; `*` for all others. A country without a price is limited by minutes and messages only.
Prices = Mapping[str, Price]


def format_duration(seconds: int) -> str:
    """A time as settings write it: 90s, 10m, 1h, 1d."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


class RuleStatus(Record, frozen=True):
    """A rule at the time of a decision: `count` of `bound`, and `wait` seconds until it allows the request."""

    rule: str
    scope: Scope
    count: float
    bound: float
    wait: float


class Denial(Record, frozen=True, kw_only=True):
    """A denied request, or, if `watched`, one that would have been denied: all rules at that time, and the `reason` in
    short.

    A denied start has the sid that it would have had. `delivery` is the call or text that was not sent.
    """

    verification: str
    delivery: str = ""
    number: PhoneNumber
    at: float
    reason: str
    watched: bool
    rule_statuses: tuple[RuleStatus, ...]


class Counters(Protocol):
    """Reads counters. Only what a rule asks for is loaded."""

    def of(self, *keys: LimitKey) -> list[Counter]:
        """The counters of these keys, in one query. They are read-only: only updates change them."""

    def last_alert(self, key: LimitKey, rule: str, /) -> float:
        """When the operator was last alerted about this rule; 0 for never."""

    def trusted_since(self, key: LimitKey, browser: str, /) -> float:
        """When this browser last proved that account and number; 0 for never."""


class NoCounters:
    """Empty counters."""

    def of(self, *keys: LimitKey) -> list[Counter]:
        return [Counter() for _ in keys]

    def last_alert(self, _key: LimitKey, _rule: str, /) -> float:
        return 0

    def trusted_since(self, _key: LimitKey, _browser: str, /) -> float:
        return 0


NO_COUNTERS: Counters = NoCounters()
