"""Every setting, in one table: the fields of Settings, of which those of Twilio come first.

A field has the setting's name in the environment, the parser of its text, its meaning, and its default as text. A test
compares docs/settings.md, docs/expert-settings.md and .env.example with this table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TypeVar

from verification.counters.rules import Alarm, Budget, Limit, LockoutPolicy, Price
from verification.flow.lookup import LineType, LookupAction
from verification.policy import BOUNDS, DEFAULT_POLICY, Action, Fallback, Keypress
from verification.types import CallStyle
from verification.values.fixed_codes import FixedCode
from webhooks.senders import Hook

from .actions_file import parse_actions
from .console_parsers import parse_client_id, parse_issuer, parse_members
from .databases import PostgresqlUrl, parse_database
from .fixed_codes import parse_fixed_codes
from .hooks_file import parse_hooks
from .key_parsers import parse_keys
from .limit_parsers import (
    parse_alert,
    parse_budgets,
    parse_limits,
    parse_lockout,
    parse_money,
    parse_prices,
    parse_range_limits,
    parse_spacing,
    parse_trusted_browser_limit,
)
from .logo import LogoFile, parse_logo
from .network_parsers import MetricsReaders, Network, parse_metrics_readers, parse_proxies
from .parsers import (
    LimitMode,
    LookupPackage,
    PhoneSource,
    Secret,
    TwilioRecordPolicy,
    int_between,
    one_of,
    parse_brand,
    parse_color,
    parse_countries,
    parse_language,
    parse_lookup,
    parse_on_off,
    parse_secret,
    parse_yes_no,
    some_of,
)
from .sender_parsers import parse_voices
from .setting import Setting, setting
from .sizes import DEFAULT_SIZE, SIZES, Size
from .twilio_settings import TwilioSettings
from .url_parsers import parse_alert_urls, parse_base_url, parse_url

T = TypeVar("T")


def _sized(name: str, parse: Callable[[str], T], meaning: str) -> T:
    """A setting whose default comes with the size."""
    return setting(name, parse, meaning, default=SIZES[DEFAULT_SIZE][name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(TwilioSettings):
    """Every setting, parsed and checked by `load`."""

    public_url: str = setting(
        "SAYCODE_PUBLIC_URL", parse_base_url, "the address that Twilio and browsers use for this service", required=True
    )
    secret_keys: tuple[Secret, ...] = setting(
        "SAYCODE_SECRET_KEY",
        parse_keys,
        "a secret of 32 characters or more; make one with: openssl rand -hex 32",
        required=True,
        secret=True,
    )
    database: Path | PostgresqlUrl = setting(
        "SAYCODE_DATABASE_URL", parse_database, "the database", default="sqlite:///saycode.db", secret=True
    )
    database_create: bool = setting(
        "SAYCODE_DATABASE_CREATE", parse_yes_no, "whether a missing database file is created", default="yes"
    )
    retention_days: int = setting(
        "SAYCODE_RETENTION_DAYS", int_between(1, 366), "days that verifications are kept after their end", default="30"
    )
    audit_retention_days: int = setting(
        "SAYCODE_AUDIT_RETENTION_DAYS", int_between(1, 366), "days that the audit log is kept", default="365"
    )
    twilio_records: TwilioRecordPolicy = setting(
        "SAYCODE_TWILIO_RECORDS", one_of(TwilioRecordPolicy), "what becomes of Twilio's records", default="keep"
    )
    brand: str = setting("SAYCODE_BRAND", parse_brand, "who is calling", default="Saycode")
    color: str = setting("SAYCODE_COLOR", parse_color, "the color of the page", default="#1f5f5b")
    logo: LogoFile | None = setting("SAYCODE_LOGO", parse_logo, "a file with the logo of the page")
    welcome_url: str | None = setting("SAYCODE_WELCOME_URL", parse_url, "the address that the welcome page leads to")
    phones: PhoneSource = setting(
        "SAYCODE_PHONES", one_of(PhoneSource), "where the page takes the number from", default="typed"
    )
    test_numbers: tuple[FixedCode, ...] = setting(
        "SAYCODE_TEST_NUMBERS", parse_fixed_codes, "numbers with a fixed code, which are never called", secret=True
    )
    countries: frozenset[str] = setting(
        "SAYCODE_COUNTRIES", parse_countries, "the countries whose numbers are called and texted"
    )
    code_length: int = setting(
        "SAYCODE_CODE_LENGTH",
        int_between(*BOUNDS["code_length"]),
        "digits in a code",
        default=str(DEFAULT_POLICY.code_length),
    )
    code_lifetime: int = setting(
        "SAYCODE_CODE_LIFETIME",
        int_between(*BOUNDS["code_lifetime"]),
        "seconds until a code expires",
        default=str(DEFAULT_POLICY.code_lifetime),
    )
    max_checks: int = setting(
        "SAYCODE_MAX_CHECKS",
        int_between(*BOUNDS["max_checks"]),
        "checks before a verification ends",
        default=str(DEFAULT_POLICY.max_checks),
    )
    keypress: Keypress = setting(
        "SAYCODE_KEYPRESS", one_of(Keypress), "the keys to press before the code is said", default="digits"
    )
    call_style: CallStyle = setting(
        "SAYCODE_CALL_STYLE",
        one_of(CallStyle),
        "whether the page offers to show the code instead: say, or key",
        default="say",
    )
    fallback: Fallback = setting(
        "SAYCODE_FALLBACK", one_of(Fallback), "what follows a call or text that did not arrive", default="offer"
    )
    machine_detection: bool = setting(
        "SAYCODE_MACHINE_DETECTION",
        parse_on_off,
        "whether Twilio listens for machines, which it charges for",
        default="off",
    )
    language: str = setting("SAYCODE_LANGUAGE", parse_language, "the language without another choice", default="en-US")
    voices: Mapping[str, str] | None = setting(
        "SAYCODE_VOICES", parse_voices, "other voices than the built-in ones, by language"
    )
    fallback_voices: Mapping[str, str] | None = setting(
        "SAYCODE_FALLBACK_VOICES", parse_voices, "the voices for calls in which Twilio cannot speak with the first"
    )
    trusted_proxies: tuple[Network, ...] = setting(
        "SAYCODE_TRUSTED_PROXIES", parse_proxies, "proxies whose forwarded headers are trusted, for limits only"
    )
    metrics_access: MetricsReaders | None = setting(
        "SAYCODE_METRICS_ACCESS",
        parse_metrics_readers,
        "who may read /metrics: addresses, networks, a key",
        secret=True,
    )
    console: bool = setting(
        "SAYCODE_CONSOLE", parse_on_off, "whether the operator's console is served, at /console", default="off"
    )
    console_issuer: str | None = setting(
        "SAYCODE_CONSOLE_ISSUER", parse_issuer, "the OpenID Connect provider at which operators sign in to the console"
    )
    console_client_id: str | None = setting(
        "SAYCODE_CONSOLE_CLIENT_ID", parse_client_id, "the console's client ID at the provider"
    )
    console_client_secret: Secret | None = setting(
        "SAYCODE_CONSOLE_CLIENT_SECRET", parse_secret, "the console's client secret at the provider", secret=True
    )
    console_help_desk: frozenset[str] = setting(
        "SAYCODE_CONSOLE_HELP_DESK", parse_members, "the help desk: verified e-mail addresses, groups of the provider"
    )
    console_administrators: frozenset[str] = setting(
        "SAYCODE_CONSOLE_ADMINISTRATORS", parse_members, "the administrators: verified e-mail addresses, groups"
    )
    alert_urls: tuple[Secret, ...] = setting(
        "SAYCODE_ALERT_URLS",
        parse_alert_urls,
        "where alerts are sent, in addresses of Apprise",
        secret=True,
    )
    limits: LimitMode = setting(
        "SAYCODE_LIMITS", one_of(LimitMode), "whether limits refuse or only record", default="enforce"
    )
    size: Size = setting(
        "SAYCODE_SIZE",
        one_of(Size),
        "starts an hour at the busiest: up to 100, 1,000 or 10,000; sets all limits below",
        default=DEFAULT_SIZE.value,
    )
    limit_number: tuple[Limit, ...] = setting(
        "SAYCODE_LIMIT_NUMBER", parse_limits, "sends per phone number, all services together", default="5/10m,10/1d"
    )
    limit_account: tuple[Limit, ...] = setting(
        "SAYCODE_LIMIT_ACCOUNT", parse_limits, "sends per account", default="10/1h,20/1d"
    )
    limit_source: tuple[Limit, ...] = _sized("SAYCODE_LIMIT_SOURCE", parse_limits, "sends per IPv4 address or IPv6 /64")
    limit_prefix: tuple[Limit, ...] = _sized(
        "SAYCODE_LIMIT_PREFIX", parse_limits, "sends per block of neighboring numbers"
    )
    limit_country: tuple[Limit, ...] = _sized("SAYCODE_LIMIT_COUNTRY", parse_limits, "sends per country")
    limit_service: tuple[Limit, ...] = _sized("SAYCODE_LIMIT_SERVICE", parse_limits, "sends per service")
    limit_total: tuple[Limit, ...] = _sized("SAYCODE_LIMIT_TOTAL", parse_limits, "sends of the whole installation")
    new_number_cooldown: int = setting(
        "SAYCODE_NEW_NUMBER_COOLDOWN",
        int_between(0, 30 * 86400),
        "seconds until an account's new number may approve risky actions",
        default="86400",
    )
    actions: tuple[Action, ...] = setting("SAYCODE_ACTIONS", parse_actions, "a file that declares the actions")
    hooks: Mapping[str, Hook] = setting("SAYCODE_HOOKS", parse_hooks, "a file of systems that post their own codes")
    approval_lifetime: int = setting(
        "SAYCODE_APPROVAL_LIFETIME",
        int_between(*BOUNDS["approval_lifetime"]),
        "seconds that an approval and its receipt are valid",
        default=str(DEFAULT_POLICY.approval_lifetime),
    )
    lookup: tuple[LookupPackage, ...] = setting(
        "SAYCODE_LOOKUP", parse_lookup, "what Twilio's Lookup is asked about a number before a send", default="off"
    )
    lookup_line_types: frozenset[LineType] = setting(
        "SAYCODE_LOOKUP_LINE_TYPES",
        some_of(LineType),
        "the line types that are called and texted",
        default="mobile,landline,fixedVoip,nonFixedVoip",
    )
    lookup_on_line_type: LookupAction = setting(
        "SAYCODE_LOOKUP_ON_LINE_TYPE", one_of(LookupAction), "what follows for any other line type", default="refuse"
    )
    lookup_on_sim_swap: LookupAction = setting(
        "SAYCODE_LOOKUP_ON_SIM_SWAP", one_of(LookupAction), "what follows after a recent SIM swap", default="refuse"
    )
    lookup_on_forwarding: LookupAction = setting(
        "SAYCODE_LOOKUP_ON_FORWARDING", one_of(LookupAction), "what follows when calls are forwarded", default="other"
    )
    lookup_on_error: LookupAction = setting(
        "SAYCODE_LOOKUP_ON_ERROR", one_of(LookupAction), "what follows when Lookup gives no answer", default="note"
    )
    limit_source_countries: tuple[Limit, ...] = setting(
        "SAYCODE_LIMIT_SOURCE_COUNTRIES", parse_limits, "different countries per source", default="3/1d"
    )
    limit_neighbors: tuple[Limit, ...] = _sized(
        "SAYCODE_LIMIT_NEIGHBORS", parse_range_limits, "unconfirmed numbers per block of one hundred"
    )
    limit_refused: tuple[Limit, ...] = setting(
        "SAYCODE_LIMIT_REFUSED",
        parse_limits,
        "sends per source that Twilio refuses because of the number",
        default="10/1h,30/1d",
    )
    unconfirmed_source: tuple[Budget, ...] = _sized(
        "SAYCODE_UNCONFIRMED_SOURCE", parse_budgets, "unconfirmed numbers per source"
    )
    unconfirmed_prefix: tuple[Budget, ...] = _sized(
        "SAYCODE_UNCONFIRMED_PREFIX", parse_budgets, "unconfirmed numbers per block"
    )
    unconfirmed_country: tuple[Budget, ...] = _sized(
        "SAYCODE_UNCONFIRMED_COUNTRY", parse_budgets, "unconfirmed numbers per country"
    )
    minutes_per_day: int = _sized("SAYCODE_MINUTES_PER_DAY", int_between(5, 9_999_999), "minutes of calls in any day")
    money_per_day: int | None = setting(
        "SAYCODE_MONEY_PER_DAY", parse_money, "what calls and texts may cost in any day"
    )
    prices: Mapping[str, Price] = setting("SAYCODE_PRICES", parse_prices, "what a minute and a text cost, by country")
    lockout_account: LockoutPolicy = setting(
        "SAYCODE_LOCKOUT_ACCOUNT", parse_lockout, "wrong codes in a row, per account", default="10/50"
    )
    lockout_number: LockoutPolicy = setting(
        "SAYCODE_LOCKOUT_NUMBER", parse_lockout, "wrong codes in a row, per phone number", default="20/100"
    )
    failed_checks_alert: tuple[Alarm, ...] = setting(
        "SAYCODE_FAILED_CHECKS_ALERT",
        parse_alert,
        "wrong codes of a service against right ones",
        default="50/100%/10m",
    )
    trusted_browser_limit: Limit = setting(
        "SAYCODE_TRUSTED_BROWSER_LIMIT",
        parse_trusted_browser_limit,
        "sends of a trusted browser beyond the limits",
        default="3/1d",
    )
    repeat_spacing: tuple[int, ...] = setting(
        "SAYCODE_REPEAT_SPACING", parse_spacing, "seconds between deliveries", default="30,60,120,300"
    )


#: The rows, in the order of the documentation.
SETTINGS: tuple[Setting, ...] = tuple(row.metadata["setting"] for row in fields(Settings))
