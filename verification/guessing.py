"""Wrong codes in a row, over all codes, verifications and browsers of an account and of a number.

    1 2 … 9     10     11     12  …  17 …            50
    nothing     30 s   60 s   2 min … 1 h each time   stop: only a success or the operator lifts it

After a pause there is one guess, then a longer pause, so whoever guesses whenever that is allowed gets no further than
the stop. During a pause nothing is compared: the right code is refused as a wrong one is. (NIST SP 800-63B-4, section
3.2.2; OWASP ASVS 5.0, 6.3.1.)
"""

from dataclasses import dataclass
from math import inf

from .counting import whom
from .limits import Counts, Entry, Failed, Failures, Guesses, Scope
from .policy import Policy
from .records import Verification

SHORTEST_PAUSE, LONGEST_PAUSE = 30, 3600


@dataclass(frozen=True, slots=True)
class Held:
    """Too many wrong codes in a row: `wait` seconds until the next check, for ever when it is a stop."""

    scope: Scope
    count: int
    wait: float

    @property
    def stopped(self) -> bool:
        """Whether waiting does not help."""
        return self.wait == inf


def pause(count: int, guesses: Guesses) -> float:
    """Seconds of pause after so many wrong codes in a row; for ever after the last one that is allowed."""
    if guesses.stop_at is not None and count >= guesses.stop_at:
        return inf
    beyond = count - guesses.pause_from
    return 0 if beyond < 0 else float(min(SHORTEST_PAUSE * 2 ** min(beyond, 10), LONGEST_PAUSE))


def held(verification: Verification, counts: Counts, *, now: float, policy: Policy) -> Held | None:
    """What makes wait the longest until a code of this verification may be compared; None when it may be now."""
    found = []
    for scope, guesses in policy.guesses:
        who = whom(verification, scope)
        failures = counts.failures(who) if who else Failures()
        whole = pause(failures.count, guesses)
        # A clock that was set back makes nobody wait longer than the whole pause.
        wait = min(whole, failures.at + whole - now)
        if whole and wait > 0:
            found.append(Held(scope, failures.count, wait))
    return max(found, key=lambda one: (one.wait, one.count), default=None)


def failed(verification: Verification, counts: Counts, *, now: float, policy: Policy) -> tuple[Entry, ...]:
    """One wrong code more, for everybody who is counted."""
    return tuple(
        Failed(who, Failures(counts.failures(who).count + 1, now))
        for scope, _ in policy.guesses
        if (who := whom(verification, scope))
    )


def succeeded(verification: Verification, counts: Counts, *, policy: Policy) -> tuple[Entry, ...]:
    """The right code: the row of wrong ones has ended."""
    return tuple(
        Failed(who, Failures())
        for scope, _ in policy.guesses
        if (who := whom(verification, scope)) and counts.failures(who).count
    )
