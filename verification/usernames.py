"""User names: what is shown, and the one form under which limits and accounts are counted."""

import unicodedata

from .errors import UsernameInvalid, UsernameProblem

LONGEST = 64


def clean(text: str) -> str:
    """The name as it will be shown: composed (NFC), without outer spaces.

    Raises UsernameInvalid when it is empty, over 64 characters, or has characters that cannot be seen.
    """
    if len(text) > 4 * LONGEST:
        raise UsernameInvalid(UsernameProblem.TOO_LONG)
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise UsernameInvalid(UsernameProblem.MISSING)
    if len(name) > LONGEST:
        raise UsernameInvalid(UsernameProblem.TOO_LONG)
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in name):
        raise UsernameInvalid(UsernameProblem.CHARACTERS)
    return name


def account(name: str) -> str:
    """The account that a name means: one spelling for all that look alike in width and case (NFKC, case folded)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
