"""Is this the code? Compared once, counted always.

Receipts that work once. A receipt is named by its verification's sid, so every copy of it is the same one.
"""

import hmac
from dataclasses import dataclass, replace

from ..counters.rules import MOST_FAILURES
from ..counters.updates import Denial, TrustBrowser, Update
from ..errors import ChecksPaused, ChecksStopped, NotFound, NotRedeemable, VerificationError, WrongStyle
from ..models import Event, EventKind, Session, State, Verification
from ..policy import Policy
from ..ports import Changes
from ..types import CallStyle, Scope, VerificationStatus
from ..values import codes
from ..values.payments import Payment
from .admission import Admission
from .delivery import as_decoy, canceled_calls, end, expire, provider_sids
from .lockout import MAX_PAUSE, count_right_code, count_wrong_code, lockout, rule_statuses, use_check_allowance
from .rate_limits import LimitKeys, count_confirmation, trusted_browser_key


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check led to. `valid` once only; `repeated` for a browser whose first answer was lost.

    Not `compared`: the verification had ended before.
    """

    verification: Verification
    valid: bool
    repeated: bool = False
    compared: bool = True
    hang_up: tuple[str, ...] = ()


def check(
    state: State,
    *,
    submitted: str,
    presented: Payment | None = None,
    keys: codes.KeyRing,
    renewed: Session | None,
    now: float,
    policy: Policy,
    browser: str | None = None,
) -> Changes[CheckResult | VerificationError]:
    """Compare once, and count it. A wrong code ends the verification when it was the last that is allowed.

    `presented` is the payment that the code is to approve. Any other than the one it was made for ends the verification
    at once, in the words of a last wrong code: nobody learns which part was off, or whether the code was right.
    `browser` is the digest by which a browser is known once it has proven this account and number.

    Wrong, expired, ended and unknown take the same time: a code is drawn and compared, and a commit waited for, whether
    there is anything to compare and to write or not.
    """
    verification = state.verification
    if verification is None or (state.session is not None and now >= state.session.expires_at):
        _dummy_compare(submitted, keys, policy.code_length)
        return Changes(result=NotFound(), padded=True)
    code = codes.clean(submitted, length=verification.code_length)
    if state.session is not None and state.session.replaced_at is not None:
        return _repeat_answer(state.session, verification, code, keys=keys, renewed=renewed, now=now, policy=policy)
    over = expire(state, now=now)
    if over is not None:
        _dummy_compare(code, keys, verification.code_length)
        return Changes(
            result=CheckResult(over.verification, valid=False, compared=False),
            verifications=(over.verification,),
            events=over.events,
        )
    if verification.status.final:
        _dummy_compare(code, keys, verification.code_length)
        return Changes(result=CheckResult(verification, valid=False, compared=False), padded=True)
    if verification.style is CallStyle.KEY:
        return Changes(result=WrongStyle())
    # Drawn and compared in any case: a pause must not be told by how long the answer takes.
    bound = presented == verification.payment
    right = codes.equal(code, code_of(verification, keys)) and bound and not verification.silent
    people = LimitKeys(verification, state.counts, policy.checking)
    allowed = admit_check(people, now=now, policy=policy)
    if allowed.refusal is not None:
        if verification.discreet:
            return _private_lockout(state, people, allowed, now=now, policy=policy)
        return allowed.refused()
    if right:
        entries = (*allowed.counted, *count_proof(people, now=now, policy=policy, browser=browser))
        decided = _approve(state, verification, code, keys=keys, renewed=renewed, now=now)
        events = (*allowed.events, *decided.events)
        return replace(decided, counted=entries, refusals=allowed.refusals, events=events)
    counted, told = use_check(verification, now=now, bound=bound)
    entries, alerts = count_wrong_code(people, now=now, policy=policy)
    off = canceled_calls(state, now=now, policy=policy) if counted.status.final else ()
    return Changes(
        result=CheckResult(counted, valid=False, hang_up=provider_sids(off)),
        verifications=(counted,),
        deliveries=off,
        counted=(*allowed.counted, *entries),
        refusals=allowed.refusals,
        events=(*allowed.events, told, *alerts),
    )


def _private_lockout(
    state: State, people: LimitKeys, allowed: Admission, *, now: float, policy: Policy
) -> Changes[CheckResult | VerificationError]:
    """Not compared, and the public is told of a pause of its own source only; any other looks like a wrong code."""
    own = replace(policy, guesses=tuple(row for row in policy.guesses if row[0] is Scope.SOURCE))
    of_source = admit_check(people, now=now, policy=own)
    if of_source.refusal is not None:
        return of_source.refused()
    counted, _ = use_check(people.verification, now=now)
    # The account is held already; this guess is its source's.
    entries, _ = count_wrong_code(LimitKeys(as_decoy(people.verification), state.counts), now=now, policy=policy)
    off = canceled_calls(state, now=now, policy=policy) if counted.status.final else ()
    return Changes(
        result=CheckResult(counted, valid=False, hang_up=provider_sids(off)),
        verifications=(counted,),
        deliveries=off,
        counted=entries,
        refusals=allowed.refusals,
        events=allowed.events,
    )


def _dummy_compare(submitted: str, keys: codes.KeyRing, length: int) -> None:
    """The work of a comparison, for the time that it takes."""
    codes.equal(submitted, codes.draw(keys.secret(keys.newest), seed=bytes(16), sid="", action="", length=length))


def admit_check(people: LimitKeys, *, now: float, policy: Policy) -> Admission:
    """Whether a code may be compared now. The outermost bound holds where pauses are only watched, too."""
    verification = people.verification
    pause = lockout(people, now=now, policy=policy)
    if pause is None:
        return Admission(None)
    reserved = use_check_allowance(people, now=now, policy=policy)
    if reserved is not None:
        return Admission(None, reserved)
    refused = policy.enforce or (pause.stopped and pause.count >= MOST_FAILURES)
    reason = f"{pause.count} wrong codes in a row, {pause.scope.value}"
    kind = EventKind.CHECK_REFUSED if refused else EventKind.LIMIT_WATCHED
    event = Event(kind=kind, at=now, verification=verification.sid, detail=reason)
    report = Denial(
        verification=verification.sid,
        number=verification.number,
        at=now,
        reason=reason,
        watched=not refused,
        rule_statuses=tuple(rule_statuses(people, now=now, policy=policy)),
    )
    if not refused:
        return Admission(None, (), (event,), (report,))
    problem = ChecksStopped(MAX_PAUSE) if pause.stopped else ChecksPaused(pause.wait)
    return Admission(problem, (), (event,), (report,))


def count_proof(people: LimitKeys, *, now: float, policy: Policy, browser: str | None = None) -> tuple[Update, ...]:
    """What the right code changes in the counts: wrong ones before it, unconfirmed sends, and a browser to know."""
    return (
        *count_right_code(people, now=now, policy=policy),
        *count_confirmation(people, policy.settled),
        *trust_browser(people.verification, browser, now=now),
    )


def trust_browser(verification: Verification, browser: str | None, *, now: float) -> tuple[Update, ...]:
    """A browser that has proven this account and number."""
    who = trusted_browser_key(verification, Scope.KNOWN)
    return (TrustBrowser(who, browser, verification.number, now),) if browser else ()


def use_check(verification: Verification, *, now: float, bound: bool = True) -> tuple[Verification, Event]:
    """One wrong code more; the last one that is allowed ends the verification, and so does one for another payment."""
    counted = replace(verification, checks=verification.checks + 1)
    detail = str(counted.checks) if bound else f"{counted.checks} payment"
    failed = Event(kind=EventKind.CHECK_FAILED, at=now, verification=counted.sid, detail=detail)
    if counted.checks >= counted.max_checks or not bound:
        counted = end(counted, VerificationStatus.MAX_ATTEMPTS_REACHED, now=now)
    return counted, failed


def _approve(
    state: State, verification: Verification, code: str, *, keys: codes.KeyRing, renewed: Session | None, now: float
) -> Changes[CheckResult | VerificationError]:
    approved = end(replace(verification, checks=verification.checks + 1), VerificationStatus.APPROVED, now=now)
    sessions: tuple[Session, ...] = ()
    if state.session is not None and renewed is not None:
        answer = codes.seal_answer(keys.secret(verification.key_id), session=state.session.id, code=code)
        sessions = (
            replace(state.session, replaced_at=now, answer=answer),
            replace(renewed, verification=verification.sid, channel=state.session.channel, approved=True),
        )
    event = Event(kind=EventKind.APPROVED, at=now, verification=approved.sid)
    return Changes(
        result=CheckResult(approved, valid=True), verifications=(approved,), sessions=sessions, events=(event,)
    )


def claim_session(
    state: State, *, renewed: Session, now: float, policy: Policy, browser: str | None = None
) -> Changes[bool]:
    """The code was typed on the phone: the browser that showed it moves to a new session.

    For a moment it may do so again: the answer may have been lost on the way, or two tabs have asked at once.
    """
    verification, session = state.verification, state.session
    if verification is None or session is None or session.approved or now >= session.expires_at:
        return Changes(result=False)
    if verification.style is not CallStyle.KEY or verification.status is not VerificationStatus.APPROVED:
        return Changes(result=False)
    left = session if session.replaced_at is not None else replace(session, replaced_at=now)
    if left.replaced_at is not None and now - left.replaced_at > policy.answer_repeat_seconds:
        return Changes(result=False)
    moved = replace(renewed, verification=verification.sid, channel=session.channel, approved=True)
    return Changes(result=True, sessions=(left, moved), counted=trust_browser(verification, browser, now=now))


def _repeat_answer(
    session: Session,
    verification: Verification,
    code: str,
    *,
    keys: codes.KeyRing,
    renewed: Session | None,
    now: float,
    policy: Policy,
) -> Changes[CheckResult | VerificationError]:
    """The browser that gave the right code gives it again: its answer may have been lost on the way."""
    fresh_enough = session.replaced_at is not None and now - session.replaced_at <= policy.answer_repeat_seconds
    if not fresh_enough or session.answer is None or renewed is None:
        return Changes(result=NotFound())
    if not hmac.compare_digest(
        session.answer, codes.seal_answer(keys.secret(verification.key_id), session=session.id, code=code)
    ):
        # One repeat of the right code, or none: nobody may guess against the proof for a minute.
        return Changes(result=NotFound(), sessions=(replace(session, answer=None),))
    again = replace(renewed, verification=verification.sid, channel=session.channel, approved=True)
    return Changes(result=CheckResult(verification, valid=True, repeated=True), sessions=(again,))


def code_of(verification: Verification, keys: codes.KeyRing) -> str:
    """The digits of a pending verification. Raises Unavailable when its key was taken off the ring too early."""
    assert verification.seed is not None, "an ended verification has no code"
    return codes.draw(
        keys.secret(verification.key_id),
        seed=verification.seed,
        sid=verification.sid,
        action=verification.action,
        length=verification.code_length,
        payment=verification.payment.facts if verification.payment else (),
    )


def approval_valid_until(verification: Verification, policy: Policy) -> float:
    """When an approval ends to count; 0 for a verification that is not approved."""
    if verification.status is not VerificationStatus.APPROVED or verification.ended_at is None:
        return 0
    return verification.ended_at + policy.fresh(verification.action)


def redeem(state: State, *, service: str, now: float, policy: Policy) -> Changes[Verification | VerificationError]:
    """Use up the receipt. Another service's looks like one that never was."""
    verification = state.verification
    if verification is None or verification.service != service:
        return Changes(result=NotFound())
    if verification.status is not VerificationStatus.APPROVED:
        return Changes(result=NotFound())
    if verification.redeemed_at is not None or now >= approval_valid_until(verification, policy):
        return Changes(result=NotRedeemable())
    used = replace(verification, redeemed_at=now)
    event = Event(kind=EventKind.REDEEMED, at=now, verification=used.sid)
    return Changes(result=used, verifications=(used,), events=(event,))
