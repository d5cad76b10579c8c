"""The reference of a verification: eight digits that a person can read, say in any language and type on any keyboard.

It says which verification is meant, and opens nothing. It is the first 32 bits of a sid, scaled to `REFERENCES`, so the
index of the sids finds what has it, as a range. Among a million verifications, one in a hundred shares its reference
with another. A delivery has a reference as well, of its own sid, which a webhook knows without a database; both lead to
the verification.
"""

import re

from . import codes

DIGITS = 8
REFERENCES = 10**DIGITS
_HEX = 8
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_WORDS, _REST = 16**_HEX, 32 - _HEX


def reference(sid: str) -> str:
    """The eight digits of a verification or a delivery. ValueError for what is no sid."""
    if not _SID.fullmatch(sid):
        raise ValueError("no sid")
    return str(int(sid[2 : 2 + _HEX], 16) * REFERENCES // _WORDS).zfill(DIGITS)


def written(reference: str) -> str:
    """As it is shown: 1234 5678. The space does not break."""
    return f"{reference[: DIGITS // 2]}\u00a0{reference[DIGITS // 2 :]}"


def parse(text: str) -> str | None:
    """The eight digits as a person types them, in the digits of any script, with spaces, dashes and other signs between
    them; None if it is something else.
    """
    if len(text) > codes.MAX_INPUT_LENGTH:
        return None
    plain = [c for c in codes.ascii_digits(text) if not codes.is_spacing(c)]
    return "".join(plain) if len(plain) == DIGITS and all(c in "0123456789" for c in plain) else None


def sids(reference: str, prefix: str = "VE") -> tuple[str, str]:
    """The first and the last sid of verifications, or with VL of deliveries, with this reference (eight digits)."""
    first, following = (-(-(int(reference) + n) * _WORDS // REFERENCES) for n in (0, 1))
    return f"{prefix}{first:0{_HEX}x}{'0' * _REST}", f"{prefix}{following - 1:0{_HEX}x}{'f' * _REST}"
