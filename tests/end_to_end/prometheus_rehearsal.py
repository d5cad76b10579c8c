"""The alert rules as they are shipped, in a real Prometheus that scrapes a real service.

    make rehearse

It needs prometheus and promtool on the machine (Debian: prometheus), and takes ten seconds.
"""

import json
import secrets
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from tests.support.missing import missing
from tests.support.ports import free_port
from tests.support.processes import PATIENCE, ROOT, Deployment, deploy, running_program

RULES = ROOT / "deploy/prometheus-rules.yml"
CASES = ROOT / "tests/end_to_end/prometheus-rules.test.yml"


def path_of(program: str) -> str:
    """The path of a program of Prometheus' package."""
    return shutil.which(program) or missing(program, "apt-get install prometheus")


def test_the_rules_are_valid_and_fire_when_they_should() -> None:
    for arguments in (["check", "rules", str(RULES)], ["test", "rules", str(CASES)]):
        done = subprocess.run(
            [path_of("promtool"), *arguments], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_prometheus_loads_the_rules_and_scrapes_a_service(tmp_path: Path) -> None:
    program, key, port = path_of("prometheus"), secrets.token_hex(32), free_port()
    address = f"http://127.0.0.1:{port}"
    with deploy(tmp_path / "saycode", SAYCODE_METRICS_ACCESS=key) as deployment:
        settings = tmp_path / "prometheus.yml"
        settings.write_text(json.dumps(scraping(deployment, key)), encoding="utf-8")  # JSON is YAML, too
        command = [program, f"--config.file={settings}", f"--web.listen-address=127.0.0.1:{port}"]
        command.append(f"--storage.tsdb.path={tmp_path / 'data'}")
        with running_program(command, {}, tmp_path, name="prometheus", address=f"{address}/-/healthy"):
            assert wait_for_sample(address, 'up{job="saycode"} == 1') == "1"
            assert wait_for_sample(address, "saycode_starts_total") == "0"
            assert wait_for_sample(address, "saycode_outbox_messages") == "0"
            groups = ask(address, "rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == 6
    assert [rule["name"] for rule in rules if rule["state"] != "inactive" or rule.get("lastError")] == []


def scraping(deployment: Deployment, key: str) -> dict[str, Any]:
    """Prometheus' configuration for one service, read each second."""
    target = deployment.address.removeprefix("http://")
    job = {
        "job_name": "saycode",
        "authorization": {"credentials": key},
        "static_configs": [{"targets": [target]}],
    }
    every = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    return {"global": every, "rule_files": [str(RULES)], "scrape_configs": [job]}


def wait_for_sample(address: str, expression: str) -> str:
    """The value of the first sample that an expression has."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := ask(address, f"query?query={quote(expression)}")["result"]:
            return str(found[0]["value"][1])
        time.sleep(0.2)
    raise AssertionError(f"no sample of {expression}")


def ask(address: str, what: str) -> Any:
    with urlopen(f"{address}/api/v1/{what}", timeout=PATIENCE) as answer:
        return json.load(answer)["data"]
