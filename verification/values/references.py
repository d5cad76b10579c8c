"""The reference of a verification: eight digits that a person can read, say in any language and type on any keyboard.

It says which verification is meant, and opens nothing. It is the sid's first 32 bits, scaled to `REFERENCES`, so the
verifications of a reference are a range of sids, which the index of the sids finds. Among a million verifications, one
in a hundred shares its reference with another. A delivery's sid begins as its verification's, so a webhook knows the
reference without a database.
"""

from . import codes

DIGITS = 8
REFERENCES = 10**DIGITS
_PREFIX, _HEX = "VE", 8
_WORDS, _REST = 16**_HEX, 32 - _HEX


def reference(sid: str) -> str:
    """The eight digits of a verification, or of one of its deliveries."""
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


def sids(reference: str) -> tuple[str, str]:
    """The first and the last sid with this reference, eight digits."""
    first, following = (-(-(int(reference) + n) * _WORDS // REFERENCES) for n in (0, 1))
    return f"{_PREFIX}{first:0{_HEX}x}{'0' * _REST}", f"{_PREFIX}{following - 1:0{_HEX}x}{'f' * _REST}"
