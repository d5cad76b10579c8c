"""Whether a refusal is recorded. The rest are counted only, so that refused requests do not fill the disk."""

from collections.abc import Iterable

from ..counters.counter import DAY, AddToWindows, LimitKey, RecordAlert, Update
from ..counters.rules import Counters
from ..models import Verification
from ..types import Scope

#: Seconds in which one refusal is recorded for each source and reason.
RECORD_SECONDS = 60
#: Recorded refusals of all sources: seconds, and how many in them.
MAX_RECORDS = ((RECORD_SECONDS, 20), (DAY, 2000))
_ALL = LimitKey(Scope.TOTAL, "recorded refusals")


def record_refusal(
    counters: Counters, verification: Verification, reason: str, *, now: float
) -> tuple[Update, ...] | None:
    """The updates with which this refusal is recorded; None when it is only counted."""
    key, rule = _refused_key(verification), f"refused: {reason}"
    if 0 <= now - counters.last_alert(key, rule) < RECORD_SECONDS or _full(counters, now=now):
        return None
    return RecordAlert(key, rule, now), AddToWindows(_ALL, tuple(_windows()), now, made=1)


def _refused_key(verification: Verification) -> LimitKey:
    """The source; for an application's request without one, the number."""
    if verification.source:
        return LimitKey(Scope.SOURCE, verification.source)
    return LimitKey(Scope.NUMBER, verification.number.line)


def _full(counters: Counters, *, now: float) -> bool:
    (counter,) = counters.of(_ALL)
    return any(counter.window_total(seconds, now).made >= most for seconds, most in MAX_RECORDS)


def _windows() -> Iterable[int]:
    return (seconds for seconds, _ in MAX_RECORDS)
