"""Who is counted for a send, and which limit is reached."""

from dataclasses import dataclass

from .limits import Counts, Entry, Limit, Limits, Scope, Sent, TakenBack, Who
from .records import Verification

#: Neighbouring numbers share all but so many digits; ranges of a thousand or ten thousand are handed out together.
NEIGHBOURS = 4
#: Sends that are kept beyond the largest count, so that a limit can be raised a little without forgetting.
SPARE = 8


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit that is reached, and the seconds until it allows the next send."""

    scope: Scope
    limit: Limit
    wait: float


def whom(verification: Verification, scope: Scope) -> Who | None:
    """Who is counted in this scope for a verification; None when nobody is known, as without a source."""
    number = verification.number
    # What only looks like a send uses up nobody's allowance but that of its source; it is counted all the same, as
    # somebody that nobody is, because a count that is left out could be told by the time that it takes.
    apart = "silent " if verification.silent else ""
    match scope:
        case Scope.NUMBER:
            return Who(scope, apart + number.e164)
        case Scope.ACCOUNT:
            return Who(scope, f"{apart}{verification.service} {verification.account}")
        case Scope.SOURCE:
            return Who(scope, verification.source) if verification.source else None
        case Scope.PREFIX:
            return Who(scope, apart + number.e164[:-NEIGHBOURS])
        case Scope.COUNTRY:
            return Who(scope, apart + number.region)
        case Scope.SERVICE:
            return Who(scope, apart + verification.service)
        case Scope.TOTAL:
            return Who(scope, apart)


def sent(verification: Verification, limits: Limits, *, at: float) -> tuple[Entry, ...]:
    """What a send of this verification adds to everybody's count."""
    return tuple(
        Sent(who, at, max(limit.count for limit in wanted) + SPARE)
        for scope, wanted in limits
        if wanted and (who := whom(verification, scope))
    )


def taken_back(verification: Verification, limits: Limits, *, at: float) -> tuple[Entry, ...]:
    """What is taken from everybody's count when a send never left."""
    return tuple(TakenBack(who, at) for scope, wanted in limits if wanted and (who := whom(verification, scope)))


def reached(verification: Verification, counts: Counts, limits: Limits, *, now: float) -> Reached | None:
    """The limit that makes wait the longest; None when all of them allow a send now."""
    found = [
        Reached(scope, limit, at + limit.seconds - now)
        for scope, wanted in limits
        if (who := whom(verification, scope))
        for limit in wanted
        if (at := counts.nth_last(who, limit.count)) is not None and now - at < limit.seconds
    ]
    return max(found, key=lambda one: one.wait, default=None)
