"""Parsers of senders by country, and of templates and voices by language.

They follow the rules of `parsers`: of a voice's entry no text is shown but its language.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from twiml.words import LANGUAGES, match_language
from verification.types import Channel, CountrySender
from verification.values.phone_numbers import PhoneNumber

from .parsers import InvalidValue, parse_brand, parse_number

_TEMPLATES = "en:HX and 32 digits, es:HX and 32 digits"

#: A tag as people write one: `de-DE`, `de_DE`, `de`. Nothing else of an entry is safe to show.
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,4}){0,2}")


def parse_senders(text: str) -> Mapping[str, CountrySender]:
    """`GB=+442079460018/Acme UK,…`: the senders by country. Each has a number, a messaging service, a brand, or some of
    them, with slashes between.
    """
    senders: dict[str, CountrySender] = {}
    for position, part in enumerate(text.split(","), start=1):
        country, equals, rest = (piece.strip() for piece in part.partition("="))
        if not equals or not re.fullmatch("[A-Za-z]{2}", country):
            raise InvalidValue(
                f"must be countries with their senders such as GB=+442079460018/Acme UK; entry {position} is not one"
            )
        country = country.upper()
        if country not in SUPPORTED_REGIONS:
            raise InvalidValue(f"must name countries by their ISO codes; entry {position} has {country}")
        if country in senders:
            raise InvalidValue(f"must name a country once; entry {position} is the second for {country}")
        senders[country] = _parse_sender(rest, f"entry {position}, for {country},")
    return senders


def _parse_sender(text: str, where: str) -> CountrySender:
    fields: dict[str, Any] = {}
    for piece in (piece.strip() for piece in text.split("/")):
        try:
            if piece.startswith("+"):
                name, value = "number", parse_number(piece).e164
            elif re.fullmatch("MG[0-9a-fA-F]{32}", piece):
                name, value = "messaging_service", piece
            else:
                name, value = "brand", parse_brand(piece)
        except InvalidValue as problem:
            raise InvalidValue(
                f"must have a number in E.164, a messaging service or a brand; {where} {problem}"
            ) from None
        if name in fields:
            raise InvalidValue(f"must have one number, one messaging service and one brand; {where} has more")
        fields[name] = value
    return CountrySender(**fields)


def parse_whatsapp_sender(text: str) -> PhoneNumber:
    """A number in E.164, also as Twilio writes it: `whatsapp:+1…`."""
    return parse_number(text.removeprefix(Channel.WHATSAPP.address("")))


def parse_templates(text: str) -> Mapping[str, str]:
    """`en:HX…,es:HX…`: the sid of a content template for each language, by Saycode's name for the language."""
    templates: dict[str, str] = {}
    for position, part in enumerate(text.split(","), start=1):
        tag, _, sid = (piece.strip() for piece in part.partition(":"))
        if not re.fullmatch("HX[0-9a-fA-F]{32}", sid):
            raise InvalidValue(f"must be languages and sids of templates such as {_TEMPLATES}; not entry {position}")
        language = match_language(tag)
        if language is None:
            raise InvalidValue(f"must name a language that Saycode has before each sid; not entry {position}")
        if language in templates:
            raise InvalidValue(
                f"must have one template for each language; entry {position} is the second for {language}"
            )
        templates[language] = sid
    return MappingProxyType(templates)


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
