"""The name that is spoken and texted: who is calling.

It comes before the code, so it must not be able to say one, nor a number to call back, nor to look like another
brand. Refused, never silently changed.
"""

import re
import unicodedata

from .errors import BrandInvalid
from .scripts import INVISIBLE, script

LONGEST = 30

# Japanese and Korean are written in several scripts at once.
_JAPANESE = {"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}
_KOREAN = {"CJK", "HANGUL"}


def parse(text: str) -> str:
    """The brand, composed (NFC). Raises BrandInvalid unless it is 1-30 letters, digits and spaces of one script."""
    brand = unicodedata.normalize("NFC", text)
    if not 1 <= len(brand) <= LONGEST:
        raise BrandInvalid(f"must have 1 to {LONGEST} characters")
    if not all(map(_is_allowed, brand)) or unicodedata.normalize("NFKC", brand) != brand or "  " in brand:
        raise BrandInvalid("must be letters, digits and single spaces: it is read aloud and texted")
    if not any(map(str.isalpha, brand)):
        raise BrandInvalid("must have a letter")
    if re.search(r"[0-9](\s*[0-9]){2}", brand):
        raise BrandInvalid("must not have more than two digits in a row: it must not sound like a code or a number")
    scripts = {script(character) for character in brand if character not in " 0123456789"}
    if len(scripts) > 1 and not scripts <= _JAPANESE and not scripts <= _KOREAN:
        raise BrandInvalid("must be written in one alphabet: mixed letters can look like another brand")
    return brand


def _is_allowed(character: str) -> bool:
    if character in INVISIBLE:
        return False
    # Marks belong to the letters of Hindi, Thai, Arabic, …; their names begin with the script as those of letters do.
    return character in " 0123456789" or unicodedata.category(character) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc")
