"""The systemd unit, read by systemd's own programs, and the page's commands to install it. `make rehearse` runs it.

No systemd is running here: what the unit's protections do while the service runs is not tried out.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.missing import missing
from tests.support.processes import ROOT

#: systemd's scale goes from 0 to 10, where 10 is no protection. Ten times that, as its threshold is given.
MOST_EXPOSED = 20
UNIT = ROOT / "deploy" / "saycode.service"
PROTECTION = r"^(No|Protect|Private|Restrict|System|Capability|Lock|Remove)\w+=.*\n"


def analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze") or missing("systemd-analyze", "apt-get install systemd")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def placed(folder: Path, text: str) -> str:
    """The unit in a folder, where its program is too. The path of the unit."""
    program = folder / "opt" / "saycode" / ".venv" / "bin" / "saycode"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = folder / "saycode.service"
    unit.write_text(re.sub(r"^(ExecStart=)/opt", rf"\1{folder}/opt", text, flags=re.MULTILINE))
    return str(unit)


def test_systemd_reads_every_line_of_the_unit(tmp_path: Path) -> None:
    found = analyze("verify", placed(tmp_path, UNIT.read_text()))
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("line", "other"), [("MemoryMax=768M", "MemoryMaximum=768M"), ("User=saycode", "User=say code"), ("ExecStart=", "")]
)
def test_it_would_tell_of_a_wrong_line(line: str, other: str, tmp_path: Path) -> None:
    text = UNIT.read_text()
    assert line in text
    found = analyze("verify", placed(tmp_path, text.replace(line, other)))
    assert found.stderr


def test_the_unit_exposes_little(tmp_path: Path) -> None:
    limit = ("security", "--offline=true", f"--threshold={MOST_EXPOSED}")
    assert analyze(*limit, str(UNIT)).returncode == 0
    bare, removed = re.subn(PROTECTION, "", UNIT.read_text(), flags=re.MULTILINE)
    assert removed > 15
    assert analyze(*limit, placed(tmp_path, bare)).returncode == 1
