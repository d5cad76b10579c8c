from pathlib import Path

import pytest

from tests.support.browsers import browser
from tools.programs import installed


def test_without_a_browser_the_tests_are_left_out_and_fail_on_ci(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"), browser():
        pass
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"), browser():
        pass


def test_the_path_of_a_browser_can_be_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.touch(mode=0o700)
    monkeypatch.setenv("CHROMIUM", str(mine))
    assert installed() == str(mine)
