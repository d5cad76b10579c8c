"""Receipts that work once. A receipt is named by its verification's sid, so every copy of it is the same one."""

from dataclasses import replace

from .errors import NotFound, NotRedeemable, Refused
from .policy import Policy
from .ports import Decision
from .records import Case, Event, EventKind, Verification
from .states import VerificationStatus


def fresh_until(verification: Verification, policy: Policy) -> float:
    """When an approval ends to count; 0 for a verification that is not approved."""
    if verification.status is not VerificationStatus.APPROVED or verification.ended_at is None:
        return 0
    return verification.ended_at + policy.fresh(verification.action)


def redeem(case: Case, *, service: str, now: float, policy: Policy) -> Decision[Verification | Refused]:
    """Use up the receipt. Another service's looks like one that never was."""
    verification = case.verification
    if verification is None or verification.service != service:
        return Decision(verdict=NotFound())
    if verification.status is not VerificationStatus.APPROVED:
        return Decision(verdict=NotFound())
    if verification.redeemed_at is not None or now >= fresh_until(verification, policy):
        return Decision(verdict=NotRedeemable())
    used = replace(verification, redeemed_at=now)
    event = Event(kind=EventKind.REDEEMED, at=now, verification=used.sid)
    return Decision(verdict=used, verifications=(used,), events=(event,))
