"""The totals in the text format of Prometheus, and the counters that no transaction writes.

All metrics describe the whole installation, except the two whose help names this worker, and those of the processes,
which are of this node.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from verification.models import Event, State
from verification.policy import Policy
from verification.ports import Changes
from verification.types import Channel, Record, Scope

from ..storage import metric_totals
from ..storage.connection import Connection
from ..storage.store import SqlStore
from .process_metrics import ProcessTotals, process_totals
from .spending import Spent, ceilings, read_spending

_LIVE = "SELECT count(*) FROM deliveries WHERE live = 1"
_PENDING = "SELECT count(*) FROM verifications WHERE status = 'pending'"
_FAILING = "SELECT count(*) FROM twilio_records WHERE tries > 0"
#: A try is counted when it begins, so the second says that the first failed.
_OUTBOX = "SELECT count(*), count(CASE WHEN tries > 1 THEN 1 END) FROM outbox"
_COMMITS = "SELECT commits, decisions FROM restore_marker"
WEBHOOKS_REFUSED = "webhooks_refused"

Sample = tuple[str, float]


@dataclass(slots=True)
class BufferedCounter:
    """Counts in memory what must not write: rejected webhooks and refused starts. `flush` adds them to the totals."""

    store: SqlStore
    _buffer: metric_totals.Totals = field(default_factory=Counter)

    def increment(self, why: str) -> None:
        self._buffer[WEBHOOKS_REFUSED, why] += 1

    def count_refused(self, events: Sequence[Event]) -> None:
        metric_totals.add_totals(self._buffer, Changes(result=None, counted=tuple(events)), State())

    async def flush(self) -> None:
        """Add the counts to the totals."""
        counts, self._buffer = self._buffer, Counter()
        if not counts:
            return
        try:
            await self.store.write(lambda conn: metric_totals.increment_totals(conn, counts))
        except BaseException:
            self._buffer += counts
            raise


class PrometheusExporter(Record, frozen=True, kw_only=True):
    """Reads the totals and renders them. `root`: the process that serves, or that keeps all workers of this node."""

    store: SqlStore
    open_channels: Callable[[], frozenset[Channel]]
    policy: Policy
    now: Callable[[], float]
    root: int

    async def render(self) -> str:
        """All metrics as text. Raises Unavailable."""
        totals = await self.store.query(metric_totals.read_totals)
        state, spending = await self.store.query(
            lambda conn: (
                _read_state(conn),
                read_spending(conn, self.store.counter_keys, ceilings(self.policy), now=self.now()),
            )
        )
        last = totals.get((metric_totals.LAST_HEARD, ""), 0)
        lines = [*_counters(totals), *_histograms(totals), *_state(state), *_spending(spending)]
        lines += _metric_family(
            "saycode_twilio_last_word_seconds", "gauge", "When Twilio was last heard of.", [("", last)]
        )
        open_channels = self.open_channels()
        resting = [(_label("channel", channel.value), channel in open_channels) for channel in Channel]
        lines += _metric_family("saycode_channel_resting", "gauge", "1 while this worker's circuit is open.", resting)
        from importlib.metadata import version  # takes ten milliseconds, and is needed here alone

        versions = [(_label("version", version("saycode")), 1)]
        lines += _metric_family("saycode_build_info", "gauge", "The version of this worker.", versions)
        lines += _process(process_totals(self.root))
        return "\n".join(lines) + "\n"


#: The total, the metric, its label, and its help.
_COUNTERS = (
    (metric_totals.STARTS, "starts_total", "", "Verifications that were started."),
    (
        metric_totals.STARTS_REFUSED,
        "starts_refused_total",
        "reason",
        "Starts and resends that a limit or a lockout refused.",
    ),
    (metric_totals.LIMITS_WATCHED, "limits_watched_total", "reason", "What SAYCODE_LIMITS=watch would have refused."),
    (
        metric_totals.CHECKS,
        "checks_total",
        "result",
        "Checks of a code: right, wrong, or refused without a comparison.",
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
        "Webhooks without a valid signature, or for an unknown resource.",
    ),
    (
        metric_totals.BY_COUNTRY[metric_totals.STARTS],
        "country_starts_total",
        "country",
        "Verifications that were started, by the number's country.",
    ),
    (
        metric_totals.BY_COUNTRY[metric_totals.APPROVED],
        "country_approved_total",
        "country",
        "Verifications that were approved, by the number's country.",
    ),
    (
        metric_totals.BY_COUNTRY[metric_totals.REFUSED],
        "country_refused_total",
        "country",
        "Starts and resends that were refused, by the number's country.",
    ),
)


def _read_state(conn: Connection) -> tuple[float, ...]:
    """The values of _STATE."""
    return (
        *conn.execute(_COMMITS).fetchone(),
        *conn.execute(_LIVE).fetchone(),
        *conn.execute(_PENDING).fetchone(),
        *conn.execute(_FAILING).fetchone(),
        *conn.execute(_OUTBOX).fetchone(),
    )


_STATE = (
    ("commits_total", "counter", "Groups of decisions that were committed."),
    ("decisions_total", "counter", "Decisions in those groups."),
    ("unsettled_deliveries", "gauge", "Calls and texts without a final status."),
    ("pending_verifications", "gauge", "Verifications that are open."),
    ("twilio_records_failing", "gauge", "Records that Twilio has not removed yet."),
    ("outbox_messages", "gauge", "Messages to applications that wait."),
    ("outbox_retried_messages", "gauge", "Those tried twice or more."),
)


def _state(values: Sequence[float]) -> Iterator[str]:
    for (metric, kind, meaning), value in zip(_STATE, values, strict=True):
        yield from _metric_family(f"saycode_{metric}", kind, meaning, [("", value)])


def _spending(spending: Mapping[Scope, Spent]) -> Iterator[str]:
    for scope, what in ((Scope.MINUTES, "Minutes of calls"), (Scope.MONEY, "What calls and texts cost")):
        if scope not in spending:
            continue
        name, spent = f"saycode_{scope.value}", spending[scope]
        countries = [(_label("country", country), value) for country, value in spent.by_country.items()]
        yield from _metric_family(f"{name}_used", "gauge", f"{what} in a day, as the limit counts.", [("", spent.used)])
        yield from _metric_family(f"{name}_ceiling", "gauge", "Its ceiling.", [("", spent.ceiling)])
        yield from _metric_family(f"saycode_country_{scope.value}", "gauge", f"{what} in 24 hours.", countries)


def _process(found: ProcessTotals | None) -> Iterator[str]:
    """Under the names that Prometheus' client libraries give them; none where the system does not tell."""
    if found is None:
        return
    for metric, kind, meaning, value in (
        ("cpu_seconds_total", "counter", "Processor time of all workers of this node.", found.cpu_seconds),
        ("resident_memory_bytes", "gauge", "Memory of all workers of this node.", found.resident_bytes),
        ("open_fds", "gauge", "Open files of the worker of this node that has the most.", found.open_files),
        ("max_fds", "gauge", "The limit of open files of each worker.", found.max_files),
        ("start_time_seconds", "gauge", "When the service of this node was started.", found.started_at),
    ):
        yield from _metric_family(f"process_{metric}", kind, meaning, [("", value)])


def _counters(totals: dict[tuple[str, str], float]) -> Iterator[str]:
    for name, metric, label, meaning in _COUNTERS:
        values = sorted((key, value) for (total, key), value in totals.items() if total == name)
        samples = [(_label(label, key) if label else "", value) for key, value in values]
        yield from _metric_family(
            f"saycode_{metric}", "counter", meaning, samples or ([("", 0.0)] if not label else [])
        )
    deliveries = []
    for (total, key), value in sorted(totals.items()):
        if total == metric_totals.DELIVERIES:
            channel, _, status = key.partition(" ")
            deliveries.append((f'{{channel="{channel}",status="{status}"}}', value))
    yield from _metric_family(
        "saycode_deliveries_total",
        "counter",
        "Calls and texts, by each status that they reached.",
        deliveries,
    )


def _histograms(totals: dict[tuple[str, str], float]) -> Iterator[str]:
    for name, metric, bounds, meaning in (
        (
            metric_totals.ANSWER_SECONDS,
            "answer_seconds",
            metric_totals.ANSWER_BUCKETS,
            "From the request for a call until its answer.",
        ),
        (
            metric_totals.FIRST_DIGIT_SECONDS,
            "first_digit_seconds",
            metric_totals.FIRST_DIGIT_BUCKETS,
            "From the request for a call until the code is said.",
        ),
    ):
        yield f"# HELP saycode_{metric} {meaning}"
        yield f"# TYPE saycode_{metric} histogram"
        below = 0.0
        for bound in (*(f"{bound:g}" for bound in bounds), "+Inf"):
            below += totals.get((name, bound), 0)
            yield f'saycode_{metric}_bucket{{le="{bound}"}} {below:g}'
        yield f"saycode_{metric}_sum {totals.get((name, metric_totals.SUM), 0):g}"
        yield f"saycode_{metric}_count {below:g}"


def _metric_family(metric: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP {metric} {meaning}"
    yield f"# TYPE {metric} {kind}"
    for labels, value in samples:
        yield f"{metric}{labels} {_number(value)}"


def _label(name: str, value: str) -> str:
    return f'{{{name}="{value}"}}'


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
