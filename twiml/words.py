"""One language: its voice, its purposes, and every sentence that is spoken, texted or shown.

Each language is a file in `languages/` that defines `WORDS`. It is imported when it is first asked for.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Literal

from .choice import LANGUAGES, from_accept_language, language_of_country, match_language
from .sentences import CallWords, PageWords, TextWords

__all__ = [
    "LANGUAGES",
    "NEUTRAL",
    "Words",
    "fill",
    "from_accept_language",
    "language_of_country",
    "match_language",
    "purposes",
    "words",
]

NEUTRAL = "neutral"

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# Control characters and line ends could break out of a line of a text or of XML; lone surrogates fit into no file; the
# overrides turn the rest of a sentence round.
_FORBIDDEN_KINDS = frozenset({"Cc", "Cs", "Zl", "Zp"})
_OVERRIDES = frozenset("\u202d\u202e")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything that one language says.

    `tag` is ours (`cmn-CN`), `language` is what goes beside the voice in `<Say>`, `html_language` what browsers and
    screen readers expect on the page (`zh-CN`), `decimal` the mark in an amount.
    """

    tag: str
    native_name: str
    direction: Literal["ltr", "rtl"] = "ltr"
    html_language: str
    voice: str
    language: str
    decimal: Literal[".", ","] = "."
    purposes: Mapping[str, str]
    call: CallWords
    text: TextWords
    page: PageWords

    def purpose(self, action: str | None) -> str:
        """The phrase for an action, or the neutral one for an action that has none."""
        return self.purposes.get(action or NEUTRAL, self.purposes[NEUTRAL])

    def money(self, amount: str, currency: str) -> str:
        """`12.30` of `EUR` as it is said and texted. The letters are exact: a sign such as $ means many currencies."""
        return f"{amount.replace('.', self.decimal)} {currency}"


def purposes(
    *,
    sign_in: str,
    change_billing: str,
    change_shipping_address: str,
    change_password: str,
    change_number: str,
    new_number: str,
    payment: str,
    neutral: str,
) -> Mapping[str, str]:
    """The phrases of one language by action: what the code is for, in the words that stand beside "code"."""
    return MappingProxyType(
        {
            "sign-in": sign_in,
            "change-billing": change_billing,
            "change-shipping-address": change_shipping_address,
            "change-password": change_password,
            "change-number": change_number,
            "new-number": new_number,
            "payment": payment,
            NEUTRAL: neutral,
        }
    )


@cache
def words(tag: str) -> Words:
    """The words of one of `LANGUAGES`. LookupError for any other tag: ask `match` first for a tag from outside."""
    if tag not in LANGUAGES:
        raise LookupError(f"no language {tag!r}")
    module = import_module(f".languages.{tag.replace('-', '_')}", __package__)
    found = module.WORDS
    if not isinstance(found, Words) or found.tag != tag:
        raise TypeError(f"{module.__name__}.WORDS is not the words of {tag}")
    return found


def fill(sentence: str, **values: str | int) -> str:
    """Put values into a sentence of ours. Values are only ever text: braces in them stay as they are.

    ValueError when a value holds a control character, a line end or a direction override, or when a placeholder has no
    value.
    """
    for name, value in values.items():
        for character in str(value):
            if unicodedata.category(character) in _FORBIDDEN_KINDS or character in _OVERRIDES:
                raise ValueError(
                    f"{name} holds the character U+{ord(character):04X}, which is not allowed in a sentence"
                )

    def value_of(found: re.Match[str]) -> str:
        try:
            return str(values[found[1]])
        except KeyError:
            raise ValueError(f"no value for {found[0]} in {sentence!r}") from None

    return _PLACEHOLDER.sub(value_of, sentence)
