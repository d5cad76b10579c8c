"""Is this the code? Compared once, counted always."""

import hmac
from dataclasses import dataclass, replace

from . import codes
from .counting import People, browser_of, confirmed
from .counts import Entry, Known, Refusal
from .delivering import called_off, carrier_sids
from .ending import end, expire, silenced
from .errors import ChecksPaused, ChecksStopped, NotFound, Refused, WrongStyle
from .guessing import LONGEST_PAUSE, failed, held, reserve, rulings, succeeded
from .limits import MOST_GUESSES, Scope
from .payments import Payment
from .policy import Policy
from .ports import Decision
from .records import CallStyle, Case, Event, EventKind, Session, Verification
from .sending import Permit
from .states import VerificationStatus


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check led to. `valid` once only; `repeated` for a browser whose first answer was lost.

    Not `compared`: the verification had ended before.
    """

    verification: Verification
    valid: bool
    repeated: bool = False
    compared: bool = True
    hang_up: tuple[str, ...] = ()


def check(
    case: Case,
    *,
    submitted: str,
    presented: Payment | None = None,
    keys: codes.KeyRing,
    renewed: Session | None,
    now: float,
    policy: Policy,
    browser: str | None = None,
) -> Decision[Checked | Refused]:
    """Compare once, and count it. A wrong code ends the verification when it was the last that is allowed.

    `presented` is the payment that the code is to approve. Any other than the one it was made for ends the verification
    at once, in the words of a last wrong code: nobody learns which part was off, or whether the code was right.
    `browser` is the digest by which a browser is known once it has proven this account and number.

    Wrong, expired, ended and unknown take the same time: a code is drawn and compared, and a commit waited for, whether
    there is anything to compare and to write or not.
    """
    verification = case.verification
    if verification is None or (case.session is not None and now >= case.session.expires_at):
        _compare_with_nothing(submitted, keys, policy.code_length)
        return Decision(verdict=NotFound(), padded=True)
    code = codes.clean(submitted, length=verification.code_length)
    if case.session is not None and case.session.replaced_at is not None:
        return _answer_again(case.session, verification, code, keys=keys, renewed=renewed, now=now, policy=policy)
    over = expire(case, now=now)
    if over is not None:
        _compare_with_nothing(code, keys, verification.code_length)
        return Decision(
            verdict=Checked(over.verification, valid=False, compared=False),
            verifications=(over.verification,),
            events=over.events,
        )
    if verification.status.final:
        _compare_with_nothing(code, keys, verification.code_length)
        return Decision(verdict=Checked(verification, valid=False, compared=False), padded=True)
    if verification.style is CallStyle.KEY:
        return Decision(verdict=WrongStyle())
    # Drawn and compared in any case: a pause must not be told by how long the answer takes.
    bound = presented == verification.payment
    right = codes.equal(code, code_of(verification, keys)) and bound and not verification.silent
    people = People(verification, case.counts, policy.checking)
    allowed = may_check(people, now=now, policy=policy)
    if allowed.refusal is not None:
        if verification.discreet:
            return _held_discreetly(case, people, allowed, now=now, policy=policy)
        return allowed.refused()
    if right:
        entries = (*allowed.counted, *proven(people, now=now, policy=policy, browser=browser))
        decided = _approve(case, verification, code, keys=keys, renewed=renewed, now=now)
        events = (*allowed.events, *decided.events)
        return replace(decided, counted=entries, refusals=allowed.refusals, events=events)
    counted, told = count_failure(verification, now=now, bound=bound)
    entries, alerts = failed(people, now=now, policy=policy)
    off = called_off(case, now=now, policy=policy) if counted.status.final else ()
    return Decision(
        verdict=Checked(counted, valid=False, hang_up=carrier_sids(off)),
        verifications=(counted,),
        deliveries=off,
        counted=(*allowed.counted, *entries),
        refusals=allowed.refusals,
        events=(*allowed.events, told, *alerts),
    )


def _held_discreetly(
    case: Case, people: People, allowed: Permit, *, now: float, policy: Policy
) -> Decision[Checked | Refused]:
    """Not compared, and the public is told of a pause of its own source only; any other looks like a wrong code."""
    own = replace(policy, guesses=tuple(row for row in policy.guesses if row[0] is Scope.SOURCE))
    of_source = may_check(people, now=now, policy=own)
    if of_source.refusal is not None:
        return of_source.refused()
    counted, _ = count_failure(people.verification, now=now)
    # The account is held already; this guess is its source's.
    entries, _ = failed(People(silenced(people.verification), case.counts), now=now, policy=policy)
    off = called_off(case, now=now, policy=policy) if counted.status.final else ()
    return Decision(
        verdict=Checked(counted, valid=False, hang_up=carrier_sids(off)),
        verifications=(counted,),
        deliveries=off,
        counted=entries,
        refusals=allowed.refusals,
        events=allowed.events,
    )


def _compare_with_nothing(submitted: str, keys: codes.KeyRing, length: int) -> None:
    """The work of a comparison, for the time that it takes."""
    codes.equal(submitted, codes.draw(keys.secret(keys.newest), seed=bytes(16), sid="", action="", length=length))


def may_check(people: People, *, now: float, policy: Policy) -> Permit:
    """Whether a code may be compared now. The outermost bound holds where pauses are only watched, too."""
    verification = people.verification
    pause = held(people, now=now, policy=policy)
    if pause is None:
        return Permit(None)
    reserved = reserve(people, now=now, policy=policy)
    if reserved is not None:
        return Permit(None, reserved)
    refused = policy.enforce or (pause.stopped and pause.count >= MOST_GUESSES)
    reason = f"{pause.count} wrong codes in a row, {pause.scope.value}"
    kind = EventKind.CHECK_REFUSED if refused else EventKind.LIMIT_WATCHED
    event = Event(kind=kind, at=now, verification=verification.sid, detail=reason)
    report = Refusal(
        verification=verification.sid,
        number=verification.number,
        at=now,
        reason=reason,
        watched=not refused,
        rulings=tuple(rulings(people, now=now, policy=policy)),
    )
    if not refused:
        return Permit(None, (), (event,), (report,))
    problem = ChecksStopped(LONGEST_PAUSE) if pause.stopped else ChecksPaused(pause.wait)
    return Permit(problem, (), (event,), (report,))


def proven(people: People, *, now: float, policy: Policy, browser: str | None = None) -> tuple[Entry, ...]:
    """What the right code changes in the counts: wrong ones before it, unconfirmed sends, and a browser to know."""
    return (
        *succeeded(people, now=now, policy=policy),
        *confirmed(people, policy.settled),
        *known(people.verification, browser, now=now),
    )


def known(verification: Verification, browser: str | None, *, now: float) -> tuple[Entry, ...]:
    """A browser that has proven this account and number."""
    who = browser_of(verification, Scope.KNOWN)
    return (Known(who, browser, verification.number, now),) if browser else ()


def count_failure(verification: Verification, *, now: float, bound: bool = True) -> tuple[Verification, Event]:
    """One wrong code more; the last one that is allowed ends the verification, and so does one for another payment."""
    counted = replace(verification, checks=verification.checks + 1)
    detail = str(counted.checks) if bound else f"{counted.checks} payment"
    failed = Event(kind=EventKind.CHECK_FAILED, at=now, verification=counted.sid, detail=detail)
    if counted.checks >= counted.max_checks or not bound:
        counted = end(counted, VerificationStatus.MAX_ATTEMPTS_REACHED, now=now)
    return counted, failed


def _approve(
    case: Case, verification: Verification, code: str, *, keys: codes.KeyRing, renewed: Session | None, now: float
) -> Decision[Checked | Refused]:
    approved = end(replace(verification, checks=verification.checks + 1), VerificationStatus.APPROVED, now=now)
    sessions: tuple[Session, ...] = ()
    if case.session is not None and renewed is not None:
        answer = codes.seal_answer(keys.secret(verification.key_id), session=case.session.id, code=code)
        sessions = (
            replace(case.session, replaced_at=now, answer=answer),
            replace(renewed, verification=verification.sid, channel=case.session.channel, approved=True),
        )
    event = Event(kind=EventKind.APPROVED, at=now, verification=approved.sid)
    return Decision(
        verdict=Checked(approved, valid=True), verifications=(approved,), sessions=sessions, events=(event,)
    )


def claim(case: Case, *, renewed: Session, now: float, policy: Policy, browser: str | None = None) -> Decision[bool]:
    """The code was typed on the phone: the browser that showed it moves to a new session.

    For a moment it may do so again: the answer may have been lost on the way, or two tabs have asked at once.
    """
    verification, session = case.verification, case.session
    if verification is None or session is None or session.approved or now >= session.expires_at:
        return Decision(verdict=False)
    if verification.style is not CallStyle.KEY or verification.status is not VerificationStatus.APPROVED:
        return Decision(verdict=False)
    left = session if session.replaced_at is not None else replace(session, replaced_at=now)
    if left.replaced_at is not None and now - left.replaced_at > policy.answer_again:
        return Decision(verdict=False)
    moved = replace(renewed, verification=verification.sid, channel=session.channel, approved=True)
    return Decision(verdict=True, sessions=(left, moved), counted=known(verification, browser, now=now))


def _answer_again(
    session: Session,
    verification: Verification,
    code: str,
    *,
    keys: codes.KeyRing,
    renewed: Session | None,
    now: float,
    policy: Policy,
) -> Decision[Checked | Refused]:
    """The browser that gave the right code gives it again: its answer may have been lost on the way."""
    fresh_enough = session.replaced_at is not None and now - session.replaced_at <= policy.answer_again
    if not fresh_enough or session.answer is None or renewed is None:
        return Decision(verdict=NotFound())
    if not hmac.compare_digest(
        session.answer, codes.seal_answer(keys.secret(verification.key_id), session=session.id, code=code)
    ):
        # One repeat of the right code, or none: nobody may guess against the proof for a minute.
        return Decision(verdict=NotFound(), sessions=(replace(session, answer=None),))
    again = replace(renewed, verification=verification.sid, channel=session.channel, approved=True)
    return Decision(verdict=Checked(verification, valid=True, repeated=True), sessions=(again,))


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
