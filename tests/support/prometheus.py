"""Prometheus' programs, and the files in deploy/ that are written for it."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]

from tests.support.metrics import Family
from tests.support.missing import missing
from tests.support.processes import ROOT

RULES = ROOT / "deploy/prometheus-rules.yml"
DASHBOARD = ROOT / "deploy/grafana-dashboard.json"
#: Labels that Prometheus itself adds to what it scrapes.
OWN_LABELS = frozenset({"job", "instance"})
#: What Grafana puts in place of its variables.
_VARIABLES = {"$__rate_interval": "1m", "$__range": "1h", "$job": "saycode"}
_NAME = r"(?:saycode|process)_[a-z_]+"
_SELECTOR = re.compile(rf"({_NAME})(?:\{{([^}}]*)\}})?")


class Expression(NamedTuple):
    """PromQL, and where it stands."""

    name: str
    text: str
    legend: str = ""


def path_of(program: str) -> str:
    """The path of a program of Prometheus' package."""
    return shutil.which(program) or missing(program, "apt-get install prometheus")


def alert_rules() -> list[Any]:
    groups = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    return read


def panels() -> list[Any]:
    """The panels that show something; rows are headings."""
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def shown_expressions() -> Iterator[Expression]:
    """Those of the dashboard, with a value in place of each variable."""
    for panel in panels():
        for target in panel["targets"]:
            text = target["expr"]
            for variable, value in _VARIABLES.items():
                text = text.replace(variable, value)
            yield Expression(panel["title"], text, target["legendFormat"])


def alert_expressions() -> Iterator[Expression]:
    for rule in alert_rules():
        yield Expression(rule["alert"], rule["expr"])


def named(text: str) -> set[str]:
    """The names of metrics in an expression."""
    return {name for name, _ in _SELECTOR.findall(text)}


def family_of(name: str, families: Mapping[str, Family]) -> str | None:
    """The family of a metric: a histogram has three."""
    if name in families and families[name].kind != "histogram":
        return name
    base = re.sub("_(bucket|sum|count)$", "", name)
    return base if base != name and base in families and families[base].kind == "histogram" else None


def unknown_names(text: str, families: Mapping[str, Family]) -> set[str]:
    """Metrics that are not served, and labels that theirs do not have, in an expression."""
    unknown, labels = set(), set(OWN_LABELS)
    for name, matchers in _SELECTOR.findall(text):
        family = family_of(name, families)
        if family is None:
            unknown.add(name)
            continue
        own = families[family].labels - ({"le"} if not name.endswith("_bucket") else set())
        labels |= own
        unknown |= {label for label in re.findall(r"([a-z_]+) *[=!]", matchers) if label not in own | OWN_LABELS}
    return unknown | {label for label in grouped_by(text) if label not in labels}


def grouped_by(text: str) -> set[str]:
    """The labels that an expression groups its samples by."""
    lists = re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", text)
    return {label.strip() for found in lists for label in found.split(",")}
