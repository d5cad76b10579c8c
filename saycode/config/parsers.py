"""What the text of a setting can be turned into, and the words that say what is wrong with it.

Every parser takes the text and raises BadValue with the end of a sentence that begins with the setting's name:
"must be a whole number from 6 to 10". Values that may be secret, or somebody's number, are never repeated in it.
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from phonenumbers import SUPPORTED_REGIONS

from verification.counters.rules import MOST_FAILURES, Budget, Limit, LockoutPolicy, Price
from verification.errors import BrandInvalid, NumberInvalid
from verification.values import phone_numbers, spoken_names
from verification.values.phone_numbers import PhoneNumber

E = TypeVar("E", bound=StrEnum)

Network = IPv4Network | IPv6Network

UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MAX_WINDOW = 31 * UNIT_SECONDS["d"]
MAX_COUNT = 10_000_000
#: A pause longer than the longest life of a code would never end in time.
MAX_SPACING = 600
MIN_KEY_LENGTH = 32
#: A budget's window is cut into sixty slots of a second or more.
MIN_BUDGET_WINDOW = 60
#: What a known browser keeps is small, or it would be a way around the limits.
MAX_RESERVE = 20

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


class InvalidValue(ValueError):
    """A setting's text means nothing here; the message says what would."""


class PhoneSource(StrEnum):
    """Where the page takes the number from."""

    TYPED = "typed"
    ACCOUNTS = "accounts"


class LookupPackage(StrEnum):
    """What Twilio can be asked about a number; it bills each of them."""

    LINE = "line"
    SIM = "sim"
    FORWARDING = "forwarding"


class LimitMode(StrEnum):
    """Whether limits refuse, or only record what they would have refused."""

    ENFORCE = "enforce"
    WATCH = "watch"


class Secret:
    """A text that hides in `repr`, `str` and tracebacks, and is compared in constant time."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself: for the one place that needs it."""
        return self._text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(hidden)"


def parse_secret(text: str) -> Secret:
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise InvalidValue("must be one word of printable ASCII characters")
    return Secret(text)


def parse_keys(text: str) -> tuple[Secret, ...]:
    keys = [key.strip() for key in text.split(",")]
    if any(len(key) < MIN_KEY_LENGTH for key in keys):
        raise InvalidValue(
            f"must have {MIN_KEY_LENGTH} characters or more in each key; make one with: openssl rand -hex 32"
        )
    if len(set(keys)) < len(keys):
        raise InvalidValue("must not name the same key twice")
    return tuple(parse_secret(key) for key in keys)


def sid_parser(prefix: str) -> Callable[[str], str]:
    """A parser of Twilio's sids: two letters and 32 hexadecimal digits."""

    def parse(text: str) -> str:
        if not re.fullmatch(prefix + r"[0-9a-fA-F]{32}", text):
            raise InvalidValue(f"must be {prefix} and 32 hexadecimal digits; copy it from Twilio's console")
        return text

    return parse


def parse_number(text: str) -> PhoneNumber:
    try:
        number = phone_numbers.parse(text)
    except NumberInvalid:
        number = None
    if number is None or number.extension or not text.startswith("+"):
        raise InvalidValue("must be a phone number in E.164: a plus sign, the country, the number, as in +14155550100")
    return number


def int_between(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers from `low` to `high`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise InvalidValue(f"must be a whole number from {low} to {high}")
        return int(text)

    return parse


def one_of(choices: type[E]) -> Callable[[str], E]:
    """A parser of the values of an enum."""

    def parse(text: str) -> E:
        try:
            return choices(text)
        except ValueError:
            raise InvalidValue(f"must be one of: {', '.join(choices)}") from None

    return parse


def some_of(choices: type[E]) -> Callable[[str], frozenset[E]]:
    """A parser of one or more values of an enum, separated by commas."""
    one = one_of(choices)

    def parse(text: str) -> frozenset[E]:
        try:
            return frozenset(one(part.strip()) for part in text.split(","))
        except InvalidValue:
            raise InvalidValue(f"must be some of: {','.join(choices)}") from None

    return parse


def parse_lookup(text: str) -> tuple[LookupPackage, ...]:
    if text == "off":
        return ()
    try:
        asked = some_of(LookupPackage)(text)
    except InvalidValue:
        raise InvalidValue(f"must be off, or some of: {','.join(LookupPackage)}") from None
    return tuple(package for package in LookupPackage if package in asked)


def parse_yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise InvalidValue("must be yes or no")
    return text == "yes"


def parse_on_off(text: str) -> bool:
    if text not in ("on", "off"):
        raise InvalidValue("must be on or off")
    return text == "on"


def parse_brand(text: str) -> str:
    try:
        return spoken_names.parse_brand(text)
    except BrandInvalid as problem:
        raise InvalidValue(str(problem)) from problem


def parse_color(text: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise InvalidValue("must be a colour written #rrggbb, such as #1f5f5b")
    return text.lower()


def parse_countries(text: str) -> frozenset[str]:
    codes = {code.strip().upper() for code in text.split(",")}
    if strangers := sorted(codes - SUPPORTED_REGIONS):
        shown = ", ".join(code for code in strangers if 0 < len(code) <= 3)
        raise InvalidValue("must be ISO country codes such as US,CA,GB" + (f"; not one: {shown}" if shown else ""))
    return frozenset(codes)


def parse_language(text: str) -> str:
    match = re.fullmatch(r"([A-Za-z]{2,3})(?:-([A-Za-z]{2}|[0-9]{3}))?", text)
    if match is None:
        raise InvalidValue("must be a language such as en-US, de-DE or ar")
    language, region = match.groups()
    return f"{language.lower()}-{region.upper()}" if region else language.lower()


def parse_proxies(text: str) -> tuple[Network, ...]:
    networks = []
    for part in text.split(","):
        try:
            network = ip_network(part.strip())
        except ValueError:
            raise InvalidValue("must be IP addresses or networks such as 10.0.0.7,192.168.0.0/24") from None
        if network.prefixlen == 0:
            raise InvalidValue("must not trust the whole internet: anybody could then choose the source of a limit")
        networks.append(network)
    return tuple(networks)


class TwilioRecordPolicy(StrEnum):
    """What becomes of Twilio's own records of our calls and texts."""

    KEEP = "keep"
    REDACT = "redact"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class MetricsReaders:
    """Who may read the metrics: whoever comes from one of the networks, or has one of the keys."""

    networks: tuple[Network, ...]
    keys: tuple[Secret, ...]


def parse_metrics_readers(text: str) -> MetricsReaders:
    networks, keys = [], []
    for part in (part.strip() for part in text.split(",")):
        try:
            network = ip_network(part)
        except ValueError:
            if len(part) < MIN_KEY_LENGTH:
                raise InvalidValue(
                    f"must be IP addresses, networks, or a key of {MIN_KEY_LENGTH} characters or more, such as one "
                    "from: openssl rand -hex 32"
                ) from None
            keys.append(parse_secret(part))
            continue
        if network.prefixlen == 0:
            raise InvalidValue("must not show the metrics to the whole internet")
        networks.append(network)
    return MetricsReaders(tuple(networks), tuple(keys))


def parse_limits(text: str) -> tuple[Limit, ...]:
    limits = []
    for part in text.split(","):
        match = re.fullmatch(r"([0-9]{1,8})/([0-9]{1,7})([smhd])", part.strip())
        if match is None:
            raise InvalidValue("must be counts and times such as 5/10m,10/1d (units: s, m, h, d)")
        limit = Limit(count=int(match[1]), seconds=int(match[2]) * UNIT_SECONDS[match[3]])
        if not 1 <= limit.count <= MAX_COUNT or not 1 <= limit.seconds <= MAX_WINDOW:
            raise InvalidValue(f"must have counts from 1 to {MAX_COUNT} and times from 1s to 31d")
        limits.append(limit)
    if len({limit.seconds for limit in limits}) < len(limits):
        raise InvalidValue("must not name the same time twice")
    return tuple(limits)


def parse_budgets(text: str) -> tuple[Budget, ...]:
    """Budgets of what is not confirmed: a count, a share of what was, and a time; `off` for none."""
    budgets = []
    for part in text.split(",") if text != "off" else ():
        match = re.fullmatch(r"([0-9]{1,8})/([0-9]{1,3})%/([0-9]{1,7})([smhd])", part.strip())
        if match is None:
            raise InvalidValue("must be off, or counts, shares and times such as 3/20%/1h,20/30%/1d")
        budget = Budget(count=int(match[1]), percent=int(match[2]), seconds=int(match[3]) * UNIT_SECONDS[match[4]])
        if not 1 <= budget.count <= MAX_COUNT or budget.percent > 100:
            raise InvalidValue(f"must have counts from 1 to {MAX_COUNT} and shares from 0% to 100%")
        if not MIN_BUDGET_WINDOW <= budget.seconds <= MAX_WINDOW:
            raise InvalidValue("must have times from 1m to 31d")
        budgets.append(budget)
    if len({budget.seconds for budget in budgets}) < len(budgets):
        raise InvalidValue("must not name the same time twice")
    return tuple(budgets)


def parse_alarm(text: str) -> tuple[Budget, ...]:
    if len(budgets := parse_budgets(text)) > 1:
        raise InvalidValue("must be off, or one count, share and time such as 50/100%/10m")
    return budgets


def parse_lockout(text: str) -> LockoutPolicy:
    match = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text)
    try:
        if match is None:
            raise ValueError
        return LockoutPolicy(pause_from=int(match[1]), stop_at=int(match[2]))
    except ValueError:
        raise InvalidValue(
            f"must be two counts from 1 to {MOST_FAILURES}, where pauses begin and where they end, such as 10/50"
        ) from None


def parse_reserve(text: str) -> Limit:
    limits = parse_limits(text)
    if len(limits) > 1 or limits[0].count > MAX_RESERVE:
        raise InvalidValue(f"must be one count from 1 to {MAX_RESERVE} and a time such as 3/1d")
    return limits[0]


def parse_money(text: str) -> int:
    """An amount in ten-thousandths."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,4})?", text):
        raise InvalidValue("must be an amount such as 50 or 12.50, in the currency of SAYCODE_PRICES")
    return int(Decimal(text) * 10_000)


def parse_prices(text: str) -> dict[str, Price]:
    """What a minute and a text cost, by country, from the setting itself or from the lines of a file."""
    if not re.match(r"[A-Za-z*]{1,2}:[0-9]", text):
        try:
            text = ",".join(Path(text).read_text(encoding="utf-8").split())
        except (OSError, UnicodeDecodeError):
            raise InvalidValue("must be prices such as US:0.0140:0.0083,*:0.5:0.2, or a file of such lines") from None
    prices = {}
    for part in text.split(","):
        match = re.fullmatch(r"([A-Za-z]{2}|\*):([0-9.]+):([0-9.]+)", part.strip())
        if match is None or (match[1] != "*" and match[1].upper() not in SUPPORTED_REGIONS):
            raise InvalidValue("must be countries with the price of a minute and of a text: US:0.0140:0.0083,*:0.5:0.2")
        prices[match[1].upper()] = Price(minute=parse_money(match[2]), text=parse_money(match[3]))
    return prices


def parse_spacing(text: str) -> tuple[int, ...]:
    if text == "0":
        return ()
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 4 or not all(re.fullmatch(r"[0-9]{1,3}", part) and int(part) <= MAX_SPACING for part in parts):
        raise InvalidValue(f"must be up to four pauses from 0 to {MAX_SPACING} seconds, such as 30,60,120,300")
    return tuple(int(part) for part in parts)


def parse_database(text: str) -> Path:
    if text.startswith(("postgresql:", "postgres:")):
        raise InvalidValue("must be an SQLite file for now; PostgreSQL is not supported yet")
    path = text.removeprefix("sqlite:///")
    if path == text or not path or path.endswith("/") or re.search(r"[\x00-\x1f?]|^:memory:$", path):
        raise InvalidValue("must be sqlite:/// and a file, relative to the working directory; a fourth slash: absolute")
    return Path(path)


def parse_base_url(text: str) -> str:
    """An address's scheme, host and port, without a port that goes without saying.

    No path: Twilio signs the whole address, and a proxy that takes a prefix away would break every signature.
    No underscore in the host: Twilio refuses it (error 21609).
    """
    parts, host = _split_url(text, "https://verify.example.com")
    if parts.path not in ("", "/") or "?" in text or "#" in text:
        raise InvalidValue("must end after the host and port: no path, no query")
    usual = {"http": 80, "https": 443}[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if parts.port in (None, usual) else f":{parts.port}")


def parse_url(text: str) -> str:
    """An address that a page may lead to, as it stands."""
    _split_url(text, "https://example.com/account")
    return text


def _split_url(text: str, example: str) -> tuple[SplitResult, str]:
    """The parts of an address, and its host. Over https, except on loopback."""
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise InvalidValue("must be an address of plain ASCII characters without spaces")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidValue(f"must be an address such as {example}") from None
    is_ip, loopback = _classify_host(host)
    if parts.scheme not in ("http", "https") or not (is_ip or _HOST.fullmatch(host)) or port == 0:
        raise InvalidValue(f"must be an address such as {example} (no underscore in the name)")
    if "@" in parts.netloc:
        raise InvalidValue("must have no user name")
    if parts.scheme == "http" and not loopback:
        raise InvalidValue("must begin with https:// (http:// only on loopback, such as http://127.0.0.1:8000)")
    return parts, host


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine."""
    return _classify_host(urlsplit(address).hostname or "")[1]


def _classify_host(host: str) -> tuple[bool, bool]:
    """Whether the host is an IP address, and whether it is this machine."""
    try:
        return True, ip_address(host).is_loopback
    except ValueError:
        return False, host == "localhost" or host.endswith(".localhost")
