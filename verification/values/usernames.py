"""User names: the displayed form, and the canonical form that limits and accounts use.

Letters of several scripts in one name can look like another name (UTS 39). What is allowed here is its level "highly
restrictive": one script, or Latin with the scripts of Japanese, Chinese or Korean.
"""

import unicodedata

from ..errors import UsernameInvalid, UsernameProblem
from .codes import INVISIBLE

_COMPATIBLE_SCRIPTS = (
    frozenset({"LATIN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# Marks and modifiers of every script.
_COMMON = frozenset({"COMBINING", "MODIFIER"})


def script(character: str) -> str:
    """The script of a letter or mark. The standard library has no such property, but the character's name begins with
    it.
    """
    return unicodedata.name(character, "UNKNOWN").split()[0]


def mixes_scripts(text: str) -> bool:
    """Whether the text has letters of scripts that must not be combined."""
    scripts = {script(c) for c in text if unicodedata.category(c)[0] in "LM"} - _COMMON
    return len(scripts) > 1 and not any(scripts <= compatible for compatible in _COMPATIBLE_SCRIPTS)


MAX_USERNAME_LENGTH = 64
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Of private use, and not assigned yet: each font shows something else, or a box.
_REFUSED_CATEGORIES = _INVISIBLE_CATEGORIES | {"Co", "Cn"}


def clean_username(text: str) -> str:
    """The name as it is displayed: composed (NFC), without outer spaces.

    Raises UsernameInvalid when it is empty, longer than 64 characters, has invisible characters, or mixes scripts so
    that it can look like another name.
    """
    if len(text) > 4 * MAX_USERNAME_LENGTH:
        raise UsernameInvalid(UsernameProblem.TOO_LONG)
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise UsernameInvalid(UsernameProblem.MISSING)
    if len(name) > MAX_USERNAME_LENGTH:
        raise UsernameInvalid(UsernameProblem.TOO_LONG)
    refused = any(unicodedata.category(c) in _REFUSED_CATEGORIES or c in INVISIBLE for c in name)
    if refused or mixes_scripts(account_name(name)):
        raise UsernameInvalid(UsernameProblem.CHARACTERS)
    return name


def visible(text: str) -> str:
    """The text without invisible characters, which came with a paste: a form that shows them again cannot be put right
    by looking at it.
    """
    return "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE_CATEGORIES and c not in INVISIBLE)


def account_name(name: str) -> str:
    """The canonical form of a name: one for all that look alike in width, case and spaces.

    NFKC and case folding (Unicode 3.13, definition D146), with runs of spaces as one.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())
