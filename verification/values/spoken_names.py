"""Names from outside that are spoken or texted before the code: the brand, the payee, the phrase of an action.

They must not sound like a code, a phone number or an address, nor look like another name. Invalid names are rejected,
never silently changed.
"""

import re
import unicodedata
from collections.abc import Callable

from ..errors import BrandInvalid
from .codes import INVISIBLE
from .number_words import says_a_number
from .usernames import script

# Japanese and Korean are written in several scripts at once.
JAPANESE = {"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}
_KOREAN = {"CJK", "HANGUL"}
# "acme.example", but not "J. R. Smith" or "J.R. Smith".
_ADDRESS = re.compile(r"\w\.\w{2}")
_DIGITS = "0123456789"


class Unspeakable(ValueError):
    """The text must not be spoken or texted; the message says which rule it breaks."""


def speakable(text: str, *, longest: int, marks: str = "", without: Callable[[str], str] | None = None) -> str:
    """The text, composed (NFC): letters of one script, digits, single spaces, and `marks`.

    `without`: the text without what is neither a code nor an address although it looks like one. Raises Unspeakable.
    """
    composed = unicodedata.normalize("NFC", text)
    if not 1 <= len(composed) <= longest:
        raise Unspeakable(f"must have 1 to {longest} characters")
    allowed = _DIGITS + " " + marks
    letters = [character for character in composed if character not in allowed]
    if (
        not all(map(_is_letter, letters))
        or unicodedata.normalize("NFKC", composed) != composed
        or "  " in composed
        or composed.strip() != composed
    ):
        raise Unspeakable("must be letters, digits and single spaces: it is read aloud and texted")
    if not any(map(str.isalpha, letters)):
        raise Unspeakable("must have a letter")
    rest = without(composed) if without else composed
    if says_a_number(rest):
        raise Unspeakable("must not have three numbers in a row or six in all, in letters either: they say a code")
    if _ADDRESS.search(rest):
        raise Unspeakable("must not look like an address")
    scripts = {script(letter) for letter in letters}
    if len(scripts) > 1 and not scripts <= JAPANESE and not scripts <= _KOREAN:
        raise Unspeakable("must be written in one alphabet: mixed letters can look like another name")
    return composed


def _is_letter(character: str) -> bool:
    # Combining marks are part of Hindi, Thai, Arabic, …; their Unicode names begin with the script, like those of
    # letters.
    return character not in INVISIBLE and unicodedata.category(character) in (
        *("Lu", "Ll", "Lt", "Lm", "Lo"),
        *("Mn", "Mc"),
    )


MAX_BRAND_LENGTH = 30


def parse_brand(text: str) -> str:
    """The brand, composed (NFC). Raises BrandInvalid unless it is 1-30 letters, digits and spaces of one script."""
    try:
        return speakable(text, longest=MAX_BRAND_LENGTH)
    except Unspeakable as problem:
        raise BrandInvalid(str(problem)) from problem
