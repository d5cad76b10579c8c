"""The alert rules and the dashboard as they are shipped: read by Prometheus' own tool, and against what is served."""

import asyncio
import itertools
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.engine import open_store
from tests.support.metrics import Family, served_families
from tests.support.processes import ROOT
from tests.support.prometheus import (
    OWN_LABELS,
    RULES,
    alert_expressions,
    alert_rules,
    dashboard,
    family_of,
    grouped_by,
    named,
    panels,
    path_of,
    shown_expressions,
    unknown_names,
)
from tests.support.store import SECRETS

CASES = ROOT / "tests/end_to_end/prometheus-rules.test.yml"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Family]:
    async def served() -> dict[str, Family]:
        async with open_store(tmp_path_factory.mktemp("served") / "codes.db", secrets=SECRETS) as store:
            return await served_families(store)

    return asyncio.run(served())


def promtool(*arguments: str) -> None:
    done = subprocess.run([path_of("promtool"), *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_valid() -> None:
    promtool("check", "rules", str(RULES))


def test_the_rules_fire_when_they_should() -> None:
    promtool("test", "rules", str(CASES))


def test_each_rule_has_a_case_and_says_what_to_do() -> None:
    cases = CASES.read_text("utf-8")
    assert [rule["alert"] for rule in alert_rules() if f"alertname: {rule['alert']}\n" not in cases] == []
    assert [rule["alert"] for rule in alert_rules() if set(rule["annotations"]) != {"summary", "action"}] == []


def test_prometheus_reads_each_expression_of_the_dashboard(tmp_path: Path) -> None:
    rules = [{"record": f"shown:{n}", "expr": found.text} for n, found in enumerate(shown_expressions())]
    path = tmp_path / "shown.yml"
    path.write_text(json.dumps({"groups": [{"name": "shown", "rules": rules}]}), encoding="utf-8")  # JSON is YAML, too
    assert len(rules) > 30
    promtool("check", "rules", str(path))


def test_rules_and_dashboard_name_only_what_is_served(families: dict[str, Family]) -> None:
    unknown = [
        (found.name, names)
        for found in (*alert_expressions(), *shown_expressions())
        if (names := unknown_names(found.text.replace("up{", "{"), families))
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("rate(saycode_starts_total[1m])", set()),
        ("saycode_start_total", {"saycode_start_total"}),
        ("saycode_answer_seconds", {"saycode_answer_seconds"}),
        ("saycode_starts_total_bucket", {"saycode_starts_total_bucket"}),
        ('saycode_checks_total{job="saycode", reason!="right"}', {"reason"}),
        ("max by (channel, result) (saycode_channel_resting)", {"result"}),
        ("max by (le) (saycode_answer_seconds_bucket)", set()),
        ("max by (le) (saycode_answer_seconds_count)", {"le"}),
    ],
)
def test_a_name_that_is_not_served_is_found(text: str, unknown: set[str], families: dict[str, Family]) -> None:
    assert unknown_names(text, families) == unknown


def test_the_dashboard_shows_every_family(families: dict[str, Family]) -> None:
    shown = {family_of(name, families) for found in shown_expressions() for name in named(found.text)}
    assert families.keys() - shown == set()


def test_a_legend_names_the_labels_that_its_series_have(families: dict[str, Family]) -> None:
    for found in shown_expressions():
        of_legend = set(re.findall(r"\{\{(\w+)\}\}", found.legend))
        grouped = grouped_by(found.text) - {"le"}
        summed = found.text.startswith("sum (")  # over what it is grouped by
        assert of_legend == (set() if summed else grouped or of_legend & OWN_LABELS), found


def test_each_panel_is_explained_and_asks_the_source_that_is_chosen() -> None:
    for panel in panels():
        assert panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        assert [panel["datasource"], *(target["datasource"] for target in panel["targets"])].count(SOURCE) > 1
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_no_panel_covers_another_and_none_has_the_number_of_another() -> None:
    everything = dashboard()["panels"]
    assert len({panel["id"] for panel in everything}) == len(everything)
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in everything)
        for x, y in itertools.product(
            range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        )
    ]
    assert len(set(cells)) == len(cells)
    assert {x for x, _ in cells} == set(range(24))


def test_the_variables_of_the_dashboard_are_its_own() -> None:
    text = json.dumps(dashboard())
    defined = {variable["name"] for variable in dashboard()["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]\w*)", text))
    assert used == defined == {"datasource", "job"}
