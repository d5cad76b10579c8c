"""`saycode preview`, golden: a change of wording is reviewed like code.

After one, `python -m tests.test_preview` writes the golden files anew, and `make docs` the page about the call.
"""

from pathlib import Path

import pytest
from click.testing import CliRunner

from saycode.cli import main
from saycode.the_call import document
from tests.processes import ROOT
from twiml.words import LANGUAGES

GOLDEN = Path(__file__).parent / "golden"
PREVIEWS = {
    "preview-en-US": [],
    "preview-en-US-key": ["--style", "key"],
    "preview-en-US-any": ["--keypress", "any"],
    "preview-en-US-off": ["--keypress", "off"],
    "preview-de-DE": ["--language", "de-DE", "--action", "change-billing", "--brand", "Acme"],
}


def preview(*arguments: str) -> str:
    run = CliRunner().invoke(main, ["preview", *arguments])
    assert run.exit_code == 0, run.output
    return run.stdout


@pytest.mark.parametrize("name", PREVIEWS)
def test_what_a_person_would_hear(name: str) -> None:
    assert preview(*PREVIEWS[name]) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_the_page_about_the_call_is_what_the_program_says() -> None:
    assert (ROOT / "docs" / "the-call.md").read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", ["say", "key"])
def test_every_language_can_be_previewed(language: str, style: str) -> None:
    assert f"({language})" in preview("--language", language, "--style", style).splitlines()[0]


def test_the_documents_themselves_can_be_had() -> None:
    assert preview("--twiml").count('<?xml version="1.0" encoding="UTF-8"?><Response>') == 16


def test_an_unknown_language_is_told_plainly() -> None:
    run = CliRunner().invoke(main, ["preview", "--language", "xx"])
    assert run.exit_code == 2
    assert run.stderr.startswith("--language: xx is not among en-US, ")


@pytest.mark.parametrize("brand", ["<Play>", "your code is 111111", "x" * 31])
def test_a_brand_that_the_settings_refuse_is_refused_here_too(brand: str) -> None:
    run = CliRunner().invoke(main, ["preview", "--brand", brand])
    assert (run.exit_code, run.stdout) == (2, "")
    assert run.stderr.startswith("--brand must ")


if __name__ == "__main__":
    for golden, wanted in PREVIEWS.items():
        (GOLDEN / f"{golden}.txt").write_text(preview(*wanted), encoding="utf-8")
