"""`saycode preview --check`: the sentences of one language against the rules for all, and what they cost.

A problem is one line that begins with the name of the sentence. The rules are those of `twiml.sentences`, of
`twiml.text` and of docs/languages.md; the lengths are in `sentence_places`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from twiml import text
from twiml.call import render
from twiml.document import spell_out
from twiml.listening import estimate, seconds_before, speech_seconds
from twiml.text import Encoding, segments, transliterate
from twiml.words import Words, fill, words
from verification.ivr.prompts import AskForKeys, ReadCode
from verification.policy import PAYMENT
from verification.values.keywords import Keyword, parse_keyword
from verification.values.payments import Payment
from verification.values.spoken_names import MAX_BRAND_LENGTH

from .preview import GATE_KEYS, Preview
from .sentence_places import PLACES

#: Seconds until the first digit, and of a call in which nothing is pressed: Twilio bills whole minutes.
MOST_SECONDS_TO_CODE, MOST_SECONDS_SILENT = 20, 60
#: Seconds to press three keys, and to fetch two documents.
PRESSING, FETCHING = 1.8, 0.7

_BRAND, _LONGEST_BRAND, _LONGEST_CODE = "Acme", "B" * MAX_BRAND_LENGTH, "4719024719"
_CODE = "471902"
#: What a sentence is filled with to measure it.
SAMPLE: Mapping[str, str] = {
    "brand": _BRAND,
    "keys": spell_out(GATE_KEYS[0]),
    "key": "1",
    "code": spell_out(_CODE),
    "position": "1",
    "total": "6",
    "amount": "12.30 EUR",
    "payee": "Anna Berg",
    "minutes": "10",
    "seconds": "30",
    "checks": "2",
    "limit": "64",
    "length": "6",
    "sender": "+1 415-555-0199",
    "example": "+1 201-555-0123",
    "username": "ann",
    "digits": "02",
    "time": "10:14 PM",
    "countries": "DE (+49), US (+1)",
    "title": "Acme",
    "error_id": "A1B2C3D4",
    "reference": "1234 5678",
    "contact": "acme.example/help",
}
#: Keywords that a sentence tells people to send. They are not translated.
KEYWORDS = {
    "call.endings.suppressed": ("START",),
    "page.progress.opted_out": ("START",),
    "text.help": ("STOP", "START", "CALL"),
    "text.stopped": ("START",),
    "text.started": ("STOP",),
    "text.other": ("STOP", "HELP"),
}
#: "Error" is the same word in Spanish and Catalan.
_SAME_IN_ENGLISH = ("page.errors.title",)
_DIGITS_LAST = re.compile(r"\{(keys|key|code|reference|position|total|payee)\}\s*[.\u3002]")
_ISOLATED = ("digits", "sender", "example", "countries", "username", "error_id", "reference")


def sentences(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every sentence of the words of a language with its name, such as `call.menu.again`."""
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if isinstance(value, Struct):
            yield from sentences(value, f"{path}{name}.")
        elif isinstance(value, str) and path:
            yield path + name, value


def problems(language: Words) -> Iterator[str]:
    """What is wrong with the sentences of a language; nothing when all is well."""
    english = dict(sentences(words("en-US")))
    malformed = set()
    for name, sentence in sentences(language):
        found = [*_shape(name, sentence, english[name]), *_script(sentence)]
        if language.direction == "rtl" and name.startswith("page."):
            found += _isolates(sentence)
        if sentence == english[name] and not language.tag.startswith("en-") and name not in _SAME_IN_ENGLISH:
            found.append("is the English sentence")
        yield from (f"{name}: {problem}" for problem in found)
        if placeholders(sentence) != placeholders(english[name]):
            malformed.add(name.split(".")[0])  # cannot be filled, so nothing of its kind is measured
        else:
            yield from _length(language, name, sentence)
    yield from _purposes(language)
    if "text" not in malformed:
        yield from _texts(language)
    if "call" not in malformed:
        yield from _times(language)


def figures(language: Words) -> Iterator[str]:
    """The figures of a language, one a line."""
    sample = text.message(language, brand=_LONGEST_BRAND, code=_LONGEST_CODE, minutes=10, host=None, max_segments=4)
    counted = segments(sample)
    limit = 160 if counted.encoding is Encoding.GSM_7 else 70
    yield f"First digit: {seconds_to_code(language):.0f} s at most, of {MOST_SECONDS_TO_CODE}."
    yield f"A call in which nothing is pressed: {seconds_silent(language):.0f} s, of {MOST_SECONDS_SILENT}."
    yield f"The text of a sign-in: {counted.length} characters of {counted.encoding} at most, of {limit}."


def seconds_to_code(language: Words) -> float:
    """Seconds from the answer to the first digit, with the longest brand and purpose, when keys are pressed at once."""
    read = render(ReadCode(_CODE, opening=True), language, brand=_BRAND)
    gates = (
        render(AskForKeys(GATE_KEYS[0], after=None), language, brand=_LONGEST_BRAND, purpose=purpose)
        for purpose in language.purposes.values()
    )
    slowest = max(_seconds_before(gate, GATE_KEYS[0]) for gate in gates)
    return slowest + PRESSING + FETCHING + _seconds_before(read, _CODE)


def _seconds_before(document: str, digits: str) -> float:
    seconds = seconds_before(document, spell_out(digits))
    if seconds is None:
        raise ValueError(f"{digits} is not said")
    return seconds


def seconds_silent(language: Words) -> float:
    """Seconds of a call in which nothing is pressed."""
    times = [estimate(step.document) for step in Preview(language, _BRAND, "sign-in").silent()]
    return sum(time.seconds + time.waiting for time in times)


def _shape(name: str, sentence: str, english: str) -> Iterator[str]:
    if not sentence.strip():
        yield "is empty"
    if sentence != sentence.strip() or "  " in sentence:
        yield "has a space too many"
    expected, found = placeholders(english), placeholders(sentence)
    if missing := sorted(expected - found):
        yield f"lacks {' and '.join(missing)}"
    if more := sorted(found - expected):
        yield f"has {' and '.join(more)}, which nothing fills"
    if re.search(r"\d", sentence):
        yield "has a digit: keys, codes and numbers are placeholders"
    if name.startswith("call.") and _DIGITS_LAST.search(sentence):
        yield "has a full stop behind a digit, which some voices read as an ordinal"
    for said in ("code", "reference"):
        ends_with_it = re.search(rf"[:\uff1a]\s?\{{{said}\}}\Z", sentence)
        if name.startswith("call.") and f"{{{said}}}" in sentence and not ends_with_it:
            yield f"must end with a colon and the {said}"
    if missing := [word for word in KEYWORDS.get(name, ()) if word not in sentence]:
        yield f"must name {' and '.join(missing)}"


def placeholders(sentence: str) -> set[str]:
    """The placeholders of a sentence with their braces, and any lone brace."""
    return set(re.findall(r"\{[^}]*\}?|\}", sentence))


def _script(sentence: str) -> Iterator[str]:
    """A Latin letter within a Greek or Cyrillic word looks right, and is read and searched wrongly."""
    for word in re.findall(r"[^\W\d_]+", re.sub(r"\{[^}]*\}", " ", sentence)):
        scripts = {unicodedata.name(letter).split()[0] for letter in word} & {"LATIN", "GREEK", "CYRILLIC"}
        if len(scripts) > 1:
            yield f"has letters of two alphabets in {word!r}"


def _isolates(sentence: str) -> Iterator[str]:
    for name in _ISOLATED:
        if f"{{{name}}}" in sentence and not re.search(f"[\u2066-\u2068]\\{{{name}\\}}\u2069", sentence):
            yield f"must have {{{name}}} in isolates (U+2066 or U+2068 before it, U+2069 behind it)"


def _length(language: Words, name: str, sentence: str) -> Iterator[str]:
    place = PLACES[name]
    if place.segments[0]:
        return  # counted with all their values by `_texts`
    filled = fill(sentence, **SAMPLE, purpose=language.purposes["sign-in"])
    if place.seconds and (seconds := speech_seconds(filled)) > place.seconds:
        yield f"{name}: takes {seconds:.1f} s, {place.seconds:.0f} at most"
    if place.characters and (length := sum(_width(character) for character in filled)) > place.characters:
        yield f"{name}: has {length} characters, {place.characters} at most"


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _purposes(language: Words) -> Iterator[str]:
    for action in words("en-US").purposes:
        purpose = language.purposes.get(action, "")
        if not purpose:
            yield f"purposes.{action}: is missing"
        elif re.search(r"[.:!?\u3002\uff1a\uff1f\uff01]", purpose):
            yield f"purposes.{action}: is part of a sentence, so it has no punctuation"
    if len(set(language.purposes.values())) < len(language.purposes):
        yield "purposes: two actions have the same one"


def texts(language: Words, brand: str) -> Iterator[tuple[str, str]]:
    """Every text of a language by the name of its sentence, as it is sent."""
    message = partial(text.message, language, brand=brand, host=None, max_segments=9)
    payment = Payment(amount="12.30", currency="EUR", payee="Anna Berg")
    for minutes, ending in ((10, ""), (0, "_under_a_minute")):
        yield f"text.code{ending}", message(code=_LONGEST_CODE, minutes=minutes)
        for purpose in language.purposes.values():
            yield f"text.code_for{ending}", message(code=_CODE, minutes=minutes, purpose=purpose)
    purpose = text.message_purpose(language, PAYMENT, payment)
    yield "text.payment", message(code=_CODE, minutes=10, purpose=purpose, brand=brand[:12])
    yield "text.help", text.help_reply(language, brand=brand, contact=SAMPLE["contact"])
    yield "text.stopped", text.stopped_reply(language, brand=brand)
    yield "text.started", text.started_reply(language, brand=brand)
    yield "text.call_back", text.call_back_reply(language, brand=brand)
    yield "text.reported", text.reported_reply(language, brand=brand)
    yield "text.number_changed", text.number_changed(language, brand=brand)
    yield "text.other", text.other_reply(language, brand=brand)


def _texts(language: Words) -> Iterator[str]:
    """Segments; and a text of ours that comes back, quoted or forwarded, must ask for nothing."""
    narrow = (
        segments(text.message(language, brand=_BRAND, code=_CODE, minutes=10, host=None)).encoding is Encoding.UCS_2
    )
    longest: dict[str, str] = {}
    for name, body in texts(language, _LONGEST_BRAND):
        longest[name] = max(longest.get(name, ""), body, key=len)
    for name, body in longest.items():
        counted, most = segments(body), PLACES[name].segments[narrow]
        if counted.encoding is Encoding.UCS_2 and not narrow:
            outside = {c for c in transliterate(body) if segments(c).encoding is Encoding.UCS_2}
            yield f"{name}: has {' '.join(sorted(outside))}, which GSM-7 lacks"
        elif counted.count > most:
            yield f"{name}: takes {counted.count} segments ({counted.length} characters), {most} at most"
    for name, body in dict(texts(language, _BRAND)).items():
        if (keyword := parse_keyword(body)[0]) is not Keyword.OTHER:
            yield f"{name}: sent back to us, it would mean {keyword.upper()}"


def _times(language: Words) -> Iterator[str]:
    if (seconds := seconds_to_code(language)) > MOST_SECONDS_TO_CODE:
        yield f"call: the first digit comes after {seconds:.1f} s, {MOST_SECONDS_TO_CODE} at most"
    if (seconds := seconds_silent(language)) > MOST_SECONDS_SILENT:
        yield f"call: takes {seconds:.1f} s when nothing is pressed, {MOST_SECONDS_SILENT} at most"
