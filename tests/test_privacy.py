"""Section 8 of what is required, privacy, storage, logs: each situation has its number, its protection, its tests."""

import ast
import hashlib
import hmac
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.home import open_home

ROOT = Path(__file__).parent.parent
ROWS = re.findall(
    r"^\| (8\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$",
    (ROOT / "docs" / "privacy.md").read_text("utf-8"),
    re.MULTILINE,
)


def test_every_situation_is_there_in_order() -> None:
    assert [number for number, *_ in ROWS] == [f"8.{n}" for n in range(1, 8)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0]))
def test_every_situation_has_tests_that_exist(row: tuple[str, str, str, str]) -> None:
    tests = [test.strip("` ") for test in row[3].split("<br>")]
    for test in tests:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / "tests" / f"{file}.py").read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in functions, test


async def test_whoever_has_the_database_alone_finds_no_code_in_it(tmp_path: Path) -> None:
    async with open_home(tmp_path / "codes.db") as home:
        _, code = await home.texted_code()
        with closing(sqlite3.connect(tmp_path / "codes.db")) as conn:
            tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = [row for name in tables for row in conn.execute(f"SELECT * FROM {name}")]
    kept = {value.encode() if isinstance(value, str) else value for row in rows for value in row if value}
    values = {value for value in kept if isinstance(value, bytes)}
    assert code.encode() not in b"\0".join(values)
    salts = [b"", *(value for value in values if len(value) <= 64)]
    assert len(salts) > 20
    found = {
        made[:length]
        for salt in salts
        for name in ("md5", "sha1", "sha256", "blake2b")
        for made in (
            hashlib.new(name, salt + code.encode()).digest(),
            hashlib.new(name, code.encode() + salt).digest(),
            hmac.digest(salt, code.encode(), name),
        )
        for length in (16, 20, 32, 64)
    }
    assert not found & values
    hexadecimal = {made.hex().encode() for made in found}
    assert not hexadecimal & values
