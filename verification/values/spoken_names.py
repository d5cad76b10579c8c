"""Names from outside that are spoken or texted before the code: the brand, the payee, the phrase of an action.

They must not sound like a code, a phone number or an address, nor look like another name. Invalid names are rejected,
never silently changed.
"""

import re
import unicodedata

from ..errors import BrandInvalid
from .codes import INVISIBLE
from .number_words import says_a_number
from .usernames import script

# Japanese and Korean are written in several scripts at once.
_JAPANESE = {"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}
_KOREAN = {"CJK", "HANGUL"}
# "acme.example", but not "J. R. Smith" or "J.R. Smith".
_ADDRESS = re.compile(r"\w\.\w{2}")
_DIGITS = "0123456789"
# A dot inside of the text, with the word before it; and where a further part of a name begins.
_DOT = re.compile(r"(\w+)\.(?= )")
_PARTS = re.compile(r", |\(| - ")
_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_ABBREVIATED = """
    ag bros co corp dipl dr eng est fa fr gebr gen hr inc ing inh int jr llc ltd mag med mr mrs ms mt no nr ph plc prof
    sr sra srl st ste str sv tel univ
"""
_SMALL_WORDS = """
    a af al am an and at av bin by d da das de degli dei del della den der des di do dos du e ed el en et fra for för
    für gli i im in ja la las le les lo los of och og on par per pour sur te ten ter the to und van von vor y z zu zum
    zur à
"""
_ABBREVIATIONS, _PARTICLES = frozenset(_ABBREVIATED.split()), frozenset(_SMALL_WORDS.split())


class Unspeakable(ValueError):
    """The text must not be spoken or texted; the message says which rule it breaks."""


def speakable(text: str, *, longest: int, marks: str = "") -> str:
    """The text, composed (NFC): letters of one script, digits, single spaces, and `marks`.

    Raises Unspeakable.
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
    if says_a_number(composed):
        raise Unspeakable("must not have more than two digits in a row, in letters either: it must not say a code")
    if _ADDRESS.search(composed):
        raise Unspeakable("must not look like an address")
    scripts = {script(letter) for letter in letters}
    if len(scripts) > 1 and not scripts <= _JAPANESE and not scripts <= _KOREAN:
        raise Unspeakable("must be written in one alphabet: mixed letters can look like another name")
    return composed


def require_name(text: str) -> None:
    """Raise Unspeakable for a sentence in a name that may have punctuation: "Anna. This is refunded to you".

    A name has a dot after an initial or an abbreviation only; after a comma, a parenthesis or a dash at most two words;
    and at most two words in small letters, beside the particles of names. A sentence can still be written like a name;
    amount and payee are said in one sentence with the code.
    """
    for before in _DOT.findall(text):
        if len(before) > 1 and before.casefold() not in _ABBREVIATIONS:
            raise Unspeakable("must be a name: a dot is for initials and abbreviations")
    for part in _PARTS.split(text)[1:]:
        if len(_own_words(part)) > 2:
            raise Unspeakable("must be a name, not a sentence")
    if len([word for word in _own_words(text) if word.islower()]) > 2:
        raise Unspeakable("must be a name, not a sentence")


def _own_words(text: str) -> list[str]:
    words = _WORD.findall(text)
    return [word for word in words if word.casefold() not in _PARTICLES]


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
