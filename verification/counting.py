"""Who is counted for a send, and which limit is reached."""

from collections.abc import Iterator
from dataclasses import dataclass

from .limits import Counted, Limit, Limits, Scope, Send
from .records import Case, Verification

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


def counted(verification: Verification, limits: Limits) -> tuple[Counted, ...]:
    """Who is counted for a send of this verification."""
    keys = dict(_keys(verification))
    return tuple(
        Counted(scope, keys[scope], tuple(limit.count for limit in wanted)) for scope, wanted in limits if scope in keys
    )


def sends(verification: Verification, limits: Limits, *, at: float) -> tuple[Send, ...]:
    """What a send of this verification adds to everybody's count, or takes back when it never left."""
    return tuple(Send(who.scope, who.key, at, max(who.counts) + SPARE) for who in counted(verification, limits))


def reached(case: Case, limits: Limits, *, now: float) -> Reached | None:
    """The limit that makes wait the longest; None when all of them allow a send now."""
    found = [
        Reached(scope, limit, at + limit.seconds - now)
        for scope, wanted in limits
        for limit in wanted
        if (at := case.nth_last.get((scope, limit.count))) is not None and now - at < limit.seconds
    ]
    return max(found, key=lambda one: one.wait, default=None)


def _keys(verification: Verification) -> Iterator[tuple[Scope, str]]:
    number = verification.number
    yield Scope.NUMBER, number.e164
    yield Scope.ACCOUNT, f"{verification.service} {verification.account}"
    yield Scope.PREFIX, number.e164[:-NEIGHBOURS]
    yield Scope.COUNTRY, number.region
    yield Scope.SERVICE, verification.service
    yield Scope.TOTAL, ""
    if verification.source:
        yield Scope.SOURCE, verification.source
