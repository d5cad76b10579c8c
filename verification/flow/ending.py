"""How a verification ends: for good and without its seed, so that its code can never be said or matched again.

And which of its calls may be up, and are hung up with it.
"""

from collections.abc import Collection
from typing import Any

from msgspec.structs import replace

from ..context import Context
from ..counters.counter import CLOCK_TOLERANCE, IN_PROGRESS_WINDOW, AddDistinct, AddToWindows, RemoveDistinct, Update
from ..counters.rules import ScopeRules
from ..errors import NotFound, NotPending, VerificationError
from ..models import Delivery, Event, EventKind, Manner, Progress, State, Verification
from ..policy import PERMISSION, Keypress
from ..ports import Changes
from ..types import DeliveryStatus, Record, Scope, VerificationStatus
from ..values.phone_numbers import masked_number
from .rate_limits import (
    CONFIRMED,
    IN_PROGRESS,
    OWN_BUDGETS,
    SOURCE_FRACTION,
    SOURCE_SHARE,
    UNCONFIRMED,
    LimitKeys,
    applicable_rules,
    number_key_of,
    source_may_add,
)

#: The detail of the audit event when an application approved without a code.
APPROVED_BY_APPLICATION = "by the application"
#: Seconds. A call rings for 25 s and talks for 300 s at most; the rest is for a slow connection.
MAX_CALL_SECONDS = 360


class EndResult(Record, frozen=True):
    """The ended verification. `hang_up`: the provider's sids of the calls to end."""

    verification: Verification
    hang_up: tuple[str, ...] = ()


class Expired(Record, frozen=True):
    verification: Verification
    events: tuple[Event, ...]
    counter_updates: tuple[Update, ...] = ()


def expire(state: State, context: Context) -> Expired | None:
    """The pending verification as expired, when its deadline has passed."""
    ended = as_of(state, now=context.now)
    if ended is None or ended is state.verification:
        return None
    event = Event(kind=EventKind.EXPIRED, at=context.now, verification=ended.sid)
    return Expired(ended, (event,), _settled(state, context) or unconfirmed(state, context))


def _settled(state: State, context: Context) -> tuple[Update, ...]:
    """The counter updates when the application's own code expires after a person has heard it: one who pressed the keys
    that the call had asked for. Whether it was typed, only the application knows, and many cannot tell us.
    """
    verification = state.verification
    if verification is None or not verification.sealed_code:
        return ()
    asked = (verification.keypress or context.policy.keypress) is Keypress.DIGITS
    if not asked or all(delivery.progress < Progress.READING for delivery in state.deliveries):
        return ()
    keys = LimitKeys(verification, state.counters, context.policy.check_scopes, now=context.now)
    return settle_in_progress(keys, context.policy.budget_rules)


def as_of(state: State, *, now: float) -> Verification | None:
    """The verification, expired when its deadline has passed, or when it was made by a clock that was ahead."""
    verification = state.verification
    if verification is None or verification.status.final:
        return verification
    if verification.created_at - CLOCK_TOLERANCE <= now < verification.expires_at:
        return verification
    return end(verification, VerificationStatus.EXPIRED, now=now)


def reported(state: State, *, report_pause: float, now: float) -> bool:
    """Whether the person on the phone reported the code, and its number is still paused for it: no start works."""
    verification = state.verification
    if verification is None or verification.status is not VerificationStatus.CANCELED or verification.ended_at is None:
        return False
    since = state.paused_until - report_pause
    return now < state.paused_until and abs(verification.ended_at - since) < 1  # not another code's report


def unconfirmed(state: State, context: Context, keys: LimitKeys | None = None) -> tuple[Update, ...]:
    """The counter updates when the pending verification of the state ends without an approval."""
    if state.verification is None or state.verification.status.final:
        return ()
    keys = keys or LimitKeys(state.verification, state.counters, context.policy.check_scopes, now=context.now)
    sent = not state.deliveries or not all(never_sent(delivery) for delivery in state.deliveries)
    return count_unconfirmed(keys, context.policy.budget_rules, now=context.now, sent=sent)


def ended_by_phone(state: State, context: Context) -> tuple[Update, ...]:
    """The same when the person on the phone ends it. Keys that end a call without a code show that one is there."""
    verification = state.verification
    if verification is not None and verification.action == PERMISSION:
        return _end_updates(state, VerificationStatus.APPROVED, context)
    updates = unconfirmed(state, context)
    if verification is None or not verification.private:
        return updates
    # It stays pending for the page, and its source must not learn from its budget what the phone did.
    return tuple(update for update in updates if update.key.scope is not Scope.SOURCE)


def superseded(state: State, newer: Verification, context: Context) -> tuple[Update, ...]:
    """The same when a newer one takes its place: the same source only begins again for the same number."""
    older = state.verification
    if older is None or older.source != newer.source or older.number.line != newer.number.line:
        return unconfirmed(state, context)
    keys = LimitKeys(older, state.counters, context.policy.check_scopes, now=context.now)
    return settle_in_progress(keys, context.policy.budget_rules, continues=True)


def count_unconfirmed(
    keys: LimitKeys, rules: Collection[ScopeRules], *, now: float, sent: bool = True
) -> tuple[Update, ...]:
    """The updates when a code has ended without an approval. `sent`: at least one call or text left."""
    number = number_key_of(keys)
    shared = tuple(scope_rules for scope_rules in rules if scope_rules.budgets)
    shortest = min((window for scope_rules in shared for window in scope_rules.windows), default=0)
    repeated = now - keys.of(number).last_distinct_at(UNCONFIRMED) < shortest
    updates: list[Update] = list(settle_in_progress(keys, rules))
    added = False
    for scope_rules, key in applicable_rules(keys, shared):
        windows = scope_rules.windows
        if scope_rules.scope is not Scope.SOURCE:
            windows = () if repeated or not sent else _windows_to_add(keys, rules, scope_rules, now)
            added = added or bool(windows)
        if windows:
            updates.append(AddToWindows(key, windows, now, 1))
    return (*updates, AddDistinct(number, UNCONFIRMED, now)) if added else tuple(updates)


def _windows_to_add(
    keys: LimitKeys, rules: Collection[ScopeRules], scope_rules: ScopeRules, now: float
) -> tuple[int, ...]:
    """The windows of a budget that its source and its service may still add to."""
    own = OWN_BUDGETS.get(scope_rules.scope)
    return tuple(
        budget.seconds
        for budget in scope_rules.budgets
        if source_may_add(keys, rules, budget.seconds, now, share=max(SOURCE_SHARE, budget.count // SOURCE_FRACTION))
        and (own is None or _has_left(keys, rules, own, budget.seconds, now))
    )


def _has_left(keys: LimitKeys, rules: Collection[ScopeRules], own: Scope, window: int, now: float) -> bool:
    """Whether the service has anything left of its own budget for this window."""
    for scope_rules, key in applicable_rules(keys, rules):
        for budget in scope_rules.budgets if scope_rules.scope is own else ():
            if budget.seconds == window:
                total = keys.of(key).window_total(window, now)
                return total.open < budget.bound(total.settled)
    return True


def count_confirmation(keys: LimitKeys, rules: Collection[ScopeRules], *, now: float) -> tuple[Update, ...]:
    """The updates after a successful check: the number is confirmed, once in each shortest window."""
    number = number_key_of(keys)
    budgeted = tuple(scope_rules for scope_rules in rules if scope_rules.budgets)
    updates = settle_in_progress(keys, rules)
    shortest = min((window for scope_rules in budgeted for window in scope_rules.windows), default=0)
    if not budgeted or now - keys.of(number).last_distinct_at(CONFIRMED) < shortest:
        return updates
    confirmed = (
        AddToWindows(key, scope_rules.windows, now, 1, 1) for scope_rules, key in applicable_rules(keys, budgeted)
    )
    return (*updates, *confirmed, AddDistinct(number, CONFIRMED, now))


def settle_in_progress(
    keys: LimitKeys, rules: Collection[ScopeRules], *, continues: bool = False
) -> tuple[Update, ...]:
    """The updates when a verification ends. `continues`: the next one for the same number takes its place."""
    number = number_key_of(keys)
    counted_at = keys.of(number).last_distinct_at(IN_PROGRESS)
    updates: list[Update] = []
    for scope_rules, key in applicable_rules(keys, rules):
        at = keys.verification.created_at if scope_rules.scope is Scope.SOURCE else counted_at
        if scope_rules.budgets and at and (scope_rules.scope is Scope.SOURCE or not continues):
            updates.append(AddToWindows(key, (IN_PROGRESS_WINDOW,), at, 0, 1))
    return (*updates, RemoveDistinct(number, IN_PROGRESS)) if counted_at and not continues else tuple(updates)


def expire_changes(state: State, context: Context) -> Changes[bool]:
    """Write the expiry; the result says whether there was one."""
    expired = expire(state, context)
    if expired is None:
        return Changes(result=False)
    return Changes(
        result=True,
        verifications=(expired.verification,),
        counter_updates=expired.counter_updates,
        events=expired.events,
    )


def end(verification: Verification, status: VerificationStatus, *, now: float) -> Verification:
    """The verification with a final status, and without what its code can be computed from."""
    if verification.status.final:
        return verification
    return replace(verification, status=status, sealed_code="", seed=None, ended_at=now)


def as_decoy(verification: Verification) -> Verification:
    """The verification as a decoy: of the number only the last two digits are left, which may be shown."""
    return replace(verification, manner=Manner.DECOY, number=masked_number(verification.number.e164[-2:]))


def end_by_phone(verification: Verification, *, now: float) -> Verification:
    """End it on the word of the person on the phone. A private one stays pending for the page, as a decoy."""
    if verification.private:
        return replace(verification, manner=Manner.DECOY)
    return end(verification, VerificationStatus.CANCELED, now=now)


def cancel(
    state: State, context: Context, *, kind: EventKind = EventKind.CANCELED
) -> Changes[EndResult | VerificationError]:
    """End a pending verification and its live calls."""
    return _end(state, VerificationStatus.CANCELED, Event(kind=kind, at=context.now), context)


def approve(state: State, context: Context) -> Changes[EndResult | VerificationError]:
    """Approve a pending verification without its code: the application has other proof, and is responsible for it."""
    event = Event(kind=EventKind.APPROVED, at=context.now, detail=APPROVED_BY_APPLICATION)
    return _end(state, VerificationStatus.APPROVED, event, context)


def require_pending(state: State, context: Context) -> Changes[Any] | None:
    """The changes when there is no pending verification, with the error as their result; None when there is one."""
    verification = state.verification
    if verification is None:
        return Changes(result=NotFound())
    expired = expire(state, context)
    if expired is not None:
        return expire_changes(state, context).with_result(NotPending(expired.verification.status))
    return Changes(result=NotPending(verification.status)) if verification.status.final else None


def _end(
    state: State, status: VerificationStatus, event: Event, context: Context
) -> Changes[EndResult | VerificationError]:
    not_pending = require_pending(state, context)
    if not_pending is not None or state.verification is None:
        return not_pending or Changes(result=NotFound())
    verification, now = state.verification, context.now
    by_phone = event.kind is EventKind.REPORTED
    ended = end_by_phone(verification, now=now) if by_phone else end(verification, status, now=now)
    canceled = canceled_calls(state, context)
    return Changes(
        result=EndResult(ended, hang_up=provider_sids(canceled)),
        verifications=(ended,),
        deliveries=canceled,
        counter_updates=ended_by_phone(state, context) if by_phone else _end_updates(state, status, context),
        events=(replace(event, verification=ended.sid),),
    )


def _end_updates(state: State, status: VerificationStatus, context: Context) -> tuple[Update, ...]:
    """An application that approves without a code confirms nothing, and leaves nothing unconfirmed. Of its own code it
    alone knows whether it was right.
    """
    if status is VerificationStatus.APPROVED and state.verification is not None:
        keys = LimitKeys(state.verification, state.counters, context.policy.check_scopes, now=context.now)
        if state.verification.sealed_code:
            return count_confirmation(keys, context.policy.budget_rules, now=context.now)
        return settle_in_progress(keys, context.policy.budget_rules)
    return unconfirmed(state, context)


def live_until(delivery: Delivery, context: Context) -> float:
    """Until when a phone may be ringing or a call may be up; 0 when none is. A start without an answer counts for a
    while.
    """
    if not delivery.status.live:
        return 0
    unclear = delivery.status in (DeliveryStatus.PLANNED, DeliveryStatus.UNKNOWN)
    return delivery.created_at + (context.policy.unknown_timeout if unclear else MAX_CALL_SECONDS)


def is_live(delivery: Delivery, context: Context) -> bool:
    """Whether a phone may be ringing or a call may be up."""
    return context.now < live_until(delivery, context)


def live_calls(state: State, context: Context) -> tuple[Delivery, ...]:
    return tuple(d for d in state.deliveries if d.channel.spoken and is_live(d, context))


def canceled_calls(state: State, context: Context) -> tuple[Delivery, ...]:
    """The calls to hang up, as canceled, so that the next call is possible at once."""
    up = (d for d in live_calls(state, context) if d.provider_sid)
    return tuple(replace(d, status=DeliveryStatus.CANCELED, updated_at=context.now) for d in up)


def provider_sids(deliveries: tuple[Delivery, ...]) -> tuple[str, ...]:
    """The provider's sids of the deliveries that have one."""
    return tuple(d.provider_sid for d in deliveries if d.provider_sid)


def never_sent(delivery: Delivery) -> bool:
    """Whether the provider certainly rejected it: it cost nothing, so it does not count."""
    return delivery.status is DeliveryStatus.FAILED and delivery.provider_sid is None


def brought_nothing(delivery: Delivery) -> bool:
    """Whether it is over and the person has certainly got no code: a text that did not arrive, a call in which the code
    was not said.
    """
    if not delivery.status.final or delivery.status.arrived:
        return False
    return not delivery.channel.spoken or delivery.progress < Progress.READING
