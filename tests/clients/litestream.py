"""Litestream beside a service: what it copied while people verified is restored, and the service knows it.

`deploy/litestream.yml` and the commands of docs/deploy.md, with a folder in the place of the bucket.
"""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from tests.clients.conftest import Programs
from tests.end_to_end.upgrade_rehearsal import TEXTED, Machine, commands, running_machine, simulator, texted
from tests.support.processes import ROOT, Browser, Phone

__all__ = ["simulator"]
PATIENCE = 60


@contextmanager
def copying(machine: Machine) -> Iterator[None]:
    """Litestream with the shipped file, whose bucket is a folder here. It is killed at the end."""
    text = machine.place((ROOT / "deploy" / "litestream.yml").read_text(encoding="utf-8"))
    config = yaml.safe_load(text)
    replica = config["dbs"][0]["replica"]
    assert replica.pop("type") == "s3"
    assert set(replica) == {"bucket", "region", "path"}
    config["dbs"][0]["replica"] = {"type": "file", "path": str(machine.root / "backup" / replica["path"])}
    file = machine.root / "etc" / "litestream.yml"
    file.write_text(yaml.safe_dump(config))
    with (machine.root / "litestream.log").open("wb") as log:
        process = subprocess.Popen(
            ["litestream", "replicate", "-config", file], env=machine.environ, stdout=log, stderr=log
        )
        yield
        process.send_signal(signal.SIGKILL)
        process.wait()


def copied(machine: Machine) -> int:
    """How many files of changes the folder has."""
    return len(list((machine.root / "backup").rglob("*.ltx")))


@pytest.fixture
def machine(programs: Programs, tmp_path: Path, simulator: tuple[str, dict[str, str]]) -> Iterator[Machine]:
    with running_machine(tmp_path / "machine", simulator, {"0.2.0": ROOT}) as made:
        (made.root / "opt" / "saycode" / ".venv" / "bin" / "litestream").symlink_to(
            Path(programs.python).parent / "litestream"
        )
        yield made


def test_what_litestream_copied_is_restored_and_marked_as_older(
    machine: Machine, simulator: tuple[str, dict[str, str]]
) -> None:
    phone, etc = Phone(simulator[0], TEXTED), machine.root / "etc" / "saycode"
    with copying(machine):
        people = [Browser(machine.address) for _ in range(3)]
        for number, person in enumerate(people):
            assert person.post("/code", code=texted(person, phone)).state == "welcome", number
        machine.do(["cd /etc/saycode", "saycode services create kept"])
        open_code = texted(people[0], phone)
        until_copied(machine)
    machine.do(["cd /etc/saycode", "saycode services create lost"])

    lines = commands("Restoring from Litestream", "deploy.md")
    assert sum(line.startswith("litestream restore") for line in lines) == 1
    machine.do([re.sub(r"/etc/litestream", f"{machine.root}/etc/litestream", line) for line in lines])
    assert "was restored or moved" in (etc / "service.log").read_text()
    services = machine.run(["saycode", "services", "list"], etc).stdout
    assert ("kept" in services, "lost" in services) == (True, False)
    assert people[0].post("/code", code=open_code).state != "welcome"
    assert people[0].post("/code", code=texted(people[0], phone)).state == "welcome"


def until_copied(machine: Machine) -> None:
    """Wait until two seconds have brought nothing more: Litestream copies each second."""
    end, seen, since = time.monotonic() + PATIENCE, -1, time.monotonic()
    while time.monotonic() - since < 3 or seen < 2:
        assert time.monotonic() < end, (machine.root / "litestream.log").read_text()
        if (now := copied(machine)) != seen:
            seen, since = now, time.monotonic()
        time.sleep(0.1)
