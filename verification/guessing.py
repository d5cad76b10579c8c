"""Wrong codes in a row, over all codes, verifications and browsers of an account and of a number.

    1 2 … 9     10     11     12  …  17 …            50
    nothing     30 s   60 s   2 min … 1 h each time   stop: only a success or the operator lifts it

After a pause there is one guess, then a longer pause, so whoever guesses whenever that is allowed gets no further than
the stop. During a pause nothing is compared: the right code is refused as a wrong one is. (NIST SP 800-63B-4, section
3.2.2; OWASP ASVS 5.0, 6.3.1.)

Guessing that is spread over many accounts shows in the share of wrong codes of a whole service. While that is too
large, pauses begin with an account's first wrong code: whoever types theirs right notices nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf

from .counted import Failures
from .counting import People, browser_of
from .counts import Alerted, Entry, Failed, Ruling, Sent, Tallied
from .limits import MOST_GUESSES, SPARE, Guesses, Scope, Who
from .policy import Policy
from .records import Event, EventKind, Verification

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


def held(people: People, *, now: float, policy: Policy) -> Held | None:
    """What makes wait the longest until a code of theirs may be compared; None when it may be now."""
    failed = [one for one in _counted(people, policy) if one[2].count]
    if not failed:
        return None
    rows = _rows(failed, people, now, policy)
    found = [Held(scope, failures.count, wait) for scope, _, failures, wait in rows if wait > 0]
    return max(found, key=lambda one: (one.wait, one.count), default=None)


def _rows(
    counted: Iterable[tuple[Who, Guesses, Failures]], people: People, now: float, policy: Policy
) -> Iterator[tuple[Scope, Guesses, Failures, float]]:
    for who, guesses, failures in counted:
        scope = who.scope
        if failures.count and scope is not Scope.SOURCE and alarmed(people, now=now, policy=policy):
            guesses = replace(guesses, pause_from=1)
        whole = pause(failures.count, guesses)
        # A clock that was set back makes nobody wait longer than the whole pause.
        yield scope, guesses, failures, max(0.0, min(whole, failures.at + whole - now))


def _counted(people: People, policy: Policy) -> list[tuple[Who, Guesses, Failures]]:
    known = [(people.everybody[scope], guesses) for scope, guesses in policy.guesses]
    return [(who, guesses, people.of(who).failures) for who, guesses in known if who is not None]


def rulings(people: People, *, now: float, policy: Policy) -> Iterator[Ruling]:
    """How the rules about wrong codes stand, in numbers."""
    for scope, guesses, failures, wait in _rows(_counted(people, policy), people, now, policy):
        bound = guesses.stop_at if guesses.stop_at is not None and wait == inf else guesses.pause_from
        yield Ruling(f"wrong codes in a row, {scope.value}", scope, failures.count, bound, wait)
    if policy.alarm is not None and (who := people.everybody[Scope.CHECKS]) is not None:
        tally = people.of(who).tally(policy.alarm.seconds, now)
        bound = policy.alarm.bound(tally.settled)
        yield Ruling(f"wrong codes of the service {policy.alarm}", Scope.CHECKS, tally.open, bound, 0)


def alarmed(people: People, *, now: float, policy: Policy) -> bool:
    """Whether too many of the codes that the service was given lately were wrong."""
    if policy.alarm is None or (who := people.everybody[Scope.CHECKS]) is None:
        return False
    tally = people.of(who).tally(policy.alarm.seconds, now)
    return tally.open >= policy.alarm.bound(tally.settled)


def failed(people: People, *, now: float, policy: Policy) -> tuple[tuple[Entry, ...], tuple[Event, ...]]:
    """One wrong code more, for everybody who is counted; the operator is told of a stop, and of the alarm once."""
    verification = people.verification
    entries: list[Entry] = []
    events: list[Event] = []
    for who, guesses, failures in _counted(people, policy):
        count = failures.count + 1
        entries.append(Failed(who, Failures(count, now)))
        if count == guesses.stop_at and not verification.silent:
            events.append(_alert(f"{count} wrong codes in a row, {who.scope.value}: stopped", verification, now))
    if policy.alarm is not None and (service := people.everybody[Scope.CHECKS]) is not None:
        alarm, rule = policy.alarm, f"wrong codes of the service {policy.alarm}"
        entries.append(Tallied(service, (alarm.seconds,), now, made=1))
        tally = people.of(service).tally(alarm.seconds, now)
        reached = tally.open + 1 >= alarm.bound(tally.settled)
        if reached and now - people.counts.alerted(service, rule) >= alarm.seconds:
            entries.append(Alerted(service, rule, now))
            events.append(_alert(f"{rule}: {tally.open + 1}", verification, now))
    return tuple(entries), tuple(events)


def succeeded(people: People, *, now: float, policy: Policy) -> tuple[Entry, ...]:
    """The right code: the row of wrong ones has ended."""
    entries: list[Entry] = [Failed(who, Failures()) for who, _, failures in _counted(people, policy) if failures.count]
    if policy.alarm is not None and (who := people.everybody[Scope.CHECKS]) is not None:
        entries.append(Tallied(who, (policy.alarm.seconds,), now, made=1, settled=1))
    return tuple(entries)


def reserve(people: People, *, now: float, policy: Policy) -> tuple[Entry, ...] | None:
    """What a check from a known browser takes from its reserve during a pause; None when there is nothing left.

    The outermost bound holds for it, too: a stolen browser must not guess on.
    """
    beyond = any(row.count >= MOST_GUESSES for _, _, row in _counted(people, policy))
    if not people.verification.known or beyond:
        return None
    who, limit = browser_of(people.verification, Scope.RESERVED_CHECKS), policy.reserved_checks
    last = people.of(who).nth_last(limit.count)
    return (Sent(who, now, limit.count + SPARE),) if last is None or now - last >= limit.seconds else None


def _alert(detail: str, verification: Verification, now: float) -> Event:
    return Event(kind=EventKind.ALERT, at=now, verification=verification.sid, detail=detail)
