"""Parsers of limits, budgets, lockouts and prices. They follow the rules of `parsers`."""

import re
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from phonenumbers import SUPPORTED_REGIONS

from verification.counters.counter import IN_PROGRESS_WINDOW
from verification.counters.rules import MOST_FAILURES, Alarm, Budget, Limit, LockoutPolicy, Price

from .parsers import InvalidValue
from .text_files import read_text

B = TypeVar("B", bound=Budget)
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MAX_WINDOW = 31 * UNIT_SECONDS["d"]
MAX_COUNT = 10_000_000
#: A pause longer than the longest life of a code would never end in time.
MAX_SPACING = 600
#: A budget's window is divided into sixty slots of at least a second.
MIN_BUDGET_WINDOW = 60
#: A larger share would never be spent.
MAX_PERCENT = 400
#: A larger allowance of a trusted browser would be a way around the limits.
MAX_TRUSTED_BROWSER_SENDS = 20
_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,4})?")


def parse_limits(text: str) -> tuple[Limit, ...]:
    limits = []
    for position, part in enumerate(text.split(","), start=1):
        match = re.fullmatch(r"([0-9]{1,8})/([0-9]{1,7})([smhd])", part.strip())
        if match is None:
            raise InvalidValue(
                f"must be counts and times such as 5/10m,10/1d (units: s, m, h, d); not entry {position}"
            )
        limit = Limit(count=int(match[1]), seconds=int(match[2]) * UNIT_SECONDS[match[3]])
        if not 1 <= limit.count <= MAX_COUNT or not 1 <= limit.seconds <= MAX_WINDOW:
            raise InvalidValue(f"must have counts from 1 to {MAX_COUNT} and times from 1s to 31d; not entry {position}")
        limits.append(limit)
    if len({limit.seconds for limit in limits}) < len(limits):
        raise InvalidValue("must not name the same time twice")
    return tuple(limits)


def parse_range_limits(text: str) -> tuple[Limit, ...]:
    """Limits that are budgets for unconfirmed numbers, with the usual share of the confirmed ones."""
    limits = parse_limits(text)
    if any(limit.seconds < MIN_BUDGET_WINDOW or limit.seconds == IN_PROGRESS_WINDOW for limit in limits):
        raise InvalidValue("must have times from 1m to 31d")
    return limits


def parse_budgets(text: str) -> tuple[Budget, ...]:
    """Budgets for unconfirmed numbers: a count, a share of the confirmed ones, and a time; `off` for none."""
    return _parse_budgets(text, Budget)


def _parse_budgets(text: str, kind: type[B]) -> tuple[B, ...]:
    budgets = []
    for position, part in enumerate(text.split(",") if text != "off" else (), start=1):
        match = re.fullmatch(r"([0-9]{1,8})/([0-9]{1,3})%/([0-9]{1,7})([smhd])", part.strip())
        if match is None:
            example = "30/125%/1h,60/125%/1d"
            raise InvalidValue(f"must be off, or counts, shares and times such as {example}; not entry {position}")
        budget = kind(count=int(match[1]), percent=int(match[2]), seconds=int(match[3]) * UNIT_SECONDS[match[4]])
        if not 1 <= budget.count <= MAX_COUNT or budget.percent > MAX_PERCENT:
            bounds = f"counts from 1 to {MAX_COUNT} and shares from 0% to {MAX_PERCENT}%"
            raise InvalidValue(f"must have {bounds}; not entry {position}")
        if not MIN_BUDGET_WINDOW <= budget.seconds <= MAX_WINDOW or budget.seconds == IN_PROGRESS_WINDOW:
            raise InvalidValue(f"must have times from 1m to 31d; not entry {position}")
        budgets.append(budget)
    if len({budget.seconds for budget in budgets}) < len(budgets):
        raise InvalidValue("must not name the same time twice")
    return tuple(budgets)


def parse_alert(text: str) -> tuple[Alarm, ...]:
    if len(budgets := _parse_budgets(text, Alarm)) > 1:
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


def parse_trusted_browser_limit(text: str) -> Limit:
    limits = parse_limits(text)
    if len(limits) > 1 or limits[0].count > MAX_TRUSTED_BROWSER_SENDS:
        raise InvalidValue(f"must be one count from 1 to {MAX_TRUSTED_BROWSER_SENDS} and a time such as 3/1d")
    return limits[0]


def parse_money(text: str) -> int:
    """An amount in ten-thousandths."""
    if not _AMOUNT.fullmatch(text):
        raise InvalidValue("must be an amount such as 50 or 12.50, in the currency of SAYCODE_PRICES")
    return int(Decimal(text) * 10_000)


def parse_prices(text: str) -> dict[str, Price]:
    """The prices of a minute, a text and, where it has its own, a WhatsApp message by country.

    From the setting itself or from the lines of a file.
    """
    prices: dict[str, Price] = {}
    for where, part in _price_entries(text):
        country, minute, message, template = _parse_price(part, where)
        if country in prices:
            raise InvalidValue(f"must name a country once; {where} is the second for {country}")
        own = parse_money(template) if template is not None else None
        prices[country] = Price(minute=parse_money(minute), text=parse_money(message), template=own)
    return prices


def _price_entries(text: str) -> list[tuple[str, str]]:
    """Where each entry is, and its text. In a file, blank lines, comments and commas at the end of a line are none."""
    if re.match(r"[A-Za-z*]{1,2}:[0-9]", text):
        return [(f"entry {position}", part.strip()) for position, part in enumerate(text.split(","), start=1)]
    try:
        lines = read_text(Path(text)).splitlines()
    except (OSError, ValueError):  # not UTF-8, or a null character in the name
        lines = []
    entries = [
        (f"line {number}", part.strip())
        for number, line in enumerate(lines, start=1)
        if (said := line.partition("#")[0].strip().removesuffix(","))
        for part in said.split(",")
    ]
    if not entries:
        raise InvalidValue("must be prices such as US:0.0140:0.0083,*:0.5:0.2, or a file of such lines")
    return entries


def _parse_price(part: str, where: str) -> tuple[str, str, str, str | None]:
    amount = f"({_AMOUNT.pattern})"
    match = re.fullmatch(rf"([A-Za-z]{{2}}|\*):{amount}:{amount}(?::{amount})?", part)
    if match is None:
        example = "US:0.0140:0.0083,*:0.5:0.2"
        raise InvalidValue(f"must be countries with the price of a minute and of a text: {example}; not {where}")
    country = match[1].upper()
    if country != "*" and country not in SUPPORTED_REGIONS:
        raise InvalidValue(f"must name countries by their ISO codes, or * for the rest; {where} has {country}")
    return country, match[2], match[3], match[4]


def parse_spacing(text: str) -> tuple[int, ...]:
    if text == "0":
        return ()
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 4 or not all(re.fullmatch(r"[0-9]{1,3}", part) and int(part) <= MAX_SPACING for part in parts):
        raise InvalidValue(f"must be up to four pauses from 0 to {MAX_SPACING} seconds, such as 30,60,120,300")
    return tuple(int(part) for part in parts)
