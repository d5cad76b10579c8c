"""Parsers of keys that the operator makes. They follow the rules of `parsers`: no message shows a key."""

import re
from itertools import pairwise

from .parsers import InvalidValue, Secret, parse_secret

MIN_KEY_LENGTH = 32
HOW_TO_MAKE = "make one with: openssl rand -hex 32"

#: Random texts of 22 characters and more, in any alphabet of ten characters or more, pass these with one exception in
#: ten million: 22 characters are 88 bits in hexadecimal and 128 in base64.
_MIN_RANDOM_LENGTH = 22
_MIN_DISTINCT = 6
_MIN_DISTINCT_TRIGRAMS = 18
_MAX_NEIGHBORS = 0.75
#: What placeholders are made of; a random text loses at most a few characters to these.
_PLACEHOLDER = re.compile(
    "change|replace|insert|enter|please|your|this|that|with|long|some|secret|random|string|value|token|key|pass(?:word|phrase)?"
    "|character|minimum|least|example|sample|dummy|placeholder|insecure|unsafe|default|development|production|testing|test"
    "|here|saycode|django|twilio|qwert[yz]|uiop|asdf|ghjkl|zxcv|bnm",
    re.IGNORECASE,
)


def parse_keys(text: str) -> tuple[Secret, ...]:
    """The keys, newest first. Raises InvalidValue."""
    keys = [key.strip() for key in text.split(",")]
    if any(len(key) < MIN_KEY_LENGTH for key in keys):
        raise InvalidValue(f"must have {MIN_KEY_LENGTH} characters or more in each key; {HOW_TO_MAKE}")
    if len(set(keys)) < len(keys):
        raise InvalidValue("must not name the same key twice")
    return tuple(parse_secret(key) for key in keys)


def can_be_guessed(key: Secret) -> bool:
    """Whether a key has few characters, a pattern or a sequence, or is a placeholder. It is accepted all the same: a
    service that runs with one must not be stopped by an upgrade.
    """
    rest = _PLACEHOLDER.sub("", key.reveal())
    if len(rest) < _MIN_RANDOM_LENGTH:
        return True
    trigrams = {rest[at : at + 3] for at in range(len(rest) - 2)}
    return len(set(rest)) < _MIN_DISTINCT or len(trigrams) < _MIN_DISTINCT_TRIGRAMS or _is_sequence(rest)


def _is_sequence(text: str) -> bool:
    """Whether most characters follow their neighbor in the alphabet, as in 0123456789abcdef."""
    steps = [abs(ord(after) - ord(before)) <= 1 for before, after in pairwise(text)]
    return sum(steps) > _MAX_NEIGHBORS * len(steps)
