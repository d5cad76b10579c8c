"""The start of the service: it waits for a database that does not answer, and for nothing else."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from tests.support.keys import KEY
from tests.support.postgresql import Server, running_server
from tests.support.processes import COMMAND, ROOT, free_port

PATIENCE = 60.0


def start(folder: Path, database: str, *arguments: str) -> tuple["subprocess.Popen[bytes]", str]:
    """A service on this database, and its address."""
    port = free_port()
    environ = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "a-token-of-twilios",
        "TWILIO_FROM_NUMBER": "+14155550199",
        "SAYCODE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SAYCODE_SECRET_KEY": KEY,
        "SAYCODE_DATABASE_URL": database,
    }
    with (folder / "service.log").open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", str(port), *arguments],
            env=environ,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return process, f"http://127.0.0.1:{port}"


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.05)


def status(address: str) -> int:
    """Of the readiness probe; 0 when nothing listens."""
    try:
        with urlopen(f"{address}/health/ready", timeout=5) as answer:
            return int(answer.status)
    except HTTPError as answer:
        return answer.code
    except URLError:
        return 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_node_that_starts_before_its_database_waits_and_serves_once_it_answers(tmp_path: Path, workers: str) -> None:
    with running_server() as server, server.database() as url:
        server.stop()
        process, address = start(tmp_path, url, "--workers", workers)
        try:
            log = tmp_path / "service.log"
            until(lambda: "nothing is served until the database answers" in log.read_text())
            assert (status(address), process.poll()) == (0, None)
            server.start()
            until(lambda: status(address) == 200)
            assert "Traceback" not in log.read_text()
        finally:
            process.terminate()
            process.wait(PATIENCE)


def test_a_start_that_waits_ends_when_it_is_told_to(tmp_path: Path) -> None:
    process, _ = start(tmp_path, "postgresql://127.0.0.1:1/saycode")
    until(lambda: "nothing is served until" in (tmp_path / "service.log").read_text())
    process.terminate()
    assert process.wait(PATIENCE) == -signal.SIGTERM


@pytest.mark.parametrize(
    "address", ["postgresql://127.0.0.1:{port}/missing", "postgresql://keyed:wrong@127.0.0.1:{port}/postgres"]
)
def test_a_wrong_address_ends_the_start_with_2_and_a_sentence(tmp_path: Path, postgresql: Server, address: str) -> None:
    process, _ = start(tmp_path, address.format(port=postgresql.port))
    assert process.wait(PATIENCE) == 2
    assert "SAYCODE_DATABASE_URL" in (tmp_path / "service.log").read_text().splitlines()[-1]
