"""Both distributions as `python -m build` makes them, installed beside an application with its own packages."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path
from urllib.request import urlopen

import pytest

from tests.support.keys import KEY
from tests.support.processes import ROOT, SENDER, free_port, running_program

#: Folders of the repository that the wheel of Saycode has under other names.
CARRIED = ("verification", "twiml", "webhooks", "twilio_simulator")
#: What a folder has beside the package.
NOT_INSTALLED = {"pyproject.toml", "README.md", "LICENSE"}
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q")
#: A database in the working directory is made anew.
SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-of-the-wheel-s-tests",
    "TWILIO_FROM_NUMBER": SENDER,
    "SAYCODE_SECRET_KEY": KEY,
}


@dataclass(frozen=True, slots=True)
class Installation:
    """The wheels in a folder of their own, next to an application. The repository is not importable."""

    packages: Path
    application: Path

    @property
    def environment(self) -> Mapping[str, str]:
        path = (self.application, self.packages, get_path("purelib"))
        return {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def python(self, *arguments: str) -> list[str]:
        # -S: the site module would process the .pth file that makes the repository importable.
        return [sys.executable, "-S", *arguments]

    def saycode(self, *arguments: str) -> list[str]:
        return self.python(str(self.packages / "bin" / "saycode"), *arguments)

    def output(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=self.application, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each distribution's wheel, made from its source distribution."""
    found = {}
    for name, project in (("saycode", ROOT), ("twilio_simulator", ROOT / "twilio_simulator")):
        folder = tmp_path_factory.mktemp(name)
        build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(project)]
        done = subprocess.run(build, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        (found[name],) = folder.glob(f"{name}-*.whl")
        assert len(list(folder.glob(f"{name}-*.tar.gz"))) == 1
    return found


@pytest.fixture(scope="module")
def installation(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Installation:
    packages, application = (tmp_path_factory.mktemp(name) for name in ("packages", "application"))
    install = [*PIP, "install", "--no-index", "--no-deps", "--target", str(packages), *map(str, wheels.values())]
    subprocess.run(install, check=True, timeout=60)
    for name in CARRIED[:-1]:
        (application / name).mkdir()
        (application / name / "__init__.py").write_text("OWNER = 'the application'\n")
    return Installation(packages, application)


def files(wheel: Path) -> set[str]:
    """What a wheel installs beside its own description."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def sources(folder: str) -> set[str]:
    """The files of a package of the repository, by their path in it."""
    found = (ROOT / folder).rglob("*")
    paths = {path.relative_to(ROOT / folder) for path in found if path.is_file() and "__pycache__" not in path.parts}
    return {path.as_posix() for path in paths if path.as_posix() not in NOT_INSTALLED}


def test_a_wheel_takes_one_top_level_name(wheels: dict[str, Path]) -> None:
    names = {name: {file.split("/")[0] for file in files(wheel)} for name, wheel in wheels.items()}
    assert names == {"saycode": {"saycode"}, "twilio_simulator": {"twilio_simulator"}}


def test_a_wheel_has_every_file_of_its_packages(wheels: dict[str, Path]) -> None:
    carried = {f"saycode/carried/{folder}/{file}" for folder in CARRIED for file in sources(folder)}
    own = {f"saycode/{file}" for file in sources("saycode")}
    assert files(wheels["saycode"]) == own | carried
    assert files(wheels["twilio_simulator"]) == {f"twilio_simulator/{file}" for file in sources("twilio_simulator")}
    for needed in ("py.typed", "static/phone.js"):
        assert any(file.endswith(needed) for file in files(wheels["twilio_simulator"])), needed


def test_an_application_beside_it_keeps_its_own_packages(installation: Installation) -> None:
    script = "import saycode, verification, twiml, webhooks, twilio_simulator.testing as simulator\n"
    script += "print(verification.OWNER, twiml.OWNER, webhooks.OWNER, simulator.__file__, sep='\\n')"
    *owners, simulator = installation.output(installation.python("-c", script)).splitlines()
    assert owners == ["the application"] * 3
    assert Path(simulator).is_relative_to(installation.packages / "twilio_simulator")


@pytest.mark.parametrize("start", ["saycode", "python -m saycode"])
def test_the_demo_calls_and_approves_beside_that_application(installation: Installation, start: str) -> None:
    arguments = ("demo", "--once", "--speed", "10", "--port", "0")
    module = installation.python("-m", "saycode", *arguments)
    said = installation.output(installation.saycode(*arguments) if start == "saycode" else module)
    assert "Approved in" in said.splitlines()[-1]


def test_workers_of_the_service_find_what_the_wheel_carries(installation: Installation, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{(port := free_port())}"
    command = installation.saycode("serve", "--port", str(port), "--workers", "2")
    environ = {**installation.environment, **SETTINGS, "SAYCODE_PUBLIC_URL": address}
    service = running_program(command, environ, tmp_path, name="service", address=f"{address}/health/ready")
    with service, urlopen(address, timeout=20) as page:
        assert b'data-state="form"' in page.read()
    assert (tmp_path / "saycode.db").exists()
