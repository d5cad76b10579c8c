"""Every situation has its number, its protection and its tests, and the documents say the same."""

import ast
from functools import cache

import pytest

from tests.adversarial.docs_tables import ROOT, TABLES, Table
from tests.adversarial.situations import OPEN, Entry

ALL = [entry for table in TABLES for entry in table.entries]


@cache
def functions(file: str) -> frozenset[str]:
    """The test functions of a file, inside of classes too."""
    tree = ast.parse((ROOT / "tests" / f"{file}.py").read_text(encoding="utf-8"))
    nodes = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, nodes))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.document.stem)
def test_every_situation_is_there_in_order(table: Table) -> None:
    numbers = [f"{section}.{n}" for section, count in table.counts.items() for n in range(1, count + 1)]
    assert [entry.number for entry in table.entries] == numbers


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: entry.number)
def test_every_situation_has_tests_that_exist(entry: Entry) -> None:
    assert bool(entry.tests) == (entry.number not in OPEN)
    for test in entry.tests:
        file, _, name = test.partition("::")
        assert name in functions(file), test


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.document.stem)
def test_the_document_has_this_table(table: Table) -> None:
    document = table.document.read_text(encoding="utf-8")
    assert document == table.within(document), "write it with: make docs"
