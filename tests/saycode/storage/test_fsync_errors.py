"""A disk that fails to keep what was written (fsync, EIO): nothing is reported as done that might be lost."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.missing import missing

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int failing(void) { return access(getenv("FAIL_FSYNC"), F_OK) == 0; }

int fsync(int fd) {
    if (failing()) { errno = EIO; return -1; }
    return ((int (*)(int)) dlsym(RTLD_NEXT, "fsync"))(fd);
}

int fdatasync(int fd) {
    if (failing()) { errno = EIO; return -1; }
    return ((int (*)(int)) dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
"""
PROGRAM = """
import asyncio, json, os, sys
from pathlib import Path
from saycode.storage.sqlite.store import SqliteStore
from verification.errors import Unavailable

ADD = "INSERT OR REPLACE INTO metric_totals VALUES (?, '', 1)"
SECRET = b"k" * 32

async def main():
    path, flag, told = Path("codes.db"), Path(os.environ["FAIL_FSYNC"]), {}
    async with SqliteStore.open(path, secrets=(SECRET,)) as store:
        for name, failing in (("before", False), ("failed", True), ("after", False)):
            flag.touch() if failing else flag.unlink(missing_ok=True)
            try:
                await store.write(lambda conn: conn.execute(ADD, (name,)).rowcount)
                told[name] = "done"
            except Unavailable as problem:
                told[name] = str(problem)
    async with SqliteStore.open(path, secrets=(SECRET,)) as store:
        rows = await store.query(lambda conn: conn.execute("SELECT name FROM metric_totals").fetchall())
    print(json.dumps({"told": told, "kept": [name for (name,) in rows]}))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library in front of the system's, whose fsync fails while a file exists."""
    compiler = shutil.which("cc")
    if compiler is None:
        missing("a C compiler", "apt-get install gcc libc6-dev")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "shim.c").write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "shim.so", "shim.c", "-ldl"], cwd=folder, check=True)
    return folder / "shim.so"


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD is Linux's")
def test_a_failed_fsync_reports_nothing_as_done_and_what_was_reported_is_kept(shim: Path, tmp_path: Path) -> None:
    environ = os.environ | {
        "LD_PRELOAD": str(shim),
        "FAIL_FSYNC": str(tmp_path / "failing"),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["told"] == {"before": "done", "failed": "disk I/O error", "after": "done"}
    assert {"before", "after"} <= set(report["kept"])
