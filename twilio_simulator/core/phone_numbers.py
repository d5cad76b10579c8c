"""Phone numbers as Twilio's REST checks and Lookup see them. Validity and countries come from `phonenumbers`."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
SHORT_CODE = re.compile(r"\d{3,8}", re.ASCII)
CHANNEL = re.compile(r"[a-z]+:.*")
"""An address that is no phone number: `whatsapp:+1…`, `sip:…`, `client:…`."""
WHATSAPP = "whatsapp:"
ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", re.ASCII)

_PARSE_ERRORS = {
    NumberParseException.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
    NumberParseException.NOT_A_NUMBER: "NOT_A_NUMBER",
    NumberParseException.TOO_SHORT_AFTER_IDD: "TOO_SHORT",
    NumberParseException.TOO_SHORT_NSN: "TOO_SHORT",
    NumberParseException.TOO_LONG: "TOO_LONG",
}
_LENGTH_ERRORS = {
    ValidationResult.INVALID_COUNTRY_CODE: "INVALID_COUNTRY_CODE",
    ValidationResult.TOO_SHORT: "TOO_SHORT",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "TOO_SHORT",
    ValidationResult.TOO_LONG: "TOO_LONG",
    ValidationResult.INVALID_LENGTH: "INVALID_LENGTH",
}


@dataclass(frozen=True, slots=True)
class Country:
    calling_code: str
    iso: str


def line_of(address: str) -> str:
    """The number of an address, which for WhatsApp is written `whatsapp:+1…`."""
    return address.removeprefix(WHATSAPP)


def is_e164(number: str) -> bool:
    return E164.fullmatch(number) is not None


def country_of(number: str) -> Country | None:
    """The country of an E.164 number; None for an unassigned or non-geographic calling code."""
    parsed = _parse(number)
    if parsed is None:
        return None
    code = parsed.country_code or 0
    iso = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(code)
    return Country(str(code), iso) if iso.isalpha() and iso != "ZZ" else None


def validation_errors(number: str) -> list[str]:
    """Why a number is not valid, in Lookup's words. An empty list for a valid number."""
    if not re.fullmatch(r"\+?\d+", number, re.ASCII):
        return ["NOT_A_NUMBER"]
    if not number.startswith("+"):
        return ["INVALID_COUNTRY_CODE"]
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException as error:
        return [_PARSE_ERRORS[error.error_type]]
    length = phonenumbers.is_possible_number_with_reason(parsed)
    if length in _LENGTH_ERRORS:
        return [_LENGTH_ERRORS[length]]
    return [] if phonenumbers.is_valid_number(parsed) else ["INVALID_BUT_POSSIBLE"]


def is_toll_free(number: str) -> bool:
    """Whether this is a North American toll-free number, which has opt-out rules of its own."""
    parsed = _parse(number)
    if parsed is None or parsed.country_code != 1:
        return False
    return bool(phonenumbers.number_type(parsed) == PhoneNumberType.TOLL_FREE)


def national_format(number: str) -> str:
    """`(415) 555-0100`, `020 7946 0100`: how people in the number's country write it."""
    return str(phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.NATIONAL))


def formatted(number: str) -> str:
    """`(305) 141-6799` for +1 numbers and the number itself for all others, as in `to_formatted`."""
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def masked(number: str) -> str:
    """The number with `XXXX` for its last four digits, as in Twilio's error messages."""
    return number[:-4] + "XXXX" if is_e164(number) and len(number) > 6 else number


def _parse(number: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number)
    except NumberParseException:
        return None
