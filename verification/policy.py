"""What the operator allows: the policy of a verification, the declared actions, and the retention periods.

The bounds of a code are those of NIST SP 800-63B-4, section 3.1.3: at least six digits, at most ten minutes, a limit of
checks. An undeclared action is rejected, because the call could not say what the code is for.

Retention:

seed              until the verification ends
details           verifications, deliveries, and the events' links to them: `details` days after the end
audit log         `audit` days; its lines hold no number and no name
counters          until no limit reads them; failed checks in a row for `audit` days, if that is longer
suppressions      for ever, as hashes
inbound messages  until Twilio certainly repeats no webhook of them, as hashes: as long as counters
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

from msgspec import field
from msgspec.structs import force_setattr, replace

from .counters.counter import DAY, MAX_WINDOW
from .counters.rules import (
    ANSWER_SCOPES,
    MOST_FAILURES,
    TRUSTED_BROWSER_SCOPES,
    Alarm,
    Budget,
    Limit,
    Limits,
    LockoutPolicy,
    Prices,
    ScopeRules,
    rules_of_scope,
)
from .errors import ActionUnknown
from .types import CallStyle, Channel, Record, Scope
from .values.fixed_codes import FixedCode
from .values.phone_numbers import PhoneNumber

SIGN_IN = "sign-in"
#: The action of a request with an amount and a payee, and no action.
PAYMENT = "payment"
#: The two proofs that change an account's number: with the old number, and with the new one.
CHANGE_NUMBER, NEW_NUMBER = "change-number", "new-number"
#: The call back to a person who wants to stop our calls, or to allow them again. It has no code.
PERMISSION = "permission"

#: Action names appear in URLs, logs and receipts.
ACTION_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
#: A spoken phrase is part of a sentence that is heard before the code.
MAX_PHRASE_LENGTH = 60


class Action(Record, frozen=True, kw_only=True):
    """What a verification is for. `spoken` has the phrase by language; other languages use a built-in sentence.

    `approval_lifetime`: seconds that an approval is valid, None for the policy's. `risky`: must not be approved with a
    number that is new to its account.
    """

    name: str
    spoken: tuple[tuple[str, str], ...] = ()
    approval_lifetime: int | None = None
    channels: frozenset[Channel] = frozenset(Channel)
    styles: frozenset[CallStyle] = frozenset(CallStyle)
    risky: bool = True

    def allows(self, channel: Channel, style: CallStyle) -> bool:
        """Whether the code may be sent this way, where the channel is set up. A text has no style."""
        return channel in self.channels and (not channel.spoken or style in self.styles)

    def phrase(self, language: str) -> str | None:
        """The phrase in this language, or in another regional form of it."""
        spoken = dict(self.spoken)
        base = language.split("-")[0]
        regional = (phrase for tag, phrase in self.spoken if tag.split("-")[0] == base)
        return spoken.get(language) or next(regional, None)


#: The actions that every language has a phrase for.
BUILT_IN_ACTIONS = (
    Action(name=SIGN_IN, risky=False),
    Action(name=PAYMENT),
    Action(name="change-billing"),
    Action(name="change-shipping-address"),
    Action(name="change-password"),
    Action(name=CHANGE_NUMBER),
    Action(name=NEW_NUMBER, risky=False),
)


def action_phrase(actions: tuple[Action, ...], name: str, language: str) -> str | None:
    """The phrase that the operator declared for an action. None: the language has words of its own for it."""
    return next((action.phrase(language) for action in actions if action.name == name), None)


class Keypress(StrEnum):
    """What proves that a person is on the line before the code is said."""

    DIGITS = "digits"
    ANY = "any"
    OFF = "off"


class Fallback(StrEnum):
    """After a failed delivery: offer the other channel, or switch to it once."""

    OFFER = "offer"
    AUTO = "auto"


#: Failed checks in a row. Softer on the number, and never permanent on the source: several people may share either, and
#: an attacker must not be able to lock a user out for good.
LOCKOUT_POLICIES = (
    (Scope.ACCOUNT, LockoutPolicy(pause_from=10, stop_at=50)),
    (Scope.NUMBER, LockoutPolicy(pause_from=20, stop_at=MOST_FAILURES)),
    (Scope.SOURCE, LockoutPolicy(pause_from=10, stop_at=None)),
)


#: As many failed checks as successful ones, and more than fifty in ten minutes: no legitimate traffic looks like that.
FAILURE_ALARM = Alarm(count=50, percent=100, seconds=600)
SEND_ALLOWANCE, CHECK_ALLOWANCE = Limit(count=3, seconds=86400), Limit(count=5, seconds=86400)


#: The least and the most of a policy's numbers; the settings have the same.
BOUNDS = {
    "code_length": (6, 10),
    "code_lifetime": (10, 600),
    "max_checks": (1, 5),
    "keypress_tries": (1, 3),
    "silent_tries": (1, 4),
    "max_deliveries": (1, 5),
    "approval_lifetime": (10, 600),
}


class Policy(Record, frozen=True, kw_only=True):
    """The parameters of every decision. All times are in seconds. Raises ValueError when out of bounds.

    `channels`: those that are set up. A delivery by another one, from before, is still known.
    Without `enforce`, limits over time only record what they would have denied. `keypress_tries`: wrong keys in
    one call; `silent_tries`: prompts for keys where too little is pressed. `new_number_cooldown`: how long a new
    number of an account must not approve anything risky. `plan_lifetime`: a delivery planned longer ago is not sent;
    after `quiet_timeout` a provider that has no record of it settles it as never sent. `failure_alarm`: failed against
    successful checks of a service. `send_allowance` and `check_allowance` belong to a browser that has proven the same
    account and number within `browser_trust_seconds`. Derived: `rules`, the limits by kind; `budget_rules`, those with
    budgets, which the end of a verification changes; `answer_rules`, those of answers to texts; `send_scopes` and
    `check_scopes`, what a send and a check load.
    """

    hidden: ClassVar = frozenset({"actions", "rules", "budget_rules", "answer_rules", "send_scopes", "check_scopes"})

    countries: frozenset[str] = frozenset({"US"})
    channels: frozenset[Channel] = frozenset({Channel.CALL, Channel.SMS})
    code_length: int = 6
    code_lifetime: int = 300
    max_checks: int = 1
    keypress: Keypress = Keypress.DIGITS
    keypress_tries: int = 2
    silent_tries: int = 4
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
    prices: Prices = field(default_factory=dict)
    lockouts: tuple[tuple[Scope, LockoutPolicy], ...] = LOCKOUT_POLICIES
    failure_alarm: Alarm | None = FAILURE_ALARM
    send_allowance: Limit = SEND_ALLOWANCE
    check_allowance: Limit = CHECK_ALLOWANCE
    browser_trust_seconds: int = 180 * 86400
    enforce: bool = True
    actions: tuple[Action, ...] = BUILT_IN_ACTIONS
    approval_lifetime: int = 60
    fixed_codes: tuple[FixedCode, ...] = ()
    rules: tuple[ScopeRules, ...] = ()
    budget_rules: tuple[ScopeRules, ...] = ()
    answer_rules: tuple[ScopeRules, ...] = ()
    send_scopes: tuple[Scope, ...] = ()
    check_scopes: tuple[Scope, ...] = ()

    def __post_init__(self) -> None:
        rules = tuple(rules_of_scope(scope, rules) for scope, rules in self.limits if rules)
        budgeted = tuple(of_scope for of_scope in rules if of_scope.budgets)
        lockout_scopes = [scope for scope, _ in self.lockouts]
        send_scopes = (*lockout_scopes, Scope.GATES, *(of_scope.scope for of_scope in rules))
        check_scopes = (*lockout_scopes, *(of_scope.scope for of_scope in budgeted))
        if self.failure_alarm is not None:
            check_scopes = (*check_scopes, Scope.CHECKS)
        force_setattr(self, "rules", rules)
        force_setattr(self, "budget_rules", budgeted)
        force_setattr(self, "answer_rules", tuple(_without_budgets(self.limits)))
        force_setattr(self, "send_scopes", tuple(dict.fromkeys(send_scopes)))
        force_setattr(self, "check_scopes", tuple(dict.fromkeys(check_scopes)))
        for name, (low, high) in BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be between {low} and {high}")
        if any(scope in TRUSTED_BROWSER_SCOPES for scope, _ in self.limits):
            raise ValueError("a trusted browser has an allowance, not a limit")
        if any(scope in ANSWER_SCOPES for scope, _ in self.limits):
            raise ValueError("answers to texts have limits of their own")
        if any(pause < 0 for pause in self.repeat_spacing):
            raise ValueError("repeat_spacing must not be negative")

    def __hash__(self) -> int:
        return hash((self.countries, self.limits, self.keypress, self.max_checks))  # the prices cannot be hashed

    def action(self, name: str) -> Action:
        """The declared action of this name. Raises ActionUnknown."""
        for action in self.actions:
            if action.name == name:
                return action
        raise ActionUnknown(name)

    def allows(self, name: str, channel: Channel, style: CallStyle, *, payment: bool = False) -> bool:
        """Whether a code for this action may be sent this way. An action that is no longer declared allows nothing.

        `payment`: the code approves one, which the message has to name.
        """
        if channel not in self.channels or (payment and channel.templated):
            return False
        return any(action.allows(channel, style) for action in self.actions if action.name == name)

    def fixed_code(self, number: PhoneNumber) -> FixedCode | None:
        """The entry of a test number, which is never called or texted."""
        return next((code for code in self.fixed_codes if code.number.line == number.line), None)

    def approval_seconds(self, name: str) -> int:
        """Seconds that an approval of this action is valid."""
        seconds = next((action.approval_lifetime for action in self.actions if action.name == name), None)
        return self.approval_lifetime if seconds is None else seconds

    def spacing(self, deliveries: int) -> int:
        """Seconds between delivery number `deliveries` and the next one."""
        if not self.repeat_spacing or deliveries < 1:
            return 0
        return self.repeat_spacing[min(deliveries, len(self.repeat_spacing)) - 1]


def _without_budgets(limits: Limits) -> Iterator[ScopeRules]:
    """The limits and ceilings that count answers to texts as well. No answer confirms a number."""
    for scope, rules in limits:
        counted = tuple(rule for rule in rules if not isinstance(rule, Budget))
        if counted and scope in (Scope.PREFIX, Scope.COUNTRY, Scope.TOTAL, Scope.MONEY):
            yield rules_of_scope(scope, counted)


#: The default: one wrong code ends the verification.
DEFAULT_POLICY = Policy()

#: Five checks, for people who mistype; within every bound.
LENIENT_POLICY = replace(DEFAULT_POLICY, max_checks=5)


class Retention(Record, frozen=True, kw_only=True):
    """Retention periods, in days. Raises ValueError when out of bounds."""

    details: int = 30
    audit: int = 365

    def __post_init__(self) -> None:
        if not 1 <= self.details <= self.audit <= 366:
            raise ValueError(
                "details must be kept for at least a day, the audit log at least as long, and at most 366 days"
            )


class RetentionCutoffs(Record, frozen=True, kw_only=True):
    """Records that ended, happened or expired before these times can be deleted; counters by their last change."""

    details: float
    audit: float
    counters: float
    over: float


def retention_cutoffs(keep: Retention, *, now: float) -> RetentionCutoffs:
    return RetentionCutoffs(
        details=now - keep.details * DAY,
        audit=now - keep.audit * DAY,
        counters=now - MAX_WINDOW,
        over=now - DAY,
    )
