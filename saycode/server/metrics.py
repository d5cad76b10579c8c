"""The totals in the text form of Prometheus, and the few things that are counted before any transaction.

Everything but the two lines that say so is of the whole installation, whichever worker is asked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version

from verification.types import Channel

from ..storage import metric_totals
from ..storage.store import SqliteStore

_LIVE = "SELECT count(*) FROM deliveries WHERE live = 1"
_PENDING = "SELECT count(*) FROM verifications WHERE status = 'pending'"
_FAILING = "SELECT count(*) FROM twilio_records WHERE tries > 0"
_MARK = "SELECT commits, decisions FROM mark"
WEBHOOKS_REFUSED = "webhooks_refused"

Sample = tuple[str, float]


@dataclass(slots=True)
class BufferedCounter:
    """What is counted where nothing is written: requests that are turned away. Written down now and then."""

    store: SqliteStore
    _waiting: metric_totals.Totals = field(default_factory=Counter)

    def count(self, why: str) -> None:
        """One more."""
        self._waiting[WEBHOOKS_REFUSED, why] += 1

    async def flush(self) -> None:
        """Add what has come together to the totals."""
        waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return
        try:
            await self.store.write(lambda conn: metric_totals.increment_totals(conn, waiting))
        except BaseException:
            self._waiting += waiting
            raise


@dataclass(frozen=True, slots=True)
class PrometheusExporter:
    """Reads everything that is shown."""

    store: SqliteStore
    resting: Callable[[], frozenset[Channel]]

    async def text(self) -> str:
        """All of it. Raises Unavailable."""
        found = self.store.ask(metric_totals.read_totals)
        (commits, decisions), live, pending, failing = self.store.ask(
            lambda conn: (
                conn.execute(_MARK).fetchone(),
                conn.execute(_LIVE).fetchone()[0],
                conn.execute(_PENDING).fetchone()[0],
                conn.execute(_FAILING).fetchone()[0],
            )
        )
        lines = [*_counters(found), *_histograms(found)]
        lines += _metric_family("commits_total", "counter", "Groups of decisions that were committed.", [("", commits)])
        lines += _metric_family("decisions_total", "counter", "Decisions in those groups.", [("", decisions)])
        lines += _metric_family(
            "unsettled_deliveries", "gauge", "Calls and texts whose end is not known yet.", [("", live)]
        )
        lines += _metric_family("pending_verifications", "gauge", "Verifications that are open.", [("", pending)])
        lines += _metric_family(
            "twilio_records_failing", "gauge", "Records that Twilio has not removed yet.", [("", failing)]
        )
        last = found.get((metric_totals.LAST_HEARD, ""), 0)
        lines += _metric_family("twilio_last_word_seconds", "gauge", "When Twilio was last heard of.", [("", last)])
        resting = [(f'{{channel="{channel.value}"}}', channel in self.resting()) for channel in Channel]
        lines += _metric_family("channel_resting", "gauge", "1 while this worker leaves Twilio alone.", resting)
        told = [(f'{{version="{version("saycode")}"}}', 1)]
        lines += _metric_family("build_info", "gauge", "The version of this worker.", told)
        return "\n".join(lines) + "\n"


#: Name of the total, of the metric, of its label, and what it is.
_COUNTERS = (
    (metric_totals.STARTS, "starts_total", "", "Verifications that were begun."),
    (
        metric_totals.STARTS_REFUSED,
        "starts_refused_total",
        "reason",
        "Starts and repeats that were refused: limits and stops.",
    ),
    (metric_totals.LIMITS_WATCHED, "limits_watched_total", "reason", "What SAYCODE_LIMITS=watch would have refused."),
    (
        metric_totals.CHECKS,
        "checks_total",
        "result",
        "Codes that were compared, right or wrong, and those refused unseen.",
    ),
    (
        metric_totals.VERIFICATIONS_ENDED,
        "verifications_ended_total",
        "status",
        "Verifications by their end; approved / starts: conversion.",
    ),
    (
        WEBHOOKS_REFUSED,
        "webhooks_refused_total",
        "reason",
        "Webhooks without a valid signature, or about nothing of ours.",
    ),
)


def _counters(found: dict[tuple[str, str], float]) -> Iterator[str]:
    for name, metric, label, meaning in _COUNTERS:
        own = sorted((known, value) for (total, known), value in found.items() if total == name)
        samples = [(f'{{{label}="{known}"}}' if label else "", value) for known, value in own]
        yield from _metric_family(metric, "counter", meaning, samples or ([("", 0.0)] if not label else []))
    deliveries = []
    for (total, known), value in sorted(found.items()):
        if total == metric_totals.DELIVERIES:
            channel, _, status = known.partition(" ")
            deliveries.append((f'{{channel="{channel}",status="{status}"}}', value))
    yield from _metric_family(
        "deliveries_total", "counter", "Calls and texts, by each status that they reached.", deliveries
    )


def _histograms(found: dict[tuple[str, str], float]) -> Iterator[str]:
    for name, metric, bounds, meaning in (
        (
            metric_totals.ANSWER_SECONDS,
            "answer_seconds",
            metric_totals.ANSWER_BUCKETS,
            "From asking for a call until it is answered.",
        ),
        (
            metric_totals.FIRST_DIGIT_SECONDS,
            "first_digit_seconds",
            metric_totals.FIRST_DIGIT_BUCKETS,
            "From asking for a call until the code is said.",
        ),
    ):
        yield f"# HELP saycode_{metric} {meaning}"
        yield f"# TYPE saycode_{metric} histogram"
        below = 0.0
        for bound in (*(f"{bound:g}" for bound in bounds), "+Inf"):
            below += found.get((name, bound), 0)
            yield f'saycode_{metric}_bucket{{le="{bound}"}} {below:g}'
        yield f"saycode_{metric}_sum {found.get((name, metric_totals.SUM), 0):g}"
        yield f"saycode_{metric}_count {below:g}"


def _metric_family(metric: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP saycode_{metric} {meaning}"
    yield f"# TYPE saycode_{metric} {kind}"
    for labels, value in samples:
        yield f"saycode_{metric}{labels} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
