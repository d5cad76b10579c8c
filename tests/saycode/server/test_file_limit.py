"""Limits of the process: open files, and no core dumps."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from saycode.server.file_limit import FileLimitWatch, count_open_files


async def test_the_log_says_once_when_connections_cannot_be_accepted_and_when_they_can_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    counts = iter([10, 95, 100, 20, 20])
    watch = FileLimitWatch(count=lambda: next(counts), limit=lambda: 100)
    for _ in range(5):
        await watch.check_open_files()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "connections cannot be accepted: 95 of 100 files are open, see LimitNOFILE"),
        ("WARNING", "connections can be accepted again: 20 of 100 files are open"),
    ]


async def test_at_the_limit_itself_it_still_says_so(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> int:
        raise OSError("Too many open files")

    await FileLimitWatch(count=fail, limit=lambda: 100).check_open_files()
    assert "connections cannot be accepted" in caplog.text


def test_open_files_are_counted(tmp_path: Path) -> None:
    before = count_open_files()
    with (tmp_path / "one").open("w"), (tmp_path / "two").open("w"):
        assert count_open_files() == before + 2


def test_the_service_writes_no_core_dumps() -> None:
    program = (
        "import json, resource; from saycode.server.file_limit import disable_core_dumps; disable_core_dumps();"
        "print(json.dumps(resource.getrlimit(resource.RLIMIT_CORE)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [0, 0]
    assert resource.RLIMIT_CORE is not None
