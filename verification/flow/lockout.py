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

from ..counters.counter import Failures
from ..counters.rules import EXTRA_KEPT, MOST_FAILURES, LimitKey, LockoutPolicy
from ..counters.updates import AddSend, AddToWindows, RecordAlert, RuleStatus, SetFailures, Update
from ..models import Event, EventKind, Verification
from ..policy import Policy
from ..types import Scope
from .rate_limits import LimitKeys, trusted_browser_key

MIN_PAUSE, MAX_PAUSE = 30, 3600


@dataclass(frozen=True, slots=True)
class Lockout:
    """Too many wrong codes in a row: `wait` seconds until the next check, for ever when it is a stop."""

    scope: Scope
    count: int
    wait: float

    @property
    def stopped(self) -> bool:
        """Whether waiting does not help."""
        return self.wait == inf


def pause_seconds(count: int, guesses: LockoutPolicy) -> float:
    """Seconds of pause after so many wrong codes in a row; for ever after the last one that is allowed."""
    if guesses.stop_at is not None and count >= guesses.stop_at:
        return inf
    beyond = count - guesses.pause_from
    return 0 if beyond < 0 else float(min(MIN_PAUSE * 2 ** min(beyond, 10), MAX_PAUSE))


def lockout(people: LimitKeys, *, now: float, policy: Policy) -> Lockout | None:
    """What makes wait the longest until a code of theirs may be compared; None when it may be now."""
    failed = [one for one in _failure_counts(people, policy) if one[2].count]
    if not failed:
        return None
    rows = _failure_waits(failed, people, now, policy)
    found = [Lockout(scope, failures.count, wait) for scope, _, failures, wait in rows if wait > 0]
    return max(found, key=lambda one: (one.wait, one.count), default=None)


def _failure_waits(
    counted: Iterable[tuple[LimitKey, LockoutPolicy, Failures]], people: LimitKeys, now: float, policy: Policy
) -> Iterator[tuple[Scope, LockoutPolicy, Failures, float]]:
    for who, guesses, failures in counted:
        scope = who.scope
        if failures.count and scope is not Scope.SOURCE and alarm_raised(people, now=now, policy=policy):
            guesses = replace(guesses, pause_from=1)
        whole = pause_seconds(failures.count, guesses)
        # A clock that was set back makes nobody wait longer than the whole pause.
        yield scope, guesses, failures, max(0.0, min(whole, failures.at + whole - now))


def _failure_counts(people: LimitKeys, policy: Policy) -> list[tuple[LimitKey, LockoutPolicy, Failures]]:
    known = [(people.everybody[scope], guesses) for scope, guesses in policy.guesses]
    return [(who, guesses, people.of(who).failures) for who, guesses in known if who is not None]


def rule_statuses(people: LimitKeys, *, now: float, policy: Policy) -> Iterator[RuleStatus]:
    """How the rules about wrong codes stand, in numbers."""
    for scope, guesses, failures, wait in _failure_waits(_failure_counts(people, policy), people, now, policy):
        bound = guesses.stop_at if guesses.stop_at is not None and wait == inf else guesses.pause_from
        yield RuleStatus(f"wrong codes in a row, {scope.value}", scope, failures.count, bound, wait)
    if policy.alarm is not None and (who := people.everybody[Scope.CHECKS]) is not None:
        tally = people.of(who).tally(policy.alarm.seconds, now)
        bound = policy.alarm.bound(tally.settled)
        yield RuleStatus(f"wrong codes of the service {policy.alarm}", Scope.CHECKS, tally.open, bound, 0)


def alarm_raised(people: LimitKeys, *, now: float, policy: Policy) -> bool:
    """Whether too many of the codes that the service was given lately were wrong."""
    if policy.alarm is None or (who := people.everybody[Scope.CHECKS]) is None:
        return False
    tally = people.of(who).tally(policy.alarm.seconds, now)
    return tally.open >= policy.alarm.bound(tally.settled)


def count_wrong_code(people: LimitKeys, *, now: float, policy: Policy) -> tuple[tuple[Update, ...], tuple[Event, ...]]:
    """One wrong code more, for everybody who is counted; the operator is told of a stop, and of the alarm once."""
    verification = people.verification
    entries: list[Update] = []
    events: list[Event] = []
    for who, guesses, failures in _failure_counts(people, policy):
        count = failures.count + 1
        entries.append(SetFailures(who, Failures(count, now)))
        if count == guesses.stop_at and not verification.silent:
            events.append(_alert_event(f"{count} wrong codes in a row, {who.scope.value}: stopped", verification, now))
    if policy.alarm is not None and (service := people.everybody[Scope.CHECKS]) is not None:
        alarm, rule = policy.alarm, f"wrong codes of the service {policy.alarm}"
        entries.append(AddToWindows(service, (alarm.seconds,), now, made=1))
        tally = people.of(service).tally(alarm.seconds, now)
        reached = tally.open + 1 >= alarm.bound(tally.settled)
        if reached and now - people.counts.alerted(service, rule) >= alarm.seconds:
            entries.append(RecordAlert(service, rule, now))
            events.append(_alert_event(f"{rule}: {tally.open + 1}", verification, now))
    return tuple(entries), tuple(events)


def count_right_code(people: LimitKeys, *, now: float, policy: Policy) -> tuple[Update, ...]:
    """The right code: the row of wrong ones has ended."""
    entries: list[Update] = [
        SetFailures(who, Failures()) for who, _, failures in _failure_counts(people, policy) if failures.count
    ]
    if policy.alarm is not None and (who := people.everybody[Scope.CHECKS]) is not None:
        entries.append(AddToWindows(who, (policy.alarm.seconds,), now, made=1, settled=1))
    return tuple(entries)


def use_check_allowance(people: LimitKeys, *, now: float, policy: Policy) -> tuple[Update, ...] | None:
    """What a check from a known browser takes from its reserve during a pause; None when there is nothing left.

    The outermost bound holds for it, too: a stolen browser must not guess on.
    """
    beyond = any(row.count >= MOST_FAILURES for _, _, row in _failure_counts(people, policy))
    if not people.verification.known or beyond:
        return None
    who, limit = trusted_browser_key(people.verification, Scope.CHECK_ALLOWANCE), policy.reserved_checks
    last = people.of(who).nth_last_send(limit.count)
    return (AddSend(who, now, limit.count + EXTRA_KEPT),) if last is None or now - last >= limit.seconds else None


def _alert_event(detail: str, verification: Verification, now: float) -> Event:
    return Event(kind=EventKind.ALERT, at=now, verification=verification.sid, detail=detail)
