"""User names: what is shown, and the one form under which limits and accounts are counted."""

import unicodedata

from .errors import UsernameInvalid, UsernameProblem
from .scripts import INVISIBLE, are_mixed

LONGEST = 64
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str) -> str:
    """The name as it will be shown: composed (NFC), without outer spaces.

    Raises UsernameInvalid when it is empty, over 64 characters, has characters that cannot be seen, or mixes alphabets
    so that it can look like another name.
    """
    if len(text) > 4 * LONGEST:
        raise UsernameInvalid(UsernameProblem.TOO_LONG)
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise UsernameInvalid(UsernameProblem.MISSING)
    if len(name) > LONGEST:
        raise UsernameInvalid(UsernameProblem.TOO_LONG)
    if any(unicodedata.category(c) in _UNSEEN or c in INVISIBLE for c in name) or are_mixed(account(name)):
        raise UsernameInvalid(UsernameProblem.CHARACTERS)
    return name


def of_number(e164: str) -> str:
    """The account of a number that came without a name. No user name begins with such a character."""
    return f"\x1f{e164}"


def account(name: str) -> str:
    """The account that a name means: one spelling for all that look alike in width, case and spaces.

    NFKC and case folding (Unicode 3.13, definition D146), with runs of spaces as one.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())
