"""What is listened to: the three readings of a code as a call speaks them, and how many of them were heard right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from saycode.reports.preview import CODE, GATE_KEYS, KEY_SECONDS, Preview
from saycode.reports.sound import Piece, Silence, Speech, pieces
from twiml.call import render
from twiml.document import spell_out
from twiml.words import Words
from verification.ivr.prompts import ReadCharacter, ReadCode, ReadSlowly
from verification.policy import SIGN_IN

LENGTH = 6
#: Seconds of a pause in the slow reading, as the recognizer hears it.
SHORT_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Reading:
    """One stretch of speech: what is said, the words before its digits, and the digits."""

    said: tuple[Piece, ...]
    before: str
    digits: str


def draw_codes(count: int, seed: int) -> list[str]:
    """Random codes, the same for every language and voice."""
    digests = (sha256(f"{seed} {number}".encode()).digest() for number in range(count))
    return [f"{int.from_bytes(digest) % 10**LENGTH:0{LENGTH}}" for digest in digests]


def first(words: Words, code: str) -> list[Reading]:
    """The code as it is said first. Its repetition is left out: one hearing has to be enough."""
    sentence = pieces(render(ReadCode(code, opening=True), words, brand=""), until=spell_out(code))[-1]
    return [Reading((sentence,), _text(sentence).partition(spell_out(code))[0], code)]


def slowly(words: Words, code: str) -> list[Reading]:
    """The recognizer gets short pauses: in long ones it loses its place, which a person does not."""
    said = pieces(render(ReadSlowly(code), words, brand=""))
    short = (Silence(SHORT_PAUSE) if isinstance(piece, Silence) else piece for piece in said)
    return [Reading(tuple(short), _text(said[0]), code)]


def one_at_a_time(words: Words, code: str) -> list[Reading]:
    """Each digit is a document of its own, announced by its place."""
    documents = [pieces(render(ReadCharacter(code, place), words, brand="")) for place in range(len(code))]
    return [Reading((announced, digit), _text(announced), _text(digit)) for announced, digit, *_ in documents]


READINGS = {"first": first, "slowly": slowly, "one at a time": one_at_a_time}


def _text(piece: Piece) -> str:
    return piece.text if isinstance(piece, Speech) else ""


def wording(words: Words) -> str:
    """A short digest of what is listened to: a figure holds for this wording only."""
    readings = [reading.said for read in READINGS.values() for reading in read(words, CODE)]
    said = [*readings, *before_first_digit(Preview(words, "Saycode", SIGN_IN))]
    return sha256(repr(said).encode()).hexdigest()[:12]


def before_first_digit(preview: Preview) -> tuple[list[Piece], float]:
    """What is said from the answer to the first digit of the code, and the seconds to press the keys.

    The keys are pressed as they are said, so of them only the pressing counts.
    """
    answered, read = preview.happy_path()[:2]
    said = [*_until(answered.document, spell_out(GATE_KEYS[0])), *_until(read.document, spell_out(CODE))]
    return said, KEY_SECONDS * len(GATE_KEYS[0])


def _until(document: str, digits: str) -> list[Piece]:
    """What is said until the digits begin."""
    *said, last = pieces(document, until=digits)
    text = _text(last).removesuffix(digits).rstrip()
    return [*said, replace(last, text=text)] if isinstance(last, Speech) and text else said


@dataclass(frozen=True, slots=True)
class Score:
    """Codes heard right, digits heard wrong, and the mistakes as `said>heard`, the most frequent first."""

    codes: int
    right: int
    digits_wrong: int
    mistakes: tuple[str, ...]


def score(said: Sequence[str], heard: Sequence[str]) -> Score:
    """How well codes were heard, digit by digit."""
    counts: dict[str, int] = {}
    for code, answer in zip(said, heard, strict=True):
        for place, digit in enumerate(code):
            got = answer[place : place + 1] or "-"
            if got != digit:
                counts[f"{digit}>{got}"] = counts.get(f"{digit}>{got}", 0) + 1
    ordered = sorted(counts, key=lambda mistake: (-counts[mistake], mistake))
    right = sum(code == answer for code, answer in zip(said, heard, strict=True))
    return Score(len(said), right, sum(counts.values()), tuple(f"{name}: {counts[name]}" for name in ordered[:3]))
