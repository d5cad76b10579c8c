"""The text message with the code, replies to text messages, and how carriers count them.

One segment holds 160 septets of GSM-7 (3GPP TS 23.038), or 70 UTF-16 units as soon as one character is outside GSM-7.
In a message of several segments each holds 153 or 67. Two-septet characters and surrogate pairs are never split.
The last line `@host #code` is WICG's origin-bound one-time code: a browser offers the code on that host only. For an
Android app the last line is its hash instead: Google's SMS Retriever gives the app a text of one segment that ends so.
"""

import re
import unicodedata
from contextlib import suppress
from enum import StrEnum
from functools import partial

from msgspec import Struct

from verification.values.payments import Payment

from .document import messaging_response
from .words import SIGN_IN, Words, fill

_GSM_BASIC = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n\r"
    "@£$¥!\"#%&'()*+,-./:;<=>?_¡¿§¤èéùìòàäöñüåøæßÇÄÖÑÜÅØÆÉΔΦΓΛΩΠΨΣΘΞ"
)
_GSM_EXTENSION = frozenset("^{}\\[]~|€\f")

# Letters that Unicode does not decompose, spelled as people without such a key write them, typographic marks, and the
# long vowels of Hungarian, whose short ones GSM-7 has.
_TRANSLITERATIONS = {
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "ħ": "h", "Ħ": "H", "ð": "d", "Ð": "D",
    "þ": "th", "Þ": "Th", "ẞ": "SS", "ŧ": "t", "Ŧ": "T", "ŋ": "n", "Ŋ": "N", "‘": "'", "’": "'", "‚": "'", "“": '"',
    "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "·": ".", "•": "-",
    "`": "'", "´": "'", "ő": "ö", "Ő": "Ö", "ű": "ü", "Ű": "Ü",
}  # fmt: skip
# Capitals of Greek that look like Latin ones. GSM-7 has the others, and no small letters.
_GREEK = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))
# Left out: emoji with their joiners and modifiers, and signs such as the trade mark. Accents without a letter go too;
# the combining signs of other scripts (also `Mn`) stay.
_DROPPED_CATEGORIES = frozenset({"So", "Sk", "Me", "Cf"})
_DROPPED_NAMES = ("COMBINING ", "VARIATION SELECTOR")

_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\Z"
)
_CODE = re.compile(r"[0-9]{4,10}\Z")
_APP_HASH = re.compile(r"[A-Za-z0-9+/]{11}\Z")


class Encoding(StrEnum):
    """How a text message is encoded on its way."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


class Segments(Struct, frozen=True):
    """What a text message costs: `count` segments. `length` is in septets (GSM-7) or UTF-16 units (UCS-2)."""

    encoding: Encoding
    count: int
    length: int


class MessageTooLong(ValueError):
    """The text message needs more segments than allowed. `length` and `limit` (of one segment): septets or units."""

    def __init__(self, *, length: int, limit: int) -> None:
        super().__init__(f"the text takes {length} of {limit}")
        self.length = length
        self.limit = limit


_SINGLE_SEGMENT = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
_PER_SEGMENT = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}
# The longest brand, purpose and payee in UTF-16 fill three; the fourth is for the words of the language.
_MAX_SEGMENTS = 4


def segments(text: str) -> Segments:
    """Count a text message as carriers do. An empty one has no segment."""
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
    """The text in the letters of GSM-7, where it has near ones: `kod doğrulama` becomes `kod dogrulama`.

    Characters of GSM-7 stay (ä, é, ñ, ß). Other accents are removed, Greek is written in capitals, emoji and invisible
    characters are left out, and letters of other scripts stay as they are: the message is then sent as UCS-2.
    """
    return "".join(_transliterate_character(character) for character in unicodedata.normalize("NFC", text))


def message_purpose(words: Words, action: str, payment: Payment | None = None, declared: str | None = None) -> str:
    """The `purpose` of `message`: the payment, or the phrase for the action; `declared` as in `Words.purpose`.

    Empty for a sign-in: a person who signs in knows what the code is for, and the message stays short.
    """
    if payment is not None:
        amount = words.money(payment.amount, payment.currency)
        # In quotation marks, so that nothing in the payee's name reads like our own words.
        return fill(words.text.payment, amount=amount, payee=f'"{payment.payee}"')
    return "" if action == SIGN_IN else words.purpose(action, declared)


def message(
    words: Words,
    *,
    brand: str,
    code: str,
    minutes: int,
    host: str | None,
    purpose: str = "",
    app_hash: str = "",
    max_segments: int = 1,
) -> str:
    """The text message with the code. `purpose` says what the code is for; empty where that need not be said.

    `minutes` is the lifetime, rounded down (0: under a minute). `host` is the host of the page, without scheme and
    port; None leaves the last line out, for UCS-2 languages and long hosts. `app_hash`: the last line for an Android
    app, in place of the host's. MessageTooLong when it needs more than `max_segments`: try again without the host,
    then with more segments. ValueError when a value is malformed.
    """
    if not _CODE.match(code):
        raise ValueError("a code is 4 to 10 digits")
    if minutes < 0:
        raise ValueError("minutes must not be negative")
    line = _last_line(host, code, app_hash)
    if purpose:
        sentence = words.text.code_for if minutes else words.text.code_for_under_a_minute
    else:
        sentence = words.text.code if minutes else words.text.code_under_a_minute
    sentence = fill(sentence, brand=_brand_text(brand), code=code, minutes=minutes, purpose=purpose)
    body = _spell(words, sentence)
    counted = segments(body + line)
    if counted.encoding is Encoding.UCS_2:
        body = sentence  # in UCS-2 accents cost nothing
        counted = segments(body + line)
    if counted.count > max_segments:
        raise MessageTooLong(length=counted.length, limit=_SINGLE_SEGMENT[counted.encoding])
    return body + line


def _last_line(host: str | None, code: str, app_hash: str) -> str:
    if host is not None and not _HOST.match(host):
        raise ValueError("a host has neither scheme, port nor path")
    if app_hash and not _APP_HASH.match(app_hash):
        raise ValueError("the hash of an app is 11 characters of base64")
    if app_hash:
        return f"\n{app_hash}"
    return "" if host is None else f"\n\n@{host} #{code}"


def shortest_message(
    words: Words, *, brand: str, code: str, minutes: int, host: str, purpose: str = "", app_hash: str = ""
) -> str:
    """The message in as few segments as possible, with the last line for browsers where it costs no further segment.
    The last line for an app is never left out.

    A host that is not a domain name, such as an IPv6 address, is left out.
    """
    compose = partial(message, words, brand=brand, code=code, minutes=minutes, purpose=purpose, app_hash=app_hash)
    for max_segments in range(1, _MAX_SEGMENTS):
        for line in (host, None):
            with suppress(ValueError):
                return compose(host=line, max_segments=max_segments)
    return compose(host=None, max_segments=_MAX_SEGMENTS)


def reply_document(body: str | None) -> str:
    """The TwiML answer to a text message: one reply, or none where Twilio replies by itself (STOP, START, HELP)."""
    return messaging_response(body)


def help_reply(words: Words, *, brand: str, contact: str) -> str:
    """The reply to HELP: who we are, where to ask, how to stop and to allow messages. `contact` is a host or a URL."""
    return _reply_text(words, words.text.help, brand, contact=contact)


def stopped_reply(words: Words, *, brand: str) -> str:
    """The reply to STOP, for senders where Twilio sends none (short codes)."""
    return _reply_text(words, words.text.stopped, brand)


def started_reply(words: Words, *, brand: str) -> str:
    """The reply to START, for senders where Twilio sends none."""
    return _reply_text(words, words.text.started, brand)


def call_back_reply(words: Words, *, brand: str) -> str:
    """The reply to CALL: the same whether a code is waiting or not."""
    return _reply_text(words, words.text.call_back, brand)


def reported_reply(words: Words, *, brand: str) -> str:
    """The reply to REPORT: the same whether a code was waiting or not."""
    return _reply_text(words, words.text.reported, brand)


def number_changed(words: Words, *, brand: str) -> str:
    """The notice to every earlier number of an account: its number was changed."""
    return _reply_text(words, words.text.number_changed, brand)


def other_reply(words: Words, *, brand: str) -> str:
    """The reply to any other text message."""
    return _reply_text(words, words.text.other, brand)


def _reply_text(words: Words, sentence: str, brand: str, **values: str) -> str:
    filled = fill(sentence, brand=_brand_text(brand), **values)
    spelled = _spell(words, filled)
    return spelled if segments(spelled).encoding is Encoding.GSM_7 else filled


def _spell(words: Words, text: str) -> str:
    spelled = transliterate(text)
    return _without_accents(spelled) if words.plain_texts else spelled


def _without_accents(text: str) -> str:
    bare = "".join(part for part in unicodedata.normalize("NFD", text) if not unicodedata.combining(part))
    return unicodedata.normalize("NFC", bare)


def _brand_text(brand: str) -> str:
    allowed = fill("{brand}", brand=brand)  # checked first: transliteration would remove forbidden characters
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
    if unicodedata.name(character, "").startswith("GREEK "):
        spelled = "".join(_GREEK.get(part, part) for part in spelled.upper())
    spelled = "".join(_TRANSLITERATIONS.get(part, part) for part in spelled)
    return spelled if spelled and all(part in _GSM_BASIC for part in spelled) else character
