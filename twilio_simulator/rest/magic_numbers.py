"""Twilio's magic numbers: scripted results, with live credentials too.

Test credentials have no access to the account's numbers, so they accept a single `From`.
"""

from __future__ import annotations

from ..core.errors import RestError
from ..core.phone_numbers import masked

_PREFIX = "+1500555000"
VALID_FROM = _PREFIX + "6"

CALLS_TO = {_PREFIX + "1": 21217, _PREFIX + "2": 21214, _PREFIX + "3": 21215, _PREFIX + "4": 21216}
CALLS_FROM = {_PREFIX + "1": 21212}
MESSAGES_TO = {
    _PREFIX + "1": 21211,
    _PREFIX + "2": 21612,
    _PREFIX + "3": 21408,
    _PREFIX + "4": 21610,
    _PREFIX + "9": 21614,
}
MESSAGES_FROM = {_PREFIX + "1": 21212, _PREFIX + "7": 21606, _PREFIX + "8": 21611}
NUMBERS = {_PREFIX + "0": 21422, _PREFIX + "1": 21421}
AREA_CODES = {"533": 21452}


def check_call(*, to: str, sender: str, is_test: bool) -> None:
    """Raises the scripted `RestError` of a call, if there is one."""
    _raise_if_scripted(CALLS_FROM, sender)
    if is_test and sender != VALID_FROM:
        raise RestError(21210, masked(sender))
    _raise_if_scripted(CALLS_TO, to)


def check_message(*, to: str, sender: str | None, is_test: bool) -> None:
    """Raises the scripted `RestError` of a message, if there is one."""
    if sender is not None:
        _raise_if_scripted(MESSAGES_FROM, sender)
        if is_test and sender != VALID_FROM:
            raise RestError(21606, masked(sender))
    _raise_if_scripted(MESSAGES_TO, to)


def check_purchase(*, phone_number: str | None, area_code: str | None, is_test: bool) -> None:
    """Raises the scripted `RestError` of buying a number. Test credentials can buy no other number."""
    if phone_number is not None:
        _raise_if_scripted(NUMBERS, phone_number)
        if is_test and phone_number != VALID_FROM:
            raise RestError(21422, masked(phone_number))
    if area_code is not None:
        if area_code in AREA_CODES:
            raise RestError(AREA_CODES[area_code], area_code)
        if is_test and area_code != "500":
            raise RestError(21452, area_code)


def _raise_if_scripted(codes: dict[str, int], number: str) -> None:
    if number in codes:
        raise RestError(codes[number], masked(number))
