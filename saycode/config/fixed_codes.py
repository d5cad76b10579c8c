"""SAYCODE_TEST_NUMBERS: numbers that are never called or texted, each with its code and the last day of it.

    +14155550100 424242 2027-01-31, +4915112345678 135790 2027-01-31 real

Only numbers that a number plan keeps for fiction are accepted; the word `real` accepts another one.
"""

import re
from datetime import UTC, date, datetime, timedelta

from verification.errors import NumberInvalid
from verification.policy import BOUNDS
from verification.values.fixed_codes import FixedCode, is_fictional
from verification.values.phone_numbers import parse

from .parsers import InvalidValue

_ENTRY = re.compile(r"(\+[0-9]{7,15})\s+([0-9]+)\s+([0-9]{4}-[0-9]{2}-[0-9]{2})(\s+real)?")
_LEAST, _MOST = BOUNDS["code_length"]


def parse_fixed_codes(text: str) -> tuple[FixedCode, ...]:
    """The entries. No message repeats a code."""
    codes = tuple(_parse(part.strip()) for part in text.split(","))
    if len({code.number.line for code in codes}) < len(codes):
        raise InvalidValue("must not name a number twice")
    return codes


def _parse(text: str) -> FixedCode:
    match = _ENTRY.fullmatch(text)
    if match is None or not _LEAST <= len(match[2]) <= _MOST:
        raise InvalidValue(
            f"must be numbers, each with a code of {_LEAST} to {_MOST} digits and its last day, "
            "such as +14155550100 424242 2027-01-31"
        )
    try:
        number, next_day = parse(match[1]), date.fromisoformat(match[3]) + timedelta(days=1)
    except (NumberInvalid, ValueError, OverflowError):
        raise InvalidValue("must have valid numbers and days") from None
    if not match[4] and not is_fictional(number):
        raise InvalidValue(f"names {number.masked}, which a person may have: add the word real if that is meant")
    until = datetime.combine(next_day, datetime.min.time(), UTC).timestamp()
    return FixedCode(number=number, code=match[2], until=until, real=bool(match[4]))
