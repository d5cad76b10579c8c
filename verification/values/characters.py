"""What phones, keyboards and other programs add to digits: invisible characters, typographic marks, other scripts.

A number copied from a contact carries direction marks, one from a text a variation selector, one from a web page a
narrow no-break space. None of them says anything, so a reader of digits takes all of them for spacing.
"""

import unicodedata

#: Letters, marks and signs without a visible shape, beside the format characters (category Cf).
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0") | frozenset(
    chr(code) for first, last in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) for code in range(first, last + 1)
)
# The frame of a keycap emoji (U+0031 U+FE0F U+20E3 is a key with a 1 on it).
_ENCLOSING = "Me"
_SPACING = frozenset({"Zs", "Pd", "Ps", "Pe", "Pi", "Pf"})
# ASCII's, middle dots and bullets, the minus sign, and the commas of Arabic, Japanese and full width.
_DOTS = frozenset(".,'_~\"\u00b7\u2022\u2027\u2219\u22c5\u2212\u060c\u066b\u066c\u3001\uff0c\uff0e")


def is_invisible(character: str) -> bool:
    """Whether the character has no shape of its own. Control characters are not: they are no typing."""
    return character in INVISIBLE or unicodedata.category(character) in ("Cf", _ENCLOSING)


def ascii_digits(text: str) -> str:
    """The text without invisible characters, with the digits of all scripts as 0 to 9."""
    visible = (character for character in text if not is_invisible(character))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in visible)


def is_spacing(character: str) -> bool:
    """Whether the character only separates digits: a space, a dash, a bracket, a quotation mark, a dot or a comma."""
    return character.isspace() or character in _DOTS or unicodedata.category(character) in _SPACING


def has_letter(text: str) -> bool:
    """Whether the text has a letter of any script, its accent, or a digit that is raised, circled or a fraction."""
    return any(unicodedata.category(character)[0] in "LM" or _is_odd_digit(character) for character in text)


def _is_odd_digit(character: str) -> bool:
    return character.isnumeric() and not character.isdecimal()
