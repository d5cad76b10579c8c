"""The systemd unit, read by systemd's own programs, and the page's commands to install it. `make rehearse` runs it.

No systemd is running here: what the unit's protections do while the service runs is not tried out.
"""

import os
import re
import secrets
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.docs.blocks import blocks
from tests.support.missing import missing
from tests.support.processes import ROOT, free_port, running_program

#: systemd's scale goes from 0 to 10, where 10 is no protection. Ten times that, as its threshold is given.
MOST_EXPOSED = 20
UNIT = ROOT / "deploy" / "saycode.service"
#: What a command of the page finds on a new machine, beside what installs packages.
BARE = {name: value for name, value in os.environ.items() if name != "PYTHONPATH" and not name.startswith("SAYCODE_")}
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


# The commands of the page, as root, with each of its folders below one of the test's own.


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the service's user can reach, with an empty list of users."""
    if os.geteuid() != 0:
        missing("the rights of root", "sudo make rehearse")
    with TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        for part in ("etc/systemd/system", "opt", "var/lib"):
            (root / part).mkdir(parents=True)
        for file in ("passwd", "group", "shadow", "gshadow"):
            (root / "etc" / file).touch()
        yield root


def shown() -> list[list[str]]:
    """The words of each command that the page has for systemd."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8").partition("\n## systemd\n")[0]
    (block,) = [
        each for each in blocks("sh") if each.document == "docs/deploy.md" and each.line == text.count("\n") + 4
    ]
    return [shlex.split(part) for line in block.text.splitlines() for part in line.split(" && ")]


def account(root: Path) -> tuple[int, int]:
    """The user and the group that the page makes."""
    (line,) = (root / "etc" / "passwd").read_text().splitlines()
    name, _, user, group, *_ = line.split(":")
    assert name == "saycode"
    assert f"saycode:x:{group}:" in (root / "etc" / "group").read_text()
    return int(user), int(group)


def as_saycode(root: Path) -> list[str]:
    user, group = account(root)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs"]


def here(words: list[str], root: Path) -> list[str]:
    """A command of the page for this folder: Python is Debian's, the repository this one, users those of the folder."""
    if words[:2] == ["sudo", "-u"]:
        return [*as_saycode(root), *here(words[3:], root)]
    changes = {"…": str(ROOT), "python3": "/usr/bin/python3", "--group=saycode": "", "$EDITOR": str(root / "editor")}
    if "--group=saycode" in words:
        changes["--group=saycode"] = f"--group={account(root)[1]}"
    placed_words = [re.sub(r"^(sqlite:///)?/(opt|etc|var/lib)/", rf"\1{root}/\2/", word) for word in words]
    found = [changes.get(word, word) for word in placed_words]
    if words[0] == "useradd":
        return ["useradd", "--prefix", str(root), *words[1:]]
    if words[0] == "systemctl":
        return ["systemctl", f"--root={root}", *[word for word in words[1:] if word != "--now"]]
    return found


def filled(port: int) -> dict[str, str]:
    """What a person writes into the copy of the example. Twilio is not reached."""
    return {
        "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_FROM_NUMBER": "+14155550199",
        "SAYCODE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SAYCODE_SECRET_KEY": secrets.token_hex(32),
    }


def do(command: list[str], place: Path) -> str:
    """Run a command in a folder. What it told."""
    done = subprocess.run(command, cwd=place, env=BARE, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout[-1000:]}{done.stderr[-1000:]}"
    return done.stdout + done.stderr


def test_the_commands_of_the_page_install_a_service_that_its_user_runs(folder: Path) -> None:
    port, place = free_port(), ROOT
    # Twilio is a port of this machine, where nothing answers.
    editor = f"s|^# TWILIO_API_BASE_URL=.*|TWILIO_API_BASE_URL=http://127.0.0.1:{free_port()}|;"
    editor += "".join(f"s|^{name}=$|{name}={value}|;" for name, value in filled(port).items())
    (folder / "editor").write_text(f"#!/bin/sh\nexec sed -i '{editor}' \"$1\"\n")
    (folder / "editor").chmod(0o755)
    *commands, last = shown()
    for words in commands:
        if words[0] == "cd":
            place = Path(here(words, folder)[1])
        elif words[0] == "echo":
            assert words[2:] == [">>", ".env"]
            line = words[1].replace("/var/lib", f"{folder}/var/lib")
            with (place / ".env").open("a") as file:
                file.write(f"{line}\n")
        else:
            do(here(words, folder), place)
    unit = (folder / "etc/systemd/system/saycode.service").read_text()
    assert (folder / "etc/systemd/system/multi-user.target.wants/saycode.service").is_symlink()
    (state,) = re.findall(r"^StateDirectory=(\S+)$", unit, re.MULTILINE)
    (folder / "var/lib" / state).mkdir(mode=0o700)
    os.chown(folder / "var/lib" / state, *account(folder))
    (begin,) = re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    serve = [*as_saycode(folder), *here(begin.replace("8000", str(port)).split(), folder)]
    address = f"http://127.0.0.1:{port}/health/ready"
    with running_program(serve, {}, folder / "etc/saycode", name="service", address=address):
        program = here(last, folder)[: -len(last[4:])]
        created = do([*program, "services", "create", "shop"], place)
        assert "new database" not in created
        doctor = subprocess.run(here(last, folder), cwd=place, env=BARE, capture_output=True, text=True, check=False)
        assert str(folder) + "/var/lib/saycode/saycode.db" in doctor.stdout, doctor.stdout + doctor.stderr
