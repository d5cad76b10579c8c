"""The README's first command: a whole verification to watch, and its exit code."""

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.support.processes import COMMAND, ROOT


def demo(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The demonstration, as fast as it goes, until it ends by itself."""
    command = [*COMMAND, "demo", "--once", "--speed", "20", "--port", "0", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def shape(transcript: str) -> list[str]:
    """A transcript without its digits, and without what depends on the machine's speed."""
    lines = (re.sub(r"\d", "#", line.replace(" times as fast", "")) for line in transcript.strip().splitlines())
    return [re.sub(r"^ *#+\.#|runs .*|in #+\.# s", "", line).strip() for line in lines]


def test_it_ends_with_a_welcome_and_looks_as_the_readme_says() -> None:
    run = demo()
    assert (run.returncode, run.stderr) == (0, "")
    readme = Path(ROOT, "README.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(.*?)```", readme, re.DOTALL)
    assert shown
    assert shape(run.stdout) == shape(shown[1])


@pytest.mark.parametrize(
    ("phone", "why"),
    [("busy", "The line was busy."), ("no-answer", "The call was not answered."), ("silent", "no keys were pressed")],
)
def test_it_fails_and_says_why(phone: str, why: str) -> None:
    run = demo("--phone", phone)
    assert run.returncode == 1
    assert why in run.stdout.splitlines()[-1]


def test_a_taken_port_is_told_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [*COMMAND, "demo", "--once", "--port", str(port)]
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert run.returncode == 2
    assert run.stderr.startswith(f"Cannot listen on ports {port} and {port + 1}: ")


def test_it_keeps_serving_until_it_is_stopped_and_stops_cleanly() -> None:
    command = [*COMMAND, "demo", "--speed", "20", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert process.stdout is not None
    said = b""
    until = time.monotonic() + 30
    while b"Ctrl-C" not in said and time.monotonic() < until:
        said += process.stdout.readline()
    page = re.search(rb"The page   (http://127\.0\.0\.1:\d+)\n", said)
    assert page
    assert b"Any US number can be called" in said
    with urlopen(page[1].decode(), timeout=10) as answer:
        assert b'data-state="form"' in answer.read()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, b"")
    assert out.endswith(b"Stopped.\n")
