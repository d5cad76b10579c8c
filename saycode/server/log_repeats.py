"""Repeats in the log: of one source and reason, one line a minute is written, and of all sources a few."""

import logging
import re
import time
from collections import Counter
from collections.abc import Callable

MINUTE = 60
#: Lines of one reason in a minute, of all sources.
MAX_LINES = 20
_Reason = tuple[str, str]


class RepeatFilter(logging.Filter):
    """Drops the repeats of records that have a `source`, and counts them. The source itself is not written.

    A record of the next minute has the count of those that were dropped for the same reason, `repeated`; `flush` writes
    those counts when no such record comes.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._minute = 0
        self._written: dict[_Reason, set[str]] = {}
        self._dropped: Counter[_Reason] = Counter()
        self._last: Counter[_Reason] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        source = getattr(record, "source", "" if _is_of_a_client(record) else None)
        if source is None:
            return True
        self._begin_minute()
        reason = (record.name, str(record.msg))
        sources = self._written.setdefault(reason, set())
        if source in sources or len(sources) >= MAX_LINES:
            self._dropped[reason] += 1
            return False
        sources.add(source)
        if repeated := self._last.pop(reason, 0):
            record.fields = {**getattr(record, "fields", {}), "repeated": repeated}
        return True

    def flush(self) -> None:
        """Write the counts of the minute before."""
        self._begin_minute()
        counts, self._last = self._last, Counter()
        for (name, message), repeated in counts.items():
            what = re.sub("(%[a-z])+", "…", message)
            logging.getLogger(name).warning("repeated: %s", what, extra={"fields": {"repeated": repeated}})

    def _begin_minute(self) -> None:
        minute = int(self._clock() // MINUTE)
        if minute != self._minute:
            self._minute = minute
            self._written.clear()
            self._last += self._dropped
            self._dropped.clear()


def _is_of_a_client(record: logging.LogRecord) -> bool:
    """Whether the server warns of what a client sent, such as a request that is no HTTP; it names no source."""
    return record.name == "uvicorn.error" and record.levelno == logging.WARNING


REPEATS = RepeatFilter()


async def write_repeats() -> None:
    """Run it now and then: write the counts of what was not written."""
    REPEATS.flush()
