"""The alert rules and the dashboard as they are shipped, in a real Prometheus that scrapes a real service.

    make rehearse

It needs Prometheus on the machine (Debian: prometheus), and takes twenty seconds.
"""

import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from tests.end_to_end.test_whole_flow import spoken_code, start
from tests.support.ports import free_port
from tests.support.processes import PATIENCE, Deployment, deploy, running_program
from tests.support.prometheus import RULES, alert_rules, path_of, shown_expressions

#: Panels that stay empty when all goes well.
QUIET = {"Would be refused", "Refused webhooks", "Refused starts by rule", "Refused by country"}
NUMBERS = ("+14155550123", "+12125550124")


def test_a_prometheus_loads_the_rules_and_answers_what_the_dashboard_asks(tmp_path: Path) -> None:
    program, key, port = path_of("prometheus"), secrets.token_hex(32), free_port()
    address = f"http://127.0.0.1:{port}"
    settings: dict[str, Any] = {"SAYCODE_METRICS_ACCESS": key, "SAYCODE_PRICES": "*:0.02:0.01"}
    with deploy(tmp_path / "saycode", workers=2, SAYCODE_MONEY_PER_DAY="10", **settings) as deployment:
        configuration = tmp_path / "prometheus.yml"
        configuration.write_text(json.dumps(scraping(deployment, key)), encoding="utf-8")  # JSON is YAML, too
        command = [program, f"--config.file={configuration}", f"--web.listen-address=127.0.0.1:{port}"]
        command.append(f"--storage.tsdb.path={tmp_path / 'data'}")
        with running_program(command, {}, tmp_path, name="prometheus", address=f"{address}/-/ready"):
            assert wait_for_sample(address, 'up{job="saycode"} == 1') == "1"
            for number in NUMBERS:  # a series begins with the first, and rises with the second
                approve_one(deployment, number)
                wait_for_sample(address, f"saycode_country_approved_total == {NUMBERS.index(number) + 1}")
            wait_for_sample(address, "increase(saycode_country_approved_total[1m]) > 0")
            empty = {shown.name for shown in shown_expressions() if not samples(address, shown.text)}
            groups = ask(address, "rules")["groups"]
    assert empty <= QUIET
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == len(alert_rules())
    assert [rule["name"] for rule in rules if rule["state"] != "inactive" or rule.get("lastError")] == []


def approve_one(deployment: Deployment, number: str) -> None:
    """A call that is answered, and whose code is entered."""
    browser, phone = deployment.browser(), deployment.phone(number)
    browser.open()
    start(browser, phone)
    assert browser.post("/code", code=spoken_code(phone)).state == "welcome"
    phone.until_over()


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
        if found := samples(address, expression):
            return str(found[0]["value"][1])
        time.sleep(0.2)
    raise AssertionError(f"no sample of {expression}")


def samples(address: str, expression: str) -> list[Any]:
    """What an expression has at this moment. An error of PromQL raises HTTPError."""
    found: list[Any] = ask(address, f"query?query={quote(expression)}")["result"]
    return found


def ask(address: str, what: str) -> Any:
    with urlopen(f"{address}/api/v1/{what}", timeout=PATIENCE) as answer:
        return json.load(answer)["data"]
