"""The commands of docs/upgrade.md, line by line: from the first schema to this version, back, and once more.

The former version is a commit of this repository, run from its own source. `make rehearse` runs it.
"""

import io
import os
import re
import secrets
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from saycode.cli.context import EXIT_CANNOT_START
from tests.support.processes import ROOT, SENDER, Browser, Phone, add_number, free_port, running
from tests.support.processes import running_program as serving

#: The last commit with the first schema of both engines.
FORMER = "40d003f8e9fb9c1a0fd8df424fefaea886f2eadc"
PACKAGES = ("saycode", "verification", "twiml", "webhooks", "twilio_simulator")
#: The folders of the page, which are the test's own here.
FOLDERS = ("/opt/", "/etc/saycode", "/var/lib/saycode", "/backup")
CALLED, TEXTED, STOPPED = "+14155550101", "+14155550102", "+14155550103"


def commands(heading: str, page: str = "upgrade.md") -> list[str]:
    """The lines of the first block below a heading of a page."""
    section = (ROOT / "docs" / page).read_text(encoding="utf-8").partition(f"# {heading}\n")[2]
    found = re.search(r"^```sh\n(.*?)^```", section.partition("\n## ")[0], re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1].splitlines()


@dataclass
class Machine:
    """A machine below a folder: versions, the settings of service and commands, and what runs as a service."""

    root: Path
    address: str
    port: int
    service: ExitStack = field(default_factory=ExitStack)

    def place(self, line: str) -> str:
        return re.sub("|".join(FOLDERS), lambda found: f"{self.root}{found[0]}", line)

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": f"{self.root}/opt/saycode/.venv/bin:{os.environ.get('PATH', '')}"}

    def install(self, version: str, source: Path) -> None:
        """A folder as the page has it. Its program runs from the source."""
        program = self.root / "opt" / f"saycode-{version}" / ".venv" / "bin" / "saycode"
        program.parent.mkdir(parents=True)
        code = "from saycode.cli.main import main; main()"
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH={source} exec {sys.executable} -S -c "{self.path(source)}{code}" "$@"\n'
        )
        program.chmod(0o755)

    def path(self, source: Path) -> str:
        """Python that makes a source importable without the site module, which would find this repository."""
        packages = next(entry for entry in sys.path if entry.endswith("site-packages"))
        return f"import sys; sys.path[:0] = ['{source}', '{packages}']; "

    def do(self, lines: list[str]) -> None:
        folder = self.root
        for line in map(self.place, lines):
            if line.startswith("cd "):
                folder = Path(line.removeprefix("cd "))
            elif line.startswith("systemctl "):
                getattr(self, line.split()[1])()
            else:
                done = self.run(["sh", "-ec", line], folder)
                assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"

    def run(self, command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, cwd=folder, env=self.environ, capture_output=True, text=True, timeout=60, check=False
        )

    @property
    def serve(self) -> list[str]:
        return [f"{self.root}/opt/saycode/.venv/bin/saycode", "serve", "--port", str(self.port)]

    def start(self) -> None:
        folder = self.root / "etc" / "saycode"
        ready = f"{self.address}/health/ready"
        self.service.enter_context(serving(self.serve, self.environ, folder, name="service", address=ready))

    def stop(self) -> None:
        self.service.close()

    def restart(self) -> None:
        self.stop()
        self.start()


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """The source of the former version."""
    archive = subprocess.run(["git", "archive", FORMER, *PACKAGES], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(tmp_path / "former", filter="data")
    return tmp_path / "former"


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    account = {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = ["simulate", "--told", "--calls-per-second", "0", "--port", str(port)]
    with running(command, account, tmp_path, name="simulator", address=f"{address}/simulator/clock"):
        yield address, account


@contextmanager
def running_machine(
    root: Path, simulator: tuple[str, dict[str, str]], versions: Mapping[str, Path]
) -> Iterator[Machine]:
    """A machine with these versions, by their sources. The first one runs."""
    port = free_port()
    made = Machine(root, f"http://127.0.0.1:{port}", port)
    for folder in FOLDERS:
        Path(made.place(folder)).mkdir(parents=True)
    for version, source in versions.items():
        made.install(version, source)
    (made.root / "opt" / "saycode").symlink_to(f"saycode-{next(iter(versions))}")
    settings = simulator[1] | {
        "TWILIO_FROM_NUMBER": SENDER,
        "TWILIO_API_BASE_URL": simulator[0],
        "SAYCODE_PUBLIC_URL": made.address,
        "SAYCODE_SECRET_KEY": secrets.token_hex(32),
        "SAYCODE_LIMITS": "watch",
        "SAYCODE_DATABASE_URL": f"sqlite:///{made.root}/var/lib/saycode/saycode.db",
    }
    env = "".join(f"{name}={value}\n" for name, value in settings.items())
    (made.root / "etc" / "saycode" / ".env").write_text(env)
    webhooks = {"voice_url": f"{made.address}/webhooks/voice", "sms_url": f"{made.address}/webhooks/sms"}
    add_number(simulator[0], SENDER, webhooks)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def machine(tmp_path: Path, former: Path, simulator: tuple[str, dict[str, str]]) -> Iterator[Machine]:
    """A machine that runs the former version."""
    with running_machine(tmp_path / "machine", simulator, {"0.1.0": former, "0.2.0": ROOT}) as made:
        yield made


def texted(browser: Browser, phone: Phone) -> str:
    """Ask for a code by text; the code that came."""
    before = len(phone.texts)
    page = browser.post("/start", username="bob", phone=phone.number, channel="sms")
    assert page.state == "code", page.text
    phone.wait_for("text", after=before)
    (code,) = set(re.findall(r"\b\d{6}\b", phone.texts[-1]))  # its last line has it once more, for browsers
    return str(code)


def test_open_verifications_outlive_an_upgrade_and_the_way_back_works(
    machine: Machine, simulator: tuple[str, dict[str, str]]
) -> None:
    before, called, stranger = (Browser(machine.address) for _ in range(3))
    code = texted(before, Phone(simulator[0], TEXTED))
    Phone(simulator[0], STOPPED).do("text", to=SENDER, body="STOP")
    phone = Phone(simulator[0], CALLED)
    called.post("/start", username="cyd", phone=CALLED, channel="call")
    phone.wait_for("ringing")
    phone.do("answer")

    machine.do(commands("Upgrade"))
    assert before.post("/code", code=code).state == "welcome"
    keys = phone.until_said(r"press these three keys: ([\d, ]+)")
    phone.do("press", digits=keys)
    assert called.post("/code", code=phone.until_said(r"code is: ([\d, ]+)")).state == "welcome"
    assert stranger.post("/start", username="dan", phone=STOPPED, channel="sms").state == "form"
    late = Browser(machine.address)
    void = texted(late, Phone(simulator[0], TEXTED))

    database = machine.root / "var" / "lib" / "saycode" / "saycode.db"
    machine.stop()
    migrated = database.read_bytes()
    (machine.root / "opt" / "saycode").unlink()
    (machine.root / "opt" / "saycode").symlink_to("saycode-0.1.0")
    refused = machine.run(machine.serve, machine.root / "etc" / "saycode")
    assert refused.returncode == EXIT_CANNOT_START
    assert "newer" in refused.stderr
    assert database.read_bytes() == migrated

    machine.do(["ln -sfn saycode-0.2.0 /opt/saycode", "systemctl start saycode", *commands("Go back")])
    assert late.post("/code", code=void).state != "welcome"
    assert stranger.post("/start", username="dan", phone=STOPPED, channel="sms").state == "form"
    again = texted(late, Phone(simulator[0], TEXTED))
    (machine.root / "backup" / "before-upgrade.db").rename(machine.root / "backup" / "first.db")
    machine.do(commands("Upgrade"))
    assert late.post("/code", code=again).state == "welcome"
