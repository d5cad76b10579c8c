"""The oracle: independent checks of everything that is committed, much simpler than the rules.

It sees each decision at its commit, and what people really know: which codes were sent or said for which verification.
It raises Broken as soon as an invariant is violated, and knows nothing of how the rules decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.provider import Broken, Leg
from tests.simulation.tasks import Note
from verification.counters.counter import CLOCK_TOLERANCE
from verification.counters.rules import Limit
from verification.errors import LimitReached
from verification.flow.check import CheckResult
from verification.flow.start import StartResult
from verification.ivr.prompts import ReadCharacter, ReadCode, ReadSlowly
from verification.ivr.turn import NextPrompt
from verification.models import Delivery, Progress, Session, State, Verification
from verification.policy import Policy
from verification.ports import ByAccount, ByDelivery, BySession, ByVerification, Changes, Query
from verification.types import CallStyle, Channel, DeliveryStatus, Scope, VerificationStatus
from verification.values.phone_numbers import PhoneNumber

PENDING, APPROVED = VerificationStatus.PENDING, VerificationStatus.APPROVED
_CALL_SECONDS = 180
DAY = 86_400


def require(truth: bool, *what: object) -> None:
    """Raise Broken unless the condition holds."""
    if not truth:
        raise Broken(" ".join(str(word) for word in what))


@dataclass(slots=True)
class Ledger:
    """What one seed has led to so far. `note` describes the running task."""

    policy: Policy
    exact: bool
    note: Note = field(default_factory=lambda: Note(""))
    verifications: dict[str, Verification] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    approvals: dict[str, int] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)
    paused: dict[str, float] = field(default_factory=dict)
    answers: dict[str, list[float]] = field(default_factory=dict)

    def dead(self) -> frozenset[str]:
        """The verifications that have ended."""
        return frozenset([v.sid for v in self.verifications.values() if v.status.final])

    def learn_code(self, verification: str, code: str) -> None:
        """A person has learned this code: in a call, in a text, or on the page."""
        require(self.codes.setdefault(verification, code) == code, verification, "has two codes")

    def committed(self, query: Query, state: State, changes: Changes[Any]) -> None:
        """Check a decision, then record its changes."""
        if isinstance(query, BySession | ByVerification) and self.note.verb == "check":
            self._check(state, changes)
        if isinstance(changes.result, LimitReached) and self.exact:
            self._refused(changes.result, (*changes.events, *changes.counted)[0].at, query, state)
        for verification in changes.verifications:
            self._verification(verification)
        for delivery in changes.deliveries:
            self._delivery(delivery, query, changes)
        for session in changes.sessions:
            if session.approved:
                require(self.approvals.get(session.verification) == 1, "a welcome without an approval")
                require(self.note.session in (session.id, self._former(session)), "a welcome for another browser")
            self.sessions[session.id] = session
        for update in changes.counter_updates:
            if update.key.scope is Scope.ANSWERS:
                self._answer(update.key.key, update.at)
        self.suppressed |= {number.e164 for number in changes.suppress}
        self.suppressed -= {number.e164 for number in changes.lift}
        self.paused.update({pause.number.e164: pause.until for pause in changes.pauses})

    def _answer(self, number: str, at: float) -> None:
        """We answer a text: five times a day at most. It counts in all, like a send, and not for the number."""
        today = [earlier for earlier in self.answers.get(number, []) if at - earlier < DAY]
        require(len(today) < 5 or not self.exact, "a sixth answer in a day")
        self.answers.setdefault(number, []).append(at)

    def _former(self, session: Session) -> str:
        """The session in which the code was submitted, if this is the session that replaced it."""
        known = self.sessions.get(self.note.session)
        return self.note.session if known is not None and known.verification == session.verification else ""

    def _check(self, state: State, changes: Changes[Any]) -> None:
        """A code was submitted: the right one is accepted, a wrong one is counted, and nothing else is."""
        before, checked = state.verification, changes.result
        if before is None or not isinstance(checked, CheckResult) or before.style is CallStyle.KEY:
            return
        if state.session is not None and state.session.replaced_at is not None:
            require(not changes.verifications, "a repeated answer changed something")
            require(not checked.valid or self.note.code == self.codes[before.sid], "a wrong code was answered again")
            return
        require(not (checked.repeated and before.status is not APPROVED), "an answer repeated that was never given")
        alive = before.status is PENDING and self.note.began < before.expires_at
        alive = alive and self.note.began >= before.created_at - CLOCK_TOLERANCE
        right = self.codes.get(before.sid) == self.note.code
        require(checked.valid == (alive and right), "checked", self.note.code, "valid is", checked.valid)
        require((checked.verification.checks > before.checks) == alive, "a check that was not counted, or for nothing")

    def _verification(self, now: Verification) -> None:
        before = self.verifications.get(now.sid)
        require((now.seed is None) == now.status.final, now.sid, now.status, "and its seed")
        require(now.checks <= now.max_checks, now.sid, "was checked too often")
        if before is None:
            require(now.status is PENDING, now.sid, "began as", now.status)
            require(now.expires_at - now.created_at <= self.policy.code_lifetime, now.sid, "lives too long")
            twins = [other for other in self.verifications.values() if self._same(other, now)]
            require(not twins or self._ending(twins), now.sid, "is one of two that are open")
        else:
            require(before.status is PENDING, now.sid, "is final as", before.status, "and became", now.status)
            require(now.checks >= before.checks, now.sid, "has fewer checks")
            require(now.expires_at == before.expires_at, now.sid, "has another deadline")
        if now.status is APPROVED:
            self._approved(now)
        self.verifications[now.sid] = now

    def _same(self, other: Verification, new: Verification) -> bool:
        return other.status is PENDING and (other.account, other.action) == (new.account, new.action)

    def _ending(self, twins: list[Verification]) -> bool:
        """Ended by the same decision, which is checked before the new verification."""
        return all(twin.status.final for twin in twins)

    def _approved(self, now: Verification) -> None:
        self.approvals[now.sid] = self.approvals.get(now.sid, 0) + 1
        require(self.approvals[now.sid] == 1, now.sid, "was approved twice")
        require(
            self.note.code != "" and self.codes.get(now.sid) == self.note.code, now.sid, "approved without its code"
        )
        require(self.note.began < now.expires_at, now.sid, "was approved too late")

    def _delivery(self, now: Delivery, query: Query, changes: Changes[Any]) -> None:
        before = self.deliveries.get(now.sid)
        if before is None:
            self._planned(now, self.verifications[now.verification], query, changes)
        else:
            require(not before.status.final or now.status is before.status, now.sid, "is final as", before.status)
            require(before.provider_sid in (None, now.provider_sid), now.sid, "belongs to two calls")
            require(now.created_at == before.created_at, now.sid, "has another beginning")
        self.deliveries[now.sid] = now

    def _planned(self, now: Delivery, of: Verification, query: Query, changes: Changes[Any]) -> None:
        require(of.status is PENDING and self.note.began < of.expires_at, now.sid, "is for a code that is over")
        require(of.number.e164 not in self.suppressed, now.sid, "goes to a number that said stop")
        require(of.style is CallStyle.SAY or now.channel is Channel.CALL, now.sid, "texts a code that the page shows")
        sent = [d for d in self.deliveries.values() if d.verification == of.sid and not self.never_left(d)]
        require(len(sent) < self.policy.max_deliveries, of.sid, "sends too often")
        if sent and not isinstance(query, ByDelivery):  # a key in a call and the channel switch have no spacing
            wait = sent[-1].created_at + self.policy.spacing(len(sent)) - now.created_at
            other_way = now.channel is not sent[-1].channel and self.brought_no_code(sent[-1])
            require(wait <= 0 or other_way, now.sid, "comes too soon after", sent[-1].sid)
        require(now.created_at >= self.paused.get(of.number.e164, 0), now.sid, "goes to a number that reported us")
        if self.exact:
            require(self.waiting(keys_of(of), now.created_at) <= 0, now.sid, "is over a limit")
        if now.channel is Channel.CALL:
            ended = {d.sid for d in changes.deliveries if d.status.final}
            up = [d.sid for d in self.up(of.number, now.created_at) if d.sid not in ended]
            require(not up, now.sid, "rings while", up, "may be up")

    def up(self, number: PhoneNumber, now: float) -> list[Delivery]:
        """The calls to a number that may be up, as far as we can know."""
        return [
            d
            for d in self.deliveries.values()
            if d.channel is Channel.CALL
            and d.status.live
            and self.verifications[d.verification].number == number
            and now - d.created_at < (_CALL_SECONDS if d.provider_sid else self.policy.unknown_timeout)
        ]

    def brought_no_code(self, delivery: Delivery) -> bool:
        """Whether it is over and the person got no code by it."""
        said = delivery.progress in (Progress.READING, Progress.HEARD) or delivery.status is DeliveryStatus.DELIVERED
        return delivery.status.final and not said

    def never_left(self, delivery: Delivery) -> bool:
        return delivery.status is DeliveryStatus.FAILED and delivery.provider_sid is None

    def sends(self, scope: Scope, key: str) -> list[float]:
        """The times of a key's sends, in the order of their commits; answers to texts count in all."""
        sent = [d.created_at for d in self.deliveries.values() if not self.never_left(d) and self._is_of(d, scope, key)]
        answers = [at for times in self.answers.values() for at in times] if scope is Scope.TOTAL else []
        return sorted([*sent, *answers]) if answers else sent

    def _is_of(self, delivery: Delivery, scope: Scope, key: str) -> bool:
        return keys_of(self.verifications[delivery.verification])[scope] == key

    def waiting(self, keys: Mapping[Scope, str], now: float) -> float:
        """Seconds until every limit of these keys allows a send."""
        longest = 0.0
        for scope, limits in self.policy.limits:
            sends = self.sends(scope, keys[scope])
            for limit in limits:
                assert isinstance(limit, Limit)
                if len(sends) >= limit.count:
                    longest = max(longest, sends[-limit.count] + limit.seconds - now)
        return longest

    def _refused(self, refusal: LimitReached, now: float, query: Query, state: State) -> None:
        if isinstance(query, ByAccount):
            keys = _keys(query.number, query.service, query.account)
        else:
            require(state.verification is not None, "refused a send of nothing")
            assert state.verification is not None
            keys = keys_of(state.verification)
        wait = self.waiting(keys, now)
        require(abs(wait - refusal.wait) < 1e-6, "refused for", refusal.wait, "seconds instead of", wait)

    def heard(self, said: NextPrompt, leg: Leg) -> None:
        """A prompt for the phone: a code is only said in a pending verification, after the right keys."""
        if not isinstance(said.prompt, ReadCode | ReadSlowly | ReadCharacter):
            return
        sid = said.verification.sid
        require(leg.right, sid, "was read out before the right keys")
        require(sid not in self.note.dead, sid, "was read out after its end")
        require(self.note.began < said.verification.expires_at, sid, "was read out too late")
        self.learn_code(sid, said.prompt.code)

    def started(self, planned: StartResult) -> None:
        """A start or a resend was answered: its verification is in the ledger."""
        require(planned.verification.sid in self.verifications, "answered what was never committed")


def keys_of(verification: Verification) -> Mapping[Scope, str]:
    """The rate-limit keys of a verification's sends."""
    return _keys(verification.number, verification.service, verification.account)


def _keys(number: PhoneNumber, service: str, account: str) -> Mapping[Scope, str]:
    return {Scope.NUMBER: number.e164, Scope.ACCOUNT: f"{service} {account}", Scope.TOTAL: ""}
