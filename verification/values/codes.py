"""The code: drawn from a seed and a key, and compared in constant time.

A code is never stored. The store keeps a random seed; the digits come from HMAC-SHA-256 (RFC 2104) under a key that is
outside the database. A stolen database reveals no code, and the voice webhook can still say the code after a restart. A
code is always a string: 000123 has six characters everywhere.

Typed and pasted digits bring direction marks, variation selectors and narrow spaces along. None of them says anything,
so readers of codes and of numbers take all of them for spacing.
"""

import hmac
import unicodedata
from functools import lru_cache
from hashlib import sha256
from itertools import permutations
from typing import ClassVar

from ..errors import CodeMalformed, Unavailable
from ..types import Record

_WORD = 2**64
#: Keys to press before a code is said (504 of them), and before a code is taken (72).
SAY_KEYS, TYPE_KEYS = 3, 2
# Different keys, and no 0: a key that is lost or comes twice never makes the keys of a report.
_KEYS = {count: tuple("".join(keys) for keys in permutations("123456789", count)) for count in (SAY_KEYS, TYPE_KEYS)}
MAX_INPUT_LENGTH = 64


class KeyRing(Record, frozen=True):
    """The secret keys, newest first. The newest draws new codes; the others still draw the codes of older seeds."""

    hidden: ClassVar = frozenset({"secrets"})

    secrets: tuple[bytes, ...]

    @property
    def newest(self) -> str:
        """The id of the key that draws new codes."""
        return key_id(self.secrets[0])

    def secret(self, id: str) -> bytes:
        """The key of this id. Raises Unavailable when it was removed too early."""
        for secret in self.secrets:
            if hmac.compare_digest(key_id(secret), id):
                return secret
        raise Unavailable("the key of a code is no longer on the ring")


@lru_cache(maxsize=16)
def key_id(secret: bytes) -> str:
    """Eight hex digits that identify a key and reveal nothing about it."""
    return hmac.digest(secret, b"saycode key id", sha256).hex()[:8]


def draw(secret: bytes, *, seed: bytes, sid: str, action: str, length: int, payment: tuple[str, ...] = ()) -> str:
    """The digits of one verification, uniform over all codes of that length, valid for this action and payment only.

    A remainder alone would favor the low codes, so a 64-bit word from the incomplete last range is discarded, and the
    next block is used. RFC 4226 section 5.3 truncates instead and accepts the small bias.
    """
    codes = 10**length
    # None of these contains NUL, and what follows has a fixed length: no two sets make the same message.
    bound = "\0".join((action, *payment))
    for block in range(256):
        word = int.from_bytes(_digest(secret, "code", seed, sid, bound, block)[:8], "big")
        if word < _WORD - _WORD % codes:
            return str(word % codes).zfill(length)
    raise AssertionError("256 words in a row from the last, incomplete range")  # less likely than 2 ** -10000


def seal(code: str, drawn: str) -> str:
    """An application's own code under the drawn one as a one-time pad: digit by digit, their difference modulo 10.

    Without the key that draws it says nothing about the code, as every verification draws anew; once the seed is gone,
    nothing with the key either. The two have the same length.
    """
    return "".join(str((int(digit) - int(pad)) % 10) for digit, pad in zip(code, drawn, strict=True))


def unseal(sealed: str, drawn: str) -> str:
    """The application's own code."""
    return "".join(str((int(digit) + int(pad)) % 10) for digit, pad in zip(sealed, drawn, strict=True))


def draw_keys(secret: bytes, *, seed: bytes, sid: str, attempt: int, count: int = SAY_KEYS) -> str:
    """The keys to press in one call, new for every delivery and every guess; never those of the guess before."""
    all_keys, place = _KEYS[count], 0
    for block in range(attempt + 1):
        word = int.from_bytes(_digest(secret, "keys", seed, sid, "", block)[:8], "big")
        # 2 ** 64 over 504 leaves a bias below 10 ** -16.
        place += 1 + word % (len(all_keys) - 1) if block else word % len(all_keys)
    return all_keys[place % len(all_keys)]


def _digest(secret: bytes, use: str, seed: bytes, sid: str, action: str, block: int) -> bytes:
    message = b"\0".join((use.encode(), sid.encode(), action.encode(), bytes([block]), seed))
    return hmac.digest(secret, message, sha256)


def clean(text: str, *, length: int) -> str:
    """The digits as a person may type or paste them, with spaces, dashes, invisible characters and the digits of other
    scripts.

    Exactly `length` digits and no letters are that code, whatever signs are around or between them. Too few or too many
    digits are a wrong code, as 123 is for 000123. Raises CodeMalformed, which has the right `length`, when there are
    none, or letters or other signs among them.
    """
    if len(text) > MAX_INPUT_LENGTH:
        raise CodeMalformed(length)
    if text.isascii() and text.isdecimal():  # as applications and most people send it
        return text
    plain = ascii_digits(text)
    digits = "".join(c for c in plain if c.isdecimal())
    signs = any(not (c.isdecimal() or is_spacing(c)) for c in plain)
    if not digits or has_letter(plain) or (signs and len(digits) != length):
        raise CodeMalformed(length)
    return digits


def equal(submitted: str, expected: str) -> bool:
    """Whether two codes are equal, in time that does not depend on where they differ."""
    return hmac.compare_digest(sha256(submitted.encode()).digest(), sha256(expected.encode()).digest())


def seal_answer(secret: bytes, *, session: str, code: str) -> bytes:
    """A keyed proof that this browser submitted this code, so that a lost answer can be repeated."""
    return hmac.digest(secret, b"\0".join((b"answer", session.encode(), code.encode())), sha256)


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
    if text.isascii():
        return text
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
