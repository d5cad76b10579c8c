"""The words of one language: its voice, its purposes, and every sentence that is spoken, texted or shown.

Each language is a file in `languages/` that defines `WORDS`. It is imported on first use.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from .language_choice import LANGUAGES, from_accept_language, language_of_country, match_language
from .sentences import CallWords, PageWords, TextWords

__all__ = [
    "GOOGLE_VOICES",
    "LANGUAGES",
    "NEUTRAL",
    "SIGN_IN",
    "Words",
    "fill",
    "from_accept_language",
    "language_of_country",
    "match_language",
    "purposes",
    "renamed",
    "words",
    "words_in_voice",
]

SIGN_IN = "sign-in"
#: How Twilio's names of Google's voices begin.
GOOGLE_VOICES = "Google."
#: The purpose of an action that has no phrase.
NEUTRAL = "neutral"

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
# Control characters and line ends could break out of a line or of XML, lone surrogates cannot be encoded, and direction
# overrides reverse the rest of a sentence.
_FORBIDDEN_KINDS = frozenset({"Cc", "Cs", "Zl", "Zp"})
_OVERRIDES = frozenset("\u202d\u202e")


# Compared and hashed by identity: `words()` makes one object for each language, and documents are cached by it.
class Words(Struct, frozen=True, kw_only=True, eq=False):
    """Everything that one language says.

    `tag` is our name for the language (`cmn-CN`), `language` the attribute of `<Say>` beside `voice`, `html_language`
    the tag that browsers and screen readers expect (`zh-CN`), `decimal` the mark in an amount, `digits` how single
    digits are said where voices read them otherwise (`{"0": "공"}`). `plain_texts`: text messages go out without any
    accent, also without those that GSM-7 has.
    """

    tag: str
    native_name: str
    direction: Literal["ltr", "rtl"] = "ltr"
    html_language: str
    voice: str
    language: str
    decimal: Literal[".", ","] = "."
    digits: Mapping[str, str] = field(default_factory=dict)
    plain_texts: bool = False
    purposes: Mapping[str, str]
    call: CallWords
    text: TextWords
    page: PageWords

    def purpose(self, action: str | None, declared: str | None = None) -> str:
        """What the code is for, as a phrase beside "code".

        `declared` is the phrase that the operator declared for the action in this language. Without one it is the
        language's own phrase, and for an action that the language does not know the neutral one.
        """
        return declared or self.purposes.get(action or NEUTRAL, self.purposes[NEUTRAL])

    def money(self, amount: str, currency: str) -> str:
        """`12.30` and `EUR` as they are said and texted. Letters, because a sign such as $ means many currencies."""
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
    """The phrases of one language by action. Keyword arguments, so that mypy finds a phrase that is missing."""
    return MappingProxyType(
        {
            SIGN_IN: sign_in,
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
    """The words of one of `LANGUAGES`: one object for each tag.

    LookupError for any other tag; `match_language` finds the nearest one for a tag from outside. TypeError when the
    file of the language does not define its `WORDS`.
    """
    if tag not in LANGUAGES:
        raise LookupError(f"no language {tag!r}")
    module = import_module(f".languages.{tag.replace('-', '_')}", __package__)
    language = module.WORDS
    if not isinstance(language, Words) or language.tag != tag:
        raise TypeError(f"{module.__name__}.WORDS is not the words of {tag}")
    return language


@cache
def words_in_voice(tag: str, voice: str) -> Words:
    """The words of one of `LANGUAGES` in another voice of that language: one object for each pair."""
    return replace(words(tag), voice=voice)


@cache
def renamed(words: Words, google_voices: str) -> Words:
    """The words with a Google voice by its name at another company, which begins with `google_voices`: one object for
    each pair.
    """
    if google_voices == GOOGLE_VOICES or not words.voice.startswith(GOOGLE_VOICES):
        return words
    return words_in_voice(words.tag, google_voices + words.voice.removeprefix(GOOGLE_VOICES))


def fill(sentence: str, **values: str | int) -> str:
    """A sentence with a value for each `{placeholder}`. Values are plain text: braces in them stay as they are.

    ValueError when a value contains a control character, a line end or a direction override, or when a placeholder has
    no value.
    """
    for name, value in values.items():
        for character in str(value):
            if unicodedata.category(character) in _FORBIDDEN_KINDS or character in _OVERRIDES:
                raise ValueError(
                    f"{name} contains the character U+{ord(character):04X}, which is not allowed in a sentence"
                )

    def value_of(placeholder: re.Match[str]) -> str:
        try:
            return str(values[placeholder[1]])
        except KeyError:
            raise ValueError(f"no value for {placeholder[0]} in {sentence!r}") from None

    return _PLACEHOLDER.sub(value_of, sentence)
