"""What an application is told about, beside the answers that it gets: by a message to its own address.

What it did itself (cancelling, starting anew) is no news to it. Nor is anything about somebody who only looks like one
of its users.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ..models import Account, EventKind, State, Verification
from ..ports import Changes
from ..types import VerificationStatus


class OutgoingEventType(StrEnum):
    """The types of messages."""

    APPROVED = "verification.approved"
    FAILED = "verification.failed"
    REPORTED = "verification.reported"
    SUPPRESSED = "number.suppressed"
    CHANGED = "number.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEvent:
    """One message: about a verification, or about an account, or about a number of whatever accounts have it."""

    topic: OutgoingEventType
    at: float
    verification: Verification | None = None
    account: Account | None = None


_TYPE_BY_STATUS = {
    VerificationStatus.APPROVED: OutgoingEventType.APPROVED,
    VerificationStatus.MAX_ATTEMPTS_REACHED: OutgoingEventType.FAILED,
    VerificationStatus.EXPIRED: OutgoingEventType.FAILED,
    VerificationStatus.FAILED: OutgoingEventType.FAILED,
}
_TYPE_BY_KIND = {EventKind.REPORTED: OutgoingEventType.REPORTED, EventKind.SUPPRESSED: OutgoingEventType.SUPPRESSED}


def outgoing_events(changes: Changes[Any], state: State) -> list[OutgoingEvent]:
    """What this decision has to tell. Each end of a verification is told once: later ones find it final."""
    known = state.verification
    told = []
    for ended in changes.verifications:
        fresh = known is None or known.sid != ended.sid or not known.status.final
        if fresh and ended.status in _TYPE_BY_STATUS and not ended.silent:
            told.append(OutgoingEvent(topic=_TYPE_BY_STATUS[ended.status], at=ended.ended_at or 0, verification=ended))
    for event in changes.events:
        if event.kind is EventKind.NUMBER_CHANGED and changes.enrolled:
            told.append(OutgoingEvent(topic=OutgoingEventType.CHANGED, at=event.at, account=changes.enrolled[0]))
        elif event.kind in _TYPE_BY_KIND:
            about = _find_verification(event.verification, changes, known)
            if about is not None and about.silent:
                if known is not None and known.silent:
                    continue
                # Silent since this decision: its code is dead, which only the page does not show.
                about = replace(about, status=VerificationStatus.CANCELED)
            told.append(OutgoingEvent(topic=_TYPE_BY_KIND[event.kind], at=event.at, verification=about))
    return told


def _find_verification(sid: str, changes: Changes[Any], known: Verification | None) -> Verification | None:
    found = (one for one in (*changes.verifications, *([known] if known else [])) if one.sid == sid)
    return next(found, None)
