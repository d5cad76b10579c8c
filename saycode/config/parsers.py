"""Parsers of the texts of settings.

Each takes the text and raises InvalidValue with the end of a sentence that begins with the setting's name: "must be a
whole number from 6 to 10". The message never repeats a value that may be a secret or a phone number.
"""

import hmac
import re
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from phonenumbers import SUPPORTED_REGIONS

from twiml.words import LANGUAGES, match_language
from verification.errors import BrandInvalid, NumberInvalid
from verification.values import phone_numbers, spoken_names
from verification.values.phone_numbers import PhoneNumber

E = TypeVar("E", bound=StrEnum)


class InvalidValue(ValueError):
    """A text that the setting does not accept; the message says what it accepts."""


class PhoneSource(StrEnum):
    """Where the page takes the number from."""

    TYPED = "typed"
    ACCOUNTS = "accounts"


class LookupPackage(StrEnum):
    """The data packages of Twilio's Lookup; Twilio bills each."""

    LINE = "line"
    SIM = "sim"
    FORWARDING = "forwarding"


class LimitMode(StrEnum):
    """Whether limits refuse, or only record what they would have refused."""

    ENFORCE = "enforce"
    WATCH = "watch"


class Secret:
    """A text that `repr`, `str` and tracebacks do not show, compared in constant time."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself."""
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
    if number is None and phone_numbers.parse_unassigned(text) is not None:
        raise InvalidValue("must be a number that a phone can have; its country has not assigned this range")
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
    parse_one = one_of(choices)

    def parse(text: str) -> frozenset[E]:
        try:
            return frozenset(parse_one(part.strip()) for part in text.split(","))
        except InvalidValue:
            raise InvalidValue(f"must be some of: {','.join(choices)}") from None

    return parse


def parse_lookup(text: str) -> tuple[LookupPackage, ...]:
    if text == "off":
        return ()
    try:
        packages = some_of(LookupPackage)(text)
    except InvalidValue:
        raise InvalidValue(f"must be off, or some of: {','.join(LookupPackage)}") from None
    return tuple(package for package in LookupPackage if package in packages)


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
        raise InvalidValue("must be a color written #rrggbb, such as #1f5f5b")
    return text.lower()


def parse_countries(text: str) -> frozenset[str]:
    codes = {code.strip().upper() for code in text.split(",")}
    if unknown := sorted(codes - SUPPORTED_REGIONS):
        shown = ", ".join(code for code in unknown if 0 < len(code) <= 3)
        raise InvalidValue("must be ISO country codes such as US,CA,GB" + (f"; not one: {shown}" if shown else ""))
    return frozenset(codes)


def parse_language(text: str) -> str:
    """The language in `LANGUAGES` that is nearest to a tag such as de-AT or en_US."""
    tag = match_language(text)
    if tag is None:
        raise InvalidValue(f"must be a language that Saycode speaks: one of {', '.join(LANGUAGES)}")
    return tag


class TwilioRecordPolicy(StrEnum):
    """What becomes of Twilio's own records of our calls and texts."""

    KEEP = "keep"
    REDACT = "redact"
    DELETE = "delete"
