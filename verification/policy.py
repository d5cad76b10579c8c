"""What the operator allows, as one frozen value.

Bounds are those of NIST SP 800-63B-4 section 3.1.3 (six digits at least, ten minutes at most, a limit of checks).
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from .actions import BUILT_IN, Action
from .errors import ActionUnknown
from .limits import MOST_GUESSES, OF_BROWSERS, Budget, Guesses, Limit, Limits, Prices, Rules, Scope
from .states import CallStyle, Channel


class Keypress(StrEnum):
    """What proves that a person is on the line before the code is said."""

    DIGITS = "digits"
    ANY = "any"
    OFF = "off"


class Fallback(StrEnum):
    """What follows a call or a text that did not get through: an offer, or one switch to the other channel."""

    OFFER = "offer"
    AUTO = "auto"


#: Wrong codes in a row. Softer on the number and never for ever on the source: neither belongs to one person alone, and
#: an attacker should not be able to lock somebody out for good by them.
GUESSES = (
    (Scope.ACCOUNT, Guesses(pause_from=10, stop_at=50)),
    (Scope.NUMBER, Guesses(pause_from=20, stop_at=MOST_GUESSES)),
    (Scope.SOURCE, Guesses(pause_from=10, stop_at=None)),
)


#: As many wrong codes as right ones, and more than fifty in ten minutes: no honest service looks like that.
ALARM = Budget(count=50, percent=100, seconds=600)
RESERVE, RESERVED_CHECKS = Limit(count=3, seconds=86400), Limit(count=5, seconds=86400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The numbers behind every decision. All times are seconds. Raises ValueError when out of bounds.

    Without `enforce` limits over time only record what they would have refused. `number_rest`: how long an account's
    new number may not approve anything risky. `plan_lifetime`: a delivery that was planned so long ago is not sent any
    more; after `silent_patience` a carrier that knows nothing of it settles it as never sent. `alarm`: wrong codes of a
    service, against right ones. `reserve` and `reserved_checks`: what a browser keeps that has proven the same account
    and number within `known_for`. `rules` are the limits, sorted by their kind,
    and `settled` those in which a right code settles something; `sending` and `checking` are the scopes that a send and
    a check look at.
    """

    countries: frozenset[str] = frozenset({"US"})
    code_length: int = 6
    code_lifetime: int = 300
    max_checks: int = 1
    keypress: Keypress = Keypress.DIGITS
    keypress_tries: int = 2
    fallback: Fallback = Fallback.OFFER
    repeat_spacing: tuple[int, ...] = (30, 60, 120, 300)
    max_deliveries: int = 5
    unknown_patience: int = 40
    silent_patience: int = 60
    plan_lifetime: int = 30
    answer_again: int = 60
    session_lifetime: int = 1800
    report_pause: int = 3600
    number_rest: int = 86400
    limits: Limits = ()
    prices: Prices = field(default_factory=dict, hash=False)
    guesses: tuple[tuple[Scope, Guesses], ...] = GUESSES
    alarm: Budget | None = ALARM
    reserve: Limit = RESERVE
    reserved_checks: Limit = RESERVED_CHECKS
    known_for: int = 180 * 86400
    enforce: bool = True
    actions: tuple[Action, ...] = field(default=BUILT_IN, repr=False)
    approval_lifetime: int = 60
    rules: tuple[Rules, ...] = field(init=False, repr=False, compare=False)
    settled: tuple[Rules, ...] = field(init=False, repr=False, compare=False)
    sending: tuple[Scope, ...] = field(init=False, repr=False, compare=False)
    checking: tuple[Scope, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rules = tuple(Rules(scope, rules) for scope, rules in self.limits if rules)
        guesses = [scope for scope, _ in self.guesses]
        settled = tuple(one for one in rules if one.budgets or one.scope is Scope.NEIGHBOURS)
        alarm = [Scope.CHECKS] if self.alarm else []
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "settled", settled)
        object.__setattr__(self, "sending", tuple(dict.fromkeys((*guesses, *(one.scope for one in rules)))))
        object.__setattr__(self, "checking", tuple(dict.fromkeys((*guesses, *(one.scope for one in settled), *alarm))))
        for name, low, high in (
            ("code_length", 6, 10),
            ("code_lifetime", 10, 600),
            ("max_checks", 1, 5),
            ("keypress_tries", 1, 3),
            ("max_deliveries", 1, 5),
            ("approval_lifetime", 10, 600),
        ):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be between {low} and {high}")
        if any(scope in OF_BROWSERS for scope, _ in self.limits):
            raise ValueError("a known browser has a reserve, not a limit")
        if any(pause < 0 for pause in self.repeat_spacing):
            raise ValueError("repeat_spacing must not be negative")

    def action(self, name: str) -> Action:
        """The declared action of this name. Raises ActionUnknown."""
        for action in self.actions:
            if action.name == name:
                return action
        raise ActionUnknown(name)

    def allows(self, name: str, channel: Channel, style: CallStyle) -> bool:
        """Whether a code for this action may travel this way. One that is no longer declared goes nowhere."""
        return any(action.allows(channel, style) for action in self.actions if action.name == name)

    def fresh(self, name: str) -> int:
        """Seconds that an approval of this action counts."""
        found = next((action.fresh for action in self.actions if action.name == name), None)
        return self.approval_lifetime if found is None else found

    def spacing(self, deliveries: int) -> int:
        """Seconds that must lie between delivery number `deliveries` and the next one."""
        if not self.repeat_spacing or deliveries < 1:
            return 0
        return self.repeat_spacing[min(deliveries, len(self.repeat_spacing)) - 1]


#: As the article has it: a wrong code ends the verification.
SEED = Policy()

#: For people who mistype: five checks, still within every bound.
PATIENT = replace(SEED, max_checks=5)
