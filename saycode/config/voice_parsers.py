"""Parsers of voices by language. They follow the rules of `parsers`: no text of an entry is shown but its language."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from twiml.words import LANGUAGES, match_language

from .parsers import InvalidValue

#: A tag as people write one: `de-DE`, `de_DE`, `de`. Nothing else of an entry is safe to show.
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,4}){0,2}")


def parse_voices(text: str) -> Mapping[str, str]:
    """`de-DE=Polly.Daniel-Neural,…`: Twilio's name of a voice for each language."""
    voices: dict[str, str] = {}
    for position, part in enumerate(text.split(","), start=1):
        tag, equals, voice = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise InvalidValue(
                f"must be languages and voices such as de-DE=Polly.Daniel-Neural; entry {position} has no ="
            )
        language = _parse_language(tag, position)
        if not re.fullmatch(r"(Polly|Google)\.[A-Za-z0-9-]{1,60}", voice):
            raise InvalidValue(
                f"must have one of Twilio's voices, such as Polly.Daniel-Neural or Google.de-DE-Standard-A, in each "
                f"entry; entry {position}, for {language}, has {'none' if not voice else 'another text'}"
            )
        if language in voices:
            raise InvalidValue(f"must have one voice for each language; entry {position} is the second for {language}")
        voices[language] = voice
    return MappingProxyType(voices)


def _parse_language(tag: str, position: int) -> str:
    if tag in LANGUAGES:
        return tag
    named = f"entry {position} has {tag}" if _TAG.fullmatch(tag) else f"entry {position} has none of them"
    if (nearest := match_language(tag)) is not None:
        raise InvalidValue(f"must name a language as Saycode does; {named}, for which write {nearest}")
    raise InvalidValue(f"must name a language of {', '.join(LANGUAGES)}; {named}")
