"""`saycode preview --check`: every language is right, every fault is found, and docs/languages.md shows the rules."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from saycode.cli.main import main
from saycode.reports.language_check import problems, sentences
from saycode.reports.sentence_places import PLACES
from tests.support.processes import COMMAND, ROOT
from tools.languages import document
from twiml.words import LANGUAGES, Words, words

GERMAN, HEBREW, GREEK = words("de-DE"), words("he-IL"), words("el-GR")


def of_call(language: Words, **changed: Any) -> Words:
    return replace(language, call=replace(language.call, **changed))


def of_text(language: Words, **changed: str) -> Words:
    return replace(language, text=replace(language.text, **changed))


def of_progress(language: Words, **changed: str) -> Words:
    return replace(language, page=replace(language.page, progress=replace(language.page.progress, **changed)))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_language_has_no_problem(tag: str) -> None:
    assert list(problems(words(tag))) == []


def test_every_sentence_has_its_place_and_its_limit() -> None:
    assert list(PLACES) == [name for name, _ in sentences(words("en-US"))]
    assert all(place.where and (place.seconds or place.segments[0] or place.characters) for place in PLACES.values())


def test_the_languages_page_is_what_the_program_says() -> None:
    assert (ROOT / "docs" / "languages.md").read_text(encoding="utf-8") == document()


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (lambda: of_call(GERMAN, code="Ihr Code ist:"), "call.code: lacks {code}"),
        (
            lambda: of_call(GERMAN, slowly="Langsam, {brand}:"),
            "call.slowly: has {brand}, which nothing fills",
        ),
        (lambda: of_text(GERMAN, code="Ihr Code: {code}"), "text.code: lacks {brand} and {minutes}"),
        (lambda: of_call(GERMAN, slowly=""), "call.slowly: is empty"),
        (lambda: of_call(GERMAN, slowly="Langsam: "), "call.slowly: has a space too many"),
        (
            lambda: of_call(GERMAN, slowly="Taste 2:"),
            "call.slowly: has a digit: keys, codes and numbers are placeholders",
        ),
        (
            lambda: of_call(GERMAN, press_again="Bitte drücken Sie {keys}."),
            "call.press_again: has a full stop behind a digit, which some voices read as an ordinal",
        ),
        (
            lambda: of_call(GERMAN, once_more="Noch einmal {code}"),
            "call.once_more: must end with a colon and the code",
        ),
        (lambda: of_call(GERMAN, slowly="Here it is slowly:"), "call.slowly: is the English sentence"),
        (lambda: of_call(GERMAN, slowly="Langsam " * 20), "call.slowly: takes "),
        (
            lambda: of_call(GERMAN, announcement="{brand} {purpose} " + "a" * 400),
            "call: the first digit comes after",
        ),
        (lambda: of_call(GERMAN, announcement_again="{brand} {purpose} " + "a" * 90), "call: takes "),
        (lambda: of_text(GERMAN, other="{brand}: HELP, STOP" + "!" * 140), "text.other: takes 2 segments ("),
        (lambda: of_text(GERMAN, call_back="Ein Anruf folgt ☎ und ж."), "text.call_back: has ж, which GSM-7 lacks"),
        (lambda: of_text(HEBREW, code="קוד {brand}: {code} {minutes}" + "!" * 40), "text.code: takes 2 segments ("),
        (lambda: of_text(GERMAN, started="{brand}. STOP"), "text.started: sent back to us, it would mean STOP"),
        (lambda: of_text(GERMAN, stopped="{brand}: Beginn?"), "text.stopped: must name START"),
        (
            lambda: of_progress(GERMAN, call_busy="besetzt " * 9 + "!"),
            "page.progress.call_busy: has 73 characters, 40 at most",
        ),
        (lambda: of_progress(GERMAN, call_busy="話中" * 15), "page.progress.call_busy: has 60 characters, 40 at most"),
        (
            lambda: of_progress(HEBREW, calling_if_known="אנחנו מתקשרים אל {digits}."),
            "page.progress.calling_if_known: must have {digits} in isolates (U+2066 or U+2068 before it, U+2069 behind "
            "it)",
        ),
        (
            lambda: of_progress(GREEK, call_busy="Κατειλημμένo."),
            "page.progress.call_busy: has letters of two alphabets in",
        ),
        (
            lambda: replace(GERMAN, purposes={**GERMAN.purposes, "payment": "für eine Zahlung."}),
            "purposes.payment: is part of a sentence, so it has no punctuation",
        ),
        (
            lambda: replace(GERMAN, purposes={**GERMAN.purposes, "payment": GERMAN.purposes["neutral"]}),
            "purposes: two actions have the same one",
        ),
        (
            lambda: replace(GERMAN, purposes={name: p for name, p in GERMAN.purposes.items() if name != "payment"}),
            "purposes.payment: is missing",
        ),
    ],
)
def test_a_fault_is_found(broken: Callable[[], Words], problem: str) -> None:
    found = list(problems(broken()))
    assert [line for line in found if line.startswith(problem)], found


def test_a_language_without_problems_prints_its_figures() -> None:
    run = CliRunner().invoke(main, ["preview", "--check", "el"])
    assert run.exit_code == 0
    first, *figures, last = run.stdout.splitlines()
    assert (first, last) == ("Ελληνικά (el-GR), Google.el-GR-Wavenet-B", "No problems.")
    assert [line.split(":")[0] for line in figures] == [
        "First digit",
        "A call in which nothing is pressed",
        "The text of a sign-in",
    ]
    assert run.stdout in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


def test_a_language_that_is_not_there_is_refused() -> None:
    run = CliRunner().invoke(main, ["preview", "--check", "xx"])
    assert (run.exit_code, run.stdout) == (2, "")
    assert run.stderr.startswith("--check: xx is not among en-US, ")


def check_in_a_copy(folder: Path, old: str, new: str) -> subprocess.CompletedProcess[str]:
    """The check of German with another sentence, in a copy of the package."""
    shutil.copytree(ROOT / "twiml", folder / "twiml", ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "twiml" / "languages" / "de_DE.py"
    source = file.read_text(encoding="utf-8")
    assert source.count(old) == 1
    file.write_text(source.replace(old, new), encoding="utf-8")
    path = os.pathsep.join((str(folder), str(ROOT)))
    environ = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": path, "PYTHONUTF8": "1"}
    command = [*COMMAND, "preview", "--check", "de"]
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, encoding="utf-8", timeout=60
    )


def test_a_missing_sentence_is_named(tmp_path: Path) -> None:
    run = check_in_a_copy(tmp_path, "        slowly=", "        # slowly=")
    assert run.returncode == 1, run.stderr
    assert run.stdout.startswith("de-DE: ")
    assert "Missing required argument 'slowly'" in run.stdout


def test_problems_are_listed_one_a_line(tmp_path: Path) -> None:
    run = check_in_a_copy(tmp_path, 'slowly="', 'slowly="Taste 2  ')
    assert (run.returncode, run.stderr) == (1, "")
    lines = run.stdout.splitlines()
    assert lines[0].startswith("Deutsch (de-DE), Polly.")
    assert lines[1:] == [
        "call.slowly: has a space too many",
        "call.slowly: has a digit: keys, codes and numbers are placeholders",
        "2 problems.",
    ]
