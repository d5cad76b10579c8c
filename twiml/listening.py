"""How long a call document takes to hear, and how many characters the carrier charges for saying it.

An estimate, not a measurement: voices differ by a fifth or so. A voice says about 15 letters a second in alphabets and
about 5 signs a second in Chinese and Japanese; a digit by itself takes longer than a letter; a comma and the end of a
sentence are short rests.
"""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

_LETTER = 1 / 15
_SIGN = 1 / 5
_DIGIT = 0.35
_COMMA_REST = 0.25
_SENTENCE_REST = 0.4
# Twilio fetches and starts to speak each <Say> anew.
_SAY_START = 0.2

_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_COMMA = frozenset(",;،、，")
_STOP = frozenset(".:!?؟。：！？")


@dataclass(frozen=True, slots=True)
class ListeningTime:
    """`seconds` of speech and pauses when nobody presses a key, then `waiting` seconds for keys; `characters` said."""

    seconds: float
    waiting: float
    characters: int


def estimate(document: str) -> ListeningTime:
    """Estimate one call document. Nothing that follows a redirect is part of it."""
    seconds, waiting, characters = 0.0, 0.0, 0
    for verb in _verbs(document):
        if verb.tag == "Say":
            text = verb.text or ""
            seconds += _speech_seconds(text)
            characters += len(text)
        elif verb.tag == "Pause":
            seconds += float(verb.get("length", "1"))
        elif verb.tag == "Gather":
            waiting += float(verb.get("timeout", "5"))
    return ListeningTime(seconds, waiting, characters)


def seconds_before(document: str, fragment: str) -> float | None:
    """Seconds from the start of the document until the fragment is said; None when it is not said at all.

    `seconds_before(document, "4, 7, 1")` is how long a person waits for the first digit.
    """
    seconds = 0.0
    for verb in _verbs(document):
        text = verb.text or ""
        if verb.tag == "Say":
            if fragment in text:
                return seconds + _speech_seconds(text[: text.index(fragment)])
            seconds += _speech_seconds(text)
        elif verb.tag == "Pause":
            seconds += float(verb.get("length", "1"))
    return None


def _verbs(document: str) -> list[ElementTree.Element]:
    # Only documents of our own are read here, so the parser's open doors (entities) do not matter.
    return [verb for verb in ElementTree.fromstring(document).iter() if verb.tag in {"Say", "Pause", "Gather"}]


def _speech_seconds(text: str) -> float:
    return _SAY_START + sum(_character_seconds(character) for character in text)


def _character_seconds(character: str) -> float:
    if character.isdigit():
        return _DIGIT
    if character in _COMMA:
        return _COMMA_REST
    if character in _STOP:
        return _SENTENCE_REST
    return _SIGN if _CJK.match(character) else _LETTER
