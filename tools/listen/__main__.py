"""`make listen`: speaks codes as a call does, through a telephone line, and has a recognizer write them down.

The figures go into tools/listen/results.json, after each voice, and the table of them into docs/listening.md.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from saycode.reports.preview import Preview
from saycode.reports.sound import Sound, Voice, call_pieces, render_sound, write_wav
from twiml.words import LANGUAGES, Words, words
from verification.policy import SIGN_IN

from . import report
from .readings import READINGS, Reading, before_first_digit, draw_codes, score, wording
from .recognizer import Recognizer
from .voices import voices_of


class Remembering:
    """A voice that speaks each text once: most readings share their pieces."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._spoken: dict[tuple[str, float], Sound] = {}

    def speak(self, text: str, speed: float) -> Sound:
        if (text, speed) not in self._spoken:
            self._spoken[text, speed] = self._voice.speak(text, speed)
        return self._spoken[text, speed]


@click.command()
@click.option("--codes", default=200, show_default=True, help="How many codes.")
@click.option("--seed", default=1, show_default=True, help="Which codes.")
@click.option("--language", "languages", multiple=True, type=click.Choice(LANGUAGES), help="Only this one.")
@click.option("--voice", "only", default="", help="Only voices with this in their names, such as Pico.")
@click.option("--wav", type=click.Path(file_okay=False, path_type=Path), help="Also write each call into this folder.")
def listen(codes: int, seed: int, languages: tuple[str, ...], only: str, wav: Path | None) -> None:
    """Measure how well a machine understands the code, and how long a person waits for it."""
    recognizer, drawn = Recognizer(), draw_codes(codes, seed)
    for language in languages or LANGUAGES:
        for name, plain in voices_of(language).items():
            if only not in name:
                continue
            voice, spoken = Remembering(plain), words(language)
            if wav is not None:
                call = Preview(spoken, "Saycode", SIGN_IN).happy_path()
                write_wav(wav / f"{language} {name}.wav", render_sound(call_pieces(call), voice))
            heard = {reading: _score(reading, spoken, voice, recognizer, drawn) for reading in READINGS}
            result = {"wording": wording(spoken), "date": f"{datetime.now(UTC):%Y-%m-%d}", "seed": seed, **heard}
            report.record(language, name, {**result, "seconds": _seconds(spoken, voice)})
            click.echo(report.row(language, name))
    report.write()


def _score(name: str, spoken: Words, voice: Voice, recognizer: Recognizer, codes: list[str]) -> dict[str, object]:
    """How well one reading of all codes is understood. What is the same in several codes is heard once."""
    answers: dict[Reading, str] = {}
    heard = []
    for code in codes:
        for reading in (readings := READINGS[name](spoken, code)):
            if reading not in answers:
                sound = render_sound(reading.said, voice)
                answer = recognizer.hear(sound, spoken.tag, reading.before, len(reading.digits))
                answers[reading] = answer or "-"
        heard.append("".join(answers[reading] for reading in readings))
    return asdict(score(codes, heard))


def _seconds(spoken: Words, voice: Voice) -> dict[str, float]:
    """Seconds from the answer to the first digit, for each of the calls of the report."""
    seconds = {}
    for name, (brand, action) in report.CALLS.items():
        said, pressing = before_first_digit(Preview(spoken, brand, action))
        seconds[name] = round(render_sound(said, voice).seconds + pressing, 1)
    return seconds


if __name__ == "__main__":
    listen()
