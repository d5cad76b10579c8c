"""How long anything is kept.

seed              until the verification ends (see ending)
details           verifications, deliveries, and which events were theirs: `details` after the end
audit trail       `audit`; its lines hold no number and no name
counters          until no limit looks at them any more; with wrong codes in a row as long as `audit`, if that is longer
suppressions      for good, as hashes
"""

from dataclasses import dataclass

DAY = 86_400
#: No limit looks back further than 31 days.
LONGEST_LOOK_BACK = 31 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """What the operator chose, in days. Raises ValueError when out of bounds."""

    details: int = 30
    audit: int = 365

    def __post_init__(self) -> None:
        if not 1 <= self.details <= self.audit <= 366:
            raise ValueError("details are kept for a day at least, the audit trail as long, and 366 days at most")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What may be forgotten now: what ended, happened, was last looked at or ran out before these times."""

    details: float
    audit: float
    counters: float
    over: float


def due(keep: Keep, *, now: float) -> Due:
    """What is due to be forgotten now."""
    return Due(
        details=now - keep.details * DAY,
        audit=now - keep.audit * DAY,
        counters=now - LONGEST_LOOK_BACK,
        over=now - DAY,
    )
