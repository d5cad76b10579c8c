"""Every setting, in one table: the fields of Settings.

A field says the setting's name in the environment, its default as somebody would write it, how its text is read, and
what it means. docs/settings.md and .env.example are compared with it by a test.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast

from dotenv.parser import Original, parse_stream

from twiml.words import match_language
from verification.counters.rules import Budget, Limit, LockoutPolicy, Price
from verification.flow.lookup import LineType, LookupAction
from verification.policy import BUILT_IN_ACTIONS, Action, Fallback, Keypress
from verification.types import CallStyle
from verification.values.phone_numbers import PhoneNumber

from .actions_file import actions_without_phrase, parse_actions
from .parsers import (
    InvalidValue,
    LimitMode,
    LookupPackage,
    MetricsReaders,
    Network,
    PhoneSource,
    Secret,
    TwilioRecordPolicy,
    int_between,
    one_of,
    parse_alarm,
    parse_base_url,
    parse_brand,
    parse_budgets,
    parse_color,
    parse_countries,
    parse_database,
    parse_keys,
    parse_language,
    parse_limits,
    parse_lockout,
    parse_lookup,
    parse_metrics_readers,
    parse_money,
    parse_number,
    parse_on_off,
    parse_prices,
    parse_proxies,
    parse_reserve,
    parse_secret,
    parse_spacing,
    parse_url,
    parse_yes_no,
    sid_parser,
    some_of,
)

T = TypeVar("T")


class SettingsError(Exception):
    """The settings do not make a service. `problems` has one line for each setting, naming it and how to mend it."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(*self.problems)

    def __str__(self) -> str:
        return "\n".join(self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table. `default` is text, as in the environment; None where nothing stands for "not set"."""

    name: str
    parse: Callable[[str], object]
    meaning: str
    default: str | None = None
    required: bool = False
    secret: bool = False

    @property
    def file_name(self) -> str:
        """The setting that names a file with the secret in it."""
        return f"{self.name}_FILE"

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the environment that this setting is read from."""
        return (self.name, self.file_name) if self.secret else (self.name,)

    def read(self, environ: Mapping[str, str]) -> object:
        """The value; None when it is not set and need not be. An empty text is not set. Raises BadValue."""
        text = environ.get(self.name, "").strip()
        if self.secret and (path := environ.get(self.file_name, "").strip()):
            if text:
                raise InvalidValue(f"must not be set together with {self.file_name}: keep one of them")
            text = _read_secret_file(path, self.file_name)
        text = text or self.default or ""
        if text:
            return self.parse(text)
        if self.required:
            raise InvalidValue(f"is missing: {self.meaning}")
        return None


def _read_secret_file(path: str, name: str) -> str:
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidValue(f"cannot be read from the file that {name} names ({type(problem).__name__})") from problem
    if not text:
        raise InvalidValue(f"is empty in the file that {name} names")
    return text


def _setting(name: str, parse: Callable[[str], T], meaning: str, **rest: Any) -> T:
    """A field of Settings. Its type is the parser's, so that mypy compares the two."""
    return cast(T, field(metadata={"setting": Setting(name=name, parse=parse, meaning=meaning, **rest)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, read and checked. `load` makes it."""

    account_sid: str = _setting("TWILIO_ACCOUNT_SID", sid_parser("AC"), "the sid of the Twilio account", required=True)
    auth_token: Secret = _setting(
        "TWILIO_AUTH_TOKEN", parse_secret, "its token, which signs webhooks", required=True, secret=True
    )
    auth_token_previous: Secret | None = _setting(
        "TWILIO_AUTH_TOKEN_PREVIOUS", parse_secret, "a second token whose signatures count, while rotating", secret=True
    )
    api_key: str | None = _setting(
        "TWILIO_API_KEY", sid_parser("SK"), "an API key for REST calls, instead of the token"
    )
    api_secret: Secret | None = _setting("TWILIO_API_SECRET", parse_secret, "the secret of the API key", secret=True)
    from_number: PhoneNumber = _setting(
        "TWILIO_FROM_NUMBER", parse_number, "the number that calls and texts come from, in E.164", required=True
    )
    messaging_service_sid: str | None = _setting(
        "TWILIO_MESSAGING_SERVICE_SID",
        sid_parser("MG"),
        "a messaging service that sends the texts instead of the number",
    )
    api_base_url: str = _setting(
        "TWILIO_API_BASE_URL", parse_base_url, "where Twilio's REST API is", default="https://api.twilio.com"
    )
    public_url: str = _setting(
        "SAYCODE_PUBLIC_URL", parse_base_url, "the address that Twilio and browsers use for this service", required=True
    )
    secret_keys: tuple[Secret, ...] = _setting(
        "SAYCODE_SECRET_KEY",
        parse_keys,
        "a secret of 32 characters or more; make one with: openssl rand -hex 32",
        required=True,
        secret=True,
    )
    database: Path = _setting("SAYCODE_DATABASE_URL", parse_database, "the database", default="sqlite:///saycode.db")
    database_create: bool = _setting(
        "SAYCODE_DATABASE_CREATE", parse_yes_no, "whether an absent database file is made", default="yes"
    )
    keep_details: int = _setting(
        "SAYCODE_KEEP_DETAILS", int_between(1, 366), "days that verifications are kept after their end", default="30"
    )
    keep_audit: int = _setting(
        "SAYCODE_KEEP_AUDIT", int_between(1, 366), "days that the audit trail is kept", default="365"
    )
    twilio_records: TwilioRecordPolicy = _setting(
        "SAYCODE_TWILIO_RECORDS", one_of(TwilioRecordPolicy), "what becomes of Twilio's records", default="keep"
    )
    brand: str = _setting("SAYCODE_BRAND", parse_brand, "who is calling", default="Saycode")
    color: str = _setting("SAYCODE_COLOR", parse_color, "the colour of the page's buttons and links", default="#1f5f5b")
    welcome_url: str | None = _setting("SAYCODE_WELCOME_URL", parse_url, "where people go on after the welcome")
    phones: PhoneSource = _setting(
        "SAYCODE_PHONES", one_of(PhoneSource), "where the page takes the number from", default="typed"
    )
    countries: frozenset[str] = _setting(
        "SAYCODE_COUNTRIES", parse_countries, "the countries whose numbers are called and texted"
    )
    code_length: int = _setting("SAYCODE_CODE_LENGTH", int_between(6, 10), "digits in a code", default="6")
    code_lifetime: int = _setting(
        "SAYCODE_CODE_LIFETIME", int_between(10, 600), "seconds that a code lives", default="300"
    )
    max_checks: int = _setting(
        "SAYCODE_MAX_CHECKS", int_between(1, 5), "checks before a verification ends", default="1"
    )
    keypress: Keypress = _setting(
        "SAYCODE_KEYPRESS", one_of(Keypress), "the keys to press before the code is said", default="digits"
    )
    call_style: CallStyle = _setting(
        "SAYCODE_CALL_STYLE", one_of(CallStyle), "who says the code: the call, or the page", default="say"
    )
    fallback: Fallback = _setting(
        "SAYCODE_FALLBACK", one_of(Fallback), "what follows a call or text that did not get through", default="offer"
    )
    machine_detection: bool = _setting(
        "SAYCODE_MACHINE_DETECTION",
        parse_on_off,
        "whether Twilio listens for machines, which it charges for",
        default="off",
    )
    language: str = _setting("SAYCODE_LANGUAGE", parse_language, "the language when nothing else says", default="en-US")
    trusted_proxies: tuple[Network, ...] = _setting(
        "SAYCODE_TRUSTED_PROXIES", parse_proxies, "whose forwarded headers count, for limits only"
    )
    metrics: MetricsReaders | None = _setting(
        "SAYCODE_METRICS", parse_metrics_readers, "who may read /metrics: addresses, networks, a key", secret=True
    )
    limits: LimitMode = _setting(
        "SAYCODE_LIMITS", one_of(LimitMode), "whether limits refuse or only record", default="enforce"
    )
    limit_number: tuple[Limit, ...] = _setting(
        "SAYCODE_LIMIT_NUMBER", parse_limits, "sends per phone number, all services together", default="5/10m,10/1d"
    )
    limit_account: tuple[Limit, ...] = _setting(
        "SAYCODE_LIMIT_ACCOUNT", parse_limits, "sends per account", default="10/1h,20/1d"
    )
    limit_source: tuple[Limit, ...] = _setting(
        "SAYCODE_LIMIT_SOURCE", parse_limits, "sends per IPv4 address or IPv6 /64", default="25/5m"
    )
    limit_prefix: tuple[Limit, ...] = _setting(
        "SAYCODE_LIMIT_PREFIX", parse_limits, "sends per block of neighbouring numbers", default="50/1h,200/1d"
    )
    limit_country: tuple[Limit, ...] = _setting(
        "SAYCODE_LIMIT_COUNTRY", parse_limits, "sends per country", default="500/1h,2000/1d"
    )
    limit_service: tuple[Limit, ...] = _setting(
        "SAYCODE_LIMIT_SERVICE", parse_limits, "sends per service", default="1000/1h,5000/1d"
    )
    limit_total: tuple[Limit, ...] = _setting(
        "SAYCODE_LIMIT_TOTAL", parse_limits, "sends of the whole installation", default="2000/1h,10000/1d"
    )
    new_number_cooldown: int = _setting(
        "SAYCODE_NUMBER_REST",
        int_between(0, 30 * 86400),
        "seconds before an account's new number may approve anything risky",
        default="86400",
    )
    actions: tuple[Action, ...] = _setting(
        "SAYCODE_ACTIONS", parse_actions, "a file that declares what a verification can be for"
    )
    approval_lifetime: int = _setting(
        "SAYCODE_APPROVAL_LIFETIME",
        int_between(10, 600),
        "seconds that an approval and its receipt count",
        default="60",
    )
    lookup: tuple[LookupPackage, ...] = _setting(
        "SAYCODE_LOOKUP", parse_lookup, "what Twilio is asked about a number before a send", default="off"
    )
    lookup_lines: frozenset[LineType] = _setting(
        "SAYCODE_LOOKUP_LINES",
        some_of(LineType),
        "the kinds of line that are called and texted",
        default="mobile,landline,fixedVoip,nonFixedVoip,personal",
    )
    lookup_line: LookupAction = _setting(
        "SAYCODE_LOOKUP_LINE", one_of(LookupAction), "what follows for any other kind of line", default="refuse"
    )
    lookup_sim: LookupAction = _setting(
        "SAYCODE_LOOKUP_SIM", one_of(LookupAction), "what follows when the SIM was changed lately", default="refuse"
    )
    lookup_forwarding: LookupAction = _setting(
        "SAYCODE_LOOKUP_FORWARDING", one_of(LookupAction), "what follows when calls are forwarded", default="other"
    )
    lookup_down: LookupAction = _setting(
        "SAYCODE_LOOKUP_DOWN", one_of(LookupAction), "what follows when Twilio cannot be asked in time", default="note"
    )
    limit_source_countries: tuple[Limit, ...] = _setting(
        "SAYCODE_LIMIT_SOURCE_COUNTRIES", parse_limits, "different countries that one source asks for", default="3/1d"
    )
    limit_neighbours: tuple[Limit, ...] = _setting(
        "SAYCODE_LIMIT_NEIGHBOURS",
        parse_limits,
        "different numbers of one hundred that confirm nothing",
        default="5/1h,10/1d",
    )
    unconfirmed_source: tuple[Budget, ...] = _setting(
        "SAYCODE_UNCONFIRMED_SOURCE",
        parse_budgets,
        "unconfirmed numbers per source",
        default="3/20%/1h,20/30%/1d",
    )
    unconfirmed_prefix: tuple[Budget, ...] = _setting(
        "SAYCODE_UNCONFIRMED_PREFIX",
        parse_budgets,
        "unconfirmed numbers per block",
        default="3/20%/1h,20/30%/1d",
    )
    unconfirmed_country: tuple[Budget, ...] = _setting(
        "SAYCODE_UNCONFIRMED_COUNTRY",
        parse_budgets,
        "unconfirmed numbers per country",
        default="3/20%/1h,20/30%/1d",
    )
    minutes_per_day: int = _setting(
        "SAYCODE_MINUTES_PER_DAY", int_between(2, 9_999_999), "minutes of calls in any day", default="2000"
    )
    money_per_day: int | None = _setting(
        "SAYCODE_MONEY_PER_DAY", parse_money, "what calls and texts may cost in any day"
    )
    prices: Mapping[str, Price] = _setting("SAYCODE_PRICES", parse_prices, "what a minute and a text cost, by country")
    failures_account: LockoutPolicy = _setting(
        "SAYCODE_FAILURES_ACCOUNT", parse_lockout, "wrong codes in a row, per account", default="10/50"
    )
    failures_number: LockoutPolicy = _setting(
        "SAYCODE_FAILURES_NUMBER", parse_lockout, "wrong codes in a row, per phone number", default="20/100"
    )
    failure_alarm: tuple[Budget, ...] = _setting(
        "SAYCODE_FAILURE_ALARM", parse_alarm, "wrong codes of a service against right ones", default="50/100%/10m"
    )
    reserve: Limit = _setting(
        "SAYCODE_RESERVE", parse_reserve, "sends that a known browser keeps when others used up a limit", default="3/1d"
    )
    repeat_spacing: tuple[int, ...] = _setting(
        "SAYCODE_REPEAT_SPACING", parse_spacing, "seconds between deliveries", default="30,60,120,300"
    )


#: The rows, in the order of the documentation.
SETTINGS: tuple[Setting, ...] = tuple(row.metadata["setting"] for row in fields(Settings))

_NAMES = tuple(name for setting in SETTINGS for name in setting.names)


def load(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises SettingsError with every problem that there is, not only the first."""
    problems = list(_unknown_settings(environ))
    values: dict[str, Any] = {}
    for row in fields(Settings):
        setting: Setting = row.metadata["setting"]
        try:
            values[row.name] = setting.read(environ)
        except InvalidValue as problem:
            problems.extend(f"{setting.name} {line}" for line in problem.args)
    if not problems:
        problems.extend(_conflicts(values))
    if problems:
        raise SettingsError(problems)
    values["countries"] = values["countries"] or frozenset({values["from_number"].region})
    values["prices"] = values["prices"] or {}
    values["trusted_proxies"] = values["trusted_proxies"] or ()
    values["actions"] = values["actions"] or BUILT_IN_ACTIONS
    return Settings(**values)


def _unknown_settings(environ: Mapping[str, str]) -> Iterator[str]:
    # Only our own prefix: other programs of Twilio's read TWILIO_ names, too.
    for name in sorted(name for name in environ if name.startswith("SAYCODE_") and name not in _NAMES):
        nearest = get_close_matches(name, _NAMES, n=1)
        yield f"{name} is not a setting" + (f"; did you mean {nearest[0]}?" if nearest else "; remove it")


def _conflicts(values: Mapping[str, Any]) -> Iterator[str]:
    if values["api_key"] and not values["api_secret"]:
        yield "TWILIO_API_SECRET is missing: TWILIO_API_KEY is set and needs it"
    if values["money_per_day"] is not None and not values["prices"]:
        yield "SAYCODE_PRICES is missing: SAYCODE_MONEY_PER_DAY is set and needs them"
    if values["api_secret"] and not values["api_key"]:
        yield "TWILIO_API_KEY is missing: TWILIO_API_SECRET is set and belongs to it"
    if values["keep_audit"] < values["keep_details"]:
        yield "SAYCODE_KEEP_AUDIT must not be less than SAYCODE_KEEP_DETAILS: the trail tells what became of them"
    spoken = match_language(values["language"]) or "en-US"
    for name in actions_without_phrase(values["actions"] or (), spoken):
        yield f"SAYCODE_ACTIONS names a file in which {name}.spoken has nothing for {spoken}, your language"
    if not values["countries"] and values["from_number"].region == "001":
        yield "SAYCODE_COUNTRIES is missing: TWILIO_FROM_NUMBER belongs to no country, so say which ones to call"


def read_environment(directory: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment on top of the `.env` file of `directory`, if there is one. Raises SettingsError.

    Values in the file are taken as they stand; `$` has no meaning. A secret that the real environment sets in either
    way, as NAME or NAME_FILE, hides both of the file's.
    """
    found = _read_file(directory / ".env")
    for setting in SETTINGS:
        if any(name in environ for name in setting.names):
            for name in setting.names:
                found.pop(name, None)
    return {**found, **environ}


def _read_file(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            # dotenv_values() would only log a line that it cannot read, and go on without the setting.
            bindings = list(parse_stream(file))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError([f".env cannot be read ({type(problem).__name__})"]) from problem
    if lines := [_line(row.original) for row in bindings if row.error or (row.key and row.value is None)]:
        raise SettingsError([f".env line {line} is not NAME=value" for line in lines])
    return {binding.key: binding.value or "" for binding in bindings if binding.key is not None}


def _line(original: Original) -> int:
    # The parser counts the blank lines in front of a line as its beginning.
    text = original.string
    return original.line + text[: len(text) - len(text.lstrip())].count("\n")
