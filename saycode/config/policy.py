"""What the settings mean to the verifier: its policy, limits, keys and lookup rules."""

from msgspec.structs import replace

from verification.counters.rules import Budget, Ceiling, Limit, Limits, LockoutPolicy
from verification.flow.lookup import LookupRules
from verification.policy import Policy
from verification.types import Channel, Scope
from verification.values.codes import KeyRing
from verification.values.phone_numbers import PhoneNumber

from .parsers import LimitMode
from .settings import Settings

DAY = 86400
#: A budget that services share is this many times each one's own: no single service can spend it.
SHARED = 3
#: Unconfirmed for confirmed numbers, in percent, in a block of one hundred.
RANGE_PERCENT = 125


def key_ring(settings: Settings) -> KeyRing:
    """The keys of SAYCODE_SECRET_KEY."""
    return KeyRing(tuple(key.reveal().encode() for key in settings.secret_keys))


def build_policy(settings: Settings) -> Policy:
    """The policy that the operator has set."""
    return Policy(
        countries=settings.countries,
        channels=frozenset(set_up_channels(settings.whatsapp_sender)),
        code_length=settings.code_length,
        code_lifetime=settings.code_lifetime,
        max_checks=settings.max_checks,
        keypress=settings.keypress,
        fallback=settings.fallback,
        repeat_spacing=settings.repeat_spacing,
        new_number_cooldown=settings.new_number_cooldown,
        actions=settings.actions,
        approval_lifetime=settings.approval_lifetime,
        enforce=settings.limits is LimitMode.ENFORCE,
        limits=build_limits(settings),
        prices=settings.prices,
        lockouts=(
            (Scope.ACCOUNT, settings.lockout_account),
            (Scope.NUMBER, settings.lockout_number),
            (Scope.SOURCE, LockoutPolicy(pause_from=settings.lockout_account.pause_from, stop_at=None)),
        ),
        failure_alarm=next(iter(settings.failed_checks_alert), None),
        send_allowance=settings.trusted_browser_limit,
        fixed_codes=settings.test_numbers,
    )


def set_up_channels(whatsapp_sender: PhoneNumber | None) -> tuple[Channel, ...]:
    """The channels that codes are sent by: a messenger only once it has a sender."""
    return tuple(channel for channel in Channel if not channel.templated or whatsapp_sender is not None)


def build_limits(settings: Settings) -> Limits:
    """The limits that apply to a call or a text, by scope."""
    money = (Ceiling(amount=settings.money_per_day, seconds=DAY),) if settings.money_per_day is not None else ()
    ranges = _range_budgets(settings.limit_neighbors)
    return (
        (Scope.NUMBER, settings.limit_number),
        (Scope.ACCOUNT, settings.limit_account),
        (Scope.SOURCE, (*settings.limit_source, *settings.unconfirmed_source)),
        (Scope.COUNTRIES, settings.limit_source_countries),
        (Scope.REFUSED, settings.limit_refused),
        (Scope.PREFIX, (*settings.limit_prefix, *_shared(settings.unconfirmed_prefix))),
        (Scope.NEIGHBOURS, _shared(ranges)),
        (Scope.COUNTRY, (*settings.limit_country, *_shared(settings.unconfirmed_country))),
        (Scope.SERVICE_PREFIX, settings.unconfirmed_prefix),
        (Scope.SERVICE_NEIGHBOURS, ranges),
        (Scope.SERVICE_COUNTRY, settings.unconfirmed_country),
        (Scope.SERVICE, settings.limit_service),
        (Scope.TOTAL, settings.limit_total),
        (Scope.MINUTES, (Ceiling(amount=settings.minutes_per_day, seconds=DAY),)),
        (Scope.MONEY, money),
    )


def _range_budgets(limits: tuple[Limit, ...]) -> tuple[Budget, ...]:
    return tuple(Budget(count=limit.count, percent=RANGE_PERCENT, seconds=limit.seconds) for limit in limits)


def _shared(budgets: tuple[Budget, ...]) -> tuple[Budget, ...]:
    return tuple(replace(budget, count=budget.count * SHARED) for budget in budgets)


def lookup_rules(settings: Settings) -> LookupRules:
    """What follows from the result of a number lookup."""
    return LookupRules(
        lines=settings.lookup_line_types,
        line=settings.lookup_on_line_type,
        sim=settings.lookup_on_sim_swap,
        forwarding=settings.lookup_on_forwarding,
        down=settings.lookup_on_error,
    )


def home_region(settings: Settings) -> str | None:
    """The country whose numbers may be typed in national form: the only allowed one, else the sender's if allowed."""
    if len(settings.countries) == 1:
        return next(iter(settings.countries))
    return settings.from_number.region if settings.from_number.region in settings.countries else None
