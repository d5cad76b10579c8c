"""One environment file for every layout: the service and a command beside it open the same database.

Each layout's own settings are put around the same file, as its program does. tests/clients/manifests.py does it for
the Helm chart, and `make image` runs a command beside the service in a container.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml  # type: ignore[import-untyped]
from dotenv import dotenv_values

from tests.docs.blocks import blocks
from tests.support.processes import ROOT

POSTGRESQL = "postgresql://saycode:secret@database/saycode"
#: What is in the files of the secrets, by name.
SECRETS = {
    "twilio_auth_token": "a-token-of-this-test",
    "saycode_secret_key": "9b1f27c3d8e04a56b7f3a9c01e5d2846",
    "secret_key": "9b1f27c3d8e04a56b7f3a9c01e5d2846",
    "saycode_database_url": POSTGRESQL,
    "database_url": POSTGRESQL,
}
FILLED = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_FROM_NUMBER": "+14155550199",
    "SAYCODE_PUBLIC_URL": "https://verify.example.com",
}
ASK = "from saycode.cli.context import load_settings_or_exit as load; print(load().database)"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(document: str) -> list[str]:
    """Every command that a document shows, as it is typed."""
    return [shlex.join(words) for block in blocks("sh") if block.document == document for words in block.commands()]


def environment_file(folder: Path) -> dict[str, str]:
    """`.env` as the page of systemd makes it out of the example, in a folder. What a program without quotes reads."""
    text = read(".env.example")
    for name, value in FILLED.items():
        text = text.replace(f"\n{name}=\n", f"\n{name}={value}\n")
    (added,) = re.findall(r"^echo (\S+) >> \.env$", read("docs/deploy.md"), re.MULTILINE)
    (folder / ".env").write_text(f"{text}{added}\n")
    found = {name: value or "" for name, value in dotenv_values(folder / ".env").items()}
    assert FILLED.items() <= found.items()
    assert found["SAYCODE_DATABASE_URL"]
    return found


def database(environ: Mapping[str, str], folder: Path, secrets: Path) -> str:
    """The database of a command with these settings in this folder. Mounted secrets are files of `secrets`."""
    secrets.mkdir(exist_ok=True)
    found = {"PYTHONPATH": str(ROOT), "PATH": os.environ.get("PATH", "")}
    for name, value in environ.items():
        found[name] = value
        if name.endswith("_FILE"):
            file = secrets / Path(value).name
            file.write_text(SECRETS[file.name])
            file.chmod(0o600)
            found[name] = str(file)
    asked = subprocess.run(
        [sys.executable, "-c", ASK], env=found, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert asked.returncode == 0, asked.stderr
    return asked.stdout.strip()


def image_environment() -> dict[str, str]:
    """What the image sets, for each process in a container."""
    text = read("Dockerfile").rpartition("\nFROM ")[2].replace("\\\n", " ")
    (line,) = re.findall(r"^ENV (.*)$", text, re.MULTILINE)
    return {name: value for name, _, value in (part.partition("=") for part in line.split()) if name != "PATH"}


def composed(file: str, name: str, folder: Path) -> dict[str, str]:
    """The environment of a container, which `docker compose exec` gives to a command too."""
    service = yaml.safe_load(read(file))["services"][name]
    assert service["env_file"] == ".env"
    assert not any("SAYCODE_" in word or "TWILIO_" in word for word in service.get("command", []))
    assert "entrypoint" not in service
    given: dict[str, str] = service["environment"]
    return image_environment() | environment_file(folder) | given


def test_in_containers_with_one_node_it_is_the_file_on_the_volume(tmp_path: Path) -> None:
    environ = composed("compose.yaml", "saycode", tmp_path)
    (tmp_path / "data").mkdir()
    assert database(environ, tmp_path / "data", tmp_path / "secrets") == "/data/saycode.db"
    assert "data:/data" in yaml.safe_load(read("compose.yaml"))["services"]["saycode"]["volumes"]
    assert "docker compose exec saycode saycode doctor --fix" in commands("docs/deploy.md")


def test_in_containers_with_several_nodes_it_is_the_server_for_each_of_them(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for node in ("node-a", "node-b"):
        environ = composed("compose.cluster.yaml", node, tmp_path)
        assert database(environ, tmp_path / "data", tmp_path / "secrets") == "postgresql://database/saycode"
    shown = "docker compose --file compose.cluster.yaml exec node-a saycode doctor"
    assert shown in commands("docs/scale.md")


def test_with_systemd_it_is_what_the_file_says_for_the_unit_and_in_its_folder(tmp_path: Path) -> None:
    unit = read("deploy/saycode.service")
    assert not re.search(r"^(Environment|PassEnvironment)", unit, re.MULTILINE)
    (folder,) = re.findall(r"^WorkingDirectory=(\S+)$", unit, re.MULTILINE)
    (user,) = re.findall(r"^User=(\S+)$", unit, re.MULTILINE)
    shown = commands("docs/deploy.md")
    place = shown.index(f"cd {folder}", shown.index("systemctl enable --now saycode"))
    assert shown[place + 1] == f"sudo -u {user} /opt/saycode/.venv/bin/saycode doctor --fix"
    environment_file(tmp_path)
    secrets = {"TWILIO_AUTH_TOKEN_FILE": "twilio_auth_token", "SAYCODE_SECRET_KEY_FILE": "secret_key"}
    assert database(secrets, tmp_path, tmp_path / "secrets") == "/var/lib/saycode/saycode.db"
    (state,) = re.findall(r"^StateDirectory=(\S+)$", unit, re.MULTILINE)
    assert state == "saycode"
