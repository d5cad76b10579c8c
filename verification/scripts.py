"""Which alphabet a letter is of, and which alphabets may stand side by side.

Letters of several alphabets in one name can look like another name (UTS 39). What is allowed here is its level "highly
restrictive": one alphabet, or Latin beside the several that Japanese, Chinese and Korean are written in.
"""

import unicodedata

#: Letters and marks that are drawn as nothing, beside the format characters (category Cf).
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0") | frozenset(
    chr(code) for first, last in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) for code in range(first, last + 1)
)
_TOGETHER = (
    frozenset({"LATIN", "CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# Marks and modifiers that go with any letter.
_COMMON = frozenset({"COMBINING", "MODIFIER"})


def script(character: str) -> str:
    """The alphabet of a letter or mark: the standard library has no such property, but a name begins with it."""
    return unicodedata.name(character, "UNKNOWN").split()[0]


def are_mixed(text: str) -> bool:
    """Whether letters of alphabets that do not belong together stand in the text."""
    found = {script(c) for c in text if unicodedata.category(c)[0] in "LM"} - _COMMON
    return len(found) > 1 and not any(found <= together for together in _TOGETHER)
