"""Tools that a machine may lack. Without one its tests are left out, and the end of the run says so; on CI they fail.

missing("a browser", "apt-get install chromium")
"""

import os
from typing import NoReturn

import pytest

PREFIX = "Not installed: "


def missing(tool: str, command: str) -> NoReturn:
    """Leave the test out, or fail on CI (`CI` is set). `command` installs the tool."""
    reason = f"{PREFIX}{tool}. Install it with: {command}"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def summary(reasons: list[str]) -> list[str]:
    """A sentence for each missing tool, from the reasons of the tests that were skipped."""
    counts = {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
    return [
        f"{count} test{'s were' if count > 1 else ' was'} not run. {reason[reason.index(PREFIX) :]}"
        for reason, count in counts.items()
        if PREFIX in reason
    ]
