"""Phone numbers: E.164 inside, masked outside, one identity for all forms of one number.

A number's country is its real region, not its dial code: some twenty-five countries share +1.

Three countries have two forms of one mobile number, and carriers, contacts and Twilio use both:

    Mexico      +52 1 55 1234 5678 until 2019, +52 55 1234 5678 since   (IFT; the 1 was only dialed from abroad)
    Argentina   +54 9 11 1234 5678 from abroad, +54 11 1234 5678        (ENACOM; no two lines differ by the 9)
    Brazil      +55 11 8765 4321 until 2016, +55 11 98765 4321 since    (ANATEL; the old ones began with 6 to 9)

What a person writes is called only when it is certain. A letter or a second number in it, a decimal point of a
spreadsheet, an extension without its digits: each would ring a stranger's phone.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberType, ValidationResult
from phonenumbers.phonenumberutil import _number_type_helper, region_codes_for_country_code

from ..errors import CountryNotAllowed, KindNotAllowed, NumberInvalid
from ..types import Record
from .codes import ascii_digits, is_spacing

MAX_INPUT_LENGTH = 64
#: Twilio accepts 32 characters of digits and pauses.
MAX_COMMAS = 5
#: What a form that anyone can fill in may make a switchboard dial: no pauses, and no 0 or 9 for an outside line.
PUBLIC_EXTENSION = re.compile(r",[1-8][0-9]{0,5}")
_OTHER_FORMS = (
    (re.compile(r"\+521([0-9]{10})"), r"+52\1"),
    (re.compile(r"\+54([1-8][0-9]{9})"), r"+549\1"),
    (re.compile(r"\+55([1-9][0-9])([6-9][0-9]{7})"), r"+55\g<1>9\2"),
)
_WITH_OTHER_FORMS = ("+52", "+54", "+55")
_EXTENSION_WORDS = {"x", "ext", "extn", "xtn", "extension", "extensi\u00f3n", "int", "anexo", "\u0434\u043e\u0431"}
# A word, `;ext=` (RFC 3966), #, or two commas or more, each of which waits; then the digits, and nothing else.
_EXTENSION = re.compile(
    r"(?P<number>.*?[0-9][\s)]*)"
    r"(?:;ext=|[\s(\[.,;:/-]*(?P<word>[^\W\d_]+)[\s.:=#-]*|[\s(\[]*#\s*|(?P<commas>,{2,})\s*)"
    r"(?P<digits>[0-9]{1,20})[\s)\].]*",
    re.DOTALL,
)
_DECIMAL = re.compile(r"[0-9](?P<point>[.,])[0-9]{1,2}")
_FEWEST_DIGITS = 7
# What may stand between two numbers, or a number and its extension; otherwise it is spacing.
_DIVIDER = re.compile(r"[/;|\\\n\r\t,]")


class LineKind(StrEnum):
    """Lines that are not called: they charge the caller or the called, or no person answers."""

    PREMIUM_RATE = "premium rate"
    SHARED_COST = "shared cost"
    TOLL_FREE = "toll-free"
    PERSONAL_NUMBER = "personal"
    UAN = "company-wide"
    PAGER = "pager"
    VOICEMAIL = "voicemail"


_KINDS = {getattr(PhoneNumberType, kind.name): kind for kind in LineKind}
# The exchange 976 of every area code is pay-per-call. The library takes its numbers for ordinary ones.
_PREMIUM_EXCHANGE = re.compile(r"\+1[0-9]{3}976[0-9]{4}")


@lru_cache(maxsize=4096)
def line_of(e164: str) -> str:
    """The line that a number in E.164 belongs to: one text for all forms of a number."""
    if not e164.startswith(_WITH_OTHER_FORMS):
        return e164
    for pattern, line in _OTHER_FORMS:
        if match := pattern.fullmatch(e164):
            return match.expand(line)
    return e164


def account_of_number(number: "PhoneNumber") -> str:
    """The account of a number that comes without a user name. No user name begins with this character."""
    return f"\x1f{number.identity}"


# No country code is the beginning of another.
_E164 = re.compile(rf"\+(?=[0-9]{{7,15}}\Z)({'|'.join(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))})([0-9]+)")


class PhoneNumber(Record, frozen=True):
    """A phone number that may be called.

    `e164` is the full number, for sending only. `region` is an ISO 3166-1 code, `001` for numbers of no country.
    `extension` is dialed after the answer; a comma waits two seconds.
    """

    e164: str
    region: str
    extension: str = ""

    @property
    def line(self) -> str:
        """The same text for all forms of the number, with any extension. STOP, limits and webhooks are about it."""
        return line_of(self.e164)

    @property
    def identity(self) -> str:
        """The line, with its extension: one person. Accounts and receipts are about it."""
        extension = self.extension.lstrip(",wW")
        return f"{self.line};ext={extension}" if extension else self.line

    @property
    def masked(self) -> str:
        """The number as pages and logs may show it: the last two digits."""
        return f"•••• {self.e164[-2:]}"

    def means(self, text: str) -> bool:
        """Whether this text is a form of this number in E.164."""
        return line_of(text) == self.line

    def __repr__(self) -> str:
        return f"Number({self.masked})"

    __str__ = __repr__


def masked_number(digits: str) -> PhoneNumber:
    """The last two digits of a number, which can be shown and cannot be dialed."""
    return PhoneNumber(digits, "")


def parse(text: str, *, region: str | None = None) -> PhoneNumber:
    """The number of this text; national formats are read as of `region`. Raises NumberInvalid, also when more than one
    reading is possible.
    """
    if len(text) > MAX_INPUT_LENGTH:
        raise NumberInvalid("too long")
    return _parse(text, region)


@lru_cache(maxsize=1024)
def _parse(text: str, region: str | None) -> PhoneNumber:
    if _E164.fullmatch(text) and (found := _details(text))[0] != PhoneNumberType.UNKNOWN:  # as applications send it
        return PhoneNumber(e164=found[2], region=found[1])
    written, extension = _split_extension(_plain(text))
    parsed = _valid(_digits(written), region)
    if parsed is None or any(_valid(_digits(part), region) for part in _beginnings(written)):
        raise NumberInvalid("not a phone number")
    return PhoneNumber(
        e164=phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),
        region=phonenumbers.region_code_for_number(parsed) or "001",
        extension=extension,
    )


def parse_unassigned(text: str, *, region: str | None = None) -> PhoneNumber | None:
    """The number of a text that is written as one, but that its country has not assigned: those of films
    (+44 7700 900123), and those that the library does not know yet. It is never called; operators may ask about it.
    """
    try:
        written, extension = _split_extension(_plain(text[:MAX_INPUT_LENGTH]))
        parsed = phonenumbers.parse(_digits(written), region)
    except (NumberInvalid, NumberParseException):
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
    if extension or not possible or phonenumbers.is_valid_number(parsed) or any(_beginnings(written)):
        return None
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return PhoneNumber(e164, phonenumbers.region_code_for_country_code(parsed.country_code or 0))


@lru_cache(maxsize=1024)
def _details(e164: str) -> tuple[int, str, str]:
    """The type of a number, its region, and its E.164; of type UNKNOWN when it is not valid."""
    if parts := _split_e164(e164):
        return *type_and_region(*parts), e164
    try:
        parsed = phonenumbers.parse(e164)
    except NumberParseException:
        return PhoneNumberType.UNKNOWN, "", ""
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return *type_and_region(parsed.country_code or 0, phonenumbers.national_significant_number(parsed)), written


def _split_e164(text: str) -> tuple[int, str] | None:
    """The country code of a number in E.164 and the rest, as the library's parser finds them: that takes all that
    people write, and ten times as long. None where only it can tell: the rest may begin with a national prefix.
    """
    if (match := _E164.fullmatch(text)) is None:
        return None
    country, national = int(match[1]), match[2]
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(country, region_codes_for_country_code(country)[0])
    prefix = metadata.national_prefix_for_parsing if metadata else None
    return None if prefix and re.match(prefix, national) else (country, national)


def type_and_region(country: int, national: str) -> tuple[int, str]:
    """The library's `number_type` and `region_code_for_number` in one walk through its patterns, which takes as long as
    the rest of a number; each of them takes a walk of its own, and the first one two.
    """
    regions = region_codes_for_country_code(country)
    for region in regions:
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(country, region)
        leading = metadata.leading_digits if metadata is not None and len(regions) > 1 else None
        if metadata is None or (leading is not None and not re.match(leading, national)):
            continue
        kind = _number_type_helper(national, metadata)
        if kind != PhoneNumberType.UNKNOWN or leading is not None:
            return kind, region
    return PhoneNumberType.UNKNOWN, regions[0] if len(regions) == 1 else "001"


def _plain(text: str) -> str:
    """In compatible characters (NFKC), except raised and circled digits, which would become part of the number."""
    visible = ascii_digits(text).strip()
    return "".join(c if unicodedata.category(c) == "No" else unicodedata.normalize("NFKC", c) for c in visible)


def _split_extension(text: str) -> tuple[str, str]:
    """`,123` for `ext. 123`: each comma waits two seconds. More commas can be typed: `,,,123`."""
    match = _EXTENSION.fullmatch(text)
    if match is None or (match["word"] and match["word"].casefold() not in _EXTENSION_WORDS):
        return text, ""
    return match["number"], (match["commas"] or ",")[:MAX_COMMAS] + match["digits"]


def _digits(text: str) -> str:
    """The digits of a number, with a plus before them if there is one. Raises NumberInvalid for anything among them
    that is no spacing: a letter would be read as the key that it shares, an O for a 0 as a 6.
    """
    begin = next((at for at, c in enumerate(text) if c.isdecimal()), len(text))
    (_, plus, gap), after = text[:begin].rpartition("+"), text[begin:].rstrip("!?:;")
    if not all(c.isdecimal() or is_spacing(c) or _DIVIDER.match(c) for c in after) or not all(
        is_spacing(c) for c in gap if plus
    ):
        raise NumberInvalid("not a phone number")
    digits = "".join(c for c in after if c.isdecimal())
    if _is_decimal(after, digits):
        raise NumberInvalid("a decimal number")
    return plus + digits


def _is_decimal(text: str, digits: str) -> bool:
    """Whether a spreadsheet wrote this: 4930123456.0, which would be another number."""
    match = _DECIMAL.search(text, max(0, len(text.rstrip()) - 4))
    ends = match is not None and match.end() == len(text.rstrip())
    return match is not None and ends and text.count(match["point"]) == 1 and len(digits) > _FEWEST_DIGITS


def _beginnings(text: str) -> Iterator[str]:
    """What precedes each character that may begin a second number. Several commas without spaces only group digits."""
    grouping = text.count(",") > 1
    for divider in _DIVIDER.finditer(text):
        rest = text[divider.end() :]
        spacing = divider[0] == "," and grouping and not rest[:1].isspace()
        if not spacing and any(c.isdecimal() for c in rest):
            yield text[: divider.start()]


def _valid(digits: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    """The number of these digits in the form of today; None when it is no valid number."""
    try:
        parsed = phonenumbers.parse(digits, region)
    except NumberParseException:
        return None
    if phonenumbers.is_valid_number(parsed):
        return parsed
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if line_of(e164) == e164:
        return None
    current = phonenumbers.parse(line_of(e164))
    return current if phonenumbers.is_valid_number(current) else None


def require_public(number: PhoneNumber) -> None:
    """Reject an extension that the public must not make a switchboard dial. Raises NumberInvalid."""
    if number.extension and not PUBLIC_EXTENSION.fullmatch(number.extension):
        raise NumberInvalid("this extension")


def require_allowed(number: PhoneNumber, countries: frozenset[str]) -> None:
    """Reject a number of a kind that must not be called, or outside `countries`. Raises KindNotAllowed,
    CountryNotAllowed.

    Twilio is never asked about such a number.
    """
    if number.region not in countries:
        raise CountryNotAllowed(number.region)
    if kind := blocked_kind(number.e164):
        raise KindNotAllowed(number.region, kind.value)


@lru_cache(maxsize=1024)
def blocked_kind(e164: str) -> LineKind | None:
    """The kind of a number, if no number of it may be called."""
    if _PREMIUM_EXCHANGE.fullmatch(e164):
        return LineKind.PREMIUM_RATE
    return _KINDS.get(_details(e164)[0])
