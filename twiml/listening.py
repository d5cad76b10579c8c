"""How long a call document takes to hear, and how many characters Twilio charges for speaking it.

An estimate: voices differ by about a fifth. A voice says about 15 letters a second in alphabets, 5 signs in Chinese and
Japanese, and 6 syllables in Korean. A single digit takes longer than a letter, and a comma and the end of a sentence
are short pauses.
"""

import re
from xml.etree import ElementTree

from msgspec import Struct

_LETTER = 1 / 15
_SIGN, _SYLLABLE = 1 / 5, 1 / 6
_DIGIT = 0.35
_COMMA_PAUSE = 0.25
_SENTENCE_PAUSE = 0.4
#: Seconds until a <Say> begins: Twilio synthesizes each one separately.
SAY_START = 0.2

_CJK, _HANGUL = re.compile("[\u3040-\u30ff\u3400-\u9fff]"), re.compile("[\uac00-\ud7a3]")
_COMMA = frozenset(",;،、，")
_STOP = frozenset(".:!?؟।。：！？")


class ListeningTime(Struct, frozen=True):
    """`seconds` of speech and pauses without a key press, `waiting` seconds for keys, and `characters` spoken."""

    seconds: float
    waiting: float
    characters: int


def estimate(document: str) -> ListeningTime:
    """The estimate for one call document, without the document that a redirect leads to."""
    seconds, waiting, characters = 0.0, 0.0, 0
    for verb in _verbs(document):
        if verb.tag == "Say":
            text = spoken_text(verb)
            seconds += speech_seconds(text)
            characters += len(text)
        elif verb.tag == "Pause":
            seconds += float(verb.get("length", "1"))
        elif verb.tag == "Gather":
            waiting += float(verb.get("timeout", "5"))
    return ListeningTime(seconds, waiting, characters)


def seconds_before(document: str, fragment: str) -> float | None:
    """Seconds from the start of the document until it says the fragment; None when it does not.

    `seconds_before(document, "4, 7, 1")` is how long a person waits for the first digit.
    """
    seconds = 0.0
    for verb in _verbs(document):
        text = spoken_text(verb)
        if verb.tag == "Say":
            if fragment in text:
                return seconds + speech_seconds(text[: text.index(fragment)])
            seconds += speech_seconds(text)
        elif verb.tag == "Pause":
            seconds += float(verb.get("length", "1"))
    return None


def spoken_text(verb: ElementTree.Element) -> str:
    """The text of a verb, also where a tag changes its speed."""
    return "".join(verb.itertext())


def _verbs(document: str) -> list[ElementTree.Element]:
    # Only our own documents are parsed, so the XML parser's weakness for entities does not matter.
    return [verb for verb in ElementTree.fromstring(document).iter() if verb.tag in {"Say", "Pause", "Gather"}]


def speech_seconds(text: str) -> float:
    """Seconds that one sentence takes to say."""
    return SAY_START + sum(_character_seconds(character) for character in text)


def _character_seconds(character: str) -> float:
    if character.isdigit():
        return _DIGIT
    if character in _COMMA:
        return _COMMA_PAUSE
    if character in _STOP:
        return _SENTENCE_PAUSE
    if _HANGUL.match(character):
        return _SYLLABLE
    return _SIGN if _CJK.match(character) else _LETTER
