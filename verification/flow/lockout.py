"""Lockout after failed checks in a row, across all codes, verifications and browsers of an account and of a number.

    1 2 … 9     10     11     12  …  17 …            50
    nothing     30 s   60 s   2 min … 1 h each time   stop: only a success or the operator ends it

One check is allowed after a pause; then the next pause is longer. So an attacker who uses every allowed check gets no
further than the stop. During a pause nothing is compared: the right code is rejected like a wrong one. (NIST SP
800-63B-4, section 3.2.2; OWASP ASVS 5.0, 6.3.1.)

Guessing spread over many accounts shows in a service's share of failed checks. While that is too large, pauses begin
with an account's first failed check; users who type their codes right notice nothing.

Wrong keys at the gates of calls count per number, too. A mailbox that sends tones guesses: one call allows two guesses
of 504, 0.4 %. After MAX_WRONG_KEYS wrong entries within a day no further call says a code to that number, so a day
allows at most MAX_WRONG_KEYS + 1 guesses: 1 %. A text still goes, and a trusted browser still calls, so a person is not
locked out.
"""

from collections.abc import Iterable, Iterator
from math import inf

from msgspec.structs import replace

from ..context import Context
from ..counters.counter import DAY, AddSend, AddToWindows, Failures, LimitKey, RecordAlert, SetFailures, Update
from ..counters.rules import EXTRA_KEPT, MOST_FAILURES, Limit, LockoutPolicy, RuleStatus
from ..models import Event, EventKind, Verification
from ..policy import Policy
from ..types import Record, Scope
from .rate_limits import LimitKeys, Send, allowance_key

MIN_PAUSE, MAX_PAUSE = 30, 3600
#: The last call may begin with one less, and allows two more.
MAX_WRONG_KEYS = 4
GATES_RULE = Limit(count=MAX_WRONG_KEYS, seconds=DAY)


class Lockout(Record, frozen=True):
    """Too many failed checks in a row: `wait` seconds until the next check; infinite when it is a stop."""

    scope: Scope
    count: int
    wait: float

    @property
    def stopped(self) -> bool:
        """Whether it does not end by waiting."""
        return self.wait == inf


def pause_seconds(count: int, lockout_policy: LockoutPolicy) -> float:
    """Seconds of pause after this many failed checks in a row; infinite after the last one that is allowed."""
    if lockout_policy.stop_at is not None and count >= lockout_policy.stop_at:
        return inf
    beyond = count - lockout_policy.pause_from
    return 0 if beyond < 0 else float(min(MIN_PAUSE * 2 ** min(beyond, 10), MAX_PAUSE))


def lockout(keys: LimitKeys, context: Context) -> Lockout | None:
    """The longest lockout for these keys; None when a code may be compared now."""
    failed = [row for row in _failure_counts(keys, context.policy) if row[2].count]
    if not failed:
        return None
    waits = _failure_waits(failed, keys, context)
    lockouts = [Lockout(scope, failures.count, wait) for scope, _, failures, wait in waits if wait > 0]
    return max(lockouts, key=lambda lockout: (lockout.wait, lockout.count), default=None)


def _failure_waits(
    failure_counts: Iterable[tuple[LimitKey, LockoutPolicy, Failures]], keys: LimitKeys, context: Context
) -> Iterator[tuple[Scope, LockoutPolicy, Failures, float]]:
    for key, lockout_policy, failures in failure_counts:
        scope = key.scope
        if failures.count and scope is not Scope.SOURCE and alarm_raised(keys, context):
            lockout_policy = replace(lockout_policy, pause_from=1)
        pause = pause_seconds(failures.count, lockout_policy)
        # After the clock was set back, a pause is still no longer than its full length.
        yield scope, lockout_policy, failures, max(0.0, min(pause, failures.at + pause - context.now))


def _failure_counts(keys: LimitKeys, policy: Policy) -> list[tuple[LimitKey, LockoutPolicy, Failures]]:
    candidates = [(keys.by_scope[scope], lockout_policy) for scope, lockout_policy in policy.lockouts]
    return [(key, lockout_policy, keys.of(key).failures) for key, lockout_policy in candidates if key is not None]


def rule_statuses(keys: LimitKeys, context: Context) -> Iterator[RuleStatus]:
    """The current counts and bounds of the lockout rules."""
    policy = context.policy
    for scope, lockout_policy, failures, wait in _failure_waits(_failure_counts(keys, policy), keys, context):
        stopped = lockout_policy.stop_at is not None and wait == inf
        bound = lockout_policy.stop_at if stopped and lockout_policy.stop_at else lockout_policy.pause_from
        yield RuleStatus(f"wrong codes in a row, {scope.value}", scope, failures.count, bound, wait)
    if policy.failure_alarm is not None and (key := keys.by_scope[Scope.CHECKS]) is not None:
        total = keys.of(key).window_total(policy.failure_alarm.seconds, context.now)
        bound = policy.failure_alarm.bound(total.settled)
        yield RuleStatus(f"wrong codes of the service {policy.failure_alarm}", Scope.CHECKS, total.open, bound, 0)


def alarm_raised(keys: LimitKeys, context: Context) -> bool:
    """Whether too large a share of the service's recent checks failed."""
    alarm = context.policy.failure_alarm
    if alarm is None or (key := keys.by_scope[Scope.CHECKS]) is None:
        return False
    total = keys.of(key).window_total(alarm.seconds, context.now)
    return total.open >= alarm.bound(total.settled)


def count_wrong_code(keys: LimitKeys, context: Context) -> tuple[tuple[Update, ...], tuple[Event, ...]]:
    """Count a failed check for every key. A stop alerts the operator each time, the alarm once in its window."""
    verification = keys.verification
    updates: list[Update] = []
    events: list[Event] = []
    for key, lockout_policy, failures in _failure_counts(keys, context.policy):
        count = failures.count + 1
        updates.append(SetFailures(key, Failures(count, context.now)))
        if count == lockout_policy.stop_at and not verification.decoy:
            detail = f"{count} wrong codes in a row, {key.scope.value}: stopped"
            events.append(_alert_event(detail, verification, context.now))
    alarm = context.policy.failure_alarm
    if alarm is not None and (service_key := keys.by_scope[Scope.CHECKS]) is not None:
        rule = f"wrong codes of the service {alarm}"
        updates.append(AddToWindows(service_key, (alarm.seconds,), context.now, made=1))
        total = keys.of(service_key).window_total(alarm.seconds, context.now)
        reached = total.open + 1 >= alarm.bound(total.settled)
        if reached and context.now - keys.counters.last_alert(service_key, rule) >= alarm.seconds:
            updates.append(RecordAlert(service_key, rule, context.now))
            events.append(_alert_event(f"{rule}: {total.open + 1}", verification, context.now))
    return tuple(updates), tuple(events)


def count_right_code(keys: LimitKeys, context: Context) -> tuple[Update, ...]:
    """A successful check resets the failures in a row."""
    updates: list[Update] = [
        SetFailures(key, Failures()) for key, _, failures in _failure_counts(keys, context.policy) if failures.count
    ]
    alarm = context.policy.failure_alarm
    if alarm is not None and (key := keys.by_scope[Scope.CHECKS]) is not None:
        updates.append(AddToWindows(key, (alarm.seconds,), context.now, made=1, settled=1))
    return tuple(updates)


def use_check_allowance(keys: LimitKeys, context: Context) -> tuple[Update, ...] | None:
    """The update that lets a trusted browser check a code during a pause; None when it has no allowance left.

    The maximum of failures applies to it as well: a stolen browser must not guess on.
    """
    beyond = any(failures.count >= MOST_FAILURES for _, _, failures in _failure_counts(keys, context.policy))
    if not keys.verification.trusted or beyond:
        return None
    key, limit = allowance_key(keys.verification, Scope.CHECK_ALLOWANCE), context.policy.check_allowance
    last = keys.of(key).nth_last_send(limit.count)
    if last is not None and context.now - last < limit.seconds:
        return None
    return (AddSend(key, context.now, limit.count + EXTRA_KEPT),)


def _alert_event(detail: str, verification: Verification, now: float) -> Event:
    return Event(kind=EventKind.ALERT, at=now, verification=verification.sid, detail=detail)


def gates_wait(send: Send) -> float:
    """Seconds until a call to this number may say a code again; 0 when it may now, and for a text."""
    key = send.keys.by_scope[Scope.GATES]
    if not send.channel.spoken or key is None:
        return 0
    last = send.keys.of(key).nth_last_send(GATES_RULE.count)
    return max(0.0, last + GATES_RULE.seconds - send.at) if last is not None else 0


def count_wrong_keys(keys: LimitKeys, context: Context) -> tuple[Update, ...]:
    """The update that counts one wrong entry."""
    key = keys.by_scope[Scope.GATES]
    return (AddSend(key, context.now, GATES_RULE.count + EXTRA_KEPT),) if key is not None else ()
