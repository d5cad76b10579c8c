"""The text message with the code, replies to texts, and how a text is counted.

One segment holds 160 septets of GSM-7 (3GPP TS 23.038), or 70 UTF-16 units as soon as one character is outside it; of
several segments each holds 153 or 67. Two-septet characters and surrogate pairs are never cut in the middle.
The last line `@host #code` is WICG's origin-bound one-time code: a browser then offers the code on that host only.
"""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from .document import messaging_response
from .words import Words, fill

_GSM_BASIC = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n\r"
    "@£$¥!\"#%&'()*+,-./:;<=>?_¡¿§¤èéùìòàäöñüåøæßÇÄÖÑÜÅØÆÉΔΦΓΛΩΠΨΣΘΞ"
)
_GSM_EXTENSION = frozenset("^{}\\[]~|€\f")

# Letters that Unicode does not take apart, as people write them who have no such key, and typographic marks.
_TRANSLITERATIONS = {
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "ħ": "h", "Ħ": "H", "ð": "d", "Ð": "D",
    "þ": "th", "Þ": "Th", "ẞ": "SS", "ŧ": "t", "Ŧ": "T", "ŋ": "n", "Ŋ": "N", "‘": "'", "’": "'", "‚": "'", "“": '"',
    "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "·": ".", "•": "-",
    "`": "'", "´": "'",
}  # fmt: skip
# What no keypad writes and nobody says: pictures with their joiners and shades, and marks such as a trade mark's.
# Accents that stand alone go too; the signs of other scripts (they are `Mn` as well) do not.
_DROPPED_CATEGORIES = frozenset({"So", "Sk", "Me", "Cf"})
_DROPPED_NAMES = ("COMBINING ", "VARIATION SELECTOR")

_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\Z"
)
_CODE = re.compile(r"[0-9]{4,10}\Z")


class Encoding(StrEnum):
    """How a text travels."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs: `count` segments; `length` in septets (GSM-7) or UTF-16 units (UCS-2)."""

    encoding: Encoding
    count: int
    length: int


class MessageTooLong(ValueError):
    """The text does not fit into so many segments: `length` of `limit` septets or units."""

    def __init__(self, *, length: int, limit: int) -> None:
        super().__init__(f"the text takes {length} of {limit}")
        self.length = length
        self.limit = limit


_SINGLE_SEGMENT = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
_PER_SEGMENT = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}
# The longest brand, purpose and payee in UTF-16 are three; the fourth is for whatever a language adds.
_MAX_SEGMENTS = 4


def segments(text: str) -> Segments:
    """Count as a carrier counts. An empty text has no segment."""
    if all(character in _GSM_BASIC or character in _GSM_EXTENSION for character in text):
        encoding = Encoding.GSM_7
        costs = [2 if character in _GSM_EXTENSION else 1 for character in text]
    else:
        encoding = Encoding.UCS_2
        costs = [2 if ord(character) > 0xFFFF else 1 for character in text]
    length = sum(costs)
    if length <= _SINGLE_SEGMENT[encoding]:
        return Segments(encoding, min(length, 1), length)
    count, filled = 1, 0
    for cost in costs:
        if filled + cost > _PER_SEGMENT[encoding]:
            count, filled = count + 1, 0
        filled += cost
    return Segments(encoding, count, length)


def transliterate(text: str) -> str:
    """The text as people write it on a keypad: `kod doğrulama` becomes `kod dogrulama`.

    What GSM-7 has stays (ä, é, ñ, ß). Accents that it lacks are taken off, pictures and invisible marks are left out,
    and letters of other scripts stay as they are: the text then travels as UCS-2.
    """
    return "".join(_transliterate_character(character) for character in unicodedata.normalize("NFC", text))


def payment_phrase(words: Words, *, amount: str, currency: str, payee: str) -> str:
    """The phrase of a payment, for `message` to say what the code is for."""
    return fill(words.text.payment, amount=words.money(amount, currency), payee=payee)


def message(
    words: Words, *, brand: str, code: str, minutes: int, host: str | None, purpose: str = "", max_segments: int = 1
) -> str:
    """The text message with the code, of `most` segments. `purpose`: what it is for, where that has to be said.

    `minutes` is the life time, rounded down (0: under a minute). `host` is the page's, without scheme and port; None
    leaves the last line out, for the languages of 70 characters and long hosts. TooLong when it does not fit: try again
    without the host, then with more segments. ValueError when a value is none of its kind.
    """
    if not _CODE.match(code):
        raise ValueError("a code is 4 to 10 digits")
    if minutes < 0:
        raise ValueError("minutes must not be negative")
    if host is not None and not _HOST.match(host):
        raise ValueError("a host has neither scheme, port nor path")
    line = "" if host is None else f"\n\n@{host} #{code}"
    said = words.text
    if purpose:
        sentence = said.code_for if minutes else said.code_for_under_a_minute
    else:
        sentence = said.code if minutes else said.code_under_a_minute
    sentence = fill(sentence, brand=_brand_text(brand), code=code, minutes=minutes, purpose=purpose)
    body = transliterate(sentence)
    counted = segments(body + line)
    if counted.encoding is Encoding.UCS_2:
        body = sentence  # the accents cost nothing any more
        counted = segments(body + line)
    if counted.count > max_segments:
        raise MessageTooLong(length=counted.length, limit=_SINGLE_SEGMENT[counted.encoding])
    return body + line


def shortest_message(words: Words, *, brand: str, code: str, minutes: int, host: str, purpose: str = "") -> str:
    """The message in as few segments as it can have, with the line for browsers where that costs no further one.

    A host that has no place in a text, as an IPv6 address, is left out.
    """
    for max_segments in range(1, _MAX_SEGMENTS):
        for line in (host, None):
            with suppress(ValueError):
                return message(
                    words,
                    brand=brand,
                    code=code,
                    minutes=minutes,
                    host=line,
                    purpose=purpose,
                    max_segments=max_segments,
                )
    return message(
        words, brand=brand, code=code, minutes=minutes, host=None, purpose=purpose, max_segments=_MAX_SEGMENTS
    )


def reply_document(body: str | None) -> str:
    """The TwiML answer to a text: one message, or none where Twilio answers by itself (STOP, START, HELP)."""
    return messaging_response(body)


def help_reply(words: Words, *, brand: str, contact: str) -> str:
    """The answer to HELP: who we are, where to ask, how to stop and start us. `contact` is a host or an address."""
    return _reply_text(words.text.help, brand, contact=contact)


def stopped_reply(words: Words, *, brand: str) -> str:
    """The answer to STOP, for senders where Twilio gives none (short codes)."""
    return _reply_text(words.text.stopped, brand)


def started_reply(words: Words, *, brand: str) -> str:
    """The answer to START, for senders where Twilio gives none."""
    return _reply_text(words.text.started, brand)


def call_back_reply(words: Words, *, brand: str) -> str:
    """The answer to CALL: the same whether a code is waiting or not."""
    return _reply_text(words.text.call_back, brand)


def reported_reply(words: Words, *, brand: str) -> str:
    """The answer to REPORT: the same whether a code was waiting or not."""
    return _reply_text(words.text.reported, brand)


def number_changed(words: Words, *, brand: str) -> str:
    """To every number that an account had before: its number was changed."""
    return _reply_text(words.text.number_changed, brand)


def other_reply(words: Words, *, brand: str) -> str:
    """The answer to anything else."""
    return _reply_text(words.text.other, brand)


def _reply_text(sentence: str, brand: str, **values: str) -> str:
    filled = fill(sentence, brand=_brand_text(brand), **values)
    spelled = transliterate(filled)
    return spelled if segments(spelled).encoding is Encoding.GSM_7 else filled


def _brand_text(brand: str) -> str:
    allowed = fill("{brand}", brand=brand)  # before spelling, which would hide what may not be in it
    return " ".join(transliterate(allowed).split()) or allowed


def _transliterate_character(character: str) -> str:
    if character in _GSM_BASIC or character in _GSM_EXTENSION:
        return character
    if character in _TRANSLITERATIONS:
        return _TRANSLITERATIONS[character]
    if unicodedata.category(character) in _DROPPED_CATEGORIES or unicodedata.name(character, "").startswith(
        _DROPPED_NAMES
    ):
        return ""
    spelled = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    spelled = "".join(_TRANSLITERATIONS.get(part, part) for part in spelled)
    return spelled if spelled and all(part in _GSM_BASIC for part in spelled) else character
