"""The table of docs/listening.md, from the figures of tools/listen/results.json.

`python -m tools.listen.report` writes it anew: a language that is added or reworded changes it.
"""

import json
from pathlib import Path
from typing import Any

from saycode.reports.preview import Preview
from twiml.words import LANGUAGES, words
from verification.policy import SIGN_IN

from .catalog import KOKORO, PICO, PIPER
from .readings import READINGS, wording

RESULTS = Path(__file__).parent / "results.json"
PAGE = Path(__file__).parents[2] / "docs" / "listening.md"
#: The calls whose time to the first digit is measured: a short one, and the longest brand with a long purpose.
CALLS = {"short": ("Saycode", SIGN_IN), "long": ("Northern Mountain Equipment Co", "change-shipping-address")}
#: Seconds to the first digit that they may take.
BOUNDS = {"short": 12.0, "long": 20.0}
_START, _END = "<!-- figures: make listen -->", "<!-- end of the figures -->"

Results = dict[str, dict[str, Any]]


def results() -> Results:
    """The recorded figures, by language and voice."""
    recorded: Results = json.loads(RESULTS.read_text(encoding="utf-8"))
    return recorded


def record(language: str, voice: str, result: dict[str, Any]) -> None:
    """Keep the figures of one voice."""
    recorded = results()
    recorded[f"{language} {voice}"] = result
    text = json.dumps(dict(sorted(recorded.items())), ensure_ascii=False, indent=1)
    RESULTS.write_text(f"{text}\n", encoding="utf-8")


def row(language: str, voice: str) -> str:
    """The figures of one voice as a row of the table."""
    return _row(language, voice, results()[f"{language} {voice}"])


def _row(language: str, voice: str, result: dict[str, Any]) -> str:
    cells = [f"{language}{'' if result['wording'] == wording(words(language)) else ' †'}", voice]
    for reading in READINGS:
        score = result.get(reading)
        mistakes = f" ({', '.join(score['mistakes'])})" if score and score["mistakes"] else ""
        cells.append(f"{score['right']} of {score['codes']}{mistakes}" if score else "not yet")
    for call, (brand, action) in CALLS.items():
        estimate = Preview(words(language), brand, action).seconds_to_code
        measured = f"{result['seconds'][call]:.1f}"
        measured = f"**{measured}**" if result["seconds"][call] > BOUNDS[call] else measured
        cells.append(f"{measured} ({estimate:.1f})")
    return f"| {' | '.join(cells)} |"


def table(recorded: Results) -> str:
    """A row for each voice, and one for each language that has none."""
    lines = [
        "| language | voice | first reading | slowly | one at a time | first digit, s | long, s |",
        "|---|---|---|---|---|---|---|",
    ]
    for language in LANGUAGES:
        voices = [name for name in recorded if name.startswith(f"{language} ")]
        lines += [_row(language, name.removeprefix(f"{language} "), recorded[name]) for name in voices]
        if not voices:
            estimates = [f"({Preview(words(language), *call).seconds_to_code:.1f})" for call in CALLS.values()]
            missing = "not yet" if language in {*PIPER, *KOKORO, *PICO} else "no voice in a package"
            lines.append(f"| {language} | {missing} | | | | {' | '.join(estimates)} |")
    return "\n".join(lines)


def page() -> str:
    """The page with the table of today."""
    before, rest = PAGE.read_text(encoding="utf-8").split(_START)
    after = rest.split(_END)[1]
    return f"{before}{_START}\n\n{table(results())}\n\n{_END}{after}"


def write() -> None:
    """Write the table into the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
