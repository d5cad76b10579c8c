"""Names that look like another name: the skeletons of UTS 39, section 4, for the letters that names are made of.

A name of one alphabet can still look like a name of another one: there is a Cyrillic letter that looks
like each letter of "Coco". Two names are look-alikes when they differ and their skeletons are the same.

The table is the part of Unicode's confusables.txt (16.0) for single letters of Cyrillic, Greek, Armenian, Cherokee,
Coptic and Lisu that look like Latin ones. Names may have no other alphabet that does (see spoken_names and usernames).
The libraries for it either have no skeletons or are no longer kept up.
"""

import unicodedata

# ruff: noqa: RUF001  # letters that look like others are what this is about
_LETTERS = {
    "A": "ΑАᎪꓮ",
    "AE": "Ӕ",
    "B": "ΒВᏴꓐ",
    "C": "СᏟⲤꓚ",
    "D": "Ꭰꓓ",
    "E": "ΕЕᎬꓰ",
    "F": "Ϝꓝ",
    "G": "ԌᏀᏳꓖ",
    "H": "ΗНᎻⲎꓧ",
    "J": "ͿЈᎫꓙ",
    "K": "ΚКᏦⲔꓗ",
    "L": "ᏞⳐꓡ",
    "M": "ΜϺМᎷⲘꓟ",
    "N": "ΝⲚꓠ",
    "O": "ΟОՕⲞꓳ",
    "OO": "Ꚙ",
    "P": "ΡРᏢⲢꓑ",
    "R": "ᎡᏒꓣ",
    "S": "ЅՏᏕᏚꓢ",
    "T": "ΤТᎢⲦꓔ",
    "U": "Սꓴ",
    "V": "ѴᏙꓦ",
    "W": "ԜᎳᏔꓪ",
    "X": "ΧХⲬꓫ",
    "Y": "ΥУҮᎩᎽⲨꓬ",
    "Z": "ΖᏃꓜ",
    "a": "αа",
    "ae": "ӕ",
    "b": "ЬᏏ",
    "bl": "Ы",
    "c": "сⲥꮯ",
    "d": "ԁᏧꓒ",
    "e": "еҽ",
    "f": "ք",
    "g": "ց",
    "h": "һհᏂ",
    "i": "ιіӏᎥꙇꭵ",
    "j": "ϳј",
    "l": "ΙІӀⲒꓲ",
    "lO": "Ю",
    "n": "ոռ",
    "o": "οσоօⲟ",
    "oo": "ꚙ",
    "p": "ρрⲣ",
    "q": "ԛգզ",
    "r": "гᴦⲅꮁ",
    "s": "ѕꮪ",
    "u": "υս",
    "v": "νѵꮩ",
    "w": "ѡԝաꮃ",
    "x": "х",
    "y": "γуү",
    "z": "ꮓ",
}
_SKELETON = {letter: latin for latin, letters in _LETTERS.items() for letter in letters}
# Latin letters and digits that look like one another.
_SKELETON |= {"0": "O", "1": "l", "I": "l"}
_TABLE = str.maketrans(_SKELETON)


def skeleton(text: str) -> str:
    """The prototype of the text: what it looks like, in any case of its letters."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", decomposed.translate(_TABLE)).casefold().replace("m", "rn")


def look_alike(one: str, other: str) -> bool:
    """Whether two names differ, and look the same as they are, in small letters or in capitals."""
    if unicodedata.normalize("NFC", one).casefold() == unicodedata.normalize("NFC", other).casefold():
        return False
    return any(skeleton(case(one)) == skeleton(case(other)) for case in (str, str.lower, str.upper))
