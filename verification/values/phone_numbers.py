"""Phone numbers: E.164 inside, masked outside.

A number's country is its real region, not its dial code: some twenty-five countries share +1.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from ..errors import CountryNotAllowed, NumberInvalid

MAX_INPUT_LENGTH = 64
#: Twilio accepts 32 characters of digits and pauses.
MAX_COMMAS = 5
#: The digits by which two forms of one number differ, and the last position where they may begin: behind +55 11 in
#: Brazil.
MAX_INSERTED_DIGITS = 2
MAX_INSERT_POSITION = 5
_UNKNOWN_REGION = "ZZ"
_DIGITS_AND_GAPS = re.compile(r"\+?[0-9 ()./-]*[0-9]")
_COMMAS = re.compile(r",+(?=[0-9 ]*$)")

_TAIL = re.compile(r"\d.*", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
_EXTENSION_WORDS = frozenset(
    {"x", "ext", "extn", "xtn", "extension", "extensi\u00f3n", "int", "anexo", "\u0434\u043e\u0431"}
)
# Line types that charge the caller extra, or that no person answers.
_BLOCKED_LINE_TYPES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    }
)


def account_of_number(e164: str) -> str:
    """The account of a number that comes without a user name. No user name begins with this character."""
    return f"\x1f{e164}"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A phone number that may be called.

    `e164` is the full number, for sending only. `region` is an ISO 3166-1 code, `001` for numbers of no country.
    `extension` is dialed after the answer; a comma waits two seconds.
    """

    e164: str
    region: str
    extension: str = ""

    @property
    def masked(self) -> str:
        """The number as pages and logs may show it: the last two digits."""
        return f"•••• {self.e164[-2:]}"

    def means(self, text: str) -> bool:
        """Whether this text is this number in E.164, or in a longer or shorter form that some countries have had: one
        or two more digits behind the country code (+52 1 55… in Mexico, +54 9 11… in Argentina). Carriers still use
        the other form at times.
        """
        if text == self.e164:
            return True
        short, long = sorted((self.e164, text), key=len)
        if not 1 <= len(long) - len(short) <= MAX_INSERTED_DIGITS or not long[1:].isdigit():
            return False
        return any(
            long.startswith(short[:at]) and long.endswith(short[at:]) for at in range(2, MAX_INSERT_POSITION + 1)
        )

    def __repr__(self) -> str:
        return f"Number({self.masked})"

    __str__ = __repr__


def masked_number(digits: str) -> PhoneNumber:
    """The last two digits of a number, which can be shown and cannot be dialed."""
    return PhoneNumber(digits, "")


def parse(text: str, *, region: str | None = None) -> PhoneNumber:
    """The number of this text; national formats are read as of `region`. Raises NumberInvalid."""
    if len(text) > MAX_INPUT_LENGTH:
        raise NumberInvalid("too long")
    return _parse(text, region)


@lru_cache(maxsize=1024)
def _parse(text: str, region: str | None) -> PhoneNumber:
    try:
        parsed = phonenumbers.parse(text, region)
    except NumberParseException as problem:
        raise NumberInvalid("not a phone number") from problem
    if not phonenumbers.is_valid_number(parsed) or _has_stray_letters(text):
        raise NumberInvalid("not a phone number")
    return PhoneNumber(
        e164=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        region=phonenumbers.region_code_for_number(parsed) or "001",
        extension=_extension(text, parsed.extension or ""),
    )


def format_as_typed(text: str, *, region: str | None = None) -> str:
    """The number in groups, as far as it was typed; unchanged when it is not a number or cannot be grouped."""
    if len(text) > MAX_INPUT_LENGTH or not _DIGITS_AND_GAPS.fullmatch(text):
        return text
    formatter, grouped = phonenumbers.AsYouTypeFormatter(region or _UNKNOWN_REGION), ""
    for character in text:
        if character in "+0123456789":
            grouped = formatter.input_digit(character)
    return text if grouped.lstrip("+").isdigit() else grouped.rstrip()


def _extension(text: str, digits: str) -> str:
    """`,123` for `ext. 123`: each comma waits two seconds. More commas can be typed: `,,,123`."""
    if not digits:
        return ""
    typed = _COMMAS.search(text)
    return (typed[0][:MAX_COMMAS] if typed else ",") + digits


def _has_stray_letters(text: str) -> bool:
    """Letters among the digits. The library reads them as keys: an O for a 0 would ring a stranger's phone."""
    plain = unicodedata.normalize("NFKC", text)
    words = [word for tail in _TAIL.findall(plain) for word in _WORD.findall(tail)]
    return len(words) > 1 or not _EXTENSION_WORDS.issuperset(word.casefold() for word in words)


def require_allowed(number: PhoneNumber, countries: frozenset[str]) -> None:
    """Reject a number outside `countries`, or of a line type that must not be called. Raises CountryNotAllowed.

    Twilio is never asked about such a number.
    """
    if number.region not in countries or _line_type(number.e164) in _BLOCKED_LINE_TYPES:
        raise CountryNotAllowed(number.region)


@lru_cache(maxsize=1024)
def _line_type(e164: str) -> int:
    return int(phonenumbers.number_type(phonenumbers.parse(e164)))


@lru_cache(maxsize=256)
def example_number(region: str) -> str:
    """A mobile number of this country in international format; an unassigned one, where the library has one."""
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if number is None:
        return "+1 201-555-0123"
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
