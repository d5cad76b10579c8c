"""The list of mutants fits the code of today; what it shows is shown by `make mutants`."""

import pytest

from tests.adversarial.docs_tables import ROOT, TABLES
from tests.adversarial.mutants import MUTANTS, Mutant
from tests.adversarial.run_mutants import chosen, main, patched
from tests.adversarial.test_situations import functions


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.entry} {mutant.file}")
def test_every_protection_stands_where_the_list_says(mutant: Mutant) -> None:
    after = patched(mutant, (ROOT / mutant.file).read_text(encoding="utf-8"))
    assert after is not None, f"{mutant.file} no longer holds, once: {mutant.old}"
    file, _, name = mutant.test.partition("::")
    assert name in functions(file)
    assert mutant.entry in {entry.number for table in TABLES for entry in table.entries}
    if mutant.file.endswith(".py"):
        compile(after, mutant.file, "exec")


def test_there_are_many_and_no_two_alike() -> None:
    assert len({(mutant.file, mutant.old) for mutant in MUTANTS}) == len(MUTANTS) >= 60


def test_a_section_stands_for_its_situations_and_an_unknown_one_runs_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no test named, pytest would run them all, and not in time."""
    assert {mutant.entry for mutant in chosen(["1"])} == {m.entry for m in MUTANTS if m.entry.split(".")[0] == "1"}
    assert {mutant.entry for mutant in chosen(["10.1"])} == {"10.1"}
    assert chosen([]) == list(MUTANTS)
    monkeypatch.setattr("sys.argv", ["run_mutants", "tests/clients"])
    assert main() == 1
    assert "no mutant of tests/clients" in capsys.readouterr().err
