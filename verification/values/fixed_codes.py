"""Test numbers: they are never called or texted, and have a code of their own until a date.

For reviewers of app stores, and for end-to-end tests. Anyone who knows number and code is that number's holder here, so
it should be one that no person has. Some number plans keep some for fiction: North America (NANPA), the United Kingdom
(Ofcom, numbers for drama), France (ARCEP) and Australia (ACMA). Those are here that are valid numbers elsewhere.
"""

import re
from typing import ClassVar

from ..types import Record
from .phone_numbers import PhoneNumber

_FICTIONAL = re.compile(
    r"""
    \+1[2-9][0-9]{2}55501[0-9]{2}
    | \+44(?: 2079460[0-9]{3} | 3069990[0-9]{3} | 8081570[0-9]{3}
        | 1(?:1[3-8]|[2-6]1)4960[0-9]{3} | 1914980[0-9]{3} | 2896496[0-9]{3} | 2920180[0-9]{3} )
    | \+33(?: 19900 | 26191 | 35301 | 46571 | 53649 )[0-9]{4}
    | \+61[2378](?: 5550 | 7010 )[0-9]{4}
    """,
    re.VERBOSE,
)


class FixedCode(Record, frozen=True, kw_only=True):
    """A test number and its code, which is right until a time, in seconds since 1970. `real`: a person may have it."""

    hidden: ClassVar = frozenset({"code"})

    number: PhoneNumber
    code: str
    until: float
    real: bool = False


def is_fictional(number: PhoneNumber) -> bool:
    """Whether its number plan keeps it for fiction, so that no person has it."""
    return _FICTIONAL.fullmatch(number.line) is not None
