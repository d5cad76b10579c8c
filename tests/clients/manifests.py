"""The files of a cluster against Kubernetes' own schemas and those of the Compose specification."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from dotenv import dotenv_values

from tests.clients.conftest import Programs
from tests.docs.blocks import blocks
from tests.end_to_end.test_environment_file import database, environment_file, image_environment
from tests.support import helm
from tests.support.processes import ROOT

_READ = "import sys; from compose_spec import PyCompose; print(*sorted(PyCompose.from_yaml(sys.stdin.read()).services))"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def read_compose(programs: Programs, text: str) -> "subprocess.CompletedProcess[str]":
    command = [programs.python, "-c", _READ]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


INGRESS = {"enabled": True, "className": "nginx", "annotations": {"note": "1"}}
LAYOUTS: dict[str, tuple[dict[str, object], list[str]]] = {
    "as it is": ({}, ["Deployment", "PodDisruptionBudget", "Service"]),
    "all of postgresql": (
        {"settings": {"SAYCODE_BRAND": "Shop: 1"}, "environment": "saycode-env", "ingress": INGRESS, "replicas": 3},
        ["ConfigMap", "Deployment", "Ingress", "PodDisruptionBudget", "Service"],
    ),
    "sqlite": (
        {"database": "sqlite", "replicas": 1, "volume": {"storageClassName": "fast"}},
        ["Deployment", "PersistentVolumeClaim", "Service"],
    ),
    "sqlite on a volume that exists": (
        {"database": "sqlite", "replicas": 1, "volume": {"existing": "disk"}},
        ["Deployment", "Service"],
    ),
}


# The oldest that its makers still mend somewhere, and the newest.
@pytest.mark.parametrize("version", ["1.28", "1.33", "1.37"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_kubernetes_knows_every_field_of_what_the_chart_makes(
    programs: Programs, name: str, version: str, tmp_path: Path
) -> None:
    values, kinds = LAYOUTS[name]
    assert sorted(helm.manifests(values)) == kinds
    (tmp_path / "made.yaml").write_text(helm.rendered(values, version=f"{version}.0"))
    command = [programs.python, "-m", "kubernetes_validate", "--strict", "--kubernetes-version", version]
    checked = subprocess.run([*command, str(tmp_path / "made.yaml")], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert (checked.stdout + checked.stderr).count(" passed for resource ") == len(kinds)


def test_helm_finds_nothing_wrong_with_the_chart() -> None:
    linted = helm.run("helm", "lint", "--strict", str(helm.CHART))
    assert linted.returncode == 0, linted.stdout
    assert "0 chart(s) failed" in linted.stdout


def shown(number: int) -> list[list[str]]:
    """The commands of a block of docs/kubernetes.md."""
    return [block for block in blocks("sh") if block.document == "docs/kubernetes.md"][number].commands()


def test_the_page_makes_what_the_chart_asks_for_out_of_the_environment_file(tmp_path: Path) -> None:
    """Its commands, with `--dry-run`; Helm's renders instead."""
    made = {}
    (tmp_path / ".env").write_text(read(".env.example") + "SAYCODE_BRAND=Shop: 1\n")
    (tmp_path / "secrets").mkdir()
    for name in ("twilio_auth_token", "saycode_secret_key", "saycode_database_url"):
        (tmp_path / "secrets" / name).write_text(f"the {name}")
    configmap, secret, install, _ = shown(0)
    for words in (configmap, secret):
        placed = [
            word.replace("=.env", f"={tmp_path}/.env").replace("=secrets/", f"={tmp_path}/secrets/") for word in words
        ]
        done = helm.run(*placed, "--dry-run=client", "--output=json")
        assert done.returncode == 0, done.stderr
        made[words[2]] = json.loads(done.stdout)
    assert made["configmap"]["data"] == {key: value or "" for key, value in dotenv_values(tmp_path / ".env").items()}
    for words, more in ((install, {"database_url"}), (shown(1)[0], set())):
        assert words[:3] == ["helm", "upgrade", "--install"]
        done = helm.run("helm", "template", *words[3:])
        assert done.returncode == 0, done.stderr
        (node,) = [each for each in yaml.safe_load_all(done.stdout) if each["kind"] == "Deployment"]
        (container,) = node["spec"]["template"]["spec"]["containers"]
        assert container["envFrom"] == [{"configMapRef": {"name": made["configmap"]["metadata"]["name"]}}]
        files = {each["value"] for each in container["env"] if each["name"].endswith("_FILE")}
        keys = {"twilio_auth_token", "secret_key"} | more
        assert files == {f"/run/secrets/saycode/{key}" for key in keys}
        assert keys <= set(made["secret"]["data"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [({}, "postgresql://database/saycode"), ({"database": "sqlite", "replicas": 1}, "/data/saycode.db")],
)
def test_the_environment_file_of_another_layout_does_not_change_the_database_of_a_pod(
    values: dict[str, object], expected: str, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    pod = helm.manifests({"environment": "saycode-env", **values})["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert not any("SAYCODE_" in word for word in container["args"])
    own = {each["name"]: each["value"] for each in container["env"]}
    environ = image_environment() | environment_file(tmp_path) | own
    assert database(environ, tmp_path / "data", tmp_path / "secrets") == expected


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"database": "sqlite"}, "/replicas"),
        ({"database": "mysql"}, "/database"),
        ({"replica": 3}, "replica"),
        ({"settings": {"SAYCODE_SECRET_KEY": "x"}}, "/settings"),
        ({"settings": {"SAYCODE_DATABASE_URL": "sqlite:///other.db"}}, "/settings"),
        ({"settings": {"PATH": "x"}}, "PATH"),
        ({"settings": {"SAYCODE_RETENTION_DAYS": 30}}, "/settings/SAYCODE_RETENTION_DAYS"),
    ],
)
def test_values_that_would_not_do_are_refused_before_they_reach_a_cluster(values: object, problem: str) -> None:
    done = helm.run("helm", "template", "saycode", str(helm.CHART), "--values=-", given=json.dumps(values))
    assert done.returncode != 0
    assert problem in done.stderr


@pytest.mark.parametrize(
    ("file", "services"),
    [("compose.yaml", "proxy saycode"), ("compose.cluster.yaml", "database node-a node-b proxy")],
)
def test_compose_knows_every_field_of_the_file(programs: Programs, file: str, services: str) -> None:
    text = read(file)
    assert read_compose(programs, text).stdout.strip() == services
    assert "read_onli" in read_compose(programs, text.replace("read_only:", "read_onli:")).stderr
