"""Phone numbers as people read and type them: in groups, with the dialing code of their country, as an example."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from .phone_numbers import MAX_INPUT_LENGTH

_UNKNOWN_REGION = "ZZ"
_DIGITS_AND_GAPS = re.compile(r"\+?[0-9 ()./-]*[0-9]")


def format_as_typed(text: str, *, region: str | None = None) -> str:
    """The number in groups, as far as it was typed; unchanged when it is not a number or cannot be grouped."""
    if len(text) > MAX_INPUT_LENGTH or not _DIGITS_AND_GAPS.fullmatch(text):
        return text
    formatter, grouped = phonenumbers.AsYouTypeFormatter(region or _UNKNOWN_REGION), ""
    for character in text:
        if character in "+0123456789":
            grouped = formatter.input_digit(character)
    return text if grouped.lstrip("+").isdigit() else grouped.rstrip()


def grouped(e164: str, extension: str = "") -> str:
    """The number as its country writes it, with the country code: `+1 415-555-0100`, and an extension after it. Any
    other text is unchanged.
    """
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    written = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
    return f"{written} ext. {extension.lstrip(',wW')}" if extension else written


def dialing_code(region: str) -> str:
    """The country code of a region, with its plus sign: `+49`."""
    return f"+{phonenumbers.country_code_for_region(region)}"


@lru_cache(maxsize=256)
def example_number(region: str) -> str:
    """A mobile number of this country in international format; an unassigned one, where the library has one."""
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if number is None:
        return "+1 201-555-0123"
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
