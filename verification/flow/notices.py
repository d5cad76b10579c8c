"""The notices that a number was changed: sent until the provider takes one, for a day.

    waiting ── claimed ── taken, or refused for good ─────────────→ gone
       ↑          ├ refused for now ── waits, longer each time ───→ waiting
       │          ├ a text, refused for good ─────────────────────→ waiting, as a call
       │          └ no clear answer, or the process ended ── asked → gone when the provider has a record of it
       └─────────────────────── it has none ───────────────────────┘

A notice is claimed before the provider is asked, so that no other worker sends it too. After an unclear answer it is
never sent again unless the provider says that it has no record of it.
"""

from msgspec.structs import replace

from ..models import Event, EventKind, Notice, State
from ..ports import Accepted, Changes, DeliveryReport, Outcome, Rejected, Unclear
from ..types import Channel, Record

#: Seconds for which a claimed notice is left alone: longer than the provider is waited for.
LEASE = 60
#: Seconds until the next try after the first; each one after it waits twice as long.
FIRST_WAIT, LONGEST_WAIT = 30, 1800
#: Seconds after which a notice that was tried is given up.
GIVE_UP = 86_400


class Claimed(Record, frozen=True):
    """A notice to send now, or with `look_up` one to ask the provider about: it may have been sent already."""

    notice: Notice
    look_up: bool


def claim(state: State, *, now: float) -> Changes[tuple[Claimed, ...]]:
    """Claim the notices that are due."""
    due = [notice for notice in state.notices if notice.next_at <= now]
    over = tuple(notice for notice in due if notice.tries and now - notice.at >= GIVE_UP)
    taken = tuple(Claimed(_claimed(notice, now), notice.asked_at is not None) for notice in due if notice not in over)
    ends = tuple(_told(notice, "given up" if notice.asked_at is None else "unclear", now=now) for notice in over)
    changed = tuple(claimed.notice for claimed in taken)
    return Changes(result=taken, changed_notices=changed, sent_notices=over, events=ends)


def _claimed(notice: Notice, now: float) -> Notice:
    asked_at = now if notice.asked_at is None else notice.asked_at
    return replace(notice, next_at=now + LEASE, tries=notice.tries + 1, asked_at=asked_at)


def record_answer(notice: Notice, answer: Outcome | str, *, now: float) -> Changes[None]:
    """The provider's answer to a claimed notice, or why it was not asked."""
    match answer:
        case Unclear():
            return Changes(result=None, events=(_told(notice, "unclear", now=now),))
        case Rejected(permanent=False):
            postponed = (_told(notice, "postponed", now=now),) if notice.tries == 1 else ()
            return replace(_try_again(notice, at=now + _wait(notice)), events=postponed)
        case Rejected(opted_out=False) if not notice.channel.spoken:  # a phone without texts
            as_call = _try_again(replace(notice, channel=Channel.CALL), at=now)
            return replace(as_call, events=(_told(notice, "refused", now=now),))
        case Rejected():
            return _gone(notice, "refused", now=now)
        case Accepted():
            return _gone(notice, "accepted", now=now)
    return _gone(notice, answer, now=now)


def record_look_up(notice: Notice, report: DeliveryReport | Rejected | None, *, now: float) -> Changes[None]:
    """What the provider knows of a notice whose sending had no clear answer."""
    if isinstance(report, DeliveryReport):
        return _gone(notice, "accepted", now=now)
    if report is None:
        return Changes(result=None, changed_notices=(replace(notice, next_at=now + _wait(notice)),))
    return _try_again(notice, at=now)


def _try_again(notice: Notice, *, at: float) -> Changes[None]:
    return Changes(result=None, changed_notices=(replace(notice, next_at=at, asked_at=None),))


def _told(notice: Notice, outcome: str, *, now: float) -> Event:
    detail = f"{notice.channel.value} {notice.number.masked} {outcome}"
    return Event(kind=EventKind.NUMBER_CHANGE_TOLD, at=now, detail=detail)


def _gone(notice: Notice, outcome: str, *, now: float) -> Changes[None]:
    return Changes(result=None, sent_notices=(notice,), events=(_told(notice, outcome, now=now),))


def _wait(notice: Notice) -> float:
    return float(min(FIRST_WAIT * 2 ** min(notice.tries - 1, 10), LONGEST_WAIT))
