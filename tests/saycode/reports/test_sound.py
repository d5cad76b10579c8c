"""`saycode preview --wav`: what a person hears, as sound. Tones stand for a voice, a tenth of a second a character."""

import math
import sys
import wave
from array import array
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from saycode.cli.main import main
from saycode.reports.preview import CODE, GATE_KEYS, Preview
from saycode.reports.sound import (
    LINE_RATE,
    Silence,
    Sound,
    Speech,
    call_pieces,
    phone_line,
    pieces,
    render_sound,
    write_wav,
)
from twiml.document import spell_out
from twiml.words import words
from verification.ivr.prompts import MenuKey
from verification.types import CallStyle

CALL = Preview(words("en-US"), "Acme", "sign-in")
RATE = 22050


def tone(hertz: float, *, seconds: float = 0.5, peak: int = 10000) -> Sound:
    samples = (round(peak * math.sin(2 * math.pi * hertz * index / RATE)) for index in range(round(seconds * RATE)))
    return Sound(array("h", samples), RATE)


def loudness(sound: Sound) -> float:
    return math.sqrt(sum(sample * sample for sample in sound.samples) / len(sound.samples))


@dataclass
class Beeps:
    """A tone instead of each text, and what was to be spoken."""

    spoken: list[tuple[str, float]] = field(default_factory=list)

    def speak(self, text: str, speed: float) -> Sound:
        self.spoken.append((text, speed))
        return tone(1000, seconds=len(text) / 10 / speed)


@pytest.mark.parametrize(
    ("hertz", "least", "most"),
    [(50, 0.0, 0.05), (300, 0.6, 0.8), (1000, 0.97, 1.03), (3300, 0.8, 1.03), (4000, 0.0, 0.02), (6000, 0.0, 0.01)],
)
def test_a_telephone_line_carries_the_middle_of_speech_only(hertz: float, least: float, most: float) -> None:
    sound = tone(hertz)
    line = phone_line(sound)
    assert line.rate == LINE_RATE
    assert line.seconds == pytest.approx(sound.seconds, abs=0.001)
    assert least <= loudness(line) / loudness(sound) <= most


def test_a_telephone_line_has_255_levels_that_grow_with_the_sound() -> None:
    levels = {sample for peak in (40, 400, 4000, 32000) for sample in phone_line(tone(440, peak=peak)).samples}
    assert 100 < len(levels) <= 255
    gaps = [high - low for low, high in zip(sorted(levels), sorted(levels)[1:], strict=False)]
    assert min(gaps) == 8
    assert max(gaps) >= 1024


def test_a_document_is_speech_and_pauses_until_what_is_to_be_heard() -> None:
    answered, read = (step.document for step in CALL.happy_path()[:2])
    heard = pieces(answered, until=spell_out(GATE_KEYS[0]))
    assert [type(piece) for piece in heard] == [Speech, Speech]
    assert heard[-1] == Speech("To hear it, press these three keys: 4, 7, 1")
    assert Silence(1) in pieces(read)
    assert len(pieces(answered)) > len(heard), "the rest is for a person who presses nothing"


def test_a_slow_reading_is_spoken_slower() -> None:
    steps = CALL.keys()
    slowly = next(step.document for step in steps if step.digits == MenuKey.SLOWER)
    speeds = {piece.text: piece.speed for piece in pieces(slowly) if isinstance(piece, Speech)}
    assert {speeds[digit] for digit in CODE} == {0.85}
    assert sorted(set(speeds.values())) == [0.85, 1.0]


def test_digits_are_spoken_as_the_language_says_them() -> None:
    read = Preview(words("hi-IN"), "Acme", "sign-in").happy_path()[1].document
    (code, *_) = (piece for piece in pieces(read, until=spell_out(CODE)) if isinstance(piece, Speech))
    assert code.text.endswith("6, 3, 9, 4, 0, 2")
    assert not any(character.isascii() and character.isdigit() for character in code.spoken)
    assert len(code.spoken) > len(code.text)


@pytest.mark.parametrize("style", CallStyle)
def test_the_sound_of_a_call_is_the_call_until_the_hang_up(style: CallStyle) -> None:
    steps = Preview(words("en-US"), "Acme", "sign-in", style=style).happy_path()
    voice = Beeps()
    sound = render_sound(call_pieces(steps), voice)
    texts = [text for text, _ in voice.spoken]
    assert texts[0].startswith("This is an automated call from Acme")
    assert texts[-1] == pieces(steps[-1].document)[-1].text  # type: ignore[union-attr]  # the goodbye is speech
    assert ("6, 3, 9, 4, 0, 2" in " ".join(texts)) is (style is CallStyle.SAY)
    assert sound.seconds > sum(len(text) for text in texts) / 10


def test_keys_are_pressed_as_soon_as_they_are_said() -> None:
    heard = list(call_pieces(CALL.happy_path()))
    pressed = heard.index(Speech("To hear it, press these three keys: 4, 7, 1"))
    waited, code = heard[pressed + 1 : pressed + 3]
    assert isinstance(waited, Silence)
    assert waited.seconds == pytest.approx(1.8)
    assert isinstance(code, Speech)
    assert "6, 3, 9, 4, 0, 2" in code.text


def test_a_sound_file_is_what_a_telephone_line_carries(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    write_wav(path, phone_line(tone(1000)))
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (1, 2, 8000, 4000)


def test_without_a_voice_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "piper", None)  # as if the extra were not installed
    path = tmp_path / "call.wav"
    result = CliRunner().invoke(main, ["preview", "--wav", str(path)])
    assert result.exit_code == 2
    assert result.stderr == "--wav: Speech needs a voice, which comes with: pip install 'saycode[listen]'\n"
    assert result.stdout == ""
    assert not path.exists()
