from pathlib import Path

import pytest

from tests.support.missing import missing, summary

pytest_plugins = ["pytester"]
TEST = """
from tests.support.missing import missing

def test_page(): missing("a browser", "apt-get install chromium")
def test_other_page(): missing("a browser", "apt-get install chromium")
def test_rule(): pass
"""


def test_a_missing_tool_leaves_its_tests_out_and_the_summary_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="a browser") as skipped:
        missing("a browser", "apt-get install chromium")
    assert summary([str(skipped.value)] * 2) == [
        "2 tests were not run. Not installed: a browser. Install it with: apt-get install chromium"
    ]


def test_on_ci_a_missing_tool_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="a browser"):
        missing("a browser", "apt-get install chromium")


def test_the_last_lines_of_a_run_name_what_was_not_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    root = Path(__file__).parents[2]
    pytester.makepyfile(TEST)
    pytester.makeconftest((root / "tests" / "conftest.py").read_text(encoding="utf-8"))
    monkeypatch.setenv("PYTHONPATH", str(root))
    result = pytester.runpytest_subprocess("-q")
    result.assert_outcomes(passed=1, skipped=2)
    assert "2 tests were not run. Not installed: a browser." in "\n".join(result.outlines[-3:])
