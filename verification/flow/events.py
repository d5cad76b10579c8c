"""What an application learns by outgoing webhooks, beside the answers of its own requests.

Its own actions (canceling, starting again) make no event, and neither does a decoy.
"""

from enum import StrEnum
from typing import Any

from msgspec.structs import replace

from ..models import Account, EventKind, State, Verification
from ..ports import Changes
from ..types import Record, VerificationStatus


class OutgoingEventType(StrEnum):
    APPROVED = "verification.approved"
    FAILED = "verification.failed"
    REPORTED = "verification.reported"
    SUPPRESSED = "number.suppressed"
    CHANGED = "number.changed"


class OutgoingEvent(Record, frozen=True, kw_only=True):
    """About a verification, an account, or, with neither, a number."""

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
    """The outgoing events of these changes. Each end of a verification is sent once: later changes find it final."""
    current = state.verification
    outgoing = []
    for changed in changes.verifications:
        was_pending = current is None or current.sid != changed.sid or not current.status.final
        if was_pending and changed.status in _TYPE_BY_STATUS and not changed.decoy:
            topic = _TYPE_BY_STATUS[changed.status]
            outgoing.append(OutgoingEvent(topic=topic, at=changed.ended_at or 0, verification=changed))
    for event in changes.events:
        if event.kind is EventKind.NUMBER_CHANGED and changes.accounts:
            account = changes.accounts[0]
            outgoing.append(OutgoingEvent(topic=OutgoingEventType.CHANGED, at=event.at, account=account))
        elif event.kind in _TYPE_BY_KIND:
            verification = _find_verification(event.verification, changes, current)
            if verification is not None and verification.decoy:
                if current is not None and current.decoy:
                    continue
                # A decoy since these changes: its code is dead, which only the page hides.
                verification = replace(verification, status=VerificationStatus.CANCELED)
            outgoing.append(OutgoingEvent(topic=_TYPE_BY_KIND[event.kind], at=event.at, verification=verification))
    return outgoing


def _find_verification(sid: str, changes: Changes[Any], current: Verification | None) -> Verification | None:
    candidates = (*changes.verifications, *([current] if current else []))
    return next((verification for verification in candidates if verification.sid == sid), None)
