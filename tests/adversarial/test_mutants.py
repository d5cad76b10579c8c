"""The list of mutants fits the code of today; what it shows is shown by `make mutants`."""

import pytest

from tests.adversarial.docs_tables import ROOT, TABLES
from tests.adversarial.mutants import MUTANTS, Mutant
from tests.adversarial.run_mutants import patched
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
