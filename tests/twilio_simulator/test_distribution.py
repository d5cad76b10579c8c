"""The distribution `twilio-simulator`, installed beside an application with its own `webhooks/` and `twiml/`."""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q")

APPLICATION = {
    "twiml/__init__.py": 'GREETING = "<Response><Say>We open at nine.</Say></Response>"\n',
    "webhooks/__init__.py": """
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

import twiml


async def voice(request):
    return Response(twiml.GREETING, media_type="text/xml")


app = Starlette(routes=[Route("/voice", voice, methods=["POST"])])
""",
    "tests/test_voice.py": """
import os

import twilio_simulator
import webhooks


def test_a_caller_hears_the_greeting(twilio, phone, serve):
    twilio.add_number("+14155550199", voice_url=f"{serve(webhooks.app)}/voice")
    phone.call("+14155550199")
    twilio.run()
    assert phone.transcript == "We open at nine."
    assert not twilio.debugger


def test_the_simulator_is_the_installed_one():
    assert twilio_simulator.__file__.startswith(os.environ["INSTALLED"])
""",
    "tests/test_declared.py": """
pytest_plugins = ["twilio_simulator.pytest_plugin"]


def test_a_declared_plugin_is_not_registered_twice(phone):
    assert phone.number == "+14155550100"
""",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """The wheel in a folder of its own, next to an application. The repository is not importable."""

    packages: Path
    application: Path

    @property
    def environment(self) -> dict[str, str]:
        path = (self.application, self.packages, get_path("purelib"))
        settings = ("TWILIO_", "SAYCODE_", "PYTEST_")
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(settings)},
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "INSTALLED": str(self.packages),
        }

    def command(self, *arguments: str) -> list[str]:
        # -S: the site module would process the .pth file that makes the repository importable.
        return [sys.executable, "-S", *arguments]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    wheels, packages, application = (tmp_path_factory.mktemp(name) for name in ("wheels", "packages", "application"))
    offline = ("--no-index", "--no-deps")
    build = ("wheel", *offline, "--no-build-isolation", "-w", str(wheels), str(ROOT / "twilio_simulator"))
    subprocess.run([*PIP, *build], check=True, timeout=60)
    (wheel,) = wheels.iterdir()
    subprocess.run([*PIP, "install", *offline, "--target", str(packages), str(wheel)], check=True, timeout=60)
    for name, text in APPLICATION.items():
        (application / name).parent.mkdir(exist_ok=True)
        (application / name).write_text(text, encoding="utf-8")
    return Installation(packages, application)


@pytest.mark.parametrize(("file", "passed"), [("test_voice.py", 2), ("test_declared.py", 1)])
def test_the_pytest_plugin_works_beside_the_application(installation: Installation, file: str, passed: int) -> None:
    options = ("-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")
    process = subprocess.run(
        installation.command("-m", "pytest", *options, f"tests/{file}"),
        cwd=installation.application,
        env=installation.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert f"{passed} passed" in process.stdout


@pytest.fixture
def simulator(installation: Installation) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command and its URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    script = str(installation.packages / "bin" / "twilio-simulator")
    process = subprocess.Popen(
        installation.command(script, "--told", "--port", str(port)),
        cwd=installation.application,
        env=installation.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        yield process, f"http://127.0.0.1:{port}"
        process.kill()


def test_the_command_prints_its_account_and_serves(simulator: tuple[subprocess.Popen[str], str]) -> None:
    process, url = simulator
    assert process.stdout is not None
    lines = process.stdout.readline() + process.stdout.readline()
    account = re.fullmatch(r"TWILIO_ACCOUNT_SID=(AC[0-9a-f]{32})\nTWILIO_AUTH_TOKEN=([0-9a-f]{32})\n", lines)
    assert account, lines + process.stdout.read()
    assert json.loads(fetch(f"{url}/simulator/clock"))["told"] is True
    balance = f"{url}/2010-04-01/Accounts/{account[1]}/Balance.json"
    assert json.loads(fetch(balance, user=account[1], password=account[2]))["currency"] == "USD"
    for file in ("", "phone.css", "phone.js", "phone.svg"):
        assert fetch(f"{url}/{file}")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 0


def fetch(url: str, *, user: str = "", password: str = "") -> bytes:
    """The body of a response, after waiting for the server to start."""
    request = urllib.request.Request(url)
    request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
    deadline = time.monotonic() + 10
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return bytes(response.read())
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def test_everything_that_names_a_version_names_the_same_one_and_both_distributions_have_one_license() -> None:
    version = project(ROOT)["version"]
    assert version == project(ROOT / "twilio_simulator")["version"]
    chart = (ROOT / "deploy" / "helm" / "saycode" / "Chart.yaml").read_text(encoding="utf-8")
    assert f"\nversion: {version}\nappVersion: {version}\n" in chart
    assert f"/saycode-{version}-py3" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"\n## {version} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert (ROOT / "LICENSE").read_bytes() == (ROOT / "twilio_simulator" / "LICENSE").read_bytes()


def test_only_one_distribution_registers_the_pytest_plugin() -> None:
    """Otherwise pytest would register it twice where both are installed, and stop."""
    assert "pytest11" not in project(ROOT).get("entry-points", {})


def project(folder: Path) -> dict[str, Any]:
    return dict(tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"])
