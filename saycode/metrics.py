"""The totals in the text form of Prometheus, and the few things that are counted before any transaction.

Everything but the two lines that say so is of the whole installation, whichever worker is asked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version

from verification.states import Channel

from . import totals
from .table import SqliteTable

_LIVE = "SELECT count(*) FROM deliveries WHERE live = 1"
_PENDING = "SELECT count(*) FROM verifications WHERE status = 'pending'"
_FAILING = "SELECT count(*) FROM twilio_records WHERE tries > 0"
_MARK = "SELECT commits, decisions FROM mark"
TURNED_AWAY = "webhooks_refused"

Sample = tuple[str, float]


@dataclass(slots=True)
class Tally:
    """What is counted where nothing is written: requests that are turned away. Written down now and then."""

    table: SqliteTable
    _waiting: totals.Totals = field(default_factory=Counter)

    def count(self, why: str) -> None:
        """One more."""
        self._waiting[TURNED_AWAY, why] += 1

    async def write_down(self) -> None:
        """Add what has come together to the totals."""
        waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return
        try:
            await self.table.write(lambda conn: totals.add_up(conn, waiting))
        except BaseException:
            self._waiting += waiting
            raise


@dataclass(frozen=True, slots=True)
class Scrape:
    """Reads everything that is shown."""

    table: SqliteTable
    resting: Callable[[], frozenset[Channel]]

    async def text(self) -> str:
        """All of it. Raises Unavailable."""
        found = self.table.ask(totals.read)
        (commits, decisions), live, pending, failing = self.table.ask(
            lambda conn: (
                conn.execute(_MARK).fetchone(),
                conn.execute(_LIVE).fetchone()[0],
                conn.execute(_PENDING).fetchone()[0],
                conn.execute(_FAILING).fetchone()[0],
            )
        )
        lines = [*_counters(found), *_histograms(found)]
        lines += _family("commits_total", "counter", "Groups of decisions that were committed.", [("", commits)])
        lines += _family("decisions_total", "counter", "Decisions in those groups.", [("", decisions)])
        lines += _family("unsettled_deliveries", "gauge", "Calls and texts whose end is not known yet.", [("", live)])
        lines += _family("pending_verifications", "gauge", "Verifications that are open.", [("", pending)])
        lines += _family("twilio_records_failing", "gauge", "Records that Twilio has not removed yet.", [("", failing)])
        last = found.get((totals.LAST_WORD, ""), 0)
        lines += _family("twilio_last_word_seconds", "gauge", "When Twilio was last heard of.", [("", last)])
        resting = [(f'{{channel="{channel.value}"}}', channel in self.resting()) for channel in Channel]
        lines += _family("channel_resting", "gauge", "1 while this worker leaves Twilio alone.", resting)
        told = [(f'{{version="{version("saycode")}"}}', 1)]
        lines += _family("build_info", "gauge", "The version of this worker.", told)
        return "\n".join(lines) + "\n"


#: Name of the total, of the metric, of its label, and what it is.
_COUNTERS = (
    (totals.STARTS, "starts_total", "", "Verifications that were begun."),
    (totals.REFUSED, "starts_refused_total", "reason", "Starts and repeats that were refused: limits and stops."),
    (totals.WATCHED, "limits_watched_total", "reason", "What SAYCODE_LIMITS=watch would have refused."),
    (totals.CHECKS, "checks_total", "result", "Codes that were compared, right or wrong, and those refused unseen."),
    (totals.ENDED, "verifications_ended_total", "status", "Verifications by their end; approved / starts: conversion."),
    (TURNED_AWAY, "webhooks_refused_total", "reason", "Webhooks without a valid signature, or about nothing of ours."),
)


def _counters(found: dict[tuple[str, str], float]) -> Iterator[str]:
    for name, metric, label, meaning in _COUNTERS:
        own = sorted((known, value) for (total, known), value in found.items() if total == name)
        samples = [(f'{{{label}="{known}"}}' if label else "", value) for known, value in own]
        yield from _family(metric, "counter", meaning, samples or ([("", 0.0)] if not label else []))
    deliveries = []
    for (total, known), value in sorted(found.items()):
        if total == totals.DELIVERIES:
            channel, _, status = known.partition(" ")
            deliveries.append((f'{{channel="{channel}",status="{status}"}}', value))
    yield from _family("deliveries_total", "counter", "Calls and texts, by each status that they reached.", deliveries)


def _histograms(found: dict[tuple[str, str], float]) -> Iterator[str]:
    for name, metric, bounds, meaning in (
        (totals.ANSWER, "answer_seconds", totals.ANSWER_BUCKETS, "From asking for a call until it is answered."),
        (totals.DIGIT, "first_digit_seconds", totals.DIGIT_BUCKETS, "From asking for a call until the code is said."),
    ):
        yield f"# HELP saycode_{metric} {meaning}"
        yield f"# TYPE saycode_{metric} histogram"
        below = 0.0
        for bound in (*(f"{bound:g}" for bound in bounds), "+Inf"):
            below += found.get((name, bound), 0)
            yield f'saycode_{metric}_bucket{{le="{bound}"}} {below:g}'
        yield f"saycode_{metric}_sum {found.get((name, totals.SUM), 0):g}"
        yield f"saycode_{metric}_count {below:g}"


def _family(metric: str, kind: str, meaning: str, samples: Iterable[Sample]) -> Iterator[str]:
    yield f"# HELP saycode_{metric} {meaning}"
    yield f"# TYPE saycode_{metric} {kind}"
    for labels, value in samples:
        yield f"saycode_{metric}{labels} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
