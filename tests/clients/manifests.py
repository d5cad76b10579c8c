"""The files of a cluster against Kubernetes' own schemas and those of the Compose specification."""

import subprocess

import pytest

from tests.clients.conftest import Programs
from tests.support.processes import ROOT

_READ = "import sys; from compose_spec import PyCompose; print(*sorted(PyCompose.from_yaml(sys.stdin.read()).services))"


def read_compose(programs: Programs, text: str) -> "subprocess.CompletedProcess[str]":
    command = [programs.python, "-c", _READ]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


# The oldest that its makers still mend somewhere, and the newest.
@pytest.mark.parametrize("version", ["1.28", "1.33", "1.37"])
def test_kubernetes_knows_every_field_of_the_manifest(programs: Programs, version: str) -> None:
    command = [programs.python, "-m", "kubernetes_validate", "--strict", "--kubernetes-version", version]
    checked = subprocess.run([*command, str(ROOT / "deploy" / "kubernetes.yaml")], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert (checked.stdout + checked.stderr).count(" passed for resource ") == 4


@pytest.mark.parametrize(
    ("file", "services"),
    [("compose.yaml", "proxy saycode"), ("compose.cluster.yaml", "database node-a node-b proxy")],
)
def test_compose_knows_every_field_of_the_file(programs: Programs, file: str, services: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert read_compose(programs, text).stdout.strip() == services
    assert "read_onli" in read_compose(programs, text.replace("read_only:", "read_onli:")).stderr
