"""What the audit log still has of a verification whose details were deleted.

The log is kept longer than details are, and has no index by verifications: random keys would cost every start. So it is
read backwards, some entries at a time, until the verification began or the time for it is over.
"""

from collections.abc import Callable, Iterable
from time import monotonic
from typing import NamedTuple

from verification.models import EventKind
from verification.types import Record
from verification.values import references

from ..storage.audit_chain import FIRST, newest_number
from ..storage.connection import Connection
from .history import HistoryLine, recorded_sentence

#: Entries that one statement passes, and the seconds of one search.
STEP, SECONDS = 20_000, 2.0
#: A sid, which no other text lies between.
_NOTHING = ("~", "~")
_ENTRIES = """SELECT id, verification, kind, at, detail, actor FROM events
    WHERE id >= ? AND id < ? AND (verification BETWEEN ? AND ? OR delivery BETWEEN ? AND ?) ORDER BY id DESC"""
_TIME = "SELECT at FROM events WHERE id >= ? ORDER BY id LIMIT 1"


class Wanted(NamedTuple):
    """The first and the last sid of verifications, and of deliveries."""

    verifications: tuple[str, str]
    deliveries: tuple[str, str]


class Found(Record, frozen=True, kw_only=True):
    """`sids`: the verifications, newest first, and when the first that was read of each happened.

    `lines`: what happened in them, oldest first.

    `before`: the number of the entry before which the log is still to be read; None when it need not be. `back_to`:
    how far it was read, in Unix seconds; None for an empty log.
    """

    sids: tuple[tuple[str, float], ...]
    lines: tuple[HistoryLine, ...]
    before: int | None
    back_to: float | None


def wanted(asked: str) -> Wanted:
    """Those of a sid of a verification or a delivery, or of a reference (eight digits)."""
    if asked.startswith("VE"):
        return Wanted((asked, asked), _NOTHING)
    if asked.startswith("VL"):
        return Wanted(_NOTHING, (asked, asked))
    return Wanted(references.sids(asked), references.sids(asked, "VL"))


def find(
    conn: Connection,
    of: Wanted,
    *,
    before: int | None = None,
    seconds: float = SECONDS,
    step: int = STEP,
    clock: Callable[[], float] = monotonic,
) -> Found:
    """What entries with a lower number than `before` say: of one verification until it began, else which it was.

    At least one step is read, whatever the time.
    """
    [(first,)] = conn.execute(FIRST).fetchall()
    top, until = newest_number(conn) + 1, clock() + seconds
    top = min(top, before) if before is not None else top
    sids: dict[str, float] = {}
    lines: list[HistoryLine] = []
    one, done = of.verifications[0] == of.verifications[1], False
    while first is not None and top > first and not done:
        bottom = max(first, top - step)
        for _, sid, kind, at, detail, actor in conn.execute(
            _ENTRIES, (bottom, top, *of.verifications, *of.deliveries)
        ).fetchall():
            sids[sid] = at
            lines.append(HistoryLine(at, recorded_sentence(kind, detail=detail, actor=actor)))
            done = done or not one or kind == EventKind.STARTED.value
        top = bottom
        if clock() >= until:
            break
    rows: Iterable[tuple[float]] = conn.execute(_TIME, (top,)).fetchall()
    return Found(
        sids=tuple(sids.items()),
        lines=tuple(reversed(lines)),
        before=top if first is not None and top > first and not done else None,
        back_to=next((at for (at,) in rows), None),
    )
