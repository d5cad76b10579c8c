"""The metrics of a store in which everything that can be counted was counted once."""

import os
import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from saycode.server.metrics import WEBHOOKS_REFUSED, PrometheusExporter
from saycode.storage import metric_totals
from saycode.storage.store import SqlStore
from tests.support.records import NOW
from verification.counters.counter import DAY
from verification.counters.rules import Ceiling, Price
from verification.policy import DEFAULT_POLICY
from verification.types import Channel, Scope

PRICED = replace(
    DEFAULT_POLICY,
    limits=(
        (Scope.MINUTES, (Ceiling(amount=100, seconds=DAY),)),
        (Scope.MONEY, (Ceiling(amount=50_000, seconds=DAY),)),
    ),
    prices={"*": Price(minute=200, text=90)},
)
SAMPLE = re.compile(r'(?P<name>[a-z_]+)(?:\{(?P<labels>[a-z]+="[^"]+"(?:,[a-z]+="[^"]+")*)\})? (?P<value>[0-9.e+-]+)')


class Family(NamedTuple):
    """A family of metrics: its kind, and the labels of its samples."""

    kind: str
    labels: frozenset[str]


def exporter(
    store: SqlStore, open_channels: Callable[[], frozenset[Channel]] = frozenset, *, now: float = NOW
) -> PrometheusExporter:
    return PrometheusExporter(
        store=store, open_channels=open_channels, policy=PRICED, now=lambda: now, root=os.getpid()
    )


async def served_families(store: SqlStore) -> dict[str, Family]:
    """All families by name, after one of each total was counted."""
    counted: metric_totals.Totals = Counter()
    for total, label in (
        (metric_totals.STARTS, ""),
        (metric_totals.STARTS_REFUSED, "limit number"),
        (metric_totals.LIMITS_WATCHED, "limit number"),
        (metric_totals.CHECKS, "right"),
        (metric_totals.VERIFICATIONS_ENDED, "approved"),
        (WEBHOOKS_REFUSED, "unsigned"),
        (metric_totals.DELIVERIES, "call planned"),
        *((total, "US") for total in metric_totals.BY_COUNTRY.values()),
    ):
        counted[total, label] += 1
    for measure in (metric_totals.MINUTES, metric_totals.MONEY):
        counted[measure, metric_totals.COUNTRY, int(NOW) // 3600 * 3600, "US"] += 5
    await store.write(lambda conn: metric_totals.increment_totals(conn, counted))
    return families(await exporter(store).render())


def families(text: str) -> dict[str, Family]:
    """The families of Prometheus' text format. Every line of it is understood."""
    found: dict[str, Family] = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name not in found
            found[name] = Family(kind, frozenset())
        elif not line.startswith("#"):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            name = next(
                name for name in (sample["name"], re.sub("_(bucket|sum|count)$", "", sample["name"])) if name in found
            )
            labels = re.findall(r'([a-z]+)="', sample["labels"] or "")
            found[name] = Family(found[name].kind, found[name].labels.union(labels))
    return found
