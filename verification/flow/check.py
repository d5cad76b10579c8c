"""Checks: a code is compared once and counted always. And receipts of approved verifications, which work once."""

import hmac
from typing import ClassVar

from msgspec.structs import replace

from ..context import Context
from ..counters.counter import TrustBrowser, Update
from ..counters.rules import MOST_FAILURES, Denial
from ..errors import (
    CheckedElsewhere,
    ChecksPaused,
    ChecksStopped,
    NotFound,
    NotRedeemable,
    VerificationError,
    WrongStyle,
)
from ..models import Delivery, Event, EventKind, Session, State, Verification
from ..policy import Policy
from ..ports import Changes
from ..types import CallStyle, PartlyCompared, Scope, VerificationStatus
from ..values import codes
from ..values.payments import Payment
from .admission import Admission
from .ending import as_decoy, canceled_calls, count_confirmation, end, expire, provider_sids, unconfirmed
from .lockout import MAX_PAUSE, count_right_code, count_wrong_code, lockout, rule_statuses, use_check_allowance
from .rate_limits import LimitKeys, trusted_browser_key
from .refusals import record_refusal


class CheckResult(PartlyCompared, frozen=True):
    """`valid` is true once only; `repeated` for a browser that repeats the right code because the answer was lost.

    Not `compared`: the verification had ended before. `hang_up`: the provider's sids of the calls to end. `deliveries`:
    those of the verification.
    """

    hidden: ClassVar = frozenset({"deliveries"})
    uncompared: ClassVar = hidden

    verification: Verification
    valid: bool
    repeated: bool = False
    compared: bool = True
    hang_up: tuple[str, ...] = ()
    deliveries: tuple[Delivery, ...] = ()


def check(
    state: State,
    context: Context,
    *,
    submitted: str,
    presented: Payment | None = None,
    renewed: str | None,
    browser: str | None = None,
) -> Changes[CheckResult | VerificationError]:
    """Compare a code once, and count it. The last wrong code that is allowed ends the verification.

    `presented` is the payment that the code is to approve. A different payment ends the verification at once, and looks
    like a last wrong code: the answer does not reveal what differs, or whether the code was right. `browser` is the
    digest of the trusted-browser cookie, which the right code makes valid, and `renewed` the id of the session that
    replaces the browser's then.

    Wrong, expired, ended and unknown take the same time: a code is drawn and compared, and a commit awaited, whether or
    not there is anything to compare and to write.
    """
    verification, session = state.verification, state.session
    if verification is None or (session is not None and context.now >= session.expires_at):
        _dummy_compare(submitted, context.keys, context.policy.code_length)
        return Changes(result=NotFound(), padded=True)
    code = codes.clean(submitted, length=verification.code_length)
    if session is not None and session.replaced_at is not None:
        return _repeat_answer(session, verification, code, context, renewed=renewed)
    expired = expire(state, context)
    if expired is not None:
        _dummy_compare(code, context.keys, verification.code_length)
        return Changes(
            result=CheckResult(expired.verification, valid=False, compared=False),
            verifications=(expired.verification,),
            counter_updates=expired.counter_updates,
            events=expired.events,
        )
    if verification.status.final:
        _dummy_compare(code, context.keys, verification.code_length)
        return Changes(result=CheckResult(verification, valid=False, compared=False), padded=True)
    if verification.style is CallStyle.KEY:
        return Changes(result=WrongStyle())
    if verification.sealed_code:
        return Changes(result=CheckedElsewhere())
    return _compare(state, verification, code, context, presented=presented, renewed=renewed, browser=browser)


def _compare(
    state: State,
    verification: Verification,
    code: str,
    context: Context,
    *,
    presented: Payment | None,
    renewed: str | None,
    browser: str | None,
) -> Changes[CheckResult | VerificationError]:
    keys = LimitKeys(verification, state.counters, context.policy.check_scopes, now=context.now)
    # Drawn and compared in any case: the response time must not reveal a lockout.
    bound = presented == verification.payment
    right = codes.equal(code, _expected(verification, context)) and bound and not verification.decoy
    admission = admit_check(keys, context)
    if admission.error is not None:
        if verification.private:
            return _private_lockout(state, keys, admission, context)
        return admission.denied()
    if right:
        updates = (*admission.counter_updates, *count_proof(keys, context, browser=browser))
        approved = _approve(state, verification, code, context, renewed=renewed)
        events = (*admission.events, *approved.events)
        return replace(approved, counter_updates=updates, denials=admission.denials, events=events)
    counted, failed = use_check(verification, now=context.now, bound=bound)
    updates, alerts = count_wrong_code(keys, context)
    ended = unconfirmed(state, context, keys) if counted.status.final else ()
    canceled = canceled_calls(state, context) if counted.status.final else ()
    return Changes(
        result=CheckResult(counted, valid=False, hang_up=provider_sids(canceled)),
        verifications=(counted,),
        deliveries=canceled,
        counter_updates=(*admission.counter_updates, *updates, *ended),
        denials=admission.denials,
        events=(*admission.events, failed, *alerts),
    )


def _expected(verification: Verification, context: Context) -> str:
    """The code, or that of a test number. After its last day no code is right: the drawn one was never sent."""
    drawn, policy = code_of(verification, context.keys), context.policy
    fixed = policy.fixed_code(verification.number) if policy.fixed_codes else None
    return fixed.code if fixed is not None and context.now < fixed.until else drawn


def _private_lockout(
    state: State, keys: LimitKeys, admission: Admission, context: Context
) -> Changes[CheckResult | VerificationError]:
    """Nothing is compared. The public sees a lockout of its own source only; any other looks like a wrong code."""
    source_lockouts = tuple(row for row in context.policy.lockouts if row[0] is Scope.SOURCE)
    by_source = admit_check(keys, replace(context, policy=replace(context.policy, lockouts=source_lockouts)))
    if by_source.error is not None:
        return by_source.denied()
    counted, _ = use_check(keys.verification, now=context.now)
    # The account is locked already; this check counts for its source.
    decoy = as_decoy(keys.verification)
    updates, _ = count_wrong_code(LimitKeys(decoy, state.counters, now=context.now), context)
    ended = unconfirmed(replace(state, verification=decoy), context) if counted.status.final else ()
    canceled = canceled_calls(state, context) if counted.status.final else ()
    return Changes(
        result=CheckResult(counted, valid=False, hang_up=provider_sids(canceled)),
        verifications=(counted,),
        deliveries=canceled,
        counter_updates=(*updates, *admission.counter_updates, *ended),
        denials=admission.denials,
        events=admission.events,
        counted=admission.counted,
    )


def _dummy_compare(submitted: str, keys: codes.KeyRing, length: int) -> None:
    """The work of a comparison, for the time that it takes."""
    codes.equal(submitted, codes.draw(keys.secret(keys.newest), seed=bytes(16), sid="", action="", length=length))


def admit_check(keys: LimitKeys, context: Context) -> Admission:
    """Whether a code may be compared now. The maximum of failures applies even where limits are only recorded."""
    verification = keys.verification
    locked = lockout(keys, context)
    if locked is None:
        return Admission(None)
    allowance = use_check_allowance(keys, context)
    if allowance is not None:
        return Admission(None, allowance)
    enforced = context.policy.enforce or (locked.stopped and locked.count >= MOST_FAILURES)
    reason = f"{locked.count} wrong codes in a row, {locked.scope.value}"
    kind = EventKind.CHECK_REFUSED if enforced else EventKind.LIMIT_WATCHED
    event = Event(kind=kind, at=context.now, verification=verification.sid, detail=reason)
    recorded = record_refusal(keys.counters, verification, f"check {locked.scope.value}", now=context.now)
    error = ChecksStopped(MAX_PAUSE) if locked.stopped else ChecksPaused(locked.wait)
    if enforced and recorded is None:
        return Admission(error, counted=(event,))
    denial = Denial(
        verification=verification.sid,
        number=verification.number,
        at=context.now,
        reason=reason,
        watched=not enforced,
        rule_statuses=tuple(rule_statuses(keys, context)),
    )
    denials = (denial,) if recorded is not None else ()
    return Admission(error if enforced else None, recorded or (), (event,), denials)


def count_proof(keys: LimitKeys, context: Context, *, browser: str | None = None) -> tuple[Update, ...]:
    """The updates of a successful check: it resets failures, confirms sends, and makes the browser trusted."""
    return (
        *count_right_code(keys, context),
        *count_confirmation(keys, context.policy.budget_rules, now=context.now),
        *trust_browser(keys.verification, browser, now=context.now),
    )


def trust_browser(verification: Verification, browser: str | None, *, now: float) -> tuple[Update, ...]:
    """The update that makes a browser trusted for this account and number."""
    key = trusted_browser_key(verification, Scope.TRUSTED_BROWSER)
    return (TrustBrowser(key, browser, verification.number, now),) if browser else ()


def use_check(verification: Verification, *, now: float, bound: bool = True) -> tuple[Verification, Event]:
    """Count a wrong code. The last one that is allowed ends the verification; so does one for another payment."""
    counted = replace(verification, checks=verification.checks + 1)
    detail = str(counted.checks) if bound else f"{counted.checks} payment"
    failed = Event(kind=EventKind.CHECK_FAILED, at=now, verification=counted.sid, detail=detail)
    if counted.checks >= counted.max_checks or not bound:
        counted = end(counted, VerificationStatus.MAX_ATTEMPTS_REACHED, now=now)
    return counted, failed


def _approve(
    state: State, verification: Verification, code: str, context: Context, *, renewed: str | None
) -> Changes[CheckResult | VerificationError]:
    now, secret = context.now, context.keys.secret(verification.key_id)
    approved = end(replace(verification, checks=verification.checks + 1), VerificationStatus.APPROVED, now=now)
    sessions: tuple[Session, ...] = ()
    if state.session is not None and renewed is not None:
        answer = codes.seal_answer(secret, session=state.session.id, code=code)
        sessions = (
            replace(state.session, replaced_at=now, answer=answer),
            _approved_session(renewed, verification, state.session, context),
        )
    event = Event(kind=EventKind.APPROVED, at=now, verification=approved.sid)
    return Changes(
        result=CheckResult(approved, valid=True), verifications=(approved,), sessions=sessions, events=(event,)
    )


def _approved_session(id: str, verification: Verification, replaced: Session, context: Context) -> Session:
    return Session(
        id=id,
        verification=verification.sid,
        channel=replaced.channel,
        expires_at=context.now + context.policy.session_lifetime,
        approved=True,
    )


def claim_session(state: State, context: Context, *, renewed: str, browser: str | None = None) -> Changes[bool]:
    """The code was typed on the phone: the browser that showed it moves to a new session.

    It may do so again for a minute: the answer may have been lost, or two tabs may have asked at once.
    """
    verification, session, now = state.verification, state.session, context.now
    if verification is None or session is None or session.approved or now >= session.expires_at:
        return Changes(result=False)
    if verification.style is not CallStyle.KEY or verification.status is not VerificationStatus.APPROVED:
        return Changes(result=False)
    replaced = session if session.replaced_at is not None else replace(session, replaced_at=now)
    if replaced.replaced_at is not None and now - replaced.replaced_at > context.policy.answer_repeat_seconds:
        return Changes(result=False)
    new_session = _approved_session(renewed, verification, session, context)
    updates = trust_browser(verification, browser, now=now)
    return Changes(result=True, sessions=(replaced, new_session), counter_updates=updates)


def _repeat_answer(
    session: Session, verification: Verification, code: str, context: Context, *, renewed: str | None
) -> Changes[CheckResult | VerificationError]:
    """The browser that gave the right code gives it again: its answer may have been lost."""
    recent = (
        session.replaced_at is not None and context.now - session.replaced_at <= context.policy.answer_repeat_seconds
    )
    if not recent or session.answer is None or renewed is None:
        return Changes(result=NotFound())
    secret = context.keys.secret(verification.key_id)
    if not hmac.compare_digest(session.answer, codes.seal_answer(secret, session=session.id, code=code)):
        # One repeat of the right code, or none: the proof must not be guessed against for a minute.
        return Changes(result=NotFound(), sessions=(replace(session, answer=None),))
    new_session = _approved_session(renewed, verification, session, context)
    return Changes(result=CheckResult(verification, valid=True, repeated=True), sessions=(new_session,))


def code_of(verification: Verification, keys: codes.KeyRing) -> str:
    """The digits of a pending verification. Raises Unavailable when its key was removed from the ring too early."""
    assert verification.seed is not None, "an ended verification has no code"
    drawn = codes.draw(
        keys.secret(verification.key_id),
        seed=verification.seed,
        sid=verification.sid,
        action=verification.action,
        length=verification.code_length,
        payment=verification.payment.facts if verification.payment else (),
    )
    return codes.unseal(verification.sealed_code, drawn) if verification.sealed_code else drawn


def approval_valid_until(verification: Verification, policy: Policy) -> float:
    """When an approval expires; 0 for a verification that is not approved."""
    if verification.status is not VerificationStatus.APPROVED or verification.ended_at is None:
        return 0
    return verification.ended_at + policy.approval_seconds(verification.action)


def redeem(state: State, context: Context, *, service: str) -> Changes[Verification | VerificationError]:
    """Use the receipt. A receipt is identified by its verification's sid, so all copies of it are the same one.

    Another service's verification looks like one that does not exist.
    """
    verification = state.verification
    if verification is None or verification.service != service:
        return Changes(result=NotFound())
    if verification.status is not VerificationStatus.APPROVED:
        return Changes(result=NotFound())
    if verification.redeemed_at is not None or context.now >= approval_valid_until(verification, context.policy):
        return Changes(result=NotRedeemable())
    redeemed = replace(verification, redeemed_at=context.now)
    event = Event(kind=EventKind.REDEEMED, at=context.now, verification=redeemed.sid)
    return Changes(result=redeemed, verifications=(redeemed,), events=(event,))
