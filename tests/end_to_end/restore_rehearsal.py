"""The commands of docs/deploy.md that restore a backup, line by line. `make rehearse` runs it.

What happened since the backup is gone, what was before it is there, and open codes are void.
"""

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.upgrade_rehearsal import (
    STOPPED,
    TEXTED,
    Machine,
    commands,
    running_machine,
    simulator,
    texted,
)
from tests.support.processes import ROOT, SENDER, Browser, Phone

__all__ = ["simulator"]


@pytest.fixture
def machine(tmp_path: Path, simulator: tuple[str, dict[str, str]]) -> Iterator[Machine]:
    with running_machine(tmp_path / "machine", simulator, {"0.2.0": ROOT}) as made:
        yield made


def test_a_backup_takes_the_place_of_the_database(machine: Machine, simulator: tuple[str, dict[str, str]]) -> None:
    person, other, phone = Browser(machine.address), Browser(machine.address), Phone(simulator[0], TEXTED)
    Phone(simulator[0], STOPPED).do("text", to=SENDER, body="STOP")
    known = texted(person, phone)

    lines = commands("Backups", "deploy.md")
    assert lines == ["saycode backup /backup/saycode-$(date +%F).db"]
    machine.do(["cd /etc/saycode", *lines])
    (copy,) = (machine.root / "backup").iterdir()
    assert re.fullmatch(r"saycode-\d{4}-\d\d-\d\d\.db", copy.name)
    machine.do(["cd /etc/saycode", "saycode services create lost"])

    restoring = commands("Restoring a backup", "deploy.md")
    (shown,) = {word for line in restoring for word in line.split() if word.startswith("/backup/")}
    machine.do([line.replace(shown, f"/backup/{copy.name}") for line in restoring])

    database = machine.root / "var" / "lib" / "saycode" / "saycode.db"
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert "was restored or moved" in (machine.root / "etc" / "saycode" / "service.log").read_text()
    assert "lost" not in machine.run(["saycode", "services", "list"], machine.root / "etc" / "saycode").stdout
    assert person.post("/code", code=known).state != "welcome"
    assert other.post("/start", username="dan", phone=STOPPED, channel="sms").state == "form"
    assert person.post("/code", code=texted(person, phone)).state == "welcome"
