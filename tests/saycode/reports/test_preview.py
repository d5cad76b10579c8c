"""`saycode preview`, compared with golden files: a change of wording is reviewed like code.

After one, `python -m tests.saycode.reports.test_preview` writes the golden files, and `make docs` docs/call-flow.md.
"""

from pathlib import Path

import pytest
from click.testing import CliRunner

from saycode.cli.main import main
from saycode.reports.preview import Preview, spoken_lines
from tests.support.processes import ROOT
from tools.call_flow import document
from twiml.words import LANGUAGES, words
from verification.values.payments import Payment

GOLDEN = Path(__file__).parents[2] / "golden"
PREVIEWS = {
    "preview-en-US": [],
    "preview-en-US-key": ["--style", "key"],
    "preview-en-US-any": ["--keypress", "any"],
    "preview-en-US-off": ["--keypress", "off"],
    "preview-en-US-payment": ["--amount", "12.30 EUR", "--payee", "Anna Berg", "--brand", "Acme"],
    "preview-ja-JP-payment": ["--language", "ja-JP", "--amount", "1200 JPY", "--payee", "三井住友", "--brand", "Acme"],
    "preview-fr-FR-payment-key": [
        "--language",
        "fr-FR",
        "--amount",
        "12.30 EUR",
        "--payee",
        "Anna Berg",
        "--style",
        "key",
    ],
    "preview-de-DE": ["--language", "de-DE", "--action", "change-billing", "--brand", "Acme"],
}


def preview(*arguments: str) -> str:
    run = CliRunner().invoke(main, ["preview", *arguments])
    assert run.exit_code == 0, run.output
    return run.stdout


@pytest.mark.parametrize("name", PREVIEWS)
def test_the_preview_is_worded_as_reviewed(name: str) -> None:
    assert preview(*PREVIEWS[name]) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_the_call_flow_page_is_what_the_program_says() -> None:
    assert (ROOT / "docs" / "call-flow.md").read_text(encoding="utf-8") == document()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("style", ["say", "key"])
def test_every_language_can_be_previewed(language: str, style: str) -> None:
    assert f"({language})" in preview("--language", language, "--style", style).splitlines()[0]


def test_twiml_prints_the_documents() -> None:
    assert preview("--twiml").count('<?xml version="1.0" encoding="UTF-8"?><Response>') == 22


def test_an_unknown_language_is_refused() -> None:
    run = CliRunner().invoke(main, ["preview", "--language", "xx"])
    assert run.exit_code == 2
    assert run.stderr.startswith("--language: xx is not among en-US, ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_of_a_payment_begins_within_twenty_seconds_of_the_answer(language: str) -> None:
    payment = Payment(amount="12.30", currency="EUR", payee="Anna Berg")
    assert Preview(words(language), "Acme", "payment", payment=payment).seconds_to_code < 20


@pytest.mark.parametrize("language", LANGUAGES)
def test_amount_and_payee_are_said_behind_the_gate_and_before_the_code(language: str) -> None:
    payment = Payment(amount="12.30", currency="EUR", payee="Anna Berg")
    first, second = Preview(words(language), "Acme", "payment", payment=payment).happy_path()[:2]
    amount = words(language).money("12.30", "EUR")
    assert amount not in first.document
    assert "Anna Berg" not in first.document
    lines = list(spoken_lines(second.document))
    payment_line = next(index for index, line in enumerate(lines) if amount in line and "Anna Berg" in line)
    assert payment_line == 0
    assert "6, 3, 9, 4, 0, 2" in lines[payment_line + 1]
    assert "Anna Berg" in Preview(words(language), "Acme", "payment", payment=payment).text.partition("639402")[0]


def test_a_declared_action_can_be_previewed(tmp_path: Path) -> None:
    file = tmp_path / "actions.toml"
    file.write_text('[close-account.spoken]\nen-US = "to close your account"\n')
    printed = preview("--actions", str(file), "--action", "close-account")
    assert "with the code to close your account." in printed
    assert "Saycode: the code to close your account is 639402." in printed


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--action", "close-account"], "--action: close-account is not declared; the actions are sign-in, "),
        (["--actions", "missing.toml"], "--actions names a file that cannot be read"),
        (["--amount", "12.30 EUR"], "--amount and --payee: give both"),
        (["--amount", "12.30 EUR", "--payee", "acme.example"], "--amount and --payee: must not look like an address"),
    ],
)
def test_invalid_options_are_refused(arguments: list[str], problem: str) -> None:
    run = CliRunner().invoke(main, ["preview", *arguments])
    assert (run.exit_code, run.stdout) == (2, "")
    assert run.stderr.startswith(problem)


@pytest.mark.parametrize("brand", ["<Play>", "your code is 111111", "x" * 31])
def test_a_brand_that_the_settings_refuse_is_refused(brand: str) -> None:
    run = CliRunner().invoke(main, ["preview", "--brand", brand])
    assert (run.exit_code, run.stdout) == (2, "")
    assert run.stderr.startswith("--brand must ")


if __name__ == "__main__":
    for golden, options in PREVIEWS.items():
        (GOLDEN / f"{golden}.txt").write_text(preview(*options), encoding="utf-8")
