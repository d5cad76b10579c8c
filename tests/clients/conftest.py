"""Other people's programs beside a Saycode and a simulator: `make clients` installs them and runs these tests.

They have an environment of their own, which CLIENTS names, and node_modules in this folder. Without them every test
fails: none is left out.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.support.processes import ROOT, Deployment, Phone, deploy, free_port, running_program

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
NUMBERS = (f"+1415555{n}" for n in count(4000))


@dataclass(frozen=True, slots=True)
class Key:
    """What `saycode services create` shows."""

    service: str
    sid: str
    secret: str


@dataclass(frozen=True, slots=True)
class Programs:
    """The interpreters that have the programs' packages, and a folder for what they write."""

    python: str
    node: str
    folder: Path

    def command(self, framework: str, port: int) -> list[str]:
        """The command that serves the webhooks of a shop."""
        if framework == "flask":
            return [self.python, "-m", "flask", "--app", str(PROGRAMS / "flask_app.py"), "run", "--port", str(port)]
        return [self.node, str(PROGRAMS / "express_app.mjs")]

    @contextmanager
    def shop(self, framework: str, deployment: Deployment, *, secret: str = "", port: int = 0) -> Iterator[str]:
        """A shop's webhooks, checked with the account's token; and its events, with the secret. Yields the address."""
        port = port or free_port()
        address = f"http://127.0.0.1:{port}"
        environ = {"TWILIO_AUTH_TOKEN": deployment.token, "EVENTS_SECRET": secret, "PORT": str(port)}
        command = self.command(framework, port)
        with running_program(command, environ, self.folder, name=framework, address=f"{address}/seen"):
            yield address

    @contextmanager
    def django(self, environ: Mapping[str, str]) -> Iterator[str]:
        """The Django project. Yields its address."""
        address = f"http://127.0.0.1:{free_port()}"
        serve = [self.python, "-m", "django", "runserver", "--noreload", address.removeprefix("http://")]
        with running_program(serve, environ, self.folder, name="django", address=f"{address}/account/login/"):
            yield address


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    python = Path(os.environ.get("CLIENTS", ROOT / ".venv-clients"), "bin", "python")
    node = shutil.which("node")
    if not python.exists() or node is None or not (HERE / "node_modules" / "jose").is_dir():
        pytest.fail("The programs are not installed: run `make clients`, with Node and npm installed.", pytrace=False)
    return Programs(str(python), node, tmp_path_factory.mktemp("programs"))


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(tmp_path_factory.mktemp("deployment"), SAYCODE_MAX_CHECKS="2") as deployment:
        yield deployment


@pytest.fixture(scope="session")
def key(deployment: Deployment) -> Key:
    made = json.loads(deployment.command("services", "create", "Leaf and Kettle", "--json"))
    return Key(made["service_sid"], made["key_sid"], made["secret"])


@pytest.fixture
def phone(deployment: Deployment) -> Phone:
    return deployment.phone(next(NUMBERS))
