"""What an application is told about, beside the answers that it gets: by a message to its own address.

What it did itself (cancelling, starting anew) is no news to it. Nor is anything about somebody who only looks like one
of its users.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from .ports import Decision
from .records import Account, Case, EventKind, Verification
from .states import VerificationStatus


class Topic(StrEnum):
    """The types of messages."""

    APPROVED = "verification.approved"
    FAILED = "verification.failed"
    REPORTED = "verification.reported"
    SUPPRESSED = "number.suppressed"
    CHANGED = "number.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message: about a verification, or about an account, or about a number of whatever accounts have it."""

    topic: Topic
    at: float
    verification: Verification | None = None
    account: Account | None = None


_ENDS = {
    VerificationStatus.APPROVED: Topic.APPROVED,
    VerificationStatus.MAX_ATTEMPTS_REACHED: Topic.FAILED,
    VerificationStatus.EXPIRED: Topic.FAILED,
    VerificationStatus.FAILED: Topic.FAILED,
}
_KINDS = {EventKind.REPORTED: Topic.REPORTED, EventKind.SUPPRESSED: Topic.SUPPRESSED}


def tellings(decision: Decision[Any], case: Case) -> list[Told]:
    """What this decision has to tell. Each end of a verification is told once: later ones find it final."""
    known = case.verification
    told = []
    for ended in decision.verifications:
        fresh = known is None or known.sid != ended.sid or not known.status.final
        if fresh and ended.status in _ENDS and not ended.silent:
            told.append(Told(topic=_ENDS[ended.status], at=ended.ended_at or 0, verification=ended))
    for event in decision.events:
        if event.kind is EventKind.NUMBER_CHANGED and decision.enrolled:
            told.append(Told(topic=Topic.CHANGED, at=event.at, account=decision.enrolled[0]))
        elif event.kind in _KINDS:
            about = _named(event.verification, decision, known)
            if about is not None and about.silent:
                if known is not None and known.silent:
                    continue
                # Silent since this decision: its code is dead, which only the page does not show.
                about = replace(about, status=VerificationStatus.CANCELED)
            told.append(Told(topic=_KINDS[event.kind], at=event.at, verification=about))
    return told


def _named(sid: str, decision: Decision[Any], known: Verification | None) -> Verification | None:
    found = (one for one in (*decision.verifications, *([known] if known else [])) if one.sid == sid)
    return next(found, None)
