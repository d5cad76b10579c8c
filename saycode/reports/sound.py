"""How a call sounds on a phone: its documents as speech and silence, in a voice, through a telephone line.

A line has 8,000 samples a second and carries what lies between 300 and 3,400 Hz. Each sample travels as one byte of
µ-law (ITU-T G.711). Plain Python, so that it needs no package and no network; a minute of sound takes some seconds.
"""

import math
import re
import wave
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from pathlib import Path
from typing import Protocol
from xml.etree import ElementTree

from twiml.document import spell_out
from twiml.listening import SAY_START, spoken_text

from .preview import KEY_SECONDS, PreviewStep

#: Samples a second on a telephone line.
LINE_RATE = 8000
# Half of the amplitude is left at the upper one, so that 3,400 Hz pass and 4,000 Hz do not.
_LOWEST, _HIGHEST = 300, 3600
# Taps of the low-pass filter to each side, in samples of the line.
_REACH = 20


@dataclass(frozen=True, slots=True)
class Speech:
    """Text to speak; `speed` 1 is the voice's own. `aliases`: digits that are said in another way."""

    text: str
    speed: float = 1.0
    aliases: tuple[tuple[str, str], ...] = ()

    @property
    def spoken(self) -> str:
        """The text as a voice gets it."""
        names = dict(self.aliases)
        return re.sub(r"\d", lambda digit: names.get(digit[0], digit[0]), self.text)


@dataclass(frozen=True, slots=True)
class Silence:
    seconds: float


Piece = Speech | Silence


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples of 16 bits, `rate` a second, one channel."""

    samples: "array[int]"
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


class Voice(Protocol):
    """Speaks a text."""

    def speak(self, text: str, speed: float) -> Sound: ...


def pieces(document: str, *, until: str = "") -> list[Piece]:
    """What a document says, to its end or to the end of `until`, and its pauses. Waits for keys are left out."""
    said: list[Piece] = []
    for verb in ElementTree.fromstring(document).iter():  # our own document
        if verb.tag == "Pause":
            said.append(Silence(float(verb.get("length", "1"))))
        elif verb.tag == "Say":
            text = spoken_text(verb)
            end = text.index(until) + len(until) if until and until in text else None
            said.append(Speech(text[:end], _speed(verb), _aliases(verb)))
            if end is not None:
                break
    return said


def _aliases(say: ElementTree.Element) -> tuple[tuple[str, str], ...]:
    return tuple({(sub.text or "", sub.get("alias", "")): None for sub in say.iter("sub")})


def _speed(say: ElementTree.Element) -> float:
    prosody = say.find("prosody")
    return 1.0 if prosody is None else float(prosody.get("rate", "100%").rstrip("%")) / 100


def call_pieces(steps: list[PreviewStep]) -> Iterator[Piece]:
    """A whole call. Keys are pressed as soon as they are said; else it waits as long as Twilio does."""
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        digits = following.digits if following else ""
        yield from pieces(step.document, until=spell_out(digits) if digits else "")
        if digits:
            yield Silence(KEY_SECONDS * len(digits))
        elif following:
            yield Silence(_wait(step.document))


def _wait(document: str) -> float:
    return sum(float(verb.get("timeout", "5")) for verb in ElementTree.fromstring(document).iter("Gather"))


def render_sound(said: Iterable[Piece], voice: Voice) -> Sound:
    """The pieces on a telephone line. Twilio takes a moment before each sentence."""
    line = array("h")
    for piece in said:
        if isinstance(piece, Silence):
            line.extend(_silence(piece.seconds))
        else:
            line.extend(_silence(SAY_START))
            line.extend(phone_line(voice.speak(piece.spoken, piece.speed)).samples)
    return Sound(line, LINE_RATE)


def _silence(seconds: float) -> "array[int]":
    return array("h", bytes(2 * round(seconds * LINE_RATE)))


def phone_line(sound: Sound) -> Sound:
    """A sound after a telephone line."""
    return Sound(array("h", map(_mu_law, _high_pass(_resample(sound)))), LINE_RATE)


def _resample(sound: Sound) -> Iterator[float]:
    """At the rate of the line, without what it cannot carry."""
    divisor = math.gcd(sound.rate, LINE_RATE)
    numerator, phases = sound.rate // divisor, LINE_RATE // divisor
    filters = _low_pass(sound.rate)
    reach = len(filters[0]) // 2
    padded = array("h", bytes(2 * reach)) + sound.samples + array("h", bytes(2 * reach + 2))
    for index in range(len(sound.samples) * phases // numerator):
        first, phase = divmod(index * numerator, phases)
        taps = filters[phase]
        yield sum(map(mul, taps, padded[first : first + len(taps)]))


@lru_cache
def _low_pass(rate: int) -> list[list[float]]:
    """A windowed sinc for each position of a sample of the line between two samples of the sound."""
    phases = LINE_RATE // math.gcd(rate, LINE_RATE)
    reach = math.ceil(_REACH * rate / LINE_RATE)
    return [_sinc(rate, reach, phase / phases) for phase in range(phases)]


def _sinc(rate: int, reach: int, offset: float) -> list[float]:
    taps = []
    for tap in range(-reach, reach + 1):
        distance = tap - offset
        angle = 2 * math.pi * _HIGHEST / rate * distance
        window = 0.54 + 0.46 * math.cos(math.pi * distance / (reach + 1))  # Hamming's
        taps.append(window * (math.sin(angle) / angle if angle else 1.0))
    total = sum(taps)
    return [tap / total for tap in taps]


def _high_pass(samples: Iterable[float]) -> Iterator[float]:
    """Without what is too low for the line: a Butterworth filter of second order."""
    angle = 2 * math.pi * _LOWEST / LINE_RATE
    alpha, cosine = math.sin(angle) / math.sqrt(2), math.cos(angle)
    gain = (1 + cosine) / 2 / (1 + alpha)
    back1, back2 = -2 * cosine / (1 + alpha), (1 - alpha) / (1 + alpha)
    in1 = in2 = out1 = out2 = 0.0
    for sample in samples:
        out = gain * (sample - 2 * in1 + in2) - back1 * out1 - back2 * out2
        in1, in2, out1, out2 = sample, in1, out, out1
        yield out


def _mu_law(sample: float) -> int:
    """A sample as it comes out of the line: one of the 255 levels of µ-law."""
    magnitude = min(abs(round(sample)), 32635) + 132
    step = 1 << (magnitude.bit_length() - 5)
    level = magnitude // step * step + step // 2 - 132
    return level if sample >= 0 else -level


def write_wav(path: Path, sound: Sound) -> None:
    """Write a sound file. Raises OSError."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(sound.samples.tobytes())
