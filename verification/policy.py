"""What the operator allows, as one frozen value.

Bounds are those of NIST SP 800-63B-4 section 3.1.3 (six digits at least, ten minutes at most, a limit of checks).

What a verification can be for, and what the operator allows for it.

An action that nobody declared is refused: its code could be said with a wrong reason, or with none.

How long anything is kept.

seed              until the verification ends (see ending)
details           verifications, deliveries, and which events were theirs: `details` after the end
audit trail       `audit`; its lines hold no number and no name
counters          until no limit looks at them any more; with wrong codes in a row as long as `audit`, if that is longer
suppressions      for good, as hashes
"""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .counters.counter import DAY, MAX_WINDOW
from .counters.rules import (
    MOST_FAILURES,
    TRUSTED_BROWSER_SCOPES,
    Budget,
    Limit,
    Limits,
    LockoutPolicy,
    Prices,
    ScopeRules,
)
from .errors import ActionUnknown
from .types import CallStyle, Channel, Scope

SIGN_IN = "sign-in"
#: Where an amount and a payee are given, and no action.
PAYMENT = "payment"
#: The two proofs that change an account's number: the old one, and the new one.
CHANGE_NUMBER, NEW_NUMBER = "change-number", "new-number"

#: As it stands in addresses, logs and receipts.
ACTION_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
#: A spoken phrase stands inside a sentence that has to be heard before the code.
MAX_PHRASE_LENGTH = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One purpose. `spoken` has its phrase by language; a language that is not there has words of its own for it.

    `fresh`: seconds that its approval counts, None for the operator's usual time. `risky`: not to be approved with a
    number that is new to its account.
    """

    name: str
    spoken: tuple[tuple[str, str], ...] = ()
    fresh: int | None = None
    channels: frozenset[Channel] = frozenset(Channel)
    styles: frozenset[CallStyle] = frozenset(CallStyle)
    risky: bool = True

    def allows(self, channel: Channel, style: CallStyle) -> bool:
        """Whether its code may travel this way. A text has no style."""
        return channel in self.channels and (channel is Channel.SMS or style in self.styles)

    def phrase(self, language: str) -> str | None:
        """Its phrase in a language, or in another country's form of it."""
        spoken = dict(self.spoken)
        base = language.split("-")[0]
        near = (phrase for tag, phrase in self.spoken if tag.split("-")[0] == base)
        return spoken.get(language) or next(near, None)


#: Those that the languages have words for.
BUILT_IN_ACTIONS = (
    Action(name=SIGN_IN, risky=False),
    Action(name=PAYMENT),
    Action(name="change-billing"),
    Action(name="change-shipping-address"),
    Action(name="change-password"),
    Action(name=CHANGE_NUMBER),
    Action(name=NEW_NUMBER, risky=False),
)


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
LOCKOUT_POLICIES = (
    (Scope.ACCOUNT, LockoutPolicy(pause_from=10, stop_at=50)),
    (Scope.NUMBER, LockoutPolicy(pause_from=20, stop_at=MOST_FAILURES)),
    (Scope.SOURCE, LockoutPolicy(pause_from=10, stop_at=None)),
)


#: As many wrong codes as right ones, and more than fifty in ten minutes: no honest service looks like that.
FAILURE_ALARM = Budget(count=50, percent=100, seconds=600)
SEND_ALLOWANCE, CHECK_ALLOWANCE = Limit(count=3, seconds=86400), Limit(count=5, seconds=86400)


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
    unknown_timeout: int = 40
    quiet_timeout: int = 60
    plan_lifetime: int = 30
    answer_repeat_seconds: int = 60
    session_lifetime: int = 1800
    report_pause: int = 3600
    new_number_cooldown: int = 86400
    limits: Limits = ()
    prices: Prices = field(default_factory=dict, hash=False)
    guesses: tuple[tuple[Scope, LockoutPolicy], ...] = LOCKOUT_POLICIES
    alarm: Budget | None = FAILURE_ALARM
    reserve: Limit = SEND_ALLOWANCE
    reserved_checks: Limit = CHECK_ALLOWANCE
    browser_trust_seconds: int = 180 * 86400
    enforce: bool = True
    actions: tuple[Action, ...] = field(default=BUILT_IN_ACTIONS, repr=False)
    approval_lifetime: int = 60
    rules: tuple[ScopeRules, ...] = field(init=False, repr=False, compare=False)
    settled: tuple[ScopeRules, ...] = field(init=False, repr=False, compare=False)
    sending: tuple[Scope, ...] = field(init=False, repr=False, compare=False)
    checking: tuple[Scope, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rules = tuple(ScopeRules(scope, rules) for scope, rules in self.limits if rules)
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
        if any(scope in TRUSTED_BROWSER_SCOPES for scope, _ in self.limits):
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
DEFAULT_POLICY = Policy()

#: For people who mistype: five checks, still within every bound.
LENIENT_POLICY = replace(DEFAULT_POLICY, max_checks=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What the operator chose, in days. Raises ValueError when out of bounds."""

    details: int = 30
    audit: int = 365

    def __post_init__(self) -> None:
        if not 1 <= self.details <= self.audit <= 366:
            raise ValueError("details are kept for a day at least, the audit trail as long, and 366 days at most")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionCutoffs:
    """What may be forgotten now: what ended, happened, was last looked at or ran out before these times."""

    details: float
    audit: float
    counters: float
    over: float


def retention_cutoffs(keep: Retention, *, now: float) -> RetentionCutoffs:
    """What is due to be forgotten now."""
    return RetentionCutoffs(
        details=now - keep.details * DAY,
        audit=now - keep.audit * DAY,
        counters=now - MAX_WINDOW,
        over=now - DAY,
    )
