"""What the processes of the service take: the same from every worker, and as the system itself has it."""

import os
import re
import resource
import secrets
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from saycode.server.process_metrics import process_totals
from tests.support.processes import deploy

CHILD = """
import sys
kept, files = bytearray(b"x") * 60_000_000, [open("/dev/null") for _ in range(90)]
print("up", flush=True)
sys.stdin.read()
"""
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /proc")


BUSY = """
import resource, sys
sum(n * n for n in range(3_000_000))
usage = resource.getrusage(resource.RUSAGE_SELF)
print(usage.ru_utime + usage.ru_stime, flush=True)
sys.stdin.read()
"""


def test_a_process_has_the_processor_time_that_the_system_says() -> None:
    with subprocess.Popen([sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as busy:
        assert busy.stdout
        used = float(busy.stdout.readline())
        found = process_totals(busy.pid)
        assert busy.stdin
        busy.stdin.close()
    assert found
    assert found.cpu_seconds == pytest.approx(used, abs=0.1)


def test_a_process_has_what_the_system_says_of_it() -> None:
    found = process_totals(os.getpid())
    assert found
    assert found.resident_bytes > 10_000_000
    assert 3 <= found.open_files <= found.max_files == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert time.time() - 86_400 < found.started_at <= time.time()


def test_children_count_too_and_the_processor_time_of_those_that_ended_stays() -> None:
    before = process_totals(os.getpid())
    with subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        assert child.stdout
        child.stdout.readline()
        during = process_totals(os.getpid())
        child.stdin.close()
    after = process_totals(os.getpid())
    assert before
    assert during
    assert after
    assert during.resident_bytes > before.resident_bytes + 60_000_000
    assert during.open_files >= 90
    assert before.cpu_seconds < during.cpu_seconds <= after.cpu_seconds
    assert before.started_at == during.started_at == after.started_at


@pytest.mark.parametrize("files", [{}, {"stat": "cpu 1\n"}, {"stat": "btime 1\n", "7/stat": "7 (a) b"}])
def test_a_system_that_does_not_tell_has_no_totals(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert process_totals(7, tmp_path) is None


def test_a_name_with_parentheses_and_spaces_is_no_field(tmp_path: Path) -> None:
    numbers = " ".join(["0"] * 10 + ["150", "50", "100", "0"] + ["0"] * 4 + ["400"])
    for name, text in {"stat": "btime 1000\n", "7/stat": f"7 (a) 9 b) S {numbers}", "7/statm": "9 5 1"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "7/fd").mkdir()
    found = process_totals(7, tmp_path)
    assert found
    tick = os.sysconf("SC_CLK_TCK")
    assert (found.cpu_seconds, found.started_at) == (300 / tick, 1000 + 400 / tick)
    assert found.resident_bytes == 5 * os.sysconf("SC_PAGE_SIZE")


def test_every_worker_tells_of_all_of_them(tmp_path: Path) -> None:
    key = secrets.token_hex(32)
    with deploy(tmp_path, workers=3, SAYCODE_METRICS_ACCESS=key) as deployment:
        request = Request(f"{deployment.address}/metrics", headers={"Authorization": f"Bearer {key}"})
        answers = []
        for _ in range(12):
            with urlopen(request, timeout=30) as answer:
                answers.append(answer.read().decode())
    found = [dict(re.findall(r"^process_(\w+) (\S+)$", text, re.M)) for text in answers]
    assert {one["start_time_seconds"] for one in found} == {found[0]["start_time_seconds"]}
    one_worker = 30_000_000
    assert min(float(one["resident_memory_bytes"]) for one in found) > 3 * one_worker
    times = [float(one["cpu_seconds_total"]) for one in found]
    assert times == sorted(times)
