"""The encoding of a text and its number of segments.

One character outside GSM-7 makes the whole text UCS-2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("^{}\\[]~|€\f")

_LOOK_ALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014", "-"),
        **dict.fromkeys("\u00a0\u2009\u202f\t", " "),
        "\u2026": "...",
        "\u2022": "*",
        "\u200b": "",
    }
)


class Encoding(StrEnum):
    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class Size:
    """`units`: septets for GSM-7, UTF-16 units for UCS-2."""

    encoding: Encoding
    units: int
    segments: int


def measure(text: str) -> Size:
    """Encoding, units and segments of a text. An empty text is one segment."""
    if all(letter in GSM_BASIC or letter in GSM_EXTENSION for letter in text):
        costs = [2 if letter in GSM_EXTENSION else 1 for letter in text]
        return _size(Encoding.GSM7, costs, whole=160, part=153)
    costs = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return _size(Encoding.UCS2, costs, whole=70, part=67)


def _size(encoding: Encoding, costs: list[int], *, whole: int, part: int) -> Size:
    units = sum(costs)
    if units <= whole:
        return Size(encoding, units, 1)
    segments, left = 1, part
    for cost in costs:  # a character of two units is never split
        if cost > left:
            segments, left = segments + 1, part
        left -= cost
    return Size(encoding, units, segments)


def smart_encode(text: str) -> str:
    """`SmartEncoded=true`: typographic quotes, dashes and the like become GSM-7; letters of other scripts stay."""
    return text.translate(_LOOK_ALIKES)
